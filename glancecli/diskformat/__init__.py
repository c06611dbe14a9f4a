"""Detects what a local file is: its disk format, its virtual size, and its dangers.

Files are not trusted: reads are few and small (a sparse file of 10 GiB costs as little as a small
one), an offset behind the end reads as no bytes, and no content makes these functions raise.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from typing import BinaryIO

from glancecli.diskformat import (
    archives,
    cdrom,
    partitions,
    ploop,
    qemu,
    raw,
    recognition,
    vdi,
    vhd,
    vhdx,
    vmdk,
)
from glancecli.diskformat.info import DiskInfo, printable
from glancecli.diskformat.reader import HEAD_SIZE, TAIL_SIZE, Format, Reader
from glancecli.diskformat.verdict import Verdict, check, with_file_name
from glancecli.errors import Code, GlanceError
from glancecli.text import system_reason

__all__ = [
    "HEAD_SIZE",
    "TAIL_SIZE",
    "DiskInfo",
    "Verdict",
    "check",
    "inspect",
    "inspect_file",
    "with_file_name",
]

# The order matters: a file can have several signatures, and the first one counts.
DISKS = (
    *qemu.FORMATS,
    *vmdk.FORMATS,
    *vdi.FORMATS,
    *vhd.FORMATS,
    *vhdx.FORMATS,
    *ploop.FORMATS,
    raw.LUKS,
    cdrom.CD_IMAGE,
)


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
    info = _inspect(reader)
    return info._replace(size=size, seen=recognition.recognized(reader))


def _inspect(reader: Reader) -> DiskInfo:
    disks = [known for known in DISKS if known.is_in(reader)]
    if disks:
        return _inspect_disk(disks, reader)
    for archive in archives.FORMATS:
        if archive.is_in(reader):
            return archive.inspect(reader)
    return raw.inspect_raw(reader)


def _inspect_disk(formats: list[Format], reader: Reader) -> DiskInfo:
    """Returns what the file is by its first format, with a danger for each other one that it has.

    A file of two formats was made to deceive: programs read it differently. Only a CD image may be
    a disk with a boot sector as well.
    """
    info, *others = [known.inspect(reader) for known in formats]
    more = [other.detail for other in others]
    if formats[0] is cdrom.CD_IMAGE:
        if vhd.is_fixed_vhd(reader):
            more.append("VHD, fixed size")
    elif partitions.has_boot_sector(reader):
        more.append("disk with a boot sector")
    dangers = [
        f"it is two formats at once, {info.detail} and {other}, and programs read it differently"
        for other in more
    ]
    return info._replace(dangers=(*info.dangers, *dangers))


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
    return GlanceError(f"cannot read {name}: {system_reason(error)}", code=Code.FILE)


def _check_file_type(mode: int, name: str) -> None:
    """Raises GlanceError for anything but a regular file or a block device."""
    if stat.S_ISDIR(mode):
        raise GlanceError(f"{name} is a folder, not a file", code=Code.FILE)
    if not (stat.S_ISREG(mode) or stat.S_ISBLK(mode)):
        raise GlanceError(
            f"{name} is neither a regular file nor a block device, so it cannot be inspected",
            code=Code.FILE,
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
        head = read_at(0, HEAD_SIZE)
        if head and not size:  # a file of /proc, or of a FUSE file system
            return inspect(head)
        return inspect(head, size=size, tail=tail, read_at=read_at)
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
