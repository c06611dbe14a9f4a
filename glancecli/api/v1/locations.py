"""The location of an image in v1, which keeps one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glancecli.changes import Changes, RemoteData
from glancecli.checksums import parse_checksum
from glancecli.errors import UsageError
from glancecli.image import Image

if TYPE_CHECKING:
    from glancecli.api.interfaces import NewLocation
    from glancecli.api.v1.images import ImagesV1


class LocationsV1:
    """URLs at which the data of images is stored, without metadata."""

    def __init__(self, images: ImagesV1) -> None:
        self._images = images

    def add(self, image_id: str, new: NewLocation) -> Image:
        """Registers the location of a queued image's data; returns the image after that."""
        if new.metadata or new.hash_value or new.hash_algo not in ("", "md5"):
            raise UsageError(
                "Images v1 keeps a location's URL only: neither metadata nor hashes but MD5"
            )
        data = RemoteData(location=new.url)
        if new.checksum:
            data = data._replace(checksum=parse_checksum(new.checksum))
        return self._images.update(image_id, Changes(data=data))
