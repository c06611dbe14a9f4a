"""An endpoint that moved while its catalog is cached costs one login; other failures are believed."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests
from responses import RequestsMock

from tests.support.images import A, image
from tests.support.programs import Glance

KEYSTONE = "http://keystone.test:5000/v3"
OLD, NEW = "http://old.test:9292", "http://new.test/image"
PAGE = "<html><head><title>Welcome to nginx!</title></head></html>"


class Cloud:
    """A Keystone whose catalog has the endpoints in urls; it counts logins."""

    def __init__(self, mock: RequestsMock) -> None:
        self.mock = mock
        self.urls = {"image": OLD, "compute": "http://old.test:8774/v2.1/p"}
        self.logins = 0
        mock.add_callback("POST", f"{KEYSTONE}/auth/tokens", self.log_in)

    def log_in(self, request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        self.logins += 1
        domain = {"id": "default", "name": "d"}
        catalog = [
            {"type": kind, "name": kind, "endpoints": [{"interface": "public", "region": "R", "url": url}]}
            for kind, url in self.urls.items()
        ]  # fmt: skip
        token = {
            "methods": ["password"],
            "expires_at": "2999-01-01T00:00:00.000000Z",
            "issued_at": "2026-01-01T00:00:00.000000Z",
            "user": {"id": "u", "name": "u", "domain": domain},
            "project": {"id": "p", "name": "p", "domain": domain},
            "roles": [],
            "catalog": catalog,
        }
        return 201, {"X-Subject-Token": f"t{self.logins}"}, json.dumps({"token": token})


@pytest.fixture
def moving(glance: Glance, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A cloud with a cached login, whose old endpoint worked until now."""
    for name, value in {
        "AUTH_URL": KEYSTONE,
        "USERNAME": "u",
        "PASSWORD": "p",
        "PROJECT_NAME": "p",
    }.items():
        monkeypatch.setenv(f"OS_{name}", value)
    with RequestsMock(assert_all_requests_are_fired=False) as mock:
        cloud = Cloud(mock)
        mock.get(f"{OLD}/v2/images", json={"images": []})
        assert glance("image-list").code == 0
        mock.remove("GET", f"{OLD}/v2/images")
        yield cloud


REFUSED = requests.ConnectionError(ConnectionRefusedError(111, "Connection refused"))
SIGNS: list[Any] = [
    pytest.param({"body": requests.ConnectTimeout("slow")}, id="no connection"),
    pytest.param({"body": REFUSED}, id="broken"),
    pytest.param({"status": 301, "headers": {"Location": f"{NEW}/v2/images"}}, id="redirect"),
    pytest.param({"status": 200, "body": PAGE}, id="page"),
    pytest.param({"status": 404, "body": PAGE}, id="missing page"),
]


@pytest.mark.parametrize("sign", SIGNS)
def test_a_list_is_requested_from_the_new_endpoint(
    glance: Glance, moving: Any, sign: dict[str, Any]
) -> None:
    moving.mock.get(f"{OLD}/v2/images", **sign)
    moving.mock.get(f"{NEW}/v2/images", json={"images": [image()]})
    moving.urls["image"] = NEW
    result = glance("image-list", "-f", "value", "-c", "ID")
    assert (result.code, result.out, result.err) == (0, f"{A}\n", "")
    assert moving.logins == 2
    assert glance("image-list", "-f", "value", "-c", "ID").out == f"{A}\n"
    assert moving.logins == 2


@pytest.mark.parametrize("sign", SIGNS)
def test_an_endpoint_that_is_still_in_the_catalog_is_believed_after_one_login(
    glance: Glance, moving: Any, sign: dict[str, Any]
) -> None:
    moving.mock.get(f"{OLD}/v2/images", **sign)
    result = glance("image-list")
    assert (result.code, moving.logins) == (1, 2)


def test_a_change_that_the_old_endpoint_may_have_made_is_not_sent_to_the_new_one(
    glance: Glance, moving: Any
) -> None:
    reset = requests.ConnectionError(ConnectionResetError(104, "Connection reset by peer"))
    moving.mock.patch(f"{OLD}/v2/images/{A}", body=reset)
    moving.mock.patch(f"{NEW}/v2/images/{A}", json=image())
    moving.urls["image"] = NEW
    result = glance("image-update", A, "--name", "x")
    assert (result.code, result.err) == (
        1,
        f"glance: error: the connection to {OLD} broke: connection reset by peer. "
        "Check that the service is up and reachable from here.\n",
    )
    assert glance("image-update", A, "--name", "x").code == 0


def test_an_image_is_created_at_the_new_endpoint_when_there_was_no_connection(
    glance: Glance, moving: Any
) -> None:
    moving.mock.post(f"{OLD}/v2/images", body=requests.ConnectTimeout("slow"))
    moving.mock.post(f"{NEW}/v2/images", status=201, json=image(status="queued"))
    moving.urls["image"] = NEW
    result = glance("image-create", "--name", "x", "-f", "value", "-c", "id")
    assert (result.code, result.out) == (0, f"{A}\n")


def test_a_fixed_endpoint_costs_no_login(glance: Glance, moving: Any) -> None:
    moving.mock.get("http://fixed.test/v2/images", body=requests.ConnectTimeout("slow"))
    glance("--os-image-url", "http://fixed.test", "image-list")
    assert moving.logins == 1


def test_a_failing_login_leaves_the_first_error(glance: Glance, moving: Any) -> None:
    moving.mock.get(f"{OLD}/v2/images", body=requests.ConnectTimeout("slow"))
    moving.mock.replace(
        "POST", f"{KEYSTONE}/auth/tokens", status=401, json={"error": {"message": "no"}}
    )
    result = glance("image-list")
    assert result.err == (
        f"glance: error: cannot connect to {OLD}: connection timed out. "
        "Check that the service is up and reachable from here.\n"
    )


def test_a_moved_compute_endpoint_keeps_its_project(
    program: Any, glance: Glance, moving: Any
) -> None:
    old, new = "http://old.test:8774/v2.1", "http://new.test/compute/v2.1"
    versions = {"version": {"version": "2.1", "min_version": "2.1"}}
    moving.mock.get(f"{old}/", json=versions)
    moving.mock.get(f"{old}/p/images/{A}", body=requests.ConnectTimeout("slow"))
    moving.mock.get(f"{new}/p/images/{A}", json={"image": {"id": A, "name": "x"}})
    moving.urls["compute"] = f"{new}/p"
    result = program("nova", "image-show", A, "-f", "value")
    assert (result.code, result.out) == (0, f"{A}\nx\n")


def test_another_cloud_at_the_old_endpoint_that_refuses_the_token_is_left(
    glance: Glance, moving: Any
) -> None:
    moving.mock.get(f"{OLD}/v2/images", status=401, json={"message": "no"})
    moving.mock.get(f"{NEW}/v2/images", json={"images": [image()]})
    moving.urls["image"] = NEW
    result = glance("image-list", "-f", "value", "-c", "ID")
    assert (result.code, result.out, moving.logins) == (0, f"{A}\n", 2)


@pytest.mark.parametrize("sign", [*SIGNS, pytest.param({"status": 401}, id="401")])
def test_a_node_that_is_named_is_never_replaced_by_the_endpoint(
    glance: Glance, moving: Any, sign: dict[str, Any]
) -> None:
    node = "http://node.test:9292"
    moving.mock.delete(f"{node}/v2/cache", **sign)
    moving.mock.get(f"{node}/", status=404)
    moving.urls["image"] = NEW
    before = len(moving.mock.calls)
    result = glance("cache-clear", "--node", node)
    assert result.code == 1
    later = [call.request.url for call in list(moving.mock.calls)[before:]]
    assert [url for url in later if not url.startswith((node, KEYSTONE))] == []
