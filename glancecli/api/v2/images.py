"""Images v2 over the wire (https://docs.openstack.org/api-ref/image/v2/)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from glancecli.api import (
    GivenAway,
    Info,
    Infos,
    Member,
    Members,
    Several,
    WrongVersion,
    no_such_image,
)
from glancecli.api.v2.query import equal_to, is_wanted, parameters
from glancecli.errors import Forbidden, GlanceError, HttpError, NotFound, Subject, UsageError
from glancecli.image import BASE, RESERVED, Changes, Image, Query
from glancecli.transport.client import PAGE_SIZE, ServiceClient, quoted
from glancecli.transport.policy import NOT_VISIBLE, UNSEEN
from glancecli.transport.responses import Response

if TYPE_CHECKING:
    from glancecli.transport.connection import Chunk
    from glancecli.transport.stream import Stream

PATCH = "application/openstack-images-v2.1-json-patch"

# What v1 takes with a record, and v2 learns from the data itself.
OF_DATA = frozenset({"size", "checksum"})


class ImagesV2:
    """Images of a server that speaks v2."""

    version = "2"

    def __init__(self, http: ServiceClient) -> None:
        self.http = http

    def list(self, query: Query) -> Iterator[Image]:
        """The images that match; filters and order are the server's work."""
        left = query.limit
        if left == 0:
            return
        size = min(query.page_size or PAGE_SIZE, left or PAGE_SIZE)
        try:
            wanted = [("limit", size), *parameters(query)]
            for page in self.http.pages("/v2/images", "images", wanted, ahead=left is None):
                for image in page:
                    if not is_wanted(image, query, self.http.identity.project_id):
                        continue
                    yield image
                    if left is not None:
                        left -= 1
                        if not left:
                            return
        except HttpError as error:
            self._check_version(error)
            raise

    def get(self, image_id: str) -> Image:
        """The image with this ID."""
        return self._one("GET", image_id)

    def named(self, name: str) -> Several:
        """Images with exactly this name; what lists leave out is looked for when no other has it.

        Those are hidden images, then community images.
        """
        wanted = [("name", equal_to(name)), ("limit", PAGE_SIZE)]
        everywhere = ("visibility", "all")
        for more in ([], [("os_hidden", "true"), everywhere], [everywhere]):
            try:
                pages = self.http.pages("/v2/images", "images", [*wanted, *more])
                found = [i for page in pages for i in page if i.get("name") == name]
            except HttpError as error:
                self._check_version(error)
                raise
            if found:
                return found
        return []

    def create(self, fields: Mapping[str, Any]) -> Image:
        """A new record, queued until its data comes. Properties are strings."""
        body = fields
        if "copy_from" in fields or "location" in fields:
            from glancecli.api.v2 import imports

            body = imports.record(self, fields)
        self._refuse_promises(body)
        name = fields.get("name") or fields.get("id") or ""
        answer = self.request(
            "POST", "/v2/images", body=body, expect=(201,), subject=Subject("image", name)
        )
        return _image(answer)

    def fetch(self, image: Image, fields: Mapping[str, Any]) -> Image:
        """The image once its import has begun or its location is registered."""
        if "copy_from" not in fields and "location" not in fields:
            return image
        from glancecli.api.v2 import imports

        return imports.fill(self, str(image["id"]), fields)

    def update(self, image_id: str, changes: Changes) -> Image:
        """The image after one PATCH (RFC 6902; add sets what is there as well)."""
        if "copy_from" in changes.fields or "location" in changes.fields:
            from glancecli.api.v2 import imports

            return imports.update(self, image_id, changes)
        self._refuse_promises(changes.fields)
        remove = dict.fromkeys(changes.remove)
        if changes.purge:
            image = self.get(image_id)
            kept = BASE | changes.fields.keys()
            remove |= dict.fromkeys(k for k in image if k not in kept and not RESERVED.match(k))
        patch: list[dict[str, Any]] = [{"op": "remove", "path": _pointer(k)} for k in remove]
        patch += [{"op": "add", "path": _pointer(k), "value": v} for k, v in changes.fields.items()]
        # Glance asks of each change whether the owner, as the changes before it leave him, is ours.
        patch.sort(key=lambda change: change["path"] == "/owner")
        if not patch:
            return self.get(image_id)
        try:
            return self._one("PATCH", image_id, body=patch, headers={"Content-Type": PATCH})
        except Forbidden as error:
            # Glance looks the image up once more after it has stored a new owner.
            if "owner" not in changes.fields or not NOT_VISIBLE.search(error.service_message):
                raise
            raise GivenAway(f"image {image_id} is changed; {UNSEEN}") from error

    def delete(self, image_id: str) -> None:
        """Delete the image; only a 204 counts as done."""
        self._call("DELETE", image_id, expect=(204,))

    def deactivate(self, image_id: str) -> None:
        """Let nobody read the image's data until it is reactivated."""
        self._call("POST", image_id, "/actions/deactivate", expect=(204,))

    def reactivate(self, image_id: str) -> None:
        """Let the data of a deactivated image be read again."""
        self._call("POST", image_id, "/actions/reactivate", expect=(204,))

    def add_tag(self, image_id: str, tag: str) -> None:
        """Put a tag on the image, which may have it already."""
        from glancecli.api.v2 import tags

        tags.add(self, image_id, tag)

    def remove_tag(self, image_id: str, tag: str) -> None:
        """Take a tag off the image. NotFound when it has no such tag."""
        from glancecli.api.v2 import tags

        tags.remove(self, image_id, tag)

    def put_data(
        self,
        image_id: str,
        chunks: Iterable[Chunk],
        size: int | None,
        *,
        store: str = "",
        stall: float | None = None,
    ) -> None:
        """Send a queued image's data, once."""
        headers = {"X-Image-Meta-Store": store} if store else {}
        self._send("file", image_id, chunks, size, headers, stall)

    def stage_data(
        self,
        image_id: str,
        chunks: Iterable[Chunk],
        size: int | None,
        *,
        stall: float | None = None,
    ) -> None:
        """Send data into the staging area, once."""
        self._send("stage", image_id, chunks, size, {}, stall)

    def _send(
        self,
        where: str,
        image_id: str,
        chunks: Iterable[Chunk],
        size: int | None,
        headers: dict[str, str],
        stall: float | None,
    ) -> None:
        from glancecli.transport.stream import send

        if size is not None:
            headers["x-openstack-image-size"] = str(size)
        path = f"/v2/images/{quoted(image_id)}/{where}"
        subject = Subject("image", image_id)
        send(self.http, "PUT", path, chunks, size, headers=headers, subject=subject, stall=stall)

    def open_data(
        self,
        image_id: str,
        start: int = 0,
        end: int | None = None,
        *,
        size: int | None = None,
        prefer: str = "",
        stall: float | None = None,
    ) -> Stream:
        """The image's data; Range is honoured where its store can."""
        from glancecli.transport.stream import receive

        path = f"/v2/images/{quoted(image_id)}/file"
        if prefer:
            path += f"?prefer={quoted(prefer)}"
        return receive(
            self.http,
            path,
            start=start,
            end=end,
            size=size,
            subject=Subject("image", image_id),
            stall=stall,
        )

    def wait(self, image_id: str, seconds: float) -> Image:
        """The image once it is active; a failed import tells its task's message."""
        from glancecli.api import waiting

        return waiting.wait(self, image_id, seconds)

    def import_data(self, image_id: str, body: Mapping[str, Any], seconds: float | None) -> Image:
        """The image after starting an import, and waiting for it if seconds are given."""
        from glancecli.api.v2 import imports

        return imports.import_data(self, image_id, body, seconds)

    def tasks(self, image_id: str) -> Infos:
        """Tasks on the image, the newest first."""
        from glancecli.api.v2 import tasks

        try:
            found = tasks.tasks(self.http, image_id)
        except HttpError as error:
            self._check_version(error)
            raise
        if not found:
            self.get(image_id)  # an image that is not there looks the same
        return found

    def import_info(self) -> Info:
        """What the service tells of imports."""
        from glancecli.api.v2 import stores

        return stores.import_info(self)

    def stores(self, *, detail: bool) -> Infos:
        """Where the service keeps data."""
        from glancecli.api.v2 import stores

        return stores.stores(self, detail=detail)

    def remove_from_store(self, image_id: str, store: str) -> None:
        """Remove the image's data from one of its stores."""
        from glancecli.api.v2 import stores

        stores.remove(self, image_id, store)

    def usage(self) -> Infos:
        """Quotas of the project: quota, limit, usage."""
        from glancecli.api.v2 import stores

        return stores.usage(self)

    def members(self, image_id: str) -> Members:
        """Projects that the image is shared with, and what they answered."""
        from glancecli.api.v2 import members

        return members.members(self, image_id)

    def memberships(self, project: str) -> Members:
        """Images shared with this project, among those that we own or that are shared with us."""
        from glancecli.api.v2 import members

        return members.memberships(self, project)

    def member(self, image_id: str, project: str) -> Member:
        """One project's share in the image."""
        from glancecli.api.v2 import members

        return members.member(self, image_id, project)

    def add_member(self, image_id: str, project: str, *, can_share: bool = False) -> Member:
        """Share the image with a project, which then has to accept it. UsageError for can_share."""
        from glancecli.api.v2 import members

        return members.add_member(self, image_id, project, can_share=can_share)

    def remove_member(self, image_id: str, project: str) -> None:
        """Share the image no longer with this project."""
        from glancecli.api.v2 import members

        members.remove_member(self, image_id, project)

    def set_member_status(self, image_id: str, project: str, status: str) -> Member:
        """The share after its member's answer."""
        from glancecli.api.v2 import members

        return members.set_member_status(self, image_id, project, status)

    def add_location(self, image_id: str, url: str, **more: Any) -> Image:
        """The image after registering a place where its data lies."""
        from glancecli.api.v2 import locations

        return locations.add_location(self, image_id, url, **more)

    def update_location(self, image_id: str, url: str, metadata: Mapping[str, Any]) -> Image:
        """The image after replacing the metadata of one of its locations."""
        from glancecli.api.v2 import locations

        return locations.update_location(self, image_id, url, metadata)

    def remove_locations(self, image_id: str, urls: tuple[str, ...]) -> Image:
        """The image without these locations."""
        from glancecli.api.v2 import locations

        return locations.remove_locations(self, image_id, urls)

    def limit(self, seconds: float) -> None:
        """Give up sooner from now on."""
        self.http.timeout = (seconds, seconds)

    def _one(self, method: str, image_id: str, **more: Any) -> Image:
        return _image(self._call(method, image_id, **more))

    def _call(self, method: str, image_id: str, below: str = "", **more: Any) -> Response:
        path = f"/v2/images/{quoted(image_id)}{below}"
        try:
            return self.request(method, path, subject=Subject("image", image_id), **more)
        except NotFound as error:
            raise no_such_image(image_id, error.request_id) from error

    def request(self, method: str, path: str, **more: Any) -> Response:
        """The answer to one request; raises WrongVersion where a refusal came from a server without
        v2.
        """
        try:
            return self.http.request(method, path, **more)
        except HttpError as error:
            self._check_version(error)
            raise

    def confirm_version(self) -> None:
        """Make sure that the server has v2, before something is refused for v2's sake."""
        from glancecli.api.negotiation import FACT, learn

        if (self.http.identity.fact(FACT) or learn(self.http)) == "1":
            raise WrongVersion("1", f"{self.http.base} speaks Images v1 only")

    def _check_version(self, error: HttpError) -> None:
        """A 404 or 300 may come from a server without v2. Asked once for each endpoint, then
        remembered.
        """
        if error.status in (300, 404):
            self.confirm_version()

    def _refuse_promises(self, fields: Mapping[str, Any]) -> None:
        if fields.keys() & OF_DATA:
            self.confirm_version()
            raise UsageError("--size and --checksum are compared with data, and none is given")
        if "store" in fields:
            self.confirm_version()
            raise UsageError("--store says where data goes, and none is given")


def _image(answer: Response) -> Image:
    image = answer.object()
    if "id" not in image:
        raise GlanceError(f"{answer.url} answered something that is no image")
    return image


def _pointer(key: str) -> str:
    """A property's name as a JSON pointer (RFC 6901)."""
    return "/" + key.replace("~", "~0").replace("/", "~1")
