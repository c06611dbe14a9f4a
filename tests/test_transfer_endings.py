"""How uploads end when it is not clear how they ended."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from glancecli import transfer
from glancecli.errors import GlanceError
from tests.faults.actions import stalled_answer, status
from tests.faults.proxy import Exchange, Fault, Strike
from tests.transferring import World, image_file, noise, world

__all__ = ["image_file", "world"]


def upload(world: World, path: Path, **more: Any) -> dict[str, Any]:
    image = world.glance.add("a1", name="here")
    with transfer.source(str(path), None) as source:
        assert source
        return transfer.upload(world.images, image, source, world.options(**more))


@pytest.mark.parametrize("fault", [Exchange.reset, stalled_answer, status(500)])
def test_data_that_was_sent_and_cannot_be_looked_at_is_named(
    world: World, image_file: Path, fault: Fault
) -> None:
    world.proxy.set(Strike("GET", "/v2/images/a1$", fault, times=9))
    with pytest.raises(GlanceError) as caught:
        upload(world, image_file)
    assert "all data was sent to image a1, and whether it is right is not known" in caught.value.message
    assert caught.value.hint == "'image-show a1' shows it."
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
        "all data was sent, and the service is still at work on image a1: it is 'saving'. "
        "'image-show a1' tells how it goes on; --timeout gives it longer."
    )
    assert world.glance.images["a1"]["status"] == "saving"


def test_an_image_that_somebody_else_has_filled_is_left_alone(world: World, image_file: Path) -> None:
    def overtaken(exchange: Exchange) -> None:
        world.glance.store(world.glance.images["a1"], noise(5000, seed=2))
        exchange.answer(503, b"{}", Content_Type="application/json")

    world.proxy.set(
        Strike("GET", "/v2/images/a1$", lambda e: e.answer(200, QUEUED, Content_Type="application/json")),
        Strike("PUT", "/file", overtaken),
    )
    with pytest.raises(
        GlanceError, match="image a1 has been given other data by somebody else: image a1 has"
    ):
        upload(world, image_file)
    assert world.glance.images["a1"]["status"] == "active"
    assert world.glance.data["a1"] == noise(5000, seed=2)


QUEUED = b'{"id": "a1", "status": "queued"}'


def test_a_hash_that_is_not_known_here_ends_before_anything_is_sent(world: World, image_file: Path) -> None:
    with transfer.source(str(image_file), None) as source, pytest.raises(GlanceError) as caught:
        transfer.create(world.images, {"name": "x"}, source, world.options(hash_algo="bogus"))
    assert str(caught.value) == "the hash algorithm 'bogus' is not known here"
    assert world.glance.requests("POST") == []
