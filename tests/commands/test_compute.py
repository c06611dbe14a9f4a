"""nova's image commands: what is asked, what is printed, how they end."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any

import pytest
from responses import RequestsMock

from tests.support.novas import (
    ACTION,
    NOVA,
    SERVER,
    SNAPSHOT,
    A,
    B,
    calls,
    glance_image,
    nova_error,
    query,
    sent_body,
    serve_everywhere,
    serve_list,
    serve_none,
    serve_one,
    serve_servers,
    serve_states,
    task,
    versions,
)
from tests.support.programs import Result

ROOM = pytest.mark.parametrize("room", ["proxy", "no proxy"])
ROOMS_FLOOR = {"proxy": "2.1", "no proxy": "2.36"}

Nova = Callable[..., Result]


@pytest.fixture
def nova(
    program: Callable[..., Result],
    cloud: RequestsMock,
    monkeypatch: pytest.MonkeyPatch,
    request: Any,
) -> Nova:
    """Run nova in this process on a Compute service that has the image proxy, or has not."""
    monkeypatch.setenv("OS_COMPUTE_URL", f"{NOVA}/v2.1")
    monkeypatch.setenv("GLANCECLI_CACHE", "0")
    room = (
        request.node.callspec.params.get("room", "proxy")
        if hasattr(request.node, "callspec")
        else "proxy"
    )

    def call(*words: str) -> Result:
        cloud.get(f"{NOVA}/v2.1/", json=versions(ROOMS_FLOOR[room]))
        return program("nova", *words)

    return call


@ROOM
def test_the_list_has_novas_four_columns(nova: Nova, cloud: RequestsMock, room: str) -> None:
    queued = glance_image(SERVER, "Alpine", status="queued", size=None)
    serve_list(cloud, room, SNAPSHOT, glance_image(), queued)
    result = nova("image-list")
    assert (result.code, result.err) == (0, "")
    rule = "+--------------------------------------+--------+--------+--------------------------------------+\n"
    assert result.out == (
        f"{rule}"
        "| ID                                   | Name   | Status | Server                               |\n"
        f"{rule}"
        f"| {SERVER} | Alpine | SAVING |                                      |\n"
        f"| {A} | cirros | ACTIVE |                                      |\n"
        f"| {B} | snap   | ACTIVE | {SERVER} |\n"
        f"{rule}"
    )


@pytest.mark.parametrize("room", ["no proxy"])
def test_a_list_comes_from_images_v1_too(
    nova: Nova, cloud: RequestsMock, monkeypatch: pytest.MonkeyPatch, room: str
) -> None:
    monkeypatch.setenv("OS_IMAGE_URL", "http://glance.test:9292/v1")
    old = {"id": B, "name": "snap", "status": "active", "is_public": False}
    old["properties"] = {"instance_uuid": SERVER}
    cloud.get("http://glance.test:9292/", status=300, json={"versions": [{"id": "v1.1"}]})
    for page in ([old], []):
        cloud.get("http://glance.test:9292/v1/images/detail", json={"images": page})
    result = nova("image-list", "--server", SERVER, "-f", "value")
    assert (result.code, result.out, result.err) == (0, f"{B} snap ACTIVE {SERVER}\n", "")
    assert query(cloud, -2) == {
        "limit": "1000",
        "property-instance_uuid": SERVER,
        "sort_key": "created_at",
        "sort_dir": "desc",
    }


@ROOM
def test_an_empty_list_is_header_and_rules(nova: Nova, cloud: RequestsMock, room: str) -> None:
    serve_list(cloud, room)
    assert nova("image-list").out == (
        "+----+------+--------+--------+\n"
        "| ID | Name | Status | Server |\n"
        "+----+------+--------+--------+\n"
        "+----+------+--------+--------+\n"
    )


@pytest.mark.parametrize(
    ("words", "out"),
    [
        (["--minimal", "-f", "value"], f"{A} cirros\n{B} snap\n"),
        (["-c", "Name", "-c", "Server", "-f", "csv"], f"Name,Server\ncirros,\nsnap,{SERVER}\n"),
        (["-f", "value", "-c", "Status"], "ACTIVE\nACTIVE\n"),
        (["-f", "value", "-c", "Name", "--limit", "1"], "snap\n"),
        (["-f", "value", "-c", "Name", "--status", "active"], "cirros\nsnap\n"),
        (["-f", "value", "-c", "Name", "--name", "snap"], "snap\n"),
        (["-f", "value", "-c", "Name", "--server", SERVER], "snap\n"),
    ],
)
def test_columns_of_a_list_can_be_picked(
    nova: Nova, cloud: RequestsMock, words: list[str], out: str
) -> None:
    serve_list(cloud, "proxy", SNAPSHOT, glance_image())
    result = nova("image-list", *words)
    assert (result.code, result.out, result.err) == (0, out, "")


def test_a_list_by_a_servers_name_looks_the_server_up(nova: Nova, cloud: RequestsMock) -> None:
    serve_servers(cloud, (SERVER, "web"))
    serve_list(cloud, "proxy", SNAPSHOT)
    assert nova("image-list", "--server", "web", "-f", "value", "-c", "ID").out == f"{B}\n"
    assert query(cloud)["server"] == SERVER


def test_json_has_every_field(nova: Nova, cloud: RequestsMock) -> None:
    serve_list(cloud, "proxy", SNAPSHOT)
    (found,) = nova("image-list", "-f", "json").json
    assert found["server"] == SERVER
    assert found["metadata"] == {
        "image_type": "snapshot",
        "instance_uuid": SERVER,
        "base_image_ref": A,
    }


@ROOM
def test_show_has_a_row_for_each_property_and_the_server_by_id(
    nova: Nova, cloud: RequestsMock, room: str
) -> None:
    serve_one(cloud, room, glance_image(B, None, instance_uuid=SERVER, kernel_id=None))
    result = nova("image-show", B)
    assert (result.code, result.err) == (0, "")
    assert result.out == (
        "+------------------------+--------------------------------------+\n"
        "| Property               | Value                                |\n"
        "+------------------------+--------------------------------------+\n"
        "| OS-EXT-IMG-SIZE:size   | 3072                                 |\n"
        "| created                | 2026-11-23T10:00:00Z                 |\n"
        f"| id                     | {B} |\n"
        f"| metadata instance_uuid | {SERVER} |\n"
        "| metadata kernel_id     | -                                    |\n"
        "| minDisk                | 0                                    |\n"
        "| minRam                 | 64                                   |\n"
        "| name                   | -                                    |\n"
        "| progress               | 100                                  |\n"
        f"| server                 | {SERVER} |\n"
        "| status                 | ACTIVE                               |\n"
        "| updated                | 2026-11-23T10:00:01Z                 |\n"
        "+------------------------+--------------------------------------+\n"
    )


def test_show_in_json_has_null_for_none(nova: Nova, cloud: RequestsMock) -> None:
    serve_one(cloud, "proxy", glance_image(B, None, k="v"))
    found = nova("image-show", B, "-f", "json").json
    assert (found["name"], found["metadata k"]) == (None, "v")


@ROOM
def test_an_unknown_image_is_one_line_and_exit_1(
    nova: Nova, cloud: RequestsMock, room: str
) -> None:
    serve_everywhere(cloud, room)
    result = nova("image-show", "nothing")
    assert (result.code, result.out) == (1, "")
    assert result.err == (
        "nova: error: No image with a name or ID of 'nothing' exists. "
        "It may be another project's, or deleted.\n"
    )


@ROOM
def test_delete_continues_after_a_failure_reports_it_and_exits_1(
    nova: Nova, cloud: RequestsMock, room: str
) -> None:
    serve_none(cloud, room, A, "DELETE")
    serve_none(cloud, room, A)
    if room == "proxy":
        serve_none(cloud, "no proxy", A)
    serve_everywhere(cloud, room)
    cloud.delete(
        f"{NOVA}/v2.1/images/{B}" if room == "proxy" else f"http://glance.test:9292/v2/images/{B}",
        status=204,
    )
    cloud.get("http://glance.test:9292/", status=300, json={"versions": [{"id": "v2.9"}]})
    result = nova("image-delete", A, B)
    assert (result.code, result.out) == (1, "")
    assert result.err == (
        f"nova: error: No image with a name or ID of '{A}' exists. It may be another project's, or deleted.\n"
    )
    assert sum(call.startswith("DELETE") for call in calls(cloud)) == 2


def test_delete_is_silent_on_success(nova: Nova, cloud: RequestsMock) -> None:
    for image_id in (A, B):
        cloud.delete(f"{NOVA}/v2.1/images/{image_id}", status=204)
    assert nova("image-delete", A, B, A) == Result(0, b"", "")
    assert sum(call.startswith("DELETE") for call in calls(cloud)) == 2


def test_meta_sets_properties_and_prints_nothing(nova: Nova, cloud: RequestsMock) -> None:
    cloud.post(f"{NOVA}/v2.1/images/{A}/metadata", json={"metadata": {}})
    assert nova("image-meta", A, "set", "k=v=w", "empty=") == Result(0, b"", "")
    assert sent_body(cloud) == {"metadata": {"k": "v=w", "empty": ""}}


def test_meta_deletes_keys_given_with_or_without_a_value(nova: Nova, cloud: RequestsMock) -> None:
    serve_one(cloud, "proxy", glance_image(k="1", m="2"))
    for key in "km":
        cloud.delete(f"{NOVA}/v2.1/images/{A}/metadata/{key}", status=204)
    assert nova("image-meta", A, "delete", "k", "m=2") == Result(0, b"", "")


@pytest.mark.parametrize(
    "words",
    [
        ["image-meta", A, "set", "novalue"],
        ["image-meta", A, "put", "k=v"],
        ["image-meta", A, "set"],
        ["image-delete"],
        ["image-show"],
        ["image-create", "web"],
        ["backup", "web", "b", "daily"],
        ["backup", "web", "b", "daily", "-1"],
        ["backup", "web", "b", "daily", "few"],
        ["backup", "web", "b", "daily", "0", "--show"],
        ["image-create", "web", "snap", "--metadata", "novalue"],
        ["image-create", "web", "snap", "--poll", "--timeout", "soon"],
        ["image-list", "--limit", "many"],
        ["image-list", "--os-compute-api-version", "newest"],
        ["image-meta", A, "set", "name=other"],
    ],
)
def test_a_wrong_command_line_sends_nothing_and_exits_2(
    program: Callable[..., Result],
    cloud: RequestsMock,
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
) -> None:
    monkeypatch.setenv("OS_COMPUTE_URL", NOVA)
    result = program("nova", *words)
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("nova: error: ")
    assert calls(cloud) == []


def test_a_negative_rotation_is_a_usage_error(program: Callable[..., Result]) -> None:
    result = program("nova", "backup", "web", "b", "daily", "-1", "--poll")
    assert (result.code, result.out) == (2, "")
    assert result.err == (
        "nova: error: Invalid value for 'ROTATION': '-1' is not a whole number of 0 or more "
        "(see nova backup --help)\n"
    )


def test_a_snapshot_is_silent(nova: Nova, cloud: RequestsMock) -> None:
    serve_servers(cloud, (SERVER, "web"))
    cloud.post(ACTION, status=202, json={"image_id": A})
    result = nova("image-create", "web", "snap", "--metadata", "a=b", "--metadata", "c=d=e")
    assert result == Result(0, b"", "")
    assert sent_body(cloud) == {"createImage": {"name": "snap", "metadata": {"a": "b", "c": "d=e"}}}


@pytest.mark.parametrize(
    ("pair", "said"),
    [
        (
            "status=foo",
            "'status' is an attribute of the image, not a property. See `glance image-update --help`.",
        ),
        (
            "name=x",
            "'name' is an attribute of the image, not a property. See `glance image-update --help`.",
        ),
        ("location=x", "'location' is not a property. See `glance location-add --help`."),
        ("os_glance_x=y", "'os_glance_x' is reserved for the Image service itself"),
    ],
)
def test_metadata_of_a_snapshot_is_checked_as_image_meta_is(
    program: Callable[..., Result], cloud: RequestsMock, pair: str, said: str
) -> None:
    snapshot = program("nova", "image-create", SERVER, "snap", "--metadata", pair)
    assert (snapshot.code, snapshot.out, snapshot.err) == (2, "", f"nova: error: {said}\n")
    assert program("nova", "image-meta", A, "set", pair) == snapshot
    assert calls(cloud) == []


def test_an_error_of_nova_over_many_properties_names_the_quota(
    nova: Nova, cloud: RequestsMock
) -> None:
    cloud.post(ACTION, status=500, json=nova_error("computeFault", 500, "Unexpected API Error."))
    result = nova("image-create", SERVER, "snap", *(f"--metadata=k{i}=v" for i in range(140)))
    assert (result.code, result.out) == (1, "")
    assert result.err == (
        f"nova: error: server {SERVER}: Unexpected API Error (HTTP 500). The Image service may have refused its "
        "properties, 140 of yours and about a dozen of Nova's: the usual quota is 128.\n"
    )


def test_a_snapshot_with_v_names_its_image(nova: Nova, cloud: RequestsMock) -> None:
    cloud.post(ACTION, status=202, json={"image_id": A})
    result = nova("-v", "image-create", SERVER, "snap")
    assert (result.out, result.err) == (
        "",
        f"nova: snapshot snap of server {SERVER} started: image {A}\n",
    )


POLLED = "\n\rServer snapshotting... 100% complete\nFinished\n"


def test_a_snapshot_with_poll_prints_as_novaclient_did(nova: Nova, cloud: RequestsMock) -> None:
    cloud.post(ACTION, status=202, json={"image_id": A})
    serve_states(cloud, ["queued", "active"], [task("image_snapshot"), task(None)])
    result = nova("image-create", SERVER, "snap", "--poll")
    assert (result.code, result.err) == (0, "")
    assert result.out == POLLED.replace("\r", "\rServer snapshotting... 25% complete\r")


def test_show_after_poll_is_image_shows_table(nova: Nova, cloud: RequestsMock) -> None:
    cloud.post(ACTION, status=202, json={"image_id": A})
    serve_states(cloud, ["active"], [task(None)])
    result = nova("image-create", SERVER, "snap", "--poll", "--show", "-c", "id", "-c", "status")
    assert result.out == POLLED + (
        "+----------+--------------------------------------+\n"
        "| Property | Value                                |\n"
        "+----------+--------------------------------------+\n"
        f"| id       | {A} |\n"
        "| status   | ACTIVE                               |\n"
        "+----------+--------------------------------------+\n"
    )


def test_where_programs_read_the_result_poll_prints_nothing(
    nova: Nova, cloud: RequestsMock
) -> None:
    cloud.post(ACTION, status=202, json={"image_id": A})
    serve_states(cloud, ["active"], [task(None)])
    result = nova("image-create", SERVER, "snap", "--poll", "--show", "-f", "value", "-c", "id")
    assert (result.out, result.err) == (f"{A}\n", "")


def test_a_snapshot_that_fails_exits_1_and_says_why(nova: Nova, cloud: RequestsMock) -> None:
    cloud.post(ACTION, status=202, json={"image_id": A})
    serve_states(cloud, ["missing"], [{"fault": {"message": "No space left on device"}}])
    result = nova("image-create", SERVER, "snap", "--poll", "--show")
    assert (result.code, result.out) == (1, "\n")
    assert result.err == (
        f"nova: error: the snapshot of server {SERVER} failed: No space left on device; image {A} was deleted\n"
    )


def test_a_snapshot_that_never_finishes_ends_by_its_time_limit(
    nova: Nova, cloud: RequestsMock
) -> None:
    cloud.post(ACTION, status=202, json={"image_id": A})
    serve_states(cloud, ["queued"], [task(None)])
    result = nova("image-create", SERVER, "snap", "--poll", "--timeout", "0")
    assert (result.code, result.out) == (1, "\n\rServer snapshotting... 25% complete\n")
    assert result.err == (
        f"nova: error: not finished within 0 seconds: image {A} is SAVING (25%), the task of server {SERVER} "
        f"is none. Nothing works on it any more: delete it with `nova image-delete {A}`, and look for the cause "
        "in nova-compute.log.\n"
    )


@pytest.mark.parametrize(
    ("signal_number", "code", "word"),
    [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "terminated")],
)
def test_an_interrupted_wait_names_the_image_on_a_line_of_its_own(
    nova: Nova, cloud: RequestsMock, signal_number: int, code: int, word: str
) -> None:
    cloud.post(ACTION, status=202, json={"image_id": A})
    serve_states(cloud, ["queued"], [task("image_uploading")])

    def strike(request: object) -> tuple[int, dict[str, str], str]:
        os.kill(os.getpid(), signal_number)
        return 200, {}, "{}"

    cloud.add_callback("GET", f"{NOVA}/v2.1/images/{A}", strike)
    result = nova("image-create", SERVER, "snap", "--poll")
    assert (result.code, result.out) == (code, "\n\rServer snapshotting... 25% complete\n")
    assert (
        result.err == f"nova: {word}. It may still finish: `nova image-show {A}` shows its state.\n"
    )


def test_a_busy_server_is_a_clear_error(nova: Nova, cloud: RequestsMock) -> None:
    said = "Cannot 'createImage' instance while it is in vm_state building"
    cloud.post(ACTION, status=409, json=nova_error("conflictingRequest", 409, said))
    result = nova("image-create", SERVER, "snap")
    assert (result.code, result.out) == (1, "")
    assert result.err == (
        f"nova: error: server {SERVER}: {said} (HTTP 409). "
        "The server must be active, shut off, paused or suspended, with no other task.\n"
    )


@pytest.mark.parametrize("room", ["no proxy"])
def test_a_snapshot_is_started_once_also_when_the_image_service_has_v1_only(
    nova: Nova, cloud: RequestsMock, room: str
) -> None:
    cloud.post(ACTION, status=202, json={"image_id": A})
    serve_none(cloud, room, A)
    cloud.get("http://glance.test:9292/", status=300, json={"versions": [{"id": "v1.1"}]})
    headers = {"x-image-meta-id": A, "x-image-meta-name": "snap", "x-image-meta-status": "queued"}
    cloud.head(f"http://glance.test:9292/v1/images/{A}", headers=headers)
    result = nova("image-create", SERVER, "snap", "--show", "-f", "value", "-c", "status")
    assert (result.code, result.out, result.err) == (0, "SAVING\n", "")
    assert sum(call.startswith("POST") for call in calls(cloud)) == 1


def backups(*names: str) -> list[dict[str, Any]]:
    """Backups of the server, oldest first."""
    kind = {"image_type": "backup", "backup_type": "daily", "instance_uuid": SERVER}
    return [
        glance_image(f"{i}{A[1:]}", name, created_at=f"2026-11-2{i}T00:00:00Z", **kind)
        for i, name in enumerate(names)
    ]


def test_a_backup_is_silent(nova: Nova, cloud: RequestsMock) -> None:
    cloud.post(ACTION, status=202, json={"image_id": A})
    assert nova("backup", SERVER, "b", "daily", "2") == Result(0, b"", "")
    assert sent_body(cloud) == {
        "createBackup": {"name": "b", "backup_type": "daily", "rotation": 2}
    }


def test_a_backup_with_v_names_the_backups_that_rotation_deletes(
    nova: Nova, cloud: RequestsMock
) -> None:
    one, two, three = backups("mon", "tue", "wed")
    serve_list(cloud, "proxy", three, two, one)
    cloud.post(ACTION, status=202, json={"image_id": A})
    result = nova("-v", "backup", SERVER, "thu", "daily", "2")
    assert (result.code, result.out) == (0, "")
    assert result.err == (
        f"nova: backup thu of server {SERVER} started: image {A}\n"
        f"nova: rotation deletes tue ({two['id']})\n"
        f"nova: rotation deletes mon ({one['id']})\n"
    )


def test_a_backup_with_v_and_poll_names_the_backups_that_were_deleted(
    nova: Nova, cloud: RequestsMock
) -> None:
    one, two = backups("mon", "tue")
    serve_list(cloud, "proxy", two, one)
    cloud.post(ACTION, status=202, json={"image_id": A})
    serve_states(cloud, ["active"], [task(None)])
    serve_none(cloud, "proxy", one["id"])
    result = nova("backup", SERVER, "wed", "daily", "2", "--poll", "-v")
    assert (result.code, result.out) == (0, POLLED)
    assert result.err == (
        f"nova: backup wed of server {SERVER} started: image {A}\nnova: deleted by rotation: mon ({one['id']})\n"
    )


def test_a_backup_with_rotation_0_waits_for_the_server_alone(
    nova: Nova, cloud: RequestsMock
) -> None:
    cloud.post(ACTION, status=202, json={"image_id": A})
    serve_states(cloud, [], [task(None)])
    result = nova("backup", SERVER, "b", "daily", "0", "--poll")
    assert (result.code, result.err) == (0, "")
    assert result.out == POLLED


def test_a_backup_with_show_prints_the_image(nova: Nova, cloud: RequestsMock) -> None:
    cloud.post(ACTION, status=202, json={"image_id": A})
    serve_one(cloud, "proxy", glance_image(status="queued"))
    assert (
        nova("backup", SERVER, "b", "daily", "1", "--show", "-f", "value", "-c", "status").out
        == "SAVING\n"
    )


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("2", ""),
        ("1.1", "nova: warning: Compute API version 1.1 means version 2, as in novaclient\n"),
    ],
)
def test_the_version_of_a_very_old_openrc_is_v2(
    nova: Nova, cloud: RequestsMock, monkeypatch: pytest.MonkeyPatch, asked: str, said: str
) -> None:
    monkeypatch.setenv("OS_COMPUTE_API_VERSION", asked)
    serve_list(cloud, "proxy", SNAPSHOT)
    result = nova("image-list", "-f", "value", "-c", "ID")
    assert (result.code, result.out, result.err) == (0, f"{B}\n", said)


def test_the_microversion_asked_for_is_sent(nova: Nova, cloud: RequestsMock) -> None:
    cloud.post(ACTION, status=202, json={"image_id": A})
    assert nova("--os-compute-api-version", "2.60", "image-create", SERVER, "x").code == 0
    assert cloud.calls[-1].request.headers["OpenStack-API-Version"] == "compute 2.60"


def test_a_range_of_microversions_that_holds_no_longer_is_asked_for_again(
    program: Callable[..., Result], cloud: RequestsMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nova was upgraded since the last command: its 406 costs two requests, and nobody hears of it."""
    monkeypatch.setenv("OS_COMPUTE_URL", f"{NOVA}/v2.1")
    cloud.get(f"{NOVA}/v2.1/", json=versions("2.1"))
    serve_list(cloud, "proxy", glance_image())
    assert program("nova", "image-list").code == 0
    cloud.reset()
    cloud.get(
        f"{NOVA}/v2.1/images/detail", status=406, json={"computeFault": {"message": "Version 2.1"}}
    )
    cloud.get(f"{NOVA}/v2.1/", json=versions("2.36"))
    serve_list(cloud, "no proxy", glance_image())
    result = program("nova", "image-list", "-f", "value", "-c", "Name")
    assert (result.code, result.out, result.err) == (0, "cirros\n", "")


def test_a_release_without_the_proxy_is_recognised_by_its_404(
    program: Callable[..., Result], cloud: RequestsMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OS_COMPUTE_URL", f"{NOVA}/v2.1")
    cloud.get(f"{NOVA}/v2.1/", json=versions("2.1"))
    cloud.get(
        f"{NOVA}/v2.1/images/detail", status=404, json=nova_error("itemNotFound", 404, "gone")
    )
    serve_list(cloud, "no proxy", glance_image())
    for _ in range(2):
        result = program("nova", "image-list", "-f", "value", "-c", "Name")
        assert (result.code, result.out, result.err) == (0, "cirros\n", "")
    assert [call for call in calls(cloud) if "nova" in call or "v2.1" in call].count(
        "GET /v2.1/images/detail"
    ) == 1
