"""QEMU's own formats: qcow, qcow2 and QED.

qcow2: docs/interop/qcow2.txt, QED: docs/interop/qed_spec.txt, both of the QEMU project.
"""

from __future__ import annotations

from glancecli.diskformat.info import DiskInfo, Reader, printable

QCOW_MAGIC = b"QFI\xfb"
QED_MAGIC = b"QED\x00"
DIRTY, CORRUPT, DATA_FILE, COMPRESSION, EXTENDED_L2 = (1 << bit for bit in range(5))
KNOWN_FEATURES = DIRTY | CORRUPT | DATA_FILE | COMPRESSION | EXTENDED_L2
END_OF_EXTENSIONS = 0
DATA_FILE_NAME = 0x44415441
LONGEST_FILE_NAME = 1023
MOST_EXTENSIONS = 64
CONVERT = "Convert it: qemu-img convert -O qcow2 FILE NEW"


def qcow(reader: Reader) -> DiskInfo | None:
    """A qcow file of version 1, 2 or 3."""
    if not reader.head.startswith(QCOW_MAGIC):
        return None
    version = reader.big(4, 4)
    dangers = []
    if backing := reader.big(8, 8):
        name = reader.at(backing, min(reader.big(16, 4), LONGEST_FILE_NAME))
        dangers.append(
            f"it needs a backing file, '{printable(name)}', which the hosts that use the image would read"
        )
    if version == 1:
        return DiskInfo(
            None, "qcow version 1", reader.size, reader.big(24, 8), tuple(dangers), hint=CONVERT
        )
    features = reader.big(72, 8) if version >= 3 else 0
    if features & DATA_FILE:
        dangers.append(f"its data is in another file, '{printable(_data_file(reader))}'")
    detail = f"qcow2 version {version}" + _encryption(reader.big(32, 4))
    size = reader.big(24, 8)
    return DiskInfo(
        "qcow2", detail, reader.size, size, tuple(dangers), hint=_state(version, features)
    )


def _encryption(method: int) -> str:
    return {0: "", 1: ", encrypted (AES)", 2: ", encrypted (LUKS)"}.get(method, ", encrypted")


def _data_file(reader: Reader) -> bytes:
    """The external data file's name out of the header extensions, empty when there is none."""
    offset = max(reader.big(100, 4), 104)
    for _ in range(MOST_EXTENSIONS):
        kind, length = reader.big(offset, 4), reader.big(offset + 4, 4)
        if kind == END_OF_EXTENSIONS:
            break
        if kind == DATA_FILE_NAME:
            return reader.at(offset + 8, min(length, LONGEST_FILE_NAME))
        offset += 8 + (length + 7) // 8 * 8
    return b""


def _state(version: int, features: int) -> str:
    """What to do about a qcow2 file that Glance or a hypervisor would refuse."""
    if version not in (2, 3) or features & ~KNOWN_FEATURES:
        return f"It was made by a newer program; Glance refuses it. {CONVERT}"
    if features & CORRUPT:
        return "It is marked as corrupt; repair it: qemu-img check -r all FILE"
    if features & EXTENDED_L2:
        return "Glance refuses qcow2 with extended L2 entries. " + CONVERT
    if features & DIRTY:
        return (
            "It was not closed cleanly; is a server still using it? Check it: qemu-img check FILE"
        )
    return ""


def qed(reader: Reader) -> DiskInfo | None:
    """A QED file; Glance knows no such disk format."""
    if not reader.head.startswith(QED_MAGIC):
        return None
    dangers = []
    if reader.little(16, 8) & 1:
        name = reader.at(reader.little(56, 4), min(reader.little(60, 4), LONGEST_FILE_NAME))
        dangers.append(
            f"it needs a backing file, '{printable(name)}', which the hosts that use the image would read"
        )
    return DiskInfo(None, "QED", reader.size, reader.little(48, 8), tuple(dangers), hint=CONVERT)
