"""What a local file really is, from its bytes: its disk format, its virtual size, what is dangerous
in it.

Nothing here trusts a file: reads are few and bounded (a sparse file of 10 GiB costs as little as a
small one), wrong offsets read as nothing, and no bytes make these functions raise.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import BinaryIO

from glancecli.diskformat import foreign, plain, qemu, vmdk
from glancecli.diskformat.info import HEAD_SIZE, DiskInfo, Reader, printable
from glancecli.diskformat.verdict import Verdict, check
from glancecli.errors import GlanceError

__all__ = ["HEAD_SIZE", "TAIL_SIZE", "DiskInfo", "Verdict", "check", "inspect", "inspect_file"]

SIGNED = (
    qemu.qcow,
    qemu.qed,
    vmdk.vmdk,
    foreign.vdi,
    foreign.vhd,
    foreign.vhdx,
    foreign.ploop,
    plain.luks,
    plain.archive,
)
TAIL_SIZE = 1024


def inspect(
    head: bytes,
    *,
    size: int | None = None,
    tail: bytes = b"",
    read_at: Callable[[int, int], bytes] | None = None,
) -> DiskInfo:
    """What the file is that starts with these bytes.

    head should be the first HEAD_SIZE bytes, or the whole file when it is shorter. size is the
    length of the file in bytes, tail its last bytes, read_at(offset, length) reads any others; each
    may be left out (of a pipe only the head is known), then less is found out: the size of a VHDX,
    a fixed VHD. Raises nothing but what read_at raises.
    """
    reader = Reader(head, size, tail, read_at)
    for look in SIGNED:
        if info := look(reader):
            return _two_in_one(info, plain.volume_kind(reader))
    return plain.iso(reader) or foreign.fixed_vhd(reader) or plain.raw(reader)


def _two_in_one(info: DiskInfo, volume: str) -> DiskInfo:
    """A file that is a disk image and a CD image at once was made to deceive; Glance refuses it,
    too.
    """
    if not volume:
        return info
    danger = f"it reads as two things, {info.detail} and {volume} CD image, and programs choose differently"
    return info._replace(dangers=(*info.dangers, danger))


def inspect_file(file: str | os.PathLike[str] | BinaryIO) -> DiskInfo:
    """What a file on disk is: a path, or a seekable binary file object, whose position is kept.

    Raises GlanceError when it cannot be opened or read, or is neither a regular file nor a block
    device.
    """
    if not isinstance(file, (str, os.PathLike)):
        return _inspect_open(file, "the file")
    path, name = os.fspath(file), printable(os.fspath(file))
    try:
        mode = os.stat(path).st_mode  # noqa: PTH116 - pathlib is slow to import, and a str is all we have
        _only_files(mode, name)
        with open(path, "rb", buffering=0) as opened:  # noqa: PTH123 - as above
            return _inspect_open(opened, name)
    except OSError as error:
        raise GlanceError(f"cannot read {name}: {error.strerror or error}") from error


def _only_files(mode: int, name: str) -> None:
    import stat

    if stat.S_ISDIR(mode):
        raise GlanceError(f"{name} is a folder, not a file")
    if not (stat.S_ISREG(mode) or stat.S_ISBLK(mode)):
        raise GlanceError(
            f"{name} is neither a file nor a disk, so there is nothing to look at beforehand"
        )


def _inspect_open(file: BinaryIO, name: str) -> DiskInfo:
    def read_at(offset: int, length: int) -> bytes:
        file.seek(offset)
        parts = []
        while length > 0 and (part := file.read(length)):
            parts.append(part)
            length -= len(part)
        return b"".join(parts)

    try:
        position = file.tell()
        try:
            size = file.seek(0, os.SEEK_END)
            tail = read_at(max(size - TAIL_SIZE, 0), TAIL_SIZE)
            return inspect(read_at(0, HEAD_SIZE), size=size, tail=tail, read_at=read_at)
        finally:
            file.seek(position)
    except OSError as error:
        raise GlanceError(f"cannot read {name}: {error.strerror or error}") from error
