"""What is no disk format of its own: CD images, raw disks, archives.

ISO 9660: ECMA-119. UDF: ECMA-167. GPT: UEFI specification, chapter 5.
"""

from __future__ import annotations

from typing import NamedTuple

from glancecli.diskformat.info import DiskInfo, Reader, printable

SECTOR = 512
VOLUME_DESCRIPTORS = 0x8000
VOLUME_SECTOR = 2048
MOST_DESCRIPTORS = 16
BOOT_SIGNATURE = b"\x55\xaa"
GPT_SIGNATURE = b"EFI PART"
GPT_PARTITION = 0xEE
REFUSED = (
    "Its boot sector has no valid partition table; a Glance that checks formats refuses it as raw"
)
LUKS_MAGIC = b"LUKS\xba\xbe"


class Archive(NamedTuple):
    """A kind of archive: its marks, where they stand, and the command that unpacks it."""

    name: str
    magic: bytes
    offset: int
    unpack: str
    compresses: bool


ARCHIVES = (
    Archive("gzip", b"\x1f\x8b\x08", 0, "gunzip --keep FILE", True),
    Archive("xz", b"\xfd7zXZ\x00", 0, "unxz --keep FILE", True),
    Archive("zstd", b"\x28\xb5\x2f\xfd", 0, "unzstd --keep FILE", True),
    Archive("bzip2", b"BZh", 0, "bunzip2 --keep FILE", True),
    Archive("lz4", b"\x04\x22\x4d\x18", 0, "unlz4 --keep FILE", True),
    Archive("zip", b"PK\x03\x04", 0, "unzip FILE", False),
    Archive("7z", b"7z\xbc\xaf\x27\x1c", 0, "7z x FILE", False),
    Archive("tar", b"ustar", 257, "tar -xf FILE", False),
)

# Offset, mark and words of what has a boot sector of its own and no partition table ...
BOOT_SECTORS = (
    (0x202, b"HdrS", "Linux kernel"),
    (3, b"NTFS    ", "NTFS file system"),
    (0x52, b"FAT32   ", "FAT file system"),
    (0x36, b"FAT", "FAT file system"),
)
# ... and of what else goes as raw, or as a kernel or ramdisk.
CONTENTS = (
    (0x38, b"ARM\x64", "Linux kernel (arm64)"),
    (0, b"\x7fELF", "ELF program or kernel"),
    (0, b"070701", "cpio archive (ramdisk)"),
    (0, b"070702", "cpio archive (ramdisk)"),
    (0x438, b"\x53\xef", "ext2, ext3 or ext4 file system"),
    (0, b"XFSB", "XFS file system"),
    (0x10040, b"_BHRfS_M", "Btrfs file system"),
    (0, b"hsqs", "SquashFS file system"),
)


def iso(reader: Reader) -> DiskInfo | None:
    """A CD or DVD image: ISO 9660 or UDF. One that also boots from a disk may go as raw as well."""
    if not (kind := volume_kind(reader)):
        return None
    size = reader.size
    for number in range(MOST_DESCRIPTORS if kind == "ISO 9660" else 0):
        start = VOLUME_DESCRIPTORS + number * VOLUME_SECTOR
        if reader.at(start, 6) == b"\x01CD001":
            size = reader.little(start + 80, 4) * reader.little(start + 128, 2)
            break
    if partitions(reader):
        detail = f"{kind} CD image, also bootable as a disk"
        return DiskInfo("iso", detail, reader.size, size, accepts=("raw",))
    return DiskInfo("iso", f"{kind} CD image", reader.size, size)


def volume_kind(reader: Reader) -> str:
    """The CD file system that the volume descriptors announce, empty when there are none."""
    mark = reader.at(VOLUME_DESCRIPTORS + 1, 5)
    if mark == b"CD001":
        return "ISO 9660"
    return "UDF" if mark in (b"BEA01", b"NSR02", b"NSR03") else ""


def luks(reader: Reader) -> DiskInfo | None:
    """A LUKS-encrypted disk, which Glance takes as raw."""
    if not reader.head.startswith(LUKS_MAGIC):
        return None
    version = reader.big(6, 2)
    hint = "" if version == 1 else "A Glance that checks formats refuses LUKS other than version 1"
    detail = f"LUKS-encrypted disk, version {version}"
    return DiskInfo("raw", detail, reader.size, reader.size, accepts=("luks",), hint=hint)


def archive(reader: Reader) -> DiskInfo | None:
    """A compressed file or an archive. Glance has no disk format for either."""
    for kind in ARCHIVES:
        if reader.at(kind.offset, len(kind.magic)) != kind.magic:
            continue
        if kind.name == "bzip2" and reader.at(4, 6) != b"1AY&SY":
            continue
        if kind.name == "tar" and (first := printable(reader.at(0, 100).split(b"\0")[0])).endswith(
            ".ovf"
        ):
            hint = "Send it with --container-format ova --disk-format vmdk"
            return DiskInfo(
                None, f"OVA appliance (tar archive with '{first}')", reader.size, hint=hint
            )
        hint = f"Unpack it and send what is in it: {kind.unpack}"
        detail = f"{kind.name} archive"
        return DiskInfo(
            None, detail, reader.size, compressed=kind.name if kind.compresses else None, hint=hint
        )
    return None


def raw(reader: Reader) -> DiskInfo:
    """Anything else, named by what it starts with."""
    seen_to_the_end = reader.last(SECTOR) or (reader.size is not None and reader.size < SECTOR)
    detail, hint = _content(reader)
    accepts = () if seen_to_the_end else ("vhd",)
    return DiskInfo("raw", detail, reader.size, reader.size, accepts=accepts, hint=hint)


def _content(reader: Reader) -> tuple[str, str]:
    """What raw bytes hold, and what to do about it."""
    if not reader.head:
        return "empty file", ""
    if boots := _marked(reader, BOOT_SECTORS):
        return boots, ""
    if table := partitions(reader):
        return f"{table}-partitioned raw disk", "" if _table_is_valid(reader) else REFUSED
    content = _marked(reader, CONTENTS)
    if reader.at(510, 2) != BOOT_SIGNATURE:
        return content or "raw data", ""
    return content or "raw disk with a boot sector", REFUSED


def _marked(reader: Reader, marks: tuple[tuple[int, bytes, str], ...]) -> str:
    found = (words for offset, mark, words in marks if reader.at(offset, len(mark)) == mark)
    return next(found, "")


def partitions(reader: Reader) -> str:
    """GPT or MBR when there is a valid partition table, else empty."""
    if reader.at(510, 2) != BOOT_SIGNATURE:
        return ""
    if GPT_SIGNATURE in (reader.at(SECTOR, 8), reader.at(4096, 8)):
        return "GPT"
    return "MBR" if _table_is_valid(reader) else ""


def _table_is_valid(reader: Reader) -> bool:
    """Whether the partition table in the boot sector is one that Glance lets pass.

    Boot flags are 0 or 0x80, there is a partition, and a GPT's protective one stands alone, as it
    should be.
    """
    entries = [reader.at(446 + 16 * number, 16) for number in range(4)]
    used = [entry for entry in entries if entry[4]]
    if not used or any(entry[0] not in (0, 0x80) for entry in entries):
        return False
    protective = [entry for entry in used if entry[4] == GPT_PARTITION]
    alone = used == [entries[0]]
    return not protective or (alone and used[0][1:4] == b"\0\2\0" and used[0][8:12] == b"\1\0\0\0")
