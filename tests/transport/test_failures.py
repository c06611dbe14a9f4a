"""Errors for requests without a response: each kind of failure has words, without text of Python."""

from __future__ import annotations

import http.client
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator

import pytest
import requests
import urllib3

from glancecli.errors import ConnectionFailed, GlanceError, Hint, Stalled, Unreachable
from glancecli.transport.failures import connection_error, interruption, transfer_error
from glancecli.transport.options import ClientOptions
from glancecli.transport.session import CloudSession

URL = "https://user:secret@glance.test:9292/v2/images"
SERVER = "https://glance.test:9292"
OPTIONS = ClientOptions(verify=True, cert=None, timeout=None, no_answer_hint="")

# How exceptions of Python, requests and urllib3 look as text.
PYTHON_TEXT = re.compile(
    r"Error|Exception|HTTPS?Connection|object at 0x|\[Errno|_ssl|Remote end|bytes read|Max retries|[<{(\[]"
)


def caused_by(error: requests.RequestException, *causes: BaseException) -> BaseException:
    """Returns the exception with the others as its causes, the last one innermost."""
    outer: BaseException = error
    for cause in causes:
        outer.__cause__ = cause
        outer = cause
    return error


def not_connected(cause: OSError) -> BaseException:
    pool = urllib3.HTTPConnectionPool("glance.test")
    failure = urllib3.exceptions.NewConnectionError(
        urllib3.connection.HTTPConnection("glance.test"), "Failed to establish a new connection"
    )
    failure.__cause__ = cause
    retries = urllib3.exceptions.MaxRetryError(pool, "/v2/images", failure)
    return requests.exceptions.ConnectionError(retries)


@pytest.mark.parametrize(
    ("error", "kind", "message"),
    [
        (
            requests.exceptions.MissingSchema("Invalid URL 'x': No scheme supplied"),
            GlanceError,
            "https://***@glance.test:9292/v2/images is not an http or https URL",
        ),
        (
            requests.exceptions.InvalidHeader("Invalid leading whitespace in header value"),
            GlanceError,
            f"HTTP does not allow a header of the request to {SERVER}",
        ),
        (
            requests.exceptions.ProxyError(OSError("Tunnel connection failed: 403 Forbidden")),
            GlanceError,
            f"the proxy refused to connect to {SERVER}",
        ),
        (
            requests.exceptions.ProxyError(OSError("Tunnel connection failed: 407 Login")),
            GlanceError,
            "a proxy between here and the service requires a login",
        ),
        (
            requests.exceptions.ProxyError(ConnectionRefusedError(111, "Connection refused")),
            Unreachable,
            f"cannot connect to {SERVER} through the proxy: connection refused",
        ),
        (
            requests.exceptions.ConnectTimeout("slow"),
            Unreachable,
            f"cannot connect to {SERVER}: connection timed out",
        ),
        (
            requests.exceptions.ReadTimeout("Read timed out."),
            ConnectionFailed,
            f"{SERVER} did not respond within 30 seconds",
        ),
        (
            not_connected(socket.gaierror(-2, "Name or service not known")),
            Unreachable,
            "cannot resolve host glance.test",
        ),
        (
            not_connected(OSError(113, "No route to host")),
            Unreachable,
            f"cannot connect to {SERVER}: no route to host",
        ),
        (
            caused_by(
                requests.exceptions.ConnectionError("('Connection aborted.', ...)"),
                ConnectionResetError(104, "Connection reset by peer"),
            ),
            ConnectionFailed,
            f"the connection to {SERVER} broke: connection reset by peer",
        ),
        (
            caused_by(
                requests.exceptions.ChunkedEncodingError("Response ended prematurely"),
                http.client.IncompleteRead(b"x" * 20, 100),
            ),
            ConnectionFailed,
            f"the connection to {SERVER} broke: the response ended early",
        ),
        (
            requests.exceptions.ContentDecodingError(urllib3.exceptions.DecodeError("gzip")),
            ConnectionFailed,
            f"the connection to {SERVER} broke: the response cannot be decompressed",
        ),
        (
            requests.exceptions.SSLError(ssl.SSLError(1, "[SSL] unknown (_ssl.c:1006)")),
            ConnectionFailed,
            f"cannot set up TLS with {SERVER}: the handshake failed",
        ),
        (
            requests.exceptions.RequestException("<Something odd>"),
            ConnectionFailed,
            f"the connection to {SERVER} broke",
        ),
    ],
)
def test_each_kind_of_failure_has_words(
    error: BaseException, kind: type[GlanceError], message: str
) -> None:
    found = connection_error(error, URL, 30, OPTIONS)
    assert (type(found), found.message) == (kind, message)
    assert not PYTHON_TEXT.search(
        str(found).replace(SERVER, "").replace("(--os-", "").replace("(HTTP 40", "")
    )


@pytest.mark.parametrize(
    ("error", "kind", "message"),
    [
        (TimeoutError("timed out"), Stalled, "no data to or from {} for 30 s"),
        (
            http.client.IncompleteRead(b"", 20),
            ConnectionFailed,
            "the connection to {} was closed with 20 bytes missing",
        ),
        (
            http.client.IncompleteRead(b""),
            ConnectionFailed,
            "the connection to {} was closed with data missing",
        ),
        (
            ConnectionResetError(104, "Connection reset by peer"),
            ConnectionFailed,
            "the connection to {} broke: connection reset by peer",
        ),
    ],
)
def test_each_interruption_of_a_transfer_has_words(
    error: Exception, kind: type[GlanceError], message: str
) -> None:
    found = interruption(error, URL, 30)
    expected = message.format("https://***@glance.test:9292/v2/images")
    assert (type(found), found.message) == (kind, expected)


def test_a_transfer_that_finds_no_server_is_not_called_an_interruption() -> None:
    error = not_connected(ConnectionRefusedError(111, "Connection refused"))
    found = transfer_error(error, URL, 30, OPTIONS)
    assert found.message == f"cannot connect to {SERVER}: connection refused"


def test_the_hint_for_a_service_that_is_not_running_comes_from_the_options() -> None:
    hint = Hint("{} starts the sandbox.", ("sandbox", "up"))
    error = not_connected(ConnectionRefusedError(111, "Connection refused"))
    found = connection_error(error, URL, 30, OPTIONS._replace(no_answer_hint=hint))
    assert found.hint is hint


@pytest.fixture
def respond_with() -> Iterator[Callable[[bytes], str]]:
    """Starts servers that send these bytes to each connection and close it; returns their URLs."""
    listeners: list[socket.socket] = []

    def start(sent: bytes) -> str:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(sent)

        threading.Thread(target=serve, daemon=True).start()
        return f"http://127.0.0.1:{listener.getsockname()[1]}"

    yield start
    for listener in listeners:
        listener.close()


@pytest.mark.parametrize(
    ("sent", "cause"),
    [
        (b"", "the server closed it without a response"),
        (b"SSH-2.0-OpenSSH_9.6\r\n\r\n", "the response is not valid HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort", "the response ended early"),
    ],
)
def test_a_server_that_does_not_speak_http_properly_has_words(
    respond_with: Callable[[bytes], str], sent: bytes, cause: str
) -> None:
    url = respond_with(sent)
    with pytest.raises(requests.RequestException) as caught, CloudSession(True, None) as session:
        session.get(url, timeout=5)
    found = connection_error(caught.value, url, 5, OPTIONS)
    assert found.message == f"the connection to {url} broke: {cause}"
