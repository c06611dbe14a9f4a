"""Private files belong to one user, are complete, and are not written through links."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import pytest

from glancecli.private_files import PrivateFolder, is_temporary


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "private"
    folder.mkdir(mode=0o700)
    return folder


def bits(path: Path) -> int:
    return path.lstat().st_mode & 0o777


def test_a_missing_folder_is_created_private_with_any_umask(tmp_path: Path) -> None:
    path = tmp_path / "above" / "private"
    old = os.umask(0)
    try:
        with PrivateFolder(path, make=True) as folder:
            folder.write("file", b"content")
    finally:
        os.umask(old)
    assert (bits(path), bits(path / "file")) == (0o700, 0o600)


def test_reading_does_not_create_the_folder(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), PrivateFolder(tmp_path / "absent"):
        pass
    assert not (tmp_path / "absent").exists()


@pytest.mark.parametrize("make", [False, True])
def test_a_link_in_place_of_the_folder_is_refused(folder: Path, make: bool) -> None:
    link = folder.with_name("link")
    link.symlink_to(folder)
    with pytest.raises(NotADirectoryError) as caught, PrivateFolder(link, make=make):
        pass
    assert caught.value.strerror == "it is a file or a symbolic link, not a folder"
    assert caught.value.filename == str(link)


def test_a_folder_of_another_user_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    with pytest.raises(PermissionError) as caught, PrivateFolder(folder):
        pass
    assert caught.value.strerror == "it belongs to another user"


def test_no_handle_is_left_open(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with PrivateFolder(folder) as opened:
        opened.write("file", b"content")
        opened.create("file", b"content")
        opened.read("file", 100)
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    with pytest.raises(PermissionError), PrivateFolder(folder):
        pass
    assert handles_below(folder) == []


def handles_below(folder: Path) -> list[str]:
    """What this process has open at or below a folder; other threads may close theirs meanwhile."""
    found = []
    for handle in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):
            found.append(str(handle.readlink()))
    return [target for target in found if target.startswith(str(folder))]


def test_the_opened_folder_is_used_even_if_a_link_replaces_it(folder: Path, tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    trap.mkdir()
    with PrivateFolder(folder) as opened:
        folder.rename(tmp_path / "moved")
        folder.symlink_to(trap)
        opened.write("file", b"secret")
    assert list(trap.iterdir()) == []
    assert (tmp_path / "moved" / "file").read_bytes() == b"secret"


def test_a_link_in_place_of_a_file_is_replaced_and_not_followed(
    folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "target").write_text("old")
    (folder / "file").symlink_to(tmp_path / "target")
    with PrivateFolder(folder) as opened:
        assert opened.read("file", 100) is None
        opened.write("file", b"new")
        assert opened.read("file", 100) == b"new"
    assert (tmp_path / "target").read_text() == "old"


def test_a_file_that_others_may_read_or_that_is_too_large_is_not_read(folder: Path) -> None:
    with PrivateFolder(folder) as opened:
        opened.write("file", b"content")
        assert (opened.read("file", 7), opened.read("file", 6)) == (b"content", None)
        (folder / "file").chmod(0o640)
        assert opened.read("file", 7) is None


def test_an_existing_file_is_not_created_again(folder: Path) -> None:
    with PrivateFolder(folder) as opened:
        assert (opened.create("file", b"first"), opened.create("file", b"second")) == (True, False)
        assert opened.read("file", 100) == b"first"
        assert opened.names() == ["file"]


def test_a_failed_write_leaves_no_temporary_file(folder: Path) -> None:
    (folder / "a folder").mkdir()
    with PrivateFolder(folder) as opened, pytest.raises(OSError):  # noqa: PT011 - the errno differs by system
        opened.write("a folder", b"content")
    assert [path.name for path in folder.iterdir()] == ["a folder"]


def test_unfinished_files_are_recognized_by_name(folder: Path) -> None:
    with PrivateFolder(folder) as opened:
        name = opened._write_temporary(b"content")
    assert is_temporary(name)
    assert not is_temporary("new-1")
    assert not is_temporary(f"{name}.txt")


def test_a_private_file_may_be_written_into_a_folder_that_others_may_read(folder: Path) -> None:
    folder.chmod(0o755)
    with PrivateFolder(folder) as opened:
        opened.write("file", b"old")
        opened.write("file", b"new")
    assert (folder / "file").read_text() == "new"
    assert bits(folder / "file") == 0o600
