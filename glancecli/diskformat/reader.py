"""Bytes and numbers of a file by offset, within limits, and the notation for its headers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple

from glancecli.diskformat.info import DiskInfo

HEAD_SIZE = 128 * 1024
TAIL_SIZE = 1024
LARGEST_READ = 1 << 20
LARGEST_OFFSET = 1 << 62


class Mark(NamedTuple):
    """Bytes that a format has at an offset."""

    offset: int
    content: bytes

    def is_in(self, reader: Reader) -> bool:
        """Whether the file has these bytes there."""
        return reader.read(self.offset, len(self.content)) == self.content


class Field(NamedTuple):
    """An unsigned integer of a header: its offset and its length in bytes."""

    offset: int
    length: int
    byte_order: Literal["big", "little"]

    def value_in(self, header: bytes) -> int:
        """The number, 0 where the header is too short to hold it."""
        return int.from_bytes(header[self.offset : self.offset + self.length], self.byte_order)


def big_endian(offset: int, length: int) -> Field:
    """A number with its most significant byte first."""
    return Field(offset, length, "big")


def little_endian(offset: int, length: int) -> Field:
    """A number with its least significant byte first."""
    return Field(offset, length, "little")


class Reader:
    """Bytes of a file by offset, out of a head, a tail and a function that reads more.

    Raises nothing but what that function raises: bytes out of reach are left out of what comes
    back. No read is longer than 1 MiB.
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
        self._end = LARGEST_OFFSET
        if size is not None:
            self._end = size
        self._tail_start = self._end - len(tail)

    def read(self, offset: int, length: int) -> bytes:
        """Up to length bytes from offset on."""
        length = min(length, LARGEST_READ)
        # Seeking far behind the end is an error on some file systems, so nothing is asked for
        # there.
        if length <= 0 or offset >= self._end:
            return b""
        end = offset + length
        head_is_all = len(self.head) >= self._end
        if head_is_all or end <= len(self.head):
            return self.head[offset:end]
        if offset >= self._tail_start:
            return self._tail[offset - self._tail_start : end - self._tail_start]
        if self._read_at is not None:
            return self._read_at(offset, length)
        return self.head[offset:end]

    def read_last(self, length: int) -> bytes:
        """The last bytes of the file; none when they are out of reach or the file is shorter."""
        if self.size is None or self.size < length:
            return b""
        found = self.read(self.size - length, length)
        if len(found) < length:
            return b""
        return found

    def number(self, field: Field, start: int = 0) -> int:
        """The number in a header that begins at start."""
        return int.from_bytes(self.read(start + field.offset, field.length), field.byte_order)


class Format(NamedTuple):
    """A format that is told by its signature, and what describes a file of it.

    inspect leaves the size of the file out.
    """

    is_in: Callable[[Reader], bool]
    inspect: Callable[[Reader], DiskInfo]
