"""Images v1 over the wire: metadata in ``x-image-meta-*`` headers, lists as JSON."""

from __future__ import annotations

import http.client
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from glancecli.api import Info, Infos, Member, Members, Several, WrongVersion, no_such_image
from glancecli.api.v1.headers import (
    META,
    PURGE,
    from_headers,
    from_json,
    restored,
    stored_name,
    to_headers,
)
from glancecli.api.v1.query import parameters, wanted
from glancecli.errors import Forbidden, GlanceError, HttpError, NotFound, Subject, UsageError
from glancecli.image import Changes, Image, Query
from glancecli.transport.client import PAGE_SIZE, ServiceClient, quoted
from glancecli.transport.policy import ADMINISTRATOR
from glancecli.transport.responses import Response

if TYPE_CHECKING:
    from glancecli.transport.connection import Chunk
    from glancecli.transport.stream import Stream

Parameters = list[tuple[str, Any]]

# An answer has a header for each of an image's properties, of which there may be 128; more than 100
# headers would be refused by http.client.
http.client._MAXHEADERS = 1000  # type: ignore[attr-defined]

AMAZON = ("ami", "ari", "aki")

# What goes with a body of image data, and with no body.
OCTETS = {"Content-Type": "application/octet-stream"}


class ImagesV1:
    """Images of a server that speaks v1.

    is_public False is visibility shared, as the same image shows in v2; null attributes are None.
    """

    version = "1"

    def __init__(self, http: ServiceClient) -> None:
        self.http = http

    def list(self, query: Query) -> Iterator[Image]:
        """The images that match; what a v1 server ignores is sifted here.

        Raises UsageError for a filter or an order that v1 does not know.
        """
        left = query.limit
        if left == 0:
            return
        size = min(query.page_size or PAGE_SIZE, left or PAGE_SIZE)
        for page in self._pages(parameters(query, self.http.warn), size, query.marker):
            for image in page:
                if not wanted(image, query):
                    continue
                yield image
                if left is not None:
                    left -= 1
                    if not left:
                        return

    def get(self, image_id: str) -> Image:
        """The image with this ID; an administrator sees deleted ones too."""
        return from_headers(self._call("HEAD", image_id).headers).image

    def named(self, name: str) -> Several:
        """Images with exactly this name; an administrator's search goes on among everybody's.

        Killed images are in no list of a v1 server, so their name finds nothing.
        """
        wanted_name = [("name", name), ("limit", PAGE_SIZE)]
        for more in ([], [("is_public", "None")]):
            found = [i for i in self._page([*wanted_name, *more]) if i["name"] == name]
            if found:
                return found
        return []

    def create(self, fields: Mapping[str, Any]) -> Image:
        """A new record, queued until its data comes.

        copy_from and location among the fields name a source that the server reads, now or on
        demand.
        """
        if "copy_from" in fields or "location" in fields:
            from glancecli.api.sources import check_formats

            # A container of Amazon's has its disk format's name, which the server knows.
            disk = fields.get("disk_format")
            check_formats({**({"container_format": disk} if disk in AMAZON else {}), **fields})
        # A size of 0 would make the server call the image active at once, and refuse its data.
        said = {k: v for k, v in fields.items() if not (k == "size" and v == 0)}
        name = fields.get("name") or fields.get("id") or ""
        answer = self._request(
            "POST",
            "/v1/images",
            headers={**to_headers(said, self.http.warn), **OCTETS},
            expect=(201,),
            subject=Subject("image", name),
        )
        return self._kept(answer, fields)

    def fetch(self, image: Image, fields: Mapping[str, Any]) -> Image:
        """The image, whose source went with its creation."""
        if "location" in fields and image["status"] == "queued":
            # The answer was lost, and it must have been a refusal.
            raise GlanceError(f"image {image['id']} did not get its location")
        return image

    def update(self, image_id: str, changes: Changes) -> Image:
        """The image after the changes; properties stay unless they are to be removed."""
        if changes.fields.get("id", image_id) != image_id:
            raise UsageError("an image's ID cannot be changed")
        if (
            changes.fields.keys() & {"size", "checksum"}
            and self.get(image_id)["status"] != "queued"
        ):
            # An administrator's would be taken, and belie the data from then on.
            raise GlanceError(
                f"image {image_id} has its data; its size and checksum cannot be changed"
            )
        fields = {k: v for k, v in changes.fields.items() if k != "id"}
        headers = to_headers(fields, self.http.warn)
        if changes.remove and not changes.purge:
            headers = {**self._without(image_id, changes.remove), **headers}
        elif not headers and not changes.purge:
            return self.get(image_id)
        purge = b"true" if changes.purge or changes.remove else b"false"
        answer = self._call("PUT", image_id, headers={**headers, PURGE: purge, **OCTETS})
        return self._kept(answer, fields)

    def delete(self, image_id: str) -> None:
        """Delete the image; only a 200 counts as done."""
        self._call("DELETE", image_id)

    def deactivate(self, image_id: str) -> None:
        """Not in v1."""
        raise UsageError("Images v1 cannot deactivate images")

    def reactivate(self, image_id: str) -> None:
        """Not in v1."""
        raise UsageError("Images v1 cannot deactivate images, nor reactivate them")

    def add_tag(self, image_id: str, tag: str) -> None:
        """Not in v1."""
        raise UsageError("Images v1 has no tags")

    def remove_tag(self, image_id: str, tag: str) -> None:
        """Not in v1."""
        raise UsageError("Images v1 has no tags")

    def put_data(
        self,
        image_id: str,
        chunks: Iterable[Chunk],
        size: int | None,
        *,
        store: str = "",
        stall: float | None = None,
    ) -> None:
        """Send a queued image's data, once. The server compares size and checksum, and kills what
        differs.
        """
        from glancecli.transport.stream import send

        headers = {PURGE: b"false", **({META + "store": store} if store else {})}
        if size:
            headers[META + "size"] = str(size)
        path, subject = f"/v1/images/{quoted(image_id)}", Subject("image", image_id)
        # A Content-Length of 0 would leave the image queued; no chunks make it active and empty.
        length = size or None
        send(
            self.http,
            "PUT",
            path,
            chunks,
            length,
            headers=headers,
            expect=(200,),
            subject=subject,
            stall=stall,
        )

    def stage_data(
        self,
        image_id: str,
        chunks: Iterable[Chunk],
        size: int | None,
        *,
        stall: float | None = None,
    ) -> None:
        """Not in v1."""
        raise UsageError("Images v1 has no staging area; image-upload sends the data at once")

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
        """The image's data, all of it: a v1 server ignores Range, which status 200 tells."""
        from glancecli.transport.stream import receive

        if prefer:
            raise GlanceError("Images v1 has no choice of stores", hint="Leave out --prefer.")
        path, subject = f"/v1/images/{quoted(image_id)}", Subject("image", image_id)
        more: dict[str, Any] = {"size": size, "subject": subject, "stall": stall}
        try:
            # Whoever accepts anything is told errors in HTML.
            return receive(
                self.http, path, start=start, end=end, accept=OCTETS["Content-Type"], **more
            )
        except NotFound as error:
            if "is not active" not in error.service_message:
                raise no_such_image(image_id, error.request_id) from error
            raise HttpError(
                "it has no data (it is not active)", subject=subject, status=204
            ) from error

    def confirm_version(self) -> None:
        """v1 is spoken only where it is known to be."""

    def limit(self, seconds: float) -> None:
        """Give up sooner from now on."""
        self.http.timeout = (seconds, seconds)

    def members(self, image_id: str) -> Members:
        """Projects that the image is shared with."""
        found = self._call("GET", image_id, "/members").object().get("members", [])
        return [{**member, "image_id": image_id} for member in found]

    def memberships(self, project: str) -> Members:
        """Images that are shared with this project."""
        answer = self._request(
            "GET", f"/v1/shared-images/{quoted(project)}", subject=Subject("project", project)
        )
        return [
            {**found, "member_id": project} for found in answer.object().get("shared_images", [])
        ]

    def member(self, image_id: str, project: str) -> Member:
        """One project's share in the image; v1 tells all of them or none."""
        for member in self.members(image_id):
            if member["member_id"] == project:
                return member
        raise NotFound(f"image {image_id} is not shared with project {project}")

    def add_member(self, image_id: str, project: str, *, can_share: bool = False) -> Member:
        """Share the image with a project, which sees it at once; can_share lets that share it
        further.
        """
        body = {"member": {"can_share": can_share}}
        self._call("PUT", image_id, f"/members/{quoted(project)}", body=body, expect=(204,))
        return {"image_id": image_id, "member_id": project, "can_share": can_share}

    def remove_member(self, image_id: str, project: str) -> None:
        """Share the image no longer with this project."""
        try:
            self._call("DELETE", image_id, f"/members/{quoted(project)}", expect=(204,))
        except NotFound as error:
            raise NotFound(
                f"image {image_id} is not shared with project {project}",
                request_id=error.request_id,
            ) from error

    def set_member_status(self, image_id: str, project: str, status: str) -> Member:
        """Not in v1, which knows no acceptance."""
        raise UsageError(
            "Images v1 knows no acceptance: a member sees the image as soon as it is shared"
        )

    def wait(self, image_id: str, seconds: float) -> Image:
        """The image once it is active; a copy that failed is killed."""
        from glancecli.api.waiting import wait

        return wait(self, image_id, seconds)

    def add_location(
        self,
        image_id: str,
        url: str,
        *,
        metadata: Mapping[str, Any] | None = None,
        checksum: str = "",
        hash_algo: str = "",
        hash_value: str = "",
    ) -> Image:
        """A queued image after naming the place where its data lies; v1 keeps one, without
        metadata.
        """
        if metadata or hash_value or (hash_algo and hash_algo != "md5"):
            raise UsageError(
                "Images v1 keeps a location's URL only: neither metadata nor hashes but MD5"
            )
        return self.update(
            image_id, Changes({"location": url, **({"checksum": checksum} if checksum else {})})
        )

    def update_location(self, image_id: str, url: str, metadata: Mapping[str, Any]) -> Image:
        """Not in v1."""
        raise UsageError("Images v1 keeps no metadata of locations")

    def remove_locations(self, image_id: str, urls: tuple[str, ...]) -> Image:
        """Not in v1."""
        raise UsageError("Images v1 cannot remove a location; deleting the image forgets it")

    def import_data(self, image_id: str, body: Mapping[str, Any], seconds: float | None) -> Image:
        """Not in v1."""
        raise UsageError(
            "Images v1 has no imports; image-create --copy-from has the service copy a URL"
        )

    def tasks(self, image_id: str) -> Infos:
        """Not in v1."""
        raise UsageError("Images v1 has no tasks")

    def import_info(self) -> Info:
        """Not in v1."""
        raise UsageError(
            "Images v1 has no imports; image-create --copy-from has the service copy a URL"
        )

    def stores(self, *, detail: bool) -> Infos:
        """Not in v1."""
        raise UsageError("Images v1 does not tell where data is stored")

    def remove_from_store(self, image_id: str, store: str) -> None:
        """Not in v1."""
        raise UsageError("Images v1 does not tell where data is stored")

    def usage(self) -> Infos:
        """Not in v1."""
        raise UsageError("Images v1 tells no quotas")

    def _pages(self, query: Parameters, size: int, marker: str) -> Iterator[Several]:
        """Each page of a list.

        Without next links only an empty or a shrinking page shows the end: a page shorter than we
        asked for may be all that the server ever gives at once.
        """
        longest = 0
        while True:
            page = self._page([*query, ("limit", size), *([("marker", marker)] if marker else [])])
            if page and page[-1]["id"] == marker:
                raise GlanceError("the list goes round in a circle; it is not complete")
            yield page
            if len(page) < max(longest, 1):
                return
            longest, marker = max(longest, len(page)), str(page[-1]["id"])

    def _page(self, query: Parameters) -> Several:
        answer = self._request("GET", "/v1/images/detail", params=query)
        rows = answer.object().get("images")
        if not isinstance(rows, list):
            raise GlanceError(f"{answer.url} answered JSON of an unexpected shape")
        return [from_json(row).image for row in rows]

    def _without(self, image_id: str, remove: tuple[str, ...]) -> dict[str, bytes]:
        """Headers that keep every property but these when the others are purged.

        A PUT that changes nothing answers all of them; a HEAD leaves out those that are null.
        """
        answer = self._call("PUT", image_id, headers={PURGE: b"false", **OCTETS})
        properties = from_json(answer.object("image")).properties
        gone = {k if k in properties else stored_name(k) for k in remove}
        missing = sorted(gone - properties.keys())
        if missing:
            raise GlanceError(f"image {image_id} has no property {', '.join(missing)}")
        return restored(image_id, {k: v for k, v in properties.items() if k not in gone})

    def _kept(self, answer: Response, asked: Mapping[str, Any]) -> Image:
        """The image in the answer, with a warning for what the server did not do as asked."""
        image = from_json(answer.object("image")).image
        if asked.get("owner") not in (None, image["owner"]):
            self.http.warn(
                f"image {image['id']} belongs to {image['owner']}: only administrators choose another owner"
            )
        return image

    def _call(self, method: str, image_id: str, below: str = "", **more: Any) -> Response:
        """The answer to a request about one image, its refusals in plain words."""
        subject = Subject("image", image_id)
        try:
            return self._request(
                method, f"/v1/images/{quoted(image_id)}{below}", subject=subject, **more
            )
        except NotFound as error:
            if below.startswith("/members/") and method == "DELETE":
                raise
            raise no_such_image(image_id, error.request_id) from error
        except HttpError as error:
            # The registry's 404 for an image that is merely shared with us, which the server does
            # not handle.
            if error.status == 500 and method in ("PUT", "DELETE"):
                error.hint = "An Images v1 server answers so when the image is only shared with you: its owner can."
            raise

    def _request(self, method: str, path: str, **more: Any) -> Response:
        try:
            return self.http.request(method, path, **more)
        except Forbidden as error:
            # All that the server says is that access was denied.
            if (more.get("headers") or {}).get(META + "is_public") == b"True":
                error.message = "you have no right to make images public"
                error.hint = ADMINISTRATOR
            raise
        except HttpError as error:
            if error.status == 300 or (
                error.status == 404 and path in ("/v1/images", "/v1/images/detail")
            ):
                self._check_version(error)
            raise

    def _check_version(self, error: HttpError) -> None:
        """The server may have lost its v1 since we last asked which versions it has."""
        from glancecli.api.negotiation import learn

        if "1" not in learn(self.http):
            raise WrongVersion("2", f"{self.http.base} speaks Images v2 only") from error
