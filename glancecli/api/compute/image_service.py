"""Images of the Image service in Nova's words, where the Compute service has no image proxy."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from glancecli.api.compute.nova_images import Conditions, as_nova
from glancecli.api.lookup import find
from glancecli.changes import Changes
from glancecli.image import Image, Query

if TYPE_CHECKING:
    from glancecli.api.interfaces import Images


class ImageServiceImages:
    """Images of the Image service, which images returns when it is needed."""

    def __init__(self, images: Callable[[], Images]) -> None:
        self._images = images

    def list(self, conditions: Conditions) -> Iterator[Image]:
        """Returns images newest first."""
        filters = []
        if conditions.name:
            filters.append(("name", conditions.name))
        if conditions.server_id:
            filters.append(("instance_uuid", conditions.server_id))
        if conditions.status == "ACTIVE":
            filters.append(("status", "active"))
        limit = None
        if conditions.are_filters_exact:
            limit = conditions.limit
        # Both versions add the ID to the sort keys. v1 takes one key.
        query = Query(filters=tuple(filters), sort=(("created_at", "desc"),), limit=limit)
        return map(as_nova, self._images().list(query))

    def find(self, ref: str) -> Image:
        """Returns the image that ref names, by ID or by exact name."""
        return as_nova(find(self._images(), ref))

    def get(self, image_id: str) -> Image:
        """Returns the image with this ID."""
        return as_nova(self._images().get(image_id))

    def delete(self, image_id: str) -> None:
        """Deletes the image with this ID."""
        self._images().delete(image_id)

    def set_metadata(self, image_id: str, pairs: Mapping[str, str]) -> None:
        """Sets these properties of an image, and leaves all others."""
        self._images().update(image_id, Changes(fields=pairs))

    def delete_metadata(self, image_id: str, keys: Sequence[str]) -> None:
        """Deletes these properties of an image."""
        self._images().update(image_id, Changes(remove=tuple(keys)))
