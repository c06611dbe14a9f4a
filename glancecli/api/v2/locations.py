"""Locations: places where an image's data lies already."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from glancecli.api.v2.images import PATCH
from glancecli.errors import GlanceError, HttpError, Subject
from glancecli.image import Image
from glancecli.masking import mask
from glancecli.transport.client import quoted

if TYPE_CHECKING:
    from glancecli.api.v2.images import ImagesV2


LOCATION_PATIENCE = 60.0  # seconds until a registered location shows as active


def add_location(
    images: ImagesV2,
    image_id: str,
    url: str,
    *,
    metadata: Mapping[str, Any] | None = None,
    checksum: str = "",
    hash_algo: str = "",
    hash_value: str = "",
) -> Image:
    """The image after registering a place where its data lies.

    The location API (2.17) is tried first, then a PATCH of locations. Raises GlanceError naming the
    option that forbids it when the cloud allows neither.
    """
    validation = {"os_hash_algo": hash_algo, "os_hash_value": hash_value} if hash_value else {}
    if not metadata and not checksum:
        body = {"url": url, **({"validation_data": validation} if validation else {})}
        try:
            images.request(
                "POST",
                _locations(image_id),
                body=body,
                expect=(202,),
                subject=Subject("image", image_id),
            )
            return images.wait(image_id, LOCATION_PATIENCE)
        except HttpError as error:
            # An older service, a user or a URL that this API is not for, or an image that has its
            # data.
            if error.status not in (403, 404, 405, 409):
                raise
    if checksum:
        validation["checksum"] = checksum
    value = {"url": url, "metadata": dict(metadata or {})}
    if validation:
        value["validation_data"] = validation
    return patch_locations(
        images, image_id, [{"op": "add", "path": "/locations/-", "value": value}]
    )


def update_location(
    images: ImagesV2, image_id: str, url: str, metadata: Mapping[str, Any]
) -> Image:
    """The image after replacing the metadata of one of its locations."""
    found = _known_locations(images, image_id)
    _position(found, image_id, url)
    changed = [{**loc, "metadata": dict(metadata)} if loc["url"] == url else loc for loc in found]
    return patch_locations(
        images, image_id, [{"op": "replace", "path": "/locations", "value": changed}]
    )


def remove_locations(images: ImagesV2, image_id: str, urls: tuple[str, ...]) -> Image:
    """The image without these locations; the last one stays, as the service insists."""
    found = _known_locations(images, image_id)
    places = sorted((_position(found, image_id, url) for url in dict.fromkeys(urls)), reverse=True)
    if len(places) == len(found):
        raise GlanceError(f"image {image_id} has no other location, and keeps its last")
    return patch_locations(
        images, image_id, [{"op": "remove", "path": f"/locations/{n}"} for n in places]
    )


def patch_locations(images: ImagesV2, image_id: str, patch: list[dict[str, Any]]) -> Image:
    """The image after a PATCH of its locations. A refusal says which option of the service forbids
    it.
    """
    path, headers = f"/v2/images/{quoted(image_id)}", {"Content-Type": PATCH}
    try:
        answer = images.request(
            "PATCH", path, body=patch, headers=headers, subject=Subject("image", image_id)
        )
    except HttpError as error:
        if error.status == 403 and "invisible" in error.service_message:
            error.message = (
                "this cloud does not let clients set locations "
                "(its option show_multiple_locations is off)"
            )
            error.hint = "--copy-from URL (image-create, image-update) has the service copy the data instead."
        elif error.status == 400 and "Invalid location" in error.service_message:
            error.hint = (
                "Perhaps no store of this cloud takes such URLs; --copy-from (image-create, image-update) "
                "copies from http and https."
            )
        raise
    return answer.object()


def _locations(image_id: str) -> str:
    return f"/v2/images/{quoted(image_id)}/locations"


def _known_locations(images: ImagesV2, image_id: str) -> list[dict[str, Any]]:
    found = images.get(image_id).get("locations")
    if not isinstance(found, list):
        raise GlanceError(
            f"image {image_id}: this cloud shows no locations",
            hint="Its option show_multiple_locations is off, or a policy hides them.",
        )
    return found


def _position(found: list[dict[str, Any]], image_id: str, url: str) -> int:
    for number, location in enumerate(found):
        if location.get("url") == url:
            return number
    raise GlanceError(f"image {image_id} has no location {mask(url)}")
