"""The entry points of the installed programs: they run main.py and end the process at once."""

from __future__ import annotations

import gc
import os
import sys
import warnings
from contextlib import suppress

# A short command makes tens of thousands of objects that all live until its end. Searching them
# for garbage takes a twentieth of its time, so collection starts late.
FIRST_COLLECTION = 100_000  # objects


def glancecli() -> None:
    """Runs the umbrella program; does not return."""
    _run("glancecli")


def glance() -> None:
    """Runs the drop-in for python-glanceclient's program; does not return."""
    _run("glance")


def nova() -> None:
    """Runs nova's image commands; does not return."""
    _run("nova")


def by_name() -> None:
    """Runs the program that the file is called after; does not return.

    The file that holds everything may be called glance, nova.pyz or glancecli-1.0.0.pyz.
    """
    called = sys.argv[0].rpartition("/")[2].partition(".")[0].partition("-")[0]
    _run(called if called in ("glance", "nova") else "glancecli")


def _run(name: str) -> None:
    gc.set_threshold(FIRST_COLLECTION)
    try:
        _leave_out_charset_detection()
        from glancecli.cli import main

        program = getattr(main, name)
        code = program()
    except KeyboardInterrupt:  # while modules load, or once more while the first one is reported
        code = _interrupted(name)
    _exit_now(code)


def _interrupted(name: str) -> int:
    """Writes that the program was interrupted, as endings.py does; returns the exit code."""
    with suppress(AttributeError, OSError, ValueError):  # stderr is closed
        try:
            from glancecli.cli.reporter import Reporter
            from glancecli.errors import Stopped

            Reporter(name, sys.argv[1:]).report(Stopped())
        except KeyboardInterrupt:
            sys.stderr.write(f"{name}: interrupted\n")
    return 130


def _leave_out_charset_detection() -> None:
    """Keeps requests from importing what guesses character sets: 4 ms, and services send UTF-8.

    requests does without it, and warns.
    """
    for package in ("chardet", "charset_normalizer"):
        sys.modules.setdefault(package, None)  # type: ignore[arg-type]  # not to be imported
    warnings.filterwarnings("ignore", "Unable to find acceptable character detection dependency")


def _exit_now(code: int) -> None:
    """Ends the process at once; a regular exit takes a tenth of a short command's time."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, OSError, ValueError):  # closed, or its reader is gone
            stream.flush()
    os._exit(code)
