"""An image's data read in order, whatever breaks on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from glancecli.errors import ConnectionFailed, GlanceError, HttpError, Subject
from glancecli.transfer.options import Options
from glancecli.transfer.retry import Retry

if TYPE_CHECKING:
    from glancecli.api import Data, Images
    from glancecli.image import Image

SCRATCH = 2**18  # bytes


class Fetch:
    """Reads one image from a position on; after a break it goes on with Range where the service
    can.

    ranges False asks for the whole image always and skips what is there already: some stores answer
    a Range with something else, which only the hash shows.
    """

    def __init__(
        self,
        images: Images,
        image: Image,
        options: Options,
        *,
        position: int = 0,
        ranges: bool = True,
    ) -> None:
        self._images, self._options, self._ranges = images, options, ranges
        self.id = str(image["id"])
        self.size: int | None = image.get("size")
        self.position = position
        self._data: Data | None = None
        self._retry = Retry(options, keeps=True)

    def open(self) -> int:
        """Open the data; the position where it starts: 0 when the service cannot go on where we
        are.

        Tried again as fill() is.
        """
        while self._data is None:
            try:
                if self._connect():
                    self.position = 0
            except GlanceError as error:
                self._again(error)
        return self.position

    def fill(self, view: memoryview) -> int:
        """The next bytes, 0 at the end. Breaks are mended as far as the options allow.

        Raises GlanceError that names the image when there is no more to be had, or when it ends
        elsewhere than the service promised.
        """
        room = view if self.size is None else view[: self.size - self.position]
        while True:
            try:
                if self._data is None:
                    self._skip(self._connect())
                assert self._data  # noqa: S101 - told to the type checker
                # One byte of room is left at the end, in which surplus data shows.
                count = self._data.readinto(room or memoryview(bytearray(1)))
                self._check(count, len(room))
            except GlanceError as error:
                self._again(error)
            else:
                self.position += count
                self._retry.moved(count)
                return count

    def close(self) -> None:
        """Drop the connection."""
        if self._data is not None:
            self._data.close()
            self._data = None

    def _connect(self) -> int:
        """Ask for the rest: how many bytes come before our position once more."""
        start = self.position if self._ranges else 0
        try:
            data = self._images.open_data(
                self.id,
                start,
                size=self.size,
                prefer=self._options.prefer,
                stall=self._retry.begin(),
            )
        except HttpError as error:
            # Glance answers 400 when the store cannot read from the middle.
            if error.status in (400, 416) and start:
                self._ranges = False
                return self._connect()
            raise
        try:
            honest = self._honest(data, start)
        except GlanceError:
            data.close()
            raise
        if not honest:
            data.close()
            self._ranges = False
            return self._connect()
        self._data = data
        return self.position - (start if data.status == 206 else 0)

    def _honest(self, data: Data, start: int) -> bool:
        """Whether the answer is what was asked for. False: ask without Range."""
        if data.status == 206:
            if not start:
                raise ConnectionFailed(
                    f"image {self.id}: the service sent a part that was not asked for"
                )
            first, last, whole = data.content_range or (-1, -1, None)
            right = first == start and (self.size is None or last + 1 == self.size)
            right = right and (whole is None or whole == last + 1)
            return right and data.length in (None, last + 1 - first)
        if None not in (data.length, self.size) and data.length != self.size:
            raise ConnectionFailed(
                f"image {self.id} has {self.size} bytes, and the service sends {data.length}"
            )
        return True

    def _skip(self, count: int) -> None:
        """Read over what we have."""
        scratch = memoryview(bytearray(SCRATCH))
        while count:
            assert self._data  # noqa: S101 - told to the type checker
            got = self._data.readinto(scratch[: min(count, SCRATCH)])
            if not got:
                raise ConnectionFailed(
                    f"image {self.id}: the data ended before the place where we are"
                )
            self._retry.moved(0)
            count -= got

    def _check(self, count: int, room: int) -> None:
        if not room and count:
            raise ConnectionFailed(
                f"image {self.id}: more than the promised {self.size} bytes came"
            )
        if room and not count and self.size is not None:
            left = self.size - self.position
            raise ConnectionFailed(
                f"image {self.id}: the data ended when {left} bytes were still to come"
            )

    def _again(self, error: GlanceError) -> None:
        self.close()
        try:
            self._retry.after(error)
        except HttpError as final:
            _explain(final, self.id)


def _explain(error: HttpError, image_id: str) -> NoReturn:
    """A refused download in a sentence of its own."""
    words = {
        204: f"image {image_id} has no data",
        403: f"image {image_id} may not be downloaded: it is deactivated, or a policy forbids it",
        404: f"image {image_id} has no data here: it is gone, or was never uploaded",
        409: f"image {image_id} is in a state in which it has no data to give",
        410: f"image {image_id} is gone: it was deleted",
    }
    hints = {
        204: f"'image-upload {image_id}' gives it some.",
        403: f"'image-show {image_id}' shows its status; 'image-reactivate {image_id}' reactivates it.",
        409: f"'image-show {image_id}' shows its status.",
    }
    if error.status in words:
        error.subject = None
        error.message = words[error.status]
        error.hint = error.hint or hints.get(error.status, "")
    elif error.subject is None:
        error.subject = Subject("image", image_id)
    raise error
