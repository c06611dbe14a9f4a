"""Imports of image data by a v2 service.

https://docs.openstack.org/api-ref/image/v2/ (import process)
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from glancecli.api import decoding
from glancecli.api.v2.stores import ask_service
from glancecli.api.v2.tasks import failure_text, known_tasks, wait_until_active
from glancecli.api.waiting import poll
from glancecli.errors import GlanceError, Hint, HttpError, NotFound

if TYPE_CHECKING:
    from glancecli.api.interfaces import ImportRequest, Info, InfoList
    from glancecli.api.v2.client import ClientV2
    from glancecli.image import Image

RUNNING = frozenset({"pending", "processing"})  # statuses of a task that is not done


class ImportsV2:
    """Imports: the service gets the data of an image by itself, or from the staging area."""

    def __init__(self, client: ClientV2) -> None:
        self.client = client

    def info(self) -> Info:
        """Returns what the service says about imports, by name: description, type, value."""
        response = ask_service(
            self.client, "import", missing="this cloud has no imports (Images API older than 2.6)"
        )
        return decoding.info(response.object())

    def methods(self) -> list[str]:
        """Returns the import methods of the cloud, none on a cloud without imports."""
        try:
            response = self.client.request("GET", "/v2/info/import")
        except NotFound:
            return []
        return decoding.texts(response.object("import-methods").get("value"))

    def start(self, image_id: str, body: ImportRequest) -> Image:
        """Starts an import; returns the image after that."""
        self.request(image_id, body)
        return self.client.get_image(image_id)

    def run(self, image_id: str, body: ImportRequest, seconds: float) -> Image:
        """Starts an import and returns the image once it is done.

        Raises GlanceError with the task's message when the import fails, and when it is not done
        after so many seconds. Where the cloud shows no tasks only the image's status counts.
        """
        deadline = time.monotonic() + seconds
        earlier = known_tasks(self.client, image_id)
        self.request(image_id, body)
        if earlier is not None:
            self._wait_for_tasks(image_id, earlier, seconds)
        remaining = max(deadline - time.monotonic(), 0.0)
        return wait_until_active(self.client, image_id, remaining)

    def _wait_for_tasks(self, image_id: str, earlier: InfoList, seconds: float) -> None:
        """Waits until no task is running that is not one of the earlier ones. Raises GlanceError
        when one of them has failed.
        """
        earlier_ids = {task.get("id") for task in earlier}

        def look() -> InfoList | None:
            tasks = known_tasks(self.client, image_id) or []
            ours = [task for task in tasks if task.get("id") not in earlier_ids]
            if any(task.get("status") in RUNNING for task in ours):
                return None
            return ours

        tasks = poll(look, seconds)
        if tasks is None:
            raise GlanceError(
                f"the import into image {image_id} is not finished after {seconds:g} seconds",
                hint=Hint("The service continues; {} shows its tasks.", ("image-tasks", image_id)),
            )
        if any(task.get("status") == "failure" for task in tasks):
            raise GlanceError(
                f"image {image_id}: {failure_text(tasks[0])}",
                hint=Hint("{} shows its state.", ("image-show", image_id)),
            )

    def request(self, image_id: str, body: ImportRequest) -> None:
        """Starts an import; a refusal says what to do about it."""
        try:
            self.client.image_request("POST", image_id, "/import", body=body, expect=(202,))
        except HttpError as error:
            error.hint = refusal_hint(error.service_message, image_id) or error.hint
            raise


def refusal_hint(message: str, image_id: str) -> Hint | None:
    """What to do about an import that the service refused with this message."""
    if "needs to be staged" in message:
        return Hint("{} stages data.", ("image-stage", image_id, "--file", "FILE"))
    if "needs to be set" in message:
        return Hint(
            "{} sets --disk-format and --container-format.",
            ("image-update", image_id),
        )
    if "import method" in message:
        return Hint("{} lists the methods of this cloud.", ("import-info",))
    if "Store for identifier" in message:
        return Hint("{} lists the stores of this cloud.", ("stores-info",))
    return None
