"""How long a transfer goes on trying."""

from __future__ import annotations

import random
import time

from glancecli.errors import ConnectionFailed, GlanceError, HttpError, Stalled, tell
from glancecli.transfer.options import Options

LONGEST_PAUSE = 30.0
LONGEST_WISH = 60.0  # seconds that a service may ask us to wait
ENOUGH = 2**20  # bytes after which a transfer counts as moving again
LEAST = 1 / 6  # of the stall time, which even the last attempt is given


class Retry:
    """Counts attempts, and the time in which nothing moved.

    All silence together ends after less than twice the stall time, retries included, unless at
    least 1 MiB of new data came through in between. keeps says that what came through stays where
    it is, so that as much earns all attempts again.
    """

    def __init__(self, options: Options, *, keeps: bool = False) -> None:
        self._options, self._keeps = options, keeps
        self._left = options.retries
        self._logins = 1
        self._silence = 0.0
        self._since = time.monotonic()
        self._allowed = options.stall
        self._new = 0

    def begin(self) -> float:
        """An attempt begins: the seconds without a byte that it may have."""
        self._since = time.monotonic()
        seconds = max(min(self._options.stall, self._budget - self._silence), self._least)
        self._allowed = float(round(seconds)) if seconds > 2 else seconds
        return self._allowed

    def moved(self, new: int) -> None:
        """Bytes got through, so many of them for the first time."""
        self._since = time.monotonic()
        self._new += new

    def after(self, error: GlanceError) -> None:
        """Wait before the next attempt, or raise error when there is to be none."""
        if self._new >= ENOUGH:
            self._silence = 0.0
            self._left = self._options.retries if self._keeps else self._left
        self._new = 0
        self._silence += (
            self._allowed if isinstance(error, Stalled) else time.monotonic() - self._since
        )
        if not worth_retrying(error) or self._left <= 0:
            raise error
        self._left -= 1
        if isinstance(error, HttpError) and error.status == 401:
            self._logins -= 1
            if self._logins < 0:
                raise error
            return
        used = self._options.retries - self._left
        pause = min(self._options.pause * 2 ** (used - 1), LONGEST_PAUSE)
        pause *= random.uniform(0.7, 1.3)  # noqa: S311 - jitter is no secret
        asked = getattr(error, "retry_after", None) or 0.0
        pause = max(pause, asked)
        if asked > LONGEST_WISH:
            raise tell(error, f"it asks us to wait for {asked:.0f} s")
        if self._silence + self._least > self._budget:
            raise error
        when = f" in {pause:.0f} s" if pause >= 1 else ""
        self._options.note(f"{error.headline}; trying again{when}")
        time.sleep(pause)

    @property
    def _budget(self) -> float:
        return 1.75 * self._options.stall

    @property
    def _least(self) -> float:
        return LEAST * self._options.stall


def worth_retrying(error: GlanceError) -> bool:
    """Whether the same request may work later."""
    if isinstance(error, HttpError):
        return error.status in (401, 408, 429) or error.status >= 500
    return isinstance(error, ConnectionFailed)
