"""A hypervisor that runs no servers and takes real, very small snapshots.

Runs in the servers' own Python. Words in the server's name change its snapshots, for tests of
clients that wait:

* ``stuck``: the image stays queued forever;
* ``slow``: the snapshot takes three seconds, and the server's task state shows it;
* ``broken``: the snapshot fails: Nova deletes the image and records a fault.
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from typing import Any

from nova import exception  # type: ignore[import-not-found]
from nova.compute import task_states  # type: ignore[import-not-found]
from nova.image import glance  # type: ignore[import-not-found]
from nova.virt import fake  # type: ignore[import-not-found]

CONTENT = b"A snapshot made by the sandbox.\n".ljust(4096, b"\0")


class Driver(fake.FakeDriverWithoutFakeNodes):  # type: ignore[misc]
    """Nova's fake driver, with image data in its snapshots."""

    def snapshot(
        self, context: Any, instance: Any, image_id: str, update_task_state: Callable[..., None]
    ) -> None:
        """Uploads a few KiB as the server's disk."""
        name = instance.display_name
        pause = 0.0
        if "slow" in name:
            pause = 1.5
        update_task_state(task_state=task_states.IMAGE_PENDING_UPLOAD)
        time.sleep(pause)
        update_task_state(
            task_state=task_states.IMAGE_UPLOADING, expected_state=task_states.IMAGE_PENDING_UPLOAD
        )
        time.sleep(pause)
        if "broken" in name:
            raise exception.NovaException("The sandbox breaks snapshots of servers with this name")
        if "stuck" in name:
            return
        properties = {
            "image_location": "snapshot",
            "image_state": "available",
            "owner_id": instance.project_id,
        }
        wanted = {"disk_format": "raw", "container_format": "bare", "properties": properties}
        glance.API().update(context, image_id, wanted, io.BytesIO(CONTENT))
