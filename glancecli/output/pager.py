"""Long output on a terminal goes through a pager, by the rules of git."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import IO, TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from subprocess import Popen

VARIABLES = ("GLANCECLI_PAGER", "PAGER")  # the first that is set counts, also where it is empty
DEFAULT = "less"
# Exit codes of a pager that could not do it, its own and those of the shell. less has 2 for Ctrl-C.
FAILED = (1, 126, 127)
LARGEST_EXIT = 128  # beyond it a shell adds the signal that killed the pager
ENDED_BY_USER = (signal.SIGINT, signal.SIGPIPE, signal.SIGHUP, signal.SIGTERM)
# What less and lv get unless the variable is set: end at once if all fits on the screen, show
# colours, and leave the text on the screen.
SETTINGS = {"LESS": "FRX", "LV": "-c"}


def pager_command(environ: Mapping[str, str]) -> str:
    """Returns the command line of the pager, "" where there is none: an empty variable, ``cat``, or
    a program that is not installed. What a shell has to read first, such as quotes, is left to it.
    """
    import re
    from shutil import which

    found = next((environ[name] for name in VARIABLES if name in environ), DEFAULT)
    words = found.split()
    if not words or words == ["cat"]:
        return ""
    is_plain = re.fullmatch(r"[\w./+-]+", words[0])
    if is_plain and which(words[0], path=environ.get("PATH")) is None:
        return ""
    return found


@contextmanager
def paged(out: TextIO, environ: Mapping[str, str]) -> Iterator[IO[str]]:
    """Gives the stream that leads through the pager to the terminal of out, or out itself.

    Ends when the user leaves the pager. Writing raises BrokenPipeError when that was before the
    end of the output, as a closed pipe does.
    """
    command = pager_command(environ)
    if not command:
        yield out
        return
    import subprocess

    out.flush()
    pager = subprocess.Popen(
        ["/bin/sh", "-c", command],
        stdin=subprocess.PIPE,
        stdout=out.fileno(),
        env={**SETTINGS, **environ},
        encoding=out.encoding,
        errors="backslashreplace",
    )
    assert pager.stdin  # noqa: S101 - for the type checker
    try:
        yield pager.stdin
    finally:
        with suppress(BrokenPipeError):
            pager.stdin.close()
        _wait_for(pager)
        failure = _failure(pager.returncode)
        if failure:
            from glancecli.output.messages import show_message

            show_message(
                "warning",
                f"the pager {command} failed ({failure}); --no-pager shows the text without it",
            )


def _failure(code: int) -> str:
    """Returns how a pager failed that has ended with this code, "" where it did not fail."""
    number = max(-code, code - LARGEST_EXIT)  # negative where no shell was between
    if code in FAILED:
        return f"exit code {code}"
    if 0 < number < signal.NSIG and number not in ENDED_BY_USER:
        return f"killed by signal {number}"
    return ""


def _wait_for(pager: Popen[str]) -> None:
    """Waits until the user leaves the pager, for which Ctrl-C has a meaning of its own."""
    while True:
        with suppress(KeyboardInterrupt):
            pager.wait()
            return


def screen_lines() -> int:
    """Returns the lines of the terminal: LINES, else those of stdout, else 24."""
    from shutil import get_terminal_size

    return get_terminal_size((80, 24)).lines


def fits_screen(text: str) -> bool:
    """Whether all of the text and the next prompt can be seen at once."""
    return text.count("\n") < screen_lines()
