"""How a file's bytes come onto the disk: past the system's cache where that is quick, else through
it.
"""

from __future__ import annotations

import errno
import fcntl
import os
import time
from queue import Queue
from threading import Thread

AHEAD = 2**25  # bytes written into the cache after which the disk has to take them
PAGE = 4096  # bytes, of which place, length and memory of a write past the cache are multiples
SLOW = (
    2.5e-3 / 2**20
)  # seconds for a byte: a disk that takes longer is better off with many writes at once
ENOUGH = 2**24  # bytes after which a disk is judged
DIRECT: int = getattr(os, "O_DIRECT", 0)


class Disk:
    """Writes to one open file, of which nothing much is left to be done at the end.

    Past the cache a write takes a tenth of the processor time, and what other programs have in the
    cache stays there; but each one is waited for. So a disk that is far away or slow gets its data
    through the cache, as does what cannot go past it: a file system without that way, ends of less
    than a page. Between write() and end() nobody else may read from the open file.
    """

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._may = bool(DIRECT)
        self._past = False  # whether the open file is set so
        self._bytes, self._seconds = 0, 0.0  # of what went past the cache
        self._cached = 0  # bytes that nobody has told the disk to take
        self._syncing: Syncing | None = None

    def write(self, view: memoryview, at: int) -> None:
        """Put all of view at this byte of the file. Raises OSError, also for what was written
        earlier.
        """
        while view:
            past = self._set(self._may and not (at | len(view)) % PAGE)
            count = self._write_past(view, at) if past else self._write_cached(view, at)
            view, at = view[count:], at + count

    def end(self) -> None:
        """Wait until all is on the disk that it was told to take. Raises OSError when it could not."""
        self._set(False)
        syncing, self._syncing = self._syncing, None
        if syncing:
            syncing.end()

    def _set(self, past: bool) -> bool:
        """Open the way past the cache, or the one through it; which one it is then."""
        if past != self._past:
            flags = fcntl.fcntl(self._fd, fcntl.F_GETFL) & ~DIRECT
            try:
                fcntl.fcntl(self._fd, fcntl.F_SETFL, flags | (DIRECT if past else 0))
                self._past = past
            except OSError:
                self._may = False
        return self._past

    def _write_past(self, view: memoryview, at: int) -> int:
        begun = time.monotonic()
        try:
            count = os.pwrite(self._fd, view, at)
        except OSError as error:
            if error.errno != errno.EINVAL:
                raise
            self._may = False  # this file system has other ideas of what a page is
            return 0
        self._seconds += time.monotonic() - begun
        self._bytes += count
        if self._bytes >= ENOUGH and self._seconds > SLOW * self._bytes:
            self._may = False
        return count

    def _write_cached(self, view: memoryview, at: int) -> int:
        count = os.pwrite(self._fd, view, at)
        self._cached += count
        if self._cached >= AHEAD:
            self._syncing = self._syncing or Syncing(self._fd)
            self._syncing.take()
            self._cached = 0
        return count


class Syncing:
    """Has the disk take what is in the cache while more is written there, so that little is left
    for the end.

    What is written runs ahead of it by a few times AHEAD at most, because a program that is
    interrupted cannot end before the disk has taken what it was told to.
    """

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._orders: Queue[bool] = Queue(1)
        self._error: OSError | None = None
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()

    def take(self) -> None:
        """Have it take what is written by now. Raises the OSError of an earlier time."""
        self._orders.put(True)
        self._check()

    def end(self) -> None:
        """Wait until it has taken all that it was told to. Raises OSError when it could not."""
        self._orders.put(False)
        self._thread.join()
        self._check()

    def _check(self) -> None:
        # The system tells an error of writing once, so a later fsync does not know of it.
        if self._error:
            raise self._error

    def _run(self) -> None:
        while self._orders.get():
            try:
                os.fsync(self._fd)
            except OSError as error:
                self._error = self._error or error
