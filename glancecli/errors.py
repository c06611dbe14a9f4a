"""What can go wrong, said for people. Standard library only, so that every room may raise these."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar


class Told(BaseException):
    """What ends the command with one line on stderr.

    message says what happened and to which image; hint says what to do next; request_id is the
    service's name for the request (``X-Openstack-Request-Id``), by which an operator finds it in the logs.
    rows are what to choose from, a line each below that line.
    """

    exit_code = 1

    def __init__(
        self, message: str, *, hint: str = "", request_id: str = "", rows: Sequence[str] = ()
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.request_id = request_id
        self.rows = rows

    def __str__(self) -> str:
        """The whole line: message, request ID, hint."""
        line = self.message
        if self.request_id:
            line = line.removesuffix(".") + f" (request {self.request_id})"
        if self.hint:
            line = line if line.endswith((".", "!", "?", ":")) else line + "."
            line += f" {self.hint}"
        return line


class GlanceError(Told, Exception):
    """A failure."""


class Stopped(Told, KeyboardInterrupt):
    """Interrupted by a signal: exit code 128 + its number (130 for Ctrl-C, 143 for SIGTERM).

    As Ctrl-C itself it passes by those who catch failures.
    """

    def __init__(self, message: str = "interrupted", *, signal_number: int = 2, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.exit_code = 128 + signal_number

    @classmethod
    def by(cls, error: KeyboardInterrupt) -> Stopped:
        """The same as one of ours, which can say more."""
        return error if isinstance(error, Stopped) else cls()


E = TypeVar("E", bound=Told)


def tell(error: E, more: str, hint: str = "") -> E:
    """The same error, saying more: what has become of the image, and what to do."""
    if more:
        error.message = f"{error.message.rstrip('.')}; {more}" if error.message else more
    if hint:
        error.hint = hint
    return error


class UsageError(GlanceError):
    """The command line makes no sense; nothing was sent."""

    exit_code = 2


class SomeFailed(GlanceError):
    """Some of several failed; each has been reported already, so this one is silent."""

    def __init__(self) -> None:
        super().__init__("")


class AuthError(GlanceError):
    """Logging in failed, or what is needed for it is missing."""


class ConnectionFailed(GlanceError):
    """No usable answer: refused, reset, timed out or cut off."""


class Unreachable(ConnectionFailed):
    """There was no connection at all, so nothing can have been done."""


class Stalled(ConnectionFailed):
    """The connection is there, and nothing has moved over it for as long as it may."""


class HttpError(GlanceError):
    """The service answered with an error. status is the HTTP status code.

    retry_after is what the service asked us to wait, in seconds (RFC 9110, Retry-After), or None.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int,
        hint: str = "",
        request_id: str = "",
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message, hint=hint, request_id=request_id)
        self.status = status
        self.retry_after = retry_after


class Unauthorized(HttpError):
    """401: the token is missing, expired or revoked."""


class Forbidden(HttpError):
    """403: a policy, or the image's protection, says no."""


class NotFound(HttpError):
    """404: there is no such thing, or it is not ours to see."""


class Conflict(HttpError):
    """409: the image is in a state, or in a use, that forbids it."""


BY_STATUS: dict[int, type[HttpError]] = {401: Unauthorized, 403: Forbidden, 404: NotFound, 409: Conflict}


def http_error(
    status: int,
    message: str,
    *,
    hint: str = "",
    request_id: str = "",
    retry_after: float | None = None,
) -> HttpError:
    """The error of the right class for an HTTP status."""
    kind = BY_STATUS.get(status, HttpError)
    return kind(message, status=status, hint=hint, request_id=request_id, retry_after=retry_after)
