"""Images v1 over the wire, against the server of tests/v1server.py and against recorded answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import responses

from glancecli.api import Changes, Image, Query, WrongVersion, connect, find
from glancecli.api.v1 import ImagesV1
from glancecli.auth import Identity
from glancecli.clouds import load
from glancecli.errors import (
    AuthError,
    Conflict,
    ConnectionFailed,
    Forbidden,
    GlanceError,
    HttpError,
    NotFound,
    UsageError,
)
from tests.v1server import V1Server

UMLAUTS = "Grüße 日本 Åà慅"  # among its UTF-8 bytes are 85 and A0, which Latin-1 takes for blanks
BARE = {"disk_format": "raw", "container_format": "bare"}
DEMO = "demo-project"


@pytest.fixture
def server() -> Iterator[V1Server]:
    with V1Server() as found:
        yield found


def speak(url: str, token: str = "demo", warnings: list[str] | None = None) -> ImagesV1:
    """The Images interface of a v1 server; what it warns of goes into the list."""
    identity = Identity(load({"os_image_url": url, "os_auth_token": token}, {}), warn=print)
    images = connect(identity, "1", warn=(warnings if warnings is not None else []).append)
    assert isinstance(images, ImagesV1)
    return images


@pytest.fixture
def images(server: V1Server) -> ImagesV1:
    return speak(server.url)


@pytest.fixture
def admin(server: V1Server) -> ImagesV1:
    return speak(server.url, "admin")


def names(found: Iterator[Image]) -> list[str | None]:
    return [image["name"] for image in found]


def sent(server: V1Server) -> dict[str, str]:
    """What the last request said of an image."""
    return {k: v for k, v in server.seen[-1].headers.items() if k.startswith(("x-image", "x-glance"))}


def refuse(work: Callable[[], object], kind: type[GlanceError] = UsageError) -> str:
    with pytest.raises(kind) as caught:
        work()
    return str(caught.value)


# Headers ------------------------------------------------------------------------------------------


def test_a_name_outside_ascii_goes_and_comes_as_raw_utf8(server: V1Server, images: ImagesV1) -> None:
    made = images.create({"name": UMLAUTS, "os": UMLAUTS})
    assert server.images[made["id"]]["name"] == UMLAUTS
    assert (made["name"], made["os"]) == (UMLAUTS, UMLAUTS)
    shown = images.get(made["id"])
    assert (shown["name"], shown["os"]) == (UMLAUTS, UMLAUTS)


@pytest.mark.parametrize("name", ["a b 50%+1", "Gr%C3%BC%C3%9Fe", 'a"b\\c', "[bold]x[/]", "a:b=c;d,e", "-x"])
def test_no_value_is_percent_encoded_or_quoted(server: V1Server, images: ImagesV1, name: str) -> None:
    made = images.create({"name": name, "note": name})
    assert sent(server) == {"x-image-meta-name": name, "x-image-meta-property-note": name}
    assert images.get(made["id"])["note"] == name


@pytest.mark.parametrize("value", [" x", "x ", "\tx", "x\t", " "])
def test_blanks_that_would_be_lost_are_refused_and_nothing_is_sent(
    server: V1Server, images: ImagesV1, value: str
) -> None:
    before = len(server.seen)
    said = refuse(lambda: images.create({"name": value}))
    assert said == f"name '{value}': Images v1 would lose the blanks at its ends; leave them out"
    refuse(lambda: images.update("x", Changes({"note": value})))
    assert len(server.seen) == before


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"tags": ["a"]}, "Images v1 has no tags"),
        ({"os_hidden": True}, "Images v1 has no os_hidden"),
        ({"note": "a\nb"}, "note: Images v1 cannot store line breaks"),
        ({"note": "a\0b"}, "note: Images v1 cannot store line breaks"),
        ({"note": "\udcff"}, "note is not valid UTF-8"),
        (
            {"note": "x" * 16384},
            "note is 16384 bytes long; an Images v1 server takes 16384 in a header line",
        ),
        (
            {"größe": "1"},
            "property 'größe': Images v1 sends property names as header names, which are ASCII letters, "
            "digits and !#$%&'*+-.^_`|~",
        ),
        (
            {"a b": "1"},
            "property 'a b': Images v1 sends property names as header names, which are ASCII letters, "
            "digits and !#$%&'*+-.^_`|~",
        ),
        ({"os_type": "a", "os-type": "b"}, "property 'os-type' is given twice, as Images v1 spells it"),
        (
            {"checksum": "a" * 64},
            "Images v1 keeps an MD5 checksum, which has 32 hexadecimal digits",
        ),
        (
            {"visibility": "community"},
            "visibility 'community' needs Images v2: v1 knows public, and private or shared",
        ),
    ],
)
def test_what_no_header_can_carry_is_refused_and_nothing_is_sent(
    server: V1Server, images: ImagesV1, fields: dict[str, str], said: str
) -> None:
    before = len(server.seen)
    assert refuse(lambda: images.create(fields)) == said
    assert len(server.seen) == before


def test_the_longest_value_that_fits_is_stored_whole(images: ImagesV1) -> None:
    value = "x" * (16384 - len("x-image-meta-property-note: "))
    made = images.create({"note": value})
    assert images.get(made["id"])["note"] == value


def test_a_property_name_that_the_server_changes_draws_a_warning_that_names_what_it_becomes(
    server: V1Server,
) -> None:
    warnings: list[str] = []
    made = speak(server.url, warnings=warnings).create({"Distro": "Debian", "kernel-id": "k", "plain": "1"})
    assert (made["distro"], made["kernel_id"], made["plain"]) == ("Debian", "k", "1")
    assert warnings == [
        "Images v1 stores property 'Distro' as 'distro'",
        "Images v1 stores property 'kernel-id' as 'kernel_id'",
    ]


def test_null_attributes_have_no_header_and_are_none(server: V1Server, images: ImagesV1) -> None:
    image = server.add(properties={"distro": "Debian", "empty": None})
    assert images.get(image["id"]) == {
        "id": image["id"],
        "name": None,
        "status": "queued",
        "owner": DEMO,
        "checksum": None,
        "container_format": None,
        "disk_format": None,
        "created_at": image["created_at"],
        "updated_at": image["updated_at"],
        "deleted_at": None,
        "size": 0,
        "virtual_size": None,
        "min_disk": 0,
        "min_ram": 0,
        "protected": False,
        "deleted": False,
        "visibility": "shared",
        "distro": "Debian",
    }


def test_headers_in_title_case_become_attributes_numbers_and_booleans() -> None:
    with responses.RequestsMock() as mock:
        mock.get("http://v1.test:9292/", status=300, json=VERSIONS)
        mock.head(
            "http://v1.test:9292/v1/images/1546eb88",
            headers={
                "X-Image-Meta-Id": "1546eb88",
                "X-Image-Meta-Deleted": "False",
                "X-Image-Meta-Container_format": "bare",
                "X-Image-Meta-Checksum": "fe3a1ff59f3b89b2ad3d33f08984874b",
                "X-Image-Meta-Protected": "True",
                "X-Image-Meta-Min_disk": "3",
                "X-Image-Meta-Created_at": "2026-11-23T14:41:52.620371",
                "X-Image-Meta-Size": "64",
                "X-Image-Meta-Status": "active",
                "X-Image-Meta-Is_public": "True",
                "X-Image-Meta-Min_ram": "256",
                "X-Image-Meta-Owner": "someone",
                "X-Image-Meta-Disk_format": "raw",
                "X-Image-Meta-Name": "full",
                "X-Image-Meta-Property-Distro": "Debian",
                "X-Image-Meta-Property-Os_version": "12",
                "X-Image-Meta-Property-Kernel_id": "k1",
            },
        )
        image = speak("http://v1.test:9292").get("1546eb88")
    assert {k: v for k, v in image.items() if v is not None} == {
        "id": "1546eb88",
        "deleted": False,
        "container_format": "bare",
        "checksum": "fe3a1ff59f3b89b2ad3d33f08984874b",
        "protected": True,
        "min_disk": 3,
        "created_at": "2026-11-23T14:41:52.620371",
        "size": 64,
        "status": "active",
        "visibility": "public",
        "min_ram": 256,
        "owner": "someone",
        "disk_format": "raw",
        "name": "full",
        "distro": "Debian",
        "os_version": "12",
        "kernel_id": "k1",
    }


# Versions -----------------------------------------------------------------------------------------

VERSIONS = {
    "versions": [
        {"status": "CURRENT", "id": "v2.5", "links": []},
        {"status": "DEPRECATED", "id": "v1.1", "links": []},
        {"status": "SUPPORTED", "id": "v1.0", "links": []},
    ]
}


@pytest.mark.parametrize("suffix", ["", "/", "/v1", "/v1/", "/v1.0", "/v1.1/", "/v2", "/v2/"])
def test_the_endpoint_may_name_a_version_and_end_in_a_slash(server: V1Server, suffix: str) -> None:
    assert list(speak(server.url + suffix).list(Query())) == []
    assert [seen.path.partition("?")[0] for seen in server.seen] == ["/", "/v1/images/detail"]


def test_version_1_is_spoken_where_the_answer_with_status_300_offers_it() -> None:
    with V1Server(v2=True) as both, V1Server(v2=False) as old:
        for server in (both, old):
            assert speak(server.url).version == "1"


def test_a_server_that_has_lost_its_v1_is_noticed_by_its_300() -> None:
    with responses.RequestsMock() as mock:
        mock.get("http://v1.test:9292/", status=300, json=VERSIONS)
        images = speak("http://v1.test:9292")
        only_v2 = {"versions": VERSIONS["versions"][:1]}
        mock.replace(responses.GET, "http://v1.test:9292/", status=300, json=only_v2)
        mock.get("http://v1.test:9292/v1/images/detail", status=300, json=only_v2)
        with pytest.raises(WrongVersion) as caught:
            list(images.list(Query()))
    assert caught.value.found == "2"
    assert images.http.identity.fact("image_versions") == "2"


def test_a_server_with_v1_only_makes_v2_step_back(server: V1Server) -> None:
    server.v2 = False
    identity = Identity(load({"os_image_url": server.url, "os_auth_token": "demo"}, {}), warn=print)
    with pytest.raises(WrongVersion):
        list(connect(identity, None).list(Query()))
    assert connect(identity, None).version == "1"


# Lists --------------------------------------------------------------------------------------------


def test_the_list_is_read_to_its_end_whatever_the_server_gives_at_once(images: ImagesV1) -> None:
    for server_page in (1, 7, 25, 1000):
        with V1Server(max_page=server_page) as server:
            wanted = sorted(server.add(name=f"i{n:02}", is_public=True)["name"] for n in range(30))
            assert names(speak(server.url).list(Query())) == wanted


def test_every_page_is_asked_for_by_the_last_marker_and_an_empty_one_ends_it() -> None:
    with V1Server(max_page=2) as server:
        ids = [server.add(name=f"i{n}")["id"] for n in range(4)]
        assert len(list(speak(server.url).list(Query()))) == 4
        assert [s.path for s in server.seen[1:]] == [
            "/v1/images/detail?sort_key=name&sort_dir=asc&limit=1000",
            f"/v1/images/detail?sort_key=name&sort_dir=asc&limit=1000&marker={ids[1]}",
            f"/v1/images/detail?sort_key=name&sort_dir=asc&limit=1000&marker={ids[3]}",
        ]


def test_a_page_that_shrinks_is_the_last() -> None:
    with V1Server(max_page=3) as server:
        for n in range(5):
            server.add(name=f"i{n}")
        assert len(list(speak(server.url).list(Query()))) == 5
        assert len(server.seen) == 1 + 2


def test_a_server_that_ignores_the_marker_does_not_hold_us_for_ever() -> None:
    row = {"id": "a", "name": "x", "properties": {}}
    with responses.RequestsMock() as mock:
        mock.get("http://v1.test:9292/", status=300, json=VERSIONS)
        mock.get("http://v1.test:9292/v1/images/detail", json={"images": [row]})
        said = refuse(lambda: list(speak("http://v1.test:9292").list(Query())), GlanceError)
    assert said == "the list goes round in a circle; it is not complete"


@pytest.mark.parametrize("body", ["[]", '{"images": null}', "<html><title>Login</title></html>"])
def test_a_list_of_the_wrong_shape_is_an_error(body: str) -> None:
    with responses.RequestsMock() as mock:
        mock.get("http://v1.test:9292/", status=300, json=VERSIONS)
        mock.get("http://v1.test:9292/v1/images/detail", body=body)
        refuse(lambda: list(speak("http://v1.test:9292").list(Query())), GlanceError)


def test_limit_ends_the_list_and_0_sends_nothing(server: V1Server, images: ImagesV1) -> None:
    for n in range(5):
        server.add(name=f"i{n}")
    assert names(images.list(Query(limit=2))) == ["i0", "i1"]
    assert server.seen[-1].path == "/v1/images/detail?sort_key=name&sort_dir=asc&limit=2"
    before = len(server.seen)
    assert names(images.list(Query(limit=0))) == []
    assert len(server.seen) == before


def test_marker_and_page_size_are_the_servers(server: V1Server, images: ImagesV1) -> None:
    ids = [server.add(name=f"i{n}")["id"] for n in range(3)]
    assert names(images.list(Query(marker=ids[0], page_size=1))) == ["i1", "i2"]
    assert all("limit=1&" in seen.path + "&" for seen in server.seen[1:])


def test_filters_that_the_server_knows_are_sent(server: V1Server, images: ImagesV1) -> None:
    server.add(b"data", name=UMLAUTS, properties={"kernel_id": "k"}, protected=True, min_ram=256)
    server.add(b"data and more", name="other")
    for query in (
        Query(filters=(("name", UMLAUTS),)),
        Query(filters=(("kernel-id", "k"),)),
        Query(filters=(("protected", "true"), ("status", "active"))),
        Query(filters=(("min_ram", "256"), ("disk_format", "raw"), ("container_format", "bare"))),
        Query(size_min=4, size_max=4),
    ):
        assert names(images.list(query)) == [UMLAUTS]
    assert "size_min=4&size_max=4" in server.seen[-1].path


def test_property_filters_use_the_name_that_the_server_stores(server: V1Server) -> None:
    warnings: list[str] = []
    assert names(speak(server.url, warnings=warnings).list(Query(filters=(("Kernel-Id", "k"),)))) == []
    assert "property-kernel_id=k" in server.seen[-1].path
    assert warnings == ["Images v1 stores property 'Kernel-Id' as 'kernel_id'"]


def test_owner_and_checksum_are_sifted_here_from_everybodys_images(server: V1Server, admin: ImagesV1) -> None:
    server.add(b"a", name="mine")
    server.add(b"b", name="theirs", owner="other")
    assert names(admin.list(Query(filters=(("owner", "other"),)))) == ["theirs"]
    assert "is_public=None" in server.seen[-1].path
    assert "owner" not in server.seen[-1].path
    checksum = server.add(b"c", name="c", owner="admin-project")["checksum"]
    assert names(admin.list(Query(filters=(("checksum", checksum),)))) == ["c"]


def test_a_limit_counts_what_is_left_after_sifting(server: V1Server, admin: ImagesV1) -> None:
    for n in range(6):
        server.add(name=f"i{n}", owner=f"p{n % 2}")
    assert names(admin.list(Query(filters=(("owner", "p1"),), limit=2))) == ["i1", "i3"]


def test_whose_images_an_administrator_sees_is_chosen_by_is_public(
    server: V1Server, admin: ImagesV1, images: ImagesV1
) -> None:
    server.add(name="own", owner="admin-project")
    server.add(name="private", owner="other")
    server.add(name="public", owner="other", is_public=True)
    assert names(admin.list(Query())) == ["own", "public"]
    assert names(admin.list(Query(everybody=True))) == ["own", "private", "public"]
    assert names(admin.list(Query(public=True))) == ["public"]
    assert names(admin.list(Query(public=False))) == ["own", "private"]
    assert names(admin.list(Query(filters=(("visibility", "public"),)))) == ["public"]
    assert names(admin.list(Query(filters=(("visibility", "private"),)))) == ["own"]
    assert names(admin.list(Query(filters=(("visibility", "all"),)))) == ["own", "private", "public"]
    assert names(images.list(Query(public=False))) == []


def test_deleted_images_are_listed_by_changes_since(server: V1Server, admin: ImagesV1) -> None:
    server.add(name="gone", status="deleted", deleted=True, owner="admin-project")
    server.add(name="killed", status="killed", owner="admin-project")
    assert names(admin.list(Query())) == []
    everything = Query(changes_since="2001-01-01T00:00:00Z")
    assert names(admin.list(everything)) == ["gone", "killed"]
    assert names(admin.list(everything._replace(filters=(("status", "killed"),)))) == ["killed"]


def test_a_time_that_the_server_cannot_read_is_its_error(images: ImagesV1) -> None:
    said = refuse(lambda: list(images.list(Query(changes_since="soon"))), HttpError)
    assert said == "Unrecognized changes-since value soon (HTTP 400) (request req-1)"


@pytest.mark.parametrize(
    ("query", "said"),
    [
        (Query(tags=("a",)), "Images v1 has no tags"),
        (Query(hidden=True), "Images v1 hides no images"),
        (Query(sort=(("name", "asc"), ("size", "desc"))), "Images v1 sorts by one key"),
        (
            Query(sort=(("owner", "asc"),)),
            "Images v1 cannot sort by owner; it can by name, status, container_format, disk_format, size, id, "
            "created_at, updated_at",
        ),
        (Query(filters=(("os_hash_value", "x"),)), "Images v1 cannot list by os_hash_value"),
        (Query(filters=(("member_status", "all"),)), "Images v1 cannot list by member_status"),
        (Query(filters=(("id", "x"),)), "Images v1 cannot list by id"),
        (
            Query(filters=(("visibility", "community"),)),
            "community images are in no list of an Images v1 server",
        ),
        (
            Query(filters=(("status", "killed"),)),
            "an Images v1 server lists killed images with --changes-since TIME only; image-show ID shows one",
        ),
    ],
)
def test_what_the_server_would_silently_ignore_is_refused_and_nothing_is_sent(
    server: V1Server, images: ImagesV1, query: Query, said: str
) -> None:
    before = len(server.seen)
    assert refuse(lambda: list(images.list(query))) == said
    assert len(server.seen) == before


# Names and IDs ------------------------------------------------------------------------------------


def test_a_name_is_looked_up_by_the_server_and_costs_one_request(server: V1Server, images: ImagesV1) -> None:
    image = server.add(name=UMLAUTS)
    before = len(server.seen)
    assert find(images, UMLAUTS)["id"] == image["id"]
    assert len(server.seen) == before + 1


def test_an_administrators_lookup_goes_on_among_everybodys(server: V1Server, admin: ImagesV1) -> None:
    image = server.add(name="hidden away", owner="other")
    assert find(admin, "hidden away")["id"] == image["id"]


def test_a_name_that_several_images_have_lists_them(server: V1Server, images: ImagesV1) -> None:
    ids = [server.add(name="dup")["id"] for _ in range(2)]
    said = refuse(lambda: find(images, "dup"), GlanceError)
    assert said.startswith("Multiple images are named 'dup'")
    assert all(image_id in said for image_id in ids)


def test_a_killed_image_is_shown_by_its_id(server: V1Server, images: ImagesV1) -> None:
    image = server.add(name="broken", status="killed")
    assert images.get(image["id"])["status"] == "killed"
    assert refuse(lambda: find(images, "broken"), NotFound).startswith(
        "No image with a name or ID of 'broken' exists"
    )


def test_a_deleted_image_is_shown_to_administrators_only(
    server: V1Server, admin: ImagesV1, images: ImagesV1
) -> None:
    image = server.add(b"x")
    images.delete(image["id"])
    shown = admin.get(image["id"])
    assert (shown["status"], shown["deleted"], bool(shown["deleted_at"])) == ("deleted", True, True)
    refuse(lambda: images.get(image["id"]), NotFound)


# Create, update, delete ---------------------------------------------------------------------------


def test_a_new_record_carries_everything_in_headers_and_waits_for_its_data(
    server: V1Server, admin: ImagesV1
) -> None:
    image = admin.create(
        {
            "id": "0f5fd4b1-6ac5-4bd3-9a12-0a3a2c5f0a11",
            "name": "full",
            "visibility": "public",
            "protected": False,
            "min_disk": 3,
            "min_ram": 0,
            "owner": "someone",
            "store": "file",
            "size": 64,
            "checksum": "FE3A1FF59F3B89B2AD3D33F08984874B",
            "distro": "Debian",
            "empty": "",
            **BARE,
        }
    )
    assert sent(server) == {
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


def test_a_size_of_0_does_not_make_the_image_active_before_its_data(images: ImagesV1) -> None:
    assert images.create({"name": "x", "size": 0})["status"] == "queued"


@pytest.mark.parametrize("visibility", ["private", "shared"])
def test_visibility_private_and_shared_are_both_not_public(
    server: V1Server, images: ImagesV1, visibility: str
) -> None:
    assert images.create({"visibility": visibility})["visibility"] == "shared"
    assert sent(server) == {"x-image-meta-is_public": "False"}


def test_an_owner_that_the_server_ignores_draws_a_warning(server: V1Server) -> None:
    warnings: list[str] = []
    image = speak(server.url, warnings=warnings).create({"owner": "somebody"})
    assert warnings == [
        f"image {image['id']} belongs to demo-project: only administrators choose another owner"
    ]


def test_making_an_image_public_without_the_right_says_so(server: V1Server, images: ImagesV1) -> None:
    image = server.add(b"x")
    said = refuse(lambda: images.create({"name": "x", "visibility": "public"}), Forbidden)
    assert said == (
        "image x: you have no right to make images public (HTTP 403) (request req-1). "
        "A cloud administrator decides who may."
    )
    refuse(lambda: images.update(image["id"], Changes({"visibility": "public"})), Forbidden)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"disk_format": "floppy"}, "image x: Invalid disk format 'floppy' for image. (HTTP 400)"),
        ({"container_format": "box"}, "image x: Invalid container format 'box' for image. (HTTP 400)"),
        ({"name": "x" * 256}, f"image {'x' * 256}: Image name too long: 256 (HTTP 400)"),
        ({"store": "nowhere"}, "image x: Required store nowhere is invalid (HTTP 400)"),
    ],
)
def test_what_the_server_refuses_is_said_in_its_words(
    images: ImagesV1, fields: dict[str, str], said: str
) -> None:
    assert refuse(lambda: images.create({"name": "x", **fields}), HttpError) == f"{said} (request req-1)"


def test_129_properties_are_one_too_many(images: ImagesV1) -> None:
    said = refuse(lambda: images.create({f"p{n}": "1" for n in range(129)}), HttpError)
    assert "Attempted: 129, Maximum: 128 (HTTP 413)" in said


def test_an_image_with_as_many_properties_as_the_server_takes_is_shown(images: ImagesV1) -> None:
    properties = {f"p{n}": "1" for n in range(128)}
    image = images.get(images.create(properties)["id"])
    assert {k: image[k] for k in properties} == properties


def test_an_id_that_was_used_before_is_a_conflict_even_after_deletion(images: ImagesV1) -> None:
    image_id = images.create({})["id"]
    images.delete(image_id)
    said = refuse(lambda: images.create({"id": image_id}), Conflict)
    assert f"An image with identifier {image_id} already exists" in said


def test_an_update_leaves_other_properties_alone_unless_told_to_purge(
    server: V1Server, images: ImagesV1
) -> None:
    image = server.add(b"x", properties={"one": "1", "two": "2"})
    changed = images.update(image["id"], Changes({"name": "new", "three": "3"}))
    assert sent(server)["x-glance-registry-purge-props"] == "false"
    assert {k: changed[k] for k in ("name", "one", "two", "three")} == {
        "name": "new",
        "one": "1",
        "two": "2",
        "three": "3",
    }
    images.update(image["id"], Changes({"four": "4"}, purge=True))
    assert server.images[image["id"]]["properties"] == {"four": "4"}
    images.update(image["id"], Changes(purge=True))
    assert server.images[image["id"]]["properties"] == {}


def test_removing_a_property_sends_the_remaining_ones_null_ones_too(
    server: V1Server, images: ImagesV1
) -> None:
    image = server.add(b"x", properties={"os_type": "linux", "empty": None, "note": UMLAUTS})
    images.update(image["id"], Changes({"name": "new", "five": "5"}, remove=("OS-type",)))
    stored = server.images[image["id"]]
    assert stored["properties"] == {"empty": None, "note": UMLAUTS, "five": "5"}
    assert stored["name"] == "new"


def test_a_removal_that_would_change_another_property_changes_nothing(
    server: V1Server, images: ImagesV1
) -> None:
    properties = {"os_type": "linux", "Distro": "set through v2", "lines": "a\nb"}
    image = server.add(b"x", properties=dict(properties), name="old")
    said = refuse(
        lambda: images.update(image["id"], Changes({"name": "new"}, remove=("os_type",))), GlanceError
    )
    assert said == (
        "Images v1 cannot remove a property here: it would change the name of 'Distro' as well. "
        "Use the Images v2 API for this image."
    )
    refuse(lambda: images.update(image["id"], Changes(remove=("Distro",))), GlanceError)
    assert (server.images[image["id"]]["properties"], image["name"]) == (properties, "old")


def test_removing_a_property_that_is_not_there_says_so_and_changes_nothing(
    server: V1Server, images: ImagesV1
) -> None:
    image = server.add(b"x", properties={"a": "1"})
    said = refuse(lambda: images.update(image["id"], Changes(remove=("b", "a"))), GlanceError)
    assert said == f"image {image['id']} has no property b"
    assert server.images[image["id"]]["properties"] == {"a": "1"}


def test_nothing_to_change_reads_the_image_and_changes_nothing(server: V1Server, images: ImagesV1) -> None:
    image = server.add(b"x", properties={"a": "1"})
    assert images.update(image["id"], Changes())["a"] == "1"
    assert server.seen[-1].method == "HEAD"


def test_size_and_checksum_of_an_image_with_data_stay_true(server: V1Server, admin: ImagesV1) -> None:
    image = server.add(b"data")
    for fields in ({"size": 1}, {"checksum": "0" * 32}):
        said = refuse(lambda fields=fields: admin.update(image["id"], Changes(fields)), GlanceError)  # type: ignore[misc]
        assert said == f"image {image['id']} has its data; its size and checksum cannot be changed"
    assert server.images[image["id"]]["size"] == 4


def test_a_name_can_be_taken_away(server: V1Server, images: ImagesV1) -> None:
    image = server.add(b"x", name="old")
    assert images.update(image["id"], Changes({"name": ""}))["name"] is None


def test_deleting_says_nothing_and_only_200_counts(server: V1Server, images: ImagesV1) -> None:
    image = server.add(b"x")
    images.delete(image["id"])
    assert server.images[image["id"]]["deleted"]
    said = refuse(lambda: images.delete(image["id"]), NotFound)
    assert said.startswith(f"No image with a name or ID of '{image['id']}' exists")
    with responses.RequestsMock() as mock:
        mock.get("http://v1.test:9292/", status=300, json=VERSIONS)
        mock.delete("http://v1.test:9292/v1/images/x", status=202)
        refuse(lambda: speak("http://v1.test:9292").delete("x"), HttpError)


def test_a_protected_image_says_how_to_unprotect_it(server: V1Server, images: ImagesV1) -> None:
    image = server.add(b"x", protected=True)
    said = refuse(lambda: images.delete(image["id"]), Forbidden)
    assert "Image is protected" in said
    assert "glance image-update" in said
    assert images.update(image["id"], Changes({"name": "still changeable"}))["name"] == "still changeable"


@pytest.mark.parametrize("verb", ["update", "delete"])
def test_an_image_that_is_only_shared_with_us_says_why_the_server_fails(
    server: V1Server, images: ImagesV1, verb: str
) -> None:
    image = server.add(b"x", owner="other", members={DEMO: False})
    call: Any = getattr(images, verb)
    arguments = [image["id"], Changes({"name": "x"})][: 2 if verb == "update" else 1]
    said = refuse(lambda: call(*arguments), HttpError)
    assert "(HTTP 500)" in said
    assert said.endswith(
        "An Images v1 server answers so when the image is only shared with you: its owner can."
    )


def test_somebody_elses_public_image_cannot_be_deleted(server: V1Server, images: ImagesV1) -> None:
    image = server.add(b"x", owner="other", is_public=True)
    assert "Forbidden to delete image" in refuse(lambda: images.delete(image["id"]), Forbidden)


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
def test_no_markup_of_an_error_is_left(body: str, kind: str) -> None:
    with responses.RequestsMock() as mock:
        mock.get("http://v1.test:9292/", status=300, json=VERSIONS)
        mock.post("http://v1.test:9292/v1/images", status=400, body=body, content_type=kind)
        said = refuse(lambda: speak("http://v1.test:9292").create({"name": "x"}), HttpError)
    assert not set("<>\n") & set(said)
    assert said.startswith("image x: ")


def test_a_token_that_is_refused_is_said(server: V1Server) -> None:
    refuse(lambda: list(speak(server.url, "bad").list(Query())), AuthError)


# Data ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [12, None])
def test_data_with_a_length_or_chunked_makes_the_image_active(
    server: V1Server, images: ImagesV1, size: int | None
) -> None:
    made = images.create({"name": "x", **BARE, "os": "1"})
    images.put_data(made["id"], [b"some ", b"data of"], size, store="file")
    stored = server.images[made["id"]]
    assert (stored["status"], stored["data"], stored["properties"]) == (
        "active",
        b"some data of",
        {"os": "1"},
    )
    headers = server.seen[-1].headers
    assert headers.get("content-length") == (str(size) if size else None)
    assert headers.get("x-image-meta-size") == (str(size) if size else None)
    assert (headers["content-type"], headers["x-image-meta-store"]) == ("application/octet-stream", "file")


def test_no_data_at_all_makes_an_active_image_of_0_bytes(server: V1Server, images: ImagesV1) -> None:
    made = images.create({"name": "x", **BARE, "size": 0})
    images.put_data(made["id"], [], 0)
    assert images.get(made["id"])["status"] == "active"


def test_data_for_an_image_that_has_its_data_is_a_conflict(server: V1Server, images: ImagesV1) -> None:
    image = server.add(b"old")
    said = refuse(lambda: images.put_data(image["id"], [b"new"], 3), Conflict)
    assert "Cannot upload to an unqueued image" in said
    assert server.images[image["id"]]["data"] == b"old"


@pytest.mark.parametrize(("promise", "said"), [({"checksum": "0" * 32}, "checksum"), ({"size": 99}, "size")])
def test_data_that_differs_from_what_was_promised_kills_the_image(
    server: V1Server, images: ImagesV1, promise: dict[str, Any], said: str
) -> None:
    made = images.create({**BARE, **promise})
    words = refuse(lambda: images.put_data(made["id"], iter([b"data"]), None), HttpError)
    assert f"Supplied {said} (" in words
    assert "did not match. Setting image status to 'killed'. (HTTP 400)" in words
    assert images.get(made["id"])["status"] == "killed"


def read(images: ImagesV1, image_id: str, **more: Any) -> tuple[int, bytes]:
    data = images.open_data(image_id, **more)
    buffer = bytearray(1000)
    try:
        return data.status, bytes(buffer[: data.readinto(memoryview(buffer))])
    finally:
        data.close()


def test_a_download_is_the_whole_data_whatever_range_is_asked_for(server: V1Server, images: ImagesV1) -> None:
    image = server.add(b"0123456789")
    assert read(images, image["id"]) == (200, b"0123456789")
    assert read(images, image["id"], start=5) == (200, b"0123456789")
    assert read(images, server.add(b"")["id"]) == (200, b"")


def test_a_queued_image_has_no_data_and_an_unknown_one_does_not_exist(
    server: V1Server, images: ImagesV1
) -> None:
    image = server.add()
    with pytest.raises(HttpError) as caught:
        images.open_data(image["id"])
    assert caught.value.status == 204
    refuse(lambda: images.open_data("1546eb88-0000-0000-0000-000000000000"), NotFound)
    deactivated = server.add(b"x", status="deactivated")
    assert "is deactivated" in refuse(lambda: images.open_data(deactivated["id"]), Forbidden)


def test_a_server_that_is_gone_is_no_answer(server: V1Server, images: ImagesV1) -> None:
    made = images.create({**BARE})
    server._http.shutdown()
    server._http.server_close()
    refuse(lambda: images.put_data(made["id"], [b"x"], 1), ConnectionFailed)


# Members ------------------------------------------------------------------------------------------


def test_members_are_added_listed_by_image_and_by_project_and_removed(
    server: V1Server, images: ImagesV1
) -> None:
    image_id = server.add(b"x")["id"]
    assert images.members(image_id) == []
    images.add_member(image_id, "p1")
    assert images.add_member(image_id, "p2", can_share=True) == {
        "image_id": image_id,
        "member_id": "p2",
        "can_share": True,
    }
    assert images.members(image_id) == [
        {"image_id": image_id, "member_id": "p1", "can_share": False},
        {"image_id": image_id, "member_id": "p2", "can_share": True},
    ]
    assert images.memberships("p2") == [{"image_id": image_id, "member_id": "p2", "can_share": True}]
    assert images.member(image_id, "p1")["can_share"] is False
    images.remove_member(image_id, "p1")
    assert refuse(lambda: images.remove_member(image_id, "p1"), NotFound) == (
        f"image {image_id} is not shared with project p1 (request req-1)"
    )
    refuse(lambda: images.member(image_id, "p1"), NotFound)
    assert images.memberships("unknown") == []


def test_members_of_an_unknown_image_are_an_error(images: ImagesV1) -> None:
    said = refuse(lambda: images.members("1546eb88-0000-0000-0000-000000000000"), NotFound)
    assert said.startswith("No image with a name or ID of '1546eb88-0000-0000-0000-000000000000' exists")


def test_a_project_name_in_a_path_stays_one_word(server: V1Server, images: ImagesV1) -> None:
    image_id = server.add(b"x")["id"]
    images.add_member(image_id, "a/b?c")
    assert list(server.images[image_id]["members"]) == ["a/b?c"]


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (
            lambda i: i.set_member_status("x", "p", "accepted"),
            "Images v1 knows no acceptance: a member sees the image as soon as it is shared",
        ),
        (lambda i: i.deactivate("x"), "Images v1 cannot deactivate images"),
        (
            lambda i: i.stage_data("x", [], 0),
            "Images v1 has no staging area; image-upload sends the data at once",
        ),
    ],
)
def test_what_v1_has_not_is_one_sentence_and_nothing_is_sent(
    server: V1Server, images: ImagesV1, call: Callable[[ImagesV1], object], said: str
) -> None:
    before = len(server.seen)
    assert refuse(lambda: call(images)) == said
    assert len(server.seen) == before


def test_a_debug_trace_shows_headers_as_text(server: V1Server) -> None:
    lines: list[str] = []
    identity = Identity(load({"os_image_url": server.url, "os_auth_token": "demo"}, {}), warn=print)
    connect(identity, "1", trace=lines.append).create({"name": UMLAUTS})
    assert f"> x-image-meta-name: {UMLAUTS}" in lines
    assert "> X-Auth-Token: ***" in lines
