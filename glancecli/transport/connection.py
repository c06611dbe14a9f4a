"""Connections that read a response which comes while they are still sending.

A service may refuse an upload after its first bytes. A connection of urllib3 would go on sending
until the service resets it, and would then have lost the response.
"""

from __future__ import annotations

import select
import socket
import ssl
from collections.abc import Iterable, Iterator
from functools import cache
from io import BufferedReader, RawIOBase
from typing import Any, cast

from urllib3.connection import HTTPConnection

from glancecli.errors import Code, GlanceError
from glancecli.text import counted
from glancecli.transport.limits import LimitedAdapter, LimitedResponse

Chunk = bytes | bytearray | memoryview

EARLY_BYTES = 65536  # bytes of an early response that are read at once
LAST_CHUNK = b"0\r\n\r\n"
BOTH_WAYS = select.POLLIN | select.POLLOUT


class Body:
    """Chunks as requests takes a request's body; without a length it is sent chunked."""

    def __init__(self, chunks: Iterable[Chunk], size: int | None) -> None:
        self._chunks = chunks
        self._size = size
        self.finished = False

    def __iter__(self) -> Iterator[Chunk]:
        sent = 0
        for chunk in self._chunks:
            if not len(chunk):
                continue  # an empty chunk would end a chunked body
            sent += len(chunk)
            if self._size is not None and sent > self._size:
                raise GlanceError(
                    f"there is more data than the promised {counted(self._size, 'byte')}",
                    code=Code.WRONG_DATA,
                )
            yield chunk
        if self._size is not None and sent != self._size:
            raise GlanceError(
                f"the data ended after {sent} of the promised {counted(self._size, 'byte')}",
                code=Code.WRONG_DATA,
            )
        self.finished = True


class SizedBody(Body):
    """A body with a length, which makes requests send Content-Length."""

    def __len__(self) -> int:
        return self._size or 0


class EarlyResponseConnection(HTTPConnection):
    """A connection that stops sending as soon as a response can be read.

    It stops by a BrokenPipeError, after which urllib3 reads the response.
    """

    _chunked_body: Body | None = None

    def request(self, method: str, url: str, body: Any = None, *args: Any, **more: Any) -> None:
        """Sends a request as urllib3 does, but frames the chunks of a body without copying them."""
        if isinstance(body, Body) and more.get("chunked"):
            self._chunked_body = body
            body = None
        super().request(method, url, body, *args, **more)

    def send(self, data: Any) -> None:
        """Sends all data, unless the server responds, closes, or takes nothing for the timeout."""
        # urllib3 sends an empty body's last chunk right after the headers: our body goes before it.
        if self._chunked_body is not None and data == LAST_CHUNK:
            body, self._chunked_body = self._chunked_body, None
            self._send_chunks(body)
        if self.sock is None:
            self.connect()
        if not isinstance(self.sock, socket.socket):
            super().send(data)  # TLS inside TLS (an HTTPS proxy) has no socket to watch
            return
        self.sock.settimeout(0)
        try:
            self._send_while_listening(self.sock, memoryview(data).cast("B"))
        finally:
            self.sock.settimeout(self.timeout)

    def _send_chunks(self, body: Body) -> None:
        for chunk in body:
            self.send(b"%x\r\n" % len(chunk))
            self.send(chunk)
            self.send(b"\r\n")

    def _send_while_listening(self, sock: socket.socket, unsent: memoryview) -> None:
        poll = select.poll()
        awaited = BOTH_WAYS
        while unsent:
            poll.register(sock, awaited)
            events = self._wait_for_event(poll)
            if events & ~select.POLLOUT and self._has_response(sock):
                raise BrokenPipeError("the server responded before everything was sent")
            awaited = BOTH_WAYS
            try:
                unsent = unsent[sock.send(unsent) :]
            except ssl.SSLWantReadError:
                awaited = select.POLLIN
            except (BlockingIOError, ssl.SSLWantWriteError):
                pass
            except OSError as error:
                raise BrokenPipeError("the server closed before everything was sent") from error

    def _wait_for_event(self, poll: select.poll) -> int:
        """Returns the events on the socket. Raises TimeoutError when none comes in time."""
        ready = poll.poll(cast(float, self.timeout) * 1000)
        if not ready:
            raise TimeoutError("the server takes no more data")
        return ready[0][1]

    def _has_response(self, sock: socket.socket) -> bool:
        """Returns whether what can be read is a response: TLS also sends tickets and keys."""
        if not isinstance(sock, ssl.SSLSocket):
            return True
        try:
            early = sock.recv(EARLY_BYTES)
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return False
        except OSError:
            return True
        self.sock = cast(socket.socket, _SocketWithEarlyBytes(sock, early))
        return True


@cache
def early_response_connection(kind: type) -> type:
    """Returns this class of connections, which may be to a SOCKS proxy, reading early responses."""
    return type(kind.__name__, (EarlyResponseConnection, kind), {"response_class": LimitedResponse})


class EarlyResponseAdapter(LimitedAdapter):
    """Connects as requests does, with connections that read early responses."""

    def connection_class(self, kind: type) -> type:
        """Returns the class of connections to use for one of urllib3."""
        return early_response_connection(kind)


class _SocketWithEarlyBytes:
    """A TLS socket in front of which bytes are put back that were read from it."""

    def __init__(self, sock: ssl.SSLSocket, early: bytes) -> None:
        self._sock = sock
        self._early = early

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)

    def makefile(self, *_mode: Any) -> BufferedReader:
        """Returns the file that http.client reads responses from."""
        return BufferedReader(_EarlyBytesReader(self._early, self._sock.makefile("rb", 0)))


class _EarlyBytesReader(RawIOBase):
    """Reads early bytes first, then the rest."""

    def __init__(self, early: bytes, rest: Any) -> None:
        self._early = early
        self._rest = rest

    def readable(self) -> bool:
        """Returns True, as BufferedReader requires."""
        return True

    def readinto(self, buffer: Any) -> int | None:
        """Reads into the buffer, and returns the number of bytes."""
        if not self._early:
            return cast("int | None", self._rest.readinto(buffer))
        count = min(len(buffer), len(self._early))
        buffer[:count] = self._early[:count]
        self._early = self._early[count:]
        return count

    def close(self) -> None:
        """Closes the socket's file as well."""
        self._rest.close()
        super().close()
