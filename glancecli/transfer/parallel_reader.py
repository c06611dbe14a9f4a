"""An image's data by several connections at once, given out in order."""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

from glancecli.errors import ConnectionFailed, GlanceError
from glancecli.transfer.options import Options
from glancecli.transfer.reader import Fetch

if TYPE_CHECKING:
    from glancecli.api import Images
    from glancecli.image import Image

BLOCK = 2**23  # bytes that one request asks for


class Parallel(Fetch):
    """Reads one image from a position on, asking for as many blocks at once as options.parallel
    says.

    Whatever goes wrong with a block, or is not exactly what was asked for, ends the parallel
    reading: from there on one connection goes on as Fetch does, with its retries. Holds a block for
    each connection.
    """

    def __init__(
        self, images: Images, image: Image, options: Options, *, position: int = 0
    ) -> None:
        super().__init__(images, image, options, position=position)
        self._pool: ThreadPoolExecutor | None = ThreadPoolExecutor(options.parallel)
        self._coming: deque[Future[bytearray]] = deque()
        self._asked = position
        self._block = memoryview(b"")

    def open(self) -> int:
        """Ask for the first blocks; the position where the data starts."""
        self._ask()
        return self.position

    def fill(self, view: memoryview) -> int:
        """The next bytes, 0 at the end, as Fetch promises them."""
        if not self._block and self._coming:
            try:
                self._block = memoryview(self._coming.popleft().result())
            except GlanceError as error:
                self._options.note(f"{error.headline}; going on with one connection")
                self._alone()
            else:
                self._ask()
        if not self._block:
            whole = self._pool is not None and self.position == self.size
            return 0 if whole else super().fill(view)
        count = min(len(view), len(self._block))
        view[:count], self._block = self._block[:count], self._block[count:]
        self.position += count
        return count

    def close(self) -> None:
        """Drop all connections."""
        self._alone()
        super().close()

    def _ask(self) -> None:
        """Keep every connection at work."""
        size = self.size or 0
        while self._pool and self._asked < size and len(self._coming) < self._options.parallel:
            end = min(self._asked + BLOCK, size)
            self._coming.append(self._pool.submit(self._get, self._asked, end))
            self._asked = end

    def _get(self, start: int, end: int) -> bytearray:
        """The bytes from start up to end, or an error when the answer is anything else."""
        options = self._options
        data = self._images.open_data(
            self.id, start, end - 1, size=end - start, prefer=options.prefer, stall=options.stall
        )
        try:
            if data.status != 206 or data.content_range != (start, end - 1, self.size):
                raise ConnectionFailed(f"image {self.id}: the service does not give parts of it")
            block = bytearray(end - start)
            got, view = 0, memoryview(block)
            while got < len(block):
                count = data.readinto(view[got:])
                if not count:
                    raise ConnectionFailed(f"image {self.id}: a part ended too early")
                got += count
            return block
        finally:
            data.close()

    def _alone(self) -> None:
        """No more parallel reading."""
        self._coming.clear()
        if self._pool:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None
