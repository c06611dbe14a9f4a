"""Sources of data: files, pipes and stdin, and what holds no data."""

from __future__ import annotations

import hashlib
import os
import pty
import socket
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from glancecli import transfer
from glancecli.errors import GlanceError
from glancecli.transfer.hashing import BUFFER_SIZE, HashingBuffers
from glancecli.transfer.options import Options, Reading
from glancecli.transfer.source import Source
from tests.support.transferring import MIB, noise


@contextmanager
def opened(
    stdin: Any, path: str | None = None, **more: Any
) -> Iterator[tuple[Source | None, list[str]]]:
    notes: list[str] = []
    with transfer.source(path, stdin, Reading(**more), Options(note=notes.append)) as source:
        yield source, notes


def whole(source: Source | None) -> bytes:
    assert source is not None
    found = bytearray()
    view = memoryview(bytearray(300_000))
    while count := source.fill(view):
        found += view[:count]
    return bytes(found)


def pipe(data: bytes) -> Any:
    reader, writer = os.pipe()
    threading.Thread(target=feed, args=(writer, data), daemon=True).start()
    return os.fdopen(reader)


def feed(writer: int, data: bytes) -> None:
    with os.fdopen(writer, "wb") as out:
        out.write(data)


def test_a_file_knows_its_size_and_can_be_read_again(tmp_path: Path) -> None:
    data = noise(MIB + 5)
    (tmp_path / "f").write_bytes(data)
    with opened(None, str(tmp_path / "f")) as (source, _):
        assert source
        assert (source.size, source.rewindable, source.name) == (MIB + 5, True, str(tmp_path / "f"))
        assert source.head(7) == data[:7]
        assert source.read_at
        assert source.read_at(1000, 20) == data[1000:1020]
        assert whole(source) == data
        source.rewind()
        assert whole(source) == data


def test_a_file_on_stdin_begins_at_its_current_position(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"read already, and the rest")
    with (tmp_path / "f").open("rb", buffering=0) as stdin:
        stdin.seek(14)
        with opened(stdin) as (source, _):
            assert source
            assert (source.size, source.head(3)) == (12, b"and")
            assert whole(source) == b"and the rest"
            source.rewind()
            assert whole(source) == b"and the rest"


def test_the_head_of_a_pipe_is_read_without_losing_data() -> None:
    data = noise(300_000)
    with pipe(data) as stdin, opened(stdin) as (source, _):
        assert source
        assert (source.size, source.rewindable, source.read_at) == (None, False, None)
        assert source.head(200_000) == data[:200_000]
        assert source.head(10) == data[:10]
        assert whole(source) == data
        assert source.position == len(data)


def test_a_pipe_shorter_than_the_head_loses_no_data() -> None:
    with pipe(b"tiny") as stdin, opened(stdin) as (source, _):
        assert source
        assert source.head(1000) == b"tiny"
        assert whole(source) == b"tiny"


def test_a_non_blocking_pipe_is_waited_for() -> None:
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    threading.Timer(0.2, feed, (writer, b"late")).start()
    with os.fdopen(reader) as stdin, opened(stdin) as (source, _):
        assert whole(source) == b"late"


def test_a_socket_is_data() -> None:
    here, there = socket.socketpair()
    with here, there:
        there.sendall(b"over a socket")
        there.shutdown(socket.SHUT_WR)
        with here.makefile("rb") as stdin, opened(stdin) as (source, _):
            assert whole(source) == b"over a socket"


def test_a_fifo_named_by_file_is_a_stream_whatever_its_size_says(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    threading.Thread(target=(tmp_path / "fifo").write_bytes, args=(b"x" * 100_000,)).start()
    with opened(None, str(tmp_path / "fifo")) as (source, _):
        assert source
        assert (source.size, source.rewindable) == (None, False)
        assert whole(source) == b"x" * 100_000


def test_a_terminal_and_dev_null_hold_no_data() -> None:
    main, terminal = pty.openpty()
    with os.fdopen(main), os.fdopen(terminal) as tty, Path(os.devnull).open() as null:
        for stdin in (None, tty, null):
            with opened(stdin) as found:
                assert found == (None, [])


def test_a_closed_stdin_holds_no_data(tmp_path: Path) -> None:
    stdin = (tmp_path / "f").open("wb")
    stdin.close()
    with opened(stdin) as found:
        assert found == (None, [])


@pytest.mark.parametrize("kind", ["pipe", "file"])
def test_an_empty_stdin_is_an_error(tmp_path: Path, kind: str) -> None:
    (tmp_path / "empty").touch()
    with (
        pipe(b"") if kind == "pipe" else (tmp_path / "empty").open() as stdin,
        pytest.raises(GlanceError) as caught,
        opened(stdin),
    ):
        raise AssertionError("it was opened")
    assert str(caught.value) == (
        "standard input is empty. Has the program before the pipe failed? --allow-empty accepts "
        "empty data, and < /dev/null stands for no data."
    )


def test_a_file_that_cannot_be_read_ends_before_anything_is_sent(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    (tmp_path / "loop").symlink_to("loop")
    for name, words in (
        ("", "cannot read .*: it is a folder"),
        ("gone", "cannot read .*gone: no such file or directory"),
        ("loop", "cannot read .*loop: too many levels of symbolic links"),
        ("empty", "empty is empty"),
    ):
        with pytest.raises(GlanceError, match=words), opened(None, f"{tmp_path}/{name}"):
            raise AssertionError("it was opened")


@pytest.mark.parametrize("kind", ["fifo", "null"])
def test_a_named_stream_without_data_is_empty(tmp_path: Path, kind: str) -> None:
    name = os.devnull
    if kind == "fifo":
        name = str(tmp_path / "fifo")
        os.mkfifo(name)
        threading.Thread(target=Path(name).write_bytes, args=(b"",)).start()
    with pytest.raises(GlanceError) as caught, transfer.source(name, None):
        pass
    assert str(caught.value) == f"{name} is empty. --allow-empty creates an image without content."


def test_an_empty_file_is_data_with_allow_empty(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    with opened(None, str(tmp_path / "empty"), allow_empty=True) as (source, _):
        assert source
        assert (source.size, whole(source)) == (0, b"")


def test_a_deleted_file_stays_readable_and_a_changed_size_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"12345")
    with opened(None, str(path)) as (source, _):
        assert source
        assert source.changed() == ""
        with path.open("ab") as more:
            more.write(b"6")
        assert source.changed() == f"{path} changed from 5 to 6 bytes while it was being sent"
        path.unlink()
        assert whole(source) == b"123456"


def test_a_pipe_is_made_larger(tmp_path: Path) -> None:
    import fcntl

    with pipe(b"x") as stdin, opened(stdin):
        assert fcntl.fcntl(stdin, 1032) == MIB  # F_GETPIPE_SZ
        assert stat.S_ISFIFO(os.fstat(stdin.fileno()).st_mode)


def test_hashing_buffers_hash_everything_in_order_with_few_buffers() -> None:
    data = noise(9 * MIB + 3)
    buffers = HashingBuffers(("sha512", "md5", "sha512"))
    seen = set()
    for at in range(0, len(data), BUFFER_SIZE):
        buffer = buffers.free_buffer()
        seen.add(id(buffer))
        piece = data[at : at + BUFFER_SIZE]
        buffer[: len(piece)] = piece
        buffers.hash(buffer, len(piece))
    assert buffers.digests() == {
        "sha512": hashlib.sha512(data).hexdigest(),
        "md5": hashlib.md5(data).hexdigest(),
    }
    assert len(seen) <= 4
