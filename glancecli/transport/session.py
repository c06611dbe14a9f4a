"""The requests session of every room with HTTP, so that all of them connect in the same way."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import requests

from glancecli.errors import Code, GlanceError
from glancecli.masking import has_bare_ipv6, is_http_url, is_loopback, mask
from glancecli.transport.limits import LimitedAdapter
from glancecli.transport.options import ANY_TLS, ClientCertificate, TlsRules
from glancecli.transport.responses import foreign_page

NO_PROXIES = {"http": None, "https": None, "all": None}

# Statuses by which a proxy refuses a request that it should pass on.
PROXY_REFUSALS = (HTTPStatus.FORBIDDEN, HTTPStatus.PROXY_AUTHENTICATION_REQUIRED)

# Where the value of a header comes from.
_SOURCES = {"x-auth-token": "Check the token (--os-auth-token, OS_AUTH_TOKEN)."}


class CloudSession(requests.Session):
    """A requests session with this cloud's certificates (verify and cert as requests takes them)
    and rules for TLS.

    Proxies come from the environment, except for addresses of this machine. Passwords in ~/.netrc
    are not used: they are for other programs.
    """

    def __init__(
        self, verify: bool | str, cert: ClientCertificate, tls: TlsRules = ANY_TLS
    ) -> None:
        super().__init__()
        self.verify, self.cert = verify, cert
        self.auth = without_authentication
        self.headers["Accept-Encoding"] = "identity"
        self.mount("http://", LimitedAdapter(tls))
        self.mount("https://", LimitedAdapter(tls))
        if verify is False:
            import urllib3

            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)

    def request(  # type: ignore[override]
        self, method: str, url: str, *args: Any, **options: Any
    ) -> requests.Response:
        """Returns the response to one request.

        Raises GlanceError for a URL, a header or a proxy that cannot be used, and for a refusal
        that comes from the proxy.
        """
        check_url(url)
        check_headers(options.get("headers") or {})
        received = super().request(method, url, *args, **options)
        is_read = not options.get("stream")
        if is_read and received.status_code in PROXY_REFUSALS:
            check_not_by_proxy(url, received.status_code, received.headers, received.content)
        return received

    def merge_environment_settings(
        self, url: Any, proxies: Any, stream: Any, verify: Any, cert: Any
    ) -> Any:
        """Returns the settings of a request: no proxy for loopback, and this cloud's verify.

        Without the latter requests would prefer REQUESTS_CA_BUNDLE and CURL_CA_BUNDLE.
        """
        if is_loopback(url):
            proxies = {**NO_PROXIES, **(proxies or {})}
        if verify is None:
            verify = self.verify
        settings = super().merge_environment_settings(url, proxies, stream, verify, cert)
        if requests.utils.select_proxy(url, settings["proxies"]):
            from glancecli.transport.proxies import check_proxy

            check_proxy(url, settings["proxies"])
        return settings


def check_url(url: str) -> None:
    """Raises GlanceError for text that is not the URL of a service, and says why."""
    if has_bare_ipv6(url):
        raise GlanceError(
            f"{mask(url)} is not a valid URL: an IPv6 address in it needs brackets",
            hint="It should look like http://[2001:db8::1]:9292.",
            code=Code.INVALID,
        )
    if not is_http_url(url):
        raise GlanceError(
            f"{mask(url)} is not an http or https URL",
            hint="Check the endpoint (--os-image-url, or the service catalog).",
            code=Code.INVALID,
        )


def check_headers(headers: Mapping[str, str | bytes]) -> None:
    """Raises GlanceError for a value that HTTP does not allow; names the header, not the value."""
    for name, value in headers.items():
        text = value
        if isinstance(text, bytes):
            text = text.decode("latin-1")
        is_clean = set("\r\n\0").isdisjoint(text) and text == text.strip(" \t")
        if not is_clean or max(text, default="") > "\xff":
            raise GlanceError(
                f"the value of the header {name} has characters that HTTP does not allow",
                hint=_SOURCES.get(name.lower(), ""),
                code=Code.INVALID,
            )


def check_not_by_proxy(url: str, status: int, headers: Mapping[str, str], body: bytes) -> None:
    """Raises GlanceError for a response that a proxy has sent in the name of the service."""
    from glancecli.transport.proxies import refusal_by_proxy

    refusal = refusal_by_proxy(url, status, foreign_page(headers, body))
    if refusal is not None:
        raise refusal


def without_authentication(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Returns the request as it is, in the place where requests would look for a login of netrc."""
    return request
