"""The decompressed content of a file, a pipe or a URL as the data of an upload."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from glancecli.checksums import new_hash
from glancecli.errors import Code, GlanceError
from glancecli.transfer.compression import LONGEST_MARK, Compression, Decoder
from glancecli.transfer.options import Expectation

if TYPE_CHECKING:
    from glancecli.checksums import Checksum
    from glancecli.transfer.source import Source

PIECE = 2**18  # bytes of packed data that are read at once
UNPACKED_PIECE = 2**16  # bytes that head() unpacks at once


class Unpacked:
    """The content of compressed data, whose size is not known beforehand.

    Nothing is kept but the piece in work. At the end the packed data is compared with its
    checksum, if one is expected. Raises GlanceError for damaged data, for an early end, and for
    other data behind the end.
    """

    size: int | None = None
    is_local = False
    known: Checksum | None = None
    read_at: Callable[[int, int], bytes] | None = None
    caveat = ""

    def __init__(
        self, packed: Source, compression: Compression, expected: Expectation | None = None
    ) -> None:
        self.name = packed.name
        self.url = packed.url
        self.file_names = packed.file_names
        self.rewindable = packed.rewindable
        self._packed = packed
        self._compression = compression
        self._expected = expected
        self._begin()

    def _begin(self) -> None:
        self.position = 0
        self._peeked = b""  # unpacked, and not yet given out
        self._unread = b""  # packed data that has been read, and not yet unpacked
        self._decoder: Decoder | None = self._compression.new_decoder()
        self._is_at_end = False
        self._hash = None
        if self._expected:
            self._hash = new_hash(self._expected.checksum.algorithm)

    def head(self, count: int) -> bytes:
        """Returns the first bytes, which fill() still gives; fewer when there are no more."""
        while len(self._peeked) < count:
            more = self._unpack(UNPACKED_PIECE)
            if not more:
                break
            self._peeked += more
        return self._peeked[:count]

    def fill(self, view: memoryview) -> int:
        """Unpacks the next bytes into view; returns how many, 0 at the end."""
        data = self._peeked[: len(view)]
        self._peeked = self._peeked[len(view) :]
        if not data:
            data = self._unpack(len(view))
        count = len(data)
        view[:count] = data
        self.position += count
        return count

    def rewind(self) -> None:
        """Goes back to the beginning. Only for a rewindable source."""
        self._packed.rewind()
        self._begin()

    def changed(self) -> str:
        """Says how the packed data has changed, "" when it has not."""
        return self._packed.changed()

    def close(self) -> None:
        """Ends the reading."""
        self._packed.close()

    def _unpack(self, most: int) -> bytes:
        """Returns up to so many bytes, b"" at the end."""
        while not self._is_at_end:
            if self._decoder is None and not self._begin_next_member():
                break
            data = self._work_on(most)
            if data:
                return data
        return b""

    def _work_on(self, most: int) -> bytes:
        """Returns what the decoder makes of the next packed data, perhaps nothing yet."""
        assert self._decoder is not None  # noqa: S101 - for the type checker
        packed = b""
        if self._decoder.needs_input:
            packed = self._next_packed()
            if not packed:
                raise self._damaged("it ends early")
        try:
            data = self._decoder.decompress(packed, most)
        except Exception as error:  # each decoder has its own
            raise self._undecodable(error) from error
        if self._decoder.eof:
            self._unread = self._decoder.unused_data
            self._decoder = None
        return data

    def _begin_next_member(self) -> bool:
        """Begins the next member of the file; returns False at the end of the file."""
        following = self._skip_padding()
        if not following:
            self._is_at_end = True
            self._check_packed()
            return False
        while len(following) < LONGEST_MARK:
            more = self._next_packed()
            if not more:
                break
            following += more
        self._unread = following
        if not following.startswith(self._compression.mark):
            raise self._damaged("something else follows it")
        self._decoder = self._compression.new_decoder()
        return True

    def _skip_padding(self) -> bytes:
        """Returns what follows a member, b"" when nothing does."""
        while True:
            following = self._next_packed()
            if not following or not self._compression.may_be_padded:
                return following
            following = following.lstrip(b"\0")
            if following:
                return following

    def _next_packed(self) -> bytes:
        """Returns the next packed data, b"" at its end."""
        if self._unread:
            unread, self._unread = self._unread, b""
            return unread
        buffer = bytearray(PIECE)
        count = self._packed.fill(memoryview(buffer))
        data = bytes(buffer[:count])
        if self._hash:
            self._hash.update(data)
        return data

    def _check_packed(self) -> None:
        """Raises GlanceError when the packed data is not what was published."""
        if self._expected is None or self._hash is None:
            return
        self._expected.check(self.name, self._hash.hexdigest())

    def _undecodable(self, error: Exception) -> GlanceError:
        # The decoders have no class of their own for this, only these words.
        if "memory" not in str(error).lower():
            return self._damaged("it cannot be decoded")
        return GlanceError(
            f"cannot decompress {self.name}: it was compressed in a way that takes more memory "
            "than is allowed here",
            hint="Decompress it first, and upload the content.",
            code=Code.WRONG_DATA,
        )

    def _damaged(self, reason: str) -> GlanceError:
        return GlanceError(
            f"cannot decompress {self.name}: the {self._compression.name} data is not complete and "
            f"correct: {reason}",
            hint="Get the file again.",
            code=Code.WRONG_DATA,
        )
