"""Tasks on images, as v2 shows them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from glancecli.api import decoding
from glancecli.api.v2.client import image_path
from glancecli.api.waiting import import_failed, wait_for_data
from glancecli.errors import AuthError, Forbidden, GlanceError, Hint, HttpError, NotFound, Subject
from glancecli.masking import mask
from glancecli.transport.client import quoted

if TYPE_CHECKING:
    from glancecli.api.interfaces import Info, InfoList, Pagination, TaskQuery
    from glancecli.api.v2.client import ClientV2
    from glancecli.image import Image

INTERNAL_ERROR = "Task failed due to Internal Error"
REFUSALS = (400, 403, 404)
IMPORTS_INSTEAD = Hint(
    "Data is imported without this deprecated request today: see {}, {}.",
    ("help", "image-import"),
    ("help", "image-tasks"),
)


class TasksV2:
    """Tasks of the service on images."""

    def __init__(self, client: ClientV2) -> None:
        self.client = client

    def list(self, image_id: str) -> InfoList:
        """Returns the tasks on the image, the newest first; none where the cloud shows none."""
        try:
            found = list_tasks(self.client, image_id)
        except HttpError as error:
            self.client.check_version(error)
            raise
        if not found:
            self.client.get_image(image_id)  # a missing image gets the same response
        return found

    def search(self, query: TaskQuery, pagination: Pagination) -> Iterator[Info]:
        """Returns the tasks that match, of all images, page by page."""
        filters = [(key, value) for key, value in query._asdict().items() if value]
        with for_administrators():
            rows = self.client.rows("/v2/tasks", "tasks", filters, pagination)
            yield from map(decoding.task, rows)

    def get(self, task_id: str) -> Info:
        """Returns the task with this ID."""
        with for_administrators():
            response = self.client.request(
                "GET", f"/v2/tasks/{quoted(task_id)}", subject=Subject("task", task_id)
            )
        return decoding.task(response.object())

    def create(self, kind: str, task_input: Mapping[str, Any]) -> Info:
        """Starts a task of this kind."""
        body = {"type": kind, "input": task_input}
        subject = Subject("task of type", kind)
        try:
            response = self.client.request(
                "POST", "/v2/tasks", body=body, expect=(201,), subject=subject
            )
        except HttpError as error:
            if error.status in REFUSALS:
                error.hint = IMPORTS_INSTEAD
            raise
        return decoding.task(response.object())


@contextmanager
def for_administrators() -> Iterator[None]:
    """Gives a refusal in this context the hint at what everybody may see."""
    try:
        yield
    except Forbidden as error:
        error.hint = Hint("{} lists the tasks of one image.", ("image-tasks", "IMAGE"))
        raise


def list_tasks(client: ClientV2, image_id: str) -> list[Info]:
    """The tasks on an image, the newest first; none where the image or the API does not exist."""
    try:
        response = client.http.request(
            "GET", f"{image_path(image_id)}/tasks", subject=Subject("image", image_id)
        )
    except NotFound:
        return []
    found = [decoding.task(row) for row in response.rows("tasks")]
    return sorted(found, key=_created_at, reverse=True)


def known_tasks(client: ClientV2, image_id: str) -> list[Info] | None:
    """The tasks on an image, the newest first; None where the cloud does not let us see them.

    A policy may forbid it, and the service may fail to list them: what the image itself says is
    what counts then.
    """
    try:
        return list_tasks(client, image_id)
    except AuthError:
        raise
    except GlanceError:
        return None


def import_failure(client: ClientV2, image_id: str) -> str:
    """The message of the newest task if it has failed: no data is on its way then. Else ""."""
    for task in (known_tasks(client, image_id) or [])[:1]:
        if task.get("status") == "failure":
            return failure_text(task)
    return ""


def check_newest_task(client: ClientV2, image_id: str) -> None:
    """Raises GlanceError when the newest task has failed."""
    message = import_failure(client, image_id)
    if message:
        raise import_failed(image_id, message)


def wait_until_active(client: ClientV2, image_id: str, seconds: float) -> Image:
    """Returns the image once it is active. Raises GlanceError with the message of a failed task,
    and when the image is not active after so many seconds.
    """

    def check(image_id: str) -> None:
        check_newest_task(client, image_id)

    return wait_for_data(client.get_image, image_id, seconds, check)


def failure_text(task: Mapping[str, Any]) -> str:
    """The message of a failed task."""
    message = str(task.get("message") or INTERNAL_ERROR)
    if message == INTERNAL_ERROR:
        message = f"the service could not get the data and gives no other reason than '{message}'"
    return mask(message)


def _created_at(task: Mapping[str, Any]) -> str:
    return str(task.get("created_at"))
