"""Images over Images v1: records, against tests/support/v1server.py and recorded responses."""

from __future__ import annotations

from typing import Any

import pytest
import responses

from glancecli.api import connect
from glancecli.api.interfaces import Images
from glancecli.auth.clouds import load
from glancecli.auth.identity import Identity
from glancecli.changes import Changes, RemoteData
from glancecli.checksums import parse_checksum
from glancecli.errors import AuthError, Conflict, Forbidden, GlanceError, HttpError, NotFound
from glancecli.image import Query
from tests.support.v1client import BARE, DEMO, UMLAUTS, VERSIONS, refuse, sent, service_at, speak
from tests.support.v1server import V1Server

# Versions -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", ["", "/", "/v1", "/v1/", "/v1.0", "/v1.1/", "/v2", "/v2/"])
def test_the_endpoint_may_name_a_version_and_end_in_a_slash(
    v1_server: V1Server, suffix: str
) -> None:
    assert list(speak(v1_server.url + suffix).list(Query())) == []
    assert [seen.path.partition("?")[0] for seen in v1_server.seen] == ["/", "/v1/images/detail"]


def test_version_1_is_used_where_the_response_with_status_300_offers_it() -> None:
    with V1Server(v2=True) as both, V1Server(v2=False) as old:
        for server in (both, old):
            assert speak(server.url).version == "1"


def test_a_server_that_has_lost_its_v1_is_recognised_by_status_300() -> None:
    with responses.RequestsMock() as mock:
        mock.get("http://v1.test:9292/", status=300, json=VERSIONS)
        service = service_at("http://v1.test:9292")
        only_v2 = {"versions": VERSIONS["versions"][:1]}
        mock.replace(responses.GET, "http://v1.test:9292/", status=300, json=only_v2)
        mock.get("http://v1.test:9292/v1/images/detail", status=300, json=only_v2)
        mock.get("http://v1.test:9292/v2/images", json={"images": []})
        assert list(service.images.list(Query())) == []
    assert service.version == "2"


def test_v1_is_used_on_a_server_that_has_nothing_else(v1_server: V1Server) -> None:
    v1_server.v2 = False
    identity = Identity(load({"os_image_url": v1_server.url, "os_auth_token": "demo"}, {}))
    service = connect(identity, None)
    assert service.version == "2"
    assert list(service.images.list(Query())) == []
    assert service.version == "1"
    assert connect(identity, None).version == "1"


# Create, update, delete ---------------------------------------------------------------------------


def test_a_new_image_is_sent_in_headers_and_waits_for_its_data(
    v1_server: V1Server, v1_admin: Images
) -> None:
    image = v1_admin.create(
        {
            "id": "0f5fd4b1-6ac5-4bd3-9a12-0a3a2c5f0a11",
            "name": "full",
            "visibility": "public",
            "protected": False,
            "min_disk": 3,
            "min_ram": 0,
            "owner": "someone",
            "distro": "Debian",
            "empty": "",
            **BARE,
        },
        RemoteData(
            store="file", size=64, checksum=parse_checksum("FE3A1FF59F3B89B2AD3D33F08984874B")
        ),
    )
    assert sent(v1_server) == {
        "x-image-meta-id": "0f5fd4b1-6ac5-4bd3-9a12-0a3a2c5f0a11",
        "x-image-meta-name": "full",
        "x-image-meta-is_public": "True",
        "x-image-meta-protected": "False",
        "x-image-meta-min_disk": "3",
        "x-image-meta-min_ram": "0",
        "x-image-meta-owner": "someone",
        "x-image-meta-store": "file",
        "x-image-meta-size": "64",
        "x-image-meta-checksum": "fe3a1ff59f3b89b2ad3d33f08984874b",
        "x-image-meta-property-distro": "Debian",
        "x-image-meta-property-empty": "",
        "x-image-meta-disk_format": "raw",
        "x-image-meta-container_format": "bare",
    }
    assert (image["status"], image["size"], image["visibility"]) == ("queued", 64, "public")
    assert (image["owner"], image["distro"], image["empty"]) == ("someone", "Debian", None)


def test_a_size_of_0_does_not_make_the_image_active_before_its_data(v1_images: Images) -> None:
    assert v1_images.create({"name": "x"}, RemoteData(size=0))["status"] == "queued"


@pytest.mark.parametrize("visibility", ["private", "shared"])
def test_visibility_private_and_shared_are_both_not_public(
    v1_server: V1Server, v1_images: Images, visibility: str
) -> None:
    assert v1_images.create({"visibility": visibility})["visibility"] == "shared"
    assert sent(v1_server) == {"x-image-meta-is_public": "False"}


def test_an_owner_that_the_server_ignores_causes_a_warning(v1_server: V1Server) -> None:
    warnings: list[str] = []
    image = speak(v1_server.url, warnings=warnings).create({"owner": "somebody"})
    assert warnings == [
        f"image {image['id']} belongs to demo-project: only administrators can choose another owner"
    ]


def test_making_an_image_public_without_the_right_says_so(
    v1_server: V1Server, v1_images: Images
) -> None:
    image = v1_server.add(b"x")
    said = refuse(lambda: v1_images.create({"name": "x", "visibility": "public"}), Forbidden)
    assert said == (
        "image x: policy forbids making an image public (HTTP 403, request req-1). "
        "A cloud administrator can allow it."
    )
    refuse(lambda: v1_images.update(image["id"], Changes({"visibility": "public"})), Forbidden)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"disk_format": "floppy"}, "image x: Invalid disk format 'floppy' for image"),
        (
            {"container_format": "box"},
            "image x: Invalid container format 'box' for image",
        ),
        ({"name": "x" * 256}, f"image {'x' * 256}: Image name too long: 256"),
    ],
)
def test_a_refusal_has_the_words_of_the_server(
    v1_images: Images, fields: dict[str, str], said: str
) -> None:
    assert (
        refuse(lambda: v1_images.create({"name": "x", **fields}), HttpError)
        == f"{said} (HTTP 400, request req-1)"
    )


def test_a_refused_store_has_the_words_of_the_server(v1_images: Images) -> None:
    data = RemoteData(store="nowhere")
    said = refuse(lambda: v1_images.create({"name": "x"}, data), HttpError)
    assert said == "image x: Required store nowhere is invalid (HTTP 400, request req-1)"


def test_129_properties_are_one_too_many(v1_images: Images) -> None:
    said = refuse(lambda: v1_images.create({f"p{n}": "1" for n in range(129)}), HttpError)
    assert "Attempted: 129, Maximum: 128 (HTTP 413," in said


def test_an_image_with_as_many_properties_as_the_server_takes_is_shown(v1_images: Images) -> None:
    properties = {f"p{n}": "1" for n in range(128)}
    image = v1_images.get(v1_images.create(properties)["id"])
    assert {k: image[k] for k in properties} == properties


def test_an_id_that_was_used_before_is_a_conflict_even_after_deletion(v1_images: Images) -> None:
    image_id = v1_images.create({})["id"]
    v1_images.delete(image_id)
    said = refuse(lambda: v1_images.create({"id": image_id}), Conflict)
    assert f"An image with identifier {image_id} already exists" in said


def test_an_update_leaves_other_properties_alone_unless_told_to_purge(
    v1_server: V1Server, v1_images: Images
) -> None:
    image = v1_server.add(b"x", properties={"one": "1", "two": "2"})
    changed = v1_images.update(image["id"], Changes({"name": "new", "three": "3"}))
    assert sent(v1_server)["x-glance-registry-purge-props"] == "false"
    assert {k: changed[k] for k in ("name", "one", "two", "three")} == {
        "name": "new",
        "one": "1",
        "two": "2",
        "three": "3",
    }
    v1_images.update(image["id"], Changes({"four": "4"}, purge=True))
    assert v1_server.images[image["id"]]["properties"] == {"four": "4"}
    v1_images.update(image["id"], Changes(purge=True))
    assert v1_server.images[image["id"]]["properties"] == {}


def test_removing_a_property_sends_all_others_again_null_ones_too(
    v1_server: V1Server, v1_images: Images
) -> None:
    image = v1_server.add(b"x", properties={"os_type": "linux", "empty": None, "note": UMLAUTS})
    v1_images.update(image["id"], Changes({"name": "new", "five": "5"}, remove=("OS-type",)))
    stored = v1_server.images[image["id"]]
    assert stored["properties"] == {"empty": None, "note": UMLAUTS, "five": "5"}
    assert stored["name"] == "new"


@pytest.mark.parametrize(
    ("key", "value", "why"),
    [
        ("Distro", "set through v2", "Images v1 would change its name"),
        ("note", " blanks ", "Images v1 would strip the spaces around it"),
        ("lines", "a\nb", "Images v1 cannot store line breaks"),
    ],
)
def test_a_removal_that_would_change_another_property_changes_nothing(
    v1_server: V1Server, v1_images: Images, key: str, value: str, why: str
) -> None:
    properties = {"os_type": "linux", key: value}
    image = v1_server.add(b"x", properties=dict(properties), name="old")
    said = refuse(
        lambda: v1_images.update(image["id"], Changes({"name": "new"}, remove=("os_type",))),
        GlanceError,
    )
    assert said == (
        f"image {image['id']}: no property was removed, because Images v1 needs all others again, "
        f"and '{key}' cannot be sent ({why}). "
        "Use the Images v2 API for this image."
    )
    assert (v1_server.images[image["id"]]["properties"], image["name"]) == (properties, "old")


def test_removing_a_property_that_is_not_there_removes_the_others(
    v1_server: V1Server, v1_images: Images
) -> None:
    image = v1_server.add(b"x", properties={"a": "1", "c": "2"})
    v1_images.update(image["id"], Changes(remove=("b", "a")))
    assert v1_server.images[image["id"]]["properties"] == {"c": "2"}


def test_nothing_to_change_reads_the_image_and_changes_nothing(
    v1_server: V1Server, v1_images: Images
) -> None:
    image = v1_server.add(b"x", properties={"a": "1"})
    assert v1_images.update(image["id"], Changes())["a"] == "1"
    assert v1_server.seen[-1].method == "HEAD"


def test_size_and_checksum_of_an_image_with_data_cannot_be_changed(
    v1_server: V1Server, v1_admin: Images
) -> None:
    image = v1_server.add(b"data")
    for data in (RemoteData(size=1), RemoteData(checksum=parse_checksum("0" * 32))):
        changes = Changes(data=data)
        said = refuse(lambda changes=changes: v1_admin.update(image["id"], changes), GlanceError)  # type: ignore[misc]
        assert said == f"image {image['id']} has data; its size and checksum cannot be changed"
    assert v1_server.images[image["id"]]["size"] == 4


def test_a_name_can_be_removed(v1_server: V1Server, v1_images: Images) -> None:
    image = v1_server.add(b"x", name="old")
    assert v1_images.update(image["id"], Changes({"name": ""}))["name"] is None


def test_only_status_200_means_that_an_image_was_deleted(
    v1_server: V1Server, v1_images: Images
) -> None:
    image = v1_server.add(b"x")
    v1_images.delete(image["id"])
    assert v1_server.images[image["id"]]["deleted"]
    said = refuse(lambda: v1_images.delete(image["id"]), NotFound)
    assert said.startswith(f"No image with a name or ID of '{image['id']}' exists")
    with responses.RequestsMock() as mock:
        mock.get("http://v1.test:9292/", status=300, json=VERSIONS)
        mock.delete("http://v1.test:9292/v1/images/x", status=202)
        refuse(lambda: speak("http://v1.test:9292").delete("x"), HttpError)


def test_a_protected_image_says_how_to_unprotect_it(v1_server: V1Server, v1_images: Images) -> None:
    image = v1_server.add(b"x", protected=True)
    said = refuse(lambda: v1_images.delete(image["id"]), Forbidden)
    assert "it is protected from deletion" in said
    assert f"`glance image-update {image['id']} --protected False`." in said
    assert (
        v1_images.update(image["id"], Changes({"name": "still changeable"}))["name"]
        == "still changeable"
    )


@pytest.mark.parametrize("verb", ["update", "delete"])
def test_the_error_for_an_image_that_is_only_shared_with_us_explains_status_500(
    v1_server: V1Server, v1_images: Images, verb: str
) -> None:
    image = v1_server.add(b"x", owner="other", members={DEMO: False})
    call: Any = getattr(v1_images, verb)
    arguments = [image["id"], Changes({"name": "x"})][: 2 if verb == "update" else 1]
    said = refuse(lambda: call(*arguments), HttpError)
    assert "(HTTP 500, request req-1)" in said
    assert said.endswith(
        "Images v1 responds like this when the image is only shared with you; its owner can change it."
    )


def test_somebody_elses_public_image_cannot_be_deleted(
    v1_server: V1Server, v1_images: Images
) -> None:
    image = v1_server.add(b"x", owner="other", is_public=True)
    assert "Forbidden to delete image" in refuse(lambda: v1_images.delete(image["id"]), Forbidden)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (
            "<html>\n <head>\n  <title>400 Bad Request</title>\n </head>\n <body>\n  <h1>400 Bad Request</h1>\n  "
            "Invalid disk format<br /><br />\n </body>\n</html>",
            "text/html",
        ),
        (
            '{"message": "Invalid disk format<br /><br />\\n\\n", "code": "400 Bad Request"}',
            "application/json",
        ),
        ("400 Bad Request\n\nInvalid disk format\n\n  ", "text/plain"),
    ],
)
def test_error_messages_have_no_markup(body: str, kind: str) -> None:
    with responses.RequestsMock() as mock:
        mock.get("http://v1.test:9292/", status=300, json=VERSIONS)
        mock.post("http://v1.test:9292/v1/images", status=400, body=body, content_type=kind)
        said = refuse(lambda: speak("http://v1.test:9292").create({"name": "x"}), HttpError)
    assert not set("<>\n") & set(said)
    assert said.startswith("image x: ")


def test_a_refused_token_is_a_login_error(v1_server: V1Server) -> None:
    refuse(lambda: list(speak(v1_server.url, "bad").list(Query())), AuthError)
