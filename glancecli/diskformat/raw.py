"""Raw disks, other content that Glance takes as raw, and LUKS."""

from __future__ import annotations

from typing import NamedTuple

from glancecli.diskformat import pages, partitions, vhd
from glancecli.diskformat.info import DiskInfo
from glancecli.diskformat.reader import Format, Mark, Reader, big_endian

KERNEL = "Linux kernel"
HINTS = {KERNEL: "Upload a kernel with --disk-format aki --container-format aki."}

LUKS_HEADER_LENGTH = 592
LUKS_VERSION = big_endian(6, 2)
OTHER_LUKS = "only version 1 of LUKS is accepted"


class Content(NamedTuple):
    """What content without a signature is, why Glance refuses it, and what to do about that."""

    detail: str
    flaw: str = ""
    hint: str = ""


# Content with a boot sector of its own and no partition table
BOOT_SECTORS = (
    (Mark(0x202, b"HdrS"), KERNEL),
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
    flaw = ""
    if version != 1:
        flaw = OTHER_LUKS
    detail = f"LUKS-encrypted disk, version {version}"
    return DiskInfo(
        "raw",
        detail,
        virtual_size=reader.size,
        accepts=("luks",),
        flaw=flaw,
        incomplete=reader.missing_end(LUKS_HEADER_LENGTH),
    )


def inspect_raw(reader: Reader) -> DiskInfo:
    """Inspects content without a signature: names it by its first bytes."""
    if pages.kind(reader.head):
        return pages.inspect_page(reader)
    content = _content(reader)
    info = DiskInfo(
        "raw", content.detail, virtual_size=reader.size, flaw=content.flaw, hint=content.hint
    )
    if vhd.is_fixed_vhd(reader):
        # Glance does not look at the end of the data, so it takes a fixed VHD for a raw disk.
        detail = f"VHD, fixed size ({content.detail} with a footer)"
        size = vhd.size_of_fixed_vhd(reader)
        return info._replace(detail=detail, virtual_size=size, accepts=("vhd",))
    return info._replace(incomplete=reader.missing_end(partitions.least_size(reader)))


def _content(reader: Reader) -> Content:
    if not reader.head:
        return Content("empty file")
    detail = _detail(reader)
    flaw = partitions.flaw(reader)
    if flaw:
        return Content(detail, flaw, HINTS.get(detail, ""))
    return Content(detail)


def _detail(reader: Reader) -> str:
    boot_sector = _first_marked(reader, BOOT_SECTORS)
    if boot_sector:
        return boot_sector
    table = partitions.table_kind(reader)
    if table:
        return f"{table}-partitioned raw disk"
    content = _first_marked(reader, CONTENTS)
    if not content and partitions.BOOT_SIGNATURE.is_in(reader):
        return "raw disk with a boot sector"
    return content or "raw data"


def _first_marked(reader: Reader, contents: tuple[tuple[Mark, str], ...]) -> str:
    """Returns the words for the first mark that the file has, "" when it has none."""
    for mark, words in contents:
        if mark.is_in(reader):
            return words
    return ""


LUKS = Format(Mark(0, b"LUKS\xba\xbe").is_in, inspect_luks)
