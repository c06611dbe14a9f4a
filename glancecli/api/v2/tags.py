"""Single tags in v2 (https://docs.openstack.org/api-ref/image/v2/#image-tags)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glancecli.api.errors import image_must_exist
from glancecli.errors import NotFound, Subject
from glancecli.transport.client import quoted

if TYPE_CHECKING:
    from glancecli.api.v2.client import ClientV2


class TagsV2:
    """Tags of images, one by one."""

    def __init__(self, client: ClientV2) -> None:
        self.client = client

    def add(self, image_id: str, tag: str) -> None:
        """Adds a tag to the image, which may have it already."""
        if fits_in_path(tag):
            with image_must_exist(image_id):
                self.client.image_request("PUT", image_id, subpath(tag), expect=(204,))
            return
        tags = self._tags(image_id)
        if tag not in tags:
            self._replace(image_id, [*tags, tag])

    def remove(self, image_id: str, tag: str) -> None:
        """Removes a tag from the image. Raises NotFound when it has no such tag."""
        if fits_in_path(tag):
            self._delete(image_id, tag)
            return
        tags = self._tags(image_id)
        if tag not in tags:
            raise missing_tag(image_id, tag)
        tags.remove(tag)
        self._replace(image_id, tags)

    def _delete(self, image_id: str, tag: str) -> None:
        try:
            self.client.image_request("DELETE", image_id, subpath(tag), expect=(204,))
        except NotFound as error:
            self.client.get_image(image_id)  # a missing image gets the same response
            raise missing_tag(image_id, tag, error.request_id) from error

    def _tags(self, image_id: str) -> list[str]:
        image = self.client.get_image(image_id)
        return list(image["tags"])

    def _replace(self, image_id: str, tags: list[str]) -> None:
        change = {"op": "add", "path": "/tags", "value": tags}
        self.client.patch_image(image_id, [change])


def missing_tag(image_id: str, tag: str, request_id: str = "") -> NotFound:
    """The error for a tag that the image does not have."""
    subject = Subject("image", image_id)
    return NotFound(f"it has no tag '{tag}'", subject=subject, request_id=request_id)


def fits_in_path(tag: str) -> bool:
    """Whether the tag survives in a path: Glance decodes UTF-8 there as Latin-1, and a quoted slash
    as a separator.
    """
    if tag in ("", ".", ".."):
        return False
    return tag.isascii() and "/" not in tag


def subpath(tag: str) -> str:
    """The path of a tag below its image."""
    return f"/tags/{quoted(tag)}"
