"""Partition tables of disks: MBR, and GPT (UEFI specification, chapter 5)."""

from __future__ import annotations

from glancecli.diskformat.reader import Mark, Reader, little_endian

BOOT_SIGNATURE = Mark(510, b"\x55\xaa")
SECTOR_SIZES = (512, 4096)
GPT_SIGNATURE = b"EFI PART"
LAST_SECTOR = little_endian(32, 8)  # of the disk, in the header of a GPT

# A FAT file system has the same signature; Glance tells it by two fields of its own.
FAT_COUNT = 0x10
FAT_MEDIA = 0x15
TWO_FATS, FIXED_DISK = b"\x02", b"\xf8"

TABLE_OFFSET = 446
ENTRY_COUNT = 4
ENTRY_LENGTH = 16

# An entry
BOOT_FLAG = 0
FIRST_SECTOR_CHS = slice(1, 4)
PARTITION_TYPE = 4
FIRST_SECTOR = slice(8, 12)
BOOT_FLAGS = (0x00, 0x80)
UNUSED = 0x00
GPT_PROTECTIVE = 0xEE


def has_boot_sector(reader: Reader) -> bool:
    """Returns whether the file begins with a boot sector that is not one of a FAT file system."""
    if not BOOT_SIGNATURE.is_in(reader):
        return False
    return reader.read(FAT_COUNT, 1) != TWO_FATS or reader.read(FAT_MEDIA, 1) != FIXED_DISK


def table_kind(reader: Reader) -> str:
    """Returns GPT or MBR when there is a partition table, else ""."""
    if not BOOT_SIGNATURE.is_in(reader):
        return ""
    if gpt_sector_size(reader):
        return "GPT"
    if boot_sector_is_valid(reader):
        return "MBR"
    return ""


def gpt_sector_size(reader: Reader) -> int:
    """Returns the sector size of the disk by its GPT, 0 when it has none."""
    for size in SECTOR_SIZES:
        if Mark(size, GPT_SIGNATURE).is_in(reader):
            return size
    return 0


def least_size(reader: Reader) -> int:
    """Returns how many bytes the disk has at least, by its GPT; 0 without one."""
    size = gpt_sector_size(reader)
    if not size:
        return 0
    return (reader.number(LAST_SECTOR, size) + 1) * size


def flaw(reader: Reader) -> str:
    """Returns why Glance refuses a raw disk with this boot sector, "" when it does not."""
    if has_boot_sector(reader) and not boot_sector_is_valid(reader):
        return "its boot sector has no valid partition table"
    return ""


def boot_sector_is_valid(reader: Reader) -> bool:
    """Returns whether Glance accepts the partition table in the boot sector.

    Boot flags are 0 or 0x80, there is a partition, and the protective partition of a GPT is the
    only one.
    """
    raw = reader.read(TABLE_OFFSET, ENTRY_COUNT * ENTRY_LENGTH)
    if len(raw) < ENTRY_COUNT * ENTRY_LENGTH:
        return False
    entries = [raw[start : start + ENTRY_LENGTH] for start in range(0, len(raw), ENTRY_LENGTH)]
    if any(entry[BOOT_FLAG] not in BOOT_FLAGS for entry in entries):
        return False
    used = [entry for entry in entries if entry[PARTITION_TYPE] != UNUSED]
    if any(entry[PARTITION_TYPE] == GPT_PROTECTIVE for entry in used):
        return used == entries[:1] and _covers_the_gpt(entries[0])
    return bool(used)


def _covers_the_gpt(entry: bytes) -> bool:
    """Returns whether a protective partition begins at the second sector, as specified."""
    return entry[FIRST_SECTOR_CHS] == b"\0\2\0" and entry[FIRST_SECTOR] == b"\1\0\0\0"
