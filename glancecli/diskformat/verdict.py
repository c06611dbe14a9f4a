"""Whether a file may go out under the formats that were asked for, and which to send when none
were.
"""

from __future__ import annotations

from typing import NamedTuple

from glancecli.diskformat.info import GIB, DiskInfo, printable
from glancecli.errors import GlanceError, UsageError

AMAZON = ("ami", "aki", "ari")
KERNEL_OR_RAMDISK = ("aki", "ari")
DISTINCT = ("qcow2", "vmdk", "vdi", "vhd", "vhdx", "iso")
CATCH_ALL = ("raw", *AMAZON)
NAMELESS = ("the file", "standard input")  # what no command can be told to read


class Verdict(NamedTuple):
    """The formats to send, and lines for stderr: notes say what was filled in, warnings what may go
    wrong.
    """

    disk_format: str
    container_format: str
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def check(
    info: DiskInfo,
    disk_format: str | None,
    container_format: str | None,
    *,
    force: bool = False,
    allow_unsafe: bool = False,
    min_disk: int | None = None,
    name: str = "the file",
) -> Verdict:
    """The formats under which a file goes out, given those asked for (None: left out).

    A format left out is filled in from the content, the container becomes bare (ami, aki and ari
    keep each other company). min_disk is in GiB. name is the file's name for messages.

    A disk format is held against the content in a bare container only; qcow2, vmdk, vdi, vhd, vhdx
    and iso must be what they say; raw and ami take anything that is not recognised as something
    else, aki and ari compressed data too; other names (ploop, a site's own) are never contradicted.

    Raises GlanceError for a mismatch unless force, and for a dangerous file unless allow_unsafe;
    UsageError when the disk format is left out and the content does not tell it.
    """
    name = printable(name)
    if info.dangers and not allow_unsafe:
        raise GlanceError(
            f"{name} is not safe to send: {'; '.join(info.dangers)}", hint=_unsafe_hint(info, name)
        )
    container = container_format or (disk_format if disk_format in AMAZON else None) or "bare"
    disk = disk_format or _fill_in(info, container, name)
    if container == "bare" and not force and _contradicts(info, disk):
        raise GlanceError(
            f"disk format is {disk}, but {name} holds something else: {info.detail}",
            hint=_mismatch_hint(info, name),
        )
    notes = _notes(info, name, (disk, disk_format), (container, container_format))
    return Verdict(disk, container, notes, _warnings(info, disk, min_disk, name, allow_unsafe))


def _fill_in(info: DiskInfo, container: str, name: str) -> str:
    if container in AMAZON:
        return container
    if info.disk_format is None and container == "bare":
        raise GlanceError(
            f"Glance has no disk format for what {name} holds: {info.detail}",
            hint=_fitted(info.hint, name),
        )
    if container != "bare" and info.disk_format in (None, "raw"):
        raise UsageError(
            f"the content of {name} does not tell its disk format", hint="Say it with --disk-format"
        )
    return str(info.disk_format)


def _contradicts(info: DiskInfo, disk: str) -> bool:
    if disk == info.disk_format or disk in info.accepts:
        return False
    if disk in KERNEL_OR_RAMDISK and info.compressed:
        return False
    if disk in CATCH_ALL:
        return info.disk_format != "raw"
    return disk in DISTINCT


def _notes(
    info: DiskInfo, name: str, disk: tuple[str, str | None], container: tuple[str, str | None]
) -> tuple[str, ...]:
    """One line on what was filled in; each pair is the value sent and the value asked for."""
    filled = []
    if disk[1] is None:
        filled.append(f"disk format {disk[0]}")
    if container[1] is None:
        filled.append(f"container format {container[0]}")
    return (f"{name} holds {info.detail}: taking {' and '.join(filled)}",) if filled else ()


def _warnings(
    info: DiskInfo, disk: str, min_disk: int | None, name: str, allow_unsafe: bool
) -> tuple[str, ...]:
    warnings = []
    if info.dangers and allow_unsafe:
        warnings.append(f"{name} is not safe: {'; '.join(info.dangers)}")
    size = info.size if disk in CATCH_ALL else info.virtual_size
    if min_disk and size is not None and size > min_disk * GIB:
        needed = -(-size // GIB)
        warnings.append(
            f"min_disk is {min_disk} GiB, but the disk in {name} takes {needed} GiB: "
            f"servers with less cannot boot from it; --min-disk {needed} says so"
        )
    if info.hint and info.disk_format is not None and disk not in info.accepts:
        warnings.append(f"{name}: {info.detail}. {_fitted(info.hint, name)}")
    return tuple(warnings)


def _mismatch_hint(info: DiskInfo, name: str) -> str:
    if info.disk_format is None:
        return f"{_fitted(info.hint, name)}; --force sends it as it is"
    return f"Say --disk-format {info.disk_format}, or --force to send it nevertheless"


def _unsafe_hint(info: DiskInfo, name: str) -> str:
    target = "vmdk -o subformat=streamOptimized" if info.disk_format == "vmdk" else "qcow2"
    command = _fitted(f"qemu-img convert -O {target} FILE NEW", name)
    return f"If you trust it, make one self-contained file of it ({command}), or say --allow-unsafe"


def _fitted(text: str, name: str) -> str:
    """A hint with the file's name in its commands, quoted for a shell."""
    import shlex

    return text if name in NAMELESS else text.replace("FILE", shlex.quote(name))
