"""The sandbox's private folders, its lock, and the errors of its disk."""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from glancecli.errors import GlanceError
from glancecli.private_files import PrivateFolder

Report = Callable[[str], None]  # takes a line about what happens, for the user

DISK_IS_FULL = (errno.ENOSPC, errno.EDQUOT)
NOT_ALLOWED = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST)


def private_folder(path: Path) -> PrivateFolder:
    """Opens a folder for its owner alone (0700), which is created when it is missing.

    A symbolic link is followed: the sandbox may be on another disk.
    """
    folder = PrivateFolder(path.resolve(), make=True)
    folder.make_private()
    return folder


@contextmanager
def locked(home: Path, report: Report) -> Iterator[None]:
    """Locks the sandbox for one command; another one waits, and reports that.

    Makes the folder (0700).
    """
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
                f"The disk that holds {home} is full.", hint="Free some space and try again."
            ) from error
        if error.errno in NOT_ALLOWED or not os.access(home, os.F_OK):
            raise GlanceError(
                f"The sandbox cannot use {_place(error, home)}: {error.strerror}.",
                hint="Set XDG_DATA_HOME to a folder that you can write to.",
            ) from error
        raise


def _place(error: OSError, home: Path) -> str:
    """Returns the file or folder of an error, home when the error has only a relative name."""
    name = str(error.filename or "")
    if name.startswith("/"):
        return name
    return str(home)
