"""What can go wrong with one request: faults for the proxy."""

from __future__ import annotations

from typing import Any

from tests.faults.proxy import Exchange, Fault

OCTETS = "application/octet-stream"


# Before, during and after the body of a request --------------------------------------------------------------


def early(status: int, read: int = 0, **headers: str) -> Fault:
    """Responds after read bytes of the body, and reads no more."""

    def fault(exchange: Exchange) -> None:
        exchange.drain(read)
        exchange.answer(status, b'{"message": "no"}', Content_Type="application/json", **headers)
        exchange.stall(5)

    return fault


def late(status: int, **headers: str) -> Fault:
    """Responds after the whole body; the service gets nothing."""

    def fault(exchange: Exchange) -> None:
        exchange.drain()
        exchange.answer(status, b'{"message": "no"}', Content_Type="application/json", **headers)

    return fault


def instead(status: int) -> Fault:
    """The service does the work, and the client gets another response."""

    def fault(exchange: Exchange) -> None:
        exchange.forward()
        exchange.answer(
            status, b"<html><title>Bad</title><body>gateway</body></html>", Content_Type="text/html"
        )

    return fault


def lost(exchange: Exchange) -> None:
    """The service does the work, and the client gets no response."""
    exchange.forward()
    exchange.reset()


def cut(at: int) -> Fault:
    """Both connections break after at bytes of the body."""

    def fault(exchange: Exchange) -> None:
        upstream = exchange.connect()
        for wire, _ in exchange.body(at):
            upstream.sendall(wire)
        exchange.cut_upstream()
        exchange.reset()

    return fault


def flipped_up(at: int) -> Fault:
    """One byte of the body is inverted."""

    def fault(exchange: Exchange) -> None:
        exchange.send(exchange.forward(flip=at))

    return fault


def stalled_up(at: int) -> Fault:
    """Nothing is read after at bytes of the body."""

    def fault(exchange: Exchange) -> None:
        exchange.drain(at)
        exchange.stall()

    return fault


def stalled_answer(exchange: Exchange) -> None:
    """The service does the work, and its response does not arrive."""
    exchange.forward()
    exchange.stall()


def page(exchange: Exchange) -> None:
    """Responds with a login page."""
    exchange.drain()
    exchange.answer(200, b"<html><title>Log in</title></html>", Content_Type="text/html")


def redirect(exchange: Exchange) -> None:
    """Redirects to another host."""
    exchange.drain()
    exchange.answer(302, Location="http://elsewhere.test/")


# During the response -----------------------------------------------------------------------------


def status(code: int, body: bytes = b'{"message": "no"}', **headers: str) -> Fault:
    """Responds with this status to a request without a body."""

    def fault(exchange: Exchange) -> None:
        exchange.answer(code, body, Content_Type="application/json", **headers)

    return fault


def broken(at: int) -> Fault:
    """Announces the right length, and resets the connection after at bytes."""

    def fault(exchange: Exchange) -> None:
        exchange.send(exchange.forward(), limit=at)
        exchange.reset()

    return fault


def truncated(at: int) -> Fault:
    """Announces the right length, and closes the connection after at bytes."""

    def fault(exchange: Exchange) -> None:
        exchange.send(exchange.forward(), limit=at)

    return fault


def ended(at: int) -> Fault:
    """Announces no length, and closes the connection after at bytes."""

    def fault(exchange: Exchange) -> None:
        exchange.send(exchange.forward(), limit=at, set_headers={"Content-Length": None})

    return fault


def flipped_down(at: int) -> Fault:
    """One byte of the response is inverted."""

    def fault(exchange: Exchange) -> None:
        exchange.send(exchange.forward(), flip=at)

    return fault


def stalled_down(at: int) -> Fault:
    """Nothing is sent after at bytes of the response."""

    def fault(exchange: Exchange) -> None:
        exchange.send(exchange.forward(), limit=at)
        exchange.stall()

    return fault


def no_ranges(exchange: Exchange) -> None:
    """Responds with 200 and all data, whatever range was requested."""
    exchange.send(exchange.forward(drop=("Range",)))


def lying(content_range: str, **more: Any) -> Fault:
    """Responds with 206 and this Content-Range."""

    def fault(exchange: Exchange) -> None:
        exchange.send(
            exchange.forward(**more), status=206, set_headers={"Content-Range": content_range}
        )

    return fault


def promising(length: int) -> Fault:
    """Announces a wrong Content-Length."""

    def fault(exchange: Exchange) -> None:
        exchange.send(exchange.forward(), set_headers={"Content-Length": str(length)})

    return fault
