"""Image data over the wire: one request whose body, or whose answer, is too large to hold.

Nothing is sent twice here: retrying is the work of glancecli.transfer, which can rewind. requests
builds the connection (TLS, proxies, CONNECT); we watch its socket while we send.
"""

from __future__ import annotations

import http.client
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, cast

import requests
import urllib3

from glancecli.errors import ConnectionFailed, GlanceError, HttpError, Stalled, Subject
from glancecli.masking import mask, mask_header
from glancecli.transport.connection import Adapter, Body, Chunk, Sized
from glancecli.transport.responses import Response, connection_failed, failure, reason
from glancecli.transport.session import CloudSession

if TYPE_CHECKING:
    from glancecli.transport.client import ServiceClient
    from glancecli.transport.options import ClientOptions

MIN_LIFE = 900.0  # seconds that a token must live for any transfer
SLOW = 20 * 2**20  # bytes per second, the pace that a transfer's token is chosen for
LONGEST_LIFE = 6 * 3600.0
OCTETS = "application/octet-stream"
ERROR_BODY = 65536  # bytes of an error that are read
LONGER = "--stall-timeout gives it longer."
LINE = 4096  # bytes that the head of a chunk may have


def send(
    client: ServiceClient,
    method: str,
    path: str,
    chunks: Iterable[Chunk],
    size: int | None,
    *,
    headers: Mapping[str, Any] | None = None,
    expect: tuple[int, ...] = (204,),
    subject: Subject | None = None,
    stall: float | None = None,
) -> Response:
    """Send data in one request: exactly size bytes with Content-Length, or chunked when size is
    None.

    An answer that comes while we are still sending ends the sending and is what we report. stall is
    how many seconds may pass without a byte in either direction. Raises HttpError for a status that
    is not one of expect (after a 401 a new login has been made), ConnectionFailed when there was no
    answer or when it came before everything was sent.
    """
    body = Body(chunks, None) if size is None else Sized(chunks, size)
    extra = {"Content-Type": OCTETS, **(headers or {})}
    # An object that has the length 0 would go chunked.
    data = b"".join(body) if size == 0 else body
    got = _open(client, method, path, data, extra, stall, _life(size))
    answer = _whole(got)
    _check_login(client, got)
    if answer.status not in expect:
        raise failure(answer, subject)
    if not body.finished:
        raise ConnectionFailed(f"{answer.url} said that it was done before everything was sent")
    return answer


def receive(
    client: ServiceClient,
    path: str,
    *,
    start: int = 0,
    end: int | None = None,
    size: int | None = None,
    accept: str = "*/*",
    subject: Subject | None = None,
    stall: float | None = None,
) -> Stream:
    """Open data for reading, from byte start to byte end inclusive (RFC 9110, Range); all without
    both.

    size is how much is expected, which decides how long the token must live; accept what may be
    answered. Raises HttpError for any status but 200 and 206, and GlanceError for a web page.
    """
    extra = {"Accept": accept, "Accept-Encoding": "identity"}
    if start or end is not None:
        extra["Range"] = f"bytes={start}-{'' if end is None else end}"
    got = _open(client, "GET", path, None, extra, stall, _life(size))
    try:
        if got.status_code not in (200, 206):
            answer = _whole(got)
            _check_login(client, got)
            if answer.status == 204:
                raise HttpError("it has no data", subject=subject, status=204)
            raise failure(answer, subject)
        kind = got.headers.get("Content-Type", "")
        if (
            kind.startswith("text/html")
            or got.headers.get("Content-Encoding", "identity") != "identity"
        ):
            _whole(got).json()
            raise GlanceError(f"{mask(got.url)} answered something else than image data ({kind})")
    except BaseException:
        _close(got)
        raise
    return Stream(got, client.url(path), _seconds(client, stall))


class Stream:
    """Image data on its way to us. status is 200 for all of it, 206 for the part named by
    content_range.
    """

    def __init__(self, got: requests.Response, url: str, stall: float) -> None:
        self.status = got.status_code
        self.headers: Mapping[str, str] = got.headers
        self._got, self._url, self._stall = got, url, stall
        self._failed: Exception | None = None
        length = got.headers.get("Content-Length", "")
        # The wrapper of urllib3 copies what it reads; the answer inside reads into our buffers.
        self._raw = cast(http.client.HTTPResponse, got.raw._fp)
        self._chunked = bool(self._raw.chunked)
        self.length = int(length) if length.isdigit() and not self._chunked else None
        self._left = 0 if self._chunked else self.length
        self._begun = False

    @property
    def content_range(self) -> tuple[int, int, int | None] | None:
        """First byte, last byte and whole size (None: not told) of Content-Range, or None without
        one.
        """
        found = re.fullmatch(
            r"bytes\s+(\d+)-(\d+)/(\d+|\*)",
            self.headers.get("Content-Range", "").strip(),
            re.IGNORECASE,
        )
        if not found:
            return None
        return int(found[1]), int(found[2]), None if found[3] == "*" else int(found[3])

    def readinto(self, view: memoryview) -> int:
        """Fill view as far as data comes; 0 at the end. What came before a failure is returned
        first.

        Raises ConnectionFailed on a break, a stall, or an end before the promised length.
        """
        if self._failed:
            raise connection_broke(self._failed, self._url, self._stall) from self._failed
        filled = 0
        try:
            while filled < len(view):
                count = self._some(view[filled:])
                if not count:
                    break
                filled += count
        except (OSError, http.client.HTTPException) as error:
            self._failed = error
            if not filled:
                raise connection_broke(error, self._url, self._stall) from error
        return filled

    def _some(self, view: memoryview) -> int:
        """A piece as it comes, of this chunk at most, or of the promised length."""
        source: Any = self._raw.fp
        if source is None:
            return 0
        if self._chunked and not self._left:
            self._left = self._next_chunk()
        if self._left == 0:
            return 0
        count: int = source.readinto1(view if self._left is None else view[: self._left])
        if self._left is not None:
            if not count:
                raise http.client.IncompleteRead(b"", None if self._chunked else self._left)
            self._left -= count
        return count

    def _next_chunk(self) -> int:
        """The size of the next chunk, 0 at the end (RFC 9112, 7.1).

        http.client would lose the beginning of a chunk that breaks off.
        """
        if self._begun:
            self._raw.fp.readline(LINE)
        self._begun = True
        line = self._raw.fp.readline(LINE)
        try:
            size = int(line.partition(b";")[0], 16)
        except ValueError:
            raise http.client.IncompleteRead(b"") from None
        if not size:
            self._raw.close()
        return size

    def close(self) -> None:
        """Drop the connection, whatever is still on its way."""
        _close(self._got)


def connection_lost(
    error: Exception, url: str, stall: float, options: ClientOptions
) -> GlanceError:
    """The sentence for a connection that could not be made, or that broke while data was moving."""
    never = (
        requests.exceptions.SSLError,
        requests.exceptions.ProxyError,
        requests.exceptions.ConnectTimeout,
    )
    if any(isinstance(e, (*never, urllib3.exceptions.NewConnectionError)) for e in _inside(error)):
        return connection_failed(error, url, stall, options)
    return connection_broke(error, url, stall)


def _inside(error: Exception) -> list[BaseException]:
    """The error and all its causes."""
    inside: list[BaseException] = []
    inner: BaseException | None = error
    while inner is not None and inner not in inside:
        inside.append(inner)
        inner = inner.__context__ or next(
            (a for a in inner.args if isinstance(a, BaseException)), None
        )
    return inside


def connection_broke(error: Exception, url: str, stall: float) -> GlanceError:
    """The sentence for a connection that broke while data was moving."""
    if any(isinstance(e, TimeoutError | requests.exceptions.Timeout) for e in _inside(error)):
        return Stalled(f"nothing moved to or from {mask(url)} for {stall:g} seconds", hint=LONGER)
    if isinstance(error, http.client.IncompleteRead):
        left = f"{error.expected} bytes were" if error.expected else "more was"
        return ConnectionFailed(f"the connection to {mask(url)} ended when {left} still to come")
    return ConnectionFailed(f"the connection to {mask(url)} broke: {reason(error)}")


def _open(
    client: ServiceClient,
    method: str,
    path: str,
    body: Any,
    extra: Mapping[str, Any],
    stall: float | None,
    life: float,
) -> requests.Response:
    """The answer to one request, its body still to be read; a connection of its own, closed with
    it.
    """
    url = client.url(path)
    seconds = _seconds(client, stall)
    options = client.identity.client_options
    session = CloudSession(options.verify, options.cert)
    session.mount("http://", Adapter())
    session.mount("https://", Adapter())
    headers = client.request_headers(min_life=life, extra=extra)
    _trace(client, ">", f"{method} {mask(url)}", headers)
    try:
        got = session.request(
            method,
            url,
            data=body,
            headers=headers,
            timeout=seconds,
            stream=True,
            allow_redirects=False,
        )
    except requests.RequestException as error:
        raise connection_lost(error, url, seconds, options) from error
    _trace(client, "<", f"{got.status_code} {got.reason or ''}".rstrip(), got.headers)
    return got


def _whole(got: requests.Response) -> Response:
    """A short answer, read and closed."""
    try:
        body = got.raw.read(ERROR_BODY)
    except (OSError, urllib3.exceptions.HTTPError):
        body = b""  # the status has been said; the words got lost
    finally:
        _close(got)
    return Response(got.status_code, got.headers, body, mask(got.url))


def _close(got: requests.Response) -> None:
    """Drop the connection, and the adapter that was made for it."""
    got.close()
    got.connection.close()


def _check_login(client: ServiceClient, got: requests.Response) -> None:
    """After a 401 the token is replaced, so that the next attempt has another one."""
    token = got.request.headers.get("X-Auth-Token")
    if got.status_code == 401 and token:
        client.identity.renew(token if isinstance(token, str) else token.decode("ascii"))


def _seconds(client: ServiceClient, stall: float | None) -> float:
    return stall or client.timeout[1]


def _life(size: int | None) -> float:
    return min(MIN_LIFE + (size or 0) / SLOW, LONGEST_LIFE)


def _trace(client: ServiceClient, way: str, first: str, headers: Mapping[str, Any]) -> None:
    if client.trace:
        client.trace(f"{way} {first}")
        for name, value in headers.items():
            text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
            client.trace(f"{way} {name}: {mask_header(name, text)}")
