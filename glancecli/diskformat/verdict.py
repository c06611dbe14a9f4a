"""Decides whether the formats that were asked for match a file, and which to use when none were."""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import Enum
from typing import NamedTuple

from glancecli.diskformat.info import GIB, DiskInfo, printable
from glancecli.diskformat.recognition import accepts
from glancecli.errors import Code, GlanceError, UsageError

AMAZON = ("ami", "aki", "ari")
KERNEL_OR_RAMDISK = ("aki", "ari")
WITH_SIGNATURE = ("qcow2", "vmdk", "vdi", "vhd", "vhdx", "iso")
WITHOUT_SIGNATURE = ("raw", *AMAZON)
OLD_GLANCE = "use --force if your Glance does not check formats"
NAMELESS = ("the file", "standard input")  # no names of files: they cannot stand in a command


class Verdict(NamedTuple):
    """The formats to use, and lines for stderr: notes on detected formats, and warnings."""

    disk_format: str
    container_format: str
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


class Decision(Enum):
    """Whether a disk format may be used for a content."""

    ALLOWED = "allowed"
    MISMATCH = "the content has another format"
    REFUSED = "Glance refuses it"


class Rule(NamedTuple):
    """A reason to allow or to refuse a disk format for a content in a container."""

    reason: str
    applies: Callable[[DiskInfo, str, str], bool]
    decision: Decision


def _is_page(info: DiskInfo, disk_format: str, container: str) -> bool:
    return info.is_page


def _is_not_inspected(info: DiskInfo, disk_format: str, container: str) -> bool:
    return container != "bare"


def _is_other_content(info: DiskInfo, disk_format: str, container: str) -> bool:
    if disk_format in KERNEL_OR_RAMDISK and info.compressed is not None:
        return False
    if disk_format in WITHOUT_SIGNATURE:
        return "raw" not in (info.disk_format, *info.accepts)
    if disk_format in WITH_SIGNATURE:
        return disk_format not in (info.disk_format, *info.accepts)
    return False


def _is_refused_by_glance(info: DiskInfo, disk_format: str, container: str) -> bool:
    return bool(info.flaw) or not accepts(info.seen, disk_format)


def _is_anything_else(info: DiskInfo, disk_format: str, container: str) -> bool:
    return True


# The first rule that applies decides.
RULES = (
    Rule("text is not image data", _is_page, Decision.MISMATCH),
    Rule("other containers are not looked into", _is_not_inspected, Decision.ALLOWED),
    Rule("the content has another format", _is_other_content, Decision.MISMATCH),
    Rule("Glance refuses the content", _is_refused_by_glance, Decision.REFUSED),
    Rule("nothing speaks against it", _is_anything_else, Decision.ALLOWED),
)


def decide(info: DiskInfo, disk_format: str, container: str) -> Decision:
    """Returns whether the disk format may be used for the content in this container."""
    return next(rule.decision for rule in RULES if rule.applies(info, disk_format, container))


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
    """Returns the formats under which a file is uploaded, given those asked for (None: left out).

    A disk format left out is detected from the content; a container format left out is bare (ami,
    aki and ari: the same as the disk format). min_disk is in GiB. name is the file's name for
    messages.

    A disk format is compared with the content by RULES, and in a bare container only, as Glance
    does: qcow2, vmdk, vdi, vhd, vhdx and iso need their signature; raw and ami accept content
    without a signature of another format, aki and ari compressed data as well; other names (ploop,
    a site's own) are accepted for content that Glance does not recognize. A text is never accepted.

    Raises GlanceError for a mismatch, for content that Glance refuses and for a file whose end is
    missing unless force is set, and for a dangerous file unless allow_unsafe is set; UsageError
    when the disk format is left out and cannot be detected.
    """
    name = printable(name)
    if info.dangers and not allow_unsafe:
        raise _unsafe(info, name)
    if info.incomplete and not force:
        raise _incomplete(info, name)
    container = container_format or _default_container(disk_format)
    disk = disk_format or _default_disk_format(info, container, name)
    decision = decide(info, disk, container)
    if not force:
        _raise_refusal(info, decision, disk, name)
    filled_in = []
    if disk_format is None:
        filled_in.append(f"--disk-format {disk}")
    if container_format is None:
        filled_in.append(f"--container-format {container}")
    notes = _notes(info, filled_in, name)
    return Verdict(disk, container, notes, _warnings(info, decision, disk, min_disk, name))


def _raise_refusal(info: DiskInfo, decision: Decision, disk_format: str, name: str) -> None:
    if decision is Decision.MISMATCH:
        raise _mismatch(info, disk_format, name)
    if decision is Decision.REFUSED:
        raise _refused(info, disk_format, name)


def _default_container(disk_format: str | None) -> str:
    if disk_format in AMAZON:
        return str(disk_format)
    return "bare"


def _default_disk_format(info: DiskInfo, container: str, name: str) -> str:
    """Returns the disk format of the content; raises when it cannot be detected."""
    if container in AMAZON:
        return container
    if container != "bare" and info.disk_format in (None, "raw"):
        raise UsageError(
            f"cannot detect the disk format of {name}", hint="Give it with --disk-format."
        )
    if info.disk_format is None:
        raise GlanceError(
            f"Glance has no disk format for the content of {name}: {info.detail}",
            hint=with_file_name(info.hint, name),
            code=Code.WRONG_DATA,
        )
    return info.disk_format


def _notes(info: DiskInfo, filled_in: list[str], name: str) -> tuple[str, ...]:
    if not filled_in:
        return ()
    return (f"{name}: detected {info.detail}; using {' '.join(filled_in)}",)


def _warnings(
    info: DiskInfo, decision: Decision, disk_format: str, min_disk: int | None, name: str
) -> tuple[str, ...]:
    warnings = []
    if info.dangers:
        warnings.append(f"{name} is not safe: {'; '.join(info.dangers)}")
    if info.incomplete:
        warnings.append(f"{name} is incomplete: {info.incomplete}")
    if decision is Decision.REFUSED:
        warnings.append(_refusal(info, disk_format, name))
    size = _disk_size(info, disk_format)
    if min_disk and size is not None and size > min_disk * GIB:
        needed = -(-size // GIB)
        warnings.append(
            f"min_disk is {min_disk} GiB, but the disk in {name} needs {needed} GiB: "
            f"servers with smaller disks cannot boot from it; use --min-disk {needed}"
        )
    if info.hint and not info.flaw and info.disk_format is not None:
        warnings.append(f"{name}: {info.detail}. {with_file_name(info.hint, name)}")
    return tuple(warnings)


def _disk_size(info: DiskInfo, disk_format: str) -> int | None:
    """Returns the size of the disk that servers see when the file has this format."""
    if disk_format in WITHOUT_SIGNATURE:
        return info.size
    return info.virtual_size


def _unsafe(info: DiskInfo, name: str) -> GlanceError:
    target = "qcow2"
    if info.disk_format == "vmdk":
        target = "vmdk -o subformat=streamOptimized"
    command = with_file_name(f"qemu-img convert -O {target} FILE NEW", name)
    hint = (
        f"If you trust it, convert it to one self-contained file ({command}) or use --allow-unsafe."
    )
    return GlanceError(
        f"{name} is not safe to upload: {'; '.join(info.dangers)}", hint=hint, code=Code.WRONG_DATA
    )


def _incomplete(info: DiskInfo, name: str) -> GlanceError:
    return GlanceError(
        f"{name} is incomplete: {info.incomplete}",
        hint="Get the file again, or use --force to upload it as it is.",
        code=Code.WRONG_DATA,
    )


def _mismatch(info: DiskInfo, disk_format: str, name: str) -> GlanceError:
    if info.disk_format is None:
        hint = _hint_or(info, name, "use --force to upload it as it is")
    else:
        hint = f"Use --disk-format {info.disk_format}, or --force to upload it anyway."
    return GlanceError(
        f"disk format {disk_format} does not match the content of {name}: {info.detail}",
        hint=hint,
        code=Code.WRONG_DATA,
    )


def _refused(info: DiskInfo, disk_format: str, name: str) -> GlanceError:
    """Returns the error for content that Glance refuses after the whole upload."""
    better = info.disk_format
    if better and better != disk_format and not _is_refused_by_glance(info, better, "bare"):
        hint = f"Use --disk-format {better}, or {OLD_GLANCE}."
    elif info.hint:
        hint = _hint_or(info, name, OLD_GLANCE)
    else:
        hint = f"{OLD_GLANCE[0].upper()}{OLD_GLANCE[1:]}."
    return GlanceError(_refusal(info, disk_format, name), hint=hint, code=Code.WRONG_DATA)


def _hint_or(info: DiskInfo, name: str, alternative: str) -> str:
    hint = with_file_name(info.hint, name).removesuffix(".")
    return f"{hint} (or {alternative})"


def _refusal(info: DiskInfo, disk_format: str, name: str) -> str:
    reasons = [info.detail]
    if info.flaw:
        reasons.append(info.flaw)
    return f"Glance refuses {name} as {disk_format}: {'; '.join(reasons)}"


def with_file_name(hint: str, name: str) -> str:
    """Returns the hint with the file's name in its commands, quoted for a shell."""
    import shlex

    if name in NAMELESS or "://" in name:  # no command reads a URL
        return re.sub(r" \(`[^`]*FILE`\)", "", hint)
    return hint.replace("FILE", shlex.quote(name))
