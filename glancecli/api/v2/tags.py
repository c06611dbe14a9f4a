"""Single tags in v2 (https://docs.openstack.org/api-ref/image/v2/#image-tags)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glancecli.api import no_such_image
from glancecli.errors import NotFound, Subject
from glancecli.image import Changes
from glancecli.transport.client import quoted

if TYPE_CHECKING:
    from glancecli.api.v2.images import ImagesV2


def add(images: ImagesV2, image_id: str, tag: str) -> None:
    """Put a tag on the image, which may have it already."""
    if _fits_a_url(tag):
        try:
            images.request(
                "PUT", _path(image_id, tag), expect=(204,), subject=Subject("image", image_id)
            )
        except NotFound as error:
            raise no_such_image(image_id, error.request_id) from error
    elif tag not in (tags := images.get(image_id)["tags"]):
        images.update(image_id, Changes({"tags": [*tags, tag]}))


def remove(images: ImagesV2, image_id: str, tag: str) -> None:
    """Take a tag off the image. NotFound when it has no such tag."""
    if _fits_a_url(tag):
        try:
            images.request(
                "DELETE", _path(image_id, tag), expect=(204,), subject=Subject("image", image_id)
            )
        except NotFound as error:
            images.get(image_id)  # the same answer comes for an image that is not there
            raise _missing(image_id, tag, error.request_id) from error
        return
    tags = images.get(image_id)["tags"]
    if tag not in tags:
        raise _missing(image_id, tag)
    images.update(image_id, Changes({"tags": [t for t in tags if t != tag]}))


def _missing(image_id: str, tag: str, request_id: str = "") -> NotFound:
    return NotFound(f"image {image_id} has no tag '{tag}'", request_id=request_id)


def _fits_a_url(tag: str) -> bool:
    """Whether a URL keeps the tag whole: Glance reads UTF-8 there as Latin-1, a quoted slash as
    one.
    """
    return tag.isascii() and "/" not in tag and tag not in (".", "..")


def _path(image_id: str, tag: str) -> str:
    return f"/v2/images/{quoted(image_id)}/tags/{quoted(tag)}"
