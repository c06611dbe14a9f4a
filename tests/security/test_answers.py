"""Answers that lack fields, have other types or mean harm: defaults, or one sentence."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from responses import RequestsMock

from glancecli.api import decoding
from glancecli.errors import GlanceError
from tests.support.images import LIST, A, image
from tests.support.programs import Glance, Result

ODD: list[Any] = [None, True, 3, -1, 1.5, 10**30, "", "x", "3", [], [1], {}, {"a": 1}, [[]], [{}]]
URL = "http://glance.test/v2/images"


def nested(depth: int) -> str:
    return "[" * depth + "]" * depth


@pytest.fixture
def old(monkeypatch: pytest.MonkeyPatch) -> Iterator[RequestsMock]:
    monkeypatch.setenv("OS_IMAGE_URL", "http://glance.test:9292")
    monkeypatch.setenv("OS_AUTH_TOKEN", "t")
    with RequestsMock(assert_all_requests_are_fired=False) as mock:
        mock.get("http://glance.test:9292/", status=300, json={"versions": [{"id": "v2.0"}]})
        yield mock


@pytest.mark.parametrize(
    "value", ["..", ".", " ", "", "../../x", "-rf", "a b", "x" * 99, None, [], "é"]
)
def test_an_id_that_cannot_be_one_is_refused(value: Any) -> None:
    for decode in (decoding.image, decoding.nova_image):
        with pytest.raises(GlanceError) as caught:
            decode({"id": value, "name": "x"}, URL)
        assert caught.value.message == (
            f"unexpected response from {URL}: not an image with a valid ID"
        )


@pytest.mark.parametrize("value", [A, A.upper(), A.replace("-", ""), "17", 17])
def test_a_uuid_and_the_number_of_an_early_service_are_ids(value: Any) -> None:
    assert decoding.image({"id": value}, URL)["id"] == str(value)


def test_each_attribute_has_its_type_whatever_the_service_sends() -> None:
    row = {"id": A, "size": "3", "min_ram": None, "protected": "True", "tags": None, "n": 3, "b": True,
           "status": None, "locations": [{"url": "file:///x"}, {"url": 3}, None], "l": [1, {"a": "b"}]}  # fmt: skip
    assert decoding.image(row, URL) == {
        "id": A,
        "name": None,
        "size": 3,
        "min_ram": 0,
        "protected": True,
        "tags": [],
        "n": "3",
        "b": "True",
        "status": "unknown",
        "locations": [{"url": "file:///x", "metadata": {}}],
        "l": '[1, {"a": "b"}]',
    }


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (3, 3),
        ("3", 3),
        (3.0, 3),
        (-1, None),
        (2**70, None),
        ("9" * 30, None),
        (True, None),
        ("x", None),
    ],
)
def test_a_size_is_a_number_or_unknown(value: Any, expected: int | None) -> None:
    assert decoding.image({"id": A, "size": value}, URL)["size"] == expected


@pytest.mark.parametrize(
    "field", sorted({*image(), "locations", "os_hidden", "checksum", "x"} - {"id"})
)
def test_no_field_of_an_image_ends_a_command_in_an_unexpected_error(
    glance: Glance, old: RequestsMock, field: str
) -> None:
    commands = [
        ("image-list", "--long"),
        ("image-show", A),
        ("image-show", "cirros"),
        ("image-tag-delete", A, "a/b"),
        ("location-update", A, "--url", "http://x", "--metadata", "{}"),
    ]
    for value in ODD:
        found = {**image(), field: value}
        old.upsert("GET", LIST, json={"images": [found]})
        old.upsert("GET", f"{LIST}/{A}", json=found)
        old.upsert("PATCH", f"{LIST}/{A}", json=found)
        for words in commands:
            result = glance(*words)
            assert "unexpected " not in result.err, (value, words, result.err)


@pytest.mark.parametrize(
    "body", [*map(json.dumps, ODD), nested(200_000), "9" * 10_000, "NaN", '{"images": [1]}', '{"images": ' + nested(99_999) + "}",
             '{"members": null}', '{"tasks": {}}', '{"stores": [[]]}', '{"usage": [1]}', '{"import-methods": []}', '{"id": "/"}'],
    ids=lambda body: body[:20],
)  # fmt: skip
@pytest.mark.parametrize(
    ("words", "path"),
    [
        (("image-list",), "/v2/images"),
        (("image-show", A), f"/v2/images/{A}"),
        (("image-show", "name"), "/v2/images"),
        (("image-create", "--name", "x"), "/v2/images"),
        (("image-update", A, "--name", "x"), f"/v2/images/{A}"),
        (("member-list", "--image-id", A), f"/v2/images/{A}/members"),
        (("member-get", A, "p"), f"/v2/images/{A}/members/p"),
        (("member-create", A, "p"), f"/v2/images/{A}/members"),
        (("image-tasks", A), f"/v2/images/{A}/tasks"),
        (("stores-info",), "/v2/info/stores"),
        (("import-info",), "/v2/info/import"),
        (("usage",), "/v2/info/usage"),
        (("cache-list",), "/v2/cache"),
        (("cache-nodes-list", A), f"/v2/cache/nodes/{A}"),
        (("cache-prune",), "/v2/cache/prune"),
        (("task-list",), "/v2/tasks"),
        (("task-show", A), f"/v2/tasks/{A}"),
        (("explain", "image"), "/v2/schemas/image"),
        (("md-namespace-list",), "/v2/metadefs/namespaces"),
        (("md-namespace-show", "n"), "/v2/metadefs/namespaces/n"),
        (("md-namespace-create", "n"), "/v2/metadefs/namespaces"),
        (("md-property-list", "n"), "/v2/metadefs/namespaces/n/properties"),
        (("md-object-list", "n"), "/v2/metadefs/namespaces/n/objects"),
        (("md-object-show", "n", "o"), "/v2/metadefs/namespaces/n/objects/o"),
        (("md-object-property-show", "n", "o", "p"), "/v2/metadefs/namespaces/n/objects/o"),
        (("md-tag-list", "n"), "/v2/metadefs/namespaces/n/tags"),
        (("md-tag-create", "n", "--name", "a/b"), "/v2/metadefs/namespaces/n/tags"),
        (("md-resource-type-list",), "/v2/metadefs/resource_types"),
        (("md-namespace-resource-type-list", "n"), "/v2/metadefs/namespaces/n/resource_types"),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)  # fmt: skip
def test_no_answer_ends_a_command_in_an_unexpected_error(
    glance: Glance, old: RequestsMock, words: tuple[str, ...], path: str, body: str
) -> None:
    for method in ("GET", "POST", "PATCH", "PUT"):
        status = 201 if method == "POST" and path == "/v2/images" else 200
        old.upsert(method, f"http://glance.test:9292{path}", body=body, status=status)
    result = glance(*words)
    assert result.code in (0, 1)
    assert "Please report it" not in result.err, result.err
    assert result.err.count("\n") <= 1


@pytest.mark.parametrize("body", [*map(json.dumps, ODD), nested(200_000), '{"server": {}}', '{"servers": [{}]}',
                                  '{"image": {"id": ".."}}', '{"images": [{"id": 1, "metadata": []}]}',
                                  '{"version": {"version": [], "min_version": 3}}'], ids=lambda body: body[:20])  # fmt: skip
@pytest.mark.parametrize("words", [("image-list",), ("image-show", A), ("image-create", "server", "x"), ("image-meta", A, "set", "a=b")])  # fmt: skip
def test_no_answer_of_nova_ends_a_command_in_an_unexpected_error(
    program: Callable[..., Result], old: RequestsMock, words: tuple[str, ...], body: str
) -> None:
    nova = "http://nova.test:8774/v2.1"
    for path in (
        "/",
        "/images/detail",
        f"/images/{A}",
        f"/images/{A}/metadata",
        "/servers",
        "/servers/1/action",
    ):
        for method in ("GET", "POST"):
            old.add(method, nova + path, body=body)
    old.get(LIST, json={"images": []})
    old.get(f"{LIST}/{A}", status=404)
    result = program("nova", words[0], *words[1:], "--bypass-url", nova)
    assert "Please report it" not in result.err, result.err


@pytest.mark.parametrize("body", [*map(json.dumps, ODD), '{"images": [{"id": "..", "properties": []}]}',
                                  '{"image": {"id": "1", "properties": 3}}', '{"members": [3]}', '{"shared_images": 3}'])  # fmt: skip
@pytest.mark.parametrize("words", [("image-list",), ("image-show", "x"), ("image-create", "--name", "x"), ("member-list", "--image-id", A), ("member-list", "--tenant-id", "p"), ("image-show", A)])  # fmt: skip
def test_no_answer_of_images_v1_ends_a_command_in_an_unexpected_error(
    glance: Glance, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], body: str
) -> None:
    monkeypatch.setenv("OS_IMAGE_URL", "http://v1.test:9292")
    monkeypatch.setenv("OS_AUTH_TOKEN", "t")
    with RequestsMock(assert_all_requests_are_fired=False) as mock:
        mock.get("http://v1.test:9292/", status=300, json={"versions": [{"id": "v1.1"}]})
        for path in (
            "images",
            "images/detail",
            f"images/{A}",
            f"images/{A}/members",
            "shared-images/p",
        ):
            for method in ("GET", "PUT", "HEAD"):
                mock.add(method, f"http://v1.test:9292/v1/{path}", body=body)
        mock.post("http://v1.test:9292/v1/images", body=body, status=201)
        result = glance("--os-image-api-version", "1", *words)
    assert "Please report it" not in result.err, result.err


def test_halves_of_surrogate_pairs_are_replaced(glance: Glance, old: RequestsMock) -> None:
    old.get(f"{LIST}/{A}", body=json.dumps(image(name="a\ud800b")))
    result = glance("image-show", A, "-f", "value", "-c", "name")
    assert (result.code, result.out) == (0, "a\ufffdb\n")
