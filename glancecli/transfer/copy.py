"""Copying an image into another cloud, without a file in between."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from glancecli.checksums import describe_missing_hash, strongest_checksum, unknown_algorithm
from glancecli.errors import Code, GlanceError, UsageError
from glancecli.image import (
    ATTRIBUTES,
    COPIED_ATTRIBUTES,
    belongs_to_cloud,
    check_properties,
    is_encrypted,
)
from glancecli.transfer.create import create
from glancecli.transfer.options import Options
from glancecli.transfer.reader import ImageReader, final_errors
from glancecli.transfer.volume_snapshot import refuse_volume_snapshot

if TYPE_CHECKING:
    from glancecli.api.interfaces import Images
    from glancecli.image import Image


class CloudSource:
    """The data of an image in a cloud as the source of an upload. It can be read again."""

    rewindable = True
    is_local = False

    def __init__(self, images: Images, image: Image, options: Options) -> None:
        image_id = image["id"]
        self.name = f"image {image_id}"
        self.size: int | None = image.get("size")
        self.known = strongest_checksum(image)
        self._images = images
        self._image = image
        self._options = options
        self._reader = self._new_reader()

    def _new_reader(self) -> ImageReader:
        return ImageReader(self._images, self._image, self._options)

    @property
    def position(self) -> int:
        """How many bytes have been read since the beginning."""
        return self._reader.position

    def fill(self, view: memoryview) -> int:
        """Reads the next bytes into view, with retries; returns how many, 0 at the end."""
        with final_errors():
            return self._reader.fill(view)

    def rewind(self) -> None:
        """Goes back to the beginning."""
        self.close()
        self._reader = self._new_reader()

    def changed(self) -> str:
        """Returns "": the data of an image never changes."""
        return ""

    def close(self) -> None:
        """Drops the connection."""
        self._reader.close()


def copy(
    images: Images,
    image: Image,
    others: Images,
    fields: Mapping[str, Any],
    options: Options,
    *,
    without_key: bool = False,
) -> Image:
    """Copies an image into the other cloud: its data, and the fields that can be copied; fields
    replaces some of them.

    The data is verified by the hashes that the two services provide. without_key allows the copy of
    an encrypted image, which lacks its key. Raises GlanceError as create() does.
    """
    refuse_volume_snapshot(image)
    image_id = image["id"]
    status = image.get("status")
    if status != "active":
        raise GlanceError(
            f"image {image_id} is '{status}', and only an active one can be copied",
            code=Code.CONFLICT,
        )
    if is_encrypted(image) and not without_key:
        raise GlanceError(
            f"image {image_id} is encrypted, and its key stays in its cloud: "
            "without the key the copy is of no use",
            hint="--force copies the encrypted data all the same.",
            code=Code.CONFLICT,
        )
    copied, omitted = copied_fields(image)
    if omitted:
        names = ", ".join(omitted)
        options.note(f"left out, as they belong to the first cloud: {names}")
    source = CloudSource(images, image, options)
    if not source.known:
        reason = describe_missing_hash(image)
        options.warn(f"image {image_id} is copied without verification: {reason}")
    elif unknown_algorithm(image):
        reason = describe_missing_hash(image)
        options.warn(f"image {image_id} is verified only by its {source.known.algorithm}: {reason}")
    try:
        return create(others, {**copied, **fields}, source, options)
    finally:
        source.close()


def copied_fields(image: Image) -> tuple[dict[str, Any], list[str]]:
    """Returns the fields that can be copied, and the names of the properties that cannot.

    A property that a user may not type is not copied either: the owner of the image chose its name,
    and to the other cloud it may be an order.
    """
    copied: dict[str, Any] = {}
    omitted = []
    for key, value in image.items():
        if value is None or key in ATTRIBUTES - COPIED_ATTRIBUTES:
            continue
        if key in COPIED_ATTRIBUTES or is_free_property(key):
            copied[key] = value
        else:
            omitted.append(key)
    return copied, sorted(omitted)


def is_free_property(key: str) -> bool:
    """Whether a property may be set by anybody, and means the same in every cloud."""
    try:
        check_properties([key])
    except UsageError:
        return False
    return not belongs_to_cloud(key)
