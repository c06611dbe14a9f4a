"""The disk files of tests/data/disks, for the tests that look at files."""

import io
import lzma
from pathlib import Path

from glancecli.diskformat import DiskInfo, inspect_file

DISKS = Path(__file__).parent.parent / "data" / "disks"
NAMES = sorted(path.name.removesuffix(".xz") for path in DISKS.glob("*.xz"))
GIB = 1 << 30


def disk(name: str) -> bytes:
    """A file made by the real programs, whole."""
    return lzma.decompress((DISKS / f"{name}.xz").read_bytes())


def whole(data: bytes) -> DiskInfo:
    """What a file with these bytes is."""
    return inspect_file(io.BytesIO(data))


def changed(data: bytes, *changes: tuple[int, bytes]) -> bytes:
    """The same bytes with others written over them at these offsets."""
    result = bytearray(data)
    for offset, new in changes:
        result[offset : offset + len(new)] = new
    return bytes(result)
