"""The data of an upload: a file or a pipe, opened and checked before anything is sent."""

from __future__ import annotations

import os
import re
import select
import stat
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol
from urllib.parse import unquote, urlsplit

from glancecli.errors import Code, GlanceError
from glancecli.text import system_reason
from glancecli.transfer.shared_folders import refuse_traps

if TYPE_CHECKING:
    from glancecli.checksums import Checksum

NOTE_AFTER = 10  # seconds without data from a pipe after which we say that we wait for it
PAUSE = 0.02  # seconds without data after which what has come from a pipe is sent
PIPE_SIZE = 2**20  # bytes
URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
F_SETPIPE_SZ = 1031  # of Linux; other systems refuse it


class Readable(Protocol):
    """What can be uploaded: bytes in order, and again from the beginning if it is rewindable.

    size is in bytes, None when it is not known beforehand. known is the checksum of all of it, None
    when there is none. is_local is set for data that is read again at no cost.
    """

    name: str
    known: Checksum | None
    rewindable: bool
    is_local: bool

    @property
    def size(self) -> int | None:
        """The number of bytes."""

    @property
    def position(self) -> int:
        """How many bytes have been read since the beginning."""

    def fill(self, view: memoryview) -> int:
        """Reads the next bytes into view; returns how many, 0 at the end."""

    def rewind(self) -> None:
        """Goes back to the beginning."""

    def changed(self) -> str:
        """Says how it has changed since it was opened, "" when it has not."""


class Source(Readable, Protocol):
    """Data that comes with a command: what is read of it before it is sent, and where it is from.

    url is the URL that the user gave, "" for anything else; file_names are the names under which
    the data may be published. caveat is a warning about data without a checksum, "" for none.
    """

    url: str

    @property
    def file_names(self) -> tuple[str, ...]:
        """The names, the one that the user gave first."""

    @property
    def caveat(self) -> str:
        """The warning."""

    def head(self, count: int) -> bytes:
        """Returns the first bytes, which fill() still gives; fewer when there are no more."""

    @property
    def read_at(self) -> Callable[[int, int], bytes] | None:
        """A function that reads length bytes at an offset, None where that cannot be done."""

    def close(self) -> None:
        """Ends the reading."""


class FileStatus(NamedTuple):
    """When a file was last changed: its data, and its inode, whose time nobody can set back."""

    data_time: int = 0  # nanoseconds, as is the next one
    inode_time: int = 0
    links: int = 0

    def differs_from(self, other: FileStatus) -> bool:
        """Whether the data may have changed: a new or removed link changes the inode alone."""
        if self.data_time != other.data_time:
            return True
        return self.inode_time != other.inode_time and self.links == other.links


class FileSource:
    """Data of a file descriptor, which can be read again if it is a file or a block device.

    name is what messages call it. size is in bytes, None when it is not known beforehand. path is
    the value of --file, "" for stdin.
    """

    known: Checksum | None = None
    url = ""
    caveat = ""

    def __init__(
        self, fd: int, name: str, *, path: str = "", note: Callable[[str], None] | None = None
    ) -> None:
        self.fd = fd
        self.name = name
        self.path = path
        self.position = 0
        self.size: int | None = None
        self._note = note
        self._peeked = b""  # read from a stream by head(), and not yet by fill()
        self._start = 0  # where our data begins in the file
        mode = os.fstat(fd).st_mode
        self.rewindable = stat.S_ISREG(mode) or stat.S_ISBLK(mode)
        self.is_local = self.rewindable
        self.file_names = (file_name(path),)
        self._inspected = b""  # the beginning of a file, as head() has shown it
        if self.rewindable:
            self._start = os.lseek(fd, 0, os.SEEK_CUR)
            self.size = self._current_size()
            self._opened_as = self._status()
        else:
            enlarge_pipe(fd)
        if self.size == 0:
            self._read_without_size()

    def _read_without_size(self) -> None:
        """Treats a file that is not as empty as it says like a stream.

        Files of /proc and of some FUSE file systems have the size 0.
        """
        self._peeked = bytes(self._call(os.read, self.fd, 1))
        if self._peeked:
            self.size = None
            self.rewindable = self.is_local = False

    def _status(self) -> FileStatus:
        status = os.fstat(self.fd)
        if not stat.S_ISREG(status.st_mode):
            return FileStatus()  # the times of a block device are not those of its data
        return FileStatus(status.st_mtime_ns, status.st_ctime_ns, status.st_nlink)

    def _current_size(self) -> int:
        """Bytes from our beginning to the end; the size of a block device is found by seeking."""
        status = os.fstat(self.fd)
        if stat.S_ISREG(status.st_mode):
            return max(status.st_size - self._start, 0)
        position = os.lseek(self.fd, 0, os.SEEK_CUR)
        end = os.lseek(self.fd, 0, os.SEEK_END)
        os.lseek(self.fd, position, os.SEEK_SET)
        return end - self._start

    def head(self, count: int) -> bytes:
        """Returns the first bytes, which fill() still gives; fewer when there are no more."""
        if self.rewindable:
            found = self._pread(0, count)
            self._inspected = max(self._inspected, found, key=len)
            return found
        while len(self._peeked) < count:
            more = self._read_stream(count - len(self._peeked))
            if not more:
                break
            self._peeked += more
        return self._peeked[:count]

    @property
    def read_at(self) -> Callable[[int, int], bytes] | None:
        """A function that reads length bytes at an offset, None for a stream."""
        return self._pread if self.rewindable else None

    def _pread(self, offset: int, length: int) -> bytes:
        parts = []
        while length > 0:
            part = self._call(os.pread, self.fd, length, self._start + offset)
            if not part:
                break
            parts.append(part)
            offset += len(part)
            length -= len(part)
        return b"".join(parts)

    def fill(self, view: memoryview) -> int:
        """Reads the next bytes into view; returns how many, 0 at the end.

        A file fills the view as far as it can, a stream with at least one byte and with what comes
        without a pause. Raises GlanceError when reading fails.
        """
        count = self._take_peeked(view)
        while count < len(view) and self._may_read_more(count):
            more = self._read_into(view[count:])
            if not more:
                break
            count += more
        self.position += count
        return count

    def _take_peeked(self, view: memoryview) -> int:
        count = min(len(view), len(self._peeked))
        if count:
            view[:count] = self._peeked[:count]
            self._peeked = self._peeked[count:]
        return count

    def _may_read_more(self, count: int) -> bool:
        """Whether fill() reads on after so many bytes."""
        return self.rewindable or count == 0 or self._is_readable(PAUSE)

    def rewind(self) -> None:
        """Goes back to the beginning. Only for a rewindable source."""
        os.lseek(self.fd, self._start, os.SEEK_SET)
        self.position = 0

    def changed(self) -> str:
        """Says how it has changed since it was opened, "" when it has not."""
        if self.size is None:
            return ""
        now = self._current_size()
        if now != self.size:
            return f"{self.name} changed from {self.size} to {now} bytes while it was being sent"
        beginning = self._pread(0, len(self._inspected))
        if beginning != self._inspected or self._status().differs_from(self._opened_as):
            return f"{self.name} was changed while it was being sent"
        if self._is_replaced():
            return f"{self.name} was replaced by another file while it was being sent"
        return ""

    def _is_replaced(self) -> bool:
        """Whether the path leads to another file by now. A file that was deleted stays readable."""
        try:
            return bool(self.path) and not os.path.samestat(os.stat(self.path), os.fstat(self.fd))  # noqa: PTH116 - pathlib is slow to import
        except OSError:
            return False

    def close(self) -> None:
        """Closes the file; stdin stays open, as we did not open it."""
        if self.path:
            os.close(self.fd)

    def _read_into(self, view: memoryview) -> int:
        while True:
            try:
                return int(self._call(os.readv, self.fd, [view]))
            except BlockingIOError:
                self._is_readable(None)

    def _read_stream(self, count: int) -> bytes:
        """Returns some bytes of a stream; says so when it has to wait long for them."""
        if self._note and not self._is_readable(NOTE_AFTER):
            self._note(f"waiting for data from {self.name}")
            self._note = None
        buffer = bytearray(min(count, PIPE_SIZE))
        filled = self._read_into(memoryview(buffer))
        return bytes(buffer[:filled])

    def _is_readable(self, seconds: float | None) -> bool:
        """Whether something can be read within so many seconds (None: waits until it can)."""
        poll = select.poll()
        poll.register(self.fd, select.POLLIN)
        milliseconds = None if seconds is None else seconds * 1000
        return bool(poll.poll(milliseconds))

    def _call(self, function: Callable[..., Any], *args: Any) -> Any:
        """Calls a function of the system; its failure becomes a GlanceError that names the data."""
        try:
            return function(*args)
        except BlockingIOError:
            raise
        except OSError as error:
            raise _unreadable(self.name, system_reason(error)) from error


def open_file(
    path: str, note: Callable[[str], None] | None = None, *, allow_empty: bool = False
) -> FileSource:
    """Opens the file at a path. Raises GlanceError for one that is missing, unreadable or a folder,
    and for an empty one unless allow_empty is set.
    """
    refuse_traps(Path(path))
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise _unreadable(path, system_reason(error)) from error
    try:
        if stat.S_ISDIR(os.fstat(fd).st_mode):
            raise _unreadable(path, "it is a folder")
        opened = FileSource(fd, path, path=path, note=note)
        if not allow_empty and not opened.head(1):
            raise GlanceError(
                f"{path} is empty",
                hint="--allow-empty creates an image without content.",
                code=Code.WRONG_DATA,
            )
    except BaseException:
        os.close(fd)
        raise
    return opened


def open_stdin(
    stdin: Any, note: Callable[[str], None] | None = None, *, allow_empty: bool = False
) -> FileSource | None:
    """Opens stdin if it holds data: a regular file, a pipe, a socket or a disk does.

    stdin is a file object, or None when it is closed or must not be read. Raises GlanceError for
    one that is empty unless allow_empty is set: the program in front of the pipe has failed.
    """
    try:
        fd = stdin.fileno()
        mode = os.fstat(fd).st_mode
    except (AttributeError, OSError, ValueError):
        return None  # closed
    if stat.S_ISCHR(mode) or stat.S_ISDIR(mode):
        return None
    opened = FileSource(fd, "standard input", note=note)
    if allow_empty or opened.head(1):
        return opened
    raise GlanceError(
        "standard input is empty",
        hint="Has the program before the pipe failed? --allow-empty accepts empty data, and "
        "< /dev/null stands for no data.",
        code=Code.WRONG_DATA,
    )


def is_url(path: str) -> bool:
    """Whether a value of --file is a URL."""
    return URL.match(path) is not None


def file_name(path: str) -> str:
    """Returns the last part of a path or of a URL's path, as files are called in lists."""
    if is_url(path):
        path = unquote(urlsplit(path).path)
    return path.rpartition("/")[2]


def _unreadable(name: str, reason: str) -> GlanceError:
    return GlanceError(f"cannot read {name}: {reason}", code=Code.FILE)


def enlarge_pipe(fd: int) -> None:
    """Makes a pipe larger, so that the two programs take turns less often."""
    import fcntl

    try:
        fcntl.fcntl(fd, F_SETPIPE_SZ, PIPE_SIZE)
    except OSError:
        return  # not a pipe, not Linux, or more than this user may have
