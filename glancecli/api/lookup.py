"""Images found by name or ID."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from glancecli.api.errors import ambiguous, no_such_image
from glancecli.errors import NotFound
from glancecli.image import Image, Query, is_uuid

if TYPE_CHECKING:
    from glancecli.api.interfaces import Images


def find(images: Images, ref: str) -> Image:
    """Returns the image that ref names, by ID or by exact name.

    An ID costs one request, a name one. Raises NotFound, or GlanceError listing the candidates when
    several images have the name.
    """
    request_id = ""
    if is_uuid(ref):
        try:
            return images.get(ref)
        except NotFound as error:
            request_id = error.request_id
    matches = images.named(ref)
    if len(matches) == 1:
        return matches[0]
    if not matches:
        raise no_such_image(ref, request_id)
    raise ambiguous("images", ref, _candidates(matches))


def find_id(images: Images, ref: str) -> str:
    """Returns the ID that ref names. An ID is not looked up, which saves a request."""
    if is_uuid(ref):
        return ref
    return str(find(images, ref)["id"])


def find_offered(images: Images, name: str, member_status: str) -> Image | None:
    """Returns the only image of this name that is shared with our project and has this status there
    ("all" for any), None for none or several. Names and default lists leave it out until it is
    accepted. A hidden one counts where no other is.
    """
    filters = (("name", name), ("visibility", "shared"), ("member_status", member_status))
    for hidden in (None, True):
        listed = images.list(Query(filters, hidden=hidden))
        offered = [image for image in listed if image.get("name") == name]
        if offered:
            break
    if len(offered) != 1:
        return None
    return offered[0]


def _candidates(images: Sequence[Image]) -> Iterator[str]:
    """Yields a line about each image, to choose by: with the projects if they differ."""
    one_project = len({image.get("owner") for image in images}) == 1
    for image in images:
        status = str(image.get("status")).ljust(11)
        line = f"{image['id']} {status}"
        if not one_project:
            line += f" project {image.get('owner')}"
        yield f"{line} created {image.get('created_at')}"
