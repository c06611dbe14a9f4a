"""VMware's VMDK: sparse files with a descriptor inside, and descriptors that name other files.

VMware, Virtual Disk Format 5.0. QEMU and VMware open any file of the host that a descriptor names
(CVE-2022-47951), so only the two types that keep all data in one file are safe.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from glancecli.diskformat.info import DiskInfo, differencing, printable
from glancecli.diskformat.reader import LARGEST_READ, Format, Mark, Reader, little_endian

SECTOR = 512
SPARSE_SIGNATURE = b"KDMV"

# The header of a sparse extent, and the footer of a stream; all numbers in sectors
CAPACITY = little_endian(12, 8)
DESCRIPTOR_OFFSET = little_endian(28, 8)
DESCRIPTOR_SIZE = little_endian(36, 8)
GRAIN_DIRECTORY = little_endian(56, 8)
GRAIN_DIRECTORY_AT_END = (1 << 64) - 1
FOOTER_LENGTH = 2 * SECTOR  # with the end-of-stream marker

DESCRIPTOR_TITLE = b"# disk descriptorfile"
DESCRIPTOR_VERSIONS = (b"version=1", b"version=2", b"version=3")
DESCRIPTOR_HEAD = 2048  # the bytes by which QEMU recognizes a descriptor
SINGLE_FILE_TYPES = ("monolithicsparse", "streamoptimized")
EXTENT_ACCESS = ("rw", "rdonly", "noaccess")
NO_PARENT = "ffffffff"
LONGEST_NUMBER = 19  # digits
MOST_NAMES = 4

IS_PART = "it is one part of a disk in several files and has no descriptor"
MAKE_ONE_FILE = (
    "Make one file of it: qemu-img convert -O vmdk -o subformat=streamOptimized FILE NEW"
)


class Extent(NamedTuple):
    """A part of the data: its line in the descriptor, its size, its kind, its file."""

    line: str
    sectors: int
    kind: str
    file: str | None

    @property
    def names_a_path(self) -> bool:
        """Whether the line names a file in another folder."""
        return "/" in self.line or "\\" in self.line


class Descriptor(NamedTuple):
    """The text that describes a disk: settings by name in lower case, and extents."""

    settings: dict[str, str]
    extents: list[Extent]

    @property
    def create_type(self) -> str:
        """The kind of disk, as written (monolithicSparse, vmfs, ...)."""
        return self.settings.get("createtype", "")

    @property
    def is_differencing(self) -> bool:
        """Whether the disk needs a parent disk."""
        parent_id = self.settings.get("parentcid", NO_PARENT)
        return bool(self.parent_name) or parent_id.lower() != NO_PARENT

    @property
    def parent_name(self) -> str:
        """The name of the parent disk, "" when it is not given."""
        return self.settings.get("parentfilenamehint", "")

    @property
    def names_only_itself(self) -> bool:
        """Whether the data is one sparse extent in the same folder: the file itself."""
        if any(extent.names_a_path for extent in self.extents):
            return False
        return [extent.kind for extent in self.extents] == ["SPARSE"]


def parse_descriptor(raw: bytes) -> Descriptor:
    """Returns the descriptor in these bytes, up to the first NUL."""
    descriptor = Descriptor({}, [])
    text = raw.decode("utf-8", "replace").split("\0", 1)[0]
    for line in map(str.strip, text.splitlines()):
        first_word = line.split(None, 1)[:1]
        if first_word and first_word[0].lower() in EXTENT_ACCESS:
            descriptor.extents.append(_parse_extent(line))
        elif "=" in line and not line.startswith("#"):
            key, _, value = line.partition("=")
            descriptor.settings.setdefault(key.strip().lower(), value.strip().strip('"'))
    return descriptor


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


def is_descriptor(reader: Reader) -> bool:
    """Returns whether QEMU takes the file for a descriptor, by its title or its first setting."""
    head = reader.head[:DESCRIPTOR_HEAD]
    if head.lstrip().lower().startswith(DESCRIPTOR_TITLE):
        return True
    return _first_setting(head) in DESCRIPTOR_VERSIONS


def _first_setting(head: bytes) -> bytes:
    """Returns the first line that is neither empty nor a comment."""
    for line in map(bytes.strip, head.splitlines()):
        if line and not line.startswith(b"#"):
            return line
    return b""


def inspect_descriptor(reader: Reader) -> DiskInfo:
    """Inspects a descriptor, whose data is in other files."""
    descriptor = parse_descriptor(reader.read(0, LARGEST_READ))
    kind = printable(descriptor.create_type) or "no type"
    sectors = sum(extent.sectors for extent in descriptor.extents)
    dangers = [f"its data is in other files: {_file_names(descriptor.extents)}"]
    if descriptor.is_differencing:
        dangers.append(differencing(descriptor.parent_name))
    return DiskInfo(
        "vmdk",
        f"VMDK descriptor ({kind}), a text without disk data",
        virtual_size=sectors * SECTOR,
        dangers=tuple(dangers),
        hint=MAKE_ONE_FILE,
    )


def inspect_sparse_extent(reader: Reader) -> DiskInfo:
    """Inspects a sparse extent, which is a whole disk when it has a descriptor inside."""
    descriptor = _embedded_descriptor(reader)
    kind = printable(descriptor.create_type) or "sparse extent"
    return DiskInfo(
        "vmdk",
        f"VMDK, {kind}",
        virtual_size=reader.number(CAPACITY) * SECTOR,
        dangers=(*_descriptor_dangers(descriptor), *_footer_dangers(reader)),
    )


def _embedded_descriptor(reader: Reader) -> Descriptor:
    """Returns the descriptor inside a sparse extent, an empty one when it has none."""
    offset = reader.number(DESCRIPTOR_OFFSET)
    if not offset:
        return parse_descriptor(b"")
    size = reader.number(DESCRIPTOR_SIZE)
    return parse_descriptor(reader.read(offset * SECTOR, size * SECTOR))


def _descriptor_dangers(descriptor: Descriptor) -> list[str]:
    dangers = []
    if descriptor.is_differencing:
        dangers.append(differencing(descriptor.parent_name))
    kind = descriptor.create_type
    if not kind:
        return [*dangers, IS_PART]
    if kind.lower() not in SINGLE_FILE_TYPES:
        dangers.append(f"its type, '{printable(kind)}', does not keep all data in one file")
    if not descriptor.names_only_itself:
        names = _file_names(descriptor.extents)
        dangers.append(f"its descriptor names other files or devices: {names}")
    return dangers


def _footer_dangers(reader: Reader) -> list[str]:
    """Returns the danger of a footer with another descriptor: it overrules the header."""
    if reader.number(GRAIN_DIRECTORY) != GRAIN_DIRECTORY_AT_END:
        return []
    footer = reader.read_last(FOOTER_LENGTH)
    if not footer:  # out of reach
        return []
    same = footer.startswith(SPARSE_SIGNATURE) and all(
        field.value_in(footer) == reader.number(field)
        for field in (DESCRIPTOR_OFFSET, DESCRIPTOR_SIZE)
    )
    if same:
        return []
    return ["its footer points to another descriptor than its header"]


def _file_names(extents: Iterable[Extent]) -> str:
    """Returns the names of the first few files of the extents."""
    names = [extent.file for extent in extents if extent.file is not None]
    if not names:
        return "none named"
    shown = ", ".join(f"'{printable(name)}'" for name in names[:MOST_NAMES])
    more = len(names) - MOST_NAMES
    if more > 0:
        return f"{shown} and {more} more"
    return shown


def inspect_esx_extent(reader: Reader) -> DiskInfo:
    """Inspects an extent of an old ESX server, which is not a whole disk."""
    return DiskInfo("vmdk", "VMDK, ESX copy-on-write extent", dangers=(IS_PART,))


FORMATS = (
    Format(Mark(0, SPARSE_SIGNATURE).is_in, inspect_sparse_extent),
    Format(Mark(0, b"COWD").is_in, inspect_esx_extent),
    Format(is_descriptor, inspect_descriptor),
)
