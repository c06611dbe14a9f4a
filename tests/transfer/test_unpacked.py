"""Decompression on the way: complete, correct, and in bounded memory."""

from __future__ import annotations

import bz2
import gzip
import lzma
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from glancecli import transfer
from glancecli.cli.transfer_options import COMPRESSIONS
from glancecli.errors import GlanceError
from glancecli.transfer.compression import BY_NAME
from glancecli.transfer.options import Options, Reading
from glancecli.transfer.unpacked import Unpacked
from tests.support.programs import piped
from tests.support.transferring import MIB, noise

try:
    from compression import zstd
except ImportError:
    from backports import zstd

DATA = noise(MIB) + bytes(3 * MIB) + noise(1000)


def zst(data: bytes) -> bytes:
    """Compresses as the program zstd does: with a checksum."""
    return zstd.compress(data, options={zstd.CompressionParameter.checksum_flag: 1})


PACK: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "xz": lzma.compress,
    "bz2": bz2.compress,
    "zst": zst,
}
KINDS = sorted(PACK)


def unpacked(path: Path, how: str = "auto") -> bytes:
    with transfer.open_data(str(path), None, Reading(decompress=how), Options()) as opened:
        assert opened
        return read(opened.source)


def read(source: transfer.Source) -> bytes:
    found = bytearray()
    view = memoryview(bytearray(100_000))
    while count := source.fill(view):
        found += view[:count]
    return bytes(found)


@pytest.fixture
def packed(tmp_path: Path) -> Path:
    return tmp_path / "packed"


def test_the_choices_of_the_option_are_those_of_the_code() -> None:
    assert list(COMPRESSIONS) == ["auto", *BY_NAME, "none"]


@pytest.mark.parametrize("kind", KINDS)
def test_content_is_unpacked(packed: Path, kind: str) -> None:
    data = PACK[kind](DATA)
    packed.write_bytes(data)
    assert unpacked(packed) == unpacked(packed, kind) == DATA
    assert unpacked(packed, "none") == unpacked(packed, "") == data


@pytest.mark.parametrize("kind", KINDS)
def test_several_members_are_one_content(packed: Path, kind: str) -> None:
    packed.write_bytes(PACK[kind](DATA[:MIB]) + PACK[kind](b"") + PACK[kind](DATA[MIB:]))
    assert unpacked(packed) == DATA


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("damage", ["cut", "cut by one", "garbage", "flipped", "zeros"])
def test_damaged_data_is_never_complete(packed: Path, kind: str, damage: str) -> None:
    data = PACK[kind](DATA)
    middle = len(data) // 2
    damaged = {
        "cut": data[:middle],
        "cut by one": data[:-1],
        "garbage": data + b"garbage",
        "flipped": data[:middle] + bytes([data[middle] ^ 255]) + data[middle + 1 :],
        "zeros": data + bytes(512),
    }[damage]
    packed.write_bytes(damaged)
    if damage == "zeros" and BY_NAME[kind].may_be_padded:
        assert unpacked(packed) == DATA
        return
    with pytest.raises(GlanceError) as caught:
        unpacked(packed)
    said = str(caught.value)
    assert said.startswith(
        f"cannot decompress {packed}: the {kind} data is not complete and correct: "
    )


def test_data_that_is_not_compressed_is_sent_as_it_is(packed: Path) -> None:
    packed.write_bytes(DATA)
    assert unpacked(packed) == DATA
    with pytest.raises(GlanceError) as caught:
        unpacked(packed, "xz")
    assert str(caught.value).startswith(f"{packed} is not compressed, not xz as --decompress says.")


def test_a_pipe_is_unpacked(packed: Path) -> None:
    with (
        piped(gzip.compress(DATA)) as stdin,
        transfer.open_data(None, stdin, Reading(decompress="auto"), Options()) as opened,
    ):
        assert opened
        assert opened.source.head(10) == DATA[:10]
        assert read(opened.source) == DATA


def test_unpacking_begins_again_with_the_source(packed: Path) -> None:
    packed.write_bytes(lzma.compress(DATA))
    with transfer.open_data(str(packed), None, Reading(decompress="auto"), Options()) as opened:
        assert opened
        source = opened.source
        assert isinstance(source, Unpacked)
        assert (source.size, source.rewindable) == (None, True)
        assert read(source) == DATA
        source.rewind()
        assert read(source) == DATA


def bomb(size: int) -> bytes:
    """So many zeros, compressed a thousandfold."""
    packer = zlib.compressobj(9, wbits=31)
    piece = bytes(MIB)
    parts = [packer.compress(piece) for _ in range(size // MIB)]
    return b"".join([*parts, packer.flush()])


def test_a_bomb_takes_no_memory(packed: Path) -> None:
    packed.write_bytes(bomb(512 * MIB))
    view = memoryview(bytearray(MIB))
    with transfer.open_data(str(packed), None, Reading(decompress="auto"), Options()) as opened:
        assert opened
        tracemalloc.start()
        try:
            total = 0
            while count := opened.source.fill(view):
                total += count
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert total == 512 * MIB
    assert peak < 8 * MIB


def test_xz_data_that_wants_too_much_memory_is_refused(packed: Path) -> None:
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": 2**29}]
    packed.write_bytes(lzma.compress(b"tiny", filters=filters))
    with pytest.raises(GlanceError) as caught:
        unpacked(packed)
    assert str(caught.value) == (
        f"cannot decompress {packed}: it was compressed in a way that takes more memory than is "
        "allowed here. Decompress it first, and upload the content."
    )


def test_zstd_data_that_wants_too_much_memory_is_refused(packed: Path) -> None:
    parameter = zstd.CompressionParameter
    options = {parameter.window_log: 29, parameter.enable_long_distance_matching: 1}
    with zstd.open(packed, "wb", options=options) as file:
        file.write(DATA)
    with pytest.raises(GlanceError) as caught:
        unpacked(packed)
    assert "takes more memory than is allowed here" in str(caught.value)
