"""Image data that a v2 service gets by itself for a new image: copied from a URL, or registered
where it is stored already.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from glancecli.api.sources import SOURCES, check_formats, check_source
from glancecli.api.v2.imports import ImportsV2
from glancecli.api.v2.locations import LocationsV2
from glancecli.api.v2.tasks import wait_until_active
from glancecli.api.waiting import COPY_WAIT
from glancecli.checksums import Checksum, image_checksums, parse_checksum
from glancecli.errors import GlanceError

if TYPE_CHECKING:
    from glancecli.api.v2.client import ClientV2
    from glancecli.image import Image

# Fields that are about the data: where it comes from, where it goes, and what it must be.
ABOUT_DATA = frozenset({*SOURCES, "size", "checksum", "store"})


def has_source(fields: Mapping[str, Any]) -> bool:
    """Whether the fields name a source of data."""
    return any(source in fields for source in SOURCES)


def record_fields(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of the record itself."""
    return {key: value for key, value in fields.items() if key not in ABOUT_DATA}


def check(client: ClientV2, fields: Mapping[str, Any]) -> None:
    """Raises UsageError for a URL, formats or a checksum that cannot work.

    Raises GlanceError where the service does not copy from URLs.
    """
    check_source(fields)
    check_formats(fields)
    promised_checksum(fields)
    if "copy_from" not in fields:
        return
    if "web-download" not in ImportsV2(client).methods():
        raise GlanceError(
            "this cloud does not copy from URLs (it offers no import method web-download)",
            hint="Send the data from here: curl -L URL | glance image-create ...",
        )


def start(client: ClientV2, image_id: str, fields: Mapping[str, Any]) -> Image:
    """Starts the copy, or registers the location; returns the image after that.

    A size or a checksum among the fields is verified, for which a copy is waited for.
    """
    size = fields.get("size")
    checksum = promised_checksum(fields)
    if "copy_from" not in fields:
        return _register(client, image_id, fields["location"], checksum, size)
    body: dict[str, Any] = {"method": {"name": "web-download", "uri": fields["copy_from"]}}
    if fields.get("store"):
        body["stores"] = [fields["store"]]
    ImportsV2(client).request(image_id, body)
    if checksum is None and size is None:
        return client.get_image(image_id)
    return verify(wait_until_active(client, image_id, COPY_WAIT), checksum, size)


def _register(
    client: ClientV2, image_id: str, url: str, checksum: Checksum | None, size: int | None
) -> Image:
    promised = checksum or Checksum("", "")
    image = LocationsV2(client).add(
        image_id, url, hash_algo=promised.algorithm, hash_value=promised.digest
    )
    return verify(image, None, size)


def verify(image: Image, checksum: Checksum | None, size: int | None) -> Image:
    """Returns the image. Raises GlanceError when its size or checksum are not as promised."""
    if size is not None and image.get("size") != size:
        raise GlanceError(
            f"image {image['id']} has {image.get('size')} bytes, and {size} were promised"
        )
    if checksum is None:
        return image
    digest = dict(image_checksums(image)).get(checksum.algorithm)
    if not digest:
        raise GlanceError(
            f"the service keeps no {checksum.algorithm} checksum to compare {checksum.digest} with"
        )
    if digest != checksum.digest:
        raise GlanceError(
            f"image {image['id']} has the checksum {digest}, and {checksum.digest} was promised"
        )
    return image


def promised_checksum(fields: Mapping[str, Any]) -> Checksum | None:
    """The checksum that the data must have. Raises UsageError for what is not a checksum."""
    text = fields.get("checksum")
    if not text:
        return None
    return parse_checksum(text)
