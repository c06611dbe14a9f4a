"""Whether a file may be sent under the formats that were asked for, and which to send when none
were.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import NamedTuple

from glancecli.diskformat.info import GIB, DiskInfo, printable
from glancecli.errors import GlanceError, UsageError

AMAZON = ("ami", "aki", "ari")
KERNEL_OR_RAMDISK = ("aki", "ari")
WITH_SIGNATURE = ("qcow2", "vmdk", "vdi", "vhd", "vhdx", "iso")
WITHOUT_SIGNATURE = ("raw", *AMAZON)
NAMELESS = ("the file", "standard input")  # what no command can be told to read


class Verdict(NamedTuple):
    """The formats to send, and lines for stderr: notes say what was filled in, warnings what may go
    wrong.
    """

    disk_format: str
    container_format: str
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


class Decision(Enum):
    """Whether a disk format may stand for a content."""

    ALLOWED = "allowed"
    REFUSED = "refused"


class Rule(NamedTuple):
    """One reason to allow or to refuse a disk format for a content."""

    reason: str
    applies: Callable[[DiskInfo, str], bool]
    decision: Decision


def _is_the_content(info: DiskInfo, disk_format: str) -> bool:
    return disk_format == info.disk_format or disk_format in info.accepts


def _is_compressed_kernel(info: DiskInfo, disk_format: str) -> bool:
    return disk_format in KERNEL_OR_RAMDISK and info.compressed is not None


def _is_raw_data(info: DiskInfo, disk_format: str) -> bool:
    return disk_format in WITHOUT_SIGNATURE and info.disk_format == "raw"


def _is_something_else(info: DiskInfo, disk_format: str) -> bool:
    return disk_format in WITHOUT_SIGNATURE


def _lacks_its_signature(info: DiskInfo, disk_format: str) -> bool:
    return disk_format in WITH_SIGNATURE


def _is_not_ours_to_judge(info: DiskInfo, disk_format: str) -> bool:
    return True


# The first rule that applies decides.
RULES = (
    Rule("the content is of this format", _is_the_content, Decision.ALLOWED),
    Rule("kernels and ramdisks are compressed", _is_compressed_kernel, Decision.ALLOWED),
    Rule("raw data has no signature", _is_raw_data, Decision.ALLOWED),
    Rule("the content has another format", _is_something_else, Decision.REFUSED),
    Rule("the content lacks the signature", _lacks_its_signature, Decision.REFUSED),
    Rule("the format is the site's own", _is_not_ours_to_judge, Decision.ALLOWED),
)


def decide(info: DiskInfo, disk_format: str) -> Decision:
    """Whether the disk format may stand for the content."""
    return next(rule.decision for rule in RULES if rule.applies(info, disk_format))


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
    """The formats under which a file is sent, given those asked for (None: left out).

    A format left out is filled in from the content, the container becomes bare (ami, aki and ari
    keep each other company). min_disk is in GiB. name is the file's name for messages.

    A disk format is compared with the content in a bare container only, by RULES: qcow2, vmdk, vdi,
    vhd, vhdx and iso must be what they say; raw and ami take anything that is not recognised as
    something else, aki and ari compressed data too; other names (ploop, a site's own) are never
    contradicted.

    Raises GlanceError for a mismatch unless force, and for a dangerous file unless allow_unsafe;
    UsageError when the disk format is left out and the content does not tell it.
    """
    name = printable(name)
    if info.dangers and not allow_unsafe:
        raise _unsafe(info, name)
    container = container_format or _default_container(disk_format)
    disk = disk_format or _default_disk_format(info, container, name)
    if container == "bare" and not force and decide(info, disk) is Decision.REFUSED:
        raise _mismatch(info, disk, name)
    filled_in = []
    if disk_format is None:
        filled_in.append(f"disk format {disk}")
    if container_format is None:
        filled_in.append(f"container format {container}")
    return Verdict(
        disk, container, _notes(info, filled_in, name), _warnings(info, disk, min_disk, name)
    )


def _default_container(disk_format: str | None) -> str:
    if disk_format in AMAZON:
        return str(disk_format)
    return "bare"


def _default_disk_format(info: DiskInfo, container: str, name: str) -> str:
    """The disk format that the content has; raises when it does not tell."""
    if container in AMAZON:
        return container
    if container != "bare" and info.disk_format in (None, "raw"):
        raise UsageError(
            f"the content of {name} does not tell its disk format", hint="Say it with --disk-format"
        )
    if info.disk_format is None:
        raise GlanceError(
            f"Glance has no disk format for what {name} holds: {info.detail}",
            hint=_with_file_name(info.hint, name),
        )
    return info.disk_format


def _notes(info: DiskInfo, filled_in: list[str], name: str) -> tuple[str, ...]:
    if not filled_in:
        return ()
    return (f"{name} holds {info.detail}: taking {' and '.join(filled_in)}",)


def _warnings(info: DiskInfo, disk_format: str, min_disk: int | None, name: str) -> tuple[str, ...]:
    warnings = []
    if info.dangers:
        warnings.append(f"{name} is not safe: {'; '.join(info.dangers)}")
    size = _disk_size(info, disk_format)
    if min_disk and size is not None and size > min_disk * GIB:
        needed = -(-size // GIB)
        warnings.append(
            f"min_disk is {min_disk} GiB, but the disk in {name} takes {needed} GiB: "
            f"servers with less cannot boot from it; --min-disk {needed} says so"
        )
    if info.hint and info.disk_format is not None and disk_format not in info.accepts:
        warnings.append(f"{name}: {info.detail}. {_with_file_name(info.hint, name)}")
    return tuple(warnings)


def _disk_size(info: DiskInfo, disk_format: str) -> int | None:
    """The size of the disk that servers see when the file is sent under this format."""
    if disk_format in WITHOUT_SIGNATURE:
        return info.size
    return info.virtual_size


def _unsafe(info: DiskInfo, name: str) -> GlanceError:
    target = "qcow2"
    if info.disk_format == "vmdk":
        target = "vmdk -o subformat=streamOptimized"
    command = _with_file_name(f"qemu-img convert -O {target} FILE NEW", name)
    hint = f"If you trust it, make one self-contained file of it ({command}), or say --allow-unsafe"
    return GlanceError(f"{name} is not safe to send: {'; '.join(info.dangers)}", hint=hint)


def _mismatch(info: DiskInfo, disk_format: str, name: str) -> GlanceError:
    if info.disk_format is None:
        hint = f"{_with_file_name(info.hint, name)}; --force sends it as it is"
    else:
        hint = f"Say --disk-format {info.disk_format}, or --force to send it nevertheless"
    return GlanceError(
        f"disk format is {disk_format}, but {name} holds something else: {info.detail}", hint=hint
    )


def _with_file_name(hint: str, name: str) -> str:
    """The hint with the file's name in its commands, quoted for a shell."""
    import shlex

    if name in NAMELESS:
        return hint
    return hint.replace("FILE", shlex.quote(name))
