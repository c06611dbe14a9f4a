"""A small web server in this process, with files and faults, as the source of images."""

from __future__ import annotations

import hashlib
import re
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.support.fakeglance import reset

PIECE = 65536
DATE = "Thu, 26 Nov 2026 12:00:00 GMT"
LONG_AGO = "Mon, 02 Nov 2026 12:00:00 GMT"


class WebServer(ThreadingHTTPServer):
    """files are by path. faults are for one request each, in order, but not for those of single
    parts, by which a format is detected; seen has every request.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files: dict[str, bytes] = {}
        self.headers: dict[str, str | None] = {}  # of every answer; None leaves one out
        self.faults: list[Fault] = []
        self.seen: list[tuple[str, dict[str, str]]] = []
        self.sent = 0  # bytes of bodies
        self.over = threading.Event()
        self._thread = threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    def url(self, path: str, login: str = "") -> str:
        return f"http://{login}127.0.0.1:{self.server_port}{path}"

    def ranges(self, path: str) -> list[str]:
        """The Range headers of all requests for a path, "" for those without."""
        return [headers.get("range", "") for seen, headers in self.seen if seen == path]

    def close(self) -> None:
        self.over.set()
        self.shutdown()
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignores clients that close the connection, which is part of these tests."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: WebServer

    def log_message(self, *args: Any) -> None:
        """Logs nothing."""

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        self.server.seen.append((path, {k.lower(): v for k, v in self.headers.items()}))
        is_inspection = re.fullmatch(r"bytes=\d+-\d+", self.headers.get("Range", ""))
        if path in self.server.files and self.server.faults and not is_inspection:
            self.server.faults.pop(0)(self)
            return
        self.answer()

    def answer(self, *, cut: int | None = None, **headers: str | None) -> None:
        """Sends the file or the part of it that was asked for; up to cut bytes, then a reset."""
        data = self.server.files.get(self.path.partition("?")[0])
        if data is None:
            return self.refuse(404)
        tag = f'"{hashlib.md5(data).hexdigest()}"'
        changed = {name.replace("_", "-"): value for name, value in headers.items()}
        all_headers: dict[str, str | None] = {
            "ETag": tag, "Last-Modified": LONG_AGO, "Date": DATE, "Accept-Ranges": "bytes",
            "Content-Type": "application/octet-stream",
        }  # fmt: skip
        first, last = 0, len(data) - 1
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        condition = self.headers.get("If-Range")
        is_part = asked and condition in (None, tag, LONG_AGO)
        if asked and is_part:
            first, last = int(asked[1]), min(int(asked[2] or last), last)
            all_headers["Content-Range"] = f"bytes {first}-{last}/{len(data)}"
            if first >= len(data):
                return self.refuse(416)
        body = data[first : last + 1]
        self.send_response_only(206 if is_part else 200)
        all_headers["Content-Length"] = str(len(body))
        all_headers |= {**self.server.headers, **changed}
        for name, value in all_headers.items():
            if value is not None:
                self.send_header(name, value)
        self.end_headers()
        self.send_body(body, cut)
        return None

    def send_body(self, body: bytes, cut: int | None = None) -> None:
        for at in range(0, len(body[:cut]), PIECE):
            piece = body[:cut][at : at + PIECE]
            self.server.sent += len(piece)
            self.wfile.write(piece)
        if cut is not None:
            self.close_connection = True
            self.wfile.flush()
            self.connection.shutdown(socket.SHUT_WR)

    def refuse(self, status: int, body: bytes = b"no", **headers: str) -> None:
        self.send_response_only(status)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def reset(self) -> None:
        self.close_connection = True
        reset(self.connection)


Fault = Callable[[Handler], None]


def fine(handler: Handler) -> None:
    """No fault."""
    handler.answer()


def cut_after(count: int, **headers: str | None) -> Fault:
    """Closes the connection after so many bytes."""
    return lambda handler: handler.answer(cut=count, **headers)


def reset_at_once(handler: Handler) -> None:
    """Resets the connection without a response."""
    handler.reset()


def silent(handler: Handler) -> None:
    """Sends nothing until the test is over."""
    handler.server.over.wait(60)
    handler.close_connection = True


def with_headers(**headers: str | None) -> Fault:
    """Sends other headers."""
    return lambda handler: handler.answer(**headers)


def refused(status: int, **headers: str) -> Fault:
    """Sends an error."""
    return lambda handler: handler.refuse(status, **headers)


def whole_file(handler: Handler) -> None:
    """Ignores the Range header."""
    del handler.headers["Range"]
    handler.answer()


def replaced_by(data: bytes) -> Fault:
    """Puts another file in place of the one that is asked for."""

    def fault(handler: Handler) -> None:
        handler.server.files[handler.path.partition("?")[0]] = data
        handler.answer()

    return fault


def stalled_after(count: int) -> Fault:
    """Sends so many bytes, and then nothing more until the test is over."""

    def fault(handler: Handler) -> None:
        data = handler.server.files[handler.path.partition("?")[0]]
        handler.send_response_only(200)
        handler.send_header("Content-Length", str(len(data)))
        handler.send_header("ETag", f'"{hashlib.md5(data).hexdigest()}"')
        handler.end_headers()
        handler.wfile.write(data[:count])
        handler.server.over.wait(60)
        handler.close_connection = True

    return fault


@pytest.fixture
def web() -> Iterator[WebServer]:
    made = WebServer()
    yield made
    made.close()
