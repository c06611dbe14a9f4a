"""The program watch, which shows the output of a command on its terminal again and again."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TextIO


def is_read_by_watch(out: TextIO) -> bool:
    """Whether watch reads this pipe. Found out on Linux only.

    It is the parent of this process or of the shell above it, and has the pipe open. A pipe within
    the command that watch runs has another reader, which may be a script.
    """
    try:
        pipe = os.fstat(out.fileno())
        parent = os.getppid()
        return any(_watches(process, pipe) for process in (parent, _parent_of(parent)))
    except (OSError, ValueError, IndexError):
        return False


def _parent_of(process: int) -> int:
    """Returns the parent of a process, which the kernel shows two words behind the name."""
    words = Path(f"/proc/{process}/stat").read_text(errors="replace").rpartition(")")[2].split()
    return int(words[1])


def _watches(process: int, pipe: os.stat_result) -> bool:
    """Whether this process is watch and has the pipe open."""
    folder = Path(f"/proc/{process}")
    if folder.joinpath("comm").read_text(errors="replace").strip() != "watch":
        return False
    return any(os.path.samestat(pipe, file.stat()) for file in folder.joinpath("fd").iterdir())
