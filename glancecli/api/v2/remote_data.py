"""Image data that a v2 service gets by itself for a new image: copied from a URL, or registered
where it is stored already.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from glancecli.api.errors import Unsupported
from glancecli.api.expected import check_data
from glancecli.api.sources import check_source, with_formats
from glancecli.api.v2.imports import ImportsV2
from glancecli.api.v2.locations import LocationsV2
from glancecli.api.v2.tasks import wait_until_active
from glancecli.api.waiting import COPY_WAIT
from glancecli.checksums import Checksum
from glancecli.errors import Hint
from glancecli.image import RemoteData

if TYPE_CHECKING:
    from glancecli.api.v2.client import ClientV2
    from glancecli.image import Fields, Image


def checked(client: ClientV2, fields: Fields, data: RemoteData) -> dict[str, Any]:
    """Returns the fields with both formats of the data.

    Raises UsageError for a URL or formats that cannot work, and Unsupported where the service does
    not copy from URLs.
    """
    check_source(data)
    complete = with_formats(fields, data.url)
    if data.copy_from is None:
        if data.store is not None:
            raise Unsupported(
                "--store cannot be used with --location: the data stays where it is (only Images "
                "v1 takes both)"
            )
    elif "web-download" not in ImportsV2(client).methods():
        raise Unsupported(
            "this cloud does not copy from URLs (it offers no import method web-download)",
            hint=Hint(
                "Download the data, then send it: {}.", ("image-create", "NAME", "--file", "FILE")
            ),
        )
    return complete


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
