"""VirtualBox's VDI. Its header: VDICore.h of VirtualBox."""

from __future__ import annotations

from glancecli.diskformat.info import DiskInfo, differencing
from glancecli.diskformat.reader import Format, Mark, Reader, little_endian

IMAGE_TYPE = little_endian(76, 4)
DATA_OFFSET = little_endian(344, 4)
VIRTUAL_SIZE = little_endian(368, 8)
BLOCK_SIZE = little_endian(376, 4)
BLOCKS_ALLOCATED = little_endian(388, 4)
DIFFERENCING = 4
DETAILS = {1: "VDI, dynamic", 2: "VDI, fixed size", DIFFERENCING: "VDI, differencing"}


def inspect_vdi(reader: Reader) -> DiskInfo:
    """Inspects a VDI."""
    kind = reader.number(IMAGE_TYPE)
    size = reader.number(VIRTUAL_SIZE)
    detail = DETAILS.get(kind, "VDI")
    dangers: tuple[str, ...] = ()
    if kind == DIFFERENCING:
        dangers = (differencing(),)
    blocks = reader.number(BLOCK_SIZE) * reader.number(BLOCKS_ALLOCATED)
    incomplete = reader.missing_end(reader.number(DATA_OFFSET) + blocks)
    return DiskInfo("vdi", detail, virtual_size=size, dangers=dangers, incomplete=incomplete)


# The signature comes after 64 bytes of text.
FORMATS = (Format(Mark(64, b"\x7f\x10\xda\xbe").is_in, inspect_vdi),)
