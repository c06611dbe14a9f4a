"""The progress of work on stderr: a bar on a terminal, lines elsewhere, or nothing."""

from __future__ import annotations

from time import monotonic
from typing import TextIO

from glancecli.output.bar import Bar
from glancecli.output.meter import Clock, Lines, Progress


def make_progress(
    mode: bool | None,
    stderr: TextIO,
    terminal: bool,
    colour: bool = False,
    clock: Clock = monotonic,
) -> Progress:
    """Returns the progress for --progress (True), --no-progress (False), or neither (None).

    With neither it is shown on a terminal only.
    """
    if mode is None:
        mode = terminal
    if not mode:
        return Progress()
    if terminal:
        return Bar(stderr, colour=colour, clock=clock)
    return Lines(stderr, clock=clock)
