"""How long a transfer goes on trying."""

from __future__ import annotations

import random
import time
from typing import TypeVar

from glancecli.errors import ConnectionFailed, GlanceError, HttpError
from glancecli.transfer.options import Options

E = TypeVar("E", bound=GlanceError)

LONGEST_PAUSE = 30.0
LONGEST_WISH = 60.0  # seconds that a service may ask us to wait
ENOUGH = 2**20  # bytes after which a transfer counts as moving again
LEAST = 1 / 6  # of the stall time, which even the last attempt is given


class Retry:
    """Counts attempts, and the time in which nothing moved.

    Without progress everything ends after less than twice the stall time, retries included.
    """

    def __init__(self, options: Options) -> None:
        self._options = options
        self._left = options.retries
        self._least = LEAST * options.stall
        self._logins = 1
        self._moved_at = time.monotonic()
        self._moved = 0

    @property
    def stall(self) -> float:
        """Seconds without a byte that the next attempt may have."""
        spent = time.monotonic() - self._moved_at
        return max(min(self._options.stall, 1.75 * self._options.stall - spent), self._least)

    def moved(self, count: int) -> None:
        """So many bytes got through."""
        self._moved_at = time.monotonic()
        self._moved += count

    def reset(self) -> None:
        """What got through stays there, so enough of it earns all attempts again."""
        if self._moved >= ENOUGH:
            self._left = self._options.retries
        self._moved = 0

    def after(self, error: GlanceError) -> None:
        """Wait before the next attempt, or raise error when there is to be none."""
        if not worth_retrying(error) or self._left <= 0:
            raise error
        self._left -= 1
        if isinstance(error, HttpError) and error.status == 401:
            self._logins -= 1
            if self._logins < 0:
                raise error
            return
        used = self._options.retries - self._left
        pause = min(self._options.pause * 2 ** (used - 1), LONGEST_PAUSE) * random.uniform(0.7, 1.3)  # noqa: S311 - jitter
        asked = getattr(error, "retry_after", None) or 0.0
        pause = max(pause, asked)
        spent = time.monotonic() - self._moved_at
        if asked > LONGEST_WISH or spent + self._least > 1.75 * self._options.stall:
            raise error
        self._options.note(f"{error.message}; trying again in {pause:.0f} s" if pause >= 1 else error.message)
        time.sleep(pause)
        self._moved_at += pause


def worth_retrying(error: GlanceError) -> bool:
    """Whether the same request may work later."""
    if isinstance(error, HttpError):
        return error.status in (401, 408, 429) or error.status >= 500
    return isinstance(error, ConnectionFailed)


def tell(error: E, more: str, hint: str = "") -> E:
    """The same error, saying more: what has become of the image, and what to do."""
    if more:
        error.message = f"{error.message.rstrip('.')}; {more}" if error.message else more
    if hint:
        error.hint = hint
    return error
