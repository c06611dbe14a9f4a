"""An image from one cloud into another, without a file in between."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from glancecli.checksums import image_checksums, is_known
from glancecli.errors import ConnectionFailed, GlanceError, HttpError
from glancecli.transfer.create import create
from glancecli.transfer.options import Options
from glancecli.transfer.reader import Fetch

if TYPE_CHECKING:
    from glancecli.api import Images
    from glancecli.image import Image

# What an image is given by its service, not by us. Visibility and protection are decided anew.
OF_THE_SERVICE = frozenset(
    "id status owner size virtual_size checksum os_hash_algo os_hash_value created_at updated_at deleted "
    "deleted_at file self schema access locations direct_url stores visibility protected os_hidden".split()
)
# Properties that Glance keeps for itself, and those that name things of the first cloud.
RESERVED = ("os_glance_",)
OF_A_SERVER = frozenset(
    "base_image_ref image_location image_state image_type instance_uuid user_id boot_roles "
    "block_device_mapping bdm_v2 root_device_name kernel_id ramdisk_id".split()
)


class CloudSource:
    """An image of a cloud as a source: read again as often as it takes."""

    path = ""
    rewindable = True
    read_at: Callable[[int, int], bytes] | None = None

    def __init__(self, images: Images, image: Image, options: Options) -> None:
        self._images, self._image, self._options = images, image, options
        self.name = f"image {image['id']}"
        self.size: int | None = image.get("size")
        self.known = next((known for known in image_checksums(image) if is_known(known[0])), None)
        self._fetch: Fetch | None = None

    @property
    def position(self) -> int:
        """Bytes given out since the beginning."""
        return self._fetch.position if self._fetch else 0

    def fill(self, view: memoryview) -> int:
        """The next bytes, 0 at the end. Raises GlanceError when there is no more to be had."""
        if self._fetch is None:
            self._fetch = Fetch(self._images, self._image, self._options)
        try:
            return self._fetch.fill(view)
        except (ConnectionFailed, HttpError) as error:
            # It has been tried often enough, and is no answer of the service that we send to.
            raise GlanceError(
                error.headline, hint=error.hint, request_id=error.request_id
            ) from error

    def rewind(self) -> None:
        """Back to the beginning."""
        self.close()
        self._fetch = None

    def changed(self) -> str:
        """Nothing: the data of an image never changes."""
        return ""

    def close(self) -> None:
        """Drop the connection."""
        if self._fetch:
            self._fetch.close()


def copy(
    images: Images, image: Image, others: Images, fields: Mapping[str, Any], options: Options
) -> Image:
    """The image in the other cloud: the same data, and the record of carried() with fields over it.

    The data is held against the hash that the one service tells, and read back from the other.
    Raises GlanceError as create() does; the errors name the cloud by the image's ID, which is new.
    """
    if image.get("status") != "active":
        raise GlanceError(
            f"image {image['id']} is '{image.get('status')}', and only an active one can be copied"
        )
    kept, left = carried(image)
    if left:
        options.note(f"left out, as they belong to the first cloud: {', '.join(left)}")
    source = CloudSource(images, image, options)
    if not source.known:
        options.warn(f"image {image['id']} is copied unverified: its service tells no hash of it")
    try:
        return create(others, {**kept, **fields}, source, options)
    finally:
        source.close()


def carried(image: Image) -> tuple[dict[str, Any], list[str]]:
    """The fields that go along, and the names of the properties that do not."""
    fields: dict[str, Any] = {}
    left = []
    for key, value in image.items():
        if key in OF_THE_SERVICE or value is None:
            continue
        if key.startswith(RESERVED) or key in OF_A_SERVER:
            left.append(key)
        else:
            fields[key] = value
    return fields, sorted(left)
