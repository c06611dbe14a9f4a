"""Waiting until a snapshot or backup is finished, or never will be."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from glancecli.api.compute.images import Compute
from glancecli.api.compute.servers import Server
from glancecli.errors import ConnectionFailed, GlanceError, HttpError, NotFound
from glancecli.image import Image

# Seconds between two looks: at first often, then less and less.
FIRST_PAUSE, LONGEST_PAUSE = 0.25, 5.0
PATIENCE = 5  # looks in a row that may fail before waiting is given up


def wait_for_snapshot(
    compute: Compute,
    image_id: str,
    server_id: str,
    *,
    timeout: float,
    pause: float = FIRST_PAUSE,
    progress: Callable[[int], None] = lambda percent: None,
) -> None:
    """Wait until the image is active and the server has finished its task.

    Without an image_id only the server is waited for. timeout is in seconds, pause the ones between
    the first two looks; progress is told the percentage that the service shows. Raises GlanceError
    that says what became of image and server: failed, gone, or not finished in time.
    """
    deadline = time.monotonic() + timeout
    failures = 0
    idle = False
    while True:
        try:
            image = _look(compute.image_by_id, image_id) if image_id else None
            server = _look(compute.servers.get, server_id)
        except (ConnectionFailed, HttpError) as error:
            failures += 1
            if failures > PATIENCE or (isinstance(error, HttpError) and error.status < 500):
                raise
            standing = str(error)
        else:
            failures = 0
            if _finished(image_id, image, server_id, server):
                return
            progress(int((image or {}).get("progress") or 0))
            idle = not _task(server)
            standing = _standing(image_id, image, server_id, server)
        left = deadline - time.monotonic()
        if left <= 0:
            hint = abandoned(image_id) if idle else goes_on(image_id, server_id)
            raise GlanceError(f"not finished within {timeout:g} seconds: {standing}", hint=hint)
        time.sleep(min(pause, left))
        pause = min(pause * 1.5, LONGEST_PAUSE)


def goes_on(image_id: str, server_id: str) -> str:
    """What to do about a snapshot that is no longer waited for."""
    how = f"nova image-show {image_id}" if image_id else f"openstack server show {server_id}"
    return f"It may still finish: `{how}` tells."


def abandoned(image_id: str) -> str:
    """What to do about a snapshot of a server that has no task any more."""
    return f"Nobody works on it any more: `nova image-delete {image_id}`, and see why in nova-compute.log."


def wait_until_gone(compute: Compute, image_ids: Sequence[str], *, timeout: float) -> set[str]:
    """Wait until these images are deleted; those that are still there after timeout seconds."""
    deadline = time.monotonic() + timeout
    pause = FIRST_PAUSE
    left = set(image_ids)
    while True:
        left = {image_id for image_id in left if _look(compute.image_by_id, image_id)}
        if not left or time.monotonic() + pause > deadline:
            return left
        time.sleep(pause)
        pause = min(pause * 1.5, LONGEST_PAUSE)


def _look(get: Callable[[str], dict[str, Any]], ref: str) -> dict[str, Any] | None:
    """What is there now, or None."""
    try:
        return get(ref)
    except NotFound:
        return None


def _finished(image_id: str, image: Image | None, server_id: str, server: Server | None) -> bool:
    """Whether all is done. Raises GlanceError when it never will be."""
    working = bool(_task(server))
    if not image_id:
        return not working
    status = str(image["status"]) if image else ""
    if status == "ACTIVE":
        return not working
    fault = _fault(server)
    if status in ("", "ERROR", "DELETED"):
        became = f"is {status}" if status else "was deleted"
        if fault:
            raise GlanceError(
                f"the snapshot of server {server_id} failed, image {image_id} {became}: {fault}"
            )
        raise GlanceError(
            f"the snapshot of server {server_id} failed, image {image_id} {became}",
            hint=f"`openstack server event list {server_id}` may say why.",
        )
    if server is None:
        raise GlanceError(
            f"server {server_id} was deleted while image {image_id} was {_state(image)}"
        )
    if server.get("status") == "ERROR":
        raise GlanceError(
            f"server {server_id} is ERROR while image {image_id} is {_state(image)}: "
            + (fault or "no fault is recorded")
        )
    return False


def _standing(image_id: str, image: Image | None, server_id: str, server: Server | None) -> str:
    about = f"image {image_id} is {_state(image)}, " if image_id else ""
    return f"{about}the task of server {server_id} is {_task(server) or 'none'}"


def _state(image: Image | None) -> str:
    return f"{image['status']} ({image.get('progress', 0)}%)" if image else "deleted"


def _task(server: Server | None) -> str:
    return str((server or {}).get("OS-EXT-STS:task_state") or "")


def _fault(server: Server | None) -> str:
    fault = (server or {}).get("fault")
    return str(fault.get("message") or "") if isinstance(fault, dict) else ""
