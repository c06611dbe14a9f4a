"""Images v2 fetching data by itself: imports, and locations where data lies already.

https://docs.openstack.org/api-ref/image/v2/ (import process, location APIs)
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from glancecli.errors import GlanceError, HttpError, NotFound, UsageError
from glancecli.image import Changes, Image, has_data
from glancecli.masking import mask
from glancecli.transport.client import Http, quoted

if TYPE_CHECKING:
    from glancecli.api.v1.images import ImagesV1
    from glancecli.api.v2.images import ImagesV2

# Where an image's data may come from, among the fields of create and update.
SOURCES = ("copy_from", "location")
PATCH = "application/openstack-images-v2.1-json-patch"
# What ends without data -> why, and what to do.
LOST = {
    "killed": "The service could not read all data, or it was not what --checksum or --size promised; "
    "'image-delete {}' removes the image.",
    "deleted": "",
    "pending_delete": "",
}
PATIENCE = 3600.0  # seconds that a copy may take when its size or checksum is to be verified
LOCATION_PATIENCE = 60.0  # seconds until a registered location shows as active

# No image service takes these, for good reason: they would read its own files.
_LOCAL = ("file", "filesystem", "swift+config")

# Words of a refused import -> what to do about it.
_NEXT = (
    ("needs to be staged", "'image-stage {} --file FILE' does."),
    ("needs to be set", "'image-update {}' sets --disk-format and --container-format."),
    ("import method", "'import-info' lists the methods of this cloud."),
    ("Store for identifier", "'stores-info' lists the stores of this cloud."),
)


def check_url(url: str, option: str, schemes: tuple[str, ...] = ()) -> None:
    """Raises UsageError for what cannot be a source of image data; schemes, if any, are all that may be."""
    scheme = url.partition("://")[0].lower()
    shown = mask(url)
    if scheme == url.lower() or not scheme:
        raise UsageError(f"{option}: '{shown}' is no URL")
    if scheme in _LOCAL:
        how = {"--uri": "image-stage", "--url": "image-upload"}.get(option, "--file")
        raise UsageError(f"{option}: no image service takes {scheme}:// URLs; {how} sends a local file")
    if schemes and scheme not in schemes:
        raise UsageError(
            f"{option}: the service copies from {' and '.join(schemes)} URLs, and this is {shown}"
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
    path, subject = f"/v2/images/{quoted(image_id)}/import", f"image {image_id}"
    try:
        images.request("POST", path, body=body, expect=(202,), subject=subject)
    except HttpError as error:
        hints = [hint for words, hint in _NEXT if words in error.message]
        error.hint = hints[0].format(image_id) if hints else error.hint
        raise


def tasks(http: Http, image_id: str) -> list[dict[str, Any]]:
    """Tasks on the image, the newest first; none on a cloud that does not tell."""
    try:
        answer = http.request("GET", f"/v2/images/{quoted(image_id)}/tasks", subject=f"image {image_id}")
    except NotFound:
        return []
    found = answer.object().get("tasks") or []
    return sorted(found, key=lambda t: str(t.get("created_at")), reverse=True)


def import_data(images: ImagesV2, image_id: str, body: Mapping[str, Any], seconds: float | None) -> Image:
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

    Raises UsageError for a URL that cannot work or missing formats, GlanceError where URLs are not copied.
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
    checksum, size = fields.get("checksum") or "", fields.get("size")
    if "copy_from" in fields:
        body: dict[str, Any] = {"method": {"name": "web-download", "uri": fields["copy_from"]}}
        if fields.get("store"):
            body["stores"] = [fields["store"]]
        import_image(images, image_id, body)
        if not checksum and size is None:
            return images.get(image_id)
        return verify(images.wait(image_id, PATIENCE), checksum, size)
    algorithm, digits = _promised(checksum)
    image = add_location(images, image_id, fields["location"], hash_algo=algorithm, hash_value=digits)
    return verify(image, "", size)


def verify(image: Image, checksum: str, size: int | None) -> Image:
    """The image, whose size and checksum are as promised. Raises GlanceError when they are not."""
    algorithm, digits = _promised(checksum)
    if size is not None and image.get("size") != size:
        raise GlanceError(f"image {image['id']} has {image.get('size')} bytes, and {size} were promised")
    known = {"md5": image.get("checksum"), str(image.get("os_hash_algo")): image.get("os_hash_value")}
    found = known.get(algorithm)
    if digits and not found:
        raise GlanceError(f"the service keeps no {algorithm} checksum to compare {digits} with")
    if digits and found != digits:
        raise GlanceError(f"image {image['id']} has the checksum {found}, and {digits} was promised")
    return image


def wait(images: ImagesV1 | ImagesV2, image_id: str, seconds: float) -> Image:
    """The image once it is active, and in all the stores that it is imported into.

    Raises GlanceError with the task's message when its import has failed, and when it is not done after
    so many seconds.
    """
    end, pause = time.monotonic() + seconds, 0.2
    while True:
        image = images.get(image_id)
        status = image["status"]
        if has_data(image):
            return image
        if status in ("queued", "uploading") and images.version == "2":
            _check_tasks(images.http, image_id)
        if status in LOST:
            raise GlanceError(
                f"image {image_id} is {status}, and will not become active",
                hint=LOST[status].format(image_id),
            )
        if time.monotonic() + pause > end:
            raise GlanceError(
                f"image {image_id} is still {status} after {seconds:g} seconds",
                hint=f"The service goes on; image-show {image_id} tells its state.",
            )
        time.sleep(pause)
        pause = min(pause * 1.5, 5.0)


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
                "POST", _locations(image_id), body=body, expect=(202,), subject=f"image {image_id}"
            )
            return images.wait(image_id, LOCATION_PATIENCE)
        except HttpError as error:
            # An older service, a user or a URL that this API is not for, or an image that has its data.
            if error.status not in (403, 404, 405, 409):
                raise
    if checksum:
        validation["checksum"] = checksum
    value = {"url": url, "metadata": dict(metadata or {})}
    if validation:
        value["validation_data"] = validation
    return patch_locations(images, image_id, [{"op": "add", "path": "/locations/-", "value": value}])


def update_location(images: ImagesV2, image_id: str, url: str, metadata: Mapping[str, Any]) -> Image:
    """The image after replacing the metadata of one of its locations."""
    found = _known_locations(images, image_id)
    _position(found, image_id, url)
    changed = [{**loc, "metadata": dict(metadata)} if loc["url"] == url else loc for loc in found]
    return patch_locations(images, image_id, [{"op": "replace", "path": "/locations", "value": changed}])


def remove_locations(images: ImagesV2, image_id: str, urls: tuple[str, ...]) -> Image:
    """The image without these locations; the last one stays, as the service insists."""
    found = _known_locations(images, image_id)
    places = sorted((_position(found, image_id, url) for url in dict.fromkeys(urls)), reverse=True)
    if len(places) == len(found):
        raise GlanceError(f"image {image_id} has no other location, and keeps its last")
    return patch_locations(images, image_id, [{"op": "remove", "path": f"/locations/{n}"} for n in places])


def patch_locations(images: ImagesV2, image_id: str, patch: list[dict[str, Any]]) -> Image:
    """The image after a PATCH of its locations. A refusal says which option of the service forbids it."""
    path, headers = f"/v2/images/{quoted(image_id)}", {"Content-Type": PATCH}
    try:
        answer = images.request("PATCH", path, body=patch, headers=headers, subject=f"image {image_id}")
    except HttpError as error:
        if error.status == 403 and "invisible" in error.message:
            error.message = (
                f"image {image_id}: this cloud does not let clients set locations "
                "(its option show_multiple_locations is off) (HTTP 403)"
            )
            error.hint = "--copy-from URL (image-create, image-update) has the service copy the data instead."
        elif error.status == 400 and "Invalid location" in error.message:
            error.hint = (
                "Perhaps no store of this cloud takes such URLs; --copy-from (image-create, image-update) "
                "copies from http and https."
            )
        raise
    return answer.object()


def check_source(fields: Mapping[str, Any]) -> None:
    """Raises UsageError for a copy_from or location that no service could read."""
    if "copy_from" in fields:
        check_url(fields["copy_from"], "--copy-from", ("http", "https"))
    if "location" in fields:
        check_url(fields["location"], "--location")


def _plain(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that are the record's own."""
    return {k: v for k, v in fields.items() if k not in (*SOURCES, "size", "checksum", "store")}


def _check(fields: Mapping[str, Any]) -> None:
    check_source(fields)
    check_formats(fields)
    _promised(fields.get("checksum") or "")


def check_formats(fields: Mapping[str, Any]) -> None:
    """Raises UsageError for missing formats of data that we do not see."""
    missing = [k for k in ("disk_format", "container_format") if not fields.get(k)]
    if missing:
        flags = " and ".join(f"--{k.replace('_', '-')}" for k in missing)
        raise UsageError(f"{flags} must be given: the service does not find out what the data is")


def _check_copying(images: ImagesV2) -> None:
    if "web-download" not in methods(images):
        raise GlanceError(
            "this cloud does not copy from URLs (it offers no import method web-download)",
            hint="Send the data from here: curl -L URL | glance image-create ...",
        )


def _check_tasks(http: Http, image_id: str) -> None:
    """Raises GlanceError when the newest task has failed: nothing is on its way then."""
    for task in tasks(http, image_id)[:1]:
        if task.get("status") == "failure":
            raise GlanceError(
                f"image {image_id}: {_failure(task)}",
                hint="Can the service reach the URL? The image is left without data: "
                f"'image-delete {image_id}' removes it.",
            )


def _failure(task: Mapping[str, Any]) -> str:
    """What a failed task says of itself."""
    said = str(task.get("message") or "Task failed due to Internal Error")
    if said == "Task failed due to Internal Error":
        said = f"the service could not get the data, and says no more than '{said}'"
    return mask(said)


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
