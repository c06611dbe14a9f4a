"""The requests session of every room with HTTP, so that all of them connect in the same way."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import requests

from glancecli.transport.options import ClientCertificate

NO_PROXIES = {"http": None, "https": None, "all": None}


class CloudSession(requests.Session):
    """A requests session with this cloud's certificates (verify and cert as requests takes them).

    Proxies come from the environment, except for addresses of this machine. Passwords in ~/.netrc
    are not used: they are for other programs.
    """

    def __init__(self, verify: bool | str, cert: ClientCertificate) -> None:
        super().__init__()
        self.verify, self.cert = verify, cert
        self.auth = _without_authentication
        if verify is False:
            import urllib3

            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)

    def merge_environment_settings(
        self, url: Any, proxies: Any, stream: Any, verify: Any, cert: Any
    ) -> Any:
        """Returns the settings of a request: no proxy for loopback, and this cloud's verify.

        Without the latter requests would prefer REQUESTS_CA_BUNDLE and CURL_CA_BUNDLE.
        """
        if on_loopback(url):
            proxies = {**NO_PROXIES, **(proxies or {})}
        if verify is None:
            verify = self.verify
        return super().merge_environment_settings(url, proxies, stream, verify, cert)


def on_loopback(url: str) -> bool:
    """Returns whether the host is this machine (RFC 1122 127.0.0.0/8, ::1, localhost)."""
    host = urlsplit(url).hostname or ""
    return host in ("localhost", "::1") or host.startswith("127.")


def _without_authentication(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request
