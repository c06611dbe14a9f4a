"""Raw disks, other content that Glance takes as raw, and LUKS."""

from __future__ import annotations

from typing import NamedTuple

from glancecli.diskformat import partitions
from glancecli.diskformat.info import DiskInfo
from glancecli.diskformat.reader import Format, Mark, Reader, big_endian

REFUSED = (
    "Its boot sector has no valid partition table; "
    "Glance releases that check formats refuse it as raw."
)
FOOTER_LENGTH = 512  # of a fixed VHD

LUKS_VERSION = big_endian(6, 2)
OTHER_LUKS = "Glance releases that check formats refuse LUKS other than version 1."


class Content(NamedTuple):
    """What content without a signature is, and what to do about it."""

    detail: str
    hint: str = ""


# Content with a boot sector of its own and no partition table
BOOT_SECTORS = (
    (Mark(0x202, b"HdrS"), "Linux kernel"),
    (Mark(3, b"NTFS    "), "NTFS file system"),
    (Mark(0x52, b"FAT32   "), "FAT file system"),
    (Mark(0x36, b"FAT"), "FAT file system"),
)
# Other content that is uploaded as raw, or as a kernel or ramdisk
CONTENTS = (
    (Mark(0x38, b"ARM\x64"), "Linux kernel (arm64)"),
    (Mark(0, b"\x7fELF"), "ELF program or kernel"),
    (Mark(0, b"070701"), "cpio archive (ramdisk)"),
    (Mark(0, b"070702"), "cpio archive (ramdisk)"),
    (Mark(0x438, b"\x53\xef"), "ext2, ext3 or ext4 file system"),
    (Mark(0, b"XFSB"), "XFS file system"),
    (Mark(0x10040, b"_BHRfS_M"), "Btrfs file system"),
    (Mark(0, b"hsqs"), "SquashFS file system"),
)


def inspect_luks(reader: Reader) -> DiskInfo:
    """Inspects a LUKS-encrypted disk."""
    version = reader.number(LUKS_VERSION)
    hint = ""
    if version != 1:
        hint = OTHER_LUKS
    detail = f"LUKS-encrypted disk, version {version}"
    return DiskInfo("raw", detail, virtual_size=reader.size, accepts=("luks",), hint=hint)


def inspect_raw(reader: Reader) -> DiskInfo:
    """Inspects content without a signature: names it by its first bytes."""
    content = _content(reader)
    accepts: tuple[str, ...] = ()
    if not _end_is_known(reader):
        accepts = ("vhd",)
    return DiskInfo(
        "raw", content.detail, virtual_size=reader.size, accepts=accepts, hint=content.hint
    )


def _end_is_known(reader: Reader) -> bool:
    """Returns whether the end was seen, where a fixed VHD has its footer."""
    if reader.size is None:
        return False
    return reader.size < FOOTER_LENGTH or bool(reader.read_last(FOOTER_LENGTH))


def _content(reader: Reader) -> Content:
    if not reader.head:
        return Content("empty file")
    boot_sector = _first_marked(reader, BOOT_SECTORS)
    if boot_sector:
        return Content(boot_sector)
    table = partitions.table_kind(reader)
    if table:
        hint = ""
        if not partitions.boot_sector_is_valid(reader):
            hint = REFUSED
        return Content(f"{table}-partitioned raw disk", hint)
    content = _first_marked(reader, CONTENTS)
    if partitions.BOOT_SIGNATURE.is_in(reader):
        return Content(content or "raw disk with a boot sector", REFUSED)
    return Content(content or "raw data")


def _first_marked(reader: Reader, contents: tuple[tuple[Mark, str], ...]) -> str:
    """Returns the words for the first mark that the file has, "" when it has none."""
    for mark, words in contents:
        if mark.is_in(reader):
            return words
    return ""


LUKS = Format(Mark(0, b"LUKS\xba\xbe").is_in, inspect_luks)
