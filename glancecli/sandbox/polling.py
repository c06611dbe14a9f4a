"""The poll loop of the sandbox."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def poll(attempt: Callable[[], T], *, timeout: float, interval: float) -> T:
    """Calls attempt until its result is true or timeout has passed; returns the last result.

    Both times are in seconds; interval is the pause between two attempts.
    """
    end = time.monotonic() + timeout
    result = attempt()
    while not result and time.monotonic() < end:
        time.sleep(interval)
        result = attempt()
    return result
