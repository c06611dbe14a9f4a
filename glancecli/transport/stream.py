"""Image data over the wire: one request whose body, or whose response, is too large for memory.

Nothing is sent twice here: retrying is the work of glancecli.transfer, which can rewind. requests
makes the connection (TLS, proxies, CONNECT); ours watches its socket while it sends.
"""

from __future__ import annotations

import http.client
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import requests
import urllib3

from glancecli.errors import Code, ConnectionFailed, GlanceError, HttpError, Subject, Unreachable
from glancecli.masking import mask
from glancecli.transport.client import refusal, renew_token
from glancecli.transport.connection import Body, Chunk, EarlyResponseAdapter, SizedBody
from glancecli.transport.failures import interruption, transfer_error
from glancecli.transport.responses import READ_BODY, Response, parse_count
from glancecli.transport.session import CloudSession, check_not_by_proxy

if TYPE_CHECKING:
    from glancecli.transport.client import ServiceClient

MIN_LIFE = 900.0  # seconds that a token must live for any transfer
LONGEST_LIFE = 6 * 3600.0
SLOW = 20 * 2**20  # bytes per second, the pace that a transfer's token is chosen for
OCTETS = "application/octet-stream"
LONGEST_LINE = 4096  # bytes that the line before a chunk may have

_CONTENT_RANGE = re.compile(
    r"bytes\s+(?P<first>\d{1,19})-(?P<last>\d{1,19})/(?P<size>\d{1,19}|\*)",
    re.IGNORECASE | re.ASCII,
)


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
    """Sends data in one request: exactly size bytes with Content-Length, or chunked when size is
    None.

    A response that comes while we are still sending ends the sending and is what counts. stall is
    how many seconds may pass without a byte in either direction. Raises HttpError for a status that
    is not one of expect (after a 401 a new login has been made), and ConnectionFailed when there
    was no response or when it came before everything was sent.
    """
    body = _body(chunks, size)
    data: Body | bytes = body
    if size == 0:
        data = b"".join(body)  # requests would send an object with the length 0 chunked
    all_headers = {"Content-Type": OCTETS, **(headers or {})}
    transfer = _Transfer(method, path, data, all_headers, size, stall)
    received = _open(client, transfer)
    response = read_short_response(received)
    _renew_refused_token(client, received)
    if response.status not in expect:
        raise refusal(client, response, subject)
    if not body.finished:
        raise ConnectionFailed(f"{response.url} reported success before everything was sent")
    return response


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
    """Opens data for reading, from byte start to byte end inclusive (RFC 9110, Range); all without
    both.

    size is the expected number of bytes, which decides how long the token must live; accept is what
    may be returned. Raises HttpError for any status but 200 and 206, and GlanceError for a web
    page.
    """
    headers = {"Accept": accept, "Accept-Encoding": "identity"}
    if end is not None:
        headers["Range"] = f"bytes={start}-{end}"
    elif start:
        headers["Range"] = f"bytes={start}-"
    transfer = _Transfer("GET", path, None, headers, size, stall)
    received = _open(client, transfer)
    try:
        _check_is_data(client, received, subject)
    except BaseException:
        close_response(received)
        raise
    seconds = _stall_seconds(client, stall)
    return Stream(received, client.url(path), seconds)


def _check_is_data(
    client: ServiceClient, received: requests.Response, subject: Subject | None
) -> None:
    """Raises GlanceError for a response that is not image data."""
    if received.status_code not in (200, 206):
        response = read_short_response(received)
        _renew_refused_token(client, received)
        if response.status == 204:
            raise HttpError("it has no data", subject=subject, status=204)
        raise refusal(client, response, subject)
    content_type = received.headers.get("Content-Type", "")
    encoding = received.headers.get("Content-Encoding", "identity")
    if content_type.startswith("text/html") or encoding != "identity":
        read_short_response(received).json()
        raise GlanceError(
            f"{mask(received.url)} returned {content_type}, not image data", code=Code.SERVICE
        )


_CHUNK_SIZE = re.compile(rb"([0-9a-fA-F]{1,15})[ \t]*[;\r\n]")


class ContentRange(NamedTuple):
    """The part of the data in a response: first and last byte, and the size of all (None:
    unknown).
    """

    first: int
    last: int
    size: int | None


class Stream:
    """Image data that is being received. status is 200 for all of it, 206 for the part that
    content_range names. url is where it comes from; has_end is set when its end cannot be mistaken
    for a connection that broke.
    """

    def __init__(self, received: requests.Response, url: str, stall: float) -> None:
        self.status = received.status_code
        self.headers: Mapping[str, str] = received.headers
        self._received = received
        self.url = url
        self._stall = stall
        self._failure: Exception | None = None
        # The wrapper of urllib3 copies what it reads; the response inside reads into our buffers.
        self._raw = cast(http.client.HTTPResponse, received.raw._fp)
        self._is_chunked = bool(self._raw.chunked)
        self._is_first_chunk = True
        self.length = self._promised_length()
        # Bytes until the end of the chunk or of the data, None for data that ends with the
        # connection.
        self._missing = self.length
        if self._is_chunked:
            self._missing = 0
        self.has_end = self._missing is not None

    def _promised_length(self) -> int | None:
        if self._is_chunked:
            return None
        return parse_count(self.headers.get("Content-Length", ""))

    @property
    def content_range(self) -> ContentRange | None:
        """The header Content-Range, None without a valid one."""
        header = self.headers.get("Content-Range", "")
        found = _CONTENT_RANGE.fullmatch(header.strip())
        if found is None:
            return None
        size = None
        if found["size"] != "*":
            size = int(found["size"])
        first = int(found["first"])
        last = int(found["last"])
        return ContentRange(first, last, size)

    def readinto(self, view: memoryview) -> int:
        """Fills view as far as data comes, and returns the number of bytes; 0 at the end.

        What came before a failure is returned first. Raises ConnectionFailed when the connection
        breaks or stalls, or when the data ends before the promised length.
        """
        if self._failure is not None:
            raise interruption(self._failure, self.url, self._stall) from self._failure
        filled = 0
        try:
            while filled < len(view):
                count = self._read_piece(view[filled:])
                if not count:
                    break
                filled += count
        except (OSError, http.client.HTTPException) as error:
            self._failure = error
            if not filled:
                raise interruption(error, self.url, self._stall) from error
        return filled

    def _read_piece(self, view: memoryview) -> int:
        """Reads what is there, at most to the end of this chunk or of the promised length."""
        source: Any = self._raw.fp
        if source is None:
            return 0
        if self._missing is None:
            return cast(int, source.readinto1(view))
        if self._is_chunked and not self._missing:
            self._missing = self._read_chunk_size()
        if not self._missing:
            return 0
        count: int = source.readinto1(view[: self._missing])
        if not count:
            raise self._ended_early()
        self._missing -= count
        return count

    def _ended_early(self) -> http.client.IncompleteRead:
        if self._is_chunked:
            return http.client.IncompleteRead(b"")
        return http.client.IncompleteRead(b"", self._missing)

    def _read_chunk_size(self) -> int:
        """Returns the size of the next chunk, 0 at the end (RFC 9112, 7.1).

        http.client would lose the beginning of a chunk that breaks off.
        """
        if not self._is_first_chunk:
            self._raw.fp.readline(LONGEST_LINE)  # the end of the chunk before
        self._is_first_chunk = False
        line = self._raw.fp.readline(LONGEST_LINE)
        found = _CHUNK_SIZE.match(line)
        if found is None:
            raise http.client.IncompleteRead(b"")
        size = int(found[1], 16)
        if not size:
            self._raw.close()
        return size

    def close(self) -> None:
        """Closes the connection, whatever is still on its way."""
        close_response(self._received)


class _Transfer(NamedTuple):
    """One request with a large body or a large response; size is that of the data, if known."""

    method: str
    path: str
    body: Body | bytes | None
    headers: Mapping[str, Any]
    size: int | None
    stall: float | None


def _body(chunks: Iterable[Chunk], size: int | None) -> Body:
    if size is None:
        return Body(chunks, None)
    return SizedBody(chunks, size)


def _open(client: ServiceClient, transfer: _Transfer) -> requests.Response:
    """Returns the response to one request, its body still unread; it is sent to the new endpoint
    when there is no connection to a cached one that is out of date.
    """
    try:
        return _request(client, transfer)
    except Unreachable:
        if not client.endpoint_has_moved():
            raise
    return _request(client, transfer)


def _request(client: ServiceClient, transfer: _Transfer) -> requests.Response:
    """Returns the response to one request, on a connection of its own that is closed with it."""
    url = client.url(transfer.path)
    seconds = _stall_seconds(client, transfer.stall)
    options = client.identity.client_options
    session = CloudSession(options.verify, options.cert, options.tls)
    session.mount("http://", EarlyResponseAdapter(options.tls))
    session.mount("https://", EarlyResponseAdapter(options.tls))
    life = _token_life(transfer.size)
    headers = client.request_headers(transfer.headers, min_life=life)
    try:
        client.trace.request(transfer.method, url, headers)
        received = session.request(
            transfer.method,
            url,
            data=transfer.body,
            headers=headers,
            timeout=seconds,
            stream=True,
            allow_redirects=False,
        )
    except requests.RequestException as error:
        raise transfer_error(error, url, seconds, options) from error
    client.trace.response(received)
    return received


def read_short_response(received: requests.Response) -> Response:
    """Returns a response after reading the beginning of its body and closing the connection."""
    try:
        body = received.raw.read(READ_BODY)
    except (OSError, urllib3.exceptions.HTTPError):
        body = b""  # the status is there; the words got lost
    finally:
        close_response(received)
    check_not_by_proxy(received.url, received.status_code, received.headers, body)
    return Response(received.status_code, received.headers, body, mask(received.url))


def close_response(received: requests.Response) -> None:
    """Closes the connection, and the adapter that was made for it."""
    received.close()
    received.connection.close()


def _renew_refused_token(client: ServiceClient, received: requests.Response) -> None:
    """Replaces the token after a 401, so that the next attempt has another one."""
    token = received.request.headers.get("X-Auth-Token")
    if received.status_code == 401 and token:
        renew_token(client.identity, token, received.headers)


def _stall_seconds(client: ServiceClient, stall: float | None) -> float:
    return stall or client.read_timeout


def _token_life(size: int | None) -> float:
    """Returns how many seconds a token must live for a transfer of so many bytes."""
    return min(MIN_LIFE + (size or 0) / SLOW, LONGEST_LIFE)
