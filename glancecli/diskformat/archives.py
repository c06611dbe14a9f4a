"""Archives and compressed files, for which Glance has no disk format."""

from __future__ import annotations

from typing import NamedTuple

from glancecli.diskformat.info import DiskInfo, printable
from glancecli.diskformat.reader import Format, Mark, Reader

TAR_FIRST_NAME_LENGTH = 100


class Archive(NamedTuple):
    """A kind of archive: its signature, and the command that unpacks it."""

    name: str
    signature: tuple[Mark, ...]  # a file has all of them
    unpack: str
    is_compression: bool = False
    can_be_undone: bool = False  # by --decompress

    def is_in(self, reader: Reader) -> bool:
        """Returns whether the file is of this kind."""
        return all(mark.is_in(reader) for mark in self.signature)

    def inspect(self, reader: Reader) -> DiskInfo:
        """Inspects a file of this kind."""
        compressed = None
        if self.is_compression:
            compressed = self.name
        hint = f"Unpack it and upload the content: {self.unpack}"
        if self.can_be_undone:
            hint = f"Use --decompress, or unpack it and upload the content: {self.unpack}"
        return DiskInfo(None, f"{self.name} archive", compressed=compressed, hint=hint)


TAR = Archive("tar", (Mark(257, b"ustar"),), "tar -xf FILE")
BZIP2_SIGNATURE = (Mark(0, b"BZh"), Mark(4, b"1AY&SY"))
ARCHIVES = (
    Archive("gzip", (Mark(0, b"\x1f\x8b\x08"),), "gunzip --keep FILE", True, True),
    Archive("xz", (Mark(0, b"\xfd7zXZ\x00"),), "unxz --keep FILE", True, True),
    Archive("zstd", (Mark(0, b"\x28\xb5\x2f\xfd"),), "unzstd --keep FILE", True, True),
    Archive("bzip2", BZIP2_SIGNATURE, "bunzip2 --keep FILE", True, True),
    Archive("lz4", (Mark(0, b"\x04\x22\x4d\x18"),), "unlz4 --keep FILE", is_compression=True),
    Archive("simg", (Mark(0, b"\x3a\xff\x26\xed"),), "simg2img FILE NEW"),
    Archive("zip", (Mark(0, b"PK\x03\x04"),), "unzip FILE"),
    Archive("7z", (Mark(0, b"7z\xbc\xaf\x27\x1c"),), "7z x FILE"),
    TAR,
)


def is_appliance(reader: Reader) -> bool:
    """Returns whether the file is an OVA: a tar archive whose first file is the OVF descriptor."""
    return TAR.is_in(reader) and _first_name(reader).endswith(".ovf")


def inspect_appliance(reader: Reader) -> DiskInfo:
    """Inspects an OVA."""
    return DiskInfo(
        None,
        f"OVA appliance (tar archive with '{_first_name(reader)}')",
        hint="Upload it with --container-format ova --disk-format vmdk.",
    )


def _first_name(reader: Reader) -> str:
    """Returns the name of the first file in a tar archive."""
    return printable(reader.read(0, TAR_FIRST_NAME_LENGTH).split(b"\0")[0])


FORMATS = (
    Format(is_appliance, inspect_appliance),
    *(Format(archive.is_in, archive.inspect) for archive in ARCHIVES),
)
