"""CD and DVD images. ISO 9660: ECMA-119. UDF: ECMA-167."""

from __future__ import annotations

from glancecli.diskformat import partitions
from glancecli.diskformat.info import DiskInfo
from glancecli.diskformat.reader import Format, Reader, little_endian

VOLUME_DESCRIPTORS = 0x8000
DESCRIPTOR_LENGTH = 2048
MOST_DESCRIPTORS = 16

# A volume descriptor
IDENTIFIER_OFFSET = 1
IDENTIFIER_LENGTH = 5
ISO_9660 = "ISO 9660"
FILE_SYSTEMS = {b"CD001": ISO_9660, b"BEA01": "UDF", b"NSR02": "UDF", b"NSR03": "UDF"}
GLANCE_NAMES = (b"CD001", b"NSR02", b"NSR03")
PRIMARY_VOLUME = b"\x01CD001"
VOLUME_BLOCKS = little_endian(80, 4)
BLOCK_SIZE = little_endian(128, 2)


def file_system(reader: Reader) -> str:
    """Returns the file system that the volume descriptors name, "" when there are none."""
    start = VOLUME_DESCRIPTORS + IDENTIFIER_OFFSET
    return FILE_SYSTEMS.get(reader.read(start, IDENTIFIER_LENGTH), "")


def glance_recognizes(reader: Reader) -> bool:
    """Returns whether Glance takes the file for a CD image: UDF alone it does not know."""
    descriptor = reader.read(VOLUME_DESCRIPTORS, DESCRIPTOR_LENGTH)
    name = descriptor[IDENTIFIER_OFFSET : IDENTIFIER_OFFSET + IDENTIFIER_LENGTH]
    return len(descriptor) == DESCRIPTOR_LENGTH and name in GLANCE_NAMES


def is_cd_image(reader: Reader) -> bool:
    """Returns whether the file is a CD or DVD image."""
    return bool(file_system(reader))


def inspect_cd_image(reader: Reader) -> DiskInfo:
    """Inspects a CD image, which may also boot as a disk."""
    kind = file_system(reader)
    detail = f"{kind} CD image"
    if partitions.table_kind(reader):
        detail += ", also bootable as a disk"
    size = reader.size
    if kind == ISO_9660:
        size = _volume_size(reader)
    incomplete = reader.missing_end(size or 0)
    if glance_recognizes(reader):
        return DiskInfo("iso", detail, virtual_size=size, incomplete=incomplete)
    return DiskInfo(
        "raw",
        detail,
        virtual_size=size,
        accepts=("iso",),
        flaw=partitions.flaw(reader),
        incomplete=incomplete,
    )


def _volume_size(reader: Reader) -> int | None:
    """Returns the size of the volume by its primary descriptor, else the size of the file."""
    for number in range(MOST_DESCRIPTORS):
        start = VOLUME_DESCRIPTORS + number * DESCRIPTOR_LENGTH
        if reader.read(start, len(PRIMARY_VOLUME)) == PRIMARY_VOLUME:
            return reader.number(VOLUME_BLOCKS, start) * reader.number(BLOCK_SIZE, start)
    return reader.size


CD_IMAGE = Format(is_cd_image, inspect_cd_image)
