"""Finds an image that was made from the same data before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glancecli.checksums import image_checksums
from glancecli.image import Fields, Query
from glancecli.transfer.options import SILENT, Progress
from glancecli.transfer.verify import digest_source

if TYPE_CHECKING:
    from glancecli.api.interfaces import Images
    from glancecli.checksums import Checksum
    from glancecli.image import Image
    from glancecli.transfer.source import Source


def find_existing(
    images: Images,
    fields: Fields,
    project_id: str | None,
    published: Checksum | None,
    source: Source | None = None,
    progress: Progress = SILENT,
) -> Image | None:
    """Returns an active image with the name in fields and the same data, None when there is none.

    It belongs to the project, or is public if the new one is to be. The data is the same if the
    checksum that was published is that of the image or of its source; without a published one the
    source is hashed, which progress shows.
    """
    query = Query(filters=(("name", str(fields["name"])), ("status", "active")))
    for image in images.list(query):
        if image.get("name") != fields["name"] or image.get("status") != "active":
            continue
        if _is_meant(image, fields, project_id) and _is_same(image, published, source, progress):
            return image
    return None


def _is_meant(image: Image, fields: Fields, project_id: str | None) -> bool:
    if fields.get("visibility") == "public" and image.get("visibility") == "public":
        return True
    return project_id is None or image.get("owner") == project_id


def _is_same(
    image: Image, published: Checksum | None, source: Source | None, progress: Progress
) -> bool:
    if published is not None:
        is_of_source = image.get("source_checksum") == str(published)
        return is_of_source or published in image_checksums(image)
    if source is None or source.size != image.get("size"):
        return False
    for algorithm, digest in image_checksums(image)[:1]:
        return digest_source(source, algorithm, progress) == digest
    return False
