"""Files that change while they are sent, and files that do not tell their size."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from glancecli import transfer
from glancecli.diskformat import inspect_file
from glancecli.errors import GlanceError
from glancecli.transfer.source import FileSource, FileStatus, open_file
from tests.support.transferring import MIB, World, noise

DATA = noise(3 * MIB)


def overwrite(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(2 * MIB)
        file.write(b"new")


def overwrite_and_set_the_time_back(path: Path) -> None:
    status = path.stat()
    overwrite(path)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def replace(path: Path) -> None:
    new = path.with_name("new")
    new.write_bytes(DATA)
    new.rename(path)


def delete(path: Path) -> None:
    path.unlink()


def link(path: Path) -> None:
    os.link(path, path.with_name("link"))


CHANGED = "was changed while it was being sent"
CHANGES = [
    (overwrite, CHANGED),
    (overwrite_and_set_the_time_back, CHANGED),
    (replace, "was replaced by another file while it was being sent"),
]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "disk").write_bytes(DATA)
    # Time stamps have the grain of the system's clock, some milliseconds.
    old = time.time_ns() - 10**9
    os.utime(tmp_path / "disk", ns=(old, old))
    return tmp_path / "disk"


@pytest.mark.parametrize(("change", "words"), CHANGES)
def test_a_file_that_is_changed_in_place_never_becomes_an_image(
    world: World, path: Path, change: Callable[[Path], None], words: str
) -> None:
    waiting = [change]
    world.shown.advance = lambda _: waiting.pop()(path) if waiting else None  # type: ignore[method-assign]
    with pytest.raises(GlanceError) as caught:
        create(world, path)
    assert caught.value.message == f"{path} {words}"
    assert world.glance.images == {}


@pytest.mark.parametrize("change", [delete, link])
def test_a_file_that_only_gets_or_loses_a_name_is_sent(
    world: World, path: Path, change: Callable[[Path], None]
) -> None:
    waiting = [change]
    world.shown.advance = lambda _: waiting.pop()(path) if waiting else None  # type: ignore[method-assign]
    image = create(world, path)
    assert (image["status"], world.glance.data[image["id"]]) == ("active", DATA)


def create(world: World, path: Path) -> dict:
    with transfer.source(str(path), None, options=world.options()) as source:
        assert source
        source.head(1000)
        fields = {"disk_format": "raw", "container_format": "bare"}
        return transfer.create(world.images, fields, source, world.options())


class WithoutTimes(FileSource):
    """A file whose times do not tell of changes, as those of a block device."""

    def _status(self) -> FileStatus:
        return FileStatus()


def test_another_beginning_than_the_one_that_was_inspected_is_noticed(path: Path) -> None:
    fd = os.open(path, os.O_RDWR)
    source = WithoutTimes(fd, "disk")
    assert (source.head(100), source.changed()) == (DATA[:100], "")
    os.pwrite(fd, b"new", 50)
    assert source.changed() == f"disk {CHANGED}"
    os.close(fd)


@pytest.mark.skipif(not Path("/proc/self/auxv").exists(), reason="needs /proc")
def test_a_file_that_tells_the_size_0_and_has_data_is_a_stream() -> None:
    source = open_file("/proc/self/auxv")
    found = bytearray()
    view = memoryview(bytearray(64))
    assert (source.size, source.rewindable, source.read_at) == (None, False, None)
    while count := source.fill(view):
        found += view[:count]
    source.close()
    assert bytes(found) == Path("/proc/self/auxv").read_bytes()


@pytest.mark.skipif(not Path("/proc/self/auxv").exists(), reason="needs /proc")
def test_such_a_file_is_not_inspected_as_an_empty_one() -> None:
    info = inspect_file("/proc/self/auxv")
    assert (info.detail, info.size) == ("raw data", None)


def test_an_empty_file_is_empty(tmp_path: Path) -> None:
    (tmp_path / "empty").write_bytes(b"")
    with pytest.raises(GlanceError, match="is empty"):
        open_file(str(tmp_path / "empty"))
    assert open_file(str(tmp_path / "empty"), allow_empty=True).size == 0
