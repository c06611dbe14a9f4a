"""Data and members over Images v1."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from glancecli.api import connect
from glancecli.api.interfaces import Images, Members
from glancecli.api.negotiation import ImageService
from glancecli.auth.clouds import load
from glancecli.auth.identity import Identity
from glancecli.changes import RemoteData
from glancecli.checksums import Checksum
from glancecli.errors import Conflict, ConnectionFailed, Forbidden, HttpError, NotFound
from glancecli.text import Messages
from tests.support.v1client import BARE, UMLAUTS, refuse, service_at
from tests.support.v1server import V1Server


@pytest.fixture
def members(v1_server: V1Server) -> Members:
    return service_at(v1_server.url).members


# Data ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [12, None])
def test_data_with_a_length_or_chunked_makes_the_image_active(
    v1_server: V1Server, v1_images: Images, size: int | None
) -> None:
    made = v1_images.create({"name": "x", **BARE, "os": "1"})
    v1_images.put_data(made["id"], [b"some ", b"data of"], size, store="file")
    stored = v1_server.images[made["id"]]
    assert (stored["status"], stored["data"], stored["properties"]) == (
        "active",
        b"some data of",
        {"os": "1"},
    )
    headers = v1_server.seen[-1].headers
    assert headers.get("content-length") == (str(size) if size else None)
    assert headers.get("x-image-meta-size") == (str(size) if size else None)
    assert (headers["content-type"], headers["x-image-meta-store"]) == (
        "application/octet-stream",
        "file",
    )


def test_empty_data_makes_an_active_image_of_0_bytes(
    v1_server: V1Server, v1_images: Images
) -> None:
    made = v1_images.create({"name": "x", **BARE}, RemoteData(size=0))
    v1_images.put_data(made["id"], [], 0)
    assert v1_images.get(made["id"])["status"] == "active"


def test_data_for_an_image_that_has_its_data_is_a_conflict(
    v1_server: V1Server, v1_images: Images
) -> None:
    image = v1_server.add(b"old")
    said = refuse(lambda: v1_images.put_data(image["id"], [b"new"], 3), Conflict)
    assert "Cannot upload to an unqueued image" in said
    assert v1_server.images[image["id"]]["data"] == b"old"


@pytest.mark.parametrize(
    ("promise", "said"),
    [({"checksum": Checksum("md5", "0" * 32)}, "checksum"), ({"size": 99}, "size")],
)
def test_data_with_another_size_or_checksum_sets_the_image_to_killed(
    v1_server: V1Server, v1_images: Images, promise: dict[str, Any], said: str
) -> None:
    made = v1_images.create(BARE, RemoteData(**promise))
    words = refuse(lambda: v1_images.put_data(made["id"], iter([b"data"]), None), HttpError)
    assert f"Supplied {said} (" in words
    assert "did not match. Setting image status to 'killed' (HTTP 400, " in words
    assert v1_images.get(made["id"])["status"] == "killed"


def read(images: Images, image_id: str, **more: Any) -> tuple[int, bytes]:
    data = images.open_data(image_id, **more)
    buffer = bytearray(1000)
    try:
        return data.status, bytes(buffer[: data.readinto(memoryview(buffer))])
    finally:
        data.close()


def test_a_download_returns_all_data_whatever_range_is_asked_for(
    v1_server: V1Server, v1_images: Images
) -> None:
    image = v1_server.add(b"0123456789")
    assert read(v1_images, image["id"]) == (200, b"0123456789")
    assert read(v1_images, image["id"], start=5) == (200, b"0123456789")
    assert read(v1_images, v1_server.add(b"")["id"]) == (200, b"")


def test_a_queued_image_has_no_data_and_an_unknown_one_does_not_exist(
    v1_server: V1Server, v1_images: Images
) -> None:
    image = v1_server.add()
    with pytest.raises(HttpError) as caught:
        v1_images.open_data(image["id"])
    assert caught.value.status == 204
    refuse(lambda: v1_images.open_data("1546eb88-0000-0000-0000-000000000000"), NotFound)
    deactivated = v1_server.add(b"x", status="deactivated")
    assert "is deactivated" in refuse(lambda: v1_images.open_data(deactivated["id"]), Forbidden)


def test_a_server_that_is_down_is_a_failed_connection(
    v1_server: V1Server, v1_images: Images
) -> None:
    made = v1_images.create({**BARE})
    v1_server._http.shutdown()
    v1_server._http.server_close()
    refuse(lambda: v1_images.put_data(made["id"], [b"x"], 1), ConnectionFailed)


# Members ------------------------------------------------------------------------------------------


def test_members_can_be_added_listed_by_image_and_by_project_and_removed(
    v1_server: V1Server, members: Members
) -> None:
    image_id = v1_server.add(b"x")["id"]
    assert members.list(image_id) == []
    members.add(image_id, "p1")
    assert members.add(image_id, "p2", can_share=True) == {
        "image_id": image_id,
        "member_id": "p2",
        "can_share": True,
    }
    assert members.list(image_id) == [
        {"image_id": image_id, "member_id": "p1", "can_share": False},
        {"image_id": image_id, "member_id": "p2", "can_share": True},
    ]
    assert members.shared_with("p2") == [
        {"image_id": image_id, "member_id": "p2", "can_share": True}
    ]
    assert members.get(image_id, "p1")["can_share"] is False
    members.remove(image_id, "p1")
    assert refuse(lambda: members.remove(image_id, "p1"), NotFound) == (
        f"image {image_id}: it is not shared with project p1 (request req-1)"
    )
    refuse(lambda: members.get(image_id, "p1"), NotFound)
    assert members.shared_with("unknown") == []


def test_members_of_an_unknown_image_are_an_error(members: Members) -> None:
    said = refuse(lambda: members.list("1546eb88-0000-0000-0000-000000000000"), NotFound)
    assert said.startswith(
        "No image with a name or ID of '1546eb88-0000-0000-0000-000000000000' exists"
    )


def test_a_project_name_with_slashes_stays_one_path_segment(
    v1_server: V1Server, members: Members
) -> None:
    image_id = v1_server.add(b"x")["id"]
    members.add(image_id, "a/b?c")
    assert list(v1_server.images[image_id]["members"]) == ["a/b?c"]


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (
            lambda service: service.members.set_status("x", "p", "accepted"),
            "Images v1 has no member status: a member sees a shared image at once",
        ),
        (lambda service: service.images.deactivate("x"), "Images v1 cannot deactivate images"),
        (
            lambda service: service.images.stage_data("x", [], 0),
            "Images v1 has no staging area; image-upload sends the data at once",
        ),
    ],
)
def test_what_v1_does_not_have_is_refused_and_nothing_is_sent(
    v1_server: V1Server, call: Callable[[ImageService], object], said: str
) -> None:
    service = service_at(v1_server.url)
    before = len(v1_server.seen)
    assert refuse(lambda: call(service)) == said
    assert len(v1_server.seen) == before


def test_a_debug_trace_shows_headers_as_text(v1_server: V1Server) -> None:
    lines: list[str] = []
    settings = load({"os_image_url": v1_server.url, "os_auth_token": "demo"}, {})
    identity = Identity(settings, Messages(trace=lines.append))
    connect(identity, "1").images.create({"name": UMLAUTS})
    assert f"> x-image-meta-name: {UMLAUTS}" in lines
    assert "> X-Auth-Token: ***" in lines
