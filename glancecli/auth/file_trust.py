"""Whether a file that was found in the working folder may say where our secrets are sent."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def reason_for_distrust(path: Path, descriptor: int) -> str:
    """Returns why a file that is open, found at this path, is not trusted; "" for one that is.

    It must belong to us or to root, as must a link that leads to it, and nobody else may write it.
    """
    status = os.fstat(descriptor)
    owners = {status.st_uid, path.lstat().st_uid}
    if not owners <= {0, os.geteuid()}:
        return "it belongs to another user"
    if _is_open_to_others(status):
        return "other users can write it (chmod go-w makes it yours alone)"
    return ""


def _is_open_to_others(status: os.stat_result) -> bool:
    """Whether users beside its owner can write a file."""
    if status.st_mode & stat.S_IWOTH:
        return True
    if not status.st_mode & stat.S_IWGRP:
        return False
    return not _is_private_group(status.st_gid)


def _is_private_group(gid: int) -> bool:
    """Whether a group has this user alone, as many systems make one for each user."""
    import grp
    import pwd

    try:
        user = pwd.getpwuid(os.geteuid())
        group = grp.getgrgid(gid)
    except KeyError:
        return False
    is_own = user.pw_gid == gid and group.gr_name == user.pw_name
    return is_own and set(group.gr_mem) <= {user.pw_name}
