"""The sandbox's one way to wait: try until it succeeds, or until time is up."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def poll(attempt: Callable[[], T], *, timeout: float, interval: float) -> T:
    """Returns the first true result of attempt, or its last one once timeout has passed.

    Both times are in seconds; interval is the pause between two attempts. There is always a first
    attempt, and none after the end.
    """
    end = time.monotonic() + timeout
    result = attempt()
    while not result and time.monotonic() < end:
        time.sleep(interval)
        result = attempt()
    return result
