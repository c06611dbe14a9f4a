"""Detects what a local file is: its disk format, its virtual size, and its dangers.

Files are not trusted: reads are few and small (a sparse file of 10 GiB costs as little as a small
one), an offset behind the end reads as no bytes, and no content makes these functions raise.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from typing import BinaryIO

from glancecli.diskformat import archives, cdrom, ploop, qemu, raw, vdi, vhd, vhdx, vmdk
from glancecli.diskformat.info import DiskInfo, printable
from glancecli.diskformat.reader import HEAD_SIZE, TAIL_SIZE, Reader
from glancecli.diskformat.verdict import Verdict, check
from glancecli.errors import GlanceError

__all__ = ["HEAD_SIZE", "TAIL_SIZE", "DiskInfo", "Verdict", "check", "inspect", "inspect_file"]

# The order matters: a file can have several signatures, and the first one counts.
FORMATS_WITH_SIGNATURE = (
    *qemu.FORMATS,
    *vmdk.FORMATS,
    *vdi.FORMATS,
    *vhd.FORMATS,
    *vhdx.FORMATS,
    *ploop.FORMATS,
    raw.LUKS,
    *archives.FORMATS,
)
FORMATS_WITHOUT_SIGNATURE = (cdrom.CD_IMAGE, vhd.FIXED_VHD)


def inspect(
    head: bytes,
    *,
    size: int | None = None,
    tail: bytes = b"",
    read_at: Callable[[int, int], bytes] | None = None,
) -> DiskInfo:
    """Returns what a file is, given its first bytes.

    head is the first HEAD_SIZE bytes, or the whole file when it is shorter. size is the length of
    the file in bytes, tail its last bytes, read_at(offset, length) reads any other bytes. Each of
    these may be left out (of a pipe only the head is known); then the size of a VHDX and a fixed
    VHD are not detected. Raises only what read_at raises.
    """
    reader = Reader(head, size, tail, read_at)
    return _inspect(reader)._replace(size=size)


def _inspect(reader: Reader) -> DiskInfo:
    for known in FORMATS_WITH_SIGNATURE:
        if known.is_in(reader):
            return _with_danger_of_cd_image(known.inspect(reader), reader)
    for known in FORMATS_WITHOUT_SIGNATURE:
        if known.is_in(reader):
            return known.inspect(reader)
    return raw.inspect_raw(reader)


def _with_danger_of_cd_image(info: DiskInfo, reader: Reader) -> DiskInfo:
    """Adds a danger to a disk image that is a CD image as well.

    Such a file was made to deceive. Glance refuses it, too.
    """
    file_system = cdrom.file_system(reader)
    if not file_system:
        return info
    danger = (
        f"it is two formats at once, {info.detail} and {file_system} CD image, "
        "and programs read it differently"
    )
    return info._replace(dangers=(*info.dangers, danger))


def inspect_file(file: str | os.PathLike[str] | BinaryIO) -> DiskInfo:
    """Returns what a file is, given its path, or a seekable file object, whose position is kept.

    Raises GlanceError when the file cannot be read, or is neither a regular file nor a block
    device.
    """
    if isinstance(file, (str, os.PathLike)):
        return _inspect_path(os.fspath(file))
    try:
        return _inspect_open(file)
    except OSError as error:
        raise _unreadable("the file", error) from error


def _inspect_path(path: str) -> DiskInfo:
    name = printable(path)
    try:
        _check_file_type(os.stat(path).st_mode, name)  # noqa: PTH116 - pathlib is slow to import
        with open(path, "rb", buffering=0) as opened:  # noqa: PTH123 - as above
            return _inspect_open(opened)
    except OSError as error:
        raise _unreadable(name, error) from error


def _unreadable(name: str, error: OSError) -> GlanceError:
    return GlanceError(f"cannot read {name}: {error.strerror or error}")


def _check_file_type(mode: int, name: str) -> None:
    """Raises GlanceError for anything but a regular file or a block device."""
    if stat.S_ISDIR(mode):
        raise GlanceError(f"{name} is a folder, not a file")
    if not (stat.S_ISREG(mode) or stat.S_ISBLK(mode)):
        raise GlanceError(
            f"{name} is neither a regular file nor a block device, so it cannot be inspected"
        )


def _inspect_open(file: BinaryIO) -> DiskInfo:
    """Returns what an open file is. Raises OSError when it cannot be read."""

    def read_at(offset: int, length: int) -> bytes:
        file.seek(offset)
        return _read_up_to(file, length)

    position = file.tell()
    try:
        size = file.seek(0, os.SEEK_END)
        tail = read_at(max(size - TAIL_SIZE, 0), TAIL_SIZE)
        return inspect(read_at(0, HEAD_SIZE), size=size, tail=tail, read_at=read_at)
    finally:
        file.seek(position)


def _read_up_to(file: BinaryIO, length: int) -> bytes:
    """Returns the next length bytes of the file, fewer at its end."""
    parts = []
    while length > 0:
        part = file.read(length)
        if not part:
            break
        parts.append(part)
        length -= len(part)
    return b"".join(parts)
