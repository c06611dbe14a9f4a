"""A few buffers that are filled, used and hashed in turn; the hashing runs on its own thread."""

from __future__ import annotations

from mmap import MAP_PRIVATE, mmap
from queue import SimpleQueue
from threading import Thread

from glancecli.checksums import new_hash

BUFFER = 2**20  # bytes
COUNT = 4


class Ring:
    """Buffers of 1 MiB, and the hashes of everything that went through them.

    They are whole pages of memory, as a disk wants them that takes them past the system's cache.
    Use: take a buffer(), fill it, hash() it, use it, take the next. One is reused only when it has
    been hashed and the next one is asked for, so memory stays at COUNT MiB and hashing costs no
    wall time.
    """

    def __init__(self, algorithms: tuple[str, ...]) -> None:
        self._hashes = {name: new_hash(name) for name in dict.fromkeys(algorithms)}
        self._free: SimpleQueue[mmap] = SimpleQueue()
        self._full: SimpleQueue[tuple[mmap, int] | None] = SimpleQueue()
        for _ in range(COUNT):
            self._free.put(mmap(-1, BUFFER, flags=MAP_PRIVATE))
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()

    def buffer(self) -> mmap:
        """A buffer that nobody needs any more."""
        return self._free.get()

    def hash(self, buffer: mmap, count: int) -> None:
        """Hash the first count bytes of a buffer, in the order of these calls."""
        self._full.put((buffer, count))

    def digests(self) -> dict[str, str]:
        """Hex digests by algorithm, of all that was hashed; nothing more can be."""
        self.close()
        return {name: each.hexdigest() for name, each in self._hashes.items()}

    def close(self) -> None:
        """End the thread when it has hashed what it was given; twice is as good as once."""
        self._full.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (work := self._full.get()) is not None:
            buffer, count = work
            with memoryview(buffer)[:count] as data:
                for each in self._hashes.values():
                    each.update(data)
            self._free.put(buffer)
