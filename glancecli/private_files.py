"""Reads and writes files that only their owner may read: a folder of mode 0700, files of mode 0600.

A folder is opened once, never through a symbolic link, and checked by its handle. Its files are
then opened relative to that handle, so that another user cannot replace the folder in between. A
file is written under a temporary name and renamed: readers see the old content or the new one.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import stat
from pathlib import Path

_SAFE = os.O_NOFOLLOW | os.O_CLOEXEC
_FOLDER = _SAFE | os.O_DIRECTORY
# O_NONBLOCK: a FIFO in the place of a file must not block us.
_READ = _SAFE | os.O_NONBLOCK
_CREATE = _SAFE | os.O_WRONLY | os.O_CREAT | os.O_EXCL
_TEMPORARY = ".new-"


class PrivateFolder:
    """A folder of this user, held open by its handle; a context manager that closes it.

    make: create the folder (0700) and its parents if they are missing.

    Raises FileNotFoundError when the folder does not exist, NotADirectoryError for a file or a
    symbolic link, PermissionError when it belongs to another user, and any other OSError of the
    system. It does not check whether other users have permissions on it: see ``mode``.
    """

    def __init__(self, path: Path, *, make: bool = False) -> None:
        if make:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._handle = _open_folder(path)

    def __enter__(self) -> PrivateFolder:
        return self

    def __exit__(self, *exception: object) -> None:
        os.close(self._handle)

    @property
    def mode(self) -> int:
        """The permission bits, as of now."""
        return stat.S_IMODE(os.fstat(self._handle).st_mode)

    @property
    def is_open_to_others(self) -> bool:
        """Whether other users have any permission on the folder."""
        return bool(self.mode & 0o077)

    def make_private(self) -> None:
        """Removes all permissions of other users on the folder."""
        os.fchmod(self._handle, 0o700)

    def names(self) -> list[str]:
        """Returns the names of all entries of the folder."""
        return os.listdir(self._handle)  # noqa: PTH208 - a Path knows no handles

    def modified(self, name: str) -> float:
        """Returns when an entry was last changed, in seconds since 1970; for a link, the link."""
        return os.stat(name, dir_fd=self._handle, follow_symlinks=False).st_mtime

    def read(self, name: str, largest: int) -> bytes | None:
        """Returns the content of a file, None when it cannot be trusted or read.

        It is trusted when it is a regular file of this user, without permissions for others, of at
        most ``largest`` bytes.
        """
        try:
            handle = os.open(name, _READ, dir_fd=self._handle)
        except OSError:
            return None
        with os.fdopen(handle, "rb") as file:
            status = os.fstat(handle)
            if not _is_private_file(status) or status.st_size > largest:
                return None
            try:
                return file.read()
            except OSError:
                return None

    def write(self, name: str, content: bytes) -> None:
        """Writes a file of mode 0600 in one step; after an OSError the old file is unchanged."""
        temporary = self._write_temporary(content)
        try:
            os.rename(temporary, name, src_dir_fd=self._handle, dst_dir_fd=self._handle)
        except BaseException:
            self._discard(temporary)
            raise

    def create(self, name: str, content: bytes) -> bool:
        """Creates a file of mode 0600 with its content in one step; False if the name exists.

        Of several processes that do this at once, one succeeds.
        """
        temporary = self._write_temporary(content)
        try:
            # Unlike rename(), link() fails if the name exists.
            os.link(temporary, name, src_dir_fd=self._handle, dst_dir_fd=self._handle)
        except FileExistsError:
            return False
        finally:
            self._discard(temporary)
        return True

    def remove(self, name: str) -> bool:
        """Removes a file, or a link and not its target; False if the name does not exist."""
        try:
            os.unlink(name, dir_fd=self._handle)
        except FileNotFoundError:
            return False
        return True

    def _write_temporary(self, content: bytes) -> str:
        """Writes a new file under a temporary name, and returns the name."""
        name = _TEMPORARY + os.urandom(8).hex()
        handle = os.open(name, _CREATE, 0o600, dir_fd=self._handle)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
        except BaseException:
            self._discard(name)
            raise
        return name

    def _discard(self, name: str) -> None:
        with contextlib.suppress(OSError):
            self.remove(name)


def is_temporary(name: str) -> bool:
    """Whether a name is that of an unfinished file, whose process ended early."""
    rest = name.removeprefix(_TEMPORARY)
    return rest != name and re.fullmatch(r"\w+", rest) is not None


def _open_folder(path: Path) -> int:
    """Returns a handle on a folder that is this user's."""
    try:
        handle = os.open(path, _FOLDER)
    except OSError as error:
        if error.errno not in (errno.ENOTDIR, errno.ELOOP):
            raise
        words = "it is a file or a symbolic link, not a folder"
        raise NotADirectoryError(error.errno, words, str(path)) from error
    if os.fstat(handle).st_uid != os.geteuid():
        os.close(handle)
        raise PermissionError(errno.EACCES, "it belongs to another user", str(path))
    return handle


def _is_private_file(status: os.stat_result) -> bool:
    """Whether a file is a regular one of this user alone."""
    is_regular = stat.S_ISREG(status.st_mode)
    is_ours = status.st_uid == os.geteuid()
    is_open_to_others = bool(status.st_mode & 0o077)
    return is_regular and is_ours and not is_open_to_others
