"""Images in Nova's words are the same with the image proxy and without it, and so are refusals."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from responses import RequestsMock, matchers

from glancecli.api.compute.nova_images import as_nova
from glancecli.errors import Forbidden, GlanceError, HttpError, NotFound, UsageError
from tests.support.novas import (
    GLANCE,
    NOVA,
    SERVER,
    SNAPSHOT,
    A,
    B,
    calls,
    compute_on,
    glance_image,
    nova_error,
    nova_image,
    query,
    room_of,
    sent_body,
    serve_everywhere,
    serve_list,
    serve_none,
    serve_one,
    unconnected,
)

ROOM = pytest.mark.parametrize("room", ["proxy", "no proxy"])

# Images ---------------------------------------------------------------------------------------------


@ROOM
def test_a_list_has_novas_fields_and_is_sorted_by_name(cloud: RequestsMock, room: str) -> None:
    nova = room_of(cloud, room)
    queued = glance_image("c" * 8 + A[8:], "Alpine", status="queued", size=None, min_disk=1)
    serve_list(cloud, room, SNAPSHOT, glance_image(), queued)
    found = nova.image_list()
    assert [(i["name"], i["status"], i["progress"], i.get("server")) for i in found] == [
        ("Alpine", "SAVING", 25, None),
        ("cirros", "ACTIVE", 100, None),
        ("snap", "ACTIVE", 100, {"id": SERVER}),
    ]
    assert found[2] == {
        "id": B,
        "name": "snap",
        "status": "ACTIVE",
        "created": "2026-11-23T10:00:00Z",
        "updated": "2026-11-23T10:00:01Z",
        "minDisk": 0,
        "minRam": 64,
        "progress": 100,
        "OS-EXT-IMG-SIZE:size": 3072,
        "metadata": {"image_type": "snapshot", "instance_uuid": SERVER, "base_image_ref": A},
        "server": {"id": SERVER},
    }
    assert found[0]["OS-EXT-IMG-SIZE:size"] == 0


@pytest.mark.parametrize(
    ("state", "word", "progress"),
    [
        ("active", "ACTIVE", 100),
        ("queued", "SAVING", 25),
        ("saving", "SAVING", 50),
        ("killed", "ERROR", 0),
        ("deleted", "DELETED", 0),
        ("pending_delete", "DELETED", 0),
        ("deactivated", "UNKNOWN", 0),
        ("importing", "UNKNOWN", 0),
    ],
)
def test_each_status_has_novas_word_and_progress(state: str, word: str, progress: int) -> None:
    image = as_nova(glance_image(status=state))
    assert (image["status"], image["progress"]) == (word, progress)


@pytest.mark.parametrize(
    ("value", "word"), [("True", "AUTO"), ("false", "MANUAL"), ("0", "MANUAL")]
)
def test_auto_disk_config_is_shown_as_nova_does(value: str, word: str) -> None:
    assert as_nova(glance_image(auto_disk_config=value))["OS-DCF:diskConfig"] == word


@ROOM
def test_all_conditions_must_hold_and_are_checked_again(cloud: RequestsMock, room: str) -> None:
    nova = room_of(cloud, room)
    other_case = glance_image(A, "Snap", instance_uuid=SERVER)
    serve_list(cloud, room, SNAPSHOT, other_case)
    found = nova.image_list(name="snap", status="active", server_id=SERVER)
    assert [i["id"] for i in found] == [B]
    names = {"proxy": "server", "no proxy": "instance_uuid"}
    expected = {
        "name": "snap",
        names[room]: SERVER,
        "status": "ACTIVE" if room == "proxy" else "active",
    }
    assert expected.items() <= query(cloud).items()


@ROOM
@pytest.mark.parametrize("word", ["SAVING", "saving", "queued"])
def test_the_status_saving_includes_queued_images(
    cloud: RequestsMock, room: str, word: str
) -> None:
    nova = room_of(cloud, room)
    serve_list(
        cloud,
        room,
        glance_image(A, "q", status="queued"),
        glance_image(B, "s", status="saving"),
        SNAPSHOT,
    )
    assert [i["name"] for i in nova.image_list(status=word)] == ["q", "s"]
    assert "status" not in query(cloud)


@ROOM
def test_a_limit_selects_the_newest_images(cloud: RequestsMock, room: str) -> None:
    nova = room_of(cloud, room)
    serve_list(cloud, room, glance_image(B, "newest"), glance_image(A, "older"))
    assert [i["name"] for i in nova.image_list(limit=1)] == ["newest"]
    assert query(cloud)["limit"] == "1"


@ROOM
def test_a_limit_of_0_sends_no_request(cloud: RequestsMock, room: str) -> None:
    assert unconnected().image_list(limit=0) == []
    assert calls(cloud) == []


def test_all_pages_of_the_proxy_are_read(cloud: RequestsMock) -> None:
    nova = compute_on(cloud)
    link = {"rel": "next", "href": "http://wrong.host/images/detail?marker=x"}
    first = {"images": [nova_image(glance_image(B, "two"))], "images_links": [link]}
    cloud.get(
        f"{NOVA}/v2.1/images/detail",
        json=first,
        match=[matchers.query_param_matcher({"limit": "1000"})],
    )
    cloud.get(
        f"{NOVA}/v2.1/images/detail",
        json={"images": [nova_image(glance_image(A, "one"))]},
        match=[matchers.query_param_matcher({"limit": "1000", "marker": B})],
    )
    assert [i["name"] for i in nova.image_list()] == ["one", "two"]


def test_a_pagination_loop_is_an_error(cloud: RequestsMock) -> None:
    nova = compute_on(cloud)
    page = {"images": [nova_image(glance_image())], "images_links": [{"rel": "next", "href": "x"}]}
    cloud.get(f"{NOVA}/v2.1/images/detail", json=page)
    with pytest.raises(GlanceError, match="pagination loop"):
        nova.image_list()


def test_a_list_of_another_shape_is_an_error(cloud: RequestsMock) -> None:
    nova = compute_on(cloud)
    cloud.get(f"{NOVA}/v2.1/images/detail", json={"pictures": []})
    with pytest.raises(GlanceError, match="not a list of images"):
        nova.image_list()


@pytest.mark.parametrize("name", ["in:a", "in:a,b", "debian:12"])
def test_a_name_that_begins_like_an_operator_is_not_sent(cloud: RequestsMock, name: str) -> None:
    nova = compute_on(cloud)
    serve_list(cloud, "proxy", glance_image(A, name), glance_image(B, "a"))
    assert [i["id"] for i in nova.image_list(name=name)] == [A]
    assert query(cloud) == {"limit": "1000"}


@ROOM
def test_an_id_is_shown_with_one_request(cloud: RequestsMock, room: str) -> None:
    nova = room_of(cloud, room)
    serve_one(cloud, room, SNAPSHOT)
    assert nova.image_show(B) == as_nova(SNAPSHOT)
    assert len(calls(cloud)) == 2  # the version document, and the image


@ROOM
def test_a_name_is_shown(cloud: RequestsMock, room: str) -> None:
    nova = room_of(cloud, room)
    serve_list(cloud, room, SNAPSHOT)
    assert nova.image_show("snap") == as_nova(SNAPSHOT)


@ROOM
def test_an_unknown_name_has_the_message_of_the_old_client(cloud: RequestsMock, room: str) -> None:
    nova = room_of(cloud, room)
    serve_everywhere(cloud, room)
    with pytest.raises(NotFound) as caught:
        nova.image_show("nothing")
    assert str(caught.value) == (
        "No image with a name or ID of 'nothing' exists. It may be another project's, or deleted."
    )


@ROOM
def test_a_hidden_image_is_found_by_its_name(cloud: RequestsMock, room: str) -> None:
    nova = room_of(cloud, room)
    serve_everywhere(cloud, room)
    serve_list(cloud, "no proxy", glance_image(A, "hid", os_hidden=True))
    assert nova.image_show("hid") == as_nova(glance_image(A, "hid"))
    assert query(cloud)["os_hidden"] == "true"


@ROOM
def test_an_unknown_id_may_be_a_name(cloud: RequestsMock, room: str) -> None:
    nova = room_of(cloud, room)
    serve_none(cloud, room, A)
    serve_list(cloud, room, glance_image(B, A))
    assert nova.image_show(A)["id"] == B


@ROOM
def test_an_ambiguous_name_lists_its_candidates(cloud: RequestsMock, room: str) -> None:
    nova = room_of(cloud, room)
    serve_everywhere(cloud, room, glance_image(A, "snap", owner="p2"), SNAPSHOT)
    with pytest.raises(GlanceError) as caught:
        nova.image_show("snap")
    assert [str(caught.value), *caught.value.candidates] == [
        "Multiple images are named 'snap', use an ID to be more specific:",
        f"{A} active      project p2 created 2026-11-23T10:00:00Z",
        f"{B} active      project p1 created 2026-11-23T10:00:00Z",
    ]


NO_IMAGE = "No image with a name or ID of 'snap' exists. It may be another project's, or deleted."
SEVERAL = f"Multiple images are named 'snap', use an ID to be more specific:\n{A}\n{B}"


@pytest.mark.parametrize("why", ["no endpoint", "no connection", "another version"])
@pytest.mark.parametrize(
    ("there", "message"), [((), NO_IMAGE), ((glance_image(A, "snap"), SNAPSHOT), SEVERAL)]
)
def test_the_refusal_of_the_proxy_is_reported_where_the_image_service_cannot_be_asked(
    cloud: RequestsMock,
    monkeypatch: pytest.MonkeyPatch,
    why: str,
    there: tuple[dict[str, Any], ...],
    message: str,
) -> None:
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    nova = compute_on(cloud, image_url="" if why == "no endpoint" else GLANCE)
    serve_list(cloud, "proxy", *there)
    if why == "no connection":
        cloud.get(f"{GLANCE}/v2/images", body=requests.exceptions.ConnectionError("reset"))
    if why == "another version":
        nova.client.http.identity.remember("image_versions", "")
        cloud.get(f"{GLANCE}/v2/images", status=404)
        cloud.get(f"{GLANCE}/", status=300, json={"versions": [{"id": "v1.1"}]})
    with pytest.raises(GlanceError) as caught:
        nova.image_show("snap")
    assert "\n".join([str(caught.value), *caught.value.candidates]) == message


@ROOM
def test_a_delete_by_id_is_one_request(cloud: RequestsMock, room: str) -> None:
    nova = room_of(cloud, room)
    cloud.delete(
        f"{NOVA}/v2.1/images/{A}" if room == "proxy" else f"{GLANCE}/v2/images/{A}", status=204
    )
    nova.image_delete(A)
    assert [c.split()[0] for c in calls(cloud)] == ["GET", "DELETE"]


@ROOM
def test_a_delete_by_name_deletes_that_image(cloud: RequestsMock, room: str) -> None:
    nova = room_of(cloud, room)
    serve_list(cloud, room, SNAPSHOT)
    cloud.delete(
        f"{NOVA}/v2.1/images/{B}" if room == "proxy" else f"{GLANCE}/v2/images/{B}", status=204
    )
    nova.image_delete("snap")


@ROOM
def test_deleting_an_unknown_image_is_an_error(cloud: RequestsMock, room: str) -> None:
    nova = room_of(cloud, room)
    serve_none(cloud, room, A, "DELETE")
    serve_none(cloud, room, A)
    if room == "proxy":
        serve_none(cloud, "no proxy", A)
    serve_everywhere(cloud, room)
    with pytest.raises(NotFound, match=f"No image with a name or ID of '{A}' exists."):
        nova.image_delete(A)


@ROOM
@pytest.mark.parametrize(
    ("refusal", "message"),
    [
        (
            f"Image {A} is protected and cannot be deleted.",
            f"image {A}: it is protected from deletion (HTTP 403). "
            f"Unprotect it first: `glance image-update {A} --protected False`.",
        ),
        (
            "You are not authorized to complete delete_image action.",
            f"image {A}: policy forbids deleting this image (delete_image) (HTTP 403). "
            "Only the image's project may, with the member role. A cloud administrator can allow it.",
        ),
    ],
)
def test_a_refused_delete_has_the_reason_of_the_image_service(
    cloud: RequestsMock, room: str, refusal: str, message: str
) -> None:
    nova = room_of(cloud, room)
    if room == "proxy":
        vague = nova_error("forbidden", 403, "You are not allowed to delete the image.")
        cloud.delete(f"{NOVA}/v2.1/images/{A}", status=403, json=vague)
    cloud.delete(f"{GLANCE}/v2/images/{A}", status=403, body=f"<html><body>{refusal}</body></html>")
    with pytest.raises(Forbidden) as caught:
        nova.image_delete(A)
    assert str(caught.value) == message


def test_metadata_is_set_by_one_merging_request(cloud: RequestsMock) -> None:
    nova = compute_on(cloud)
    cloud.post(f"{NOVA}/v2.1/images/{A}/metadata", json={"metadata": {"k": "v", "old": "x"}})
    nova.set_metadata(A, {"k": "v"})
    assert sent_body(cloud) == {"metadata": {"k": "v"}}


@pytest.mark.parametrize("low", ["2.36", "2.38"])
def test_metadata_is_sent_to_nova_where_only_its_images_are_gone(
    cloud: RequestsMock, low: str
) -> None:
    nova = compute_on(cloud, low=low)
    cloud.post(f"{NOVA}/v2.1/images/{A}/metadata", json={"metadata": {"k": "v"}})
    nova.set_metadata(A, {"k": "v"})
    assert cloud.calls[-1].request.headers["OpenStack-API-Version"] == f"compute {low}"


def test_metadata_is_sent_to_the_image_service_where_nova_has_none(cloud: RequestsMock) -> None:
    nova = compute_on(cloud, low="2.39")
    cloud.patch(f"{GLANCE}/v2/images/{A}", json=glance_image(k="v"))
    nova.set_metadata(A, {"k": "v"})
    assert sent_body(cloud) == [{"op": "add", "path": "/k", "value": "v"}]


def test_metadata_is_deleted_key_by_key(cloud: RequestsMock) -> None:
    nova = compute_on(cloud)
    serve_one(cloud, "proxy", glance_image(**{"a b": "1", "k": "2"}))
    cloud.delete(f"{NOVA}/v2.1/images/{A}/metadata/a%20b", status=204)
    cloud.delete(f"{NOVA}/v2.1/images/{A}/metadata/k", status=204)
    nova.delete_metadata(A, ["a b", "k", "k"])
    assert [c.split()[0] for c in calls(cloud)] == ["GET", "GET", "DELETE", "DELETE"]


@pytest.mark.parametrize(
    ("key", "value"), [("größe", "1"), ("a/b", "1"), ("k", "v" * 256), ("k" * 256, "v")]
)
def test_metadata_that_nova_does_not_accept_is_sent_to_the_image_service(
    cloud: RequestsMock, key: str, value: str
) -> None:
    nova = compute_on(cloud)
    cloud.patch(f"{GLANCE}/v2/images/{A}", json=glance_image())
    nova.set_metadata(A, {key: value})
    assert sent_body(cloud) == [{"op": "add", "path": "/" + key.replace("/", "~1"), "value": value}]


def test_the_image_service_deletes_metadata_in_one_request(cloud: RequestsMock) -> None:
    nova = compute_on(cloud, low="2.39")
    serve_one(cloud, "no proxy", glance_image(k="2", m="3"))
    cloud.patch(f"{GLANCE}/v2/images/{A}", json=glance_image())
    nova.delete_metadata(A, ["k", "m"])
    assert sent_body(cloud) == [{"op": "remove", "path": "/k"}, {"op": "remove", "path": "/m"}]


@ROOM
def test_a_missing_key_is_reported_before_anything_is_deleted(
    cloud: RequestsMock, room: str
) -> None:
    nova = room_of(cloud, room)
    serve_one(cloud, room, glance_image(k="2"))
    with pytest.raises(NotFound, match=f"image {A} has no metadata 'none'; nothing was deleted"):
        nova.delete_metadata(A, ["k", "none"])


@pytest.mark.parametrize(
    ("key", "message"),
    [
        (
            "name",
            "'name' is an attribute of the image, not a property. See `glance image-update --help`.",
        ),
        (
            "min_disk",
            "'min_disk' is an attribute of the image, not a property. See `glance image-update --help`.",
        ),
        ("location", "'location' is not a property. See `glance location-add --help`."),
        ("locations", "'locations' is not a property. See `glance location-add --help`."),
        ("os_glance_x", "'os_glance_x' is reserved for the Image service itself"),
    ],
)
def test_keys_that_are_not_metadata_are_refused_before_a_request(
    cloud: RequestsMock, key: str, message: str
) -> None:
    nova = unconnected()
    with pytest.raises(UsageError) as setting:
        nova.set_metadata(A, {key: "x"})
    with pytest.raises(UsageError) as deleting:
        nova.delete_metadata(A, [key])
    assert (str(setting.value), str(deleting.value)) == (message, message)
    assert calls(cloud) == []


LIMIT = "The limit has been exceeded on the number of allowed image properties. Attempted: 140, Maximum: 128"


@pytest.mark.parametrize("low", ["2.1", "2.39"])
@pytest.mark.parametrize("status", [403, 500])
def test_refused_metadata_has_the_reason_of_the_image_service(
    cloud: RequestsMock, low: str, status: int
) -> None:
    nova = compute_on(cloud, low=low)
    if low == "2.1":
        vague = nova_error("computeFault", status, "Unexpected API Error.")
        cloud.post(f"{NOVA}/v2.1/images/{A}/metadata", status=status, json=vague)
    cloud.patch(f"{GLANCE}/v2/images/{A}", status=413, body=f"<html><body>{LIMIT}</body></html>")
    with pytest.raises(HttpError) as caught:
        nova.set_metadata(A, {"x": "y"})
    assert str(caught.value) == f"image {A}: {LIMIT} (HTTP 413)"


def test_the_image_service_deletes_a_key_that_nova_fails_to_delete(cloud: RequestsMock) -> None:
    nova = compute_on(cloud)
    serve_one(cloud, "proxy", glance_image(k="1"))
    message = nova_error("computeFault", 500, "Unexpected API Error.")
    cloud.delete(f"{NOVA}/v2.1/images/{A}/metadata/k", status=500, json=message)
    cloud.patch(f"{GLANCE}/v2/images/{A}", json=glance_image())
    nova.delete_metadata(A, ["k"])
    assert sent_body(cloud) == [{"op": "remove", "path": "/k"}]


def test_setting_metadata_of_an_unknown_image_is_an_error(cloud: RequestsMock) -> None:
    nova = compute_on(cloud)
    cloud.post(
        f"{NOVA}/v2.1/images/{A}/metadata",
        status=404,
        json=nova_error("itemNotFound", 404, "Image not found."),
    )
    with pytest.raises(NotFound, match=f"No image with a name or ID of '{A}' exists."):
        nova.set_metadata(A, {"k": "v"})


@ROOM
def test_backups_of_a_kind_come_newest_first(cloud: RequestsMock, room: str) -> None:
    nova = room_of(cloud, room)
    daily = {"image_type": "backup", "backup_type": "daily", "instance_uuid": SERVER}
    old = glance_image(A, "old", **daily)
    new = glance_image(B, "new", **{**daily, "created_at": "2026-11-24T10:00:00Z"})
    weekly = glance_image(SERVER, "weekly", **{**daily, "backup_type": "weekly"})
    serve_list(cloud, room, new, SNAPSHOT, weekly, old)
    assert [i["name"] for i in nova.backups(SERVER, "daily")] == ["new", "old"]
