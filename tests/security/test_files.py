"""Files that a download writes stay where they were asked for, whatever names a service gives."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

import pytest

from glancecli import transfer
from glancecli.errors import GlanceError
from glancecli.transfer.part_file import PartFile
from glancecli.transfer.source import open_file
from glancecli.transfer.target import file_name, target_path
from tests.support.images import A
from tests.support.transferring import World, noise

DATA = noise(1000)
OTHER_USER = 12345

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="gives files to another user")


@pytest.mark.parametrize(
    ("name", "image_id", "disk_format", "expected"),
    [
        ("debian", A, "qcow2", "debian.qcow2"),
        ("debian.qcow2", A, "qcow2", "debian.qcow2"),
        (None, A, None, f"{A}.img"),
        ("../../etc/passwd", A, "raw", "__.._etc_passwd.raw"),
        ("..", A, "raw", "_.raw"),
        (".bashrc", A, "raw", "_bashrc.raw"),
        ("-rf", A, "raw", "_rf.raw"),
        ("- -o x", A, "raw", "_ -o x.raw"),
        ("  ", "../../x", "raw", "__.._x.raw"),
        ("", "", "", "image.img"),
        ("a\nb\0c\x1b[2J", A, "raw", "a_b_c_[2J.raw"),
        ("a\u202eb\u200bc\u3164d", A, "raw", "a_b_c_d.raw"),
        ("x", A, "../../y", "x.__.._y"),
        ("x", A, "r\u202ew", "x.r_w"),
        ("日本", A, "raw", "日本.raw"),
        ("ü" * 300, A, "raw", "ü" * 100 + ".raw"),
        ("a" * 300, A, "raw", "a" * 200 + ".raw"),
        ("x", A, "y" * 300, "x." + "y" * 20),
        ("\udcff", A, "raw", "_.raw"),
    ],
)
def test_a_file_name_is_harmless(
    tmp_path: Path, name: str | None, image_id: str, disk_format: str | None, expected: str
) -> None:
    image = {"id": image_id, "name": name, "disk_format": disk_format}
    assert file_name(image) == expected
    assert target_path(f"{tmp_path}/", image) == tmp_path / expected


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    """A folder as /tmp is."""
    folder = tmp_path / "shared"
    folder.mkdir()
    folder.chmod(0o1777)
    return folder


def image_in(world: World) -> dict[str, Any]:
    return world.glance.add(A, DATA, name="x", disk_format="raw", container_format="bare")


def trap(shared: Path, kind: str, victim: Path) -> Path:
    """What another user has put into the folder."""
    path = shared / "trap"
    if kind == "FIFO":
        os.mkfifo(path)
    else:
        path.symlink_to(victim)
    os.chown(path, OTHER_USER, OTHER_USER, follow_symlinks=False)
    return path


@as_root
@pytest.mark.parametrize("kind", ["link", "FIFO"])
def test_what_another_user_has_put_into_a_shared_folder_is_not_followed(
    world: World, tmp_path: Path, shared: Path, kind: str
) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"mine")
    path = trap(shared, kind, victim)
    said = f"^{path} is a {kind} of another user in a folder that everybody may write to"
    with pytest.raises(GlanceError, match=said):
        transfer.download(world.images, image_in(world), str(path), world.options())
    with pytest.raises(GlanceError, match=said):
        open_file(str(path))
    assert victim.read_bytes() == b"mine"


@as_root
def test_a_linked_folder_of_another_user_is_not_followed(
    world: World, tmp_path: Path, shared: Path
) -> None:
    (tmp_path / "victims").mkdir()
    path = trap(shared, "link", tmp_path / "victims")
    (tmp_path / "own").symlink_to(path)
    for target in (f"{path}/x", f"{path}/", f"{tmp_path}/own/../own/x"):
        with pytest.raises(GlanceError, match=f"^{path} is a link of another user"):
            transfer.download(world.images, image_in(world), target, world.options())
    assert list((tmp_path / "victims").iterdir()) == []


def test_own_links_are_followed(world: World, tmp_path: Path, shared: Path) -> None:
    (shared / "link").symlink_to("../real")
    transfer.download(world.images, image_in(world), str(shared / "link"), world.options())
    assert (tmp_path / "real").read_bytes() == DATA
    assert (shared / "link").is_symlink()


def test_a_file_that_appears_during_a_download_is_not_replaced(tmp_path: Path) -> None:
    target = tmp_path / "out"
    for make in (lambda: target.write_bytes(b"other"), lambda: target.symlink_to("nowhere")):
        part = PartFile(target, "key")
        part.restart()
        part.write(memoryview(b"data"))
        make()
        with pytest.raises(GlanceError, match="has been created by another program"):
            part.finish(overwrite=False)
        assert part.keep()
        target.unlink()
    part = PartFile(target, "key")
    part.finish(overwrite=False)
    assert target.read_bytes() == b"data"
    assert stat.S_IMODE(target.stat().st_mode) == 0o666 & ~umask()
    assert [path.name for path in tmp_path.glob("out*")] == ["out"]


def umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


@pytest.mark.parametrize("algorithm", ["blake9", "shake_128"])
def test_an_unknown_hash_algorithm_is_told(world: World, tmp_path: Path, algorithm: str) -> None:
    image = image_in(world)
    image["os_hash_algo"] = algorithm
    told = f"the service hashes by {algorithm}, which is not known here"
    transfer.download(world.images, image, str(tmp_path / "x"), world.options())
    assert world.warnings == [f"image {A} was verified only by its md5: {told}"]
    image["checksum"] = None
    transfer.download(world.images, image, str(tmp_path / "y"), world.options())
    assert world.warnings[1:] == [f"image {A} was not verified: {told}"]


def test_a_copy_verified_by_md5_alone_says_so(world: World) -> None:
    other = World()
    image = image_in(world)
    image["os_hash_algo"] = "blake9"
    transfer.copy(world.images, image, other.images, {}, world.options())
    other.close()
    assert world.warnings == [
        f"image {A} is verified only by its md5: the service hashes by blake9, which is not known here"
    ]
