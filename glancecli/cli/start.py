"""What the installed programs call: the same programs as main.py's, begun and ended without delay."""

from __future__ import annotations

import gc
import os
import sys
from contextlib import suppress

# A short command makes tens of thousands of objects that all live to its end; looking for dead ones
# among them takes a twentieth of its time. A long one still collects.
OBJECTS = 100_000


def glancecli() -> None:
    """The umbrella program; does not return."""
    _run("glancecli")


def glance() -> None:
    """The drop-in for python-glanceclient's program; does not return."""
    _run("glance")


def nova() -> None:
    """Images as nova had them; does not return."""
    _run("nova")


def _run(name: str) -> None:
    gc.set_threshold(OBJECTS)
    from glancecli.cli import main

    _leave(getattr(main, name)())


def _leave(code: int) -> None:
    """End the process now: taking the interpreter apart takes a tenth of a short command's time."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, OSError, ValueError):  # closed, or nobody reads it any more
            stream.flush()
    os._exit(code)
