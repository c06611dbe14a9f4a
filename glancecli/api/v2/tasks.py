"""Tasks on images, as v2 tells of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from glancecli.errors import GlanceError, Hint, NotFound, Subject
from glancecli.masking import mask
from glancecli.transport.client import ServiceClient, quoted

if TYPE_CHECKING:
    pass


def tasks(http: ServiceClient, image_id: str) -> list[dict[str, Any]]:
    """Tasks on the image, the newest first; none on a cloud that does not tell."""
    try:
        answer = http.request(
            "GET", f"/v2/images/{quoted(image_id)}/tasks", subject=Subject("image", image_id)
        )
    except NotFound:
        return []
    found = answer.object().get("tasks") or []
    return sorted(found, key=lambda t: str(t.get("created_at")), reverse=True)


def _check_tasks(http: ServiceClient, image_id: str) -> None:
    """Raises GlanceError when the newest task has failed: nothing is on its way then."""
    for task in tasks(http, image_id)[:1]:
        if task.get("status") == "failure":
            raise GlanceError(
                f"image {image_id}: {_failure(task)}",
                hint=Hint(
                    "Can the service reach the URL? The image is left without data: {} deletes it.",
                    ("image-delete", image_id),
                ),
            )


def _failure(task: Mapping[str, Any]) -> str:
    """What a failed task says of itself."""
    said = str(task.get("message") or "Task failed due to Internal Error")
    if said == "Task failed due to Internal Error":
        said = f"the service could not get the data, and says no more than '{said}'"
    return mask(said)
