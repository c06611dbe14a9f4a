"""Image data that a v2 service gets by itself for a new image: copied from a URL, or registered
where it is stored already.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from glancecli.api.errors import Unsupported
from glancecli.api.expected import check_data
from glancecli.api.interfaces import NewLocation
from glancecli.api.sources import check_source, with_formats
from glancecli.api.v2.imports import ImportsV2
from glancecli.api.v2.locations import LocationsV2
from glancecli.api.v2.tasks import wait_until_active
from glancecli.api.waiting import COPY_WAIT
from glancecli.changes import RemoteData
from glancecli.checksums import Checksum
from glancecli.errors import Code, GlanceError, Hint

if TYPE_CHECKING:
    from glancecli.api.v2.client import ClientV2
    from glancecli.changes import Changes
    from glancecli.image import Fields, Image


def checked(client: ClientV2, fields: Fields, data: RemoteData) -> dict[str, Any]:
    """Returns the fields of the image, with both formats of the data where these have a source.

    Raises UsageError for a URL or formats that cannot work, and Unsupported where the service does
    not copy from URLs.
    """
    check_source(data)
    if not data.has_source:
        refuse_expectations(data)
        return dict(fields)
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


def changes_before_copy(client: ClientV2, image_id: str, changes: Changes) -> Changes:
    """Returns what is to be changed before the copy from the source that the changes name starts,
    with both formats of the data. Raises GlanceError for an image that has data.
    """
    check_source(changes.data)
    image = client.get_image(image_id)
    if image["status"] != "queued":
        raise GlanceError(
            f"image {image_id} is {image['status']}: its data cannot be replaced",
            hint="Create a new image, then delete or hide this one.",
            code=Code.CONFLICT,
        )
    complete = checked(client, {**image, **changes.fields}, changes.data)
    formats = {
        key: complete[key]
        for key in ("disk_format", "container_format")
        if complete[key] != image.get(key)
    }
    return changes._replace(fields={**changes.fields, **formats}, data=RemoteData())


def refuse_expectations(data: RemoteData) -> None:
    """Refuses fields about data where no data comes; v1 stores them with the image."""
    if data.has_expectations:
        raise Unsupported("--size and --checksum are compared with data, and none is given")
    if data.store is not None:
        raise Unsupported("--store says where data goes, and none is given")


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
    return check_data(image, data, client.http.messages.warn)


def _register(client: ClientV2, image_id: str, url: str, data: RemoteData) -> Image:
    """Registers the location; the service itself verifies the checksum."""
    checksum = data.checksum or Checksum("", "")
    new = NewLocation(url, hash_algo=checksum.algorithm, hash_value=checksum.digest)
    image = LocationsV2(client).add(image_id, new)
    return check_data(image, RemoteData(size=data.size), client.http.messages.warn)
