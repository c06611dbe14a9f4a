"""Writing a download to disk: past the page cache where that is quick, else through it."""

from __future__ import annotations

import errno
import fcntl
import os
import time
from queue import Queue
from threading import Thread

SYNC_INTERVAL = 2**25  # bytes written into the cache after which they are synced to disk
PAGE = 4096  # bytes; direct writes need offset, length and memory address to be multiples of it
SLOW = 2.5e-3 / 2**20  # seconds a byte; a slower disk does better with many writes at once
SAMPLE = 2**24  # bytes of direct writes after which the speed of the disk is judged
O_DIRECT: int = getattr(os, "O_DIRECT", 0)


class FileWriter:
    """Writes to one open file, so that little is left to be synced at the end.

    A direct write (O_DIRECT) takes a tenth of the processor time and leaves the cache to other
    programs, but each one is waited for. So a disk that is slow or far away gets its data through
    the cache, as does what cannot be written directly: on a file system without O_DIRECT, and ends
    of less than a page. Between write() and close() nothing else may read from the open file.
    """

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._direct_allowed = bool(O_DIRECT)
        self._direct = False  # whether O_DIRECT is set on the open file
        self._direct_bytes = 0
        self._direct_seconds = 0.0
        self._unsynced = 0  # bytes in the cache that no sync has been started for
        self._sync: BackgroundSync | None = None

    def write(self, view: memoryview, offset: int) -> None:
        """Writes all of view at this offset. Raises OSError, also for an earlier write."""
        while view:
            self._set_direct(self._direct_allowed and _is_aligned(offset, len(view)))
            if self._direct:
                count = self._write_direct(view, offset)
            else:
                count = self._write_cached(view, offset)
            view = view[count:]
            offset += count

    def close(self) -> None:
        """Waits until every sync that was started is done. Raises OSError if one has failed."""
        self._set_direct(False)
        sync = self._sync
        self._sync = None
        if sync:
            sync.close()

    def _set_direct(self, direct: bool) -> None:
        """Sets or clears O_DIRECT on the open file, where its file system can do that."""
        if direct == self._direct:
            return
        flags = fcntl.fcntl(self._fd, fcntl.F_GETFL) & ~O_DIRECT
        if direct:
            flags |= O_DIRECT
        try:
            fcntl.fcntl(self._fd, fcntl.F_SETFL, flags)
        except OSError:
            self._direct_allowed = False
            return
        self._direct = direct

    def _write_direct(self, view: memoryview, offset: int) -> int:
        begun = time.monotonic()
        try:
            count = os.pwrite(self._fd, view, offset)
        except OSError as error:
            if error.errno != errno.EINVAL:
                raise
            self._direct_allowed = False  # this file system wants larger pages
            return 0
        self._direct_seconds += time.monotonic() - begun
        self._direct_bytes += count
        if self._direct_bytes >= SAMPLE and self._direct_seconds > SLOW * self._direct_bytes:
            self._direct_allowed = False
        return count

    def _write_cached(self, view: memoryview, offset: int) -> int:
        count = os.pwrite(self._fd, view, offset)
        self._unsynced += count
        if self._unsynced >= SYNC_INTERVAL:
            if self._sync is None:
                self._sync = BackgroundSync(self._fd)
            self._sync.start()
            self._unsynced = 0
        return count


class BackgroundSync:
    """Syncs a file to disk on a thread of its own while more is written to it.

    Writing runs ahead by a few times SYNC_INTERVAL at most, because an interrupted program cannot
    end before its syncs have ended.
    """

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._requests: Queue[bool] = Queue(1)  # True: sync; False: end
        self._error: OSError | None = None
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()

    def start(self) -> None:
        """Starts a sync of what is written by now. Raises the OSError of an earlier one."""
        self._requests.put(True)
        self._check()

    def close(self) -> None:
        """Waits until all syncs are done. Raises OSError if one has failed."""
        self._requests.put(False)
        self._thread.join()
        self._check()

    def _check(self) -> None:
        # The system reports a failed write once, so a later fsync would not tell of it.
        if self._error:
            raise self._error

    def _run(self) -> None:
        while self._requests.get():
            try:
                os.fsync(self._fd)
            except OSError as error:
                self._error = self._error or error


def _is_aligned(offset: int, length: int) -> bool:
    return offset % PAGE == 0 and length % PAGE == 0
