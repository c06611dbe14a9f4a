"""Whether and when a transfer is tried again."""

from __future__ import annotations

import random
import time

from glancecli.errors import (
    ConnectionFailed,
    GlanceError,
    HttpError,
    Stalled,
    Unauthorized,
    describe_failure,
)
from glancecli.transfer.options import Options

LONGEST_PAUSE = 30.0  # seconds between two attempts
LONGEST_RETRY_AFTER = 60.0  # seconds that a service may ask us to wait
PROGRESS = 16 * 2**20  # new bytes after which a transfer counts as moving again
PROGRESS_SHARE = 10  # of data that is smaller, a tenth is enough
SILENCE = 1.5  # times the stall time, in which nothing may move in all attempts together
LEAST = 1 / 6  # of the stall time, which even the last attempt is given
RETRY_STATUSES = frozenset({401, 408, 429})


class Retry:
    """Counts attempts, and the time in which nothing moved.

    All silence together ends after one and a half times the stall time, retries included, unless
    16 MiB of new data, or a tenth of the data (size in bytes, once it is known), came through in
    between: a source that gives a little and stalls, again and again, is not moving. resumable
    means that data that came through stays where it is; then as much new data makes all retries
    available again.
    """

    def __init__(
        self, options: Options, *, size: int | None = None, resumable: bool = False
    ) -> None:
        self.size = size
        self._options = options
        self._resumable = resumable
        self._retries_left = options.retries
        self._logins_left = 1
        self._new_bytes = 0
        self._silence = 0.0  # seconds in which nothing moved, in all attempts together
        self._last_move = time.monotonic()
        self._stall_limit = options.stall
        self._least = LEAST * options.stall
        self._silence_limit = SILENCE * options.stall

    def begin_attempt(self) -> float:
        """Returns how many seconds may pass without a byte in the attempt that begins now."""
        self._last_move = time.monotonic()
        remaining = self._silence_limit - self._silence
        seconds = max(min(self._options.stall, remaining), self._least)
        if seconds > 2:
            seconds = float(round(seconds))
        self._stall_limit = seconds
        return seconds

    def bytes_moved(self, new: int) -> None:
        """Takes note that data came through, new bytes of it for the first time."""
        self._last_move = time.monotonic()
        self._new_bytes += new

    def wait_or_raise(self, error: GlanceError) -> None:
        """Waits before the next attempt, or raises the error when there is to be none."""
        self._count_silence(error)
        if not worth_retrying(error) or self._retries_left <= 0:
            raise error
        self._retries_left -= 1
        if isinstance(error, Unauthorized):
            self._use_new_login(error)
            return
        pause = self._next_pause(error)
        if self._silence + self._least > self._silence_limit:
            raise error
        note = f"{describe_failure(error)}; retrying"
        if pause >= 1:
            note += f" in {pause:.0f} s"
        self._options.note(note)
        time.sleep(pause)

    def _count_silence(self, error: GlanceError) -> None:
        """Adds the time in which nothing moved since there was progress."""
        if self._has_progress:
            self._new_bytes = 0
            self._silence = 0.0
            if self._resumable:
                self._retries_left = self._options.retries
        if isinstance(error, Stalled):
            self._silence += self._stall_limit
        else:
            self._silence += time.monotonic() - self._last_move

    @property
    def _has_progress(self) -> bool:
        enough: float = PROGRESS
        if self.size is not None:
            enough = min(PROGRESS, self.size / PROGRESS_SHARE)
        return self._new_bytes > 0 and self._new_bytes >= enough

    def _use_new_login(self, error: Unauthorized) -> None:
        """Allows one retry with the token of a new login, which has been made already."""
        self._logins_left -= 1
        if self._logins_left < 0:
            raise error

    def _next_pause(self, error: GlanceError) -> float:
        """Returns the seconds to wait: doubled each time, with jitter, and Retry-After at least."""
        used = self._options.retries - self._retries_left
        doubled: float = self._options.pause * 2 ** (used - 1)
        jitter = random.uniform(0.7, 1.3)  # noqa: S311 - not a secret
        pause = min(doubled, LONGEST_PAUSE) * jitter
        if not isinstance(error, HttpError):
            return pause
        wish = error.retry_after or 0.0
        if wish > LONGEST_RETRY_AFTER:
            raise error.with_context(f"the service asks to wait {wish:.0f} s")
        return max(pause, wish)


def worth_retrying(error: GlanceError) -> bool:
    """Whether the same request may succeed later."""
    if isinstance(error, HttpError):
        return error.status in RETRY_STATUSES or error.status >= 500
    return isinstance(error, ConnectionFailed)
