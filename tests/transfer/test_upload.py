"""Uploads to a service on loopback, through a proxy that injects faults."""

from __future__ import annotations

import hashlib
import os
import threading
from pathlib import Path
from typing import Any

import pytest

from glancecli import transfer
from glancecli.checksums import Checksum, parse_checksum
from glancecli.errors import GlanceError, HttpError, Stopped, describe_failure
from tests.faults.actions import cut, early, flipped_up, instead, late, lost, page, redirect
from tests.faults.proxy import Exchange, Strike
from tests.support.fakeglance import FakeGlance
from tests.support.transferring import MIB, World, noise


def create(
    world: World, path: Path, fields: dict[str, Any] | None = None, **more: Any
) -> dict[str, Any]:
    with transfer.source(str(path), None, options=world.options()) as source:
        assert source
        return transfer.create(
            world.images, {"name": "x", **(fields or {})}, source, world.options(**more)
        )


def create_from_pipe(world: World, data: bytes, **more: Any) -> dict[str, Any]:
    reader, writer = os.pipe()
    thread = threading.Thread(target=feed, args=(writer, data), daemon=True)
    thread.start()
    try:
        with (
            os.fdopen(reader) as stdin,
            transfer.source(None, stdin, options=world.options()) as source,
        ):
            assert source
            return transfer.create(world.images, {"name": "x"}, source, world.options(**more))
    finally:
        thread.join()


def feed(writer: int, data: bytes) -> None:
    try:
        with os.fdopen(writer, "wb") as pipe:
            pipe.write(data)
    except BrokenPipeError:
        return


def only(glance: FakeGlance) -> dict[str, Any]:
    (image,) = glance.images.values()
    return image


def test_a_file_is_sent_with_its_length_and_stored_unchanged(
    world: World, image_file: Path
) -> None:
    image = create(world, image_file)
    assert world.glance.data[image["id"]] == image_file.read_bytes()
    (headers,) = world.glance.requests("PUT")
    assert (
        headers["content-length"]
        == headers["x-openstack-image-size"]
        == str(image_file.stat().st_size)
    )
    assert "transfer-encoding" not in headers
    assert world.shown.moved == image_file.stat().st_size
    assert world.shown.calls == [
        ("start", "uploading", image_file.stat().st_size, 0),
        ("phase", "verifying"),
        ("stop",),
    ]


def test_a_pipe_is_sent_chunked_and_stored_unchanged(world: World) -> None:
    data = noise(2 * MIB + 7)
    image = create_from_pipe(world, data)
    assert world.glance.data[image["id"]] == data
    (headers,) = world.glance.requests("PUT")
    assert headers["transfer-encoding"] == "chunked"
    assert "content-length" not in headers
    assert "x-openstack-image-size" not in headers


def test_a_pipe_of_known_size_is_sent_with_its_length(world: World) -> None:
    data = noise(MIB)
    create_from_pipe(world, data, size=MIB)
    (headers,) = world.glance.requests("PUT")
    assert headers["content-length"] == str(MIB)


@pytest.mark.parametrize("said", [0, MIB - 1, MIB + 1])
def test_a_pipe_of_another_size_than_promised_leaves_no_image(world: World, said: int) -> None:
    with pytest.raises(
        GlanceError, match=f"standard input has (more|fewer) than the {said} bytes promised"
    ):
        create_from_pipe(world, noise(MIB), size=said)
    assert world.glance.images == {}


@pytest.mark.parametrize("read", [0, 1, MIB])
def test_a_401_during_an_upload_costs_a_login_and_another_attempt(
    world: World, image_file: Path, read: int
) -> None:
    world.proxy.set(Strike("PUT", "/file", early(401, read)))
    image = create(world, image_file)
    assert world.glance.data[image["id"]] == image_file.read_bytes()
    assert len(world.identity.renewed) == 1


def test_a_second_401_is_the_end(world: World, image_file: Path) -> None:
    world.proxy.set(Strike("PUT", "/file", early(401), times=9))
    with pytest.raises(HttpError, match=r": no; it was deleted \(HTTP 401\)"):
        create(world, image_file)
    assert len(world.identity.renewed) == 2
    assert world.glance.images == {}


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
@pytest.mark.parametrize("fault", [early, late])
def test_a_file_is_sent_again_after_a_temporary_failure(
    world: World, image_file: Path, status: int, fault: Any
) -> None:
    world.proxy.set(Strike("PUT", "/file", fault(status)))
    image = create(world, image_file)
    assert world.glance.data[image["id"]] == image_file.read_bytes()


@pytest.mark.parametrize("status", [400, 403, 404, 409, 410, 413, 415])
def test_a_refusal_is_reported_and_the_new_image_deleted(
    world: World, image_file: Path, status: int
) -> None:
    world.proxy.set(Strike("PUT", "/file", early(status, MIB), times=9))
    with pytest.raises(HttpError, match=rf": no; it was deleted \(HTTP {status}\)"):
        create(world, image_file)
    assert world.glance.images == {}
    assert len(world.proxy.struck) == 1


@pytest.mark.parametrize("at", [0, 1, MIB, 3 * MIB + 12344])
def test_a_file_is_sent_again_after_a_reset(world: World, image_file: Path, at: int) -> None:
    world.proxy.set(Strike("PUT", "/file", cut(at)))
    image = create(world, image_file)
    assert world.glance.data[image["id"]] == image_file.read_bytes()


def test_a_pipe_is_not_sent_twice(world: World) -> None:
    world.proxy.set(Strike("PUT", "/file", cut(MIB)))
    with pytest.raises(GlanceError, match=r"standard input cannot be read twice.*was deleted"):
        create_from_pipe(world, noise(2 * MIB))
    assert world.glance.images == {}
    assert len(world.proxy.struck) == 1


@pytest.mark.parametrize("kind", ["file", "pipe"])
def test_data_whose_response_got_lost_is_found_stored(
    world: World, image_file: Path, kind: str
) -> None:
    world.proxy.set(Strike("PUT", "/file", lost))
    data = image_file.read_bytes()
    image = create(world, image_file) if kind == "file" else create_from_pipe(world, data)
    assert image["status"] == "active"
    assert world.glance.data[image["id"]] == data
    assert len(world.glance.requests("PUT")) == 1


def test_a_flipped_byte_is_noticed_and_the_image_deleted(world: World, image_file: Path) -> None:
    world.proxy.set(Strike("PUT", "/file", flipped_up(2 * MIB)))
    with pytest.raises(
        GlanceError,
        match=r"has the sha512 \w+, and the data that was sent has \w+; image .* was deleted$",
    ):
        create(world, image_file)
    assert world.glance.images == {}


def test_a_wrong_image_that_is_kept_is_deactivated(world: World, image_file: Path) -> None:
    world.proxy.set(Strike("PUT", "/file", flipped_up(0)))
    with pytest.raises(GlanceError, match=r"; image \S+ has been deactivated\."):
        create(world, image_file, keep=True)
    assert only(world.glance)["status"] == "deactivated"


def test_a_stalled_upload_ends_after_the_stall_timeout(world: World, image_file: Path) -> None:
    world.proxy.set(Strike("PUT", "/file", Exchange.stall, times=9))
    with pytest.raises(GlanceError, match=r"no data to or from .* for 1 s; image .* was deleted\."):
        create(world, image_file, retries=0)
    assert world.glance.images == {}


def test_after_a_lost_response_the_new_image_is_looked_for(world: World, image_file: Path) -> None:
    world.proxy.set(Strike("POST", "/images", lost))
    image = create(world, image_file)
    assert [image["id"]] == list(world.glance.images)
    assert len(world.glance.requests("POST")) == 1


def test_an_image_that_was_not_created_is_created_again(world: World, image_file: Path) -> None:
    world.proxy.set(Strike("POST", "/images", late(500)))
    create(world, image_file)
    assert only(world.glance)["status"] == "active"


def test_a_conflict_on_the_second_try_means_that_the_first_one_worked(
    world: World, image_file: Path
) -> None:
    world.proxy.set(Strike("POST", "/images", lost), Strike("GET", "/images/", late(404)))
    create(world, image_file)
    assert only(world.glance)["status"] == "active"


def test_an_existing_image_with_the_given_id_is_left_alone(world: World, image_file: Path) -> None:
    world.glance.add("00000000-0000-4000-8000-000000000001", b"theirs")
    with pytest.raises(HttpError, match="already exists"):
        create(world, image_file, {"id": "00000000-0000-4000-8000-000000000001"})
    with pytest.raises(HttpError, match="already exists"):
        transfer.create_without_upload(
            world.images, {"id": "00000000-0000-4000-8000-000000000001"}, world.options()
        )
    assert world.glance.data == {"00000000-0000-4000-8000-000000000001": b"theirs"}


def test_an_image_without_data_is_found_after_a_lost_response(world: World) -> None:
    world.proxy.set(Strike("POST", "/images", lost))
    image = transfer.create_without_upload(world.images, {"name": "x"}, world.options())
    assert only(world.glance)["id"] == image["id"]


def test_an_image_that_was_created_although_refused_is_deleted(
    world: World, image_file: Path
) -> None:
    world.proxy.set(Strike("POST", "/images", instead(415)))
    with pytest.raises(HttpError, match=r"; image .* was deleted \(HTTP 415\)"):
        create(world, image_file)
    assert world.glance.images == {}


def test_a_refused_image_is_not_reported_as_kept(world: World, image_file: Path) -> None:
    world.proxy.set(Strike("POST", "/images", late(403)))
    with pytest.raises(HttpError) as caught:
        create(world, image_file, keep=True)
    assert describe_failure(caught.value) == "image x: no (HTTP 403)"


def test_a_wrong_image_that_cannot_be_deleted_is_deactivated(
    world: World, image_file: Path
) -> None:
    world.proxy.set(Strike("PUT", "/file", flipped_up(7)), Strike("DELETE", "", late(500), times=9))
    with pytest.raises(
        GlanceError, match=r"; deleting the image failed \(.*\); image \S+ has been deactivated\."
    ):
        create(world, image_file)
    assert only(world.glance)["status"] == "deactivated"


def test_a_deletion_that_fails_once_is_retried(world: World, image_file: Path) -> None:
    world.proxy.set(Strike("PUT", "/file", early(413)), Strike("DELETE", "", lost))
    with pytest.raises(HttpError, match=r"; it was deleted"):
        create(world, image_file)
    assert world.glance.images == {}


def test_a_kept_image_is_named_with_the_next_commands(world: World, image_file: Path) -> None:
    world.proxy.set(Strike("PUT", "/file", early(413)))
    with pytest.raises(GlanceError) as caught:
        create(world, image_file, keep=True)
    image = only(world.glance)
    image_id = image["id"]
    assert str(caught.value) == (
        f"image {image_id}: no; it is kept (HTTP 413). "
        f"`glance image-upload {image_id} --file FILE` uploads its data; "
        f"`glance image-delete {image_id}` deletes it."
    )


def test_a_protected_new_image_is_deleted_as_well(world: World, image_file: Path) -> None:
    world.proxy.set(Strike("PUT", "/file", early(413)))
    with pytest.raises(GlanceError, match="was deleted"):
        create(world, image_file, {"protected": True})
    assert world.glance.images == {}


def test_a_new_image_that_cannot_be_deleted_is_named(world: World, image_file: Path) -> None:
    world.proxy.set(Strike("PUT", "/file", early(413)), Strike("DELETE", "", late(500), times=9))
    with pytest.raises(GlanceError) as caught:
        create(world, image_file)
    image_id = only(world.glance)["id"]
    assert str(caught.value) == (
        f"image {image_id}: no; deleting the image failed (image {image_id}: no (HTTP 500)); "
        f"it may still exist (HTTP 413). `glance image-delete {image_id}` deletes it."
    )


@pytest.mark.parametrize("signal", [KeyboardInterrupt(), Stopped("terminated", signal_number=15)])
def test_a_signal_stops_and_cleans_up(
    world: World, image_file: Path, signal: BaseException
) -> None:
    def interrupt(count: int) -> None:
        raise signal

    world.shown.advance = interrupt  # type: ignore[method-assign]
    with pytest.raises(Stopped, match=r"image .* was deleted") as caught:
        create(world, image_file)
    assert caught.value.exit_code == (143 if isinstance(signal, Stopped) else 130)
    assert world.glance.images == {}


def test_an_interrupted_upload_names_its_image(world: World, image_file: Path) -> None:
    def interrupt(text: str) -> None:
        raise KeyboardInterrupt

    image = world.glance.add("a1")
    world.shown.phase = interrupt  # type: ignore[method-assign]
    with transfer.source(str(image_file), None) as source, pytest.raises(Stopped) as caught:
        transfer.upload(world.images, image, source, world.options())
    assert str(caught.value) == (
        "interrupted; the upload to image a1 is incomplete. `glance image-show a1` shows its state."
    )


@pytest.mark.parametrize("change", [b"more", b""])
def test_a_file_that_changes_its_size_leaves_no_image(
    world: World, image_file: Path, change: bytes
) -> None:
    def touch(count: int) -> None:
        if change:
            with image_file.open("ab") as file:
                file.write(change)
        else:
            os.truncate(image_file, MIB + 1)

    world.shown.advance = touch  # type: ignore[method-assign]
    with pytest.raises(
        GlanceError, match=r"changed from 3158073 to \d+ bytes while it was being sent"
    ):
        create(world, image_file)
    assert world.glance.images == {}


def test_a_checksum_of_another_file_ends_before_anything_is_sent(
    world: World, image_file: Path
) -> None:
    with pytest.raises(GlanceError, match=r"has the md5 .*, not 0{32} as --checksum says"):
        create(world, image_file, checksum=Checksum("md5", "0" * 32))
    with pytest.raises(GlanceError, match="has 3158073 bytes, not 5 as --size says"):
        create(world, image_file, size=5)
    assert world.glance.seen == []


def test_a_checksum_of_another_pipe_leaves_no_image(world: World) -> None:
    with pytest.raises(GlanceError, match=r"has the sha256 .*, not 0{64} as --checksum says"):
        create_from_pipe(world, noise(MIB), checksum=Checksum("sha256", "0" * 64))
    assert world.glance.images == {}
    assert world.glance.data == {}


def test_the_right_checksum_is_taken_in_any_case(world: World, image_file: Path) -> None:
    digest = hashlib.md5(image_file.read_bytes()).hexdigest().upper()
    create(world, image_file, checksum=parse_checksum(digest))
    assert only(world.glance)["status"] == "active"


@pytest.mark.parametrize("algorithm", ["sha256", None])
def test_the_hash_of_a_service_with_another_algorithm_is_verified(
    world: World, image_file: Path, algorithm: str | None
) -> None:
    world.glance.algorithm = algorithm
    create(world, image_file)
    world.proxy.set(Strike("PUT", "/file", flipped_up(5)))
    with pytest.raises(GlanceError, match=f"has the {algorithm or 'md5'} "):
        create(world, image_file)
    assert world.warnings == []


def test_of_a_pipe_only_the_size_is_verified_when_the_service_has_another_hash(
    world: World,
) -> None:
    world.glance.algorithm = "sha256"
    create_from_pipe(world, noise(1000))
    (warning,) = world.warnings
    (image_id,) = world.glance.images
    assert warning == (
        f"only the size of image {image_id} was verified: the service hashes by sha256; "
        "use --hash-algo sha256 the next time"
    )
    world.warnings.clear()
    create_from_pipe(world, noise(1000), hash_algo="sha256")
    assert world.warnings == []


def test_without_verification_nothing_is_compared_with_a_warning(
    world: World, image_file: Path
) -> None:
    world.proxy.set(Strike("PUT", "/file", flipped_up(5)))
    image = create(world, image_file, verify=False)
    assert world.warnings == [f"image {image['id']} will not be verified (--no-verify)"]


def test_a_queued_image_stays_after_a_failure_and_takes_data_later(
    world: World, image_file: Path
) -> None:
    image = world.glance.add("a1", name="here")
    world.proxy.set(Strike("PUT", "/file", early(413)))
    with transfer.source(str(image_file), None) as source:
        with pytest.raises(HttpError):
            transfer.upload(world.images, image, source, world.options())
        assert world.glance.images["a1"]["status"] == "queued"
        source.rewind()
        assert transfer.upload(world.images, image, source, world.options())["status"] == "active"
    assert world.glance.data["a1"] == image_file.read_bytes()


def test_an_existing_image_with_wrong_data_is_deactivated(world: World, image_file: Path) -> None:
    image = world.glance.add("a1")
    world.proxy.set(Strike("PUT", "/file", flipped_up(9)))
    with (
        transfer.source(str(image_file), None) as source,
        pytest.raises(
            GlanceError, match=r"^image a1 has the sha512 .*; image a1 has been deactivated\."
        ),
    ):
        transfer.upload(world.images, image, source, world.options())
    assert world.glance.images["a1"]["status"] == "deactivated"


def test_data_is_staged_for_an_import(world: World, image_file: Path) -> None:
    image = world.glance.add("a1")
    with transfer.source(str(image_file), None) as source:
        assert transfer.stage(world.images, image, source, world.options())["status"] == "uploading"
    assert world.glance.staged["a1"] == image_file.read_bytes()


def test_partly_staged_data_is_staged_again_after_the_service_dropped_it(
    world: World, image_file: Path
) -> None:
    def not_noticed_yet(exchange: Exchange) -> None:
        exchange.answer(
            200, b'{"id": "a1", "status": "uploading"}', Content_Type="application/json"
        )

    image = world.glance.add("a1")
    world.proxy.set(
        Strike("PUT", "/stage", cut(MIB)), Strike("GET", "/v2/images/a1$", not_noticed_yet, times=2)
    )
    with transfer.source(str(image_file), None) as source:
        assert (
            transfer.stage(world.images, image, source, world.options(stall=5.0))["status"]
            == "uploading"
        )
    assert world.glance.staged["a1"] == image_file.read_bytes()


def test_staged_data_is_not_sent_again_after_a_lost_response(
    world: World, image_file: Path
) -> None:
    image = world.glance.add("a1")
    world.proxy.set(Strike("PUT", "/stage", lost))
    with transfer.source(str(image_file), None) as source:
        assert transfer.stage(world.images, image, source, world.options())["status"] == "uploading"
    assert len(world.glance.requests("PUT", "/stage")) == 1


def test_a_login_page_instead_of_a_204_is_a_failure(world: World, image_file: Path) -> None:
    world.proxy.set(Strike("PUT", "/file", page, times=9))
    with pytest.raises(
        GlanceError, match=r'a web page titled "Log in"; it was deleted \(HTTP 200\)'
    ):
        create(world, image_file)


def test_a_redirect_is_not_followed(world: World, image_file: Path) -> None:
    world.proxy.set(Strike("PUT", "/file", redirect))
    with pytest.raises(GlanceError, match=r"redirects to http://elsewhere.test/"):
        create(world, image_file)
    assert world.glance.images == {}


def test_a_token_must_live_through_the_upload(world: World, image_file: Path) -> None:
    create(world, image_file)
    assert max(world.identity.lives) >= 900
