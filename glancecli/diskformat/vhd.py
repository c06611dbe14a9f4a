"""Microsoft's VHD. Virtual Hard Disk Image Format Specification, Microsoft, 2006."""

from __future__ import annotations

from glancecli.diskformat.info import DiskInfo, differencing
from glancecli.diskformat.reader import Format, Mark, Reader, big_endian

SIGNATURE = b"conectix"
FOOTER_LENGTH = 512

# The footer; a dynamic or differencing VHD begins with a copy of it
DYNAMIC_HEADER_OFFSET = big_endian(16, 8)
VIRTUAL_SIZE = big_endian(48, 8)
DISK_TYPE = big_endian(60, 4)
FIXED, DYNAMIC, DIFFERENCING = 2, 3, 4

# The dynamic header
PARENT_NAME_OFFSET = 64
PARENT_NAME_LENGTH = 512

FIXED_VHD_HINT = (
    "Glance releases that check formats accept a fixed VHD only as raw (--disk-format raw)."
)


def inspect_vhd(reader: Reader) -> DiskInfo:
    """Inspects a VHD that begins with a copy of its footer: a dynamic or a differencing one."""
    size = reader.number(VIRTUAL_SIZE)
    kind = reader.number(DISK_TYPE)
    if kind == DIFFERENCING:
        danger = differencing(_parent_name(reader))
        return DiskInfo("vhd", "VHD, differencing", virtual_size=size, dangers=(danger,))
    if kind == DYNAMIC:
        return DiskInfo("vhd", "VHD, dynamic", virtual_size=size)
    return DiskInfo("vhd", "VHD", virtual_size=size)


def _parent_name(reader: Reader) -> str:
    """Returns the name of the parent disk: UTF-16 up to the first NUL."""
    header = reader.number(DYNAMIC_HEADER_OFFSET)
    raw = reader.read(header + PARENT_NAME_OFFSET, PARENT_NAME_LENGTH)
    return raw.decode("utf-16-be", "replace").split("\0", 1)[0]


def is_fixed_vhd(reader: Reader) -> bool:
    """Returns whether the file is a raw disk with a footer in its last 512 bytes."""
    footer = reader.read_last(FOOTER_LENGTH)
    return footer.startswith(SIGNATURE) and DISK_TYPE.value_in(footer) == FIXED


def inspect_fixed_vhd(reader: Reader) -> DiskInfo:
    """Inspects a fixed VHD."""
    size = VIRTUAL_SIZE.value_in(reader.read_last(FOOTER_LENGTH))
    return DiskInfo(
        "vhd", "VHD, fixed size", virtual_size=size, accepts=("raw",), hint=FIXED_VHD_HINT
    )


FORMATS = (Format(Mark(0, SIGNATURE).is_in, inspect_vhd),)
FIXED_VHD = Format(is_fixed_vhd, inspect_fixed_vhd)
