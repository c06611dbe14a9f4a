"""Records what a program shows on a terminal, for a picture of it.

python docs/captures.py 80 "" screen "glance image-list"

The second word is a text at which a line of progress is taken, "" for the end of the program; the
third is the file for the recorded screen, which has the sequences for colours.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path

LINES = 24
ERASE = "\r\x1b[2K"  # before each new state of a line of progress
OTHERS = re.compile(r"\x1b\[[0-9;?]*[A-Za-ln-z]")  # sequences that move, erase or hide


def capture(command: str, columns: int) -> str:
    """Returns what a command of the shell writes on a terminal with so many columns.

    There is no pager, and nothing to read.
    """
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, columns, 0, 0))
    variables = {
        **os.environ,
        "TERM": "xterm-256color",
        "LC_ALL": "C.UTF-8",
        "GLANCECLI_PAGER": "cat",
    }
    with subprocess.Popen(
        ["bash", "-c", command],
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
        env=variables,
        start_new_session=True,
    ):
        os.close(theirs)
        written = b"".join(iter(lambda: _read(ours), b""))
    os.close(ours)
    return written.decode()


def _read(terminal: int) -> bytes:
    """Returns the next bytes, b"" once no program has the terminal open, which Linux calls EIO."""
    try:
        return os.read(terminal, 65536)
    except OSError:
        return b""


def screen(written: str, until: str = "") -> str:
    """Returns what stands on the terminal at the end, with its colours; or, with until, at the last
    moment at which a line of progress has this text.
    """
    states = written.split(ERASE)
    having = [number for number, state in enumerate(states) if until and until in state]
    if having:
        written = ERASE.join(states[: having[-1] + 1])
    lines = [line.rstrip("\r").split(ERASE)[-1] for line in written.split("\n")]
    return OTHERS.sub("", "\n".join(lines)).rstrip("\n")


def main() -> None:
    """Records one screen, by the words of the command line."""
    columns, until, file, command = sys.argv[1:]
    Path(file).write_text(screen(capture(command, int(columns)), until), encoding="utf-8")


if __name__ == "__main__":
    main()
