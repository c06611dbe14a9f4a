"""Images in v1: metadata in ``x-image-meta-*`` headers, lists as JSON.

https://docs.openstack.org/api-ref/image/v1/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from glancecli.api.errors import no_such_image, no_such_property
from glancecli.api.sources import with_formats
from glancecli.api.v1.client import image_path
from glancecli.api.v1.headers import (
    META,
    PURGE,
    Headers,
    ImageV1,
    from_headers,
    from_json,
    property_headers,
    stored_name,
    to_headers,
)
from glancecli.api.v1.query import Params, is_wanted, parameters
from glancecli.changes import Changes, RemoteData
from glancecli.errors import Code, GlanceError, HttpError, NotFound, Subject, UsageError
from glancecli.image import Fields, Image, Query
from glancecli.transport.client import PAGE_SIZE
from glancecli.transport.pages import ListProgress

if TYPE_CHECKING:
    from glancecli.api.interfaces import ImageList
    from glancecli.api.v1.client import ClientV1
    from glancecli.transport.connection import Chunk
    from glancecli.transport.responses import Response
    from glancecli.transport.stream import Stream

# What goes with a body of image data, and with no body.
OCTETS = {"Content-Type": "application/octet-stream"}

NO_DATA = RemoteData()


class ImagesV1:
    """Images of a server that speaks v1.

    is_public False is visibility shared, as the same image shows in v2; null attributes are None.
    """

    version = "1"

    def __init__(self, client: ClientV1) -> None:
        self.client = client

    def list(self, query: Query) -> Iterator[Image]:
        """Returns the images that match; filters that a v1 server ignores are applied here.

        Raises UsageError for a filter or an order that v1 does not know.
        """
        remaining = query.limit
        if remaining == 0:
            return
        page_size = min(query.page_size or PAGE_SIZE, remaining or PAGE_SIZE)
        params = [*parameters(query, self.client.http.messages.warn)]
        for page in self._pages(params, page_size, query.marker):
            for image in page:
                if not is_wanted(image, query):
                    continue
                yield image
                if remaining is None:
                    continue
                remaining -= 1
                if not remaining:
                    return

    def get(self, image_id: str) -> Image:
        """Returns the image with this ID; an administrator sees deleted ones too."""
        response = self.client.image_request("HEAD", image_id)
        return from_headers(response.headers, response.url).image

    def named(self, name: str) -> ImageList:
        """Returns the images with exactly this name; for an administrator all projects are searched
        when no image of the own project has it.

        Killed images are in no list of a v1 server, so their name finds nothing.
        """
        own_project: Params = []
        all_projects: Params = [("is_public", "None")]
        for filters in (own_project, all_projects):
            page = self._page([("name", name), ("limit", PAGE_SIZE), *filters])
            found = [image for image in page if image["name"] == name]
            if found:
                return found
        return []

    def create(self, fields: Fields, data: RemoteData = NO_DATA) -> Image:
        """Creates an image, queued until its data comes.

        A source of data is read by the server, at once or on demand.
        """
        if data.has_source:
            fields = with_formats(fields, data.url)
        if data.size == 0:
            # It would make the server call the image active at once, and refuse its data.
            data = data._replace(size=None)
        name = fields.get("name") or fields.get("id") or ""
        response = self.client.request(
            "POST",
            "/v1/images",
            headers={**to_headers(fields, data, self.client.http.messages.warn), **OCTETS},
            expect=(201,),
            subject=Subject("image", name),
        )
        return self._image_in(response, fields)

    def start_copy(self, image: Image, data: RemoteData) -> Image:
        """Returns the image, whose source went with its creation; one that Images v2 has created,
        and could not give its location, gets it.
        """
        if data.location is not None and image["status"] == "queued":
            return self.update(str(image["id"]), Changes(data=data))
        return image

    def update(self, image_id: str, changes: Changes) -> Image:
        """Returns the image after the changes; properties stay unless they are to be removed."""
        if changes.fields.get("id", image_id) != image_id:
            raise UsageError("an image's ID cannot be changed")
        if changes.data.has_expectations:
            self._refuse_if_it_has_data(image_id)
        fields = {key: value for key, value in changes.fields.items() if key != "id"}
        headers = to_headers(fields, changes.data, self.client.http.messages.warn)
        if changes.remove and not changes.purge:
            headers = {**self._other_properties(image_id, changes.remove), **headers}
        elif not headers and not changes.purge:
            return self.get(image_id)
        headers[PURGE] = b"false"
        if changes.purge or changes.remove:
            headers[PURGE] = b"true"
        response = self.client.image_request("PUT", image_id, headers={**headers, **OCTETS})
        return self._image_in(response, fields)

    def _refuse_if_it_has_data(self, image_id: str) -> None:
        """Refuses another size or checksum for an image with data.

        The server would take an administrator's, and it would be wrong from then on.
        """
        if self.get(image_id)["status"] != "queued":
            raise GlanceError(
                f"image {image_id} has data; its size and checksum cannot be changed",
                code=Code.CONFLICT,
            )

    def delete(self, image_id: str) -> None:
        """Deletes the image; only a 200 counts as done."""
        self.client.image_request("DELETE", image_id)

    def put_data(
        self,
        image_id: str,
        chunks: Iterable[Chunk],
        size: int | None,
        *,
        store: str = "",
        stall: float | None = None,
    ) -> None:
        """Sends a queued image's data, once. The server verifies size and checksum; an image
        that differs gets the status killed.
        """
        from glancecli.transport.stream import send

        headers: dict[str, Any] = {PURGE: b"false"}
        if store:
            headers[f"{META}store"] = store
        if size:
            headers[f"{META}size"] = str(size)
        send(
            self.client.http,
            "PUT",
            image_path(image_id),
            chunks,
            # A Content-Length of 0 would leave the image queued; without chunks it becomes active.
            size or None,
            headers=headers,
            expect=(200,),
            subject=Subject("image", image_id),
            stall=stall,
        )

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
        """Opens the image's data, all of it: a v1 server ignores Range, which status 200 shows."""
        from glancecli.transport.stream import receive

        if prefer:
            raise GlanceError(
                "Images v1 cannot choose a store to read from",
                hint="Leave out --prefer.",
                code=Code.UNSUPPORTED,
            )
        subject = Subject("image", image_id)
        try:
            return receive(
                self.client.http,
                image_path(image_id),
                start=start,
                end=end,
                size=size,
                subject=subject,
                stall=stall,
                accept=OCTETS["Content-Type"],  # to a client that accepts all, errors are HTML
            )
        except NotFound as error:
            if "is not active" not in error.service_message:
                raise no_such_image(image_id, error.request_id) from error
            raise HttpError(
                "no data (the image is not active)", subject=subject, status=204
            ) from error

    def wait(self, image_id: str, seconds: float) -> Image:
        """Returns the image once it is active; the status of a copy that failed is killed."""
        from glancecli.api.waiting import wait_for_data

        return wait_for_data(self.get, image_id, seconds)

    def by_ids(self, image_ids: Sequence[str]) -> dict[str, Image]:
        """Returns those of the images that exist, by ID; v1 has a request for each."""
        found = {}
        for image_id in image_ids:
            try:
                found[image_id] = self.get(image_id)
            except NotFound:
                continue
        return found

    def import_failure(self, image_id: str) -> str:
        """Returns "": v1 has no imports. The status of a copy that failed is killed."""
        return ""

    def set_timeout(self, seconds: float) -> None:
        """Sets how long every later request may wait for a response."""
        self.client.http.set_timeout(seconds)

    def _pages(self, params: Params, size: int, marker: str) -> Iterator[ImageList]:
        """Returns the pages of a list.

        Without next links only an empty or a shrinking page shows the end: a page shorter than we
        asked for may be all that the server ever gives at once.
        """
        longest = 0
        progress = ListProgress()
        while True:
            page_params = [*params, ("limit", size)]
            if marker:
                page_params.append(("marker", marker))
            page = self._page(page_params)
            goes_on = bool(page) and len(page) >= longest
            if goes_on:
                progress.check(page)
            yield page
            if not goes_on:
                return
            longest = len(page)
            marker = str(page[-1]["id"])

    def _page(self, params: Params) -> ImageList:
        response = self.client.request("GET", "/v1/images/detail", params=params)
        return [from_json(row, response.url).image for row in response.rows("images")]

    def _other_properties(self, image_id: str, removed: tuple[str, ...]) -> Headers:
        """Headers that keep every property but the removed ones, when the others are purged.

        A PUT that changes nothing returns all of them; a HEAD leaves out those that are null.
        """
        response = self.client.image_request("PUT", image_id, headers={PURGE: b"false", **OCTETS})
        properties = _image_row(response).properties
        names = {property_name(key, properties) for key in removed}
        missing = ", ".join(sorted(names - properties.keys()))
        if missing:
            self.client.http.messages.note(no_such_property(image_id, missing))
        kept = {name: value for name, value in properties.items() if name not in names}
        return property_headers(image_id, kept)

    def _image_in(self, response: Response, asked: Fields) -> Image:
        """The image in the response, with a warning for what the server did not do as asked."""
        image = _image_row(response).image
        owner = image["owner"]
        if asked.get("owner") not in (None, owner):
            self.client.http.messages.warn(
                f"image {image['id']} belongs to {owner}: "
                "only administrators can choose another owner"
            )
        return image


def _image_row(response: Response) -> ImageV1:
    return from_json(response.object("image"), response.url)


def property_name(key: str, properties: Mapping[str, Any]) -> str:
    """The name under which the server has the property that a user calls key."""
    if key in properties:
        return key
    return stored_name(key)
