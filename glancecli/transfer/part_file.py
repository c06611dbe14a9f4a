"""The file of a download that is not complete: written under a name of its own beside its target,
and renamed when it is complete and verified.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import secrets
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from enum import Enum, auto
from pathlib import Path

from glancecli.errors import Code, GlanceError
from glancecli.text import system_reason
from glancecli.transfer.direct_io import FileWriter
from glancecli.transfer.hashing import HashingBuffers

BLOCK = 2**16  # bytes, the unit in which zeros become holes
ZEROS = bytes(BLOCK)
DISK_IS_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
NEW_FILE = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
EXISTING_FILE = os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
LONGEST_NAME = 200  # bytes, which leave room for our endings; file systems allow 255


class PartFile:
    """``F.KEY.RANDOM.part``, where KEY is a hash of the image's ID, hashes and size.

    So a later run of the same download finds the file, and never takes it for another image's. A
    lock keeps two processes from writing to the same file; where locks do not work no file is taken
    over. While room is reserved for all of the image, the file's size means nothing, and its name
    ends in .reserved.
    """

    def __init__(self, target: Path, image_key: str, *, sparse: bool = True) -> None:
        self.target = Path(os.path.realpath(target))
        self._sparse = sparse
        name = _shortened(self.target.name)
        key = _hashed(image_key)
        self._stem = f"{name}.{key}."
        self.fd, self.path = self._take_over() or self._create()
        self.position = os.fstat(self.fd).st_size
        self._writer = FileWriter(self.fd)

    def _take_over(self) -> tuple[int, Path] | None:
        """Opens the longest file that an earlier run left and no process works on."""
        for path in sorted(self._left_over(), key=_size, reverse=True):
            fd = _open_locked(path)
            if fd is None:
                continue
            if path.suffix == ".part":
                return fd, path
            path.unlink()  # how much of its reserved size is data is unknown
            os.close(fd)
        return None

    def _left_over(self) -> list[Path]:
        try:
            return [
                path
                for path in self.target.parent.iterdir()
                if path.name.startswith(self._stem) and path.suffix in (".part", ".reserved")
            ]
        except OSError:
            return []

    def _create(self) -> tuple[int, Path]:
        """Creates a new file; another process may take one over before we have locked it."""
        while True:
            random = secrets.token_hex(4)
            path = self.target.with_name(f"{self._stem}{random}.part")
            try:
                fd = os.open(path, NEW_FILE, 0o666)
            except OSError as error:
                reason = system_reason(error)
                raise GlanceError(
                    f"cannot write {self.target}: {reason}", code=Code.FILE
                ) from error
            lock = _lock(fd)
            if lock is not Lock.BUSY and _is_same_file(path, fd):
                return fd, path
            os.close(fd)

    def reserve(self, size: int | None) -> None:
        """Checks that there is room for size bytes; without sparse writing reserves it.

        Raises GlanceError when there is not enough.
        """
        if size is None:
            return
        needed = size - self.position
        room = os.statvfs(self.target.parent)
        free = room.f_bavail * room.f_frsize
        if room.f_blocks and free < needed:
            raise GlanceError(
                f"not enough room in {self.target.parent}: "
                f"{needed} bytes are needed, and {free} are free",
                hint="`df -h` shows where there is room; --file chooses another folder.",
                code=Code.FILE,
            )
        if size and not self._sparse:
            with self._explaining_errors():
                self._rename(".reserved")
                os.posix_fallocate(self.fd, 0, size)

    def _rename(self, suffix: str) -> None:
        self.path = self.path.rename(self.path.with_suffix(suffix))

    def hash_existing(self, buffers: HashingBuffers, advance: Callable[[int], None]) -> None:
        """Hashes the data that is there, from the beginning to our position.

        advance is called with the number of bytes after each piece.
        """
        offset = 0
        while offset < self.position:
            buffer = buffers.free_buffer()
            with self._explaining_errors():
                view = memoryview(buffer)[: self.position - offset]
                count = os.preadv(self.fd, [view], offset)
            if not count:
                raise GlanceError(
                    f"{self.path} became shorter while it was being read", code=Code.FILE
                )
            buffers.hash(buffer, count)
            offset += count
            advance(count)

    def restart(self) -> None:
        """Drops the data that is there."""
        with self._explaining_errors():
            os.ftruncate(self.fd, 0)
        self.position = 0

    def write(self, view: memoryview) -> None:
        """Adds these bytes; blocks of zeros become holes in a sparse file."""
        with self._explaining_errors():
            if self._sparse:
                for start, stop in _runs_of_data(view):
                    self._writer.write(view[start:stop], self.position + start)
            else:
                self._writer.write(view, self.position)
            self.position += len(view)

    def finish(self, *, overwrite: bool) -> None:
        """Syncs the complete file to disk, and renames it to its target."""
        with self._explaining_errors():
            os.ftruncate(self.fd, self.position)
            self._writer.close()
            os.fsync(self.fd)
            if not overwrite:
                self._take_name()
            self.path.replace(self.target)
            self._sync_folder()
        os.close(self.fd)

    def _take_name(self) -> None:
        """Creates the target, empty and ours, so that the rename replaces no other file.

        Raises FileExistsError when there is one.
        """
        os.close(os.open(self.target, NEW_FILE, 0o666))

    def keep(self) -> bool:
        """Leaves the data for a later run, and closes the file; False when there was none."""
        if not self.position:
            self.path.unlink()
            self._close()
            return False
        try:
            os.ftruncate(self.fd, self.position)  # reserved room is not data
            self._rename(".part")
        finally:
            self._close()
        return True

    def _close(self) -> None:
        with suppress(OSError):  # the hash will show whether the data that is left is good
            self._writer.close()
        os.close(self.fd)

    def _sync_folder(self) -> None:
        try:
            fd = os.open(self.target.parent, os.O_RDONLY | os.O_DIRECTORY)
        except OSError:
            return  # a folder that may be written to and not read
        try:
            os.fsync(fd)
        except OSError:
            return  # some file systems cannot sync folders
        finally:
            os.close(fd)

    @contextmanager
    def _explaining_errors(self) -> Iterator[None]:
        """Turns an OSError into a GlanceError; after a full disk nothing is kept."""
        try:
            yield
        except FileExistsError as error:
            raise GlanceError(
                f"{self.target} has been created by another program in the meantime",
                hint="--force replaces it.",
                code=Code.FILE,
            ) from error
        except OSError as error:
            if error.errno in DISK_IS_FULL:
                self.position = 0
            raise GlanceError(
                f"cannot write {self.path}: {system_reason(error)}", code=Code.FILE
            ) from error


def _runs_of_data(view: memoryview) -> Iterator[tuple[int, int]]:
    """Start and end of each run of blocks that are not all zero."""
    start = 0
    size = len(view)
    for block_start in range(0, size, BLOCK):
        block_end = min(block_start + BLOCK, size)
        # The first byte shows of most blocks that they are not zero; those are not copied.
        if view[block_start]:
            continue
        if view[block_start:block_end].tobytes() == ZEROS[: block_end - block_start]:
            if start < block_start:
                yield start, block_start
            start = block_end
    if start < size:
        yield start, size


def _open_locked(path: Path) -> int | None:
    """Opens a left-over file and locks it; None when it is locked, or not a file of ours."""
    try:
        fd = os.open(path, EXISTING_FILE)
    except OSError:
        return None
    # The process that wrote it may have renamed it between our open and our lock.
    if _is_own_file(fd) and _lock(fd) is Lock.HELD and _is_same_file(path, fd):
        return fd
    os.close(fd)
    return None


def _is_own_file(fd: int) -> bool:
    """Whether it is a regular file of this user, without other links, that has data."""
    status = os.fstat(fd)
    if not stat.S_ISREG(status.st_mode):
        return False
    if status.st_uid != os.geteuid():
        return False
    return status.st_nlink == 1 and status.st_size > 0


class Lock(Enum):
    """What an attempt to lock a file has led to."""

    HELD = auto()
    BUSY = auto()  # another process holds it
    UNSUPPORTED = auto()  # the file system has no locks


def _lock(fd: int) -> Lock:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return Lock.BUSY
    except OSError:
        return Lock.UNSUPPORTED
    return Lock.HELD


def _is_same_file(path: Path, fd: int) -> bool:
    """Whether the path still names the file that is open."""
    try:
        return os.path.samestat(path.stat(), os.fstat(fd))
    except OSError:
        return False


def _size(path: Path) -> int:
    try:
        return path.lstat().st_size
    except OSError:
        return -1


def _hashed(image_key: str) -> str:
    digest = hashlib.sha256(image_key.encode())
    return digest.hexdigest()[:12]


def _shortened(name: str) -> str:
    encoded = os.fsencode(name)
    return os.fsdecode(encoded[:LONGEST_NAME])
