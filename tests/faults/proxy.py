"""An HTTP proxy with faults, between a client and a correct service.

A fault is a function of an Exchange. A plan says which fault happens at which requests, and how often. All other
requests pass through unchanged. Each connection has one request.
"""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable
from typing import NamedTuple

from tests.support.fakeglance import reset

PIECE = 65536
Fault = Callable[["Exchange"], None]


class Strike(NamedTuple):
    """A fault for requests with this method and a matching path: skips the first ``after``, then happens ``times`` times."""

    method: str
    path: str
    fault: Fault
    times: int = 1
    after: int = 0


class FaultProxy:
    """Listens on loopback and forwards to upstream (host, port)."""

    def __init__(self, upstream: tuple[str, int]) -> None:
        self.upstream = upstream
        self.plan: list[Strike] = []
        self.struck: list[str] = []  # "METHOD path" of each request with a fault
        self.over = threading.Event()  # set at the end; ends all stalls
        self._counts: dict[int, int] = {}
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def set(self, *strikes: Strike) -> None:
        """Sets a new plan, and ends the stalls of the old one."""
        with self._lock:
            self.over.set()
            self.over = threading.Event()
            self.plan, self.struck, self._counts = list(strikes), [], {}

    def close(self) -> None:
        self.over.set()
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._handle, args=(client,), daemon=True).start()

    def _handle(self, client: socket.socket) -> None:
        exchange = Exchange(self, client)
        try:
            if exchange.receive():
                self._fault_for(exchange)(exchange)
        except OSError:
            pass  # client or service closed the connection
        finally:
            exchange.cut_upstream()
            exchange.close()

    def _fault_for(self, exchange: Exchange) -> Fault:
        with self._lock:
            for number, strike in enumerate(self.plan):
                if strike.method != exchange.method or not re.search(strike.path, exchange.path):
                    continue
                count = self._counts.get(number, 0)
                self._counts[number] = count + 1
                if strike.after <= count < strike.after + strike.times:
                    self.struck.append(f"{exchange.method} {exchange.path}")
                    return strike.fault
        return Exchange.pass_on


class Exchange:
    """One request and its response."""

    def __init__(self, proxy: FaultProxy, client: socket.socket) -> None:
        self.over = proxy.over
        self.client = client
        self.client.settimeout(120)
        self._upstream_at = proxy.upstream
        self._upstream: socket.socket | None = None
        self._reader = client.makefile("rb")
        self.method = self.path = ""
        self.headers: list[tuple[str, str]] = []

    def receive(self) -> bool:
        """Reads the head of the request; False when the client closed the connection at once."""
        line = self._reader.readline().decode("latin-1").split()
        if len(line) != 3:
            return False
        self.method, self.path = line[0], line[1]
        self.headers = self._head(self._reader)
        return True

    @staticmethod
    def _head(reader: socket.SocketIO) -> list[tuple[str, str]]:  # type: ignore[name-defined]
        found = []
        while text := reader.readline().decode("latin-1").strip():
            name, _, value = text.partition(":")
            found.append((name.strip(), value.strip()))
        return found

    def header(self, name: str) -> str:
        return next((v for k, v in self.headers if k.lower() == name.lower()), "")

    def body(self, limit: int | None = None):  # type: ignore[no-untyped-def]
        """Yields the body of the request as (bytes on the wire, data), until limit bytes of data."""
        left = limit
        if "chunked" in self.header("Transfer-Encoding").lower():
            while left is None or left > 0:
                line = self._reader.readline()
                if not line:
                    raise ConnectionResetError("the client went away")
                size = int(line, 16)
                want = size if left is None else min(size, left)
                data = self._reader.read(want)
                if left is not None:
                    left -= want
                    if want < size:
                        yield line + data, data
                        return
                yield line + data + self._reader.read(2), data
                if not size:
                    return
        else:
            size = int(self.header("Content-Length") or 0)
            size = size if limit is None else min(size, limit)
            while size > 0:
                data = self._reader.read1(min(size, PIECE))
                if not data:
                    raise ConnectionResetError("the client went away")
                size -= len(data)
                yield data, data

    def connect(self, drop: tuple[str, ...] = ()) -> socket.socket:
        """Sends the head to the service, without the headers to drop."""
        self._upstream = socket.create_connection(self._upstream_at, 120)
        host, port = self._upstream_at
        unwanted = {"host", "connection", *(d.lower() for d in drop)}
        lines = [f"{self.method} {self.path} HTTP/1.1", f"Host: {host}:{port}", "Connection: close"]
        lines += [f"{k}: {v}" for k, v in self.headers if k.lower() not in unwanted]
        self._upstream.sendall("\r\n".join([*lines, "", ""]).encode("latin-1"))
        return self._upstream

    def forward(
        self,
        *,
        limit: int | None = None,
        flip: int | None = None,
        drop: tuple[str, ...] = (),
    ) -> Reply:
        """Sends the request to the service, up to limit bytes of its body, with byte number flip inverted."""
        upstream = self.connect(drop)
        at = 0
        for wire, data in self.body(limit):
            if flip is not None and at <= flip < at + len(data):
                place = wire.index(data) + flip - at
                wire = wire[:place] + bytes([wire[place] ^ 0xFF]) + wire[place + 1 :]
            at += len(data)
            upstream.sendall(wire)
        return Reply(upstream)

    def pass_on(self) -> None:
        """Forwards the request without a fault."""
        self.send(self.forward())

    def send(
        self,
        reply: Reply,
        *,
        status: int | None = None,
        set_headers: dict[str, str | None] | None = None,
        limit: int | None = None,
        flip: int | None = None,
    ) -> None:
        """Sends a response to the client, up to limit bytes of its body, with byte number flip inverted."""
        changed = {k.lower(): v for k, v in (set_headers or {}).items()}
        headers = [(k, v) for k, v in reply.headers if k.lower() not in {*changed, "connection"}]
        headers += [(k, v) for k, v in (set_headers or {}).items() if v is not None]
        lines = [
            f"HTTP/1.1 {status or reply.status} X",
            *(f"{k}: {v}" for k, v in headers),
            "Connection: close",
        ]
        self.client.sendall("\r\n".join([*lines, "", ""]).encode("latin-1"))
        at = 0
        while limit is None or at < limit:
            piece = reply.read(PIECE if limit is None else min(PIECE, limit - at))
            if not piece:
                return
            if flip is not None and at <= flip < at + len(piece):
                piece = bytearray(piece)
                piece[flip - at] ^= 0xFF
            at += len(piece)
            self.client.sendall(piece)

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        """Sends a response that the service did not give."""
        lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", "Connection: close"]
        lines += [f"{k.replace('_', '-')}: {v}" for k, v in headers.items()]
        self.client.sendall(
            "\r\n".join([*lines, "", ""]).encode("latin-1") + (body if status != 204 else b"")
        )

    def drain(self, limit: int | None = None) -> None:
        """Reads the body of the request and drops it."""
        for _ in self.body(limit):
            pass

    def stall(self, seconds: float = 90) -> None:
        """Waits until the plan changes."""
        self.over.wait(seconds)

    def reset(self) -> None:
        """Resets the connection to the client."""
        self._reader.close()
        reset(self.client)

    def cut_upstream(self) -> None:
        """Resets the connection to the service."""
        if self._upstream:
            reset(self._upstream)
            self._upstream = None

    def linger(self) -> None:
        """Ends the response and waits for the client: a close with unread data would discard the response."""
        self.client.shutdown(socket.SHUT_WR)
        self.client.settimeout(5)
        while self.client.recv(PIECE):
            pass

    def close(self) -> None:
        for each in (self._reader, self.client, self._upstream):
            if each:
                each.close()


class Reply:
    """The response of the service, with its body still unread."""

    def __init__(self, upstream: socket.socket) -> None:
        self._reader = upstream.makefile("rb")
        self.status = int(self._reader.readline().split()[1])
        self.headers = Exchange._head(self._reader)

    def read(self, count: int) -> bytes:
        return self._reader.read1(count)
