"""What may go wrong with one request, each as a fault for the proxy."""

from __future__ import annotations

from typing import Any

from tests.faults.proxy import Exchange, Fault

OCTETS = "application/octet-stream"


# Before, while and after a body is sent --------------------------------------------------------------


def early(status: int, read: int = 0, **headers: str) -> Fault:
    """An answer after read bytes of the body, and nothing more is taken."""

    def fault(exchange: Exchange) -> None:
        exchange.drain(read)
        exchange.answer(status, b'{"message": "no"}', Content_Type="application/json", **headers)
        exchange.stall(5)

    return fault


def late(status: int, **headers: str) -> Fault:
    """An answer after the whole body, of which the service has seen nothing."""

    def fault(exchange: Exchange) -> None:
        exchange.drain()
        exchange.answer(status, b'{"message": "no"}', Content_Type="application/json", **headers)

    return fault


def instead(status: int) -> Fault:
    """The service has done it, and the client hears something else."""

    def fault(exchange: Exchange) -> None:
        exchange.forward()
        exchange.answer(
            status, b"<html><title>Bad</title><body>gateway</body></html>", Content_Type="text/html"
        )

    return fault


def lost(exchange: Exchange) -> None:
    """The service has done it, and the client hears nothing."""
    exchange.forward()
    exchange.reset()


def cut(at: int) -> Fault:
    """Everything breaks after at bytes of the body."""

    def fault(exchange: Exchange) -> None:
        upstream = exchange.connect()
        for wire, _ in exchange.body(at):
            upstream.sendall(wire)
        exchange.cut_upstream()
        exchange.reset()

    return fault


def flipped_up(at: int) -> Fault:
    """One byte of the body is turned over."""

    def fault(exchange: Exchange) -> None:
        exchange.send(exchange.forward(flip=at))

    return fault


def stalled_up(at: int) -> Fault:
    """After at bytes of the body nothing moves."""

    def fault(exchange: Exchange) -> None:
        exchange.drain(at)
        exchange.stall()

    return fault


def stalled_answer(exchange: Exchange) -> None:
    """The service has done it, and its answer does not come."""
    exchange.forward()
    exchange.stall()


def page(exchange: Exchange) -> None:
    """A login page in the place of an answer."""
    exchange.drain()
    exchange.answer(200, b"<html><title>Log in</title></html>", Content_Type="text/html")


def redirect(exchange: Exchange) -> None:
    """Somewhere else."""
    exchange.drain()
    exchange.answer(302, Location="http://elsewhere.test/")


# While an answer is read -----------------------------------------------------------------------------


def status(code: int, body: bytes = b'{"message": "no"}', **headers: str) -> Fault:
    """An answer of our own to a request without a body."""

    def fault(exchange: Exchange) -> None:
        exchange.answer(code, body, Content_Type="application/json", **headers)

    return fault


def broken(at: int) -> Fault:
    """The promised length, and a reset after at bytes."""

    def fault(exchange: Exchange) -> None:
        exchange.send(exchange.forward(), limit=at)
        exchange.reset()

    return fault


def truncated(at: int) -> Fault:
    """The promised length, and an orderly end after at bytes."""

    def fault(exchange: Exchange) -> None:
        exchange.send(exchange.forward(), limit=at)

    return fault


def ended(at: int) -> Fault:
    """No length at all, and an orderly end after at bytes."""

    def fault(exchange: Exchange) -> None:
        exchange.send(exchange.forward(), limit=at, set_headers={"Content-Length": None})

    return fault


def flipped_down(at: int) -> Fault:
    """One byte of the answer is turned over."""

    def fault(exchange: Exchange) -> None:
        exchange.send(exchange.forward(), flip=at)

    return fault


def stalled_down(at: int) -> Fault:
    """After at bytes of the answer nothing moves."""

    def fault(exchange: Exchange) -> None:
        exchange.send(exchange.forward(), limit=at)
        exchange.stall()

    return fault


def no_ranges(exchange: Exchange) -> None:
    """200 and everything, whatever was asked for."""
    exchange.send(exchange.forward(drop=("Range",)))


def lying(content_range: str, **more: Any) -> Fault:
    """206 with a Content-Range of our own."""

    def fault(exchange: Exchange) -> None:
        exchange.send(
            exchange.forward(**more), status=206, set_headers={"Content-Range": content_range}
        )

    return fault


def promising(length: int) -> Fault:
    """Another Content-Length than what comes."""

    def fault(exchange: Exchange) -> None:
        exchange.send(exchange.forward(), set_headers={"Content-Length": str(length)})

    return fault
