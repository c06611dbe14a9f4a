"""One attempt to send the data of an upload."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from glancecli.checksums import describe_mismatch
from glancecli.errors import Code, ConnectionFailed, GlanceError
from glancecli.text import counted
from glancecli.transfer.hashing import HashingBuffers
from glancecli.transfer.source import Readable
from glancecli.transfer.verify import SentData


class Attempt:
    """Yields the data of an upload in order, and hashes it on the way.

    complete is set when the source has yielded all its data, and the data is as promised.
    check_digests raises GlanceError for data with other hashes than it should have. data_moved is
    called with the bytes of each chunk that got through, and with those of all of them. waits_for
    is called with the end whose turn it is.
    """

    def __init__(
        self,
        source: Readable,
        promised_size: int | None,
        algorithms: Sequence[str],
        *,
        max_size: int | None = None,
        check_digests: Callable[[dict[str, str]], None],
        data_moved: Callable[[int, int], None],
        waits_for: Callable[[str], None],
    ) -> None:
        self._source = source
        self._promised_size = promised_size
        self._max_size = max_size
        self._buffers = HashingBuffers(algorithms)
        self._check_digests = check_digests
        self._data_moved = data_moved
        self._waits_for = waits_for
        self._size = 0
        self._digests: dict[str, str] = {}
        self.complete = False

    @property
    def sent(self) -> SentData:
        """What has been sent by now; the digests are there once it is complete."""
        return SentData(self._size, self._digests)

    def chunks(self) -> Iterator[memoryview]:
        """Yields the data in order. A wrong source is noticed before its last bytes are yielded."""
        while not self.complete:
            buffer = self._buffers.free_buffer()
            view = self._room(memoryview(buffer))
            count = 0
            self._waits_for("the source")
            if view:
                count = self._source.fill(view)
            self._buffers.hash(buffer, count)
            self._size += count
            check_limit(self._source.name, self._size, self._max_size)
            if count == 0 or self._size == self._promised_size:
                self._check_end()
            self._waits_for("the service")
            if count:
                yield view[:count]
                self._data_moved(count, self._size)

    def _room(self, view: memoryview) -> memoryview:
        """The part of a buffer that is to be filled before the promised size is reached."""
        if self._promised_size is None:
            return view
        return view[: self._promised_size - self._size]

    def _check_end(self) -> None:
        """Checks the size and the checksums of a source that has been read to its end."""
        self._check_size()
        self._digests = self._buffers.digests()
        self._check_digests(self._digests)
        self._check_known_checksum()
        self.complete = True

    def _check_known_checksum(self) -> None:
        known = self._source.known
        if known is None:
            return
        found = self._digests[known.algorithm]
        if found != known.digest:
            # Reading it again may help.
            raise ConnectionFailed(describe_mismatch(self._source.name, known, found))

    def _check_size(self) -> None:
        source = self._source
        promised = self._promised_size
        changed = source.changed()
        if changed:
            raise GlanceError(changed, code=Code.WRONG_DATA)
        if promised is None:
            return
        if self._size < promised:
            raise GlanceError(
                f"{source.name} has fewer than the {counted(promised, 'byte')} promised",
                code=Code.WRONG_DATA,
            )
        if source.size is None and self._has_more():
            raise GlanceError(
                f"{source.name} has more than the {counted(promised, 'byte')} promised",
                code=Code.WRONG_DATA,
            )

    def _has_more(self) -> bool:
        probe = memoryview(bytearray(1))
        return self._source.fill(probe) > 0

    def close(self) -> None:
        """Ends the hashing."""
        self._buffers.close()


def check_limit(name: str, size: int, limit: int | None) -> None:
    """Raises GlanceError for data of more bytes than --max-size allows."""
    if limit is not None and size > limit:
        raise GlanceError(
            f"{name} has more than the {counted(limit, 'byte')} that --max-size allows",
            code=Code.WRONG_DATA,
        )
