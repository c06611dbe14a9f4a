"""Opens the data that comes with a command, and finds out what it must be."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from glancecli.errors import Code, GlanceError
from glancecli.masking import without_credentials
from glancecli.transfer.options import Expectation, Options, Reading
from glancecli.transfer.source import Source, is_url, open_file, open_stdin

if TYPE_CHECKING:
    from glancecli.diskformat import DiskInfo
    from glancecli.transfer.compression import Compression
    from glancecli.transfer.published import Published

STDIN = "-"


class OpenedData(NamedTuple):
    """The data of an upload: its source, how it is sent, and its published checksum."""

    source: Source
    options: Options
    published: Published | None = None

    @property
    def properties(self) -> dict[str, str]:
        """The properties that say where the data is from; none for data of this machine."""
        if not self.source.url:
            return {}
        properties = {"source_url": without_credentials(self.source.url)}
        if self.published:
            properties["source_checksum"] = str(self.published.checksum)
        return properties


@contextmanager
def source(
    path: str | None,
    stdin: Any,
    reading: Reading = Reading(),  # noqa: B008 - it cannot be changed
    options: Options = Options(),  # noqa: B008 - it cannot be changed
) -> Iterator[Source | None]:
    """The source that a command line names: --file, else stdin if it holds data, else None.

    path is that of a file, a URL, or - for stdin. stdin is a file object, or None when it is closed
    or must not be read. A regular file, a pipe, a socket or a disk holds data; a terminal and
    /dev/null do not. Raises GlanceError for a path that is missing, unreadable or a folder, and for
    data that is named and empty unless reading allows it.
    """
    opened = _open(path, stdin, reading, options)
    try:
        yield opened
    finally:
        if opened:
            opened.close()


def _open(path: str | None, stdin: Any, reading: Reading, options: Options) -> Source | None:
    allow_empty = reading.allow_empty
    if not path:
        return open_stdin(stdin, options.note, allow_empty=allow_empty)
    if path == STDIN:
        opened = open_stdin(stdin, allow_empty=allow_empty)
        if opened is None:
            raise GlanceError("standard input holds no data", code=Code.WRONG_DATA)
        return opened
    if not is_url(path):
        return open_file(path, options.note, allow_empty=allow_empty)
    from glancecli.transfer.web_source import open_url

    return open_url(path, reading, options)


def inspect(path: str, reading: Reading, options: Options) -> DiskInfo:
    """Returns what the file at a path or a URL is; of a URL only what that takes is read."""
    from glancecli import diskformat

    if not is_url(path):
        return diskformat.inspect_file(path)
    beginning = reading._replace(only_beginning=diskformat.HEAD_SIZE)
    with source(path, None, beginning, options) as opened:
        assert opened  # noqa: S101 - for the type checker
        head = opened.head(diskformat.HEAD_SIZE)
        return diskformat.inspect(head, size=opened.size, read_at=opened.read_at)


@contextmanager
def open_data(
    path: str | None, stdin: Any, reading: Reading, options: Options
) -> Iterator[OpenedData | None]:
    """Opens the data of an upload, unpacks it if it is to be, and finds its published checksum.

    The options that come with it have the checksum of what is to be sent. Raises GlanceError before
    anything is sent for a list that is wrong, lacks the data, or is not signed as it must be.
    """
    with source(path, stdin, reading, options) as opened:
        if opened is None:
            yield None
        else:
            yield _prepared(opened, reading, options)


def _prepared(opened: Source, reading: Reading, options: Options) -> OpenedData:
    from glancecli.transfer.published import find_published

    published = find_published(opened.file_names, reading, options)
    if opened.caveat and published is None:
        options.warn(opened.caveat)
    compression = _compression(opened, reading.decompress)
    if compression is None:
        return OpenedData(opened, _expecting(options, published), published)
    from glancecli.transfer.unpacked import Unpacked

    if published and published.is_of_content:
        unpacked = Unpacked(opened, compression)
        return OpenedData(unpacked, _expecting(options, published), published)
    packed: Expectation | None = None
    if published:
        packed = published.expectation
    unpacked = Unpacked(opened, compression, packed)
    return OpenedData(unpacked, _expecting(options, None), published)


def _expecting(options: Options, published: Published | None) -> Options:
    """Returns the options with the checksum that the data to be sent must have."""
    if published is None:
        return options._replace(checksum=None)
    return options._replace(checksum=published.checksum, checksum_origin=published.said_by)


def _compression(opened: Source, wanted: str) -> Compression | None:
    """Returns the compression to undo, None for none. Raises GlanceError for another one."""
    if wanted in ("", "none"):
        return None
    from glancecli.transfer.compression import BY_NAME, LONGEST_MARK, compression_of

    found = compression_of(opened.head(LONGEST_MARK))
    if wanted == "auto" or found is BY_NAME[wanted]:
        return found
    content = "not compressed"
    if found:
        content = f"{found.name} data"
    raise GlanceError(
        f"{opened.name} is {content}, not {wanted} as --decompress says",
        hint="--decompress without a value finds out by the content.",
        code=Code.WRONG_DATA,
    )
