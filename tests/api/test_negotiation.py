"""Which version of the Images API is spoken, and what it costs to find out."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from responses import RequestsMock

from tests.support.programs import Result

HOST = "http://g.test:9292"
BOTH, OLD, NEW = ["v2.5", "v2.0", "v1.1", "v1.0"], ["v1.1", "v1.0"], ["v2.18", "v2.0"]
V1, V2 = "/v1/images/detail", "/v2/images"


@pytest.mark.parametrize(
    ("versions", "asked", "url", "spoken", "requests"),
    [
        (NEW, "", HOST, V2, 1),
        (NEW, "2", HOST, V2, 1),
        (NEW, "1", HOST, V2, 2),
        (BOTH, "", HOST, V2, 1),
        (BOTH, "1", HOST, V1, 2),
        (BOTH, "2", HOST, V2, 1),
        (BOTH, "", f"{HOST}/v1", V1, 2),
        (BOTH, "", f"{HOST}/v1/", V1, 2),
        (BOTH, "", f"{HOST}/v2", V2, 1),
        (BOTH, "2", f"{HOST}/v1", V2, 1),
        (OLD, "", HOST, V1, 3),
        (OLD, "1", HOST, V1, 2),
    ],
)
def test_the_version_spoken_is_the_one_asked_for_or_the_newest(
    glance: Callable[..., Result],
    versions: list[str],
    asked: str,
    url: str,
    spoken: str,
    requests: int,
) -> None:
    with RequestsMock(assert_all_requests_are_fired=False) as mock:
        mock.get(f"{HOST}/", status=300, json={"versions": [{"id": v} for v in versions]})
        missing = {"status": 300, "json": {"versions": []}}
        lists = {"json": {"images": []}}
        mock.get(HOST + V1, **(lists if versions is not NEW else missing))  # type: ignore[arg-type]
        mock.get(HOST + V2, **(lists if versions is not OLD else missing))  # type: ignore[arg-type]
        words = ["--os-image-api-version", asked] if asked else []
        result = glance("--os-image-url", url, "--os-auth-token", "t", *words, "image-list")
        assert (result.code, result.err) == (0, "")
        paths = [
            (call.request.url or "").partition("?")[0].removeprefix(HOST) for call in mock.calls
        ]
        assert paths[-1] == spoken
        assert len(paths) == requests


def test_2_on_a_server_with_v1_alone_is_a_sentence(glance: Callable[..., Result]) -> None:
    with RequestsMock() as mock:
        mock.get(f"{HOST}/", status=300, json={"versions": [{"id": "v1.1"}]})
        mock.get(HOST + V2, status=404)
        result = glance("--os-image-url", HOST, "--os-image-api-version", "2", "image-list")
    assert (result.code, result.out) == (1, "")
    assert result.err == (
        f"glance: error: {HOST} speaks Images v1 only. "
        "Leave out --os-image-api-version (OS_IMAGE_API_VERSION).\n"
    )


def test_what_a_server_offers_is_remembered(glance: Callable[..., Result]) -> None:
    with RequestsMock() as mock:
        mock.get(f"{HOST}/", status=300, json={"versions": [{"id": "v1.1"}, {"id": "v2.5"}]})
        mock.get(HOST + V1, json={"images": []})
        mock.get(HOST + V2, json={"images": []})
        for words in (["--os-image-api-version", "1"], ["--os-image-api-version", "1"], []):
            assert glance("--os-image-url", HOST, *words, "image-list").code == 0
        paths = [
            (call.request.url or "").partition("?")[0].removeprefix(HOST) for call in mock.calls
        ]
    assert paths == ["/", V1, V1, V2]


@pytest.mark.parametrize("asked", ["3", "x", "v2", "20"])
def test_a_version_that_does_not_exist_is_a_usage_error(
    glance: Callable[..., Result], asked: str
) -> None:
    result = glance("--os-image-url", HOST, "--os-image-api-version", asked, "image-list")
    assert (result.code, result.out) == (2, "")
    assert f"'{asked}' is not a version of the Images API" in result.err
