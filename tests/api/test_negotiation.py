"""Which version of the Images API is used, and how many requests it takes to find out."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from responses import RequestsMock

from glancecli.api import connect
from glancecli.api.errors import Unsupported
from glancecli.api.negotiation import ImageService
from glancecli.auth.clouds import load
from glancecli.auth.identity import Identity
from glancecli.errors import NotFound, UsageError
from glancecli.image import Query
from tests.support.programs import Result
from tests.support.v1server import V1Server

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
def test_the_version_is_the_one_asked_for_else_the_newest(
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


def test_asking_for_version_2_fails_on_a_server_that_has_only_v1(
    glance: Callable[..., Result],
) -> None:
    with RequestsMock() as mock:
        mock.get(f"{HOST}/", status=300, json={"versions": [{"id": "v1.1"}]})
        mock.get(HOST + V2, status=404)
        result = glance("--os-image-url", HOST, "--os-image-api-version", "2", "image-list")
    assert (result.code, result.out) == (1, "")
    assert result.err == (
        f"glance: error: {HOST} speaks Images v1 only. "
        "Leave out --os-image-api-version (OS_IMAGE_API_VERSION).\n"
    )


def test_the_versions_that_a_server_offers_are_remembered(glance: Callable[..., Result]) -> None:
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


# Services -----------------------------------------------------------------------------------------


def identity_of(server: V1Server) -> Identity:
    flags = {"os_image_url": server.url, "os_auth_token": "demo", "no_cache": True}
    return Identity(load(flags, {}))


def service_on(server: V1Server, check: Callable[[str], None] | None = None) -> ImageService:
    """The service of a server whose versions are not known yet."""
    return connect(identity_of(server), None, check=check)


def requests_to(server: V1Server) -> list[str]:
    return [f"{seen.method} {seen.path.partition('?')[0]}" for seen in server.seen]


def test_a_call_that_is_refused_for_its_version_is_repeated_once() -> None:
    with V1Server(v2=False) as server:
        image_id = server.add(b"x")["id"]
        images = service_on(server).images
        assert images.version == "2"
        assert images.get(image_id)["id"] == image_id
        assert images.version == "1"
        assert images.get(image_id)["id"] == image_id
    assert requests_to(server) == [
        f"GET /v2/images/{image_id}",
        "GET /",
        f"HEAD /v1/images/{image_id}",
        f"HEAD /v1/images/{image_id}",
    ]


def test_a_list_that_is_refused_for_its_version_is_read_in_the_other() -> None:
    with V1Server(v2=False) as server:
        image_id = server.add(b"x")["id"]
        found = service_on(server).images.list(Query())
        assert [image["id"] for image in found] == [image_id]


def test_an_image_that_does_not_exist_is_looked_for_in_one_version() -> None:
    image = "1546eb88-0000-0000-0000-000000000000"
    flags = {"os_image_url": HOST, "os_auth_token": "t", "no_cache": True}
    with RequestsMock() as mock:
        mock.get(f"{HOST}/", status=300, json={"versions": [{"id": v} for v in BOTH]})
        mock.get(f"{HOST}{V2}/{image}", status=404)
        images = connect(Identity(load(flags, {})), None).images
        with pytest.raises(NotFound):
            images.get(image)
        assert images.version == "2"


def test_options_that_the_other_version_cannot_honour_are_refused_before_the_call_is_repeated() -> (
    None
):
    checked = []

    def check(version: str) -> None:
        checked.append(version)
        if version == "1":
            raise UsageError("--hidden: not in v1")

    with V1Server(v2=False) as server:
        service = service_on(server, check)
        with pytest.raises(UsageError, match="--hidden"):
            service.images.create({"name": "x"})
    assert checked == ["2", "1"]
    assert requests_to(server) == ["POST /v2/images", "GET /"]


def test_options_are_checked_against_the_version_that_the_server_has() -> None:
    checked = []

    def check(version: str) -> None:
        checked.append(version)
        if version == "2":
            raise UsageError("--can-share: not in v2")

    with V1Server(v2=False) as server:
        assert service_on(server, check).version == "1"
    assert checked == ["2", "1"]
    assert requests_to(server) == ["GET /"]


TOPIC_CALLS: list[tuple[Callable[[ImageService], object], str]] = [
    (lambda service: service.tags.add("x", "t"), "Images v1 has no tags"),
    (lambda service: service.stores.list(detail=False), "Images v1 does not show where data"),
    (lambda service: service.stores.usage(), "Images v1 has no quotas"),
    (lambda service: service.locations.remove("x", ()), "Images v1 cannot remove a location"),
    (lambda service: service.imports.info(), "Images v1 has no imports"),
    (lambda service: service.tasks.list("x"), "Images v1 has no tasks"),
]


@pytest.mark.parametrize(
    ("call", "sentence"), TOPIC_CALLS, ids=[sentence for _, sentence in TOPIC_CALLS]
)
def test_a_topic_that_v1_does_not_have_is_refused(
    call: Callable[[ImageService], object], sentence: str
) -> None:
    with V1Server(v2=False) as server:
        service = connect(identity_of(server), "1")
        with pytest.raises(Unsupported, match=sentence):
            call(service)
    assert requests_to(server) == ["GET /"]
