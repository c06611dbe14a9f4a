"""VMware's VMDK: sparse files with a descriptor inside, and descriptors that name other files.

VMware, Virtual Disk Format 5.0. Descriptors made QEMU and VMware open any file of the host that
they name (CVE-2022-47951), so only the two kinds that keep everything in one file count as safe.
"""

from __future__ import annotations

from glancecli.diskformat.info import LARGEST_READ, DiskInfo, Reader, differencing, printable

SPARSE_MAGIC = b"KDMV"
COWD_MAGIC = b"COWD"
DESCRIPTOR_MARK = b"# disk descriptorfile"
SECTOR = 512
PROBED = 2048
SINGLE_FILE = ("monolithicsparse", "streamoptimized")
ACCESS = ("rw", "rdonly", "noaccess")
NO_PARENT = "ffffffff"
GRAIN_DIRECTORY_AT_END = (1 << 64) - 1
MOST_NAMES = 4


class Descriptor:
    """The text that describes a disk: its type, its parent, and the extents that hold its data."""

    def __init__(self, text: str) -> None:
        self.settings: dict[str, str] = {}
        self.sectors = 0
        self.extents: list[str] = []
        self.files: list[str] = []
        self.kinds: list[str] = []
        for line in text.split("\0", 1)[0].splitlines():
            self._take(line.strip())

    def _take(self, line: str) -> None:
        words = line.split(None, 3)
        if words and words[0].lower() in ACCESS:
            self.extents.append(line)
            self.kinds.append(words[2].upper() if len(words) > 2 else "")
            self.sectors += (
                int(words[1]) if len(words) > 1 and words[1].isascii() and words[1].isdigit() else 0
            )
            if len(words) > 3:
                self.files.append(words[3].split('"')[1] if words[3].count('"') > 1 else words[3])
        elif "=" in line and not line.startswith("#"):
            key, _, value = line.partition("=")
            self.settings.setdefault(key.strip().lower(), value.strip().strip('"'))

    @property
    def create_type(self) -> str:
        """The kind of disk, as written (monolithicSparse, vmfs, ...)."""
        return self.settings.get("createtype", "")

    def parent(self) -> list[str]:
        """The danger of a parent disk, if there is one."""
        hint = self.settings.get("parentfilenamehint", "")
        if not hint and self.settings.get("parentcid", NO_PARENT).lower() == NO_PARENT:
            return []
        return [differencing(hint)]


def vmdk(reader: Reader) -> DiskInfo | None:
    """A VMDK of any kind."""
    if reader.head.startswith(SPARSE_MAGIC):
        return _sparse(reader)
    if reader.head.startswith(COWD_MAGIC):
        return DiskInfo("vmdk", "VMDK, ESX copy-on-write extent", reader.size, dangers=(_PART,))
    return _text(reader) if _is_descriptor(reader.head[:PROBED]) else None


def _is_descriptor(head: bytes) -> bool:
    """Whether QEMU would take a text for a descriptor: by its title, or by version= as its first
    setting.
    """
    if head.lstrip().lower().startswith(DESCRIPTOR_MARK):
        return True
    lines = (line.strip() for line in head.splitlines())
    first = next((line for line in lines if line and not line.startswith(b"#")), b"")
    return first in (b"version=1", b"version=2", b"version=3")


_PART = "it is one part of a disk in several files and has no descriptor"


def _text(reader: Reader) -> DiskInfo:
    descriptor = Descriptor(_decode(reader.at(0, min(reader.size or LARGEST_READ, LARGEST_READ))))
    dangers = [f"its data is in other files: {_names(descriptor)}", *descriptor.parent()]
    detail = f"VMDK descriptor ({printable(descriptor.create_type) or 'no type'}), a text without disk data"
    hint = "Make one file of it: qemu-img convert -O vmdk -o subformat=streamOptimized FILE NEW"
    size = descriptor.sectors * SECTOR
    return DiskInfo("vmdk", detail, reader.size, size, tuple(dangers), hint=hint)


def _sparse(reader: Reader) -> DiskInfo:
    offset, length = reader.little(28, 8) * SECTOR, reader.little(36, 8) * SECTOR
    descriptor = Descriptor(_decode(reader.at(offset, length))) if offset else Descriptor("")
    kind = descriptor.create_type
    dangers = descriptor.parent()
    if not kind:
        dangers.append(_PART)
    elif kind.lower() not in SINGLE_FILE:
        dangers.append(f"its type, '{printable(kind)}', is not one that keeps all data in one file")
    if kind and not _names_itself(descriptor):
        dangers.append(f"its descriptor names other files or devices: {_names(descriptor)}")
    if not _footer_agrees(reader, offset, length):
        dangers.append("its footer points to another descriptor than its header")
    detail = f"VMDK, {printable(kind) or 'sparse extent'}"
    return DiskInfo("vmdk", detail, reader.size, reader.little(12, 8) * SECTOR, tuple(dangers))


def _names_itself(descriptor: Descriptor) -> bool:
    """One sparse extent in the same folder: the file itself, whatever it is called today."""
    plain = not any("/" in name or "\\" in name for name in descriptor.extents)
    return plain and descriptor.kinds == ["SPARSE"]


def _footer_agrees(reader: Reader, offset: int, length: int) -> bool:
    """Whether the footer, which overrules the header, gives the same descriptor. Out of reach: yes."""
    if reader.little(56, 8) != GRAIN_DIRECTORY_AT_END or not (footer := reader.last(2 * SECTOR)):
        return True
    place = int.from_bytes(footer[28:36], "little"), int.from_bytes(footer[36:44], "little")
    return footer.startswith(SPARSE_MAGIC) and place == (offset // SECTOR, length // SECTOR)


def _decode(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")


def _names(descriptor: Descriptor) -> str:
    shown = (
        ", ".join(f"'{printable(name)}'" for name in descriptor.files[:MOST_NAMES]) or "none named"
    )
    more = len(descriptor.files) - MOST_NAMES
    return shown + (f" and {more} more" if more > 0 else "")
