"""Waiting: the one poll loop, and the wait for an image's data."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from glancecli.errors import Code, GlanceError, Hint
from glancecli.image import Image, has_data
from glancecli.text import counted

T = TypeVar("T")

# Seconds that commands wait for an image, unless --timeout says otherwise.
WAIT = 600.0
# Seconds that a copy may take when its size or checksum is to be verified.
COPY_WAIT = 3600.0
# Seconds until an image whose location was registered is active.
LOCATION_WAIT = 60.0

FIRST_PAUSE = 0.2  # seconds between the first two looks; it grows from look to look
LONGEST_PAUSE = 5.0
GROWTH = 1.5


def poll(
    look: Callable[[], T | None],
    seconds: float,
    *,
    first_pause: float = FIRST_PAUSE,
    longest_pause: float = LONGEST_PAUSE,
) -> T | None:
    """Calls look until it returns something, and returns that; None when the seconds are over.

    look is called at least once, and a last time when the seconds are over. What it raises ends the
    wait.
    """
    deadline = time.monotonic() + seconds
    pause = first_pause
    while True:
        found = look()
        if found is not None:
            return found
        remaining = deadline - time.monotonic()
        if remaining <= 0:
            return None
        time.sleep(min(pause, remaining))
        pause = min(pause * GROWTH, longest_pause)


# Statuses that the service leaves by itself.
IN_WORK = ("saving", "importing", "pending_delete")

# Statuses that end without data, and what to do about them.
HINTS_WITHOUT_DATA = {
    "killed": "The service could not read all data, or it was not what --checksum or --size "
    "promised; {} removes the image.",
    "deleted": "",
    "pending_delete": "",
}


def wait_for_data(
    get: Callable[[str], Image],
    image_id: str,
    seconds: float,
    check: Callable[[str], object] = lambda image_id: None,
) -> Image:
    """Returns the image once it is active, in all the stores that it is imported into.

    check is called with the ID while the image waits for data, and raises GlanceError when none is
    on its way. Raises GlanceError as well when the image is lost, or not active after so many
    seconds.
    """
    status = ""
    last: Image = {}

    def look() -> Image | None:
        nonlocal status, last
        last = image = get(image_id)
        if has_data(image):
            return image
        before, status = status, str(image["status"])
        if status in ("queued", "uploading"):
            check(image_id)  # a failed task says why
        _check_status(image_id, before, status)
        return None

    image = poll(look, seconds)
    if image is None:
        raise still_waiting(image_id, last, seconds)
    return image


def still_waiting(ref: str, image: Image, seconds: float) -> GlanceError:
    """The error for an image that has not got there in time; image is as it was seen last."""
    status = image["status"]
    stores = image.get("os_glance_importing_to_stores")
    state = status
    if stores and status == "active":
        state = f"importing into {stores}"
    hint = "{} shows its state."
    if status == "queued":
        hint = "It has no data so far; {} shows its state."
    elif status in IN_WORK or stores:
        hint = "The service continues; {} shows its state."
    return GlanceError(
        f"image {ref} is still {state} after {counted(seconds, 'second')}",
        hint=Hint(hint, ("image-show", ref)),
        code=Code.TIMEOUT,
    )


def import_failed(ref: str, message: str) -> GlanceError:
    """The error for an image whose newest import has failed, with the message of its task."""
    return GlanceError(
        f"image {ref}: {message}",
        hint=Hint(
            "Can the service reach the URL? The image is left without data: {} deletes it.",
            ("image-delete", ref),
        ),
    )


def _check_status(image_id: str, before: str, status: str) -> None:
    """Raises GlanceError for a status after which no data comes; before is that of the last look.

    An import that fails puts the image back into the queue.
    """
    if before == "importing" and status == "queued":
        raise GlanceError(
            f"the import into image {image_id} failed: the image is queued again, without data",
            hint=Hint("{} may show why.", ("image-tasks", image_id)),
        )
    if status in HINTS_WITHOUT_DATA:
        raise GlanceError(
            f"image {image_id} is {status}, and will not become active",
            hint=Hint(HINTS_WITHOUT_DATA[status], ("image-delete", image_id)),
        )
