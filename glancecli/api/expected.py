"""Whether a service has the data that was expected, where this program has not sent it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from glancecli.checksums import image_checksums
from glancecli.errors import Code, GlanceError

if TYPE_CHECKING:
    from glancecli.changes import RemoteData
    from glancecli.image import Image


def check_data(image: Image, data: RemoteData, warn: Callable[[str], None]) -> Image:
    """Returns the image. Raises GlanceError when its size or hash is not as expected.

    Warns when the service hashes by other algorithms than those that are expected.
    """
    image_id = image["id"]
    found_size = image.get("size")
    if data.size is not None and found_size != data.size:
        raise GlanceError(
            f"image {image_id} has {found_size} bytes, not the expected {data.size}",
            code=Code.WRONG_DATA,
        )
    expected = dict(data.checksums)
    if not expected:
        return image
    stored = image_checksums(image)
    for algorithm, digest in stored:
        if algorithm not in expected:
            continue
        if digest == expected[algorithm]:
            return image
        raise GlanceError(
            f"image {image_id} has the {algorithm} {digest}, "
            f"not the expected {expected[algorithm]}",
            code=Code.WRONG_DATA,
        )
    known = " and ".join(expected)
    has = " and ".join(algorithm for algorithm, _ in stored) or "no algorithm"
    warn(
        f"the data of image {image_id} was not verified: {known} is expected, and the service "
        f"hashes by {has}"
    )
    return image
