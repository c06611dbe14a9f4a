"""A file that is not finished: written beside its place under a name of its own, renamed when it is
right.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from glancecli.errors import GlanceError
from glancecli.transfer.direct_io import Disk
from glancecli.transfer.hashing import Ring

BLOCK = 2**16  # bytes, the unit in which zeros become holes
ZEROS = bytes(BLOCK)
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class Part:
    """``F.<what>.<whose>.part``: what is a hash of the image's ID, hash and size, whose is random.

    So a part is found again by a later run of the same download, and never taken for another
    image's. A lock keeps two processes from writing to the same one; where locks do not work no
    part is taken over. While room is reserved for all of it, its size tells nothing, and its name
    ends in .reserved.
    """

    def __init__(self, target: Path, what: str, *, sparse: bool = True) -> None:
        self.target = Path(os.path.realpath(target))
        self._sparse = sparse
        self._stem = f"{_short(self.target.name)}.{_key(what)}."
        self.fd, self.path = self._adopt() or self._make()
        self.position = os.fstat(self.fd).st_size
        self._disk = Disk(self.fd)

    def _adopt(self) -> tuple[int, Path] | None:
        """A part that an earlier run left, the longest one, unless somebody is at work on it."""
        try:
            paths = [
                path
                for path in self.target.parent.iterdir()
                if path.name.startswith(self._stem) and path.suffix in (".part", ".reserved")
            ]
        except OSError:
            return None
        for path in sorted(paths, key=_size_of, reverse=True):
            if (fd := _taken(path)) is not None:
                if path.suffix == ".part":
                    return fd, path
                path.unlink()  # nobody is at work on it, and how far it got is not known
                os.close(fd)
        return None

    def _make(self) -> tuple[int, Path]:
        """A new part. One that somebody took over before it was locked is his."""
        while True:
            path = self.target.with_name(f"{self._stem}{secrets.token_hex(4)}.part")
            try:
                fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
            except OSError as error:
                raise GlanceError(f"cannot write {self.target}: {_words(error)}") from error
            if _lock(fd) is not False and _still(path, fd):
                return fd, path
            os.close(fd)

    def reserve(self, size: int | None) -> None:
        """See that there is room for size bytes; without sparse writing take it at once.

        Raises GlanceError when there is not.
        """
        if size is None:
            return
        needed = size - self.position
        room = os.statvfs(self.target.parent)
        free = room.f_bavail * room.f_frsize
        if room.f_blocks and free < needed:
            raise GlanceError(
                f"not enough room in {self.target.parent}: {needed} bytes are needed, and {free} are free"
            )
        if not self._sparse and size:
            with self._guarded():
                self._rename(".reserved")
                os.posix_fallocate(self.fd, 0, size)

    def _rename(self, suffix: str) -> None:
        self.path = self.path.rename(self.path.with_suffix(suffix))

    def hash_found(self, ring: Ring) -> None:
        """Put what is there through the ring, from the beginning to our position."""
        at = 0
        while at < self.position:
            buffer = ring.buffer()
            with self._guarded():
                count = os.preadv(self.fd, [memoryview(buffer)[: self.position - at]], at)
            if not count:
                raise GlanceError(f"{self.path} became shorter while it was being read")
            ring.hash(buffer, count)
            at += count

    def restart(self) -> None:
        """Forget what is there."""
        with self._guarded():
            os.ftruncate(self.fd, 0)
        self.position = 0

    def write(self, view: memoryview) -> None:
        """Add these bytes; blocks of zeros become holes."""
        with self._guarded():
            for start, stop in _stretches(view) if self._sparse else ((0, len(view)),):
                self._disk.write(view[start:stop], self.position + start)
            self.position += len(view)

    def finish(self, *, overwrite: bool) -> None:
        """Everything is right: onto the disk, and into its place."""
        with self._guarded():
            os.ftruncate(self.fd, self.position)
            self._disk.end()
            os.fsync(self.fd)
            if not overwrite and self.target.exists():
                raise FileExistsError
            self.path.replace(self.target)
            self._sync_folder()
        os.close(self.fd)

    def keep(self) -> bool:
        """Leave what is there for a later run; whether there is anything."""
        if not self.position:
            self.drop()
            return False
        try:
            os.ftruncate(self.fd, self.position)  # what was reserved is no data
            self._rename(".part")
        finally:
            self._close()
        return True

    def drop(self) -> None:
        """Remove it."""
        self.path.unlink()
        self._close()

    def _close(self) -> None:
        with suppress(OSError):  # the hash will tell whether what is left is good
            self._disk.end()
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

    def _guarded(self) -> _Guard:
        return _Guard(self)


class _Guard:
    """Turns the errors of files into ours; a full disk is not left full."""

    def __init__(self, part: Part) -> None:
        self._part = part

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(self, _kind: object, error: object, _trace: object) -> None:
        if not isinstance(error, OSError):
            return
        if isinstance(error, FileExistsError):
            raise GlanceError(
                f"{self._part.target} has been made by somebody else in the meantime",
                hint="--force replaces it.",
            ) from error
        if error.errno in FULL:
            self._part.position = 0  # so that keep() removes it
        raise GlanceError(f"cannot write {self._part.path}: {_words(error)}") from error


def _stretches(view: memoryview) -> Iterator[tuple[int, int]]:
    """Start and end of each run of blocks that are not all zero."""
    start, count = 0, len(view)
    for at in range(0, count, BLOCK):
        end = min(at + BLOCK, count)
        # Most blocks show by their first byte that they are something else, and need not be copied
        # for it.
        if not view[at] and view[at:end].tobytes() == ZEROS[: end - at]:
            if start < at:
                yield start, at
            start = end
    if start < count:
        yield start, count


def _taken(path: Path) -> int | None:
    """A part opened and locked for us alone, None when it is not to be had, or not what it seems."""
    try:
        fd = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    status = os.fstat(fd)
    mine = stat.S_ISREG(status.st_mode) and status.st_uid == os.geteuid() and status.st_nlink == 1
    # Its owner may have finished and renamed it between our open and our lock.
    if mine and status.st_size and _lock(fd) and _still(path, fd):
        return fd
    os.close(fd)
    return None


def _lock(fd: int) -> bool | None:
    """Whether the file is locked for us now; None where locks do not work."""
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True


def _still(path: Path, fd: int) -> bool:
    """Whether the path still names the file that is open."""
    try:
        return os.path.samestat(path.stat(), os.fstat(fd))
    except OSError:
        return False


def _size_of(path: Path) -> int:
    try:
        return path.lstat().st_size
    except OSError:
        return -1


def _key(what: str) -> str:
    return hashlib.sha256(what.encode()).hexdigest()[:12]


def _short(name: str) -> str:
    """A file name short enough to take our endings (255 bytes is what file systems allow)."""
    return os.fsdecode(os.fsencode(name)[:200])


def _words(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
