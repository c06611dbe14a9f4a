"""How uploads end when no response tells how they ended."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from glancecli import transfer
from glancecli.errors import GlanceError, Stopped, describe_hint
from tests.faults.actions import early, stalled_answer, status
from tests.faults.proxy import Exchange, Fault, Strike
from tests.support.transferring import World, noise, terminated


def upload(world: World, path: Path, **more: Any) -> dict[str, Any]:
    image = world.glance.add("a1", name="here")
    with transfer.source(str(path), None) as source:
        assert source
        return transfer.upload(world.images, image, source, world.options(**more))


def test_an_image_without_data_is_deleted_after_a_signal(world: World) -> None:
    world.proxy.set(Strike("POST", "/v2/images$", stalled_answer))
    with (
        terminated(after=0.2),
        pytest.raises(Stopped, match=r"^terminated; image .* was deleted$") as caught,
    ):
        transfer.create_without_upload(world.images, {"name": "x"}, world.options())
    assert caught.value.exit_code == 143
    assert world.glance.images == {}


def test_a_signal_during_the_clean_up_names_the_image_that_may_be_left(
    world: World, image_file: Path
) -> None:
    world.proxy.set(Strike("PUT", "/file", early(413)), Strike("DELETE", "", Exchange.stall))
    fields = {"id": "a1", "name": "x"}
    with (
        terminated(after=0.5),
        pytest.raises(Stopped) as caught,
        transfer.source(str(image_file), None) as source,
    ):
        transfer.create(world.images, fields, source, world.options(stall=5.0))
    assert str(caught.value) == (
        "terminated; image a1 may still exist. `glance image-delete a1` deletes it."
    )
    assert caught.value.exit_code == 143


def test_another_image_with_the_given_id_is_not_mistaken_for_ours(
    world: World, image_file: Path
) -> None:
    world.glance.add("a1", name="theirs")
    world.proxy.set(Strike("POST", "/v2/images$", status(502)))
    fields = {"id": "a1", "name": "mine", "c": "d"}
    with transfer.source(str(image_file), None) as source, pytest.raises(GlanceError) as caught:
        transfer.create(world.images, fields, source, world.options())
    assert str(caught.value).endswith("; another image has the ID a1 (HTTP 502)")
    assert world.glance.images["a1"]["name"] == "theirs"
    assert world.glance.requests("PUT") == []


@pytest.mark.parametrize("fault", [Exchange.reset, stalled_answer, status(500)])
def test_data_that_was_sent_and_cannot_be_verified_is_an_error(
    world: World, image_file: Path, fault: Fault
) -> None:
    world.proxy.set(Strike("GET", "/v2/images/a1$", fault, times=9))
    with pytest.raises(GlanceError) as caught:
        upload(world, image_file)
    assert "; all data was sent to image a1, but it could not be verified" in str(caught.value)
    assert describe_hint(caught.value) == "`glance image-show a1` shows its state."
    assert world.glance.data["a1"] == image_file.read_bytes()


def test_an_image_that_the_service_still_works_on_is_kept(world: World, image_file: Path) -> None:
    def saves_for_long(exchange: Exchange) -> None:
        exchange.forward()
        world.glance.images["a1"]["status"] = "saving"
        exchange.answer(204, b"")

    world.proxy.set(Strike("PUT", "/file", saves_for_long))
    fields = {"id": "a1", "name": "x"}
    with transfer.source(str(image_file), None) as source, pytest.raises(GlanceError) as caught:
        transfer.create(world.images, fields, source, world.options(wait=0.1))
    assert str(caught.value) == (
        "all data was sent, but the service still works on image a1: it is 'saving'. "
        "`glance image-show a1` shows its state; --timeout waits longer."
    )
    assert world.glance.images["a1"]["status"] == "saving"


def test_an_image_with_the_data_of_another_upload_is_left_alone(
    world: World, image_file: Path
) -> None:
    def overtaken(exchange: Exchange) -> None:
        world.glance.store(world.glance.images["a1"], noise(5000, seed=2))
        exchange.answer(503, b"{}", Content_Type="application/json")

    world.proxy.set(
        Strike(
            "GET",
            "/v2/images/a1$",
            lambda e: e.answer(200, QUEUED, Content_Type="application/json"),
        ),
        Strike("PUT", "/file", overtaken),
    )
    with pytest.raises(
        GlanceError, match=r"^image a1 became active with the data of another upload: image a1 has"
    ):
        upload(world, image_file)
    assert world.glance.images["a1"]["status"] == "active"
    assert world.glance.data["a1"] == noise(5000, seed=2)


def test_an_image_with_the_data_of_another_upload_is_left_alone_after_an_early_refusal(
    world: World, image_file: Path
) -> None:
    def overtaken(exchange: Exchange) -> None:
        exchange.drain()
        world.glance.store(world.glance.images["a1"], noise(5000, seed=2))
        exchange.answer(503, b"{}", Content_Type="application/json")

    world.proxy.set(
        Strike(
            "GET",
            "/v2/images/a1$",
            lambda e: e.answer(200, QUEUED, Content_Type="application/json"),
        ),
        Strike("PUT", "/file", overtaken),
        Strike("PUT", "/file", early(409)),
    )
    with pytest.raises(
        GlanceError, match=r"^image a1 became active with the data of another upload"
    ):
        upload(world, image_file)
    assert world.glance.images["a1"]["status"] == "active"


QUEUED = b'{"id": "a1", "status": "queued"}'


def test_an_unknown_hash_algorithm_ends_before_anything_is_sent(
    world: World, image_file: Path
) -> None:
    with transfer.source(str(image_file), None) as source, pytest.raises(GlanceError) as caught:
        transfer.create(world.images, {"name": "x"}, source, world.options(hash_algo="bogus"))
    assert str(caught.value) == "the hash algorithm 'bogus' is not known here"
    assert world.glance.requests("POST") == []
