"""The one poll loop."""

from __future__ import annotations

import time

import pytest

from glancecli.api.waiting import poll


def test_polling_ends_with_the_first_thing_that_is_found() -> None:
    looks = iter([None, None, "found", "later"])
    assert poll(lambda: next(looks), 60, first_pause=0.001) == "found"
    assert next(looks) == "later"


def test_an_empty_result_is_a_result() -> None:
    found: list[str] = []
    assert poll(lambda: found, 60) is found


def test_polling_looks_once_even_without_time() -> None:
    looks: list[float] = []
    assert poll(lambda: looks.append(0), 0) is None
    assert len(looks) == 1


def test_polling_looks_a_last_time_when_the_time_is_over() -> None:
    looks: list[float] = []
    begun = time.monotonic()
    assert poll(lambda: looks.append(time.monotonic() - begun), 0.05, first_pause=10) is None
    assert len(looks) == 2
    assert looks[1] >= 0.05


def test_what_a_look_raises_ends_the_wait() -> None:
    def look() -> None:
        raise LookupError("gone")

    with pytest.raises(LookupError, match="gone"):
        poll(look, 60)
