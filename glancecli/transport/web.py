"""Reading from web servers: redirects are followed, and nothing of the cloud is sent.

Certificates are the system's, REQUESTS_CA_BUNDLE, or a file of the user's; proxies come from the
environment. The user and password of a URL are sent to the host of that URL only.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, NamedTuple
from urllib.parse import unquote, urljoin, urlsplit, urlunsplit

import requests
from requests.auth import HTTPBasicAuth

from glancecli.errors import Code, GlanceError, HttpError
from glancecli.masking import is_http_url, mask, without_credentials
from glancecli.transport.failures import Failure, kind_of_failure, transfer_error
from glancecli.transport.options import ClientOptions
from glancecli.transport.responses import Response, retry_after
from glancecli.transport.session import CloudSession, without_authentication
from glancecli.transport.stream import Stream, close_response, read_short_response
from glancecli.transport.trace import Trace

MOST_REDIRECTS = 10
SCHEMES = ("http", "https")
BUNDLE_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
WORTH_RETRYING = frozenset({408, 429})  # and 500 or more

# What to do about a request without a response. The hints of failures.py are about endpoints.
HINTS = {
    Failure.TLS: "Give the CA's file, with its intermediate certificates, by --source-cacert or "
    "REQUESTS_CA_BUNDLE.",
    Failure.INVALID_URL: "Check the URL.",
    Failure.UNKNOWN_HOST: "Check the URL and the network.",
    Failure.CONNECT_TIMEOUT: "Check the URL and the network.",
    Failure.NOT_CONNECTED: "Check the URL and the network.",
}
STATUS_HINTS = {
    401: "Write user and password into the URL, in front of the host, with : and @.",
    404: "Check the URL.",
}


class Part(NamedTuple):
    """Which bytes to request: from start to end inclusive (None: the last one).

    validator is what they must still belong to: a strong ETag, or the date in Last-Modified.
    """

    start: int
    end: int | None = None
    validator: str = ""

    @property
    def headers(self) -> dict[str, str]:
        """The headers of the request (RFC 9110, 13.1.5 and 14.2)."""
        last = ""
        if self.end is not None:
            last = str(self.end)
        headers = {"Range": f"bytes={self.start}-{last}"}
        if self.validator:
            headers["If-Range"] = self.validator
        return headers


class _Login(NamedTuple):
    """The user and the password of a URL, and the only origin that they are for."""

    origin: tuple[str, str | None, int | None]
    user: str
    password: str

    def authentication(self, url: str) -> Any:
        """Returns how a request to this URL is authenticated, as requests takes it."""
        if (self.user or self.password) and _origin(url) == self.origin:
            return HTTPBasicAuth(self.user.encode(), self.password.encode())
        return without_authentication


class WebClient:
    """Reads from web servers. cacert is a file of CA certificates, "" for those of the system."""

    def __init__(self, cacert: str = "", trace: Callable[[str], None] | None = None) -> None:
        self._verify = _certificates(cacert)
        self._trace = Trace(trace)

    def open(self, url: str, stall: float, part: Part | None = None) -> Stream:
        """Opens what is at a URL, or a part of it; the stream has the URL where that led.

        stall is how many seconds may pass without a byte. Raises ConnectionFailed when there was no
        response, HttpError for a status after which another try may help, GlanceError otherwise.
        """
        headers = {"Accept": "*/*", "Accept-Encoding": "identity", "User-Agent": "glancecli"}
        if part:
            headers.update(part.headers)
        session = _WebSession(self._verify, None)
        login = _login_in(url)
        place = _without_login(url)
        for _ in range(MOST_REDIRECTS + 1):
            received = self._get(session, place, headers, login, stall)
            target = session.get_redirect_target(received)
            if target is None:
                return _stream(received, place, stall)
            close_response(received)
            place = _redirected(place, target)
        raise GlanceError(
            f"{mask(url)} redirects more than {MOST_REDIRECTS} times", code=Code.UNREACHABLE
        )

    def _get(
        self,
        session: requests.Session,
        url: str,
        headers: dict[str, str],
        login: _Login,
        stall: float,
    ) -> requests.Response:
        try:
            self._trace.request("GET", url, headers)
            received = session.get(
                url,
                headers=headers,
                auth=login.authentication(url),
                timeout=stall,
                stream=True,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            raise self._failure(error, url, stall) from error
        self._trace.response(received)
        return received

    def _failure(self, error: requests.RequestException, url: str, stall: float) -> GlanceError:
        options = ClientOptions(self._verify, None, None, "")
        failure = transfer_error(error, url, stall, options)
        failure.hint = HINTS.get(kind_of_failure(error), failure.hint)
        return failure


class _WebSession(CloudSession):
    """A session that leaves redirects alone."""

    def resolve_redirects(self, *_args: Any, **_more: Any) -> Any:
        """Returns no next request; requests would prepare it, whatever a server names."""
        return iter(())


def check_url(url: str) -> None:
    """Raises GlanceError for a URL that cannot be read here."""
    scheme, _, rest = url.partition("://")
    if scheme.lower() == "file":
        raise GlanceError(
            f"{mask(url)} cannot be read: only http and https URLs can",
            hint="Give the path of the file instead.",
            code=Code.INVALID,
        )
    if scheme.lower() not in SCHEMES:
        raise GlanceError(
            f"{mask(url)} cannot be read: only http and https URLs can", code=Code.INVALID
        )
    if not is_http_url(url) or any(character.isspace() for character in rest):
        raise GlanceError(
            f"{mask(url)} is not a valid URL", hint="Check the URL.", code=Code.INVALID
        )


def _stream(received: requests.Response, url: str, stall: float) -> Stream:
    """Returns the body of a response. Raises GlanceError for a status without data."""
    if received.status_code in (200, 206):
        return Stream(received, url, stall)
    raise _refusal(read_short_response(received))


def _refusal(response: Response) -> GlanceError:
    status = response.status
    message = f"cannot read {mask(without_credentials(response.url))}: {_reason(status)}"
    if status in WORTH_RETRYING or status >= 500:
        return HttpError(message, status=status, retry_after=retry_after(response.headers))
    return GlanceError(message, status=status, hint=STATUS_HINTS.get(status, ""))


def _reason(status: int) -> str:
    """Returns what a status says; the page that comes with it is for people who browse."""
    try:
        return HTTPStatus(status).phrase.lower()
    except ValueError:
        return "the server refuses"


def _redirected(url: str, target: str) -> str:
    """Returns where a redirect leads. Raises GlanceError where it must not be followed."""
    try:
        place = urljoin(url, target)
    except ValueError:
        place = target
    check_url(place)
    if url.lower().startswith("https:") and not place.lower().startswith("https:"):
        raise GlanceError(
            f"{mask(url)} redirects from https to http: {mask(place)}",
            hint="Give the http URL, with --checksum, if you accept that.",
            code=Code.FORBIDDEN,
        )
    return _without_login(place)


def _login_in(url: str) -> _Login:
    parts = urlsplit(url)
    user = unquote(parts.username or "")
    password = unquote(parts.password or "")
    return _Login(_origin(url), user, password)


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    return parts.scheme, parts.hostname, port


def _without_login(url: str) -> str:
    """Returns a URL without user, password and fragment."""
    parts = urlsplit(url)
    netloc = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, netloc, parts.path, parts.query, ""))


def _certificates(cacert: str) -> bool | str:
    """Returns the CA certificates to verify with. Raises GlanceError for a file that is missing."""
    found = cacert or _system_certificates()
    if isinstance(found, str) and not os.path.exists(found):  # noqa: PTH110 - slow to import
        raise GlanceError(
            f"CA certificates {found}: no such file or directory",
            hint="They are set by --source-cacert, REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE.",
            code=Code.FILE,
        )
    return found


def _system_certificates() -> bool | str:
    """Returns the CA certificates of the variables, else of the system, as requests takes them.

    By itself requests would take those of a package of its own.
    """
    for name in BUNDLE_VARIABLES:
        if os.environ.get(name):
            return os.environ[name]
    paths = ssl.get_default_verify_paths()
    if paths.cafile:
        return paths.cafile
    if paths.capath and os.listdir(paths.capath):  # noqa: PTH208 - pathlib is slow to import
        return paths.capath
    return True
