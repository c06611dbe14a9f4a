"""Waiting for a snapshot: until it is finished, cannot finish, or takes too long."""

from __future__ import annotations

from typing import Any

import pytest
from responses import RequestsMock

from glancecli.api.compute.snapshots import wait_for_snapshot, wait_until_gone
from glancecli.errors import Forbidden, GlanceError, HttpError
from tests.support.novas import (
    NOVA,
    SERVER,
    SNAPSHOT,
    A,
    B,
    compute_on,
    glance_image,
    nova_error,
    serve_none,
    serve_one,
    serve_states,
    task,
)

ROOM = pytest.mark.parametrize("room", ["proxy", "no proxy"])

# Waiting --------------------------------------------------------------------------------------------


def test_waiting_ends_when_image_and_server_are_done(cloud: RequestsMock) -> None:
    nova = compute_on(cloud)
    seen: list[int] = []
    serve_states(
        cloud,
        ["queued", "saving", "active", "active"],
        [task("image_snapshot"), task("image_uploading"), task("image_uploading"), task(None)],
    )
    wait_for_snapshot(nova, A, SERVER, timeout=60, pause=0.01, progress=seen.append)
    assert seen == [25, 50, 100]


def test_without_an_image_only_the_server_is_waited_for(cloud: RequestsMock) -> None:
    nova = compute_on(cloud)
    serve_states(cloud, [], [task("image_backup"), task(None)])
    wait_for_snapshot(nova, "", SERVER, timeout=60, pause=0.01)


def test_an_active_image_of_a_deleted_server_is_finished(cloud: RequestsMock) -> None:
    nova = compute_on(cloud)
    serve_states(cloud, ["active"], [None])
    wait_for_snapshot(nova, A, SERVER, timeout=60, pause=0.01)


@pytest.mark.parametrize(
    ("state", "server", "message"),
    [
        (
            "killed",
            {},
            f"the snapshot of server {SERVER} failed; image {A} is ERROR. "
            f"`openstack server event list {SERVER}` may show why.",
        ),
        (
            "deleted",
            {},
            f"the snapshot of server {SERVER} failed; image {A} is DELETED. "
            f"`openstack server event list {SERVER}` may show why.",
        ),
        (
            "missing",
            {"fault": {"message": "No space left on device"}},
            f"the snapshot of server {SERVER} failed: No space left on device; image {A} was deleted",
        ),
        (
            "saving",
            {"status": "ERROR", "fault": {"message": "No space left on device"}},
            f"server {SERVER} is ERROR: No space left on device; image {A} is SAVING (50%)",
        ),
        (
            "saving",
            {"status": "ERROR"},
            f"server {SERVER} is ERROR: no fault is recorded; image {A} is SAVING (50%)",
        ),
        ("queued", None, f"server {SERVER} was deleted; image {A} is SAVING (25%)"),
    ],
)
def test_waiting_ends_when_the_snapshot_cannot_finish(
    cloud: RequestsMock, state: str, server: dict[str, Any] | None, message: str
) -> None:
    nova = compute_on(cloud)
    serve_states(cloud, [state], [server])
    with pytest.raises(GlanceError) as caught:
        wait_for_snapshot(nova, A, SERVER, timeout=60, pause=0.01)
    assert str(caught.value) == message


def test_waiting_ends_after_the_timeout_with_the_last_state(cloud: RequestsMock) -> None:
    nova = compute_on(cloud)
    serve_states(cloud, ["queued"], [task("image_uploading")])
    with pytest.raises(GlanceError) as caught:
        wait_for_snapshot(nova, A, SERVER, timeout=0.1)
    assert str(caught.value) == (
        f"not finished within 0.1 seconds: image {A} is SAVING (25%), "
        f"the task of server {SERVER} is image_uploading. It may still finish: "
        f"`glance image-show {A}` shows its state."
    )


def test_a_snapshot_without_a_task_has_a_hint_to_delete_it(cloud: RequestsMock) -> None:
    nova = compute_on(cloud)
    serve_states(cloud, ["queued"], [task(None)])
    with pytest.raises(GlanceError) as caught:
        wait_for_snapshot(nova, A, SERVER, timeout=0)
    assert str(caught.value) == (
        f"not finished within 0 seconds: image {A} is SAVING (25%), the task of server {SERVER} is none. "
        f"Nothing works on it any more: delete it with `glance image-delete {A}`, and look for the cause in "
        "nova-compute.log."
    )


def test_a_backup_without_an_image_has_a_hint_to_show_its_server(cloud: RequestsMock) -> None:
    nova = compute_on(cloud)
    serve_states(cloud, [], [task("image_backup")])
    with pytest.raises(GlanceError) as caught:
        wait_for_snapshot(nova, "", SERVER, timeout=0)
    assert str(caught.value) == (
        f"not finished within 0 seconds: the task of server {SERVER} is image_backup. "
        f"It may still finish: `openstack server show {SERVER}` shows its state."
    )


def test_progress_does_not_go_back_when_an_image_is_deleted(cloud: RequestsMock) -> None:
    nova = compute_on(cloud)
    seen: list[int] = []
    serve_states(cloud, ["queued", "missing"], [task("image_uploading")])
    with pytest.raises(GlanceError, match="was deleted"):
        wait_for_snapshot(nova, A, SERVER, timeout=60, pause=0.01, progress=seen.append)
    assert seen == [25]


def test_waiting_goes_on_after_a_few_failures_of_the_service(cloud: RequestsMock) -> None:
    nova = compute_on(cloud)
    cloud.get(f"{NOVA}/v2.1/images/{A}", status=500, json=nova_error("computeFault", 500, "Oops"))
    serve_states(cloud, ["active"], [task(None)])
    wait_for_snapshot(nova, A, SERVER, timeout=60, pause=0.01)


def test_waiting_ends_with_a_refusal(cloud: RequestsMock) -> None:
    nova = compute_on(cloud)
    cloud.get(f"{NOVA}/v2.1/images/{A}", status=403, json=nova_error("forbidden", 403, "No"))
    with pytest.raises(Forbidden):
        wait_for_snapshot(nova, A, SERVER, timeout=60, pause=0.01)


def test_waiting_has_the_same_errors_with_the_image_service(cloud: RequestsMock) -> None:
    nova = compute_on(cloud, low="2.40")
    serve_one(cloud, "no proxy", glance_image(status="killed"))
    cloud.get(f"{NOVA}/v2.1/servers/{SERVER}", json={"server": {"id": SERVER, "status": "ACTIVE"}})
    with pytest.raises(GlanceError, match=f"failed; image {A} is ERROR"):
        wait_for_snapshot(nova, A, SERVER, timeout=60, pause=0.01)


def test_deleted_images_are_not_waited_for(cloud: RequestsMock) -> None:
    nova = compute_on(cloud)
    serve_none(cloud, "proxy", A)
    serve_one(cloud, "proxy", SNAPSHOT)
    assert wait_until_gone(nova, [A, B], timeout=0) == {B}
    assert wait_until_gone(nova, [A], timeout=60) == set()


def test_a_service_that_keeps_failing_is_an_error(cloud: RequestsMock) -> None:
    nova = compute_on(cloud)
    cloud.get(f"{NOVA}/v2.1/images/{A}", status=500, json=nova_error("computeFault", 500, "Oops"))
    with pytest.raises(HttpError, match="Oops"):
        wait_for_snapshot(nova, A, SERVER, timeout=60, pause=0.01)
