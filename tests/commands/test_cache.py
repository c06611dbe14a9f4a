"""cache-*: what each node is asked, what is printed, and what a cache that is not there is called."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from responses import RequestsMock

from tests.support.cloud import IMAGE_URL, TOKEN
from tests.support.images import LIST, A, B, asked, image
from tests.support.programs import Glance

CACHE = f"{IMAGE_URL}/v2/cache"
ONE, TWO = "http://one.test:9292", "http://two.test:9292"
STATE: dict[str, Any] = {
    "cached_images": [
        {
            "image_id": A,
            "hits": 3,
            "last_accessed": 1772366400.5,
            "last_modified": 1772366400.0,
            "size": 25165824,
        }
    ],
    "queued_images": [B],
}
NO_CACHE = (
    "glance: error: this glance-api has no image cache (its image_cache_dir is not set, or its "
    "Images API is older than {})"
)


def requests_of(cloud: RequestsMock) -> list[str]:
    return [f"{call.request.method} {call.request.url}" for call in cloud.calls]


def test_the_list_has_the_columns_of_glance_with_cached_and_queued_images(
    glance: Glance, cloud: RequestsMock
) -> None:
    cloud.get(CACHE, json=STATE)
    done = glance("cache-list")
    assert (done.code, done.err) == (0, "")
    assert done.out == (
        "+--------------------------------------+--------+----------------------------+"
        "---------------------+----------+------+\n"
        "| ID                                   | State  | Last Accessed (UTC)        |"
        " Last Modified (UTC) | Size     | Hits |\n"
        "+--------------------------------------+--------+----------------------------+"
        "---------------------+----------+------+\n"
        f"| {A} | cached | 2026-03-01T12:00:00.500000 |"
        " 2026-03-01T12:00:00 | 25165824 | 3    |\n"
        f"| {B} | queued | N/A                        |"
        " N/A                 | N/A      | N/A  |\n"
        "+--------------------------------------+--------+----------------------------+"
        "---------------------+----------+------+\n"
    )
    assert asked(cloud) == [("GET", "/v2/cache")]


def test_json_has_null_for_what_a_queued_image_does_not_have(
    glance: Glance, cloud: RequestsMock
) -> None:
    cloud.get(CACHE, json=STATE)
    done = glance("cache-list", "-f", "json", "-c", "id,state,size")
    assert done.json == [
        {"id": A, "state": "cached", "size": 25165824},
        {"id": B, "state": "queued", "size": None},
    ]


@pytest.mark.parametrize(
    ("command", "method", "status"), [("cache-queue", "PUT", 202), ("cache-delete", "DELETE", 204)]
)
def test_images_are_queued_and_deleted_by_name_or_id_silently(
    glance: Glance, cloud: RequestsMock, command: str, method: str, status: int
) -> None:
    cloud.get(LIST, json={"images": [image(B, "cirros")]})
    cloud.add(method, f"{CACHE}/{A}", status=status)
    cloud.add(method, f"{CACHE}/{B}", status=status)
    done = glance(command, A, "cirros")
    assert (done.code, done.out, done.err) == (0, "", "")
    assert (method, f"/v2/cache/{B}") in asked(cloud)


def test_an_image_that_does_not_exist_fails_and_the_others_are_queued(
    glance: Glance, cloud: RequestsMock
) -> None:
    cloud.put(f"{CACHE}/{A}", status=404, json={"message": f"Image {A} not found."})
    cloud.get(f"{IMAGE_URL}/", status=300, json={"versions": [{"id": "v2.18"}]})
    cloud.get(CACHE, json=STATE)
    cloud.put(f"{CACHE}/{B}", status=202)
    done = glance("cache-queue", A, B)
    assert (done.code, done.out) == (1, "")
    assert done.err == (
        f"glance: error: image {A}: Image {A} not found (HTTP 404). "
        "`glance cache-list` lists what is in the cache.\n"
    )


@pytest.mark.parametrize(
    ("words", "header"),
    [
        ([], None),
        (["--target", "both"], None),
        (["--target", "cache"], "cache"),
        (["--target", "queue"], "queue"),
    ],
)
def test_the_cache_its_queue_or_both_are_cleared(
    glance: Glance, cloud: RequestsMock, words: list[str], header: str | None
) -> None:
    cloud.delete(CACHE, status=204)
    done = glance("cache-clear", *words)
    assert (done.code, done.out, done.err) == (0, "", "")
    assert cloud.calls[0].request.headers.get("x-image-cache-clear-target") == header


def test_cleaning_prints_nothing_and_pruning_what_it_removed(
    glance: Glance, cloud: RequestsMock
) -> None:
    cloud.post(f"{CACHE}/clean", json={})
    cloud.post(f"{CACHE}/prune", json={"total_files_pruned": 2, "total_bytes_pruned": 50})
    cleaned = glance("cache-clean")
    assert (cleaned.code, cleaned.out, cleaned.err) == (0, "", "")
    assert glance("cache-prune").out == "Pruned 2 file(s), 50 byte(s).\n"


def test_the_nodes_of_an_image_are_listed(glance: Glance, cloud: RequestsMock) -> None:
    cloud.get(f"{CACHE}/nodes/{A}", json=[ONE, TWO])
    done = glance("cache-nodes-list", A)
    assert done.lines[1] == "| Node Reference URL   |"
    assert done.lines[3:5] == [f"| {ONE} |", f"| {TWO} |"]


def test_a_cloud_that_does_not_know_its_nodes_says_which_option_it_needs(
    glance: Glance, cloud: RequestsMock
) -> None:
    said = {"message": "Centralized caching is not enabled"}
    cloud.get(f"{CACHE}/nodes/{A}", status=409, json=said)
    done = glance("cache-nodes-list", A)
    assert (done.code, done.err) == (
        1,
        "glance: error: this cloud does not know which nodes have an image (its cache is not in "
        "the database). Its option image_cache_driver must be centralized_db; else use --node.\n",
    )


@pytest.mark.parametrize(
    ("words", "method", "path", "version"),
    [
        (["cache-list"], "GET", "", "2.14"),
        (["cache-clear"], "DELETE", "", "2.14"),
        (["cache-queue", A], "PUT", f"/{A}", "2.14"),
        (["cache-clean"], "POST", "/clean", "2.18"),
        (["cache-prune"], "POST", "/prune", "2.18"),
        (["cache-nodes-list", A], "GET", f"/nodes/{A}", "2.18"),
    ],
)
def test_a_service_without_a_cache_is_one_sentence(
    glance: Glance, cloud: RequestsMock, words: list[str], method: str, path: str, version: str
) -> None:
    said = {"message": "Caching via API is not supported at this site."}
    cloud.add(method, f"{CACHE}{path}", status=404, json=said)
    cloud.get(f"{IMAGE_URL}/", status=300, json={"versions": [{"id": "v2.17"}]})
    done = glance(*words)
    assert (done.code, done.out, done.err) == (1, "", NO_CACHE.format(version) + "\n")


def test_a_service_that_is_too_old_for_a_cache_says_so_of_an_image_as_well(
    glance: Glance, cloud: RequestsMock
) -> None:
    cloud.delete(f"{CACHE}/{A}", status=404)
    cloud.get(CACHE, status=404)
    cloud.get(f"{IMAGE_URL}/", status=300, json={"versions": [{"id": "v2.9"}]})
    assert glance("cache-delete", A).err == NO_CACHE.format("2.14") + "\n"


def test_images_v1_has_no_cache(glance: Glance, cloud: RequestsMock) -> None:
    cloud.get(f"{IMAGE_URL}/", status=300, json={"versions": [{"id": "v1.1"}]})
    done = glance("--os-image-api-version", "1", "cache-list")
    assert (done.code, done.err) == (
        2,
        "glance: error: Images v1 has no commands for the image cache\n",
    )


# Nodes ---------------------------------------------------------------------------------------------


def test_each_node_is_asked_with_the_same_token_and_named_in_a_column(
    glance: Glance, cloud: RequestsMock
) -> None:
    cloud.get(f"{ONE}/v2/cache", json=STATE)
    cloud.get(f"{TWO}/v2/cache", json={"cached_images": [], "queued_images": [A]})
    done = glance(
        "cache-list", "--node", ONE, "--node", f"{TWO}/v2/", "-f", "value", "-c", "id,state,node"
    )
    assert done.code == 0, done.err
    assert done.lines == [f"{A} cached {ONE}", f"{B} queued {ONE}", f"{A} queued {TWO}/v2/"]
    assert {call.request.headers["X-Auth-Token"] for call in cloud.calls} == {TOKEN}


def test_all_nodes_are_those_that_the_service_names(glance: Glance, cloud: RequestsMock) -> None:
    cloud.get(CACHE, json=STATE)
    cloud.get(f"{CACHE}/nodes/{B}", json=[TWO])
    cloud.get(f"{CACHE}/nodes/{A}", json=[ONE, TWO])
    cloud.put(f"{ONE}/v2/cache/{B}", status=202)
    cloud.put(f"{TWO}/v2/cache/{B}", status=202)
    assert glance("cache-queue", B, "--all-nodes").code == 0
    assert requests_of(cloud)[-2:] == [f"PUT {TWO}/v2/cache/{B}", f"PUT {ONE}/v2/cache/{B}"]


def test_without_named_nodes_the_endpoint_is_the_only_one(
    glance: Glance, cloud: RequestsMock
) -> None:
    cloud.get(CACHE, json={"cached_images": [], "queued_images": [B]})
    done = glance("cache-list", "--all-nodes", "-f", "value", "-c", "id", "-c", "node")
    assert done.lines == [f"{B} {IMAGE_URL}"]


def test_a_node_that_fails_is_named_and_the_others_are_done(
    glance: Glance, cloud: RequestsMock
) -> None:
    cloud.post(f"{ONE}/v2/cache/prune", status=403, json={"message": "no"})
    cloud.post(f"{TWO}/v2/cache/prune", json={"total_files_pruned": 0, "total_bytes_pruned": 0})
    done = glance("cache-prune", "--node", ONE, "--node", TWO)
    assert (done.code, done.out) == (1, f"{TWO}: Pruned 0 file(s), 0 byte(s).\n")
    assert f"this is the node {ONE}" in done.err


def test_a_node_that_cannot_be_reached_is_named_once(glance: Glance, cloud: RequestsMock) -> None:
    cloud.get(f"{ONE}/v2/cache", body=requests.ConnectionError("refused"))
    done = glance("cache-list", "--node", ONE)
    assert (done.code, done.err.count(ONE)) == (1, 1), done.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--node", "one"], "'one' is not the http or https URL of a node"),
        (["--node", ONE, "--all-nodes"], "--node and --all-nodes cannot be used together"),
    ],
)
def test_wrong_nodes_are_a_usage_error(
    glance: Glance, cloud: RequestsMock, words: list[str], said: str
) -> None:
    done = glance("cache-clear", *words)
    assert (done.code, done.err, len(cloud.calls)) == (2, f"glance: error: {said}\n", 0)


def test_numbers_and_times_that_are_none_are_shown_as_none(
    glance: Glance, cloud: RequestsMock
) -> None:
    row = {"image_id": A, "hits": "x", "last_accessed": 1e30, "last_modified": 0, "size": None}
    cloud.get(CACHE, json={"cached_images": [row, "?"], "queued_images": None})
    done = glance("cache-list", "-f", "json")
    assert done.json == [
        {
            "id": A,
            "state": "cached",
            "last_accessed": None,
            "last_modified": None,
            "size": None,
            "hits": None,
            "node": IMAGE_URL,
        }
    ]
