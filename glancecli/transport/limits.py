"""Limits on what a server may send: how many bytes, and for how long.

They hold for the login and for every service, with or without TLS and proxies. A body that is
streamed is exempt: its reader sets the limits (stall timeout, promised size).
"""

from __future__ import annotations

import http.client
import time
import zlib
from collections.abc import Iterator
from functools import cache
from io import BufferedReader, RawIOBase
from typing import Any, cast

import requests
import urllib3
from requests.adapters import HTTPAdapter

from glancecli.transport.options import ANY_TLS, TlsRules
from glancecli.transport.responses import parse_count

LARGEST_BODY = 64 * 2**20  # bytes of a response, unpacked; a page of 1,000 images has 2 MiB
LARGEST_ERROR = 2**20  # bytes of an error that are read
LARGEST_HEAD = 2**20  # bytes of a response's headers, and of what frames its chunks
SLOWEST = 8192  # bytes per second that a response may take longer for than the timeout
MOST_INTERIM = 20  # interim responses (1xx) before a response
LONGEST_LINE = 65536  # bytes; as http.client has it
CHUNK = 65536

DATA_STATUSES = (200, 206)  # of responses with data of any size

NOT_PACKED = ("", "identity")
PACKED = ("gzip", "x-gzip", "deflate")


class TooLarge(OSError):
    """A response has more bytes than any that is useful."""


class TooSlow(TimeoutError):
    """A response comes in drops, and does not end in time."""


class LimitedReader(RawIOBase):
    """Reads one response from a socket's file: at most so many bytes, and at most for so many
    seconds after its first byte, plus one for each SLOWEST bytes.
    """

    def __init__(self, raw: Any, seconds: float | None) -> None:
        self._raw = raw
        self._seconds = seconds
        self._most: float = LARGEST_BODY + LARGEST_HEAD
        self._received = 0
        self._began = 0.0

    def lift(self) -> None:
        """Ends the limits: image data follows."""
        self._seconds = None
        self._most = float("inf")

    def readable(self) -> bool:
        """Returns True, as BufferedReader requires."""
        return True

    def readinto(self, buffer: Any) -> int | None:
        """Reads into the buffer, and returns the number of bytes."""
        count = cast("int | None", self._raw.readinto(buffer))
        now = time.monotonic()
        self._began = self._began or now
        self._received += count or 0
        if self._received > self._most:
            raise TooLarge
        if self._seconds is not None:
            allowed = self._seconds + self._received / SLOWEST
            if now - self._began > allowed:
                raise TooSlow
        return count

    def close(self) -> None:
        """Closes the socket's file as well."""
        self._raw.close()
        super().close()


class LimitedLines(BufferedReader):
    """Refuses a line without end; urllib3 before 2.8 reads the line before a chunk whole. Refuses a
    chunk of a negative size as well, which urllib3 asks for.
    """

    def read(self, size: int | None = -1, /) -> bytes:
        """Returns so many bytes, or all.

        Raises:
            http.client.HTTPException: For a size below -1.
        """
        if size is not None and size < -1:
            raise http.client.HTTPException("a chunk has a negative size")
        return super().read(size)

    def readline(self, size: int | None = -1, /) -> bytes:
        """Returns the next line, at most size bytes of it.

        Raises:
            http.client.LineTooLong: For more than LONGEST_LINE bytes.
        """
        if size is None or size < 0:
            size = LONGEST_LINE + 1
        line = super().readline(size)
        if len(line) > LONGEST_LINE:
            raise http.client.LineTooLong("line of a response")
        return line


class LimitedResponse(http.client.HTTPResponse):
    """A response of http.client with limits, which skips interim responses."""

    def __init__(self, sock: Any, *args: Any, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        self.reader = LimitedReader(self.fp.detach(), sock.gettimeout())
        self.fp = LimitedLines(self.reader)

    def _read_status(self) -> tuple[str, int, str]:
        """Returns version, status and reason of the final response (RFC 9110, 15.2)."""
        for _ in range(MOST_INTERIM):
            version, status, reason = super()._read_status()  # type: ignore[misc]
            is_interim = 100 <= status < 200 and status != http.HTTPStatus.SWITCHING_PROTOCOLS
            if not is_interim:
                return version, status, reason
            self._skip_headers()
        raise http.client.HTTPException("interim responses without end")

    def _skip_headers(self) -> None:
        while self.fp.readline(LONGEST_LINE) not in (b"\r\n", b"\n", b""):
            pass


@cache
def limited_connection(kind: type) -> type:
    """Returns this class of connections with responses that have limits."""
    return type(kind.__name__, (kind,), {"response_class": LimitedResponse})


class LimitedAdapter(HTTPAdapter):
    """Connects as requests does, by the rules for TLS; what it receives has limits."""

    def __init__(self, tls: TlsRules = ANY_TLS) -> None:
        super().__init__()
        self._tls_options: dict[str, Any] = {}
        if tls != ANY_TLS:
            from glancecli.transport.tls import tls_context

            self._tls_options = {"ssl_context": tls_context(tls)}

    def connection_class(self, kind: type) -> type:
        """Returns the class of connections to use for one of urllib3, which may be that of a SOCKS
        proxy.
        """
        return limited_connection(kind)

    def get_connection_with_tls_context(self, *args: Any, **more: Any) -> Any:
        """Returns the pool of requests, which makes our connections."""
        pool: Any = super().get_connection_with_tls_context(*args, **more)
        if pool.scheme == "https":
            pool.conn_kw.update(self._tls_options)
        pool.ConnectionCls = self.connection_class(type(pool).ConnectionCls)
        return pool

    def send(self, request: Any, stream: bool = False, *args: Any, **options: Any) -> Any:
        """Returns the response, its body read unless it is to be streamed."""
        received = super().send(request, True, *args, **options)
        if not stream:
            _read_body(received)
        elif received.status_code in DATA_STATUSES and request.method == "GET":
            _lift_limits(received)
        return received


def _lift_limits(received: requests.Response) -> None:
    """Ends the limits of a response whose body is data of any size."""
    response = received.raw._fp
    if isinstance(response, LimitedResponse):
        response.reader.lift()


def _read_body(received: requests.Response) -> None:
    """Reads the body of a response, where requests would read and unpack without a limit.

    An error that is too long is cut, so that its status is not lost.
    """
    is_error = received.status_code >= 400
    most = LARGEST_BODY
    if is_error:
        most = LARGEST_ERROR
    pieces: list[bytes] = []
    size = 0
    promised = parse_count(received.headers.get("Content-Length", ""))
    try:
        if not is_error and promised is not None and promised > most:
            received.raw.close()
            raise TooLarge
        for piece in _unpacked(received, most):
            pieces.append(piece)
            size += len(piece)
            if size > most:
                received.raw.close()
                if not is_error:
                    raise TooLarge
                break
    except (OSError, urllib3.exceptions.HTTPError, http.client.HTTPException) as error:
        raise requests.exceptions.ConnectionError(error) from error
    except zlib.error as error:
        raise requests.exceptions.ContentDecodingError(error) from error
    received._content = b"".join(pieces)[:most]
    received._content_consumed = True  # type: ignore[attr-defined]


def _unpacked(received: requests.Response, most: int) -> Iterator[bytes]:
    """Yields the body in pieces; unpacks what was packed though we asked for plain bytes.

    No piece is much larger than most bytes.
    """
    encoding = received.headers.get("Content-Encoding", "").strip().lower()
    pieces = received.raw.stream(CHUNK, decode_content=False)
    if encoding in NOT_PACKED:
        yield from pieces
        return
    if encoding not in PACKED:
        raise urllib3.exceptions.DecodeError(encoding)
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 32)  # gzip or zlib, whichever it is
    for piece in pieces:
        yield unpacker.decompress(piece, most + 1)
        if unpacker.unconsumed_tail:
            raise TooLarge
