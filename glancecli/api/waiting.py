"""Waiting for images."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from glancecli.api.v2.tasks import _check_tasks
from glancecli.errors import GlanceError
from glancecli.image import Image, has_data

if TYPE_CHECKING:
    from glancecli.api.v1.images import ImagesV1
    from glancecli.api.v2.images import ImagesV2


# What ends without data -> why, and what to do.
LOST = {
    "killed": "The service could not read all data, or it was not what --checksum or --size promised; "
    "'image-delete {}' removes the image.",
    "deleted": "",
    "pending_delete": "",
}


def wait(images: ImagesV1 | ImagesV2, image_id: str, seconds: float) -> Image:
    """The image once it is active, and in all the stores that it is imported into.

    Raises GlanceError with the task's message when its import has failed, and when it is not done
    after so many seconds.
    """
    end, pause = time.monotonic() + seconds, 0.2
    while True:
        image = images.get(image_id)
        status = image["status"]
        if has_data(image):
            return image
        if status in ("queued", "uploading") and images.version == "2":
            _check_tasks(images.http, image_id)
        if status in LOST:
            raise GlanceError(
                f"image {image_id} is {status}, and will not become active",
                hint=LOST[status].format(image_id),
            )
        if time.monotonic() + pause > end:
            raise GlanceError(
                f"image {image_id} is still {status} after {seconds:g} seconds",
                hint=f"The service goes on; image-show {image_id} tells its state.",
            )
        time.sleep(pause)
        pause = min(pause * 1.5, 5.0)
