"""When retries count as started afresh: after real progress, not after a little data."""

from __future__ import annotations

import pytest

from glancecli.errors import ConnectionFailed, GlanceError, Stalled
from glancecli.transfer.options import Options
from glancecli.transfer.retry import Retry

MIB = 2**20


def retry(size: int | None, *, retries: int = 3, stall: float = 40.0) -> Retry:
    return Retry(Options(retries=retries, stall=stall, pause=0.0), size=size, resumable=True)


def stalls(attempts: Retry, new_bytes: int) -> list[float]:
    """The stall times of attempts that bring so much data each and then stall, until the end."""
    seconds = []
    while len(seconds) < 50:
        seconds.append(attempts.begin_attempt())
        attempts.bytes_moved(new_bytes)
        try:
            attempts.wait_or_raise(Stalled("no data"))
        except GlanceError:
            break
    return seconds


@pytest.mark.parametrize(
    ("size", "new_bytes"), [(None, 1), (None, 4 * MIB), (1024 * MIB, MIB), (100 * MIB, MIB)]
)
def test_a_source_that_gives_a_little_and_stalls_ends_after_one_and_a_half_stall_times(
    size: int | None, new_bytes: int
) -> None:
    assert sum(stalls(retry(size, retries=99), new_bytes)) == 60


@pytest.mark.parametrize(
    ("size", "new_bytes"), [(None, 16 * MIB), (1024 * MIB, 16 * MIB), (50 * MIB, 5 * MIB), (10, 1)]
)
def test_after_real_progress_all_retries_are_there_once_more(
    size: int | None, new_bytes: int
) -> None:
    assert len(stalls(retry(size), new_bytes)) == 50


def test_breaks_without_progress_use_the_retries_up() -> None:
    attempts = retry(1024 * MIB, retries=2)
    for _ in range(2):
        attempts.begin_attempt()
        attempts.bytes_moved(7 * MIB)
        attempts.wait_or_raise(ConnectionFailed("broke"))
    attempts.bytes_moved(MIB)
    with pytest.raises(ConnectionFailed):
        attempts.wait_or_raise(ConnectionFailed("broke"))
