"""Lists and look-ups of Images v1: what is sent, what is sifted here, what is refused."""

from __future__ import annotations

import pytest
import responses

from glancecli.api import find
from glancecli.api.interfaces import Images
from glancecli.errors import GlanceError, HttpError, NotFound
from glancecli.image import Query
from tests.support.v1client import UMLAUTS, VERSIONS, names, refuse, speak
from tests.support.v1server import V1Server

# Lists --------------------------------------------------------------------------------------------


def test_a_list_is_read_to_its_end_whatever_the_page_size_of_the_server(v1_images: Images) -> None:
    for server_page in (1, 7, 25, 1000):
        with V1Server(max_page=server_page) as server:
            wanted = sorted(server.add(name=f"i{n:02}", is_public=True)["name"] for n in range(30))
            assert names(speak(server.url).list(Query())) == wanted


def test_pages_are_requested_by_the_last_marker_until_one_is_empty() -> None:
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


def test_a_server_that_ignores_the_marker_causes_an_error_instead_of_a_loop() -> None:
    row = {"id": "a", "name": "x", "properties": {}}
    with responses.RequestsMock() as mock:
        mock.get("http://v1.test:9292/", status=300, json=VERSIONS)
        mock.get("http://v1.test:9292/v1/images/detail", json={"images": [row]})
        said = refuse(lambda: list(speak("http://v1.test:9292").list(Query())), GlanceError)
    assert said == (
        "pagination loop: a page came twice; the list is incomplete. "
        "Report this to the cloud's administrator; --limit lists the first images."
    )


@pytest.mark.parametrize("body", ["[]", '{"images": {}}', "<html><title>Login</title></html>"])
def test_a_list_of_the_wrong_shape_is_an_error(body: str) -> None:
    with responses.RequestsMock() as mock:
        mock.get("http://v1.test:9292/", status=300, json=VERSIONS)
        mock.get("http://v1.test:9292/v1/images/detail", body=body)
        refuse(lambda: list(speak("http://v1.test:9292").list(Query())), GlanceError)


def test_limit_ends_the_list_and_0_sends_nothing(v1_server: V1Server, v1_images: Images) -> None:
    for n in range(5):
        v1_server.add(name=f"i{n}")
    assert names(v1_images.list(Query(limit=2))) == ["i0", "i1"]
    assert v1_server.seen[-1].path == "/v1/images/detail?sort_key=name&sort_dir=asc&limit=2"
    before = len(v1_server.seen)
    assert names(v1_images.list(Query(limit=0))) == []
    assert len(v1_server.seen) == before


def test_marker_and_page_size_are_sent_to_the_server(
    v1_server: V1Server, v1_images: Images
) -> None:
    ids = [v1_server.add(name=f"i{n}")["id"] for n in range(3)]
    assert names(v1_images.list(Query(marker=ids[0], page_size=1))) == ["i1", "i2"]
    assert all("limit=1&" in seen.path + "&" for seen in v1_server.seen[1:])


def test_filters_that_the_server_knows_are_sent(v1_server: V1Server, v1_images: Images) -> None:
    v1_server.add(b"data", name=UMLAUTS, properties={"kernel_id": "k"}, protected=True, min_ram=256)
    v1_server.add(b"data and more", name="other")
    for query in (
        Query(filters=(("name", UMLAUTS),)),
        Query(filters=(("kernel-id", "k"),)),
        Query(filters=(("protected", "true"), ("status", "active"))),
        Query(filters=(("min_ram", "256"), ("disk_format", "raw"), ("container_format", "bare"))),
        Query(size_min=4, size_max=4),
    ):
        assert names(v1_images.list(query)) == [UMLAUTS]
    assert "size_min=4&size_max=4" in v1_server.seen[-1].path


def test_property_filters_use_the_name_that_the_server_stores(v1_server: V1Server) -> None:
    warnings: list[str] = []
    assert (
        names(speak(v1_server.url, warnings=warnings).list(Query(filters=(("Kernel-Id", "k"),))))
        == []
    )
    assert "property-kernel_id=k" in v1_server.seen[-1].path
    assert warnings == ["Images v1 stores property 'Kernel-Id' as 'kernel_id'"]


def test_owner_and_checksum_are_filtered_here_among_the_images_of_all_projects(
    v1_server: V1Server, v1_admin: Images
) -> None:
    v1_server.add(b"a", name="mine")
    v1_server.add(b"b", name="theirs", owner="other")
    assert names(v1_admin.list(Query(filters=(("owner", "other"),)))) == ["theirs"]
    assert "is_public=None" in v1_server.seen[-1].path
    assert "owner" not in v1_server.seen[-1].path
    checksum = v1_server.add(b"c", name="c", owner="admin-project")["checksum"]
    assert names(v1_admin.list(Query(filters=(("checksum", checksum),)))) == ["c"]


def test_a_limit_counts_images_after_filtering(v1_server: V1Server, v1_admin: Images) -> None:
    for n in range(6):
        v1_server.add(name=f"i{n}", owner=f"p{n % 2}")
    assert names(v1_admin.list(Query(filters=(("owner", "p1"),), limit=2))) == ["i1", "i3"]


def test_is_public_chooses_whose_images_an_administrator_sees(
    v1_server: V1Server, v1_admin: Images, v1_images: Images
) -> None:
    v1_server.add(name="own", owner="admin-project")
    v1_server.add(name="private", owner="other")
    v1_server.add(name="public", owner="other", is_public=True)
    assert names(v1_admin.list(Query())) == ["own", "public"]
    assert names(v1_admin.list(Query(all_projects=True))) == ["own", "private", "public"]
    assert names(v1_admin.list(Query(public=True))) == ["public"]
    assert names(v1_admin.list(Query(public=False))) == ["own", "private"]
    assert names(v1_admin.list(Query(filters=(("visibility", "public"),)))) == ["public"]
    assert names(v1_admin.list(Query(filters=(("visibility", "private"),)))) == ["own"]
    assert names(v1_admin.list(Query(filters=(("visibility", "all"),)))) == [
        "own",
        "private",
        "public",
    ]
    assert names(v1_images.list(Query(public=False))) == []


def test_deleted_images_are_listed_by_changes_since(v1_server: V1Server, v1_admin: Images) -> None:
    v1_server.add(name="gone", status="deleted", deleted=True, owner="admin-project")
    v1_server.add(name="killed", status="killed", owner="admin-project")
    assert names(v1_admin.list(Query())) == []
    everything = Query(changes_since="2001-01-01T00:00:00Z")
    assert names(v1_admin.list(everything)) == ["gone", "killed"]
    assert names(v1_admin.list(everything._replace(filters=(("status", "killed"),)))) == ["killed"]


def test_a_time_that_the_server_cannot_read_is_refused_by_the_server(v1_images: Images) -> None:
    said = refuse(lambda: list(v1_images.list(Query(changes_since="soon"))), HttpError)
    assert said == "Unrecognized changes-since value soon (HTTP 400, request req-1)"


@pytest.mark.parametrize(
    ("query", "said"),
    [
        (Query(tags=("a",)), "Images v1 has no tags"),
        (Query(hidden=True), "Images v1 has no hidden images"),
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
            "an Images v1 server lists no community images",
        ),
        (
            Query(filters=(("status", "killed"),)),
            "an Images v1 server lists killed images only with --changes-since TIME; image-show ID shows one",
        ),
    ],
)
def test_filters_that_the_server_would_ignore_are_refused_and_nothing_is_sent(
    v1_server: V1Server, v1_images: Images, query: Query, said: str
) -> None:
    before = len(v1_server.seen)
    assert refuse(lambda: list(v1_images.list(query))) == said
    assert len(v1_server.seen) == before


# Names and IDs ------------------------------------------------------------------------------------


def test_a_name_is_looked_up_by_the_server_and_costs_one_request(
    v1_server: V1Server, v1_images: Images
) -> None:
    image = v1_server.add(name=UMLAUTS)
    before = len(v1_server.seen)
    assert find(v1_images, UMLAUTS)["id"] == image["id"]
    assert len(v1_server.seen) == before + 1


def test_the_lookup_of_an_administrator_continues_among_all_projects(
    v1_server: V1Server, v1_admin: Images
) -> None:
    image = v1_server.add(name="hidden away", owner="other")
    assert find(v1_admin, "hidden away")["id"] == image["id"]


def test_a_name_that_several_images_have_lists_them(v1_server: V1Server, v1_images: Images) -> None:
    ids = {v1_server.add(name="dup")["id"] for _ in range(2)}
    with pytest.raises(GlanceError, match="Multiple images are named 'dup'") as caught:
        find(v1_images, "dup")
    assert {row.split()[0] for row in caught.value.candidates} == ids


def test_a_killed_image_is_shown_by_its_id(v1_server: V1Server, v1_images: Images) -> None:
    image = v1_server.add(name="broken", status="killed")
    assert v1_images.get(image["id"])["status"] == "killed"
    assert refuse(lambda: find(v1_images, "broken"), NotFound).startswith(
        "No image with a name or ID of 'broken' exists"
    )


def test_a_deleted_image_is_shown_to_administrators_only(
    v1_server: V1Server, v1_admin: Images, v1_images: Images
) -> None:
    image = v1_server.add(b"x")
    v1_images.delete(image["id"])
    shown = v1_admin.get(image["id"])
    assert (shown["status"], shown["deleted"], bool(shown["deleted_at"])) == ("deleted", True, True)
    refuse(lambda: v1_images.get(image["id"]), NotFound)
