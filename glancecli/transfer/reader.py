"""Reading an image's data in order, with retries."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple, Protocol

from glancecli.errors import ConnectionFailed, GlanceError, Hint, HttpError, Subject
from glancecli.text import counted
from glancecli.transfer.options import Options
from glancecli.transfer.retry import Retry

if TYPE_CHECKING:
    from glancecli.api.interfaces import Data, Images
    from glancecli.image import Image

SCRATCH_SIZE = 2**18  # bytes
CANNOT_RESUME = (400, 416)  # statuses of a service whose store cannot read from the middle


class Reader(Protocol):
    """Reads the data of one image in order."""

    @property
    def position(self) -> int:
        """How many bytes come before the next one."""

    def open(self) -> int:
        """Opens the data; returns the position where it starts."""

    def fill(self, view: memoryview) -> int:
        """Reads the next bytes into view; returns how many, 0 at the end."""

    def close(self) -> None:
        """Drops the connections."""


class OpenData(NamedTuple):
    """A response with image data, and the position of its first byte."""

    data: Data
    start: int


class ResumingReader(ABC):
    """Reads data over HTTP in order; after a break it goes on where it was.

    name is what messages call the data; size is in bytes, None while it is not known. Subclasses
    say how the data is requested.
    """

    def __init__(self, name: str, size: int | None, options: Options, position: int = 0) -> None:
        self.name = name
        self.size = size
        self.position = position
        self._data: Data | None = None
        self._retry = Retry(options, size=size, resumable=True)

    def fill(self, view: memoryview) -> int:
        """Reads the next bytes into view, with retries; returns how many, 0 at the end.

        Raises GlanceError when retries do not help, or when the data ends elsewhere than the
        service promised.
        """
        room = view
        if self.size is not None:
            room = view[: self.size - self.position]
        self._retry.bytes_moved(0)  # time that our caller took is not silence of the service
        while True:
            try:
                count = self._read(room)
            except GlanceError as error:
                self._retry_or_raise(error)
            else:
                self.position += count
                self._retry.bytes_moved(count)
                return count

    def close(self) -> None:
        """Drops the connection."""
        if self._data is not None:
            self._data.close()
            self._data = None

    def _read(self, room: memoryview) -> int:
        if self._data is None:
            self._data = self._request_from_here()
        if room:
            count = self._data.readinto(room)
            self._check_end(count)
            return count
        # All promised bytes have been read: one byte more shows that the service sends too much.
        if self._data.readinto(memoryview(bytearray(1))):
            raise ConnectionFailed(
                f"{self.name}: the service sent more than the promised {self.size} bytes"
            )
        return 0

    def _check_end(self, count: int) -> None:
        if count == 0 and self.size is not None:
            missing = self.size - self.position
            raise ConnectionFailed(
                f"{self.name}: the data ended {counted(missing, 'byte')} too early"
            )

    @abstractmethod
    def _request_from_here(self) -> Data:
        """Returns the data from our position on."""

    def _is_rest(self, data: Data) -> bool:
        """Whether a partial response holds exactly the bytes from our position to the end."""
        if data.content_range is None:
            return False
        first, last, size = data.content_range
        if first != self.position:
            return False
        if self.size is not None and last + 1 != self.size:
            return False
        if size is not None and last + 1 != size:
            return False
        return data.length in (None, last + 1 - first)

    def _retry_or_raise(self, error: GlanceError) -> None:
        self.close()
        self._retry.size = self.size
        self._retry.wait_or_raise(error)


class ImageReader(ResumingReader):
    """Reads one image from a position on; after a break it resumes with a Range request.

    Where the service cannot do that, or without ranges, it requests the whole image and skips what
    is there already: some stores answer a Range request with other data, which only the hash shows.
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
        self.id = str(image["id"])
        super().__init__(f"image {self.id}", image.get("size"), options, position)
        self._images = images
        self._prefer = options.prefer
        self._ranges = ranges

    def open(self) -> int:
        """Opens the data, with retries; returns the position where it starts: 0 when the service
        cannot resume at ours.
        """
        while self._data is None:
            try:
                opened = self._request()
            except GlanceError as error:
                self._retry_or_raise(error)
            else:
                self._data = opened.data
                self.position = opened.start
        return self.position

    def _request_from_here(self) -> Data:
        """Returns the data from our position on, after skipping what comes before it."""
        opened = self._request()
        try:
            self._skip(opened.data, self.position - opened.start)
        except BaseException:
            opened.data.close()
            raise
        return opened.data

    def _request(self) -> OpenData:
        """Requests the data from our position on; what comes may start at 0 all the same."""
        if self._ranges and self.position:
            opened = self._request_rest()
            if opened:
                return opened
            self._ranges = False
        return self._request_all()

    def _request_rest(self) -> OpenData | None:
        """Sends a Range request; None when it does not bring what was asked for."""
        try:
            data = self._open_data(self.position)
        except HttpError as error:
            if error.status in CANNOT_RESUME:
                return None
            raise
        if data.status != 206:
            self._check_length(data)
            return OpenData(data, 0)
        if self._is_rest(data):
            return OpenData(data, self.position)
        data.close()
        return None

    def _request_all(self) -> OpenData:
        data = self._open_data(0)
        if data.status == 206:
            data.close()
            raise ConnectionFailed(
                f"image {self.id}: the service sent a part that was not asked for"
            )
        self._check_length(data)
        return OpenData(data, 0)

    def _open_data(self, start: int) -> Data:
        return self._images.open_data(
            self.id,
            start,
            size=self.size,
            prefer=self._prefer,
            stall=self._retry.begin_attempt(),
        )

    def _check_length(self, data: Data) -> None:
        """Refuses a whole response of another length than the image has."""
        if data.length is None or self.size is None or data.length == self.size:
            return
        data.close()
        raise ConnectionFailed(
            f"image {self.id} has {counted(self.size, 'byte')}, and the service sends {data.length}"
        )

    def _skip(self, data: Data, count: int) -> None:
        """Reads bytes that we have already, and drops them."""
        scratch = memoryview(bytearray(SCRATCH_SIZE))
        while count:
            skipped = data.readinto(scratch[:count])
            if not skipped:
                raise ConnectionFailed(
                    f"image {self.id}: the data ended before byte {self.position}"
                )
            self._retry.bytes_moved(0)
            count -= skipped

    def _retry_or_raise(self, error: GlanceError) -> None:
        try:
            super()._retry_or_raise(error)
        except HttpError as final:
            explain_refusal(final, self.id)
            raise


@contextmanager
def final_errors() -> Iterator[None]:
    """Makes failures of a source final: they are no answers of the service that the data is sent
    to, and another attempt to send it would not help, since the reader has made its own.
    """
    try:
        yield
    except (ConnectionFailed, HttpError) as error:
        failure = GlanceError(
            error.message,
            subject=error.subject,
            hint=error.hint,
            status=error.status,
            request_id=error.request_id,
            image_id=error.image_id,
            code=error.code,
        )
        failure.details = error.details
        raise failure from error


def explain_refusal(error: HttpError, image_id: str) -> None:
    """Replaces the message of a refused download by one that says what to do."""
    error.image_id = image_id
    if error.status == 403 and "deactivated" in error.service_message:
        error.subject = Subject("image", image_id)
        error.message = "it is deactivated, so its data cannot be downloaded"
        error.hint = Hint("{} reactivates it.", ("image-reactivate", image_id))
        return
    message = REFUSALS.get(error.status)
    if not message:
        error.subject = error.subject or Subject("image", image_id)
        return
    error.subject = None
    error.message = message.format(image_id)
    if error.hint:
        return
    if error.status == 204:
        error.hint = Hint("{} uploads data.", ("image-upload", image_id, "--file", "FILE"))
    elif error.status == 403:
        error.hint = Hint(
            "{} shows its status; {} reactivates it.",
            ("image-show", image_id),
            ("image-reactivate", image_id),
        )
    elif error.status == 409:
        error.hint = Hint("{} shows its status.", ("image-show", image_id))


REFUSALS = {
    204: "image {} has no data",
    403: "image {} may not be downloaded: it is deactivated, or a policy forbids it",
    404: "image {} does not exist, or has no data",
    409: "image {} is in a state in which its data cannot be read",
    410: "image {} was deleted",
}
