"""image-deactivate, image-reactivate and single tags: what is asked for and what is printed."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
import responses

from tests.support.cloud import IMAGE_URL
from tests.support.images import LIST, A, B, asked
from tests.support.programs import Glance
from tests.support.v1server import V1Server

VERSIONS = {"versions": [{"id": "v2.17", "links": []}]}


@pytest.mark.parametrize("word", ["deactivate", "reactivate"])
def test_images_are_deactivated_and_reactivated_by_name_or_id_silently(
    glance: Glance, cloud: responses.RequestsMock, word: str
) -> None:
    cloud.get(LIST, json={"images": [{"id": B, "name": "cirros"}]})
    cloud.post(f"{LIST}/{A}/actions/{word}", status=204)
    cloud.post(f"{LIST}/{B}/actions/{word}", status=204)
    done = glance(f"image-{word}", A, "cirros")
    assert (done.code, done.out, done.err) == (0, "", "")
    assert ("POST", f"/v2/images/{B}/actions/{word}") in asked(cloud)


def test_an_image_that_cannot_be_deactivated_does_not_stop_the_others(
    glance: Glance, cloud: responses.RequestsMock
) -> None:
    said = {"message": "Not allowed to deactivate image in status 'queued'"}
    cloud.post(f"{LIST}/{A}/actions/deactivate", status=403, json=said)
    cloud.post(f"{LIST}/{B}/actions/deactivate", status=204)
    done = glance("image-deactivate", A, B)
    assert (done.code, done.out) == (1, "")
    assert done.err == f"glance: error: image {A}: {said['message']} (HTTP 403)\n"


def test_reactivating_an_image_that_does_not_exist_is_an_error(
    glance: Glance, cloud: responses.RequestsMock
) -> None:
    cloud.post(f"{LIST}/{A}/actions/reactivate", status=404, json={"message": "No image found"})
    cloud.get(f"{IMAGE_URL}/", status=300, json=VERSIONS)
    done = glance("image-reactivate", A)
    assert done.code == 1
    assert done.err == (
        f"glance: error: No image with a name or ID of '{A}' exists. It may be another project's, or deleted.\n"
    )


def test_a_new_tag_shows_all_tags(glance: Glance, cloud: responses.RequestsMock) -> None:
    cloud.put(f"{LIST}/{A}/tags/a%20b", status=204)
    cloud.get(f"{LIST}/{A}", json={"id": A, "tags": ["old", "a b"]})
    done = glance("image-tag-update", A, "a b")
    assert done.lines == [
        "+--------------------------------------+----------------+",
        "| ID                                   | Tags           |",
        "+--------------------------------------+----------------+",
        f'| {A} | ["old", "a b"] |',
        "+--------------------------------------+----------------+",
    ]


@pytest.mark.parametrize("tag", ["grün", "a/b", ".."])
def test_a_tag_that_breaks_in_a_url_is_added_by_an_update_of_all_tags(
    glance: Glance, cloud: responses.RequestsMock, tag: str
) -> None:
    cloud.get(f"{LIST}/{A}", json={"id": A, "tags": ["old"]})
    cloud.patch(f"{LIST}/{A}", json={"id": A, "tags": ["old", tag]})
    assert glance("image-tag-update", A, tag).code == 0
    assert json.loads(cloud.calls[1].request.body or b"") == [
        {"op": "add", "path": "/tags", "value": ["old", tag]}
    ]


def test_a_tag_that_breaks_in_a_url_is_removed_by_an_update_of_all_tags(
    glance: Glance, cloud: responses.RequestsMock
) -> None:
    cloud.get(f"{LIST}/{A}", json={"id": A, "tags": ["old", "a/b"]})
    cloud.patch(f"{LIST}/{A}", json={"id": A, "tags": ["old"]})
    assert glance("image-tag-delete", A, "a/b").code == 0
    assert json.loads(cloud.calls[1].request.body or b"") == [
        {"op": "add", "path": "/tags", "value": ["old"]}
    ]
    missing = glance("image-tag-delete", A, "c/d")
    assert (missing.code, missing.err) == (1, f"glance: error: image {A}: it has no tag 'c/d'\n")


def test_a_tag_is_deleted_silently(glance: Glance, cloud: responses.RequestsMock) -> None:
    cloud.delete(f"{LIST}/{A}/tags/old", status=204)
    done = glance("image-tag-delete", A, "old")
    assert (done.code, done.out, done.err) == (0, "", "")


def test_removing_a_tag_that_the_image_does_not_have_is_an_error(
    glance: Glance, cloud: responses.RequestsMock
) -> None:
    cloud.delete(
        f"{LIST}/{A}/tags/old", status=404, json={"message": "The resource could not be found."}
    )
    cloud.get(f"{IMAGE_URL}/", status=300, json=VERSIONS)
    cloud.get(f"{LIST}/{A}", json={"id": A, "tags": []})
    done = glance("image-tag-delete", A, "old")
    assert (done.code, done.err) == (1, f"glance: error: image {A}: it has no tag 'old'\n")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("image-deactivate", A), "Images v1 cannot deactivate images"),
        (("image-reactivate", A), "Images v1 can neither deactivate nor reactivate images"),
        (("image-tag-update", A, "t"), "Images v1 has no tags"),
        (("image-tag-delete", A, "t"), "Images v1 has no tags"),
    ],
)
def test_v1_refuses_to_deactivate_and_to_tag(
    glance: Glance, v1_cloud: Callable[..., V1Server], words: tuple[str, ...], said: str
) -> None:
    server = v1_cloud("admin", v2=False)
    server.add(b"data", id=A)
    done = glance(*words)
    assert (done.code, done.out, done.err) == (2, "", f"glance: error: {said}\n")
