"""The location of an image in v1, which keeps one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glancecli.changes import Changes, RemoteData
from glancecli.checksums import parse_checksum
from glancecli.errors import UsageError
from glancecli.image import Image

if TYPE_CHECKING:
    from glancecli.api.interfaces import Metadata
    from glancecli.api.v1.images import ImagesV1


class LocationsV1:
    """URLs at which the data of images is stored, without metadata."""

    def __init__(self, images: ImagesV1) -> None:
        self._images = images

    def add(
        self,
        image_id: str,
        url: str,
        *,
        metadata: Metadata | None = None,
        checksum: str = "",
        hash_algo: str = "",
        hash_value: str = "",
    ) -> Image:
        """Registers the location of a queued image's data; returns the image after that."""
        if metadata or hash_value or hash_algo not in ("", "md5"):
            raise UsageError(
                "Images v1 keeps a location's URL only: neither metadata nor hashes but MD5"
            )
        data = RemoteData(location=url)
        if checksum:
            data = data._replace(checksum=parse_checksum(checksum))
        return self._images.update(image_id, Changes(data=data))
