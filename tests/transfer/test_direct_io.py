"""Downloads are written to disk directly, or through the page cache where that is better."""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Iterator
from mmap import mmap
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glancecli import transfer
from glancecli.transfer import direct_io
from glancecli.transfer.direct_io import BackgroundSync, FileWriter
from tests.faults.actions import truncated
from tests.faults.proxy import Strike
from tests.support.transferring import MIB, World, noise

ID = "11111111-2222-4333-8444-555555555555"
CACHED = False


@pytest.fixture
def direct(tmp_path: Path) -> bool:
    """Whether the file system of the tests allows direct writes; if not, all go through the cache."""
    try:
        os.close(os.open(tmp_path / "probe", os.O_CREAT | os.O_WRONLY | direct_io.O_DIRECT))
    except OSError:
        return False
    (tmp_path / "probe").unlink()
    return bool(direct_io.O_DIRECT)


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int, bool]]:
    """Each write as its offset, its length, and whether it was a direct one."""
    seen: list[tuple[int, int, bool]] = []
    pwrite = os.pwrite

    def spy(fd: int, data: Any, at: int) -> int:
        count = pwrite(fd, data, at)
        seen.append((at, count, bool(fcntl.fcntl(fd, fcntl.F_GETFL) & direct_io.O_DIRECT)))
        return count

    monkeypatch.setattr(os, "pwrite", spy)
    return seen


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[int]:
    fd = os.open(tmp_path / "file", os.O_CREAT | os.O_RDWR)
    yield fd
    os.close(fd)


def pages(data: bytes) -> memoryview:
    """The data at the beginning of a page of memory."""
    room = mmap(-1, max(len(data), 1))
    room[: len(data)] = data
    return memoryview(room)[: len(data)]


def download(world: World, target: Path, data: bytes, **more: Any) -> None:
    if ID not in world.glance.images:
        world.glance.add(ID, data, name="disk", disk_format="raw")
    transfer.download(world.images, world.images.get(ID), str(target), world.options(**more))
    assert target.read_bytes() == data


def test_a_download_is_written_directly_except_for_its_end(
    world: World, tmp_path: Path, direct: bool, written: list[tuple[int, int, bool]]
) -> None:
    download(world, tmp_path / "out", noise(3 * MIB + 12345))
    assert written == [
        (0, MIB, direct),
        (MIB, MIB, direct),
        (2 * MIB, MIB, direct),
        (3 * MIB, 12345, CACHED),
    ]


def test_after_a_break_in_the_middle_of_a_page_the_next_piece_ends_at_a_page(
    world: World, tmp_path: Path, direct: bool, written: list[tuple[int, int, bool]]
) -> None:
    world.proxy.set(Strike("GET", "/file", truncated(MIB + 5000)))
    download(world, tmp_path / "out", noise(3 * MIB))
    assert sum(count for _, count, _ in written) == 3 * MIB
    assert written[0] == (0, MIB, direct)
    odd = written[1][1]
    assert 4000 < odd <= 5000  # the wire has a little more than the data
    assert written[1:] == [
        (MIB, odd, CACHED),
        (MIB + odd, MIB - odd, CACHED),
        (2 * MIB, MIB, direct),
    ]


@given(st.lists(st.integers(0, 3 * direct_io.PAGE), max_size=8), st.integers(0, 9000))
def test_pieces_of_any_length_are_written_unchanged(lengths: list[int], begin: int) -> None:
    fd = os.memfd_create("file")
    try:
        target, at, expected = FileWriter(fd), begin, bytes(begin)
        for length in lengths:
            data = noise(length, at)
            target.write(pages(data), at)
            at, expected = at + length, expected + data
        target.close()
        os.ftruncate(fd, at)
        assert os.pread(fd, at + 1, 0) == expected
    finally:
        os.close(fd)


def test_a_file_system_without_direct_writes_is_written_through_the_cache(
    opened: int, written: list[tuple[int, int, bool]], monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = fcntl.fcntl

    def refusing(fd: int, command: int, flags: int = 0) -> int:
        if command == fcntl.F_SETFL and flags & direct_io.O_DIRECT:
            raise OSError(errno.EINVAL, "Invalid argument")
        return plain(fd, command, flags)

    monkeypatch.setattr(fcntl, "fcntl", refusing)
    target, data = FileWriter(opened), noise(2 * MIB)
    target.write(pages(data[:MIB]), 0)
    target.write(pages(data[MIB:]), MIB)
    target.close()
    assert os.pread(opened, 3 * MIB, 0) == data
    assert written == [(0, MIB, CACHED), (MIB, MIB, CACHED)]


def test_a_file_system_with_larger_pages_is_written_through_the_cache(
    opened: int, written: list[tuple[int, int, bool]], monkeypatch: pytest.MonkeyPatch
) -> None:
    spy = os.pwrite

    def refusing(fd: int, data: Any, at: int) -> int:
        if fcntl.fcntl(fd, fcntl.F_GETFL) & direct_io.O_DIRECT:
            raise OSError(errno.EINVAL, "Invalid argument")
        return spy(fd, data, at)

    monkeypatch.setattr(os, "pwrite", refusing)
    target, data = FileWriter(opened), noise(MIB)
    target.write(pages(data), 0)
    target.close()
    assert os.pread(opened, 2 * MIB, 0) == data
    assert written == [(0, MIB, CACHED)]


def test_a_short_write_is_continued(
    opened: int, written: list[tuple[int, int, bool]], monkeypatch: pytest.MonkeyPatch
) -> None:
    spy = os.pwrite
    monkeypatch.setattr(os, "pwrite", lambda fd, data, at: spy(fd, data[: 3 * direct_io.PAGE], at))
    target, data = FileWriter(opened), noise(8 * direct_io.PAGE)
    target.write(pages(data), 0)
    target.close()
    assert os.pread(opened, MIB, 0) == data
    assert [count for _, count, _ in written] == [
        3 * direct_io.PAGE,
        3 * direct_io.PAGE,
        2 * direct_io.PAGE,
    ]


def test_a_slow_disk_gets_the_rest_through_the_cache(
    direct: bool, opened: int, written: list[tuple[int, int, bool]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(direct_io, "SLOW", 0)
    monkeypatch.setattr(direct_io, "SAMPLE", 2 * MIB)
    target, data = FileWriter(opened), noise(4 * MIB)
    for at in range(0, 4 * MIB, MIB):
        target.write(pages(data[at : at + MIB]), at)
    target.close()
    assert os.pread(opened, 5 * MIB, 0) == data
    assert [way for _, _, way in written] == [direct, direct, CACHED, CACHED]


def test_a_full_disk_does_not_lead_to_a_write_through_the_cache(
    opened: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = []

    def full(_fd: int, _data: Any, at: int) -> int:
        tries.append(at)
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "pwrite", full)
    with pytest.raises(OSError, match="No space left"):
        FileWriter(opened).write(pages(bytes(MIB)), 0)
    assert tries == [0]


def test_cached_data_is_synced_while_more_arrives(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    fsync = os.fsync

    def spy(fd: int) -> None:
        synced.append(os.fstat(fd).st_size)
        fsync(fd)

    monkeypatch.setattr(os, "fsync", spy)
    monkeypatch.setattr(direct_io, "O_DIRECT", 0)
    monkeypatch.setattr(direct_io, "SYNC_INTERVAL", MIB)
    download(world, tmp_path / "out", noise(3 * MIB + 5))
    assert len(synced) == 5  # after each MiB, at the end, and the folder
    assert synced[3] == 3 * MIB + 5


def test_a_failed_sync_in_the_background_is_an_error_of_the_download() -> None:
    reader, writer = os.pipe()  # which cannot be synced
    syncing = BackgroundSync(writer)
    syncing.start()
    with pytest.raises(OSError, match="Invalid argument"):
        syncing.close()
    os.close(reader)
    os.close(writer)
