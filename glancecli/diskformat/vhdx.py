"""Microsoft's VHDX. MS-VHDX: Virtual Hard Disk v2 (VHDX) File Format."""

from __future__ import annotations

from typing import NamedTuple

from glancecli.diskformat.info import DiskInfo, differencing
from glancecli.diskformat.reader import Field, Format, Mark, Reader, little_endian, numbers

GUID_LENGTH = 16
ENTRY_LENGTH = 32
MOST_ENTRIES = 2047


class Table(NamedTuple):
    """A table whose entries have a GUID and an offset each."""

    signature: bytes
    header_length: int
    entry_count: Field
    entry_offset: Field  # within an entry


REGION_TABLE = Table(b"regi", 16, little_endian(8, 4), little_endian(16, 8))
METADATA_TABLE = Table(b"metadata", 32, little_endian(10, 2), little_endian(16, 4))
REGION_TABLES_AT = (192 * 1024, 256 * 1024)  # the second is a copy

# GUIDs as Microsoft stores them: the first three groups are little-endian.
METADATA_REGION = bytes.fromhex("06a27c8b 9047 9a4b b8fe 575f050f886e")
VIRTUAL_DISK_SIZE = bytes.fromhex("2442a52f 1bcd 7648 b211 5dbed83bf4b8")
FILE_PARAMETERS = bytes.fromhex("3767a1ca 36fa 434d b3b6 33f0aa44e76b")

# The table of blocks: in each entry the offset of a block in MiB, from bit 20, and its state
BLOCK_TABLE = bytes.fromhex("6677c22d 23f6 0042 9d64 115e9bfd4a08")
BLOCK_ENTRY_LENGTH = 8
PRESENT = 0b110  # fully or partially
MIB = 1 << 20

# The metadata items
SIZE = little_endian(0, 8)
FLAGS = little_endian(4, 4)
HAS_PARENT = 2


def inspect_vhdx(reader: Reader) -> DiskInfo:
    """Inspects a VHDX. Its virtual size is far behind the head, so a pipe does not tell it."""
    regions = _regions(reader)
    metadata = _metadata_offsets(reader, regions)
    size = None
    flags = 0
    if VIRTUAL_DISK_SIZE in metadata:
        size = reader.number(SIZE, metadata[VIRTUAL_DISK_SIZE])
    if FILE_PARAMETERS in metadata:
        flags = reader.number(FLAGS, metadata[FILE_PARAMETERS])
    info = DiskInfo(
        "vhdx",
        "VHDX",
        virtual_size=size,
        flaw=_flaw(reader, regions, size),
        incomplete=reader.missing_end(_least_size(reader, regions)),
    )
    if flags & HAS_PARENT:
        return info._replace(detail="VHDX, differencing", dangers=(differencing(),))
    return info


def _flaw(reader: Reader, regions: dict[bytes, int], virtual_size: int | None) -> str:
    """Returns why Glance refuses the file: it needs the size, unless there are no regions at all.

    Of a pipe only the head is known.
    """
    if virtual_size or not regions or reader.size is None:
        return ""
    return "its metadata is damaged: it does not tell the size of the disk"


def _regions(reader: Reader) -> dict[bytes, int]:
    """Returns the offset of each region of the file, by GUID; none without a metadata region."""
    for table in REGION_TABLES_AT:
        regions = _read_table(reader, REGION_TABLE, table)
        if METADATA_REGION in regions:
            return regions
    return {}


def _metadata_offsets(reader: Reader, regions: dict[bytes, int]) -> dict[bytes, int]:
    """Returns the offset of each metadata item in the file, by GUID."""
    if METADATA_REGION not in regions:
        return {}
    start = regions[METADATA_REGION]
    items = _read_table(reader, METADATA_TABLE, start)
    return {item: start + offset for item, offset in items.items()}


def _least_size(reader: Reader, regions: dict[bytes, int]) -> int:
    """Returns a size that the file has at least: regions and blocks have 1 MiB or more."""
    if not regions:
        return REGION_TABLES_AT[1]
    starts = list(regions.values())
    if BLOCK_TABLE in regions:
        entries = numbers(reader.read(regions[BLOCK_TABLE], MIB), BLOCK_ENTRY_LENGTH, "little")
        present = [entry for entry in entries if entry & PRESENT == PRESENT]
        starts.append(max(present, default=0) // MIB * MIB)
    return max(starts) + MIB


def _read_table(reader: Reader, table: Table, start: int) -> dict[bytes, int]:
    """Returns the offsets in the table at start, by GUID; none when there is no such table."""
    count = min(reader.number(table.entry_count, start), MOST_ENTRIES)
    raw = reader.read(start, table.header_length + ENTRY_LENGTH * count)
    if not raw.startswith(table.signature):
        return {}
    offsets: dict[bytes, int] = {}
    last_start = len(raw) - ENTRY_LENGTH
    for entry_start in range(table.header_length, last_start + 1, ENTRY_LENGTH):
        entry = raw[entry_start : entry_start + ENTRY_LENGTH]
        offsets.setdefault(entry[:GUID_LENGTH], table.entry_offset.value_in(entry))
    return offsets


FORMATS = (Format(Mark(0, b"vhdxfile").is_in, inspect_vhdx),)
