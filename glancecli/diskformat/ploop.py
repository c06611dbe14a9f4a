"""Expanding disks of Parallels and Virtuozzo: docs/interop/parallels.txt of the QEMU project."""

from __future__ import annotations

from glancecli.diskformat.info import DiskInfo
from glancecli.diskformat.reader import Format, Mark, Reader, little_endian

SECTOR = 512
VIRTUAL_SECTORS = little_endian(36, 8)


def inspect_ploop(reader: Reader) -> DiskInfo:
    """Inspects an expanding disk."""
    size = reader.number(VIRTUAL_SECTORS) * SECTOR
    return DiskInfo("ploop", "Parallels expanding disk", virtual_size=size)


FORMATS = (
    Format(Mark(0, b"WithoutFreeSpace").is_in, inspect_ploop),
    Format(Mark(0, b"WithouFreSpacExt").is_in, inspect_ploop),
)
