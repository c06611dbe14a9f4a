"""Image data that a v2 service gets by itself for a new image: copied from a URL, or registered
where it is stored already.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from glancecli.api.expected import check_data
from glancecli.api.sources import check_formats, check_source
from glancecli.api.v2.imports import ImportsV2
from glancecli.api.v2.locations import LocationsV2
from glancecli.api.v2.tasks import wait_until_active
from glancecli.api.waiting import COPY_WAIT
from glancecli.checksums import Checksum
from glancecli.errors import GlanceError, Hint
from glancecli.image import RemoteData

if TYPE_CHECKING:
    from glancecli.api.v2.client import ClientV2
    from glancecli.image import Fields, Image


def check(client: ClientV2, fields: Fields, data: RemoteData) -> None:
    """Raises UsageError for a URL or formats (in fields) that cannot work.

    Raises GlanceError where the service does not copy from URLs.
    """
    check_source(data)
    check_formats(fields)
    if data.copy_from is None:
        return
    if "web-download" not in ImportsV2(client).methods():
        raise GlanceError(
            "this cloud does not copy from URLs (it offers no import method web-download)",
            hint=Hint(
                "Download the data, then send it: {}.", ("image-create", "NAME", "--file", "FILE")
            ),
        )


def start(client: ClientV2, image_id: str, data: RemoteData) -> Image:
    """Starts the copy, or registers the location; returns the image after that.

    An expected size or checksum is verified, for which a copy is waited for.
    """
    if data.location is not None:
        return _register(client, image_id, data.location, data)
    body: dict[str, Any] = {"method": {"name": "web-download", "uri": data.copy_from}}
    if data.store:
        body["stores"] = [data.store]
    ImportsV2(client).request(image_id, body)
    if not data.has_expectations:
        return client.get_image(image_id)
    image = wait_until_active(client, image_id, COPY_WAIT)
    return check_data(image, data, client.http.warn)


def _register(client: ClientV2, image_id: str, url: str, data: RemoteData) -> Image:
    """Registers the location; the service itself verifies the checksum."""
    checksum = data.checksum or Checksum("", "")
    image = LocationsV2(client).add(
        image_id, url, hash_algo=checksum.algorithm, hash_value=checksum.digest
    )
    return check_data(image, RemoteData(size=data.size), client.http.warn)
