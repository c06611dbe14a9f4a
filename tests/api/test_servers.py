"""Microversions, endpoints and servers of the Compute service."""

from __future__ import annotations

import pytest
from responses import RequestsMock

from glancecli.api.compute.client import split_endpoint
from glancecli.api.compute.microversions import FIRST
from glancecli.api.compute.servers import IMAGE_ID_IN_BODY
from glancecli.errors import Conflict, GlanceError, HttpError, NotFound, UsageError
from tests.support.novas import (
    ACTION,
    GLANCE,
    NOVA,
    SERVER,
    A,
    B,
    calls,
    compute_on,
    glance_image,
    nova_error,
    nova_image,
    query,
    sent_body,
    serve_list,
    serve_servers,
    unconnected,
    versions,
)

ROOM = pytest.mark.parametrize("room", ["proxy", "no proxy"])

# Microversions and endpoints ------------------------------------------------------------------------


def test_the_range_of_microversions_is_requested_once(cloud: RequestsMock) -> None:
    nova = compute_on(cloud)
    serve_list(cloud, "proxy")
    nova.image_list()
    nova.image_list()
    assert calls(cloud) == ["GET /v2.1/", "GET /v2.1/images/detail", "GET /v2.1/images/detail"]


def test_a_remembered_range_costs_no_request(cloud: RequestsMock) -> None:
    nova = unconnected()
    nova.client.http.identity.remember("compute_microversions", "2.1 2.79")
    serve_list(cloud, "proxy")
    nova.image_list()
    assert calls(cloud) == ["GET /v2.1/images/detail"]
    assert "OpenStack-API-Version" not in cloud.calls[0].request.headers


@pytest.mark.parametrize("status", [400, 403, 404, 500])
def test_a_server_without_a_range_has_the_first_microversion(
    cloud: RequestsMock, status: int
) -> None:
    nova = unconnected()
    cloud.get(f"{NOVA}/v2.1/", status=status)
    serve_list(cloud, "proxy")
    assert nova.image_list() == []


def test_an_old_server_without_microversions_has_the_first(cloud: RequestsMock) -> None:
    nova = compute_on(cloud, low="", high="")
    assert nova.client.offered == ((2, 1), (2, 1))


@pytest.mark.parametrize(
    ("endpoint", "prefix"),
    [
        (NOVA, "/v2.1"),
        (f"{NOVA}/v2.1", "/v2.1"),
        (f"{NOVA}/v2.1/p1", "/v2.1/p1"),
        (f"{NOVA}/v2/p1", "/v2/p1"),
        (f"{NOVA}/compute/v2.1", "/compute/v2.1"),
        (f"{NOVA}/compute/v2.1/p1", "/compute/v2.1/p1"),
        (f"{NOVA}/compute", "/compute/v2.1"),
    ],
)
def test_every_form_of_endpoint_leads_to_the_same_resources(
    cloud: RequestsMock, endpoint: str, prefix: str
) -> None:
    nova = unconnected(url=endpoint)
    document = prefix.removesuffix("/p1") + "/"
    cloud.get(f"{NOVA}{document}", json=versions())
    cloud.get(f"{NOVA}{prefix}/images/{A}", json={"image": nova_image(glance_image())})
    assert nova.image_show(A)["name"] == "cirros"
    assert calls(cloud) == [f"GET {document}", f"GET {prefix}/images/{A}"]


def test_an_endpoint_is_split_before_its_version() -> None:
    assert split_endpoint("http://v2.example/v2.1/abc") == ("http://v2.example", "/v2.1/abc")


@pytest.mark.parametrize(
    ("asked", "low", "high", "images", "actions"),
    [
        (None, "2.1", "2.104", (2, 1), (2, 45)),
        ("2", "2.1", "2.104", (2, 1), (2, 45)),
        (None, "2.1", "2.26", (2, 1), (2, 26)),
        (None, "2.60", "2.104", (2, 60), (2, 60)),
        ("2.1", "2.1", "2.104", (2, 1), (2, 1)),
        ("2.90", "2.1", "2.104", (2, 90), (2, 90)),
        ("2.latest", "2.1", "2.104", (2, 104), (2, 104)),
        ("latest", "2.1", "2.79", (2, 79), (2, 79)),
    ],
)
def test_the_microversion_is_the_requested_one_or_the_nearest_to_the_best(
    cloud: RequestsMock,
    asked: str | None,
    low: str,
    high: str,
    images: tuple[int, int],
    actions: tuple[int, int],
) -> None:
    client = compute_on(cloud, low, high, asked).client
    assert (client.microversion(FIRST), client.microversion(IMAGE_ID_IN_BODY)) == (images, actions)


def test_a_microversion_that_the_server_lacks_is_an_error_with_the_range(
    cloud: RequestsMock,
) -> None:
    client = compute_on(cloud, "2.1", "2.60", "2.90").client
    with pytest.raises(GlanceError, match=r"has microversions 2\.1 to 2\.60, not 2\.90"):
        client.microversion(FIRST)


@pytest.mark.parametrize("word", ["1.2", "2.045", "3", "newest", "2.x", "2."])
def test_a_word_that_is_not_a_version_is_a_usage_error(word: str) -> None:
    with pytest.raises(UsageError, match="is not a Compute API version"):
        unconnected(word)


# Servers --------------------------------------------------------------------------------------------


def test_a_server_by_id_costs_no_request(cloud: RequestsMock) -> None:
    assert unconnected().servers.find_id(SERVER) == SERVER
    assert calls(cloud) == []


def test_a_servers_name_is_escaped_for_the_filter_and_compared_exactly(cloud: RequestsMock) -> None:
    nova = compute_on(cloud)
    serve_servers(cloud, (A, "WEB.1 (x)"), (SERVER, "web.1 (x)"))
    assert nova.servers.find_id("web.1 (x)") == SERVER
    assert query(cloud) == {"name": r"^web\.1\ \(x\)$"}


def test_an_ambiguous_servers_name_lists_its_candidates(cloud: RequestsMock) -> None:
    nova = compute_on(cloud)
    serve_servers(cloud, (SERVER, "web"), (A, "web"))
    cloud.get(
        f"{NOVA}/v2.1/servers/{SERVER}",
        json={"server": {"id": SERVER, "status": "ACTIVE", "created": "2026"}},
    )
    cloud.get(f"{NOVA}/v2.1/servers/{A}", status=404, json=nova_error("itemNotFound", 404, "gone"))
    with pytest.raises(GlanceError) as caught:
        nova.servers.find_id("web")
    assert [str(caught.value), *caught.value.candidates] == [
        "Multiple servers are named 'web', use an ID to be more specific:",
        f"{SERVER} ACTIVE      created 2026",
        f"{A} (deleted)",
    ]


def test_an_unknown_server_is_an_error(cloud: RequestsMock) -> None:
    nova = compute_on(cloud)
    serve_servers(cloud)
    with pytest.raises(NotFound) as caught:
        nova.servers.find_id("web")
    assert str(caught.value) == (
        "No server with a name or ID of 'web' exists. Servers of other projects are not visible."
    )


@pytest.mark.parametrize(
    "location", [f"{GLANCE}/images/{A}", f"{GLANCE}/v2/images/{A}/", f"/images/{A}"]
)
def test_a_snapshots_id_is_the_last_part_of_its_location(
    cloud: RequestsMock, location: str
) -> None:
    nova = compute_on(cloud, asked="2.1")
    cloud.post(ACTION, status=202, headers={"Location": location})
    assert nova.servers.create_image(SERVER, "snap", {"k": "v"}) == (SERVER, A)
    assert sent_body(cloud) == {"createImage": {"name": "snap", "metadata": {"k": "v"}}}
    assert "OpenStack-API-Version" not in cloud.calls[-1].request.headers


def test_a_snapshots_id_is_in_the_body_from_2_45(cloud: RequestsMock) -> None:
    nova = compute_on(cloud)
    cloud.post(ACTION, status=202, json={"image_id": A})
    assert nova.servers.create_image(SERVER, "snap", {}) == (SERVER, A)
    headers = cloud.calls[-1].request.headers
    assert headers["OpenStack-API-Version"] == "compute 2.45"
    assert headers["X-OpenStack-Nova-API-Version"] == "2.45"


def test_a_snapshot_without_an_id_is_an_error_with_the_command_that_finds_it(
    cloud: RequestsMock,
) -> None:
    nova = compute_on(cloud)
    cloud.post(ACTION, status=202)
    with pytest.raises(
        GlanceError,
        match=r"did not return the ID of its image\. `glance image-list --name snap` shows it",
    ):
        nova.servers.create_image(SERVER, "snap", {})


@pytest.mark.parametrize(("low", "high"), [("2.1", "2.1"), ("2.1", "2.104")])
def test_a_backup_with_rotation_0_has_no_image(cloud: RequestsMock, low: str, high: str) -> None:
    nova = compute_on(cloud, low, high)
    if high == "2.1":
        cloud.post(ACTION, status=202)
    else:
        cloud.post(ACTION, status=202, json={"image_id": A})
    assert nova.servers.create_backup(SERVER, "b", "daily", 0) == (SERVER, "")
    assert sent_body(cloud) == {
        "createBackup": {"name": "b", "backup_type": "daily", "rotation": 0}
    }


def test_a_backup_returns_its_image(cloud: RequestsMock) -> None:
    nova = compute_on(cloud)
    cloud.post(ACTION, status=202, json={"image_id": A})
    assert nova.servers.create_backup(SERVER, "b", "daily", 3) == (SERVER, A)


def test_a_server_named_like_an_id_is_found_by_name(cloud: RequestsMock) -> None:
    nova = compute_on(cloud)
    cloud.post(
        f"{NOVA}/v2.1/servers/{B}/action", status=404, json=nova_error("itemNotFound", 404, "no")
    )
    serve_servers(cloud, (SERVER, B))
    cloud.post(ACTION, status=202, json={"image_id": A})
    assert nova.servers.create_image(B, "snap", {}) == (SERVER, A)


def test_a_server_of_another_project_is_not_found(cloud: RequestsMock) -> None:
    nova = compute_on(cloud)
    cloud.post(
        ACTION, status=404, json=nova_error("itemNotFound", 404, "Instance could not be found.")
    )
    serve_servers(cloud)
    with pytest.raises(NotFound, match=f"No server with a name or ID of '{SERVER}' exists"):
        nova.servers.create_image(SERVER, "snap", {})


def test_an_exceeded_quota_is_not_reported_as_a_policy(cloud: RequestsMock) -> None:
    nova = compute_on(cloud)
    cloud.post(
        ACTION, status=403, json=nova_error("forbidden", 403, "Image metadata limit exceeded")
    )
    with pytest.raises(HttpError) as caught:
        nova.servers.create_image(SERVER, "snap", {"k": "v"})
    assert str(caught.value) == (
        f"server {SERVER}: Image metadata limit exceeded (HTTP 403). A cloud administrator can raise the quota."
    )


def test_a_busy_server_is_an_error_with_the_states_that_allow_a_snapshot(
    cloud: RequestsMock,
) -> None:
    nova = compute_on(cloud)
    message = nova_error(
        "conflictingRequest",
        409,
        "Cannot 'createImage' instance x while it is in task_state rebooting",
    )
    serve_servers(cloud, (SERVER, "web"))
    cloud.post(ACTION, status=409, json=message, headers={"X-Openstack-Request-Id": "req-1"})
    with pytest.raises(Conflict) as caught:
        nova.servers.create_image("web", "snap", {})
    assert str(caught.value) == (
        "server web: Cannot 'createImage' instance x while it is in task_state rebooting (HTTP 409, "
        "request req-1). The server must be active, shut off, paused or suspended, with no other task."
    )


@pytest.mark.parametrize(
    ("kind", "status"),
    [("forbidden", 403), ("overLimit", 413), ("badRequest", 400), ("computeFault", 500)],
)
def test_a_refused_snapshot_has_the_message_of_the_service(
    cloud: RequestsMock, kind: str, status: int
) -> None:
    nova = compute_on(cloud)
    cloud.post(
        ACTION, status=status, json=nova_error(kind, status, "Quota exceeded, too many snapshots.")
    )
    with pytest.raises(HttpError) as caught:
        nova.servers.create_image(SERVER, "snap", {})
    assert caught.value.headline == f"server {SERVER}: Quota exceeded, too many snapshots."
