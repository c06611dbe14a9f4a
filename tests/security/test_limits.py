"""Servers that send too much, too slowly or without end: each ends in one sentence, and soon."""

from __future__ import annotations

import gzip
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from tests.support.images import A, image
from tests.support.programs import Result

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
LIST = json.dumps({"images": [image()]}).encode()
OK = HEAD + b"Content-Length: %d\r\n\r\n" % len(LIST) + LIST
MIB = 2**20

Start = Callable[[Iterator[bytes]], str]


@pytest.fixture
def serve() -> Iterator[Callable[[Callable[[], Iterator[bytes]]], str]]:
    """Starts a server that sends these pieces to each connection; returns its URL."""
    listeners: list[socket.socket] = []

    def start(pieces: Callable[[], Iterator[bytes]]) -> str:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)

        def answer(connection: socket.socket) -> None:
            with connection:
                connection.recv(65536)
                try:
                    for piece in pieces():
                        connection.sendall(piece)
                except OSError:
                    return  # the client has had enough

        def accept() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                threading.Thread(target=answer, args=(connection,), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        return f"http://127.0.0.1:{listener.getsockname()[1]}"

    yield start
    for listener in listeners:
        listener.close()


def forever(piece: bytes) -> Iterator[bytes]:
    while True:
        yield piece


def tebibyte() -> Iterator[bytes]:
    yield HEAD + b"Content-Length: 1099511627776\r\n\r\n"
    yield from forever(b" " * MIB)


def endless_body() -> Iterator[bytes]:
    yield HEAD + b"Connection: close\r\n\r\n"
    yield from forever(b" " * MIB)


def endless_chunks() -> Iterator[bytes]:
    yield HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
    yield from forever(b"100000\r\n" + b" " * MIB + b"\r\n")


def endless_chunk_size() -> Iterator[bytes]:
    yield HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
    yield from forever(b"0" * MIB)


def bomb() -> Iterator[bytes]:
    packed = gzip.compress(b" " * (100 * MIB))
    yield HEAD + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed)
    yield packed


TOO_LARGE = "the response of {} is too large to be an OpenStack service's. Check the endpoint."


@pytest.mark.parametrize("login", [False, True], ids=["service", "login"])
@pytest.mark.parametrize("pieces", [tebibyte, endless_body, endless_chunks, bomb])
def test_a_response_without_measure_is_refused(
    glance: Callable[..., Result],
    serve: Callable[..., str],
    pieces: Callable[[], Iterator[bytes]],
    login: bool,
) -> None:
    url = serve(pieces)
    options = ["--os-image-url", url]
    if login:
        options = ["--os-auth-url", url, "--os-username", "u", "--os-password", "p"]
    began = time.monotonic()
    result = glance(*options, "image-list")
    assert (result.code, result.out, result.err) == (
        1,
        "",
        f"glance: error: {TOO_LARGE.format(url)}\n",
    )
    assert time.monotonic() - began < 20


def negative_chunk_size() -> Iterator[bytes]:
    yield HEAD + b"Transfer-Encoding: chunked\r\n\r\n-5\r\n"


@pytest.mark.parametrize("pieces", [endless_chunk_size, negative_chunk_size])
def test_a_chunk_without_a_size_is_refused(
    glance: Callable[..., Result],
    serve: Callable[..., str],
    pieces: Callable[[], Iterator[bytes]],
) -> None:
    url = serve(pieces)
    result = glance("--os-image-url", url, "image-list")
    assert (result.code, result.err) == (
        1,
        f"glance: error: the connection to {url} broke: the response is not valid HTTP. "
        "Check that the service is up and reachable from here.\n",
    )


def drops(beginning: bytes, drop: bytes) -> Callable[[], Iterator[bytes]]:
    def pieces() -> Iterator[bytes]:
        yield beginning
        for _ in range(200):
            threading.Event().wait(0.05)
            yield drop

    return pieces


@pytest.mark.parametrize(
    "pieces",
    [
        drops(HEAD + b"Content-Length: 99999\r\n\r\n", b" "),
        drops(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
        drops(HEAD, b"x-drop: 1\r\n"),
        drops(b"HTTP/1.1 ", b"2"),
        drops(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
    ids=["body", "chunks", "headers", "status", "interim"],
)
def test_a_response_in_drops_ends_with_the_timeout(
    glance: Callable[..., Result],
    serve: Callable[..., str],
    pieces: Callable[[], Iterator[bytes]],
) -> None:
    url = serve(pieces)
    began = time.monotonic()
    result = glance("--os-image-url", url, "--timeout", "0.5", "image-list")
    assert result.code == 1
    assert result.err in (
        f"glance: error: the response of {url} did not end within 0.5 seconds. "
        "Use --timeout to wait longer.\n",
        f"glance: error: the connection to {url} broke: the response is not valid HTTP. "
        "Check that the service is up and reachable from here.\n",
        # On a busy machine a drop comes late.
        f"glance: error: {url} did not respond within 0.5 seconds. Use --timeout to wait longer.\n",
    )
    assert time.monotonic() - began < 8


@pytest.mark.parametrize("status", [b"100 Continue", b"102 Processing", b"103 Early Hints"])
def test_interim_responses_are_skipped(
    glance: Callable[..., Result], serve: Callable[..., str], status: bytes
) -> None:
    interim = b"HTTP/1.1 " + status + b"\r\nLink: <x>\r\n\r\n"
    url = serve(lambda: iter([interim, interim, OK]))
    result = glance("--os-image-url", url, "image-list", "-f", "value", "-c", "ID")
    assert (result.code, result.out, result.err) == (0, f"{A}\n", "")


def test_interim_responses_without_end_are_refused(
    glance: Callable[..., Result], serve: Callable[..., str]
) -> None:
    url = serve(lambda: forever(b"HTTP/1.1 100 Continue\r\n\r\n"))
    result = glance("--os-image-url", url, "image-list")
    assert (result.code, result.err) == (
        1,
        f"glance: error: the connection to {url} broke: the response is not valid HTTP. "
        "Check that the service is up and reachable from here.\n",
    )


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", "GZIP"])
def test_a_packed_response_is_unpacked_though_none_was_asked_for(
    glance: Callable[..., Result], serve: Callable[..., str], encoding: str
) -> None:
    packed = gzip.compress(LIST)
    head = HEAD + f"Content-Encoding: {encoding}\r\nContent-Length: {len(packed)}\r\n\r\n".encode()
    url = serve(lambda: iter([head, packed]))
    result = glance("--os-image-url", url, "image-list", "-f", "value", "-c", "ID")
    assert (result.code, result.out, result.err) == (0, f"{A}\n", "")


@pytest.mark.parametrize("encoding", ["br", "gzip", "gzip, gzip"])
def test_a_response_that_cannot_be_unpacked_is_an_error(
    glance: Callable[..., Result], serve: Callable[..., str], encoding: str
) -> None:
    head = HEAD + f"Content-Encoding: {encoding}\r\nContent-Length: 3\r\n\r\nabc".encode()
    url = serve(lambda: iter([head]))
    result = glance("--os-image-url", url, "image-list")
    assert result.err == (
        f"glance: error: the connection to {url} broke: the response cannot be decompressed. "
        "Check that the service is up and reachable from here.\n"
    )


def test_a_long_error_keeps_its_status(
    glance: Callable[..., Result], serve: Callable[..., str]
) -> None:
    body = json.dumps({"message": "too many images", "x": "y" * (2 * MIB)}).encode()
    head = b"HTTP/1.1 413 Too Large\r\nContent-Length: %d\r\n\r\n" % len(body)
    url = serve(lambda: iter([head, body]))
    result = glance("--os-image-url", url, "image-list")
    assert result.code == 1
    assert result.err.endswith("(HTTP 413)\n")


def test_headers_without_end_in_front_of_image_data_are_refused(
    glance: Callable[..., Result], serve: Callable[..., str], tmp_path: object
) -> None:
    record = json.dumps(image(size=3)).encode()
    shown = HEAD + b"Content-Length: %d\r\n\r\n" % len(record) + record
    answers = iter([iter([shown])])

    def pieces() -> Iterator[bytes]:
        return next(answers, forever(HEAD[:-2] + b"\r\n" + b"x" * MIB))

    url = serve(pieces)
    began = time.monotonic()
    words = ("image-download", A, "--file", f"{tmp_path}/x", "--retries", "0")
    result = glance("--os-image-url", url, *words)
    assert (result.code, "Please report" in result.err) == (1, False)
    assert time.monotonic() - began < 20


@pytest.mark.parametrize(
    "header", ["Content-Length: \xb2", "Content-Length: " + "9" * 5000, "Content-Length: -1"]
)
def test_a_length_that_is_not_a_number_is_not_believed(
    glance: Callable[..., Result], serve: Callable[..., str], header: str
) -> None:
    url = serve(lambda: iter([HEAD + header.encode("latin-1") + b"\r\n\r\n" + LIST]))
    result = glance("--os-image-url", url, "image-list")
    assert "unexpected" not in result.err


@pytest.mark.parametrize("wish", ["\xb2", "-1", "1e9", "9" * 400, "nan"])
def test_a_wish_to_wait_that_is_not_a_number_is_ignored(
    glance: Callable[..., Result], serve: Callable[..., str], wish: str
) -> None:
    busy = f"HTTP/1.1 503 Busy\r\nRetry-After: {wish}\r\nContent-Length: 0\r\n\r\n".encode(
        "latin-1"
    )
    url = serve(lambda: iter([busy]))
    result = glance("--os-image-url", url, "--timeout", "1", "image-list")
    assert result.err == "glance: error: Service Unavailable (HTTP 503)\n"


@pytest.mark.parametrize("size", [b"-3", b"+3", b"0x3", b"1_0", b"", b"f" * 99, b" 3"])
def test_a_chunk_of_image_data_with_a_strange_size_ends_the_transfer(
    glance: Callable[..., Result], serve: Callable[..., str], tmp_path: object, size: bytes
) -> None:
    record = json.dumps(image(size=3)).encode()
    shown = HEAD + b"Content-Length: %d\r\n\r\n" % len(record) + record
    data = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + size + b"\r\nabc\r\n0\r\n\r\n"
    answers = iter([iter([shown])])
    url = serve(lambda: next(answers, iter([data])))
    words = ("image-download", A, "--file", f"{tmp_path}/x", "--retries", "0", "--no-verify")
    result = glance("--os-image-url", url, *words)
    assert (result.code, "was closed with" in result.err) == (1, True), result.err


def test_an_error_in_drops_to_an_upload_ends_with_the_stall_timeout(
    glance: Callable[..., Result], serve: Callable[..., str]
) -> None:
    beginning = b"HTTP/1.1 400 Bad\r\nContent-Length: 99999\r\n\r\n"
    record = json.dumps(image(size=None, status="queued")).encode()
    shown = HEAD + b"Content-Length: %d\r\n\r\n" % len(record) + record
    answers = iter([iter([shown])])
    dripping = drops(beginning, b" ")
    url = serve(lambda: next(answers, None) or dripping())
    began = time.monotonic()
    words = ("image-stage", A, "--stall-timeout", "1", "--retries", "0")
    result = glance("--os-image-url", url, *words, stdin=b"abc")
    assert result.code == 1
    assert time.monotonic() - began < 8
