"""Partition tables of disks: MBR, and GPT (UEFI specification, chapter 5)."""

from __future__ import annotations

from glancecli.diskformat.reader import Mark, Reader

BOOT_SIGNATURE = Mark(510, b"\x55\xaa")
GPT_SIGNATURES = (
    Mark(512, b"EFI PART"),
    Mark(4096, b"EFI PART"),
)  # with sectors of 512 and 4096 bytes

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


def table_kind(reader: Reader) -> str:
    """Returns GPT or MBR when there is a partition table, else ""."""
    if not BOOT_SIGNATURE.is_in(reader):
        return ""
    if any(signature.is_in(reader) for signature in GPT_SIGNATURES):
        return "GPT"
    if boot_sector_is_valid(reader):
        return "MBR"
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
