"""A few buffers that are filled, used and hashed in turn; the hashing runs on its own thread."""

from __future__ import annotations

from collections.abc import Sequence
from mmap import MAP_PRIVATE, mmap
from queue import SimpleQueue
from threading import Thread

from glancecli.checksums import new_hash

BUFFER_SIZE = 2**20  # bytes
BUFFER_COUNT = 4


class HashingBuffers:
    """Buffers of 1 MiB, and the hashes of all data that went through them.

    Call free_buffer(), fill the buffer, pass it to hash(), use its data, and call free_buffer()
    again. A buffer is free again once it has been hashed, so the memory stays at BUFFER_COUNT MiB,
    and hashing takes no time of its own while there are two processors. Buffers are whole pages of
    memory, as writing past the page cache needs them (direct_io).
    """

    def __init__(self, algorithms: Sequence[str]) -> None:
        self._hashes = {name: new_hash(name) for name in dict.fromkeys(algorithms)}
        self._free: SimpleQueue[mmap] = SimpleQueue()
        self._filled: SimpleQueue[tuple[mmap, int] | None] = SimpleQueue()
        for _ in range(BUFFER_COUNT):
            buffer = mmap(-1, BUFFER_SIZE, flags=MAP_PRIVATE)
            self._free.put(buffer)
        self._thread = Thread(target=self._hash_filled, daemon=True)
        self._thread.start()

    def free_buffer(self) -> mmap:
        """Returns a buffer that is no longer in use, once there is one."""
        return self._free.get()

    def hash(self, buffer: mmap, count: int) -> None:
        """Hashes the first count bytes of a buffer, in the order of these calls."""
        self._filled.put((buffer, count))

    def digests(self) -> dict[str, str]:
        """Returns the hex digest of all data by algorithm; nothing can be hashed after this."""
        self.close()
        return {name: each.hexdigest() for name, each in self._hashes.items()}

    def close(self) -> None:
        """Ends the thread once it has hashed all that it was given. May be called again."""
        self._filled.put(None)
        self._thread.join()

    def _hash_filled(self) -> None:
        while (filled := self._filled.get()) is not None:
            buffer, count = filled
            with memoryview(buffer)[:count] as data:
                for each in self._hashes.values():
                    each.update(data)
            self._free.put(buffer)
