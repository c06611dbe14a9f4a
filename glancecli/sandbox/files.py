"""The sandbox's private folders, its lock, and the errors of its disk."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from glancecli.errors import Code, GlanceError
from glancecli.private_files import PrivateFolder

Report = Callable[[str], None]  # takes a line about what happens, for the user

DISK_IS_FULL = (errno.ENOSPC, errno.EDQUOT)
OTHERS_MAY_WRITE = stat.S_IWGRP | stat.S_IWOTH
NOT_ALLOWED = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST)


def private_folder(path: Path) -> PrivateFolder:
    """Opens a folder for its owner alone (0700), which is created when it is missing.

    A symbolic link is followed: the sandbox may be on another disk. Raises GlanceError for a folder
    into which other users could have put files.
    """
    folder = PrivateFolder(path.resolve(), make=True)
    if folder.mode & OTHERS_MAY_WRITE:
        raise _untrusted(path, "other users can write to it")
    folder.make_private()
    return folder


def check_trust(home: Path) -> None:
    """Raises GlanceError when another user can replace the sandbox's folder, or has put files into
    it: its programs run, and its records name processes to end and clouds to log in to.

    A group may write to the parents, since the group of most users has no other member.
    """
    folder = home.resolve()
    system = folder.root
    owners = {0, os.geteuid(), Path(system).stat().st_uid}  # in a container, 0 may be another
    for parent in folder.parents:
        if not parent.exists():
            continue
        status = parent.stat()
        if status.st_uid not in owners:
            raise _untrusted(parent, "it belongs to another user")
        if status.st_mode & stat.S_IWOTH and not status.st_mode & stat.S_ISVTX:
            raise _untrusted(parent, "other users can write to it")
    if not folder.is_dir():
        return
    if folder.stat().st_mode & OTHERS_MAY_WRITE:
        raise _untrusted(folder, "other users can write to it")
    for path in (folder, *folder.iterdir(), folder / "venv/bin", folder / "venv/bin/python"):
        if path.exists() and path.lstat().st_uid != os.geteuid():
            raise _untrusted(path, "it belongs to another user")


def _untrusted(path: Path, why: str) -> GlanceError:
    return GlanceError(
        f"The sandbox does not trust {path}: {why}.",
        hint="Look at what is in it and remove it, or set XDG_DATA_HOME to a folder of your own.",
        code=Code.FILE,
    )


@contextmanager
def locked(home: Path, report: Report) -> Iterator[None]:
    """Locks the sandbox for one command; another one waits, and reports that.

    Makes the folder (0700).
    """
    check_trust(home)
    path = home / "lock"
    while True:
        with private_folder(home):
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            _lock(descriptor, report)
            # `down --wipe` removes the file and the folder: then this lock excludes no other
            # command, since each of them opens a new file.
            if _is_open_as(descriptor, path):
                yield
                return
        finally:
            os.close(descriptor)


def is_locked(home: Path) -> bool:
    """Returns whether another command, such as `up`, is at work on the sandbox."""
    try:
        descriptor = os.open(home / "lock", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _lock(descriptor: int, report: Report) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        report("Waiting for another `glancecli sandbox` command to finish ...")
        fcntl.flock(descriptor, fcntl.LOCK_EX)


def _is_open_as(descriptor: int, path: Path) -> bool:
    """Returns whether the open file is the one at path."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


@contextmanager
def disk_errors(home: Path) -> Iterator[None]:
    """Raises GlanceError in place of OSError for a full disk and for a folder without access."""
    try:
        yield
    except OSError as error:
        if error.errno in DISK_IS_FULL:
            raise GlanceError(
                f"The disk that holds {home} is full.",
                hint="Free some space and try again.",
                code=Code.FILE,
            ) from error
        if error.errno in NOT_ALLOWED or not os.access(home, os.F_OK):
            raise GlanceError(
                f"The sandbox cannot use {_place(error, home)}: {error.strerror}.",
                hint="Set XDG_DATA_HOME to a folder that you can write to.",
                code=Code.FILE,
            ) from error
        raise


def _place(error: OSError, home: Path) -> str:
    """Returns the file or folder of an error, home when the error has only a relative name."""
    name = str(error.filename or "")
    if name.startswith("/"):
        return name
    return str(home)
