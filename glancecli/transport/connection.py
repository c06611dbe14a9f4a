"""Connections that notice an answer while they are still sending, and the bodies that go over them."""

from __future__ import annotations

import select
import socket
import ssl
from collections.abc import Iterable, Iterator
from io import BufferedReader, RawIOBase
from typing import Any, cast

import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection

from glancecli.errors import GlanceError

Chunk = bytes | bytearray | memoryview

PIECE = 65536  # bytes of an early answer that are read at once
LAST_CHUNK = b"0\r\n\r\n"


class Body:
    """Chunks as requests takes a body; without a length it goes chunked."""

    def __init__(self, chunks: Iterable[Chunk], size: int | None) -> None:
        self._chunks, self._size = chunks, size
        self.finished = False

    def __iter__(self) -> Iterator[Chunk]:
        sent = 0
        for chunk in self._chunks:
            if not len(chunk):
                continue  # an empty chunk would end a chunked body
            sent += len(chunk)
            if self._size is not None and sent > self._size:
                raise GlanceError(f"there is more data than the promised {self._size} bytes")
            yield chunk
        if self._size is not None and sent != self._size:
            raise GlanceError(f"the data ended after {sent} of the promised {self._size} bytes")
        self.finished = True


class Sized(Body):
    """A body with a length, by which requests sends Content-Length."""

    def __len__(self) -> int:
        return self._size or 0


class Watching(HTTPConnection):
    """A connection that stops sending as soon as an answer is there to be read.

    urllib3 reads the answer after a BrokenPipeError, so that is what the stop is said with.
    """

    _frames: Body | None = None

    def request(self, method: str, url: str, body: Any = None, *args: Any, **more: Any) -> None:
        """As urllib3 does it, but chunks are framed where they are, and not copied for it."""
        if isinstance(body, Body) and more.get("chunked"):
            self._frames, body = body, None
        super().request(method, url, body, *args, **more)

    def send(self, data: Any) -> None:
        """All of data, unless the other side answers, closes, or takes nothing for the timeout."""
        if self._frames and data == LAST_CHUNK:
            frames, self._frames = self._frames, None
            for chunk in frames:
                self.send(b"%x\r\n" % len(chunk))
                self.send(chunk)
                self.send(b"\r\n")
        if self.sock is None:
            self.connect()
        if not isinstance(self.sock, socket.socket):
            return super().send(data)  # TLS inside TLS (an HTTPS proxy) has no socket to watch
        self.sock.settimeout(0)
        try:
            self._push(self.sock, memoryview(data).cast("B"))
        finally:
            self.sock.settimeout(self.timeout)
        return None

    def _push(self, sock: socket.socket, view: memoryview) -> None:
        poll = select.poll()
        both = select.POLLIN | select.POLLOUT
        wanted = both
        while view:
            poll.register(sock, wanted)
            ready = poll.poll(cast(float, self.timeout) * 1000)
            if not ready:
                raise TimeoutError("the other side takes no more data")
            if ready[0][1] & ~select.POLLOUT and self._answered(sock):
                raise BrokenPipeError("answered before everything was sent")
            wanted = both
            try:
                view = view[sock.send(view) :]
            except ssl.SSLWantReadError:
                wanted = select.POLLIN
            except (BlockingIOError, ssl.SSLWantWriteError):
                pass
            except OSError as error:
                raise BrokenPipeError("closed before everything was sent") from error

    def _answered(self, sock: socket.socket) -> bool:
        """Whether what can be read is an answer. TLS also sends tickets and keys, which are not."""
        if not isinstance(sock, ssl.SSLSocket):
            return True
        try:
            early = sock.recv(PIECE)
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return False
        except OSError:
            return True
        self.sock = cast(socket.socket, _Unread(sock, early))
        return True


class SecureWatching(Watching, HTTPSConnection):
    """The same over TLS."""


class Adapter(HTTPAdapter):
    """Connections as requests makes them, but of the kind that watches."""

    def get_connection_with_tls_context(self, *args: Any, **more: Any) -> Any:
        """The pool that requests would use, making our connections."""
        pool: Any = super().get_connection_with_tls_context(*args, **more)
        secure = isinstance(pool, urllib3.HTTPSConnectionPool)
        pool.ConnectionCls = SecureWatching if secure else Watching
        return pool


class _Unread:
    """A TLS socket with bytes that were read from it put back in front."""

    def __init__(self, sock: ssl.SSLSocket, early: bytes) -> None:
        self._sock, self._early = sock, early

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)

    def makefile(self, *_mode: Any) -> BufferedReader:
        """What http.client reads answers from."""
        return BufferedReader(_Joined(self._early, self._sock.makefile("rb", 0)))


class _Joined(RawIOBase):
    """Early bytes, then the rest."""

    def __init__(self, early: bytes, rest: Any) -> None:
        self._early, self._rest = early, rest

    def readable(self) -> bool:
        """Always, as its reader asks."""
        return True

    def readinto(self, buffer: Any) -> int | None:
        """Bytes put back first."""
        if not self._early:
            return cast("int | None", self._rest.readinto(buffer))
        count = min(len(buffer), len(self._early))
        buffer[:count], self._early = self._early[:count], self._early[count:]
        return count

    def close(self) -> None:
        """Both are done."""
        self._rest.close()
        super().close()
