"""nova's other commands go to the next nova program on PATH, untouched. Standard library only."""

from __future__ import annotations

import errno
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from typing import NoReturn

from glancecli.errors import GlanceError

# Programs that a call has been through, so that it cannot go round in a circle: another
# installation of ours hands on too, and a wrapper may call us again.
SEEN = "GLANCECLI_NOVA_SEEN"


def next_nova() -> str:
    """The next nova program on PATH that this call has not been through, "" where there is none."""
    seen = _seen()
    return next((path for path in _candidates() if os.path.realpath(path) not in seen), "")


def exec_program(program: str, words: Sequence[str]) -> NoReturn:
    """Become that program, with these arguments, our environment, streams and process ID.

    As from a shell, what has no ``#!`` line is a script for sh. Raises GlanceError when the system
    cannot start it.
    """
    # Python ignores SIGPIPE, and what is ignored stays so in the program that takes our place.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    environ = {**os.environ, SEEN: os.pathsep.join([*_seen(), os.path.realpath(program)])}
    try:
        os.execve(program, [program, *words], environ)  # noqa: S606 - no shell is wanted
    except OSError as error:
        if error.errno == errno.ENOEXEC:
            os.execve("/bin/sh", ["sh", program, *words], environ)  # noqa: S606 - no more than a shell would
        raise GlanceError(f"{program} cannot be started: {error.strerror}") from error


def _seen() -> list[str]:
    """Real paths of the programs that this call has been through, ours last."""
    before = [path for path in os.environ.get(SEEN, "").split(os.pathsep) if path]
    return [*before, os.path.realpath(sys.argv[0])]


def _candidates() -> Iterator[str]:
    """Programs named nova, in the order of PATH."""
    for folder in os.environ.get("PATH", os.defpath).split(os.pathsep):
        path = os.path.join(folder or os.curdir, "nova")  # noqa: PTH118 - pathlib takes long to import
        if os.path.isfile(path) and os.access(path, os.X_OK):  # noqa: PTH113 - the same
            yield path
