"""Links and FIFOs of other users in folders that everybody may write to, such as /tmp."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from glancecli.errors import Code, GlanceError

MOST_LINKS = 40  # as many as Linux follows


def refuse_traps(path: Path) -> None:
    """Raises GlanceError for a path on which another user has put a link, or a FIFO at its end.

    He chose where it leads. Linux follows no such links either (fs.protected_symlinks), unless they
    are resolved beforehand, as a download does.
    """
    folder = "/"
    parts = _reversed_parts(str(Path.cwd() / path))
    links = 0
    while parts and links <= MOST_LINKS:
        part = parts.pop()
        if part == "..":
            folder = os.path.dirname(folder)  # noqa: PTH120 - a Path would cost more
            continue
        entry = f"{folder.rstrip('/')}/{part}"
        try:
            status = os.lstat(entry)
        except OSError:
            return  # opening it says why
        _refuse_trap(entry, status, folder)
        if not stat.S_ISLNK(status.st_mode):
            folder = entry
            continue
        links += 1
        target = os.readlink(entry)  # noqa: PTH115
        parts += _reversed_parts(target)
        if target.startswith("/"):
            folder = "/"


def _reversed_parts(path: str) -> list[str]:
    parts = [part for part in path.split("/") if part not in ("", ".")]
    return parts[::-1]


def _refuse_trap(entry: str, status: os.stat_result, folder: str) -> None:
    kinds = {stat.S_IFLNK: "link", stat.S_IFIFO: "FIFO"}
    kind = kinds.get(stat.S_IFMT(status.st_mode))
    if kind is None:
        return
    shared = os.stat(folder)  # noqa: PTH116
    is_shared = shared.st_mode & stat.S_ISVTX and shared.st_mode & stat.S_IWOTH
    if is_shared and status.st_uid not in (os.geteuid(), shared.st_uid):
        raise GlanceError(
            f"{entry} is a {kind} of another user in a folder that everybody may write to",
            hint="Name the file that is meant.",
            code=Code.FILE,
        )
