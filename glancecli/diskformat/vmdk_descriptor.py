"""The descriptor of a VMDK: a text with settings, and a line for each extent (a part of the data).

VMware, Virtual Disk Format 5.0, chapter "The Descriptor File". Programs find its settings in
different ways: QEMU searches the text for a word, in any place; VMware ignores the case of letters.
So a descriptor is safe only when every line has a form that all of them read the same way.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from glancecli.diskformat.info import differencing, printable

SINGLE_FILE_TYPES = ("monolithicsparse", "streamoptimized")
EXTENT_ACCESS = ("rw", "rdonly", "noaccess")
NO_PARENT = "ffffffff"
LONGEST_NUMBER = 19  # digits
MOST_NAMES = 4

# Lines that are safe, whatever reads them. VirtualBox writes RDONLY for its exported appliances.
SAFE_EXTENT = re.compile(r'(RW|RDONLY) [0-9]{1,19} SPARSE "[^"/\\]+"')
SAFE_LINES = (
    re.compile(r"(#.*)?"),
    re.compile(r"version ?= ?[123]", re.IGNORECASE),
    re.compile(r'encoding ?= ?"[\w-]+"', re.IGNORECASE),
    re.compile(r'(parent)?CID ?= ?"?[0-9a-f]{1,8}"?', re.IGNORECASE),
    re.compile(r'isNativeSnapshot ?= ?"(no|yes)"', re.IGNORECASE),
    re.compile(r'createType ?= ?"\w+"', re.IGNORECASE),
    re.compile(r'ddb\.[\w.-]+ ?= ?"[^"]*"', re.IGNORECASE),
    SAFE_EXTENT,
)
# Words that stand at most once in the whole text, comments included.
UNIQUE_WORDS = ("createtype", "parentcid")
PARENT_NAME = "parentfilenamehint"

IS_PART = "it is one part of a disk in several files and has no descriptor"


class Extent(NamedTuple):
    """A part of the data: its line in the descriptor, its size, its kind, its file."""

    line: str
    sectors: int
    kind: str
    file: str | None


class Descriptor(NamedTuple):
    """The text, its settings by name in lower case, and its extents."""

    text: str
    settings: dict[str, str]
    extents: list[Extent]

    @property
    def create_type(self) -> str:
        """The kind of disk, as written (monolithicSparse, vmfs, ...)."""
        return self.settings.get("createtype", "")

    @property
    def is_differencing(self) -> bool:
        """Whether the disk needs a parent disk, or a program may believe so."""
        parent_id = self.settings.get("parentcid", NO_PARENT)
        return PARENT_NAME in self.text.lower() or parent_id.lower() != NO_PARENT

    @property
    def parent_name(self) -> str:
        """The name of the parent disk, "" when it is not given."""
        return self.settings.get(PARENT_NAME, "")

    @property
    def file_names(self) -> str:
        """The names of the first few files of the extents, for people."""
        names = [extent.file for extent in self.extents if extent.file is not None]
        if not names:
            return "none named"
        shown = ", ".join(f"'{printable(name)}'" for name in names[:MOST_NAMES])
        more = len(names) - MOST_NAMES
        if more > 0:
            return f"{shown} and {more} more"
        return shown

    @property
    def names_only_itself(self) -> bool:
        """Whether the data is one sparse extent in the same folder: the file itself."""
        return len(self.extents) == 1 and bool(SAFE_EXTENT.fullmatch(self.extents[0].line))


def parse(raw: bytes) -> Descriptor:
    """Returns the descriptor in these bytes, up to the first NUL."""
    text = raw.decode("latin-1").split("\0", 1)[0]
    descriptor = Descriptor(text, {}, [])
    for line in _lines(text):
        first_word = line.split(None, 1)[:1]
        if first_word and first_word[0].lower() in EXTENT_ACCESS:
            descriptor.extents.append(_parse_extent(line))
        elif "=" in line and not line.startswith("#"):
            key, _, value = line.partition("=")
            descriptor.settings.setdefault(key.strip().lower(), value.strip().strip('"'))
    return descriptor


def _lines(text: str) -> Iterable[str]:
    # Only LF ends a line: any other line separator makes the line one of unknown form.
    return (line.strip(" \t\r") for line in text.split("\n"))


def _parse_extent(line: str) -> Extent:
    """Returns the extent of a line such as ``RW 2048 FLAT "disk-flat.vmdk" 0``."""
    words = line.split(None, 3)
    file = None
    if len(words) == 4:
        file = _unquoted(words[3])
    words += [""] * 2
    return Extent(line, _sector_count(words[1]), words[2].upper(), file)


def _unquoted(text: str) -> str:
    """Returns the text between the first two quotes, the whole text without quotes."""
    if text.count('"') < 2:
        return text
    return text.split('"')[1]


def _sector_count(word: str) -> int:
    """Returns the number, 0 when the word is not a number."""
    if word.isascii() and word.isdigit() and len(word) <= LONGEST_NUMBER:
        return int(word)
    return 0


def dangers(area: bytes, size: int) -> list[str]:
    """Returns the dangers of the descriptor inside a sparse file.

    area is everything from the sector of the descriptor to the next structure of the file: a text
    that stands behind a NUL, or behind the size that the header gives, is read by some programs.
    size is that size, in bytes.
    """
    descriptor = parse(area)
    if not descriptor.create_type:
        return [*_links(descriptor), IS_PART]
    found = list(_links(descriptor))
    if descriptor.create_type.lower() not in SINGLE_FILE_TYPES:
        kind = printable(descriptor.create_type)
        found.append(f"its type, '{kind}', does not keep all data in one file")
    if not descriptor.names_only_itself:
        found.append(f"its descriptor names other files or devices: {descriptor.file_names}")
    end = len(descriptor.text)
    if end == len(area) or end > size or area[end:].strip(b"\0"):
        found.append("a text stands behind the end of its descriptor")
    return found or list(_oddities(descriptor.text))


def _links(descriptor: Descriptor) -> Iterator[str]:
    if descriptor.is_differencing:
        yield differencing(descriptor.parent_name)


def _oddities(text: str) -> Iterator[str]:
    """Yields the dangers of lines that programs may read differently."""
    lowered = text.lower()
    for word in UNIQUE_WORDS:
        if lowered.count(word) > 1:
            yield f"its descriptor has the word {word} more than once"
    for line in _lines(text):
        if not _is_safe(line):
            yield f"its descriptor has a line of an unknown form, '{printable(line)}'"
            return


def _is_safe(line: str) -> bool:
    """Returns whether a line has a form that every program reads the same way."""
    is_plain = line.isascii() and line.replace("\t", " ").isprintable()
    return is_plain and any(form.fullmatch(line) for form in SAFE_LINES)
