"""Disks of other makers: VirtualBox VDI, Microsoft VHD and VHDX, Parallels and Virtuozzo ploop.

VHD: Microsoft, Virtual Hard Disk Image Format Specification. VHDX: MS-VHDX. VDI: VirtualBox,
VDICore.h. Parallels: docs/interop/parallels.txt of the QEMU project.
"""

from __future__ import annotations

from glancecli.diskformat.info import DiskInfo, Reader, differencing

SECTOR = 512
VDI_MAGIC = 0xBEDA107F
VDI_DIFFERENCING = 4
VHD_MAGIC = b"conectix"
VHD_FIXED, VHD_DYNAMIC, VHD_DIFFERENCING = 2, 3, 4
VHDX_MAGIC = b"vhdxfile"
VHDX_TABLE_ENTRIES = 2047
PLOOP_MAGICS = (b"WithoutFreeSpace", b"WithouFreSpacExt")
FIXED_VHD_HINT = "A Glance that checks formats takes a fixed VHD only as raw (--disk-format raw)"


def vdi(reader: Reader) -> DiskInfo | None:
    """VirtualBox's own format; its signature stands after 64 bytes of text."""
    if reader.little(64, 4) != VDI_MAGIC:
        return None
    kind = reader.little(76, 4)
    dangers = (differencing(),) if kind == VDI_DIFFERENCING else ()
    detail = {1: "VDI, dynamic", 2: "VDI, fixed size", VDI_DIFFERENCING: "VDI, differencing"}.get(
        kind, "VDI"
    )
    return DiskInfo("vdi", detail, reader.size, reader.little(368, 8), dangers)


def vhd(reader: Reader) -> DiskInfo | None:
    """A dynamic or differencing VHD, which starts with a copy of its footer."""
    if not reader.head.startswith(VHD_MAGIC):
        return None
    size, kind = reader.big(48, 8), reader.big(60, 4)
    if kind != VHD_DIFFERENCING:
        detail = "VHD, dynamic" if kind == VHD_DYNAMIC else "VHD"
        return DiskInfo("vhd", detail, reader.size, size)
    name = (
        reader.at(reader.big(16, 8) + 64, SECTOR).decode("utf-16-be", "replace").split("\0", 1)[0]
    )
    return DiskInfo("vhd", "VHD, differencing", reader.size, size, (differencing(name),))


def fixed_vhd(reader: Reader) -> DiskInfo | None:
    """A fixed VHD: a raw disk with a footer in its last 512 bytes."""
    footer = reader.last(SECTOR)
    if not footer.startswith(VHD_MAGIC) or int.from_bytes(footer[60:64], "big") != VHD_FIXED:
        return None
    size = int.from_bytes(footer[48:56], "big")
    hint = FIXED_VHD_HINT
    return DiskInfo("vhd", "VHD, fixed size", reader.size, size, accepts=("raw",), hint=hint)


def _guid(text: str) -> bytes:
    """A GUID as Microsoft stores it: the first three groups little-endian."""
    raw = bytes.fromhex(text.replace("-", ""))
    return raw[3::-1] + raw[5:3:-1] + raw[7:5:-1] + raw[8:]


METADATA_REGION = _guid("8b7ca206-4790-4b9a-b8fe-575f050f886e")
VIRTUAL_DISK_SIZE = _guid("2fa54224-cd1b-4876-b211-5dbed83bf4b8")
FILE_PARAMETERS = _guid("caa16737-fa36-4d43-b3b6-33f0aa44e76b")
REGION_TABLES = (192 * 1024, 256 * 1024)
HAS_PARENT = 2


def vhdx(reader: Reader) -> DiskInfo | None:
    """A VHDX; its size stands far behind the head, so that it is not known of a pipe."""
    if not reader.head.startswith(VHDX_MAGIC):
        return None
    metadata = _vhdx_metadata(reader)
    size = reader.little(metadata[VIRTUAL_DISK_SIZE], 8) if VIRTUAL_DISK_SIZE in metadata else None
    flags = reader.little(metadata[FILE_PARAMETERS] + 4, 4) if FILE_PARAMETERS in metadata else 0
    if flags & HAS_PARENT:
        return DiskInfo("vhdx", "VHDX, differencing", reader.size, size, (differencing(),))
    return DiskInfo("vhdx", "VHDX", reader.size, size)


def _vhdx_metadata(reader: Reader) -> dict[bytes, int]:
    """Where each item of the metadata region stands in the file."""
    for table in REGION_TABLES:
        entries = _entries(reader, table, b"regi", header=16, count=reader.little(table + 8, 4))
        for guid, entry in entries:
            if guid == METADATA_REGION:
                region = int.from_bytes(entry[:8], "little")
                count = reader.little(region + 10, 2)
                items = _entries(reader, region, b"metadata", header=32, count=count)
                return {item: region + int.from_bytes(place[:4], "little") for item, place in items}
    return {}


def _entries(
    reader: Reader, table: int, signature: bytes, *, header: int, count: int
) -> list[tuple[bytes, bytes]]:
    """The 32-byte entries of a table, each as its GUID and the 16 bytes that follow it."""
    count = min(count, VHDX_TABLE_ENTRIES)
    raw = reader.at(table, header + 32 * count)
    if not raw.startswith(signature):
        return []
    starts = range(header, len(raw) - 31, 32)
    return [(raw[start : start + 16], raw[start + 16 : start + 32]) for start in starts]


def ploop(reader: Reader) -> DiskInfo | None:
    """An expanding disk of Parallels or Virtuozzo."""
    if not reader.head.startswith(PLOOP_MAGICS):
        return None
    return DiskInfo("ploop", "Parallels expanding disk", reader.size, reader.little(36, 8) * SECTOR)
