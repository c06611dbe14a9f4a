"""Passes nova's other commands to the next nova on PATH, unchanged. Standard library only."""

from __future__ import annotations

import errno
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from typing import NoReturn

from glancecli.errors import GlanceError

# Programs that this call has been through. Another installation of ours passes commands on as well,
# and a wrapper may call us again: without this list such a call would never end.
SEEN = "GLANCECLI_NOVA_SEEN"


def next_nova() -> str:
    """Returns the next nova on PATH that this call has not been through, "" for none."""
    seen = _seen_programs()
    for path in _nova_programs():
        if os.path.realpath(path) not in seen:
            return path
    return ""


def exec_program(program: str, words: Sequence[str]) -> NoReturn:
    """Replaces this process by the program, with these arguments and our environment and streams.

    A file without a ``#!`` line is run by sh, as a shell would do it. Raises GlanceError when the
    system cannot start the program.
    """
    # Python ignores SIGPIPE, and an ignored signal stays ignored in the program that follows.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    seen = [*_seen_programs(), os.path.realpath(program)]
    environ = {**os.environ, SEEN: os.pathsep.join(seen)}
    try:
        os.execve(program, [program, *words], environ)  # noqa: S606 - no shell is wanted
    except OSError as error:
        if error.errno == errno.ENOEXEC:
            os.execve("/bin/sh", ["sh", program, *words], environ)  # noqa: S606 - as a shell does
        raise GlanceError(f"{program} cannot be started: {error.strerror}") from error


def _seen_programs() -> list[str]:
    """Returns the real paths of the programs that this call has been through, ours last."""
    earlier = os.environ.get(SEEN, "").split(os.pathsep)
    return [*filter(None, earlier), os.path.realpath(sys.argv[0])]


def _nova_programs() -> Iterator[str]:
    """Yields the programs named nova, in the order of PATH."""
    for folder in os.environ.get("PATH", os.defpath).split(os.pathsep):
        path = os.path.join(folder or os.curdir, "nova")  # noqa: PTH118 - pathlib is slow to import
        if os.path.isfile(path) and os.access(path, os.X_OK):  # noqa: PTH113 - the same
            yield path
