"""How tests wait: for a condition, until a deadline, and never for a time alone."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class NotInTime(AssertionError):
    """The condition was still false when the time was over."""


def wait_until(condition: Callable[[], T], seconds: float = 60, pause: float = 0.05) -> T:
    """Calls the condition until it is true, and returns its value; raises NotInTime."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise NotInTime(f"still {value!r} after {seconds} seconds")
        time.sleep(pause)
    return value
