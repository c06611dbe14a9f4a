"""Where the data of an upload comes from: a file, a pipe. Opened and checked before anything is
sent.
"""

from __future__ import annotations

import os
import select
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

from glancecli.errors import GlanceError

if TYPE_CHECKING:
    from glancecli.checksums import Checksum

PATIENCE = 10  # seconds after which we say that we wait for a pipe
PAUSE = 0.02  # seconds without data after which what has come from a pipe goes out
PIPE_SIZE = 2**20


class Readable(Protocol):
    """What can be uploaded: bytes in order, and again from the beginning when it is rewindable.

    size is in bytes, None when it is not known beforehand; known is the hash that all of it has
    (algorithm, hex digest), None when nobody tells; read_at is None for what cannot be looked into
    at any place for nothing.
    """

    name: str
    size: int | None
    known: Checksum | None
    rewindable: bool

    @property
    def position(self) -> int:
        """Bytes given out since the beginning."""

    @property
    def read_at(self) -> Callable[[int, int], bytes] | None:
        """A function that reads length bytes at an offset."""

    def fill(self, view: memoryview) -> int:
        """The next bytes, 0 at the end."""

    def rewind(self) -> None:
        """Back to the beginning."""

    def changed(self) -> str:
        """How it has changed in size since it was opened, "" when it has not."""


class Source:
    """Data to be read once, or, when rewindable, as often as it takes.

    name is what messages call it; size is in bytes, None when it is not known beforehand. path is
    what --file was given, "" for stdin.
    """

    known: Checksum | None = None

    def __init__(
        self, fd: int, name: str, *, path: str = "", note: Callable[[str], None] | None = None
    ) -> None:
        self.fd, self.name, self.path = fd, name, path
        self._note = note
        self._peeked = b""
        self.position = 0  # bytes given out since the beginning
        mode = os.fstat(fd).st_mode
        self.rewindable = stat.S_ISREG(mode) or stat.S_ISBLK(mode)
        self._base = os.lseek(fd, 0, os.SEEK_CUR) if self.rewindable else 0
        self.size = self._size_now() if self.rewindable else None
        if not self.rewindable:
            widen(fd)

    def _size_now(self) -> int:
        """Bytes from our beginning to the end; a block device tells its size by seeking only."""
        status = os.fstat(self.fd)
        if stat.S_ISREG(status.st_mode):
            return max(status.st_size - self._base, 0)
        here = os.lseek(self.fd, 0, os.SEEK_CUR)
        end = os.lseek(self.fd, 0, os.SEEK_END)
        os.lseek(self.fd, here, os.SEEK_SET)
        return end - self._base

    def head(self, count: int) -> bytes:
        """The first bytes, which are still given out later; fewer when there are no more."""
        if self.rewindable:
            return self.read_at(0, count) if self.read_at else b""
        while len(self._peeked) < count and (more := self._wait_read(count - len(self._peeked))):
            self._peeked += more
        return self._peeked[:count]

    def tail(self, count: int) -> bytes:
        """The last bytes, b"" when they cannot be known yet."""
        if self.read_at is None or self.size is None:
            return b""
        start = max(self.size - count, 0)
        return self.read_at(start, self.size - start)

    @property
    def read_at(self) -> Callable[[int, int], bytes] | None:
        """A function that reads length bytes at an offset, None for a stream."""
        return self._read_at if self.rewindable else None

    def _read_at(self, offset: int, length: int) -> bytes:
        parts = []
        while length > 0:
            part = self._guarded(os.pread, self.fd, length, self._base + offset)
            if not part:
                break
            parts.append(part)
            offset, length = offset + len(part), length - len(part)
        return b"".join(parts)

    def fill(self, view: memoryview) -> int:
        """Fill view: a file as far as it goes, a stream with what comes without a pause (a byte at
        least).

        0 at the end. Raises GlanceError when reading fails.
        """
        count = 0
        if self._peeked:
            count = min(len(view), len(self._peeked))
            view[:count] = self._peeked[:count]
            self._peeked = self._peeked[count:]
        while count < len(view) and (self.rewindable or not count or self._ready(PAUSE)):
            more = self._read_into(view[count:])
            if not more:
                break
            count += more
        self.position += count
        return count

    def rewind(self) -> None:
        """Back to the beginning. Only for a rewindable source."""
        os.lseek(self.fd, self._base, os.SEEK_SET)
        self.position = 0

    def changed(self) -> str:
        """How the source has changed in size since it was opened, "" when it has not."""
        if not self.rewindable or self.size is None:
            return ""
        now = self._size_now()
        if now == self.size:
            return ""
        return f"{self.name} changed from {self.size} to {now} bytes while it was being sent"

    def close(self) -> None:
        """Close the file; stdin is not ours to close."""
        if self.path:
            os.close(self.fd)

    def _read_into(self, view: memoryview) -> int:
        while True:
            try:
                return int(self._guarded(os.readv, self.fd, [view]))
            except BlockingIOError:
                self._ready(None)

    def _wait_read(self, count: int) -> bytes:
        """Some bytes of a stream; when none come for a while, say that we wait for them."""
        if self._note and not self._ready(PATIENCE):
            self._note(f"waiting for data from {self.name}")
            self._note = None
        buffer = bytearray(min(count, PIPE_SIZE))
        return bytes(buffer[: self._read_into(memoryview(buffer))])

    def _ready(self, seconds: float | None) -> bool:
        """Whether something can be read within so many seconds (None: as long as it takes)."""
        poll = select.poll()
        poll.register(self.fd, select.POLLIN)
        return bool(poll.poll(None if seconds is None else seconds * 1000))

    def _guarded(self, function: Callable[..., Any], *args: Any) -> Any:
        try:
            return function(*args)
        except BlockingIOError:
            raise
        except OSError as error:
            raise GlanceError(f"cannot read {self.name}: {_words(error)}") from error


@contextmanager
def source(
    path: str | None,
    stdin: Any,
    *,
    note: Callable[[str], None] | None = None,
    allow_empty: bool = False,
) -> Iterator[Source | None]:
    """The source that a command line names: --file, else stdin when it holds data, else None.

    stdin is a file object, or None when it is closed or not to be looked at. A regular file, a
    pipe, a socket or a disk is data; a terminal and /dev/null are none. Raises GlanceError for a
    path that is missing, unreadable, a folder, or empty without allow_empty.
    """
    if path:
        found = _named(path, note, allow_empty)
        try:
            yield found
        finally:
            found.close()
    else:
        yield _standard(stdin, note, allow_empty)


def _named(path: str, note: Callable[[str], None] | None, allow_empty: bool) -> Source:
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise GlanceError(f"cannot read {path}: {_words(error)}") from error
    try:
        if stat.S_ISDIR(os.fstat(fd).st_mode):
            raise GlanceError(f"cannot read {path}: it is a folder")
        found = Source(fd, path, path=path, note=note)
        if not allow_empty and not found.head(1):
            raise GlanceError(
                f"{path} is empty", hint="--allow-empty makes an image without content."
            )
    except BaseException:
        os.close(fd)
        raise
    return found


def _standard(stdin: Any, note: Callable[[str], None] | None, allow_empty: bool) -> Source | None:
    try:
        fd = stdin.fileno()
        mode = os.fstat(fd).st_mode
    except (AttributeError, OSError, ValueError):
        return None  # closed
    if stat.S_ISCHR(mode) or stat.S_ISDIR(mode):
        return None
    found = Source(fd, "standard input", note=note)
    if not allow_empty and not found.head(1):
        if note:
            note("standard input is empty, so no data is sent")
        return None
    return found


def widen(fd: int) -> None:
    """A larger pipe: fewer switches between the two programs."""
    import fcntl

    try:
        fcntl.fcntl(fd, getattr(fcntl, "F_SETPIPE_SZ", 1031), PIPE_SIZE)
    except OSError:
        return  # no pipe, no such call here, or more than this user may have


def _words(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
