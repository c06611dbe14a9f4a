"""Lists that do not end: each ends with one sentence, and no list looks complete that is not."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest
import requests
from responses import RequestsMock

from tests.support.images import LIST, image
from tests.support.programs import Glance, Result

HINT = "Report this to the cloud's administrator; --limit lists the first images.\n"
TWICE = f"glance: error: pagination loop: a page came twice; the list is incomplete. {HINT}"
EMPTY = f"glance: error: the list does not end: 4 empty pages in a row. {HINT}"


def image_id(number: int) -> str:
    return f"{number:08x}-0000-4000-8000-000000000000"


def endless(cloud: RequestsMock, rows: Callable[[int], list[dict[str, Any]]]) -> None:
    """A list each of whose pages names another one, by a link that never repeats."""
    numbers = itertools.count(1)

    def page(request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        number = next(numbers)
        body = {"images": rows(number), "next": f"/v2/images?marker={number}"}
        return 200, {}, requests.compat.json.dumps(body)

    cloud.add_callback("GET", LIST, page)


@pytest.mark.parametrize(
    ("rows", "message", "pages"),
    [
        (lambda number: [image()], TWICE, 2),
        (lambda number: [image(image_id(number % 3))], TWICE, 4),
        (
            lambda number: [image(image_id(i)) for i in range(5)][:: -1 if number % 2 else 1],
            TWICE,
            2,
        ),
        (lambda number: [], EMPTY, 4),
        (lambda number: [image(image_id(0))] if number == 2 else [], EMPTY, 6),
    ],
    ids=["same image", "images in turn", "another order", "empty", "empty after an image"],
)
@pytest.mark.parametrize(
    "words",
    [("image-list",), ("image-show", "a name"), ("member-list", "--tenant-id", "p")],
    ids=" ".join,
)
def test_a_list_that_does_not_end_is_an_error(
    glance: Glance, cloud: RequestsMock, words: tuple[str, ...], rows: Any, message: str, pages: int
) -> None:
    endless(cloud, rows)
    for number in range(6):
        cloud.get(f"{LIST}/{image_id(number)}/members", json={"members": []})
    cloud.get(f"{LIST}/{image()['id']}/members", json={"members": []})
    cloud.assert_all_requests_are_fired = False
    result = glance(*words)
    assert (result.code, result.err) == (1, message)
    lists = [call for call in cloud.calls if call.request.path_url.startswith("/v2/images?")]
    assert len(lists) == pages


def test_a_list_may_have_three_empty_pages_and_an_image_twice(
    glance: Glance, cloud: RequestsMock
) -> None:
    for number, rows in enumerate([[], [], [], [1, 2], [], [2, 3], [3]]):
        body: dict[str, Any] = {"images": [image(image_id(row)) for row in rows]}
        if number < 6:
            body["next"] = f"/v2/images?marker={number}"
        cloud.get(LIST, json=body)
    result = glance("image-list", "-f", "csv", "-c", "ID")
    assert (result.code, result.err) == (0, "")
    assert result.lines[1:] == [image_id(row) for row in (1, 2, 2, 3, 3)]


def test_a_list_of_nova_that_does_not_end_is_an_error(
    program: Callable[..., Result], cloud: RequestsMock
) -> None:
    nova = "http://nova.test:8774/v2.1"
    cloud.get(f"{nova}/", json={"version": {"version": "2.1", "min_version": "2.1"}})
    rows = [{"id": image_id(number), "name": "x"} for number in (1, 2)]
    links = [{"rel": "next", "href": "x"}]
    cloud.get(f"{nova}/images/detail", json={"images": rows, "images_links": links})
    cloud.get(f"{nova}/images/detail", json={"images": rows[::-1], "images_links": links})
    result = program("nova", "image-list", "--bypass-url", nova)
    assert (result.code, result.err) == (1, TWICE.replace("glance", "nova"))
