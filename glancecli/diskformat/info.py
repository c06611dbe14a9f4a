"""What is known of a file: the value that every inspector returns, and words that several share."""

from __future__ import annotations

from typing import NamedTuple

from glancecli.text import safe_text

GIB = 1 << 30
LONGEST_NAME = 200


class DiskInfo(NamedTuple):
    """What a file is, as told by its own bytes.

    disk_format is the name to send to Glance, None when Glance has no name for such content (an
    archive, QED). detail says it in words. size is the length of the file, virtual_size the size of
    the disk that a server sees, both in bytes and None where not known. dangers are clauses, one
    for each way in which the file makes a host read other files. compressed names the compression
    (gzip, xz, ...). accepts holds other disk formats that are as true of these bytes, or that
    cannot be ruled out. hint says what to do next; FILE stands in its commands for the file's name.
    """

    disk_format: str | None
    detail: str
    size: int | None = None
    virtual_size: int | None = None
    dangers: tuple[str, ...] = ()
    compressed: str | None = None
    accepts: tuple[str, ...] = ()
    hint: str = ""


def printable(name: bytes | str) -> str:
    """A name out of a file, safe to show: control characters escaped, at most 200 characters."""
    if isinstance(name, bytes):
        name = name.decode("utf-8", "replace")
    shown = safe_text(name)
    if len(shown) > LONGEST_NAME:
        return shown[:LONGEST_NAME] + "..."
    return shown


def differencing(parent: str = "") -> str:
    """The danger of a disk that is a layer upon another one."""
    danger = "it holds only what differs from a parent disk"
    if parent:
        return f"{danger}, '{printable(parent)}'"
    return danger
