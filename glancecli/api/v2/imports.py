"""Imports of image data by a v2 service.

https://docs.openstack.org/api-ref/image/v2/ (import process)
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from glancecli.api import decoding
from glancecli.api.interfaces import Imported
from glancecli.api.v2.import_stores import AskedStores, is_copy
from glancecli.api.v2.stores import ask_service
from glancecli.api.v2.tasks import failure_text, known_tasks, wait_until_active
from glancecli.api.waiting import poll
from glancecli.errors import Code, GlanceError, Hint, HttpError, NotFound
from glancecli.text import counted

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

    def run(self, image_id: str, body: ImportRequest, seconds: float) -> Imported:
        """Starts an import and returns the image once it is done, with the stores that it missed.

        Raises GlanceError with the task's message when the import fails, and when it is not done
        after so many seconds or has reached no store. Where the cloud shows no tasks only the image
        itself counts.
        """
        deadline = time.monotonic() + seconds
        earlier: Image = {}
        if is_copy(body):
            earlier = self.client.get_image(image_id)
        asked = AskedStores.asked_by(body, earlier)
        known = known_tasks(self.client, image_id)
        self.request(image_id, body)
        tasks: InfoList = []
        if known is not None:
            tasks = self._wait_for_tasks(image_id, known, seconds)
        remaining = max(deadline - time.monotonic(), 0.0)
        image = wait_until_active(self.client, image_id, remaining)
        if known is not None and not tasks and asked.has_all:
            return Imported(image, [])  # every store has the data: nothing was tried
        if known is None and asked.copies:
            image = self._wait_for_stores(image, asked, deadline - time.monotonic())
        return Imported(image, asked.checked(image))

    def _wait_for_tasks(self, image_id: str, earlier: InfoList, seconds: float) -> InfoList:
        """Waits until no task is running that is not one of the earlier ones, and returns these.
        Raises GlanceError when one of them has failed.
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
            raise not_finished(image_id, seconds)
        if any(task.get("status") == "failure" for task in tasks):
            raise GlanceError(
                f"image {image_id}: {failure_text(tasks[0])}",
                hint=Hint("{} shows its state.", ("image-show", image_id)),
            )
        return tasks

    def _wait_for_stores(self, image: Image, asked: AskedStores, seconds: float) -> Image:
        """Returns the image once each store that was asked for has the data or has failed.

        An image that has its data does not show that a copy has begun.
        """
        image_id = str(image["id"])

        def look() -> Image | None:
            found = self.client.get_image(image_id)
            if asked.are_settled(found):
                return found
            return None

        settled = poll(look, max(seconds, 0.0))
        if settled is None:
            raise not_finished(image_id, seconds)
        return settled

    def request(self, image_id: str, body: ImportRequest) -> None:
        """Starts an import; a refusal says what to do about it."""
        try:
            self.client.image_request("POST", image_id, "/import", body=body, expect=(202,))
        except HttpError as error:
            error.hint = refusal_hint(error.service_message, image_id) or error.hint
            raise


def not_finished(image_id: str, seconds: float) -> GlanceError:
    """The error for an import that takes longer than somebody waits."""
    return GlanceError(
        f"the import into image {image_id} is not finished after {counted(seconds, 'second')}",
        hint=Hint("The service continues; {} shows its tasks.", ("image-tasks", image_id)),
        code=Code.TIMEOUT,
    )


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
