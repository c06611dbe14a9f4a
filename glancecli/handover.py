"""nova's other commands go to the next nova program on PATH, untouched. Standard library only."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator, Sequence
from typing import NoReturn

from glancecli.errors import GlanceError, UsageError

# Programs that a call has been through, so that it cannot go round in a circle: another installation of
# ours hands on too, and a wrapper may call us again.
SEEN = "GLANCECLI_NOVA_SEEN"

OURS = ("image-list", "image-show", "image-delete", "image-meta", "image-create", "backup")


def run(words: Sequence[str], command: str) -> NoReturn:
    """Become the next nova program on PATH, with these arguments, our environment, streams and process ID.

    command is the one among the words that is not ours.

    Raises GlanceError when there is none (UsageError for what looks like one of ours), or when the system
    cannot start it.
    """
    seen = [path for path in os.environ.get(SEEN, "").split(os.pathsep) if path]
    seen.append(os.path.realpath(sys.argv[0]))
    program = next((path for path in _candidates() if os.path.realpath(path) not in seen), None)
    if program is None:
        raise _nobody(command)
    # Python ignores SIGPIPE, and what is ignored stays so in the program that takes our place.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    environ = {**os.environ, SEEN: os.pathsep.join([*seen, os.path.realpath(program)])}
    try:
        os.execve(program, [program, *words], environ)  # noqa: S606 - no shell is wanted
    except OSError as error:
        raise GlanceError(f"{program} cannot be started: {error.strerror}") from error


def _nobody(command: str) -> GlanceError:
    """The error for a command that nobody here has; one that looks like ours is most likely mistyped."""
    import difflib

    said = f"there is no other nova program on PATH for '{command}'"
    # Close enough for a slip, and not for nova's usage-list or agent-list.
    near = difflib.get_close_matches(command, OURS, n=1, cutoff=0.85)
    if near:
        return UsageError(said, hint=f"Did you mean {near[0]}?")
    return GlanceError(
        f"{said}. This one has {', '.join(OURS[:-1])} and {OURS[-1]}",
        hint="For servers use `openstack server ...`.",
    )


def _candidates() -> Iterator[str]:
    """Programs named nova, in the order of PATH."""
    for folder in os.environ.get("PATH", os.defpath).split(os.pathsep):
        path = os.path.join(folder or os.curdir, "nova")  # noqa: PTH118 - pathlib takes long to import
        if os.path.isfile(path) and os.access(path, os.X_OK):  # noqa: PTH113 - the same
            yield path
