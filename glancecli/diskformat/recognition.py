"""The formats that Glance recognizes in image data, which it inspects while it stores them.

Glance (2025.1 and newer) refuses data in a bare container in which it recognizes another format
than the disk format, or two formats at once. It reads a stream with the inspectors of oslo.utils;
tests compare this file with them.
"""

from __future__ import annotations

from glancecli.diskformat import cdrom, partitions, vmdk
from glancecli.diskformat.reader import Mark, Reader

SECTOR = 512

QCOW2, QED, VDI, VMDK, ISO, GPT = "qcow2", "qed", "vdi", "vmdk", "iso", "gpt"
BOOTABLE_ISO = (ISO, GPT)

# A file shorter than a sector has none of these; the others are recognized by the mark alone.
MARKS_IN_SECTOR = (
    (QCOW2, Mark(0, b"QFI\xfb")),
    (QED, Mark(0, b"QED\x00")),
    (VDI, Mark(64, b"\x7f\x10\xda\xbe")),
)
MARKS = (
    ("vhd", Mark(0, b"conectix")),
    ("vhdx", Mark(0, b"vhdxfile")),
    ("luks", Mark(0, b"LUKS\xba\xbe")),
)
INSPECTED = ("raw", QCOW2, QED, VDI, VMDK, ISO, GPT, "vhd", "vhdx", "luks")
"""Disk formats that must agree with the content; any other goes with content of no format."""


def recognized(reader: Reader) -> tuple[str, ...]:
    """Returns the formats that Glance recognizes in a file, () for none."""
    found = [name for name, mark in MARKS if mark.is_in(reader)]
    if vmdk.glance_recognizes(reader):
        found.append(VMDK)
    if cdrom.glance_recognizes(reader):
        found.append(ISO)
    if len(reader.read(0, SECTOR)) == SECTOR:
        found += [name for name, mark in MARKS_IN_SECTOR if mark.is_in(reader)]
        if partitions.has_boot_sector(reader):
            found.append(GPT)
    return tuple(found)


def accepts(seen: tuple[str, ...], disk_format: str) -> bool:
    """Returns whether Glance accepts content in which it recognizes these formats.

    A CD image that boots as a disk is the only content that may have two formats.
    """
    if seen == BOOTABLE_ISO:
        return disk_format == ISO
    if not seen:
        return disk_format == "raw" or disk_format not in INSPECTED
    return len(seen) == 1 and disk_format in (*seen, "raw")
