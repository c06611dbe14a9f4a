"""Reading an image's data by several connections at once."""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

from glancecli.errors import ConnectionFailed, GlanceError, describe_failure
from glancecli.text import counted
from glancecli.transfer.options import Options
from glancecli.transfer.reader import ImageReader

if TYPE_CHECKING:
    from glancecli.api.interfaces import Data, Images
    from glancecli.image import Image

BLOCK_SIZE = 2**23  # bytes that one request asks for


class ParallelReader:
    """Reads one image from a position on, with one request for each block of 8 MiB.

    As many requests run at once as options.parallel says, and each holds its block in memory. When
    a block fails, or is not exactly what was asked for, an ImageReader reads the rest by one
    connection, with its retries.
    """

    def __init__(
        self, images: Images, image: Image, options: Options, *, position: int = 0
    ) -> None:
        self.id = str(image["id"])
        self._size = int(image["size"])
        self._images = images
        self._image = image
        self._options = options
        self._pool = ThreadPoolExecutor(options.parallel)
        self._requested: deque[Future[bytearray]] = deque()  # blocks in the order of the image
        self._request_start = position  # of the next block to request
        self._block = memoryview(b"")  # data of the first block that has not been given out
        self._position = position
        self._single: ImageReader | None = None  # reads the rest after a failure

    @property
    def position(self) -> int:
        """How many bytes come before the next one."""
        return self._single.position if self._single else self._position

    def open(self) -> int:
        """Requests the first blocks; returns the position where the data starts."""
        self._request_blocks()
        return self._position

    def fill(self, view: memoryview) -> int:
        """Copies the next bytes into view; returns how many, 0 at the end."""
        if not self._block and self._requested:
            self._next_block()
        if self._single:
            return self._single.fill(view)
        count = min(len(view), len(self._block))
        view[:count] = self._block[:count]
        self._block = self._block[count:]
        self._position += count
        return count

    def close(self) -> None:
        """Ends the requests that have not begun, and the connection that reads the rest."""
        self._end_requests()
        if self._single:
            self._single.close()

    def _next_block(self) -> None:
        """Waits for the next block; after its failure the rest is read by one connection."""
        try:
            self._block = memoryview(self._requested.popleft().result())
        except GlanceError as error:
            self._options.note(f"{describe_failure(error)}; continuing with one connection")
            self._end_requests()
            self._single = ImageReader(
                self._images, self._image, self._options, position=self._position
            )
        else:
            self._request_blocks()

    def _request_blocks(self) -> None:
        """Requests blocks until as many requests run as there are connections."""
        while len(self._requested) < self._options.parallel:
            start = self._request_start
            if start >= self._size:
                return
            end = min(start + BLOCK_SIZE, self._size)
            request = self._pool.submit(self._fetch, start, end)
            self._requested.append(request)
            self._request_start = end

    def _fetch(self, start: int, end: int) -> bytearray:
        """Returns the bytes from start up to end; raises GlanceError for any other response."""
        data = self._images.open_data(
            self.id,
            start,
            end - 1,
            size=end - start,
            prefer=self._options.prefer,
            stall=self._options.stall,
        )
        try:
            if data.status != 206 or data.content_range != (start, end - 1, self._size):
                raise ConnectionFailed(
                    f"image {self.id}: the service does not answer Range requests"
                )
            return self._read_block(data, end - start)
        finally:
            data.close()

    def _read_block(self, data: Data, size: int) -> bytearray:
        block = bytearray(size)
        view = memoryview(block)
        while view:
            count = data.readinto(view)
            if not count:
                raise ConnectionFailed(
                    f"image {self.id}: a part ended {counted(len(view), 'byte')} too early"
                )
            view = view[count:]
        return block

    def _end_requests(self) -> None:
        self._requested.clear()
        self._pool.shutdown(wait=False, cancel_futures=True)
