"""Image data over real sockets on loopback: plain, TLS, through proxies, and early responses."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from glancecli.errors import ConnectionFailed, GlanceError, HttpError, Stalled, Unauthorized
from glancecli.transport.client import ServiceClient
from glancecli.transport.stream import receive, send
from tests.support.transferring import MIB, Identity, noise

TLS = Path(__file__).parent.parent / "data" / "tls"
BIG = 64 * MIB
Handler = Callable[[socket.socket], None]


class Server:
    """Passes each connection to a function; over TLS with a self-signed certificate."""

    def __init__(self, handler: Handler, *, tls: bool = False) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._context = None
        if tls:
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._context.load_cert_chain(TLS / "cert.pem", TLS / "key.pem")
        self._handler = handler
        self.over = threading.Event()
        self.port = self._listener.getsockname()[1]
        self.url = f"{'https' if tls else 'http'}://localhost:{self.port}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                sock, _ = self._listener.accept()
                threading.Thread(target=self._run, args=(sock,), daemon=True).start()

    def _run(self, sock: socket.socket) -> None:
        with contextlib.suppress(OSError):
            if self._context:
                sock = self._context.wrap_socket(sock, server_side=True)
            with sock:
                self._handler(sock)

    def close(self) -> None:
        self.over.set()
        self._listener.close()


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    servers: list[Server] = []

    def start(handler: Handler, **more: Any) -> Server:
        servers.append(Server(handler, **more))
        return servers[-1]

    yield start
    for each in servers:
        each.close()


def client(
    url: str, *, stall: float = 5, verify: bool | str = str(TLS / "cert.pem")
) -> ServiceClient:
    identity = Identity(url, timeout=stall)
    identity.client_options = identity.client_options._replace(verify=verify)
    return ServiceClient(identity, "image")  # type: ignore[arg-type]


def head(sock: socket.socket) -> tuple[str, bytes]:
    """Returns the head of a request, and the part of its body that came with it."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = sock.recv(65536)
        if not piece:
            return "", b""
        data += piece
    text, _, rest = data.partition(b"\r\n\r\n")
    return text.decode(), rest


def reply(sock: socket.socket, status: str, body: bytes = b"", *headers: str) -> None:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    sock.sendall("\r\n".join(lines).encode() + body)


def pieces(size: int) -> Iterator[bytes]:
    piece = bytes(MIB)
    for at in range(0, size, MIB):
        yield piece[: min(MIB, size - at)]


@pytest.mark.parametrize("tls", [False, True])
@pytest.mark.parametrize("sized", [False, True])
def test_everything_arrives_as_it_was_sent(
    serve: Callable[..., Server], tls: bool, sized: bool
) -> None:
    data = noise(5 * MIB + 17)
    got: list[tuple[str, bytes]] = []

    def handler(sock: socket.socket) -> None:
        text, rest = head(sock)
        ending = b"0\r\n\r\n"
        while len(rest) < len(data) if sized else not rest.endswith(ending):
            rest += sock.recv(MIB)
        got.append((text, rest))
        reply(sock, "204 No Content")

    chunks = [data[at : at + MIB] for at in range(0, len(data), MIB)]
    size = len(data) if sized else None
    send(
        client(serve(handler, tls=tls).url),
        "PUT",
        "/v2/images/x/file",
        [chunks[0], b"", *chunks[1:]],
        size,
    )
    text, body = got[0]
    if sized:
        assert body == data
        assert f"Content-Length: {len(data)}" in text
        assert "Transfer-Encoding" not in text
    else:
        assert body == b"".join(b"%x\r\n%b\r\n" % (len(c), c) for c in chunks) + b"0\r\n\r\n"
        assert "Transfer-Encoding: chunked" in text
        assert "Content-Length" not in text


@pytest.mark.parametrize("tls", [False, True])
@pytest.mark.parametrize("size", [BIG, None])
def test_an_early_response_is_read_at_once(
    serve: Callable[..., Server], tls: bool, size: int | None
) -> None:
    def handler(sock: socket.socket) -> None:
        head(sock)
        reply(sock, "401 Unauthorized", b'{"message": "go away"}', "Content-Type: application/json")
        server.over.wait(20)  # and reads nothing more

    server = serve(handler, tls=tls)
    http = client(server.url, stall=10)
    begun = time.monotonic()
    with pytest.raises(Unauthorized, match="go away"):
        send(http, "PUT", "/v2/images/x/file", pieces(BIG), size)
    assert time.monotonic() - begun < 10, "it waited for the stall"
    assert http.identity.renewed == ["good-token"]  # type: ignore[attr-defined]


@pytest.mark.parametrize("tls", [False, True])
def test_an_early_success_is_an_error(serve: Callable[..., Server], tls: bool) -> None:
    def handler(sock: socket.socket) -> None:
        head(sock)
        reply(sock, "204 No Content")
        server.over.wait(20)

    server = serve(handler, tls=tls)
    with pytest.raises(ConnectionFailed, match="reported success before everything was sent"):
        send(client(server.url), "PUT", "/file", pieces(BIG), BIG)


@pytest.mark.parametrize("tls", [False, True])
def test_a_server_that_takes_no_data_is_a_stall(serve: Callable[..., Server], tls: bool) -> None:
    server = serve(lambda sock: (head(sock), server.over.wait(20)), tls=tls)
    with pytest.raises(Stalled, match=r"no data to or from .* for 0.5 s"):
        send(client(server.url), "PUT", "/file", pieces(BIG), BIG, stall=0.5)


@pytest.mark.parametrize("tls", [False, True])
def test_a_server_that_sends_no_data_is_a_stall(serve: Callable[..., Server], tls: bool) -> None:
    def handler(sock: socket.socket) -> None:
        head(sock)
        sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + b"x" * 40)
        server.over.wait(20)

    server = serve(handler, tls=tls)
    stream = receive(client(server.url), "/file", stall=0.5)
    view = memoryview(bytearray(100))
    assert stream.readinto(view) == 40
    with pytest.raises(Stalled):
        stream.readinto(view)
    stream.close()


@pytest.mark.parametrize(
    ("given", "words"), [(99, "ended after 99 of the promised 100"), (101, "more data than")]
)
def test_no_other_length_than_promised_is_sent(
    serve: Callable[..., Server], given: int, words: str
) -> None:
    got: list[int] = []

    def handler(sock: socket.socket) -> None:
        _, rest = head(sock)
        while piece := sock.recv(65536):
            rest += piece
        got.append(len(rest))
        server.over.set()

    server = serve(handler)
    with pytest.raises(GlanceError, match=words):
        send(client(server.url), "PUT", "/file", [b"x" * 50, b"y" * (given - 50)], 100)
    server.over.wait(5)
    assert got[0] <= 100


def test_a_chunked_response_is_read_to_the_last_byte_before_the_connection_breaks(
    serve: Callable[..., Server],
) -> None:
    def handler(sock: socket.socket) -> None:
        head(sock)
        sock.sendall(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n20;x=y\r\nbroken"
        )

    stream = receive(client(serve(handler).url), "/file")
    view = memoryview(bytearray(100))
    assert (stream.length, stream.readinto(view), bytes(view[:11])) == (None, 11, b"hellobroken")
    with pytest.raises(ConnectionFailed, match="closed with data missing"):
        stream.readinto(view)
    stream.close()


def test_a_chunked_response_ends_at_its_last_chunk(serve: Callable[..., Server]) -> None:
    def handler(sock: socket.socket) -> None:
        head(sock)
        sock.sendall(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
        )
        server.over.wait(20)

    server = serve(handler)
    stream = receive(client(server.url), "/file")
    view = memoryview(bytearray(100))
    assert (stream.readinto(view), stream.readinto(view)) == (5, 0)
    stream.close()


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("bytes 5-9/10", (5, 9, 10)),
        ("bytes 5-9/*", (5, 9, None)),
        ("BYTES 0-0/1", (0, 0, 1)),
        ("bytes */10", None),
        ("5-9/10", None),
        ("", None),
    ],
)
def test_a_content_range_is_read_as_the_rfc_writes_it(
    serve: Callable[..., Server], header: str, found: Any
) -> None:
    def handler(sock: socket.socket) -> None:
        assert "Range: bytes=5-9" in head(sock)[0]
        reply(sock, "206 Partial Content", b"abcde", f"Content-Range: {header}")

    stream = receive(client(serve(handler).url), "/file", start=5, end=9)
    assert (stream.status, stream.length, stream.content_range) == (206, 5, found)
    stream.close()


def test_only_the_beginning_of_a_long_error_body_is_read(serve: Callable[..., Server]) -> None:
    def handler(sock: socket.socket) -> None:
        head(sock)
        sock.sendall(b"HTTP/1.1 500 Oops\r\nContent-Length: 99999999999\r\n\r\n")
        while True:
            sock.sendall(b"x" * 65536)

    with pytest.raises(HttpError, match="HTTP 500"):
        receive(client(serve(handler).url), "/file")


def test_compressed_data_is_refused(serve: Callable[..., Server]) -> None:
    def handler(sock: socket.socket) -> None:
        text, _ = head(sock)
        assert "Accept-Encoding: identity" in text
        reply(sock, "200 OK", b"zzz", "Content-Encoding: gzip", "Content-Type: application/gzip")

    with pytest.raises(
        GlanceError, match=r"is not an OpenStack service|returned .*, not image data"
    ):
        receive(client(serve(handler).url), "/file")


def test_a_plain_request_goes_through_the_proxy_of_the_environment(
    serve: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    def handler(sock: socket.socket) -> None:
        text, rest = head(sock)
        while len(rest) < 3 * MIB:
            rest += sock.recv(MIB)
        seen.append(text.split("\r\n")[0])
        reply(sock, "204 No Content")

    monkeypatch.setenv("http_proxy", serve(handler).url)
    send(client("http://glance.test:9292"), "PUT", "/v2/file", pieces(3 * MIB), 3 * MIB)
    assert seen == ["PUT http://glance.test:9292/v2/file HTTP/1.1"]


def test_tls_goes_through_a_tunnel(
    serve: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    def service(sock: socket.socket) -> None:
        head(sock)
        reply(sock, "401 Unauthorized")
        server.over.wait(20)

    server = serve(service, tls=True)

    def proxy(sock: socket.socket) -> None:
        seen.append(head(sock)[0].split("\r\n")[0])
        with socket.create_connection(("127.0.0.1", server.port)) as behind:
            sock.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            threading.Thread(target=pump, args=(behind, sock), daemon=True).start()
            pump(sock, behind)
            behind.shutdown(socket.SHUT_RDWR)

    monkeypatch.setenv("https_proxy", serve(proxy).url)
    with pytest.raises(Unauthorized):
        send(client("https://glance.test", verify=False), "PUT", "/v2/file", pieces(BIG), BIG)
    assert [line.rpartition(" ")[0] for line in seen] == ["CONNECT glance.test:443"]


def pump(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while piece := source.recv(65536):
            target.sendall(piece)


def test_transfers_use_no_more_memory_than_their_buffers(
    serve: Callable[..., Server],
) -> None:
    def handler(sock: socket.socket) -> None:
        text, rest = head(sock)
        if text.startswith("PUT"):
            got, buffer = len(rest), bytearray(MIB)
            while got < BIG:
                got += sock.recv_into(buffer)
            reply(sock, "204 No Content")
        else:
            sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % BIG)
            buffer = bytearray(MIB)
            for _ in range(BIG // MIB):
                sock.sendall(buffer)

    http = client(serve(handler).url)
    send(http, "PUT", "/warm", pieces(BIG), BIG)
    view = memoryview(bytearray(MIB))
    tracemalloc.start()
    try:
        send(http, "PUT", "/file", pieces(BIG), BIG)
        stream = receive(http, "/file")
        while stream.readinto(view):
            pass
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 6 * MIB
