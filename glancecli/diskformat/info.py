"""The result of an inspection, and words that several formats share."""

from __future__ import annotations

from typing import NamedTuple

from glancecli.text import safe_text

GIB = 1 << 30
LONGEST_NAME = 200


class DiskInfo(NamedTuple):
    """What a file is, according to its bytes.

    disk_format is the name that Glance uses, None when Glance has none for such content (an
    archive, QED). detail is a description for people. size is the length of the file, virtual_size
    the size of the disk that a server sees, both in bytes and None where unknown. dangers are
    clauses, one for each way in which the file makes a host read other files. compressed names the
    compression (gzip, xz, ...). accepts has the other disk formats that describe the same bytes, or
    that cannot be excluded. hint says what to do next; FILE in its commands is the file's name.

    seen has the formats that Glance recognizes in the content, () for none. flaw is why Glance
    refuses the content in every disk format, incomplete how one knows that the end of the file is
    missing; both are clauses, "" for none. is_page: it is a text, and so not image data.
    """

    disk_format: str | None
    detail: str
    size: int | None = None
    virtual_size: int | None = None
    dangers: tuple[str, ...] = ()
    compressed: str | None = None
    accepts: tuple[str, ...] = ()
    hint: str = ""
    seen: tuple[str, ...] = ()
    flaw: str = ""
    incomplete: str = ""
    is_page: bool = False

    @property
    def problems(self) -> list[str]:
        """Why an upload of the file is refused, other than its dangers; for people."""
        problems = []
        if self.flaw:
            problems.append(f"Glance refuses it: {self.flaw}")
        elif self.disk_format is None:
            problems.append(f"Glance has no disk format for it: {self.detail}")
        if self.size == 0:
            problems.append("it is empty")
        if self.incomplete:
            problems.append(f"it is incomplete: {self.incomplete}")
        return problems


def printable(name: bytes | str) -> str:
    """Returns a name from a file, safe to show: control characters escaped, cut at 200."""
    if isinstance(name, bytes):
        name = name.decode("utf-8", "replace")
    shown = safe_text(name)
    if len(shown) > LONGEST_NAME:
        return shown[:LONGEST_NAME] + "..."
    return shown


def differencing(parent: str = "") -> str:
    """Returns the danger of a differencing disk, which needs its parent disk."""
    danger = "it holds only the differences from a parent disk"
    if parent:
        return f"{danger}, '{printable(parent)}'"
    return danger
