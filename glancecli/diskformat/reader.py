"""Reads bytes and numbers of a file by offset, within limits; describes the fields of headers."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Literal, NamedTuple

from glancecli.diskformat.info import DiskInfo

HEAD_SIZE = 128 * 1024
TAIL_SIZE = 1024
LARGEST_READ = 1 << 20
LARGEST_OFFSET = 1 << 62

ByteOrder = Literal["big", "little"]
STRUCT_ORDER: dict[str, str] = {"big": ">", "little": "<"}
STRUCT_NUMBER = {4: "I", 8: "Q"}


class Mark(NamedTuple):
    """Bytes at an offset, by which a format is recognized."""

    offset: int
    content: bytes

    def is_in(self, reader: Reader) -> bool:
        """Returns whether the file has these bytes there."""
        return reader.read(self.offset, len(self.content)) == self.content


class Field(NamedTuple):
    """An unsigned integer in a header: its offset, its length in bytes, its byte order."""

    offset: int
    length: int
    byte_order: ByteOrder

    def value_in(self, header: bytes) -> int:
        """Returns the number; 0 when the header is too short."""
        return int.from_bytes(header[self.offset : self.offset + self.length], self.byte_order)


def big_endian(offset: int, length: int) -> Field:
    """Returns a field with its most significant byte first."""
    return Field(offset, length, "big")


def little_endian(offset: int, length: int) -> Field:
    """Returns a field with its least significant byte first."""
    return Field(offset, length, "little")


def numbers(raw: bytes, length: int, byte_order: ByteOrder) -> tuple[int, ...]:
    """Returns the unsigned integers of 4 or 8 bytes each; a rest of fewer bytes is left out."""
    count = len(raw) // length
    layout = f"{STRUCT_ORDER[byte_order]}{count}{STRUCT_NUMBER[length]}"
    return struct.unpack_from(layout, raw)


class Reader:
    """Reads a file by offset, from its head, its tail, and a function that reads other bytes.

    Raises only what that function raises: bytes that cannot be reached are missing from the result.
    No read is longer than 1 MiB.
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
        """Returns up to length bytes from offset on."""
        length = min(length, LARGEST_READ)
        # Seeking far behind the end is an error on some file systems.
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
        """Returns the last bytes of the file; b"" when they cannot be reached or are fewer."""
        if self.size is None or self.size < length:
            return b""
        found = self.read(self.size - length, length)
        if len(found) < length:
            return b""
        return found

    def missing_end(self, least: int) -> str:
        """Returns the clause for a file that must have at least so many bytes, "" if it may."""
        if self.size is None or self.size >= least:
            return ""
        return f"by its header it has {least} bytes or more, but the file has {self.size}"

    def number(self, field: Field, start: int = 0) -> int:
        """Returns the number in a header that begins at start."""
        return int.from_bytes(self.read(start + field.offset, field.length), field.byte_order)


class Format(NamedTuple):
    """A format: how a file of it is recognized, and how it is inspected.

    inspect leaves the size of the file out of its result.
    """

    is_in: Callable[[Reader], bool]
    inspect: Callable[[Reader], DiskInfo]
