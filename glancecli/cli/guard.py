"""Runs a program: an exception becomes a line on stderr and an exit code."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Sequence
from io import TextIOWrapper
from types import FrameType

from glancecli.errors import Stopped
from glancecli.text import write_to_stderr


def guarded(
    program: str, work: Callable[[], int], *, words: Sequence[str] = (), debug: bool = False
) -> int:
    """Returns the exit code of work, or the one that endings.py has for its exception.

    words are the command line behind the program.
    """
    _stop_on_signals()
    _prepare_streams()
    try:
        return work()
    except BaseException as error:
        from glancecli.cli.endings import ending_for
        from glancecli.cli.reporter import Reporter

        ending = ending_for(error)
        if ending is None:
            raise
        if debug and ending.has_traceback:
            _print_traceback()
        return ending.end(Reporter(program, words), error)


def raise_stopped(number: int, frame: FrameType | None) -> None:
    """Ends the command in order when a signal asks for that."""
    raise Stopped("terminated", signal_number=number)


def _stop_on_signals() -> None:
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) != signal.SIG_IGN:  # nohup ignores SIGHUP
            signal.signal(number, raise_stopped)


def _prepare_streams() -> None:
    """Makes streams that are closed, or whose encoding is narrow, safe to use."""
    if None in (sys.stdin, sys.stdout, sys.stderr):
        _occupy_closed_streams()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # What this locale cannot write is written as escapes, and stops no output.
            stream.reconfigure(errors="backslashreplace")


def _occupy_closed_streams() -> None:
    """Opens the null device under the numbers of closed streams (``>&-``), else a socket gets them.

    It is opened for reading only, so that writing a result to it is an error. Messages and progress
    on a closed stderr are dropped.
    """
    while (fd := os.open(os.devnull, os.O_RDONLY)) <= 2:
        pass
    os.close(fd)
    if sys.stdout is None:
        sys.stdout = os.fdopen(1, "w")
    if sys.stderr is None:
        sys.stderr = os.fdopen(os.open(os.devnull, os.O_WRONLY), "w")


def _print_traceback() -> None:
    import traceback

    for line in traceback.format_exc().splitlines():
        write_to_stderr(line)
