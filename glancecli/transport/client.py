"""One HTTP client for one service: JSON, retries and pages.

With answers.py, stream.py and auth.py the only room that knows requests.
"""

from __future__ import annotations

import json
import random
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, urlsplit

import requests

from glancecli.errors import ConnectionFailed, GlanceError, Subject
from glancecli.masking import mask, mask_header
from glancecli.transport.responses import Response, connection_failed, failure, retry_after
from glancecli.transport.session import CloudSession

if TYPE_CHECKING:
    from glancecli.transport.credentials import Credentials

CONNECT_TIMEOUT = 10.0  # seconds
READ_TIMEOUT = 30.0  # seconds without a byte of an answer
RETRIES = 2  # of a request that may safely be sent again
TRY_AGAIN = frozenset({429, 502, 503, 504})
PAGE_SIZE = 1000  # the most that Glance gives (api_limit_max)


class ServiceClient:
    """Requests to one service of the cloud, with our token.

    Redirects are never followed (a token would go to another host). A 401 costs one new login; 429
    and 502 to 504 and lost connections are tried again where that is safe, as long as the time
    limit allows.
    """

    def __init__(
        self,
        identity: Credentials,
        service: str,
        *,
        trace: Callable[[str], None] | None = None,
        timeout: float | None = None,
        warn: Callable[[str], None] | None = None,
    ) -> None:
        self.identity = identity
        self.service = service
        self.trace = trace
        self.warn = warn or (lambda text: None)
        self.timeout = (
            min(CONNECT_TIMEOUT, timeout) if timeout else CONNECT_TIMEOUT,
            timeout or READ_TIMEOUT,
        )
        self.headers: dict[str, str] = {}
        self._base: str | None = None
        self._session: requests.Session | None = None

    @property
    def base(self) -> str:
        """The endpoint without version and trailing slash."""
        if self._base is None:
            self._base = re.sub(
                r"/v\d[\w.]*$", "", self.identity.endpoint(self.service).rstrip("/")
            )
        return self._base

    @base.setter
    def base(self, value: str) -> None:
        self._base = value

    @property
    def session(self) -> requests.Session:
        """The session with this cloud's certificates and proxies; made on first use."""
        if self._session is None:
            options = self.identity.client_options
            self._session = CloudSession(options.verify, options.cert)
        return self._session

    def url(self, path: str) -> str:
        """The whole URL of a path of this service."""
        return self.base + path

    def request_headers(
        self, *, min_life: float = 0, extra: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Headers of every request; the token has at least min_life seconds left."""
        headers: dict[str, Any] = {
            "Accept": "application/json",
            "User-Agent": "glancecli",
            **self.headers,
        }
        token = self.identity.token(min_life)
        if token:
            headers["X-Auth-Token"] = token
        headers.update(extra or {})
        return headers

    def request(
        self,
        method: str,
        path: str,
        *,
        params: Any = None,
        body: Any = None,
        headers: Mapping[str, Any] | None = None,
        expect: tuple[int, ...] = (200,),
        subject: Subject | None = None,
    ) -> Response:
        """The answer to one request, whose status is one of expect; body goes as JSON unless it is
        bytes.

        subject names what it is about ("image X") for error messages.
        Raises HttpError for any other status, ConnectionFailed where there was no answer.
        """
        extra = dict(headers or {})
        data = body
        if body is not None and not isinstance(body, bytes):
            data = json.dumps(body, ensure_ascii=False).encode()
            extra.setdefault("Content-Type", "application/json")
        answer = self._persist(method, self.url(path), params, data, extra)
        if answer.status not in expect:
            raise failure(answer, subject)
        return answer

    def _persist(
        self, method: str, url: str, params: Any, data: bytes | None, extra: dict[str, Any]
    ) -> Response:
        """Send, log in again once after a 401, and repeat what may be repeated."""
        renewed = False
        left = RETRIES
        deadline = time.monotonic() + self.timeout[1]
        while True:
            headers = self.request_headers(extra=extra)
            pause = 0.4 * 2 ** (RETRIES - left) * random.uniform(0.8, 1.4)  # noqa: S311 - jitter is no secret
            try:
                answer = self._send(method, url, params, data, headers)
            except ConnectionFailed:
                if method not in ("GET", "HEAD") or not left or time.monotonic() + pause > deadline:
                    raise
            else:
                token = headers.get("X-Auth-Token")
                if answer.status == 401 and not renewed:
                    renewed = True
                    self.identity.renew(token or "")
                    continue
                pause = max(pause, retry_after(answer.headers) or 0)
                # 429 and 503 say that nothing was done; a gateway's 502 or 504 says nothing of the
                # kind.
                safe = method in ("GET", "HEAD", "DELETE") or answer.status in (429, 503)
                if (
                    answer.status not in TRY_AGAIN
                    or not safe
                    or not left
                    or time.monotonic() + pause > deadline
                ):
                    return answer
            left -= 1
            time.sleep(pause)

    def _send(
        self, method: str, url: str, params: Any, data: bytes | None, headers: Mapping[str, Any]
    ) -> Response:
        try:
            if self.trace:
                self._trace_request(method, _shown(url, params), headers, data)
            got = self.session.request(
                method,
                url,
                params=params,
                data=data,
                headers=dict(headers),
                timeout=self.timeout,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            raise connection_failed(
                error, url, self.timeout[1], self.identity.client_options
            ) from error
        answer = Response(got.status_code, got.headers, got.content, mask(url))
        if self.trace:
            self.trace(f"< {got.status_code} {got.reason or ''}".rstrip())
            for name, value in got.headers.items():
                self.trace(f"< {name}: {mask_header(name, value)}")
            self.trace(f"< {mask(got.content[:4000].decode('utf-8', 'replace'))}")
        return answer

    def _trace_request(
        self, method: str, url: str, headers: Mapping[str, Any], data: bytes | None
    ) -> None:
        assert self.trace  # noqa: S101 - told to the type checker
        self.trace(f"> {method} {url}")
        for name, value in headers.items():
            text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
            self.trace(f"> {name}: {mask_header(name, text)}")
        if data:
            self.trace(f"> {mask(data.decode('utf-8', 'replace'))}")

    def pages(
        self, path: str, key: str, params: list[tuple[str, Any]], *, ahead: bool = True
    ) -> Iterator[list[dict[str, Any]]]:
        """Each page of a list; with ahead the next is on its way while the caller works on this
        one.

        Of a ``next`` link only the query counts: the host and the path are ours. Raises GlanceError
        for a list of the wrong shape and for links that go round in a circle, so no partial list
        looks whole.
        """
        seen: set[str] = set()
        fetch: Callable[[], dict[str, Any]] | None = None
        while True:
            page = fetch() if fetch else self._page(path, params)
            rows, link = page.get(key), page.get("next")
            if not isinstance(rows, list):
                raise GlanceError(f"{mask(self.url(path))} answered JSON of an unexpected shape")
            fetch = None
            if link:
                query = urlsplit(str(link)).query
                if not query or query in seen:
                    raise GlanceError(
                        "the list's next links lead round in a circle; the list is not complete",
                        hint="Report this to the cloud's administrator; --limit reads a first part.",
                    )
                seen.add(query)
                following = parse_qsl(query, keep_blank_values=True)
                fetch = partial(self._page, path, following)
                if ahead:
                    fetch = _Ahead(fetch).result
            yield rows
            if fetch is None:
                return

    def _page(self, path: str, params: list[tuple[str, Any]]) -> dict[str, Any]:
        return self.request("GET", path, params=params).object()


class _Ahead:
    """One page fetched on a thread of its own."""

    def __init__(self, fetch: Callable[[], dict[str, Any]]) -> None:
        self._found: dict[str, Any] = {}
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._run, args=(fetch,), daemon=True)
        self._thread.start()

    def _run(self, fetch: Callable[[], dict[str, Any]]) -> None:
        try:
            self._found = fetch()
        except Exception as error:  # handed to the thread that asks for the result
            self._error = error

    def result(self) -> dict[str, Any]:
        self._thread.join()
        if self._error:
            raise self._error
        return self._found


def _shown(url: str, params: Any) -> str:
    """The URL as it goes over the wire, with no secret in it, not even an encoded one."""
    masked = [(key, mask(str(value))) for key, value in params or ()]
    sent = requests.Request("GET", url, params=masked).prepare().url or url
    return mask(sent.replace("%2A%2A%2A", "***"))


def quoted(part: str) -> str:
    """One segment of a path."""
    return quote(part, safe="")
