"""The disk files of tests/data/disks, for tests that inspect files."""

import io
import lzma
from pathlib import Path

from glancecli.diskformat import DiskInfo, inspect_file

DISKS = Path(__file__).parent.parent / "data" / "disks"
NAMES = sorted(path.name.removesuffix(".xz") for path in DISKS.glob("*.xz"))
GIB = 1 << 30


def disk(name: str) -> bytes:
    """Returns the content of a file that a real program made."""
    return lzma.decompress((DISKS / f"{name}.xz").read_bytes())


def whole(data: bytes) -> DiskInfo:
    """Returns the result of inspecting a file with these bytes."""
    return inspect_file(io.BytesIO(data))


def changed(data: bytes, *changes: tuple[int, bytes]) -> bytes:
    """Returns the bytes with others written over them at these offsets."""
    result = bytearray(data)
    for offset, new in changes:
        result[offset : offset + len(new)] = new
    return bytes(result)
