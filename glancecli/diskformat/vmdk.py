"""VMware's VMDK: sparse files with a descriptor inside, and descriptors that name other files.

VMware, Virtual Disk Format 5.0. QEMU and VMware open any file of the host that a descriptor names
(CVE-2022-47951, CVE-2024-32498), so only the two types that keep all data in one file are safe.
"""

from __future__ import annotations

from collections.abc import Iterator

from glancecli.diskformat import vmdk_descriptor
from glancecli.diskformat.info import DiskInfo, differencing, printable
from glancecli.diskformat.reader import (
    LARGEST_READ,
    Format,
    Mark,
    Reader,
    little_endian,
    numbers,
)
from glancecli.diskformat.vmdk_descriptor import IS_PART

SECTOR = 512
SPARSE_SIGNATURE = b"KDMV"
SHORTEST_HEADER = 64  # bytes

# The header of a sparse extent, and the footer of a stream; all numbers in sectors
VERSION = little_endian(4, 4)
CAPACITY = little_endian(12, 8)
DESCRIPTOR_OFFSET = little_endian(28, 8)
DESCRIPTOR_SIZE = little_endian(36, 8)
TABLE_LENGTH = little_endian(44, 4)
SPARE_DIRECTORY = little_endian(48, 8)
GRAIN_DIRECTORY = little_endian(56, 8)
GRAIN_SIZE = little_endian(20, 8)
OVERHEAD = little_endian(64, 8)
GRAIN_DIRECTORY_AT_END = (1 << 64) - 1
VERSIONS = (1, 2, 3)
DESCRIPTOR_SECTOR = 1  # where every program looks for it

ENTRY_LENGTH = 4  # of a grain directory, and of a grain table

# The end of a stream: a marker, the footer, a marker
FOOTER_LENGTH = 3 * SECTOR
FOOTER_MARKER = bytes(12) + b"\3" + bytes(SECTOR - 13)
END_MARKER = bytes(SECTOR)
SECTOR_COUNT_LENGTH = 8  # the first field of a marker, which may have any value

DESCRIPTOR_TITLE = b"# disk descriptorfile"
DESCRIPTOR_VERSIONS = (b"version=1", b"version=2", b"version=3")
DESCRIPTOR_HEAD = 2048  # the bytes by which QEMU recognizes a descriptor
MAKE_ONE_FILE = (
    "Make one file of it: qemu-img convert -O vmdk -o subformat=streamOptimized FILE NEW"
)

# How Glance recognizes a descriptor: a text whose type has at most so many letters
CREATE_TYPE = b'createtype="'
LONGEST_TYPE = 63
SPACES = b"\t\n\v\f\r\x1c\x1d\x1e\x1f"


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


def glance_recognizes(reader: Reader) -> bool:
    """Returns whether Glance takes the file for a VMDK: a sparse extent, or a descriptor."""
    head = reader.head
    if head.startswith(SPARSE_SIGNATURE):
        return True
    if len(head) < SHORTEST_HEADER or not (head.isascii() and _is_text(head[:SECTOR])):
        return False
    _, found, rest = head.lower().partition(CREATE_TYPE)
    return bool(found) and rest.find(b'"') <= LONGEST_TYPE


def _is_text(part: bytes) -> bool:
    return part.translate(None, SPACES).decode("ascii").isprintable()


def inspect_descriptor(reader: Reader) -> DiskInfo:
    """Inspects a descriptor, whose data is in other files."""
    descriptor = vmdk_descriptor.parse(reader.read(0, LARGEST_READ))
    kind = printable(descriptor.create_type) or "no type"
    sectors = sum(extent.sectors for extent in descriptor.extents)
    dangers = [f"its data is in other files: {descriptor.file_names}"]
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
    descriptor = vmdk_descriptor.parse(_descriptor_area(reader))
    kind = printable(descriptor.create_type) or "sparse extent"
    flaw = ""
    if reader.number(VERSION) not in VERSIONS:
        flaw = "its version is not 1, 2 or 3"
    return DiskInfo(
        "vmdk",
        f"VMDK, {kind}",
        virtual_size=reader.number(CAPACITY) * SECTOR,
        dangers=tuple(_dangers(reader)),
        flaw=flaw,
        incomplete=_missing_end(reader),
    )


def _descriptor_area(reader: Reader) -> bytes:
    """Returns all bytes between the header and the structure that follows the descriptor."""
    starts = [reader.number(field) for field in (SPARE_DIRECTORY, GRAIN_DIRECTORY, OVERHEAD)]
    ends = [start for start in starts if DESCRIPTOR_SECTOR < start < GRAIN_DIRECTORY_AT_END]
    end = min(ends, default=0) * SECTOR
    size = reader.number(DESCRIPTOR_SIZE) * SECTOR
    start = DESCRIPTOR_SECTOR * SECTOR
    return reader.read(start, max(end - start, size))


def _dangers(reader: Reader) -> Iterator[str]:
    """Yields the dangers of a sparse extent."""
    offset = reader.number(DESCRIPTOR_OFFSET)
    if not offset:
        yield IS_PART
        return
    if offset != DESCRIPTOR_SECTOR:
        yield "its descriptor is not in the sector behind the header"
    if not reader.number(CAPACITY):
        yield "it has no capacity, so that QEMU reads its descriptor like a file of its own"
    area = _descriptor_area(reader)
    if len(area) >= LARGEST_READ:
        yield "its descriptor is too large"
    yield from vmdk_descriptor.dangers(area, reader.number(DESCRIPTOR_SIZE) * SECTOR)
    yield from _footer_dangers(reader)


def _footer_dangers(reader: Reader) -> Iterator[str]:
    """Yields the danger of a footer that differs from the header: it overrules the header."""
    end = reader.read_last(FOOTER_LENGTH)
    if reader.number(GRAIN_DIRECTORY) != GRAIN_DIRECTORY_AT_END or not end:
        return  # without a footer, or it is out of reach
    marker, footer, last = end[:SECTOR], end[SECTOR : 2 * SECTOR], end[2 * SECTOR :]
    if not footer.startswith(SPARSE_SIGNATURE):
        return  # the file is incomplete
    same = all(
        field.value_in(footer) == reader.number(field)
        for field in (VERSION, CAPACITY, DESCRIPTOR_OFFSET, DESCRIPTOR_SIZE)
    )
    if not same or GRAIN_DIRECTORY.value_in(footer) == GRAIN_DIRECTORY_AT_END:
        yield "its footer differs from its header"
    if marker[SECTOR_COUNT_LENGTH:] != FOOTER_MARKER[SECTOR_COUNT_LENGTH:] or last != END_MARKER:
        yield "the markers around its footer are not valid"


def _missing_end(reader: Reader) -> str:
    """Returns how one knows that the end of the file is missing, "" when it is not."""
    descriptor_end = reader.number(DESCRIPTOR_OFFSET) + reader.number(DESCRIPTOR_SIZE)
    least = descriptor_end * SECTOR
    if reader.number(GRAIN_DIRECTORY) != GRAIN_DIRECTORY_AT_END:
        return reader.missing_end(max(least, _end_of_grains(reader)))
    footer = reader.read_last(FOOTER_LENGTH)[SECTOR:]
    if footer and not footer.startswith(SPARSE_SIGNATURE):
        return "it does not end with a footer"
    return reader.missing_end(least + FOOTER_LENGTH)


def _end_of_grains(reader: Reader) -> int:
    """Returns a size that the file has at least, by its grain directory and grain tables."""
    table_length = reader.number(TABLE_LENGTH)
    covered = reader.number(GRAIN_SIZE) * table_length  # sectors of the disk in one table
    if not covered:
        return 0
    tables = -(-reader.number(CAPACITY) // covered)
    directory_start = reader.number(GRAIN_DIRECTORY) * SECTOR
    directory = reader.read(directory_start, tables * ENTRY_LENGTH)
    starts = [start * SECTOR for start in numbers(directory, ENTRY_LENGTH, "little") if start]
    if not starts:
        return directory_start + tables * ENTRY_LENGTH
    first = min(starts)
    end = max(starts) + table_length * ENTRY_LENGTH
    if end - first > len(starts) * table_length * ENTRY_LENGTH:
        return end  # there are grains between the tables
    grains = numbers(reader.read(first, end - first), ENTRY_LENGTH, "little")
    return max(end, max(grains, default=0) * SECTOR)


def inspect_esx_extent(reader: Reader) -> DiskInfo:
    """Inspects an extent of an old ESX server, which is not a whole disk."""
    return DiskInfo("vmdk", "VMDK, ESX copy-on-write extent", dangers=(IS_PART,))


FORMATS = (
    Format(Mark(0, SPARSE_SIGNATURE).is_in, inspect_sparse_extent),
    Format(Mark(0, b"COWD").is_in, inspect_esx_extent),
    Format(is_descriptor, inspect_descriptor),
)
