"""What is known of a file, and how its bytes are reached: the ground on which the formats stand."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

GIB = 1 << 30
HEAD_SIZE = 128 * 1024
LARGEST_READ = 1 << 20
LARGEST_OFFSET = 1 << 62
LARGEST_NAME = 200


class DiskInfo(NamedTuple):
    """What a file is, as told by its own bytes.

    disk_format is the name to send to Glance, None when Glance has no name for such content (an
    archive, QED). detail says it in words. virtual_size is the size of the disk that a server sees,
    size that of the file, both in bytes and None where not known. dangers are sentences, one for
    each way in which the file makes a host read other files. compressed names the compression
    (gzip, xz, ...). accepts holds other disk formats that are as true of these bytes, or that
    cannot be ruled out. hint says what to do next.
    """

    disk_format: str | None
    detail: str
    size: int | None = None
    virtual_size: int | None = None
    dangers: tuple[str, ...] = ()
    compressed: str | None = None
    accepts: tuple[str, ...] = ()
    hint: str = ""


class Reader:
    """Bytes of a file by offset, out of a head, a tail and a function that reads more.

    Never raises of its own accord: what cannot be reached reads as nothing. No read is longer than
    1 MiB.
    """

    def __init__(
        self,
        head: bytes,
        size: int | None,
        tail: bytes,
        read_at: Callable[[int, int], bytes] | None,
    ) -> None:
        self.head = head
        self.size = size
        self._tail = tail
        self._read_at = read_at

    def at(self, offset: int, length: int) -> bytes:
        """Up to length bytes from offset on."""
        length = min(length, LARGEST_READ)
        # Seeking far behind the end is an error on some file systems, so nothing is asked for
        # there.
        if length <= 0 or offset >= (LARGEST_OFFSET if self.size is None else self.size):
            return b""
        whole = self.size is not None and len(self.head) >= self.size
        if whole or offset + length <= len(self.head):
            return self.head[offset : offset + length]
        if self.size is not None and offset >= self.size - len(self._tail) >= 0:
            start = offset - (self.size - len(self._tail))
            return self._tail[start : start + length]
        if self._read_at is not None:
            return self._read_at(offset, length)
        return self.head[offset : offset + length]

    def last(self, length: int) -> bytes:
        """The last bytes of the file; nothing when they are out of reach or the file is shorter."""
        if self.size is None or self.size < length:
            return b""
        found = self.at(self.size - length, length)
        return found if len(found) == length else b""

    def big(self, offset: int, length: int) -> int:
        """A big-endian unsigned number."""
        return int.from_bytes(self.at(offset, length), "big")

    def little(self, offset: int, length: int) -> int:
        """A little-endian unsigned number."""
        return int.from_bytes(self.at(offset, length), "little")


def printable(raw: bytes | str) -> str:
    """A name out of a file, fit to be shown: control characters escaped, no longer than 200
    characters.
    """
    text = raw.decode("utf-8", "replace") if isinstance(raw, bytes) else raw
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    return shown if len(shown) <= LARGEST_NAME else shown[:LARGEST_NAME] + "..."


def differencing(parent: str = "") -> str:
    """The danger of a disk that is a layer upon another one."""
    return "it holds only what differs from a parent disk" + (
        f", '{printable(parent)}'" if parent else ""
    )
