"""Microsoft's VHD. Virtual Hard Disk Image Format Specification, Microsoft, 2006."""

from __future__ import annotations

from glancecli.diskformat.info import DiskInfo, differencing
from glancecli.diskformat.reader import Format, Mark, Reader, big_endian, numbers

SIGNATURE = b"conectix"
FOOTER_LENGTH = 512

# The footer; a dynamic or differencing VHD begins with a copy of it
DYNAMIC_HEADER_OFFSET = big_endian(16, 8)
VIRTUAL_SIZE = big_endian(48, 8)
DISK_TYPE = big_endian(60, 4)
FIXED, DYNAMIC, DIFFERENCING = 2, 3, 4
DETAILS = {DYNAMIC: "VHD, dynamic", DIFFERENCING: "VHD, differencing"}

# The dynamic header
DYNAMIC_SIGNATURE = b"cxsparse"
TABLE_OFFSET = big_endian(16, 8)
TABLE_ENTRIES = big_endian(28, 4)
BLOCK_SIZE = big_endian(32, 4)
PARENT_NAME_OFFSET = 64
PARENT_NAME_LENGTH = 512

# The table of blocks
SECTOR = 512
ENTRY_LENGTH = 4
NO_BLOCK = 0xFFFFFFFF


def inspect_vhd(reader: Reader) -> DiskInfo:
    """Inspects a VHD that begins with a copy of its footer: a dynamic or a differencing one."""
    kind = reader.number(DISK_TYPE)
    dangers: tuple[str, ...] = ()
    if kind == DIFFERENCING:
        dangers = (differencing(_parent_name(reader)),)
    return DiskInfo(
        "vhd",
        DETAILS.get(kind, "VHD"),
        virtual_size=reader.number(VIRTUAL_SIZE),
        dangers=dangers,
        incomplete=reader.missing_end(_least_size(reader)),
    )


def _least_size(reader: Reader) -> int:
    """Returns the end of the last block, by the table of the dynamic header."""
    header = reader.number(DYNAMIC_HEADER_OFFSET)
    if reader.read(header, len(DYNAMIC_SIGNATURE)) != DYNAMIC_SIGNATURE:
        return FOOTER_LENGTH
    length = reader.number(TABLE_ENTRIES, header) * ENTRY_LENGTH
    table = reader.read(reader.number(TABLE_OFFSET, header), length)
    blocks = [block for block in numbers(table, ENTRY_LENGTH, "big") if block != NO_BLOCK]
    if not blocks:
        return FOOTER_LENGTH
    return max(blocks) * SECTOR + reader.number(BLOCK_SIZE, header)


def _parent_name(reader: Reader) -> str:
    """Returns the name of the parent disk: UTF-16 up to the first NUL."""
    header = reader.number(DYNAMIC_HEADER_OFFSET)
    raw = reader.read(header + PARENT_NAME_OFFSET, PARENT_NAME_LENGTH)
    return raw.decode("utf-16-be", "replace").split("\0", 1)[0]


def is_fixed_vhd(reader: Reader) -> bool:
    """Returns whether the file is a raw disk with a footer in its last 512 bytes."""
    footer = reader.read_last(FOOTER_LENGTH)
    return footer.startswith(SIGNATURE) and DISK_TYPE.value_in(footer) == FIXED


def size_of_fixed_vhd(reader: Reader) -> int:
    """Returns the size of the disk that the footer names."""
    return VIRTUAL_SIZE.value_in(reader.read_last(FOOTER_LENGTH))


FORMATS = (Format(Mark(0, SIGNATURE).is_in, inspect_vhd),)
