"""Microsoft's VHDX. MS-VHDX: Virtual Hard Disk v2 (VHDX) File Format."""

from __future__ import annotations

from typing import NamedTuple

from glancecli.diskformat.info import DiskInfo, differencing
from glancecli.diskformat.reader import Field, Format, Mark, Reader, little_endian

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

# The metadata items
SIZE = little_endian(0, 8)
FLAGS = little_endian(4, 4)
HAS_PARENT = 2


def inspect_vhdx(reader: Reader) -> DiskInfo:
    """Inspects a VHDX. Its virtual size is far behind the head, so a pipe does not tell it."""
    metadata = _metadata_offsets(reader)
    size = None
    flags = 0
    if VIRTUAL_DISK_SIZE in metadata:
        size = reader.number(SIZE, metadata[VIRTUAL_DISK_SIZE])
    if FILE_PARAMETERS in metadata:
        flags = reader.number(FLAGS, metadata[FILE_PARAMETERS])
    if flags & HAS_PARENT:
        danger = differencing()
        return DiskInfo("vhdx", "VHDX, differencing", virtual_size=size, dangers=(danger,))
    return DiskInfo("vhdx", "VHDX", virtual_size=size)


def _metadata_offsets(reader: Reader) -> dict[bytes, int]:
    """Returns the offset of each metadata item in the file, by GUID."""
    for table in REGION_TABLES_AT:
        regions = _read_table(reader, REGION_TABLE, table)
        if METADATA_REGION in regions:
            start = regions[METADATA_REGION]
            items = _read_table(reader, METADATA_TABLE, start)
            return {item: start + offset for item, offset in items.items()}
    return {}


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
