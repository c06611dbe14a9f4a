"""IDs and names that would change the path of a request are refused, and nothing is sent."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from responses import RequestsMock

from glancecli.errors import UsageError
from glancecli.transport.client import quoted
from tests.support.images import LIST, A, image
from tests.support.programs import Result

IMAGE_URL = "http://glance.test:9292"

PARTS = ["..", ".", "a/../..", "../x", "x/", "/"]


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize(
    "words",
    [
        ("member-delete", A, "{}"),
        ("member-get", A, "{}"),
        ("member-create", A, "{}"),
        ("member-update", A, "{}", "accepted"),
        ("stores-delete", A, "--store", "{}"),
    ],
    ids=lambda words: words[0],
)
def test_a_part_that_changes_the_path_is_refused(
    glance: Callable[..., Result], words: tuple[str, ...], part: str
) -> None:
    with RequestsMock() as mock:
        filled = [word.format(part) for word in words]
        result = glance("--os-image-url", IMAGE_URL, "--os-auth-token", "t", *filled)
        assert len(mock.calls) == 0
    assert (result.code, result.out) == (2, "")
    assert result.err == (
        f"glance: error: '{part}' cannot be an ID or a name: it would change the request's path\n"
    )


@pytest.mark.parametrize("tag", [".", "..", "a/.."])
def test_a_tag_that_changes_the_path_is_set_with_the_image(
    glance: Callable[..., Result], tag: str
) -> None:
    with RequestsMock() as mock:
        mock.get(f"{LIST}/{A}", json=image())
        mock.patch(f"{LIST}/{A}", json=image(tags=[tag]))
        words = ("--os-image-url", IMAGE_URL, "--os-auth-token", "t", "image-tag-update", A, tag)
        glance(*words)
        assert {call.request.path_url for call in mock.calls} == {f"/v2/images/{A}"}


@pytest.mark.parametrize("key", ["..", "."])
def test_metadata_that_changes_the_path_is_deleted_with_the_image(
    program: Callable[..., Result], key: str
) -> None:
    nova = "http://nova.test:8774/v2.1"
    with RequestsMock() as mock:
        mock.get(f"{nova}/", json={"version": {"version": "2.90", "min_version": "2.1"}})
        shown = {"id": A, "name": "x", "metadata": {key: "v"}}
        mock.get(f"{nova}/images/{A}", json={"image": shown})
        mock.patch(f"{LIST}/{A}", json=image())
        urls = ("--bypass-url", nova, "--os-image-url", IMAGE_URL, "--os-auth-token", "t")
        result = program("nova", "image-meta", A, *urls, "delete", key)
        assert [(call.request.method, call.request.path_url) for call in mock.calls][-1] == (
            "PATCH",
            f"/v2/images/{A}",
        )
    assert result.code == 0


def test_nothing_is_no_part_of_a_path() -> None:
    with pytest.raises(UsageError):
        quoted("")
