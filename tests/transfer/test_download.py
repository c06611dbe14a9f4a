"""Downloads from a service on loopback, through a proxy that injects faults."""

from __future__ import annotations

import fcntl
import hashlib
import io
import os
import stat
import threading
from pathlib import Path
from typing import Any

import pytest

from glancecli import transfer
from glancecli.checksums import Checksum
from glancecli.errors import GlanceError, HttpError, Stopped, describe, describe_failure
from glancecli.transfer.part_file import PartFile
from tests.faults.actions import (
    broken,
    ended,
    flipped_down,
    lying,
    no_ranges,
    promising,
    stalled_down,
    status,
    truncated,
)
from tests.faults.proxy import Exchange, Fault, Strike
from tests.support.transferring import MIB, World, noise

DATA = noise(3 * MIB + 12345)
ID = "11111111-2222-4333-8444-555555555555"


@pytest.fixture(autouse=True)
def image(world: World) -> dict[str, Any]:
    return world.glance.add(ID, DATA, name="disk", disk_format="raw")


def download(world: World, target: Any, **more: Any) -> transfer.Downloaded:
    how = {k: more.pop(k) for k in ("overwrite", "sparse") if k in more}
    target = str(target) if isinstance(target, Path) else target
    return transfer.download(
        world.images, world.images.get(ID), target, world.options(**more), **how
    )


def parts(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.part"))


def ranges(world: World) -> list[str]:
    return [headers.get("range", "") for headers in world.glance.requests("GET", "/file")]


def test_a_file_appears_complete_and_with_the_usual_mode(world: World, tmp_path: Path) -> None:
    target = tmp_path / "out.raw"
    mask = os.umask(0o027)
    try:
        done = download(world, target)
    finally:
        os.umask(mask)
    assert done == (str(target), len(DATA), "sha512")
    assert target.read_bytes() == DATA
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    assert [p.name for p in tmp_path.iterdir() if p.is_file()] == ["out.raw"]
    assert world.shown.calls == [
        ("start", "downloading", len(DATA), 0),
        ("phase", "verifying"),
        ("stop",),
    ]
    assert world.shown.moved == len(DATA)
    assert world.warnings == world.notes == []


@pytest.mark.parametrize("at", [0, 1, MIB, len(DATA) - 1])
@pytest.mark.parametrize("fault", [truncated, ended])
def test_a_broken_download_resumes_where_it_was(
    world: World, tmp_path: Path, at: int, fault: Any
) -> None:
    world.proxy.set(Strike("GET", "/file", fault(at)))
    download(world, tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == DATA
    assert ranges(world) == ["", f"bytes={at}-" if at else ""]
    assert parts(tmp_path) == []


@pytest.mark.parametrize("at", [0, 1, MIB, len(DATA) - 1])
def test_a_download_resumes_after_a_reset(world: World, tmp_path: Path, at: int) -> None:
    world.proxy.set(Strike("GET", "/file", broken(at)))
    download(world, tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == DATA


@pytest.mark.parametrize("code", [401, 408, 429, 500, 502, 503, 504])
def test_a_temporary_failure_is_retried(world: World, tmp_path: Path, code: int) -> None:
    world.proxy.set(Strike("GET", "/file", status(code)))
    download(world, tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == DATA
    assert len(world.identity.renewed) == (code == 401)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (204, "has no data (HTTP 204)"),
        (403, "may not be downloaded: it is deactivated, or a policy forbids it (HTTP 403)"),
        (404, "does not exist, or has no data (HTTP 404)"),
        (409, "is in a state in which its data cannot be read (HTTP 409)"),
        (410, "was deleted (HTTP 410)"),
    ],
)
def test_a_refusal_is_explained_and_changes_no_file(
    world: World, tmp_path: Path, code: int, words: str
) -> None:
    (tmp_path / "out").write_bytes(b"good")
    world.proxy.set(Strike("GET", "/file", status(code), times=9))
    with pytest.raises(HttpError) as caught:
        download(world, tmp_path / "out")
    assert describe_failure(caught.value) == f"image {ID} {words}"
    assert (tmp_path / "out").read_bytes() == b"good"
    assert parts(tmp_path) == []
    assert len(world.proxy.struck) == 1


def test_a_deactivated_image_is_told_as_such(world: World, tmp_path: Path) -> None:
    text = b'{"message": "The requested image has been deactivated. Image data download is forbidden."}'
    world.proxy.set(Strike("GET", "/file", status(403, text)))
    with pytest.raises(HttpError) as caught:
        download(world, tmp_path / "out")
    assert describe(caught.value) == (
        f"image {ID}: it is deactivated, so its data cannot be downloaded (HTTP 403). "
        f"`glance image-reactivate {ID}` reactivates it."
    )


def test_a_flipped_byte_costs_a_second_download(world: World, tmp_path: Path) -> None:
    world.proxy.set(Strike("GET", "/file", flipped_down(MIB)))
    download(world, tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == DATA


def test_a_byte_flipped_every_time_leaves_the_old_file(world: World, tmp_path: Path) -> None:
    (tmp_path / "out").write_bytes(b"good")
    world.proxy.set(Strike("GET", "/file", flipped_down(MIB), times=9))
    with pytest.raises(
        GlanceError, match=r"should have the sha512 \w+, but the data has \w+; nothing was"
    ):
        download(world, tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == b"good"
    assert parts(tmp_path) == []


def test_a_partial_download_is_named_and_resumed(world: World, tmp_path: Path) -> None:
    world.proxy.set(Strike("GET", "/file", truncated(2 * MIB)))
    with pytest.raises(GlanceError) as caught:
        download(world, tmp_path / "out", retries=0)
    (part,) = parts(tmp_path)
    assert f"; the partial download of image {ID} is kept in {part}." in str(caught.value)
    assert not (tmp_path / "out").exists()
    download(world, tmp_path / "out")
    assert world.notes == [f"continuing the partial download of image {ID}: 2097152 bytes"]
    assert ranges(world) == ["", f"bytes={2 * MIB}-"]
    assert ("start", "checking", 2 * MIB, 0) in world.shown.calls
    assert ("start", "downloading", len(DATA), 2 * MIB) in world.shown.calls
    assert (tmp_path / "out").read_bytes() == DATA
    assert parts(tmp_path) == []


def left_over(world: World, folder: Path, size: int = 2 * MIB) -> Path:
    """The partial download of an earlier run."""
    world.proxy.set(Strike("GET", "/file", truncated(size)))
    with pytest.raises(GlanceError):
        download(world, folder / "out", retries=0)
    world.proxy.set()
    world.glance.seen.clear()
    (part,) = parts(folder)
    assert part.stat().st_size == size
    return part


def test_a_damaged_partial_download_is_noticed_and_replaced(world: World, tmp_path: Path) -> None:
    part = left_over(world, tmp_path)
    part.write_bytes(bytes(part.stat().st_size))
    download(world, tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == DATA
    assert ranges(world) == [f"bytes={2 * MIB}-", ""]


def test_a_partial_download_longer_than_the_image_is_not_used(world: World, tmp_path: Path) -> None:
    part = left_over(world, tmp_path)
    part.write_bytes(DATA + b"more")
    download(world, tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == DATA


def test_a_partial_download_with_all_data_is_verified_without_a_request(
    world: World, tmp_path: Path
) -> None:
    left_over(world, tmp_path).write_bytes(DATA)
    download(world, tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == DATA
    assert ranges(world) == []


def test_a_partial_download_of_another_image_is_left_alone(world: World, tmp_path: Path) -> None:
    part = left_over(world, tmp_path)
    other = "22222222-2222-4333-8444-555555555555"
    world.glance.add(other, b"other", name="other")
    transfer.download(world.images, world.images.get(other), str(tmp_path / "out"), world.options())
    assert (tmp_path / "out").read_bytes() == b"other"
    assert parts(tmp_path) == [part]


def test_a_partial_download_that_is_locked_is_left_alone(world: World, tmp_path: Path) -> None:
    part = left_over(world, tmp_path)
    with part.open("r+b") as busy:
        fcntl.flock(busy, fcntl.LOCK_EX)
        download(world, tmp_path / "out")
    assert ranges(world) == [""]
    assert (tmp_path / "out").read_bytes() == DATA
    assert parts(tmp_path) == [part]


def test_downloads_into_the_same_file_do_not_disturb_each_other(
    world: World, tmp_path: Path
) -> None:
    errors: list[BaseException] = []

    def run() -> None:
        try:
            download(world, tmp_path / "out")
        except BaseException as error:  # told to the test
            errors.append(error)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert (tmp_path / "out").read_bytes() == DATA
    assert parts(tmp_path) == []


@pytest.mark.parametrize(
    "lie",
    [
        no_ranges,
        lying(f"bytes 0-{len(DATA) - 1}/{len(DATA)}", drop=("Range",)),
        lying(f"bytes {2 * MIB}-{len(DATA) - 1}/{len(DATA)}", drop=("Range",)),
        lying(f"bytes {MIB}-{len(DATA) - 1}/{len(DATA)}"),
        lying(f"bytes {2 * MIB}-{len(DATA)}/{len(DATA) + 1}"),
        lying("nonsense"),
        status(416),
        status(400),
    ],
    ids=[
        "200",
        "whole-206",
        "whole-as-part",
        "other-start",
        "other-size",
        "nonsense",
        "416",
        "400",
    ],
)
def test_a_service_that_cannot_resume_is_asked_for_all_data(
    world: World, tmp_path: Path, lie: Fault
) -> None:
    left_over(world, tmp_path)
    world.proxy.set(Strike("GET", "/file", lie))
    download(world, tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == DATA
    world.proxy.set(Strike("GET", "/file", broken(MIB)), Strike("GET", "/file", lie))
    download(world, tmp_path / "again")
    assert (tmp_path / "again").read_bytes() == DATA


def test_a_part_that_was_not_asked_for_is_refused(world: World, tmp_path: Path) -> None:
    world.proxy.set(Strike("GET", "/file", lying(f"bytes 0-{len(DATA) - 1}/{len(DATA)}"), times=9))
    with pytest.raises(GlanceError, match="a part that was not asked for"):
        download(world, tmp_path / "out", retries=1)
    assert list(tmp_path.glob("out*")) == []


@pytest.mark.parametrize(
    "fault",
    [
        lambda e: e.answer(200, b"<html><title>Log in</title>", Content_Type="text/html"),
        lambda e: e.answer(200, b"short", Content_Type="application/octet-stream"),
        promising(len(DATA) + 5),
    ],
    ids=["login-page", "shorter", "longer"],
)
def test_a_response_that_is_not_the_image_is_refused(
    world: World, tmp_path: Path, fault: Fault
) -> None:
    world.proxy.set(Strike("GET", "/file", fault, times=9))
    with pytest.raises(GlanceError, match=r'web page titled "Log in"|bytes, and the service sends'):
        download(world, tmp_path / "out", retries=1)
    assert list(tmp_path.glob("out*")) == []


def test_surplus_data_without_a_length_is_refused(world: World, image: dict[str, Any]) -> None:
    image["size"] -= 1
    world.proxy.set(Strike("GET", "/file", ended(len(DATA)), times=9))
    with pytest.raises(
        GlanceError, match=f"the service sent more than the promised {len(DATA) - 1} bytes"
    ):
        download(world, io.BytesIO(), retries=1)


def test_a_stalled_download_ends_with_an_error(world: World, tmp_path: Path) -> None:
    world.proxy.set(
        Strike("GET", "/file", stalled_down(MIB)), Strike("GET", "/file", Exchange.stall, times=9)
    )
    with pytest.raises(
        GlanceError,
        match=r"no data to or from .* for .* s; the partial download of image .* is kept in",
    ):
        download(world, tmp_path / "out")


def test_without_a_hash_only_the_size_is_verified_with_a_warning(
    world: World, tmp_path: Path, image: dict[str, Any]
) -> None:
    image |= {"os_hash_algo": None, "os_hash_value": None, "checksum": None}
    assert download(world, tmp_path / "out").algorithm == ""
    assert world.warnings == [f"image {ID} was not verified: the service provides no hash"]


def test_an_unknown_algorithm_falls_back_to_md5(
    world: World, tmp_path: Path, image: dict[str, Any]
) -> None:
    image["os_hash_algo"] = "quantum7"
    assert download(world, tmp_path / "out").algorithm == "md5"


def test_the_expected_hash_is_the_one_that_is_reported(world: World, tmp_path: Path) -> None:
    digest = hashlib.sha256(DATA).hexdigest()
    assert (
        download(world, tmp_path / "out", checksum=Checksum("sha256", digest)).algorithm == "sha256"
    )


def test_data_that_differs_from_the_expected_hash_alone_is_read_once(
    world: World, tmp_path: Path
) -> None:
    with pytest.raises(GlanceError, match="should have the sha256 0000"):
        download(world, tmp_path / "out", checksum=Checksum("sha256", "0" * 64))
    assert list(tmp_path.glob("out*")) == []
    assert ranges(world) == [""]


def test_the_expected_hash_is_verified_with_no_verify_as_well(world: World, tmp_path: Path) -> None:
    with pytest.raises(GlanceError, match="should have the sha256 0000"):
        download(world, tmp_path / "out", checksum=Checksum("sha256", "0" * 64), verify=False)
    assert list(tmp_path.glob("out*")) == []


def test_an_expected_hash_that_the_service_contradicts_ends_before_any_data(
    world: World, tmp_path: Path, image: dict[str, Any]
) -> None:
    with pytest.raises(GlanceError) as caught:
        download(world, tmp_path / "out", checksum=Checksum("sha512", "0" * 128))
    assert str(caught.value) == (
        f"image {ID} has the sha512 {image['os_hash_value']}, not {'0' * 128} as --expect-hash says"
    )
    assert ranges(world) == []


def test_a_queued_image_has_no_data_to_download(
    world: World, tmp_path: Path, image: dict[str, Any]
) -> None:
    image["status"] = "queued"
    with pytest.raises(GlanceError, match="has no data yet: it is 'queued'"):
        download(world, tmp_path / "out")
    assert ranges(world) == []


def test_a_download_into_a_stream_resumes_after_breaks(world: World) -> None:
    world.proxy.set(Strike("GET", "/file", broken(MIB)), Strike("GET", "/file", no_ranges))
    out = io.BytesIO()
    download(world, out)
    assert out.getvalue() == DATA


def test_damaged_data_in_a_stream_is_an_error(world: World) -> None:
    world.proxy.set(Strike("GET", "/file", flipped_down(0)))
    with pytest.raises(GlanceError, match="what was written to the output is damaged"):
        download(world, io.BytesIO())


def test_an_interrupted_download_names_the_partial_file(world: World, tmp_path: Path) -> None:
    def interrupt(count: int) -> None:
        raise KeyboardInterrupt

    world.shown.advance = interrupt  # type: ignore[method-assign]
    with pytest.raises(
        Stopped, match=r"^interrupted; the partial download of image .* is kept in .*part\."
    ) as caught:
        download(world, tmp_path / "out")
    assert caught.value.exit_code == 130


def test_zeros_become_holes(world: World, tmp_path: Path) -> None:
    data = bytes(4 * MIB) + noise(70000) + bytes(3 * MIB + 5)
    world.glance.store(world.glance.images[ID], data)
    download(world, tmp_path / "sparse")
    assert (tmp_path / "sparse").read_bytes() == data
    assert (tmp_path / "sparse").stat().st_blocks * 512 < 300_000
    download(world, tmp_path / "full", sparse=False)
    assert (tmp_path / "full").read_bytes() == data
    assert (tmp_path / "full").stat().st_blocks * 512 >= len(data)


def test_a_partial_download_that_ends_in_a_hole_resumes_at_the_right_position(
    world: World, tmp_path: Path
) -> None:
    data = noise(MIB) + bytes(2 * MIB) + noise(MIB, 2)
    world.glance.store(world.glance.images[ID], data)
    left_over(world, tmp_path, 2 * MIB)
    download(world, tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == data
    assert ranges(world) == [f"bytes={2 * MIB}-"]


def test_an_empty_image_that_may_not_be_read_makes_no_file(world: World, tmp_path: Path) -> None:
    world.glance.store(world.glance.images[ID], b"")
    world.proxy.set(Strike("GET", "/file", status(403)))
    with pytest.raises(GlanceError, match="may not be downloaded"):
        download(world, tmp_path / "out")
    assert list(tmp_path.glob("out*")) == []


def test_reserved_room_is_not_mistaken_for_data(
    world: World, tmp_path: Path, image: dict[str, Any]
) -> None:
    image |= {"os_hash_algo": None, "os_hash_value": None, "checksum": None}
    part = PartFile(tmp_path / "out", f"{ID}\n{len(DATA)}", sparse=False)
    part.reserve(len(DATA))
    part.write(memoryview(bytearray(MIB)))
    os.close(part.fd)  # as a kill leaves it
    download(world, tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == DATA
    assert list(tmp_path.glob("out*")) == [tmp_path / "out"]


def test_an_empty_image_is_an_empty_file(world: World, tmp_path: Path) -> None:
    world.glance.store(world.glance.images[ID], b"")
    download(world, tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == b""


def test_in_a_folder_the_file_is_named_after_the_image(
    world: World, tmp_path: Path, image: dict[str, Any]
) -> None:
    made = []
    for name in ("disk", "a/b\x1b[31m", "../up", "disk.raw", None, "ü" * 200):
        image["name"] = name
        done = download(world, f"{tmp_path}/")
        made.append(Path(done.path).relative_to(tmp_path).name)
        assert Path(done.path).read_bytes() == DATA
    assert made == [
        "disk.raw",
        "a_b_[31m.raw",
        "__up.raw",
        "disk.raw",
        f"{ID}.raw",
        "ü" * 100 + ".raw",
    ]


def test_no_name_leads_out_of_the_folder(
    world: World, tmp_path: Path, image: dict[str, Any]
) -> None:
    image |= {"name": "../x", "disk_format": "/../../evil"}
    (tmp_path / "in").mkdir()
    assert download(world, f"{tmp_path}/in/").path == f"{tmp_path}/in/__x._.._.._evil"
    assert list(tmp_path.rglob("*evil*")) == [tmp_path / "in" / "__x._.._.._evil"]


def test_a_missing_folder_is_an_error(world: World, tmp_path: Path) -> None:
    with pytest.raises(GlanceError, match=r"the folder .* does not exist"):
        download(world, f"{tmp_path}/nowhere/")
    with pytest.raises(GlanceError, match=r"cannot write .*nowhere/out: no such file or directory"):
        download(world, tmp_path / "nowhere" / "out")


def test_a_link_stays_and_its_target_is_replaced(world: World, tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"old")
    (tmp_path / "out").symlink_to("real")
    download(world, tmp_path / "out")
    assert (tmp_path / "out").is_symlink()
    assert (tmp_path / "real").read_bytes() == DATA


def test_a_fifo_is_written_into_and_not_replaced(world: World, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append((tmp_path / "fifo").read_bytes()))
    reader.start()
    download(world, tmp_path / "fifo")
    reader.join()
    assert got == [DATA]
    assert stat.S_ISFIFO((tmp_path / "fifo").stat().st_mode)


def test_a_device_is_written_into_and_not_replaced(world: World) -> None:
    download(world, Path("/dev/null"))
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


def test_a_full_device_is_an_error(world: World) -> None:
    with pytest.raises(GlanceError, match="cannot write /dev/full: no space left on device"):
        download(world, Path("/dev/full"))


def test_an_existing_file_is_replaced_only_with_overwrite(world: World, tmp_path: Path) -> None:
    (tmp_path / "out").write_bytes(b"good")
    with pytest.raises(GlanceError, match="exists already"):
        download(world, tmp_path / "out", overwrite=False)
    assert (tmp_path / "out").read_bytes() == b"good"
    download(world, tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == DATA


def test_an_image_larger_than_the_disk_is_refused_beforehand(
    world: World, tmp_path: Path, image: dict[str, Any]
) -> None:
    image["size"] = 2**62
    world.proxy.set(Strike("GET", "/file", promising(2**62)))
    with pytest.raises(
        GlanceError, match=rf"not enough room in .*: {2**62} bytes are needed, and \d+ are free"
    ):
        download(world, tmp_path / "out")
    assert list(tmp_path.glob("out*")) == []


def test_an_image_is_copied_into_another_cloud_with_its_fields(world: World) -> None:
    other = World()
    try:
        image = world.glance.images[ID]
        image |= {
            "os_distro": "debian",
            "os_glance_failed_import": "x",
            "kernel_id": "k",
            "tags": ["a"],
        }
        image |= {"min_disk": 3, "visibility": "public", "protected": True}
        world.proxy.set(Strike("GET", "/file", broken(MIB)))
        made = transfer.copy(world.images, image, other.images, {"name": "copy"}, world.options())
        stored = other.glance.images[made["id"]]
        assert other.glance.data[made["id"]] == DATA
        assert made["id"] != ID
        assert {
            k: stored.get(k) for k in ("name", "os_distro", "tags", "min_disk", "disk_format")
        } == {
            "name": "copy",
            "os_distro": "debian",
            "tags": ["a"],
            "min_disk": 3,
            "disk_format": "raw",
        }
        assert (
            not {"os_glance_failed_import", "kernel_id", "visibility", "protected"} & stored.keys()
        )
        assert world.notes[0] == (
            "left out, as they belong to the first cloud: kernel_id, os_glance_failed_import"
        )
    finally:
        other.close()


def test_a_copy_damaged_once_on_the_way_here_is_read_again(world: World) -> None:
    other = World()
    try:
        world.proxy.set(Strike("GET", "/file", flipped_down(5)))
        made = transfer.copy(
            world.images, world.glance.images[ID], other.images, {}, world.options()
        )
        assert other.glance.data[made["id"]] == DATA
        assert world.notes[0].startswith(f"image {ID} should have the sha512 ")
    finally:
        other.close()


def test_a_copy_whose_data_cannot_be_read_names_the_image_here(world: World) -> None:
    other = World()
    try:
        world.proxy.set(Strike("GET", "/file", status(404), times=9))
        with pytest.raises(GlanceError) as caught:
            transfer.copy(world.images, world.glance.images[ID], other.images, {}, world.options())
        assert caught.value.message.startswith(f"image {ID} does not exist, or has no data")
        assert caught.value.hint == ""
        assert other.glance.images == {}
    finally:
        other.close()


@pytest.mark.parametrize("side", ["here", "there"])
def test_a_copy_damaged_on_the_way_is_deleted(world: World, side: str) -> None:
    other = World()
    try:
        if side == "here":
            world.proxy.set(Strike("GET", "/file", flipped_down(5), times=9))
        else:
            other.proxy.set(Strike("PUT", "/file", lambda e: e.send(e.forward(flip=5)), times=9))
        with pytest.raises(GlanceError, match="was deleted"):
            transfer.copy(world.images, world.glance.images[ID], other.images, {}, world.options())
        assert other.glance.images == {}
    finally:
        other.close()


def test_the_image_is_read_again_when_the_other_cloud_breaks_the_connection(world: World) -> None:
    other = World()
    try:
        other.proxy.set(Strike("PUT", "/file", lambda e: e.reset()))
        made = transfer.copy(
            world.images, world.glance.images[ID], other.images, {}, world.options()
        )
        assert other.glance.data[made["id"]] == DATA
    finally:
        other.close()
