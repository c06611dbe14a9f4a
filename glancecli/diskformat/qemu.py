"""QEMU's own formats: qcow, qcow2 and QED.

qcow2: docs/interop/qcow2.txt, QED: docs/interop/qed_spec.txt, both of the QEMU project.
"""

from __future__ import annotations

from glancecli.diskformat import qcow2_refcounts
from glancecli.diskformat.info import DiskInfo, printable
from glancecli.diskformat.reader import Format, Mark, Reader, big_endian, little_endian

CONVERT = "Convert it: qemu-img convert -O qcow2 FILE NEW"
OLD_FORMAT = "QED is not accepted"
OLD_VERSION = "version 1 is not accepted"
LONGEST_FILE_NAME = 1023

# The header of qcow, all versions
VERSION = big_endian(4, 4)
BACKING_NAME_OFFSET = big_endian(8, 8)
BACKING_NAME_LENGTH = big_endian(16, 4)
VIRTUAL_SIZE = big_endian(24, 8)

# The header of qcow2; the last two fields are in version 3 only
ENCRYPTION_METHOD = big_endian(32, 4)
FEATURES = big_endian(72, 8)
HEADER_LENGTH = big_endian(100, 4)
SHORTEST_HEADER = 104
ENCRYPTION = {0: "", 1: ", encrypted (AES)", 2: ", encrypted (LUKS)"}
UNKNOWN_ENCRYPTION = ", encrypted"
DIRTY, CORRUPT, DATA_FILE, COMPRESSION, EXTENDED_L2 = (1 << bit for bit in range(5))
KNOWN_FEATURES = DIRTY | CORRUPT | DATA_FILE | COMPRESSION | EXTENDED_L2

# A header extension of qcow2
EXTENSION_TYPE = big_endian(0, 4)
EXTENSION_LENGTH = big_endian(4, 4)
EXTENSION_DATA = 8
END_OF_EXTENSIONS = 0
DATA_FILE_NAME = 0x44415441
MOST_EXTENSIONS = 64

# The header of QED
QED_FEATURES = little_endian(16, 8)
QED_VIRTUAL_SIZE = little_endian(48, 8)
QED_BACKING_NAME_OFFSET = little_endian(56, 4)
QED_BACKING_NAME_LENGTH = little_endian(60, 4)
QED_HAS_BACKING_FILE = 1


def inspect_qcow(reader: Reader) -> DiskInfo:
    """Inspects a qcow file of version 1, 2 or 3."""
    version = reader.number(VERSION)
    size = reader.number(VIRTUAL_SIZE)
    dangers = []
    backing_offset = reader.number(BACKING_NAME_OFFSET)
    if backing_offset:
        length = reader.number(BACKING_NAME_LENGTH)
        dangers.append(_backing_file(reader, backing_offset, length))
    if version == 1:
        return DiskInfo(
            None,
            "qcow version 1",
            virtual_size=size,
            dangers=tuple(dangers),
            hint=CONVERT,
            flaw=OLD_VERSION,
        )
    features = 0
    if version >= 3:
        features = reader.number(FEATURES)
    if features & DATA_FILE:
        dangers.append(f"its data is in another file, '{printable(_data_file_name(reader))}'")
    flaw = _flaw(version, reader.number(FEATURES))
    encryption = ENCRYPTION.get(reader.number(ENCRYPTION_METHOD), UNKNOWN_ENCRYPTION)
    return DiskInfo(
        "qcow2",
        f"qcow2 version {version}{encryption}",
        virtual_size=size,
        dangers=tuple(dangers),
        hint=_advice(features, flaw),
        flaw=flaw,
        incomplete=reader.missing_end(qcow2_refcounts.least_size(reader, version)),
    )


def _backing_file(reader: Reader, offset: int, length: int) -> str:
    """Returns the danger of a backing file, whose name is at offset."""
    name = reader.read(offset, min(length, LONGEST_FILE_NAME))
    return (
        f"it needs a backing file, '{printable(name)}', which the hosts that use the image would "
        "read"
    )


def _data_file_name(reader: Reader) -> bytes:
    """Returns the name of the external data file, from the header extensions; b"" for none."""
    offset = max(reader.number(HEADER_LENGTH), SHORTEST_HEADER)
    for _ in range(MOST_EXTENSIONS):
        kind = reader.number(EXTENSION_TYPE, offset)
        length = reader.number(EXTENSION_LENGTH, offset)
        if kind == END_OF_EXTENSIONS:
            break
        if kind == DATA_FILE_NAME:
            return reader.read(offset + EXTENSION_DATA, min(length, LONGEST_FILE_NAME))
        offset += EXTENSION_DATA + _padded(length)
    return b""


def _padded(length: int) -> int:
    """Returns the length with its padding to a multiple of 8."""
    return (length + 7) // 8 * 8


def _flaw(version: int, features: int) -> str:
    """Returns why Glance refuses a qcow2 file, "" when it does not."""
    if version == 2 and features & DATA_FILE:
        return "it looks like one with a data file"  # by bytes that mean nothing in version 2
    if version not in (2, 3):
        return "it was made by a newer program"
    if version == 2:
        return ""
    if features & ~KNOWN_FEATURES:
        return "it was made by a newer program"
    if features & EXTENDED_L2:
        return "it has extended L2 entries"
    return ""


def _advice(features: int, flaw: str) -> str:
    """Returns what to do about a qcow2 file that Glance or a hypervisor refuses; "" for none."""
    if flaw:
        return CONVERT
    if features & CORRUPT:
        return "It is marked as corrupt; repair it: qemu-img check -r all FILE"
    if features & DIRTY:
        return (
            "It was not closed cleanly; is a server still using it? Check it: qemu-img check FILE"
        )
    return ""


def inspect_qed(reader: Reader) -> DiskInfo:
    """Inspects a QED file; Glance has no such disk format."""
    dangers = []
    if reader.number(QED_FEATURES) & QED_HAS_BACKING_FILE:
        offset = reader.number(QED_BACKING_NAME_OFFSET)
        dangers.append(_backing_file(reader, offset, reader.number(QED_BACKING_NAME_LENGTH)))
    size = reader.number(QED_VIRTUAL_SIZE)
    return DiskInfo(
        None, "QED", virtual_size=size, dangers=tuple(dangers), hint=CONVERT, flaw=OLD_FORMAT
    )


FORMATS = (
    Format(Mark(0, b"QFI\xfb").is_in, inspect_qcow),
    Format(Mark(0, b"QED\x00").is_in, inspect_qed),
)
