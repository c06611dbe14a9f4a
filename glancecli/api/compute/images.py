"""Images as the Compute service shows them.

Nova's image proxy (https://docs.openstack.org/api-ref/compute/#images-deprecated) serves them up to
microversion 2.35, and their metadata up to 2.38. Where it is gone the Image service does, and what
it says is put into Nova's words, so that callers cannot tell the difference.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

from glancecli.api import ambiguous, find, no_such_image
from glancecli.api.compute.servers import ComputeApi, Servers
from glancecli.api.errors import WrongVersion
from glancecli.errors import AuthError, ConnectionFailed, GlanceError, HttpError, NotFound, Subject
from glancecli.image import ATTRIBUTES, Changes, Image, Query, check_properties, is_uuid
from glancecli.transport.client import PAGE_SIZE, ServiceClient, quoted

if TYPE_CHECKING:
    from glancecli.api.interfaces import Images
    from glancecli.auth.identity import Identity

T = TypeVar("T")

PROXY = "compute_image_proxy"  # the fact that a release without it is remembered by
LAST_IMAGES = (2, 35)  # the last microversion with /images
LAST_METADATA = (2, 38)  # and with /images/ID/metadata

# What Nova's proxy takes as metadata; Glance takes more.
_NOVA_KEY = re.compile(r"[a-zA-Z0-9-_:. ]{1,255}")
_NOVA_VALUE_MAX = 255

# Nova's words for Glance's states; any other is UNKNOWN.
STATUS = {
    "active": "ACTIVE",
    "queued": "SAVING",
    "saving": "SAVING",
    "deleted": "DELETED",
    "pending_delete": "DELETED",
    "killed": "ERROR",
}
# The order of an image's fields; what a server has beyond them comes last.
FIELDS = (
    *("id", "name", "status", "created", "updated", "minDisk", "minRam", "progress"),
    *("OS-EXT-IMG-SIZE:size", "OS-DCF:diskConfig", "metadata", "server"),
)
PROGRESS = {"queued": 25, "saving": 50, "active": 100}


class Wanted:
    """Conditions that all hold for an image; "" and None mean: no matter."""

    __slots__ = ("limit", "name", "server_id", "status")

    def __init__(
        self, name: str = "", status: str = "", server_id: str = "", limit: int | None = None
    ) -> None:
        self.name = name
        self.status = STATUS.get(status.lower(), status.upper())
        self.server_id = server_id
        self.limit = limit

    @property
    def sifted_by_service(self) -> bool:
        """Whether the services' own filters leave exactly what is wanted.

        Nova's for SAVING forgets queued images, and a database may find names in the wrong case.
        """
        return not self.name and self.status in ("", "ACTIVE")

    def matches(self, image: Image) -> bool:
        """Whether the image is wanted; services differ in what they filter, so all is looked at
        again.
        """
        return (
            (not self.name or image.get("name") == self.name)
            and (not self.status or image.get("status") == self.status)
            and (not self.server_id or _server_id(image) == self.server_id)
        )


class Compute:
    """Images and servers of one project, in Nova's words.

    An image is the dict of Nova's API: id, name, status, created, updated, minDisk, minRam,
    progress, ``OS-EXT-IMG-SIZE:size`` (bytes), metadata, and for snapshots server. Every method
    raises HttpError, and ConnectionFailed when no answer came.
    """

    def __init__(self, api: ComputeApi, images: Callable[[], Images]) -> None:
        self.api = api
        self.servers = Servers(api)
        self._images = images

    def image_list(
        self, *, name: str = "", status: str = "", server_id: str = "", limit: int | None = None
    ) -> list[Image]:
        """Images that meet all conditions, of those the newest `limit`, sorted by name."""
        wanted = Wanted(name, status, server_id, limit)
        return sorted(self._newest(wanted), key=lambda image: str(image.get("name") or ""))

    def _newest(self, wanted: Wanted) -> Iterator[Image]:
        """The images wanted in the order of the service, newest first."""
        left = wanted.limit
        if left == 0:
            return
        for image in self._proxied(wanted) if self._has(LAST_IMAGES) else self._served(wanted):
            if wanted.matches(image):
                yield image
                if left is not None:
                    left -= 1
                    if not left:
                        return

    def image_show(self, ref: str) -> Image:
        """The image that ref names, by ID or by exact name.

        Raises NotFound, or GlanceError listing the candidates when several images have the name.
        """
        if not ref or not self._has(LAST_IMAGES):
            return as_nova(find(self._images(), ref))
        if is_uuid(ref):
            with suppress(NotFound):
                return self.image_by_id(ref)
        found = self.image_list(name=ref)
        if len(found) == 1:
            return found[0]
        # Nova lists no hidden images, and does not say whose an image is.
        refusal = (
            ambiguous("images", ref, (i["id"] for i in found)) if found else no_such_image(ref)
        )
        return as_nova(self._appeal(refusal, lambda images: find(images, ref)))

    def _appeal(self, refusal: GlanceError, work: Callable[[Images], T]) -> T:
        """What the Image service itself makes of something that Nova's proxy refused: it knows
        more.

        Nova's refusal stands where it cannot be asked, or does not speak the version asked for.
        """
        try:
            return work(self._images())
        except (AuthError, ConnectionFailed, WrongVersion):
            raise refusal from None

    def image_by_id(self, image_id: str) -> Image:
        """The image with this ID, which a command may ask for after it has changed something."""
        if not self._has(LAST_IMAGES):
            return as_nova(self._images().get(image_id))
        try:
            return _shown(self.api.call("GET", f"/images/{quoted(image_id)}").object("image"))
        except NotFound as error:
            raise no_such_image(image_id, error.request_id) from error

    def image_delete(self, ref: str) -> None:
        """Delete the image that ref names. An ID is deleted unseen, and may still turn out to be a
        name.
        """
        image_id = ref if is_uuid(ref) else str(self.image_show(ref)["id"])
        try:
            self._delete(image_id)
        except NotFound:
            if not is_uuid(ref):
                raise
            self._delete(str(self.image_show(ref)["id"]))

    def _delete(self, image_id: str) -> None:
        if not self._has(LAST_IMAGES):
            self._images().delete(image_id)
            return
        try:
            self.api.call(
                "DELETE",
                f"/images/{quoted(image_id)}",
                expect=(204,),
                subject=Subject("image", image_id),
            )
        except NotFound as error:
            raise no_such_image(image_id, error.request_id) from error
        except HttpError as error:
            self._appeal(error, lambda images: images.delete(image_id))

    def set_metadata(self, ref: str, pairs: Mapping[str, str]) -> None:
        """Set these properties of an image and leave all others."""
        check_properties(pairs)
        image_id = ref if is_uuid(ref) else str(self.image_show(ref)["id"])
        changes = Changes(fields=pairs)
        if self._has(LAST_METADATA) and _fits_nova(pairs):
            self._metadata("POST", image_id, "", changes, body={"metadata": dict(pairs)})
        else:
            self._images().update(image_id, changes)

    def delete_metadata(self, ref: str, keys: Sequence[str]) -> None:
        """Delete these properties of an image; NotFound names the first that it does not have."""
        check_properties(keys)
        image = self.image_show(ref)
        image_id = str(image["id"])
        keys = list(dict.fromkeys(keys))
        missing = [key for key in keys if key not in image.get("metadata", {})]
        if missing:
            raise NotFound(f"image {ref} has no metadata '{missing[0]}'; nothing was deleted")
        if not (self._has(LAST_METADATA) and _fits_nova(dict.fromkeys(keys, ""))):
            self._images().update(image_id, Changes(remove=tuple(keys)))
            return
        for key in keys:
            self._metadata(
                "DELETE", image_id, f"/{quoted(key)}", Changes(remove=(key,)), expect=(204,)
            )

    def _metadata(
        self, method: str, image_id: str, path: str, changes: Changes, **more: Any
    ) -> None:
        path = f"/images/{quoted(image_id)}/metadata{path}"
        try:
            self.api.call(method, path, subject=Subject("image", image_id), **more)
        except NotFound as error:
            raise no_such_image(image_id, error.request_id) from error
        except HttpError as error:
            self._appeal(error, lambda images: images.update(image_id, changes))

    def backups(self, server_id: str, kind: str) -> list[Image]:
        """The backups of this kind of a server, newest first."""
        ours = {"image_type": "backup", "backup_type": kind}
        found = self._newest(Wanted(server_id=server_id))
        return [image for image in found if ours.items() <= image.get("metadata", {}).items()]

    def _has(self, last: tuple[int, int]) -> bool:
        """Whether the Compute service still has what ended with this microversion."""
        gone = self.api.http.identity.fact(PROXY) == "gone"
        return not gone and self.api.microversion((2, 1)) <= last

    def _proxied(self, wanted: Wanted) -> Iterator[Image]:
        """Images from Nova, newest first, page by page."""
        size = min(PAGE_SIZE, wanted.limit or PAGE_SIZE) if wanted.sifted_by_service else PAGE_SIZE
        filters: list[tuple[str, Any]] = [("limit", size)]
        if (
            wanted.name and ":" not in wanted.name
        ):  # Glance reads what stands before a colon as an operator
            filters.append(("name", wanted.name))
        if wanted.server_id:
            filters.append(("server", wanted.server_id))
        if wanted.status == "ACTIVE":
            filters.append(("status", wanted.status))
        marker: list[tuple[str, Any]] = []
        seen: set[str] = set()
        while True:
            try:
                page = self.api.call("GET", "/images/detail", params=[*filters, *marker]).object()
            except NotFound as error:
                self.api.forget(PROXY, str(error), "gone")
            images = page.get("images")
            if not isinstance(images, list):
                raise GlanceError(
                    "the Compute service answered a list of images of an unexpected shape"
                )
            yield from map(_shown, images)
            more = any(link.get("rel") == "next" for link in page.get("images_links") or [])
            if not more or not images:
                return
            last = str(images[-1]["id"])
            if last in seen:
                raise GlanceError("the Compute service's list of images goes round in a circle")
            seen.add(last)
            marker = [("marker", last)]

    def _served(self, wanted: Wanted) -> Iterator[Image]:
        """Images from the Image service, newest first."""
        named = {"name": wanted.name, "instance_uuid": wanted.server_id}
        named["status"] = "active" if wanted.status == "ACTIVE" else ""
        query = Query(
            filters=tuple((k, v) for k, v in named.items() if v),
            sort=(("created_at", "desc"),),  # and by ID, which both versions add; v1 takes one key
            limit=wanted.limit if wanted.sifted_by_service else None,
        )
        return map(as_nova, self._images().list(query))


def connect(
    identity: Identity,
    asked: str | None,
    *,
    images: Callable[[], Images],
    trace: Callable[[str], None] | None = None,
    timeout: float | None = None,
    warn: Callable[[str], None] | None = None,
) -> Compute:
    """The Compute service in the microversion asked for; images gives the Image service when it is
    needed.
    """
    http = ServiceClient(identity, "compute", trace=trace, timeout=timeout, warn=warn)
    return Compute(ComputeApi(http, asked), images)


def as_nova(image: Image) -> Image:
    """An image of the Image service as Nova's proxy shows it."""
    status = str(image.get("status"))
    metadata = {k: v for k, v in image.items() if k not in ATTRIBUTES}
    found: Image = {
        "id": image.get("id"),
        "name": image.get("name"),
        "status": STATUS.get(status, "UNKNOWN"),
        "created": image.get("created_at"),
        "updated": image.get("updated_at"),
        "minDisk": image.get("min_disk"),
        "minRam": image.get("min_ram"),
        "progress": PROGRESS.get(status, 0),
        "OS-EXT-IMG-SIZE:size": image.get("size") or 0,
        "metadata": metadata,
    }
    if metadata.get("instance_uuid") is not None:
        found["server"] = {"id": metadata["instance_uuid"]}
    if metadata.get("auto_disk_config") is not None:
        yes = str(metadata["auto_disk_config"]).lower() in ("1", "t", "true", "on", "y", "yes")
        found["OS-DCF:diskConfig"] = "AUTO" if yes else "MANUAL"
    return _in_order(found)


def _shown(image: Image) -> Image:
    """Nova's image without what only programs follow."""
    found = {k: v for k, v in image.items() if k != "links"}
    if isinstance(found.get("server"), dict):
        found["server"] = {"id": found["server"].get("id")}
    return _in_order(found)


def _in_order(image: Image) -> Image:
    if isinstance(image.get("metadata"), dict):
        image["metadata"] = dict(sorted(image["metadata"].items()))
    return {**{k: image[k] for k in FIELDS if k in image}, **image}


def _server_id(image: Image) -> str:
    return str((image.get("server") or {}).get("id") or "")


def _fits_nova(pairs: Mapping[str, str]) -> bool:
    return all(_NOVA_KEY.fullmatch(k) and len(v) <= _NOVA_VALUE_MAX for k, v in pairs.items())
