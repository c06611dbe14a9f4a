import errno
import io
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glancecli.diskformat import HEAD_SIZE, DiskInfo, inspect, inspect_file
from glancecli.errors import GlanceError
from tests.support.diskfiles import GIB, NAMES, changed, disk


class Counted(io.RawIOBase):
    """A file that counts what is read of it, and can be larger than what it holds."""

    def __init__(self, data: bytes, size: int | None = None) -> None:
        self.data, self.length, self.place, self.reads, self.taken = (
            data,
            size or len(data),
            0,
            0,
            0,
        )

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self.place

    def seek(self, offset: int, whence: int = 0) -> int:
        self.place = offset if whence == 0 else self.length + offset
        if self.place > self.length:
            raise OSError(errno.EINVAL, "seek behind the end, which some file systems refuse")
        return self.place

    def read(self, length: int = -1) -> bytes:
        held = self.data[self.place : self.place + length]
        found = held.ljust(min(length, max(self.length - self.place, 0)), b"\0")
        self.place += len(found)
        self.reads += 1
        self.taken += len(found)
        return found


@pytest.mark.parametrize("name", NAMES)
def test_a_file_of_10_gib_costs_few_and_small_reads(name):
    file = Counted(disk(name), 10 * GIB)
    inspect_file(file)
    assert file.reads < 100
    assert file.taken < 4 << 20


def bounded(data: bytes, size: int | None = None) -> None:
    file = Counted(data, size)
    info = inspect_file(file)
    assert isinstance(info, DiskInfo)
    assert file.reads < 300
    assert file.taken < 8 << 20


@given(st.binary(max_size=4096), st.sampled_from([None, 1 << 20, 1 << 62]))
def test_no_bytes_make_it_fail_or_read_without_end(data, size):
    bounded(data, size)
    inspect(data)


HEADS = {name: disk(name)[: 4 << 20] for name in NAMES}
# Headers, the descriptor of a VMDK, the region table and the metadata of a VHDX.
SPOTS = st.sampled_from([0, 512, 192 << 10, 2 << 20, 3 << 20])


@given(
    st.sampled_from(NAMES),
    st.lists(st.tuples(SPOTS, st.integers(0, 511), st.binary(min_size=1, max_size=8)), max_size=6),
    st.integers(0, 4096) | st.none(),
)
def test_no_damage_to_a_real_file_makes_it_fail_or_read_without_end(name, changes, length):
    spots = [(spot + offset, new) for spot, offset, new in changes if spot + 519 < len(HEADS[name])]
    data = changed(HEADS[name], *spots)[:length]
    bounded(data)
    inspect(data[:HEAD_SIZE])


def test_the_position_of_a_file_object_is_kept():
    file = io.BytesIO(disk("v3.qcow2"))
    file.seek(17)
    inspect_file(file)
    assert file.tell() == 17


def test_a_path_that_is_not_a_file_is_named_in_the_error(tmp_path):
    os.mkfifo(tmp_path / "fifo")
    messages = []
    for path in (tmp_path, tmp_path / "fifo", tmp_path / "gone"):
        with pytest.raises(GlanceError) as caught:
            inspect_file(str(path))
        messages.append(str(caught.value).replace(str(tmp_path), "FOLDER"))
    assert messages == [
        "FOLDER is a folder, not a file",
        "FOLDER/fifo is neither a regular file nor a block device, so it cannot be inspected",
        "cannot read FOLDER/gone: no such file or directory",
    ]


def test_a_real_sparse_file_is_inspected_by_its_path(tmp_path):
    path = tmp_path / "big.vhd"
    path.write_bytes(b"")
    os.truncate(path, 10 * GIB)
    assert inspect_file(path) == DiskInfo("raw", "raw data", 10 * GIB, 10 * GIB)


def test_a_name_behind_the_end_of_the_file_is_empty():
    info = inspect_file(Counted(changed(disk("backing.qcow2"), (8, b"\x20" + bytes(7)))))
    assert info.dangers == (
        "it needs a backing file, '', which the hosts that use the image would read",
    )


def test_a_size_with_too_many_digits_is_ignored():
    descriptor = b"# Disk DescriptorFile\nRW " + b"9" * 5000 + b' FLAT "a" 0\nRW 2 FLAT "b" 0\n'
    assert inspect(descriptor).virtual_size == 1024
