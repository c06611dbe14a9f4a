"""The causes inside an exception of requests, urllib3 or keystoneauth1."""

from __future__ import annotations

from typing import TypeVar

E = TypeVar("E", bound=BaseException)


def causes(error: BaseException) -> list[BaseException]:
    """Returns the exception and its causes, the innermost last."""
    found: list[BaseException] = []
    following: BaseException | None = error
    while following is not None:
        found.append(following)
        following = _cause(following, found)
    return found


def find_cause(error: BaseException, kind: type[E]) -> E | None:
    """Returns the innermost cause of this class, None when there is none."""
    for cause in reversed(causes(error)):
        if isinstance(cause, kind):
            return cause
    return None


def _cause(error: BaseException, known: list[BaseException]) -> BaseException | None:
    """Returns what caused the exception, None when it says nothing that is not known yet."""
    # urllib3 has the cause in reason, and both libraries wrap exceptions as arguments.
    reason = getattr(error, "reason", None)
    for candidate in (reason, error.__cause__, error.__context__, *error.args):
        if isinstance(candidate, BaseException) and candidate not in known:
            return candidate
    return None
