"""Decompression in pieces: what each kind of compressed file begins with, and who unpacks it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

from glancecli.errors import Code, GlanceError

MOST_MEMORY = 2**28  # bytes that a decoder of xz may take; `xz -9` needs a quarter of it
LONGEST_MARK = 6


class Decoder(Protocol):
    """Unpacks one member of a compressed file, as the decompressors of bz2 and lzma do."""

    @property
    def eof(self) -> bool:
        """Whether the member is complete."""

    @property
    def unused_data(self) -> bytes:
        """What follows the member."""

    @property
    def needs_input(self) -> bool:
        """Whether nothing more comes without more packed data."""

    def decompress(self, data: bytes, max_length: int) -> bytes:
        """Returns up to max_length bytes; raises an exception of its own for damaged data."""


class Compression(NamedTuple):
    """A kind of compression: its name in options, file name endings, the first bytes."""

    name: str
    endings: tuple[str, ...]
    mark: bytes
    new_decoder: Callable[[], Decoder]
    may_be_padded: bool = False  # zeros may follow, as tapes and block devices leave them


class GzipDecoder:
    """The decompressor of zlib, with the interface of the others."""

    def __init__(self) -> None:
        import zlib

        self._inner: Any = zlib.decompressobj(wbits=31)
        self._is_full = False  # whether the last call gave as much as it was allowed to

    @property
    def eof(self) -> bool:
        """Whether the member is complete."""
        return bool(self._inner.eof)

    @property
    def unused_data(self) -> bytes:
        """What follows the member."""
        return bytes(self._inner.unused_data)

    @property
    def needs_input(self) -> bool:
        """Whether nothing more comes without more packed data."""
        return not self._inner.unconsumed_tail and not self._is_full

    def decompress(self, data: bytes, max_length: int) -> bytes:
        """Returns up to max_length bytes."""
        unpacked: bytes = self._inner.decompress(self._inner.unconsumed_tail + data, max_length)
        self._is_full = len(unpacked) == max_length
        return unpacked


def _xz_decoder() -> Decoder:
    import lzma

    return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=MOST_MEMORY)


def _bzip2_decoder() -> Decoder:
    import bz2

    return bz2.BZ2Decompressor()


def _zstd_decoder() -> Decoder:
    try:
        from compression import zstd  # Python 3.14 and later
    except ImportError:
        zstd = _zstd_package()
    decoder: Decoder = zstd.ZstdDecompressor()
    return decoder


def _zstd_package() -> Any:
    try:
        from backports import zstd
    except ImportError:
        raise GlanceError(
            "zstd data cannot be decompressed: this Python has no module for it",
            hint="Run pip install 'openstack-glancecli[zstd]', or use Python 3.14 or newer.",
            code=Code.UNSUPPORTED,
        ) from None
    return zstd


COMPRESSIONS = (
    Compression("gz", (".gz", ".gzip"), b"\x1f\x8b\x08", GzipDecoder, may_be_padded=True),
    Compression("xz", (".xz",), b"\xfd7zXZ\x00", _xz_decoder, may_be_padded=True),
    Compression("bz2", (".bz2",), b"BZh", _bzip2_decoder),
    Compression("zst", (".zst", ".zstd"), b"\x28\xb5\x2f\xfd", _zstd_decoder),
)
BY_NAME = {compression.name: compression for compression in COMPRESSIONS}


def compression_of(head: bytes) -> Compression | None:
    """Returns the compression of data that begins like this, None for none of these."""
    for compression in COMPRESSIONS:
        if head.startswith(compression.mark):
            return compression
    return None


def without_ending(name: str) -> str:
    """Returns a file name without the ending of a compression, "" where it has none."""
    for compression in COMPRESSIONS:
        for ending in compression.endings:
            if name.lower().endswith(ending):
                return name[: -len(ending)]
    return ""
