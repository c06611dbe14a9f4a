"""Images found by name or ID."""

from __future__ import annotations

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
    raise ambiguous("images", ref, map(_candidate, matches))


def find_id(images: Images, ref: str) -> str:
    """Returns the ID that ref names. An ID is not looked up, which saves a request."""
    if is_uuid(ref):
        return ref
    return str(find(images, ref)["id"])


def find_offered(images: Images, name: str, member_status: str) -> Image | None:
    """Returns the only image of this name that is shared with our project and has this status there
    ("all" for any), None for none or several. Names and default lists leave it out until it is
    accepted.
    """
    filters = (("name", name), ("visibility", "shared"), ("member_status", member_status))
    offered = [image for image in images.list(Query(filters)) if image.get("name") == name]
    if len(offered) != 1:
        return None
    return offered[0]


def _candidate(image: Image) -> str:
    """One line about an image, to choose by."""
    status = str(image.get("status")).ljust(11)
    owner = image.get("owner")
    created = image.get("created_at")
    return f"{image['id']} {status} project {owner} created {created}"
