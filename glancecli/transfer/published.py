"""The checksum that was published for some data: given by the user, or in a list."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit, urlunsplit

from glancecli.errors import Code, GlanceError
from glancecli.masking import mask
from glancecli.text import system_reason
from glancecli.transfer.checksum_list import (
    WEAK,
    Entry,
    find_checksums,
    is_signed_within,
    parse_list,
    signed_part,
)
from glancecli.transfer.compression import without_ending
from glancecli.transfer.options import Expectation, Options, Reading
from glancecli.transfer.source import file_name, is_url

if TYPE_CHECKING:
    from glancecli.checksums import Checksum

LARGEST_LIST = 2**22  # bytes
SIGNATURE_ENDINGS = (".gpg", ".sign", ".asc", ".sig")


class Published(NamedTuple):
    """A checksum that was published, who says so, and the file that it is of.

    is_of_content: it is of the decompressed content, not of the file itself. signature says how the
    list was verified, "" when it was not. every has the checksums by all algorithms.
    """

    checksum: Checksum
    said_by: str = "--checksum"
    file_name: str = ""
    is_of_content: bool = False
    signature: str = ""
    every: tuple[Checksum, ...] = ()

    @property
    def expectation(self) -> Expectation:
        """The checksum that the file must have."""
        return Expectation(self.checksum, self.said_by)


class PublishedList(NamedTuple):
    """A list that was read and parsed."""

    name: str
    entries: list[Entry]
    signature: str

    def find(self, names: Sequence[str], reading: Reading) -> Published | None:
        """Returns the checksum of the first of these files that the list has.

        A digest that stands alone is that of any data, also without a name.
        """
        for name in list(filter(None, names)) or [""]:
            found = self._checksums(name)
            if found:
                return Published(found[0], self.name, name, False, self.signature, tuple(found))
        if reading.decompress in ("", "none"):
            return None
        for name in filter(None, map(without_ending, names)):
            found = self._checksums(name)
            if found:
                return Published(found[0], self.name, name, True, self.signature, tuple(found))
        return None

    def _checksums(self, name: str) -> list[Checksum]:
        try:
            return find_checksums(self.entries, name)
        except GlanceError as error:
            raise GlanceError(
                f"{self.name} cannot be used: {error.message}", code=Code.WRONG_DATA
            ) from None


def find_published(
    file_names: Sequence[str], reading: Reading, options: Options
) -> Published | None:
    """Returns the checksum published for a file with one of these names, None when the command
    line names none. Raises GlanceError for a list that does not have it.
    """
    if options.checksum:
        return Published(options.checksum, options.checksum_origin, every=(options.checksum,))
    if not reading.checksums:
        return None
    names: Sequence[str] = file_names
    if reading.checksums_name:
        names = (reading.checksums_name,)
    published_list = read_list(reading, options)
    found = published_list.find(names, reading)
    if found is None:
        known = ", ".join(name for name in names if name) or "data without a file name"
        raise GlanceError(
            f"{published_list.name} has no checksum of {known}",
            hint="--checksums-name gives the name that the list has.",
            code=Code.NOT_FOUND,
        )
    if found.checksum.algorithm in WEAK:
        options.warn(
            f"{found.said_by} has only the {found.checksum.algorithm} of {found.file_name}, which "
            "protects against accidents and not against attackers"
        )
    return found


def published_before(path: str, reading: Reading, options: Options) -> Published | None:
    """Returns the checksum published for the file at a path or URL, which is not opened.

    None when the command line names none, or a list lacks the name: a redirect may lead to another.
    """
    if options.checksum or not reading.checksums:
        return find_published((), reading, options)
    name = reading.checksums_name or file_name(path)
    return read_list(reading, options).find((name,), reading)


def read_list(reading: Reading, options: Options) -> PublishedList:
    """Reads a list, verifies its signature if there is a keyring, and parses it."""
    place = _place(reading, options)
    data = place.read()
    signature = ""
    danger = "it may have been replaced on the way; use https or --keyring"
    if reading.keyring:
        data, where = _verified(data, place, reading.keyring)
        signature = f"verified with {reading.keyring} ({where})"
        danger = "it is signed, but an older list may have come in its place; use https"
    if place.name.lower().startswith("http:"):
        options.warn(f"{place.name} comes over http: {danger}")
    text = data.decode("utf-8", "replace").replace("\r\n", "\n").removeprefix("\ufeff")
    try:
        return PublishedList(place.name, parse_list(text), signature)
    except GlanceError as error:
        raise GlanceError(
            f"{place.name} cannot be used: {error.message}", code=Code.WRONG_DATA
        ) from None


def _verified(data: bytes, place: Place, keyring: str) -> tuple[bytes, str]:
    """Returns what is signed of a list, and where the signature is."""
    from glancecli.transfer.signature import verify_signature

    text = data.decode("latin-1")
    where, signature = "in the list", None
    if not is_signed_within(text):
        where, signature = _signature_beside(place)
    try:
        if signature is None:
            signed_part(text)  # it raises for a second signed part, which gpgv would pass on
        return verify_signature(keyring, data, signature), where
    except GlanceError as error:
        raise GlanceError(
            f"cannot verify the signature of {place.name}: {error.message}",
            hint=error.hint,
            code=Code.WRONG_DATA,
        ) from error


def _signature_beside(place: Place) -> tuple[str, bytes]:
    for beside in place.signatures():
        try:
            return beside.name, beside.read()
        except NotThere:
            continue
    endings = ", ".join(SIGNATURE_ENDINGS)
    raise GlanceError(
        f"{place.name} is not signed: neither within nor beside it ({endings})",
        code=Code.WRONG_DATA,
    )


class NotThere(GlanceError):
    """A file does not exist."""

    code = Code.NOT_FOUND


class Place:
    """A file with a list or a signature, on this machine."""

    def __init__(self, path: str) -> None:
        self.name = path

    def read(self) -> bytes:
        """Returns the content. Raises NotThere for a missing file."""
        try:
            with Path(self.name).open("rb") as file:
                return _limited(file.read(LARGEST_LIST + 1), self.name)
        except FileNotFoundError as error:
            raise NotThere(f"cannot read {self.name}: {system_reason(error)}") from error
        except OSError as error:
            raise GlanceError(
                f"cannot read {self.name}: {system_reason(error)}", code=Code.FILE
            ) from error

    def signatures(self) -> Iterator[Place]:
        """Yields the places where a signature may be."""
        for ending in SIGNATURE_ENDINGS:
            yield Place(self.name + ending)


class WebPlace(Place):
    """The same at a URL."""

    def __init__(self, url: str, reading: Reading, options: Options) -> None:
        super().__init__(mask(url))
        self._url = url
        self._reading = reading
        self._options = options

    def read(self) -> bytes:
        """Returns the content. Raises NotThere for a missing file."""
        from glancecli.transfer.web_source import open_url

        reading = self._reading._replace(allow_empty=True)
        try:
            source = open_url(self._url, reading, self._options)
        except GlanceError as error:
            if error.status in (403, 404, 410):
                raise NotThere(error.message, status=error.status) from error
            raise
        try:
            return _limited(source.head(LARGEST_LIST + 1), self.name)
        finally:
            source.close()

    def signatures(self) -> Iterator[Place]:
        """Yields the URLs where a signature may be."""
        parts = urlsplit(self._url)
        for ending in SIGNATURE_ENDINGS:
            url = urlunsplit(parts._replace(path=parts.path + ending))
            yield WebPlace(url, self._reading, self._options)


def _place(reading: Reading, options: Options) -> Place:
    if is_url(reading.checksums):
        return WebPlace(reading.checksums, reading, options)
    return Place(reading.checksums)


def _limited(data: bytes, name: str) -> bytes:
    if len(data) > LARGEST_LIST:
        raise GlanceError(f"{name} is too large for a list of checksums", code=Code.WRONG_DATA)
    return data
