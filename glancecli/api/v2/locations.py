"""Locations in v2: URLs at which the data of images is stored.

https://docs.openstack.org/api-ref/image/v2/ (location APIs)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from glancecli.api.errors import NotOffered
from glancecli.api.v2.tasks import wait_until_active
from glancecli.api.waiting import LOCATION_WAIT
from glancecli.errors import Code, GlanceError, HttpError
from glancecli.masking import mask

if TYPE_CHECKING:
    from glancecli.api.interfaces import Metadata, NewLocation
    from glancecli.api.v2.client import ClientV2, Patch
    from glancecli.image import Image

Location = dict[str, Any]  # url, metadata

# Refusals of the location API that a PATCH may get around: an older service, a user or a URL that
# the API is not for, or an image that has its data.
TRY_PATCH = frozenset({403, 404, 405, 409})


class LocationsV2:
    """Locations of images, where the cloud lets clients see or set them."""

    def __init__(self, client: ClientV2) -> None:
        self.client = client

    def add(self, image_id: str, new: NewLocation) -> Image:
        """Registers a location of the image's data; returns the image after that.

        The location API (2.17) is tried first, then a PATCH of locations. Raises GlanceError naming
        the option that forbids it when the cloud allows neither.
        """
        validation: dict[str, str] = {}
        if new.hash_value:
            validation = {"os_hash_algo": new.hash_algo, "os_hash_value": new.hash_value}
        if not new.metadata and not new.checksum:
            try:
                return self._add_by_location_api(image_id, new.url, validation)
            except HttpError as error:
                if error.status not in TRY_PATCH:
                    raise
        if new.checksum:
            validation["checksum"] = new.checksum
        location: Location = {"url": new.url, "metadata": dict(new.metadata or {})}
        if validation:
            location["validation_data"] = validation
        return self._patch(image_id, [{"op": "add", "path": "/locations/-", "value": location}])

    def update(self, image_id: str, url: str, metadata: Metadata) -> Image:
        """Replaces the metadata of a location; returns the image after that."""
        locations = self._known_locations(image_id)
        changed = locations[position(locations, image_id, url)]
        changed["metadata"] = dict(metadata)
        return self._patch(image_id, [{"op": "replace", "path": "/locations", "value": locations}])

    def remove(self, image_id: str, urls: tuple[str, ...]) -> Image:
        """Removes locations; returns the image after that. The last location stays, as the service
        insists.
        """
        locations = self._known_locations(image_id)
        numbers = [position(locations, image_id, url) for url in dict.fromkeys(urls)]
        if len(numbers) == len(locations):
            raise GlanceError(
                f"image {image_id} has no other location, and must keep one", code=Code.CONFLICT
            )
        # From the end, as each removal moves those behind it.
        patch = [
            {"op": "remove", "path": f"/locations/{number}"}
            for number in sorted(numbers, reverse=True)
        ]
        return self._patch(image_id, patch)

    def _add_by_location_api(self, image_id: str, url: str, validation: Mapping[str, str]) -> Image:
        body: dict[str, Any] = {"url": url}
        if validation:
            body["validation_data"] = validation
        self.client.image_request("POST", image_id, "/locations", body=body, expect=(202,))
        return wait_until_active(self.client, image_id, LOCATION_WAIT)

    def _known_locations(self, image_id: str) -> list[Location]:
        found = self.client.get_image(image_id).get("locations")
        if not isinstance(found, list):
            raise GlanceError(
                f"image {image_id}: this cloud shows no locations",
                hint="Its option show_multiple_locations is off, or a policy hides them.",
                code=Code.UNSUPPORTED,
            )
        return found

    def _patch(self, image_id: str, patch: Patch) -> Image:
        """Changes the image's locations; a refusal names the service option that forbids
        it.
        """
        try:
            return self.client.patch_image(image_id, patch)
        except HttpError as error:
            raise explained(error) from error


def position(locations: list[Location], image_id: str, url: str) -> int:
    """The index of the location with this URL. Raises GlanceError when there is none."""
    for number, location in enumerate(locations):
        if location.get("url") == url:
            return number
    raise GlanceError(f"image {image_id} has no location {mask(url)}", code=Code.NOT_FOUND)


def explained(error: HttpError) -> HttpError:
    """Returns the error, which says why locations cannot be set, and what to do instead."""
    if error.status == 403 and "invisible" in error.service_message:
        return NotOffered(
            "this cloud does not let clients set locations "
            "(its option show_multiple_locations is off)",
            subject=error.subject,
            status=error.status,
            service_message=error.service_message,
            request_id=error.request_id,
            hint="Use --copy-from URL (image-create, image-update) to have the service copy the "
            "data.",
        )
    if error.status == 400 and "Invalid location" in error.service_message:
        error.hint = (
            "Perhaps no store of this cloud accepts such URLs; --copy-from (image-create, "
            "image-update) copies from http and https."
        )
    return error
