"""The data of an upload that this program reads from a web server, and resumes after a break."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, NamedTuple

from glancecli.errors import Code, ConnectionFailed, GlanceError
from glancecli.masking import mask, origin
from glancecli.text import counted
from glancecli.transfer.options import Options, Reading
from glancecli.transfer.reader import ResumingReader, final_errors
from glancecli.transfer.source import Source, file_name
from glancecli.transport.web import Part, WebClient, check_url

if TYPE_CHECKING:
    from glancecli.api.interfaces import Data
    from glancecli.checksums import Checksum
    from glancecli.transport.stream import Stream

OLD_ENOUGH = (
    60  # seconds between Last-Modified and Date after which the former tells versions apart
)
MOVED = (401, 403, 404, 410)  # statuses after which the first URL may lead to another place
GZIP_ENCODINGS = ("gzip", "x-gzip")
PIECE = 2**16  # bytes


class NotResumable(GlanceError):
    """The source broke, and the rest of the same data cannot be had."""

    code = Code.CONNECTION


class Version(NamedTuple):
    """What tells one version of a file from another: a strong validator ("" for none), its size."""

    validator: str
    size: int | None

    def differs_from(self, other: Version) -> bool:
        """Whether these are certainly two versions."""
        if self.size != other.size:
            return True
        if not self.validator or not other.validator:
            return False
        return self.validator != other.validator


class WebReader(ResumingReader):
    """Reads what is at a URL. After a break it requests the rest, if that is of the same version.

    with only_beginning the first request asks for that many bytes, and no more are read.
    """

    def __init__(
        self, web: WebClient, url: str, options: Options, only_beginning: int | None = None
    ) -> None:
        super().__init__(mask(url), None, options)
        self.encoding = ""  # the Content-Encoding of the data
        self.has_end = True
        self.takes_ranges = False
        self._web = web
        self._url = url
        self._place = url  # where it led
        self._version: Version | None = None
        self._only_beginning = only_beginning

    def open(self) -> None:
        """Opens the data, with retries."""
        while self._data is None:
            try:
                self._data = self._request_from_here()
            except GlanceError as error:
                self._retry_or_raise(error)

    def rewind(self) -> None:
        """Goes back to the beginning."""
        self.close()
        self.position = 0

    def forget(self) -> None:
        """Goes back to the beginning of whatever is at the URL now."""
        self.rewind()
        self._version = None
        self.size = None

    @property
    def place(self) -> str:
        """The URL where the first one led."""
        return self._place

    def read_part(self, offset: int, length: int) -> bytes:
        """Returns some bytes in a request of its own, b"" where the server sends no parts."""
        if self._version is None or not self.takes_ranges:
            return b""
        part = Part(offset, offset + length - 1, self._version.validator)
        try:
            data = self._web.open(self._place, self._retry.begin_attempt(), part)
        except GlanceError:
            return b""
        try:
            found = data.content_range
            if data.status != 206 or found is None or found.first != offset:
                return b""
            return _read_up_to(data, length)
        except GlanceError:
            return b""
        finally:
            data.close()

    def _request_from_here(self) -> Data:
        if self.position == 0:
            return self._request_beginning()
        return self._request_rest()

    def _request_beginning(self) -> Stream:
        part = None
        if self._only_beginning:
            part = Part(0, self._only_beginning - 1)
        data = self._open(part)
        size = data.length
        if part and data.content_range:
            size = data.content_range.size
        elif data.status == 206:
            data.close()
            raise ConnectionFailed(f"{self.name}: the server sent a part that was not asked for")
        self._take_version(data, size)
        return data

    def _take_version(self, data: Stream, size: int | None) -> None:
        """Remembers which version of the data this is; raises when it was another one before."""
        version = Version(strong_validator(data.headers), size)
        if self._version is not None and version.differs_from(self._version):
            data.close()
            raise self._changed()
        self._version = version
        self._place = self._place_of(data.url)
        self.size = size
        self.has_end = data.has_end
        self.encoding = data.headers.get("Content-Encoding", "").lower()
        self.takes_ranges = data.headers.get("Accept-Ranges", "") == "bytes" or data.status == 206

    def _place_of(self, url: str) -> str:
        """Returns the URL to continue at: the first one, which may have a password, at its host."""
        if origin(url) == origin(self._url):
            return self._url
        return url

    def _request_rest(self) -> Stream:
        assert self._version is not None  # noqa: S101 - for the type checker
        validator = self._version.validator
        if not validator:
            raise NotResumable(
                f"{self.name} broke off after {counted(self.position, 'byte')}, and cannot be "
                "resumed: its server sends neither a strong ETag nor an old Last-Modified"
            )
        try:
            data = self._open(Part(self.position, validator=validator))
        except GlanceError as error:
            if error.status == 416:
                raise self._changed() from error
            raise
        if data.status == 206 and _repeats(data.headers, validator) and self._is_rest(data):
            return data
        data.close()
        if data.status == 200 and not _repeats(data.headers, validator):
            raise self._changed()
        raise NotResumable(
            f"{self.name} broke off after {counted(self.position, 'byte')}, and cannot be resumed: "
            "its server did not send the rest"
        )

    def _open(self, part: Part | None) -> Stream:
        """Opens a part where the first request led, or anew where that has expired."""
        seconds = self._retry.begin_attempt()
        try:
            return self._web.open(self._place, seconds, part)
        except GlanceError as error:
            if error.status not in MOVED or self._place == self._url:
                raise
        return self._web.open(self._url, seconds, part)

    def _changed(self) -> NotResumable:
        return NotResumable(f"{self.name} changed on its server while it was being read")


class WebSource:
    """What is at a URL as the data of an upload. It can be read again from its beginning."""

    rewindable = True
    is_local = False
    known: Checksum | None = None

    def __init__(
        self, web: WebClient, url: str, options: Options, only_beginning: int | None = None
    ) -> None:
        check_url(url)
        self.url = url
        self.name = mask(url)
        self.position = 0
        self._options = options
        self._peeked = b""  # received, and not yet given out
        self._beginning = b""  # what head() has returned, and others rely on
        self._fresh_starts = options.retries
        self._reader = WebReader(web, url, options, only_beginning)
        with final_errors():
            self._reader.open()

    @property
    def size(self) -> int | None:
        """The bytes that the server promises."""
        return self._reader.size

    def is_encoded(self) -> bool:
        """Whether the server has compressed the data by gzip on the way, which was not asked for.

        Raises GlanceError for another encoding. Many servers name the compression of a .gz file
        itself as the encoding; that stays as it is.
        """
        encoding = self._reader.encoding
        if encoding in ("", "identity"):
            return False
        if encoding not in GZIP_ENCODINGS:
            raise GlanceError(
                f"{self.name} comes in the encoding {encoding}, which is not known",
                code=Code.WRONG_DATA,
            )
        return not self.file_names[-1].endswith((".gz", ".tgz"))

    @property
    def file_names(self) -> tuple[str, ...]:
        """The last parts of the URL and of the one where it led."""
        urls = (self.url, self._reader.place)
        return tuple(dict.fromkeys(file_name(url) for url in urls))

    @property
    def caveat(self) -> str:
        """A warning about data whose end cannot be told from a connection that broke."""
        if self._reader.has_end:
            return ""
        return (
            f"the server does not say how long {self.name} is: without --checksum, data that is "
            "cut off cannot be told from all of it"
        )

    @property
    def read_at(self) -> Callable[[int, int], bytes] | None:
        """A function that reads length bytes at an offset, by a request of its own."""
        if self._reader.takes_ranges:
            return self._reader.read_part
        return None

    def is_empty(self) -> bool:
        """Whether there is no data."""
        self._peek(1)
        return not self._peeked

    def head(self, count: int) -> bytes:
        """Returns the first bytes, which fill() still gives; fewer when there are no more."""
        self._peek(count)
        self._beginning = max(self._beginning, self._peeked[:count], key=len)
        return self._peeked[:count]

    def _peek(self, count: int) -> None:
        while len(self._peeked) < count:
            try:
                more = self._receive(min(count - len(self._peeked), PIECE))
            except NotResumable:
                if self._beginning or not self._fresh_starts:
                    raise
                self._start_afresh()
                continue
            if not more:
                break
            self._peeked += more

    def _start_afresh(self) -> None:
        """Reads from the beginning, whatever version that is: nothing has been given out yet."""
        self._fresh_starts -= 1
        self._peeked = b""
        self._reader.forget()

    def fill(self, view: memoryview) -> int:
        """Reads the next bytes into view, with retries; returns how many, 0 at the end."""
        if self.position == 0 and self._beginning and not self._peeked:
            self._read_beginning_again()
        count = min(len(view), len(self._peeked))
        if count:
            view[:count] = self._peeked[:count]
            self._peeked = self._peeked[count:]
        else:
            with final_errors():
                count = self._reader.fill(view)
        self.position += count
        return count

    def _read_beginning_again(self) -> None:
        """Raises GlanceError when the data begins in another way than before."""
        before = self._beginning
        if self.head(len(before)) != before:
            raise NotResumable(f"{self.name} changed on its server while it was being read")

    def rewind(self) -> None:
        """Goes back to the beginning."""
        self._reader.rewind()
        self._peeked = b""
        self.position = 0

    def changed(self) -> str:
        """Returns "": a change ends the reading."""
        return ""

    def close(self) -> None:
        """Drops the connection."""
        self._reader.close()

    def _receive(self, count: int) -> bytes:
        buffer = bytearray(count)
        with final_errors():
            filled = self._reader.fill(memoryview(buffer))
        return bytes(buffer[:filled])


def open_url(url: str, reading: Reading, options: Options) -> Source:
    """Opens what is at a URL; an encoding of the transfer is undone.

    Raises GlanceError for no data, unless reading allows that.
    """
    web = WebClient(reading.cacert, reading.trace)
    opened = WebSource(web, url, options, reading.only_beginning)
    try:
        is_encoded = opened.is_encoded()
        if opened.is_empty() and not reading.allow_empty:
            raise GlanceError(
                f"{opened.name} is empty",
                hint="--allow-empty creates an image without content.",
                code=Code.WRONG_DATA,
            )
    except BaseException:
        opened.close()
        raise
    if not is_encoded:
        return opened
    from glancecli.transfer.compression import BY_NAME
    from glancecli.transfer.unpacked import Unpacked

    return Unpacked(opened, BY_NAME["gz"])


def strong_validator(headers: Mapping[str, str]) -> str:
    """Returns what identifies these very bytes, "" for none: a strong ETag, or a Last-Modified that
    was old enough when it was sent (RFC 9110, 8.8).
    """
    tag = headers.get("ETag", "")
    if tag.startswith('"'):
        return tag
    modified = headers.get("Last-Modified", "")
    try:
        age = parsedate_to_datetime(headers.get("Date", "")) - parsedate_to_datetime(modified)
    except (TypeError, ValueError):
        return ""
    if age.total_seconds() < OLD_ENOUGH:
        return ""
    return modified


def _repeats(headers: Mapping[str, str], validator: str) -> bool:
    return validator in (headers.get("ETag"), headers.get("Last-Modified"))


def _read_up_to(data: Stream, length: int) -> bytes:
    buffer = bytearray(length)
    view = memoryview(buffer)
    filled = 0
    while filled < length:
        count = data.readinto(view[filled:])
        if not count:
            break
        filled += count
    return bytes(buffer[:filled])
