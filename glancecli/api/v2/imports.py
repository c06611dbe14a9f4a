"""Images v2 fetching data by itself: imports, and locations where data lies already.

https://docs.openstack.org/api-ref/image/v2/ (import process, location APIs)
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from glancecli.api.sources import SOURCES, check_formats, check_source
from glancecli.api.v2.locations import add_location
from glancecli.api.v2.tasks import _failure, tasks
from glancecli.api.waiting import wait
from glancecli.checksums import Checksum, image_checksums, parse_checksum
from glancecli.errors import GlanceError, HttpError, NotFound, Subject
from glancecli.image import Changes, Image
from glancecli.transport.client import quoted

if TYPE_CHECKING:
    from glancecli.api.v2.images import ImagesV2

PATCH = "application/openstack-images-v2.1-json-patch"
PATIENCE = 3600.0  # seconds that a copy may take when its size or checksum is to be verified
# Words of a refused import -> what to do about it.
_NEXT = (
    ("needs to be staged", "'image-stage {} --file FILE' does."),
    ("needs to be set", "'image-update {}' sets --disk-format and --container-format."),
    ("import method", "'import-info' lists the methods of this cloud."),
    ("Store for identifier", "'stores-info' lists the stores of this cloud."),
)


def methods(images: ImagesV2) -> list[str]:
    """Import methods that the cloud offers; none on a cloud without imports."""
    try:
        found = images.request("GET", "/v2/info/import").object("import-methods").get("value")
    except NotFound:
        return []
    return [str(m) for m in found] if isinstance(found, list) else []


def import_image(images: ImagesV2, image_id: str, body: Mapping[str, Any]) -> None:
    """Start an import; body is the API's (method, stores, all_stores, all_stores_must_succeed)."""
    path, subject = f"/v2/images/{quoted(image_id)}/import", Subject("image", image_id)
    try:
        images.request("POST", path, body=body, expect=(202,), subject=subject)
    except HttpError as error:
        hints = [hint for words, hint in _NEXT if words in error.service_message]
        error.hint = hints[0].format(image_id) if hints else error.hint
        raise


def import_data(
    images: ImagesV2, image_id: str, body: Mapping[str, Any], seconds: float | None
) -> Image:
    """The image after starting an import; with seconds once its task is done.

    Raises GlanceError with the task's message when it fails, and when it is not done after so many
    seconds. A cloud without tasks shows it by the image's status alone.
    """
    if seconds is None:
        import_image(images, image_id, body)
        return images.get(image_id)
    before = [task.get("id") for task in tasks(images.http, image_id)]
    import_image(images, image_id, body)
    end, pause = time.monotonic() + seconds, 0.2
    while True:
        mine = [task for task in tasks(images.http, image_id) if task.get("id") not in before]
        if all(task.get("status") not in ("pending", "processing") for task in mine):
            break
        if time.monotonic() + pause > end:
            raise GlanceError(
                f"the import into image {image_id} is not done after {seconds:g} seconds",
                hint=f"The service goes on; image-tasks {image_id} tells how.",
            )
        time.sleep(pause)
        pause = min(pause * 1.5, 5.0)
    if any(task.get("status") == "failure" for task in mine):
        said = _failure(mine[0])
        raise GlanceError(
            f"image {image_id}: {said}", hint=f"image-show {image_id} tells what is left of it."
        )
    return wait(images, image_id, max(end - time.monotonic(), 0.0))


def record(images: ImagesV2, fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a new record that fill() is to follow.

    Raises UsageError for a URL that cannot work or missing formats, GlanceError where URLs are not
    copied.
    """
    _check(fields)
    if "copy_from" in fields:
        _check_copying(images)
    return _plain(fields)


def update(images: ImagesV2, image_id: str, changes: Changes) -> Image:
    """The image after the changes, its data on its way."""
    rest = changes._replace(fields=_plain(changes.fields))
    check_source(changes.fields)
    image = images.get(image_id)
    if image["status"] != "queued":
        raise GlanceError(
            f"image {image_id} is {image['status']}: images cannot be changed once they have their data",
            hint="Create a new image, then delete or hide this one.",
        )
    _check({**image, **changes.fields})
    if "copy_from" in changes.fields:
        _check_copying(images)
    images.update(image_id, rest)
    with rest.made_before(image_id):
        return fill(images, image_id, changes.fields)


def fill(images: ImagesV2, image_id: str, fields: Mapping[str, Any]) -> Image:
    """The image once its import has begun or its location is registered.

    A size or a checksum among the fields is verified, for which the import is waited for.
    """
    size = fields.get("size")
    if "copy_from" in fields:
        body: dict[str, Any] = {"method": {"name": "web-download", "uri": fields["copy_from"]}}
        if fields.get("store"):
            body["stores"] = [fields["store"]]
        import_image(images, image_id, body)
        checksum = _promised(fields)
        if not checksum and size is None:
            return images.get(image_id)
        return verify(images.wait(image_id, PATIENCE), checksum, size)
    promised = _promised(fields) or Checksum("", "")
    image = add_location(
        images,
        image_id,
        fields["location"],
        hash_algo=promised.algorithm,
        hash_value=promised.digest,
    )
    return verify(image, None, size)


def verify(image: Image, checksum: Checksum | None, size: int | None) -> Image:
    """The image, whose size and checksum are as promised. Raises GlanceError when they are not."""
    if size is not None and image.get("size") != size:
        raise GlanceError(
            f"image {image['id']} has {image.get('size')} bytes, and {size} were promised"
        )
    if checksum is None:
        return image
    found = dict(image_checksums(image)).get(checksum.algorithm)
    if not found:
        raise GlanceError(
            f"the service keeps no {checksum.algorithm} checksum to compare {checksum.digest} with"
        )
    if found != checksum.digest:
        raise GlanceError(
            f"image {image['id']} has the checksum {found}, and {checksum.digest} was promised"
        )
    return image


def _plain(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that are the record's own."""
    return {k: v for k, v in fields.items() if k not in (*SOURCES, "size", "checksum", "store")}


def _check(fields: Mapping[str, Any]) -> None:
    check_source(fields)
    check_formats(fields)
    _promised(fields)


def _promised(fields: Mapping[str, Any]) -> Checksum | None:
    """The checksum that the data must have. Raises UsageError for what is not a checksum."""
    text = fields.get("checksum")
    return parse_checksum(text) if text else None


def _check_copying(images: ImagesV2) -> None:
    if "web-download" not in methods(images):
        raise GlanceError(
            "this cloud does not copy from URLs (it offers no import method web-download)",
            hint="Send the data from here: curl -L URL | glance image-create ...",
        )
