"""The cache of logins is private and atomic, and nothing depends on it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from glancecli.auth.tokens import TokenCache, cache_folder, forget
from tests.support.programs import Result

RECORD = {
    "token": "t" * 180,
    "expires": 4102444800.0,
    "catalog": [["image", "glance", "R", "public", "http://g"]],
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "glancecli"


@pytest.fixture
def saved(folder: Path) -> TokenCache:
    cache = TokenCache("alice", folder)
    cache.save(RECORD)
    return cache


def file_of(folder: Path) -> Path:
    (path,) = folder.glob("*.json")
    return path


def login_file(folder: Path) -> Path:
    (path,) = (path for path in folder.iterdir() if re.fullmatch(r"[0-9a-f]{64}\.json", path.name))
    return path


def mode(path: Path) -> int:
    return path.lstat().st_mode & 0o777


def test_a_saved_login_is_loaded_again(saved: TokenCache, folder: Path) -> None:
    assert TokenCache("alice", folder).load() == RECORD


def test_another_identity_finds_nothing(saved: TokenCache, folder: Path) -> None:
    assert TokenCache("alice with another password", folder).load() == {}


def test_loading_before_the_first_save_finds_and_creates_nothing(folder: Path) -> None:
    assert TokenCache("alice", folder).load() == {}
    assert not folder.exists()


def test_folder_and_files_are_private_with_any_umask(folder: Path) -> None:
    old = os.umask(0)
    try:
        TokenCache("alice", folder).save(RECORD)
    finally:
        os.umask(old)
    assert {path.name.rpartition(".")[2]: mode(path) for path in folder.iterdir()} == {
        "key": 0o600,
        "json": 0o600,
    }
    assert mode(folder) == 0o700


def test_the_file_name_depends_on_the_users_random_key(tmp_path: Path) -> None:
    for name in ("one", "two"):
        TokenCache("alice", tmp_path / name).save(RECORD)
    assert file_of(tmp_path / "one").name != file_of(tmp_path / "two").name


def test_the_identity_is_not_in_the_files(folder: Path) -> None:
    TokenCache('["password", {"password": "s3cret"}]', folder).save(RECORD)
    assert all(
        b"s3cret" not in path.read_bytes() and "s3cret" not in path.name
        for path in folder.iterdir()
    )


def test_no_temporary_file_is_left(saved: TokenCache, folder: Path) -> None:
    saved.save(RECORD)
    assert sorted(path.suffix for path in folder.iterdir()) == ["", ".json"]


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[1]", b"\xff\xfe", b'"text"', b"null", b"{}" + b" " * (9 << 20), b"[" * 100_000],
)
def test_a_damaged_file_is_ignored(saved: TokenCache, folder: Path, content: bytes) -> None:
    file_of(folder).write_bytes(content)
    assert saved.load() == {}


@pytest.mark.parametrize("bits", [0o640, 0o604, 0o620, 0o666])
def test_a_file_open_to_others_is_ignored(saved: TokenCache, folder: Path, bits: int) -> None:
    file_of(folder).chmod(bits)
    assert saved.load() == {}


@pytest.mark.parametrize("bits", [0o750, 0o705, 0o777])
def test_a_folder_open_to_others_is_ignored_until_a_save_makes_it_private_and_empties_it(
    saved: TokenCache, folder: Path, bits: int
) -> None:
    old = file_of(folder)
    folder.chmod(bits)
    assert saved.load() == {}
    TokenCache("bob", folder).save({"token": "b"})
    assert (mode(folder), old.exists(), saved.load()) == (0o700, False, {})
    assert TokenCache("bob", folder).load() == {"token": "b"}


def test_files_of_another_user_are_ignored(
    saved: TokenCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    assert saved.load() == {}


def test_a_link_in_place_of_the_file_is_ignored(
    saved: TokenCache, folder: Path, tmp_path: Path
) -> None:
    path = file_of(folder)
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    assert saved.load() == {}


def test_a_link_in_place_of_the_folder_is_ignored(
    saved: TokenCache, folder: Path, tmp_path: Path
) -> None:
    folder.rename(tmp_path / "elsewhere")
    folder.symlink_to(tmp_path / "elsewhere")
    assert saved.load() == {}
    saved.save({"token": "new"})
    assert json.loads(file_of(tmp_path / "elsewhere").read_text()) == RECORD


def test_a_pipe_in_place_of_the_file_does_not_block_the_command(
    saved: TokenCache, folder: Path
) -> None:
    path = file_of(folder)
    path.unlink()
    os.mkfifo(path, 0o600)
    assert saved.load() == {}


@pytest.mark.parametrize("content", [b"short", b"", b"x" * 33])
def test_a_damaged_key_disables_the_cache_until_a_save_replaces_it(
    saved: TokenCache, folder: Path, content: bytes
) -> None:
    (folder / "key").write_bytes(content)
    assert saved.load() == {}
    saved.save({"token": "new"})
    assert saved.load() == {"token": "new"}


def test_a_key_that_others_can_read_is_replaced_by_a_save(saved: TokenCache, folder: Path) -> None:
    (folder / "key").chmod(0o644)
    assert saved.load() == {}
    saved.save({"token": "new"})
    assert (saved.load(), mode(folder / "key")) == ({"token": "new"}, 0o600)


def test_without_a_folder_nothing_is_saved_and_nothing_is_printed(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    cache = TokenCache("alice", tmp_path / "file" / "glancecli")
    cache.save(RECORD)
    cache.tidy()
    assert cache.load() == {}


def test_tidy_removes_what_was_not_used_for_a_week_except_the_key(
    saved: TokenCache, folder: Path
) -> None:
    mine = file_of(folder)
    TokenCache("bob", folder).save({"token": "b"})
    (folder / ".new-left").write_text("by a crash")
    week_ago = time.time() - 8 * 86400
    for path in set(folder.iterdir()) - {mine}:
        os.utime(path, (week_ago, week_ago))
    saved.tidy()
    assert set(folder.iterdir()) == {mine, folder / "key"}


def make_old(*paths: Path) -> None:
    week_ago = time.time() - 8 * 86400
    for path in paths:
        os.utime(path, (week_ago, week_ago), follow_symlinks=False)


def test_tidy_keeps_files_whose_names_are_not_of_our_form(
    saved: TokenCache, folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "target").write_text("of another program")
    foreign = [folder / name for name in ("notes.txt", "a.json", f"{'0' * 64}.json.bak", "link")]
    for path in foreign[:-1]:
        path.write_text("of another program")
    foreign[-1].symlink_to(tmp_path / "target")
    make_old(*foreign)
    saved.tidy()
    assert set(folder.iterdir()) == {*foreign, folder / "key", login_file(folder)}


def test_tidy_removes_a_link_with_a_name_of_our_form_and_not_its_target(
    saved: TokenCache, folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "target").write_text("of another program")
    link = folder / f"{'0' * 64}.json"
    link.symlink_to(tmp_path / "target")
    make_old(link, tmp_path / "target")
    saved.tidy()
    assert (link.is_symlink(), (tmp_path / "target").exists()) == (False, True)


def test_tidy_does_not_follow_a_link_in_place_of_the_folder(
    saved: TokenCache, folder: Path, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    folder.rename(elsewhere)
    folder.symlink_to(elsewhere)
    make_old(*elsewhere.iterdir())
    before = set(elsewhere.iterdir())
    saved.tidy()
    assert set(elsewhere.iterdir()) == before


def test_tidy_does_nothing_in_a_folder_of_another_user(
    saved: TokenCache, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_old(*folder.iterdir())
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    saved.tidy()
    assert len(list(folder.iterdir())) == 2


def test_forget_removes_everything_and_counts_identities(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    for who in ("alice", "bob"):
        TokenCache(who, cache_folder()).save(RECORD)
    assert (forget(), forget(), list(cache_folder().iterdir())) == (2, 0, [])


def test_forget_empties_a_folder_of_ours_that_is_open_to_others(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    TokenCache("alice", cache_folder()).save(RECORD)
    cache_folder().chmod(0o777)
    assert (forget(), list(cache_folder().iterdir())) == (1, [])


def test_forget_fails_for_a_link_in_place_of_the_folder_and_keeps_its_target(
    program: Callable[..., Result], folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    elsewhere = tmp_path / "elsewhere"
    TokenCache("alice", elsewhere).save(RECORD)
    folder.parent.mkdir()
    folder.symlink_to(elsewhere)
    ran = program("glance", "cache-forget")
    assert (ran.code, ran.err) == (
        1,
        f"glance: error: {folder} was not emptied: it is a file or a symbolic link, not a folder. "
        "Remove it yourself.\n",
    )
    assert len(list(elsewhere.iterdir())) == 2


def test_forget_fails_when_something_is_left(
    program: Callable[..., Result], folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (folder / "a folder").mkdir(parents=True)
    ran = program("glance", "cache-forget")
    assert ran.code == 1
    assert ran.err.startswith(f"glance: error: {folder} was not emptied: ")


def test_forget_keeps_files_of_other_programs_and_names_them(
    program: Callable[..., Result], folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    TokenCache("alice", folder).save(RECORD)
    for name in ("b.json", "a.txt"):
        (folder / name).write_text("of another program")
    ran = program("glance", "cache-forget")
    assert (ran.code, ran.err) == (
        1,
        f"glance: error: {folder} was not emptied: it also holds a.txt, b.json. Remove it yourself.\n",
    )
    assert sorted(path.name for path in folder.iterdir()) == ["a.txt", "b.json"]


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"HOME": "/h"}, "/h/.cache/glancecli"),
        ({"HOME": "/h", "XDG_CACHE_HOME": "/x"}, "/x/glancecli"),
        ({"HOME": "/h", "XDG_CACHE_HOME": "relative"}, "/h/.cache/glancecli"),
        ({"HOME": "/h", "XDG_CACHE_HOME": ""}, "/h/.cache/glancecli"),
    ],
)
def test_the_folder_follows_the_xdg_rules(environ: dict[str, str], expected: str) -> None:
    assert str(cache_folder(environ)) == expected


WORKER = """
import sys
from pathlib import Path
from glancecli.auth.tokens import TokenCache
cache = TokenCache("alice", Path(sys.argv[1]))
sys.stdin.readline()
for turn in range(20):
    record = cache.load()
    assert not record or len(record["filling"]) == 20000, "half a file"
    cache.save({"by": sys.argv[2], "filling": sys.argv[2][-1] * 20000})
    record = cache.load()
    assert len(record["filling"]) == 20000 and set(record["filling"]) == {record["by"][-1]}, record
"""


def test_fifty_processes_that_start_at_once_share_one_key_and_never_see_half_a_file(
    folder: Path,
) -> None:
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", WORKER, str(folder), str(number)],
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for number in range(50)
    ]
    for worker in workers:
        assert worker.stdin
        worker.stdin.write(b"\n")
        worker.stdin.flush()
    errors = [worker.communicate(timeout=120)[1] for worker in workers]
    assert [(worker.returncode, error) for worker, error in zip(workers, errors, strict=True)] == [
        (0, b"")
    ] * 50
    assert sorted(path.suffix for path in folder.iterdir()) == ["", ".json"]


def test_a_user_without_an_account_has_a_home_that_does_not_exist(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("HOME")
    monkeypatch.setattr(os, "getuid", lambda: 987_654)  # as in a container with any user ID
    assert cache_folder({}) == Path("/nonexistent/.cache/glancecli")
