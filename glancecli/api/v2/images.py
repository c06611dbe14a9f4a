"""Images in v2: their records and their data (https://docs.openstack.org/api-ref/image/v2/)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from glancecli.api.errors import (
    OwnerChanged,
    image_must_exist,
    no_such_image,
    no_such_property,
    no_such_tags,
)
from glancecli.api.v2.client import image_in, image_path
from glancecli.api.v2.query import equal_to, is_wanted, leaves_out_images, parameters
from glancecli.errors import Conflict, Forbidden, HttpError, Subject
from glancecli.image import Fields, Image, Query, is_custom_property
from glancecli.transport.client import PAGE_SIZE

if TYPE_CHECKING:
    from glancecli.api.interfaces import ImageList
    from glancecli.api.v2.client import ClientV2, Patch
    from glancecli.changes import Changes, RemoteData
    from glancecli.transport.connection import Chunk
    from glancecli.transport.stream import Stream

IS_DELETED = ("transition from deleted to", "transition from pending_delete to")


class ImagesV2:
    """Images of a server that speaks v2."""

    version = "2"

    def __init__(self, client: ClientV2) -> None:
        self.client = client

    def list(self, query: Query) -> Iterator[Image]:
        """Returns the images that match; the server filters and sorts."""
        limit = query.limit
        page_size = min(query.page_size or PAGE_SIZE, limit or PAGE_SIZE)
        params = [("limit", page_size), *parameters(query)]
        pages = self.client.pages(params, ahead=query.ahead and limit is None)
        found: Iterator[Image] = chain.from_iterable(pages)
        if leaves_out_images(query):
            identity = self.client.http.identity
            found = filter(lambda image: is_wanted(image, query, identity.project_id), found)
        return islice(found, limit)

    def get(self, image_id: str) -> Image:
        """Returns the image with this ID."""
        return self.client.get_image(image_id)

    def named(self, name: str) -> ImageList:
        """Returns the images with exactly this name.

        What lists leave out is searched when no other image has the name: hidden images, then
        community images.
        """
        hidden = [("os_hidden", "true"), ("visibility", "all")]
        community = [("visibility", "all")]
        for filters in ([], hidden, community):
            params = [("name", equal_to(name)), ("limit", PAGE_SIZE), *filters]
            pages = self.client.pages(params)
            found = [image for page in pages for image in page if image.get("name") == name]
            if found:
                return found
        return []

    def create(self, fields: Fields, data: RemoteData | None = None) -> Image:
        """Creates an image, queued until its data comes. Properties are strings."""
        if data:
            from glancecli.api.v2 import remote_data

            fields = remote_data.checked(self.client, fields, data)
        name = fields.get("name") or fields.get("id") or ""
        response = self.client.request(
            "POST", "/v2/images", body=fields, expect=(201,), subject=Subject("image", name)
        )
        return image_in(response)

    def start_copy(self, image: Image, data: RemoteData) -> Image:
        """Starts the import of the new image's data, or registers its location; returns the image
        after that.
        """
        if not data.has_source:
            return image
        from glancecli.api.v2 import remote_data

        return remote_data.start(self.client, str(image["id"]), data)

    def update(self, image_id: str, changes: Changes) -> Image:
        """Returns the image after one PATCH (RFC 6902), its data on its way if the changes name a
        source.
        """
        if changes.data:
            from glancecli.api.v2 import remote_data

            if changes.data.has_source:
                others = remote_data.changes_before_copy(self.client, image_id, changes)
                self.update(image_id, others)
                with others.made_before():
                    return remote_data.start(self.client, image_id, changes.data)
            remote_data.refuse_expectations(changes.data)
        try:
            return self._patch(image_id, changes)
        except Conflict:
            return self._patch(image_id, self._without_missing(image_id, changes))

    def _without_missing(self, image_id: str, changes: Changes) -> Changes:
        """Returns the changes without the removal of properties that the image lacks, with a
        note. Raises the error that is being handled where it lacks none.
        """
        image = self.get(image_id)
        missing = [key for key in changes.remove if key not in image]
        if not missing:
            raise
        for key in missing:
            self.client.http.messages.note(no_such_property(image_id, key))
        return changes._replace(remove=tuple(key for key in changes.remove if key in image))

    def _patch(self, image_id: str, changes: Changes) -> Image:
        """Sends the changes as one PATCH; returns the image after that."""
        patch = self._json_patch(image_id, changes)
        if not patch:
            return self.get(image_id)
        try:
            with image_must_exist(image_id):
                return self.client.patch_image(image_id, patch)
        except Forbidden as error:
            from glancecli.transport.policy import NOT_VISIBLE, UNSEEN

            # Glance looks the image up once more after it has stored a new owner.
            if "owner" not in changes.fields or not NOT_VISIBLE.search(error.service_message):
                raise
            raise OwnerChanged(f"image {image_id} is changed; {UNSEEN}") from error

    def _json_patch(self, image_id: str, changes: Changes) -> Patch:
        """The changes as a JSON patch; the image is read where they depend on it."""
        removed = dict.fromkeys(changes.remove)
        fields = dict(changes.fields)
        if changes.depend_on_image:
            image = self.get(image_id)
            if changes.purge:
                removed.update(dict.fromkeys(filter(is_custom_property, image)))
            if changes.add_tags or changes.remove_tags:
                fields["tags"] = changes.new_tags(image)
                missing = changes.missing_tags(image)
                if missing:
                    self.client.http.messages.note(no_such_tags(image_id, missing))
        patch: Patch = [
            {"op": "remove", "path": json_pointer(key)} for key in removed if key not in fields
        ]
        for key, value in fields.items():
            # "add" replaces what is there as well.
            patch.append({"op": "add", "path": json_pointer(key), "value": value})
        # The owner comes last: Glance checks each change against the owner that the changes before
        # it have set.
        patch.sort(key=is_owner)
        return patch

    def delete(self, image_id: str) -> None:
        """Deletes the image; only a 204 counts as done."""
        try:
            self._act("DELETE", image_id)
        except HttpError as error:
            # Two deletes at once: the image was still there when the service looked.
            if not any(words in error.service_message for words in IS_DELETED):
                raise
            raise no_such_image(image_id, error.request_id) from error

    def deactivate(self, image_id: str) -> None:
        """Blocks downloads of the image's data until it is reactivated."""
        self._act("POST", image_id, "/actions/deactivate")

    def reactivate(self, image_id: str) -> None:
        """Allows downloads of a deactivated image's data again."""
        self._act("POST", image_id, "/actions/reactivate")

    def _act(self, method: str, image_id: str, subpath: str = "") -> None:
        with image_must_exist(image_id):
            self.client.image_request(method, image_id, subpath, expect=(204,))

    def put_data(
        self,
        image_id: str,
        chunks: Iterable[Chunk],
        size: int | None,
        *,
        store: str = "",
        stall: float | None = None,
    ) -> None:
        """Sends a queued image's data, once."""
        headers: dict[str, str] = {}
        if store:
            headers["X-Image-Meta-Store"] = store
        self._send("/file", image_id, chunks, size, headers, stall)

    def stage_data(
        self,
        image_id: str,
        chunks: Iterable[Chunk],
        size: int | None,
        *,
        stall: float | None = None,
    ) -> None:
        """Sends data to the staging area, once."""
        self._send("/stage", image_id, chunks, size, {}, stall)

    def _send(
        self,
        subpath: str,
        image_id: str,
        chunks: Iterable[Chunk],
        size: int | None,
        headers: dict[str, str],
        stall: float | None,
    ) -> None:
        from glancecli.transport.stream import send

        if size is not None:
            headers["x-openstack-image-size"] = str(size)
        send(
            self.client.http,
            "PUT",
            image_path(image_id) + subpath,
            chunks,
            size,
            headers=headers,
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
        """Opens the image's data; Range is honoured where its store can."""
        from glancecli.transport.stream import receive

        path = f"{image_path(image_id)}/file"
        if prefer:
            path += f"?prefer={quote(prefer, safe='')}"
        return receive(
            self.client.http,
            path,
            start=start,
            end=end,
            size=size,
            subject=Subject("image", image_id),
            stall=stall,
        )

    def wait(self, image_id: str, seconds: float) -> Image:
        """Returns the image once it is active; a failed import raises its task's message."""
        from glancecli.api.v2.tasks import wait_until_active

        return wait_until_active(self.client, image_id, seconds)

    def by_ids(self, image_ids: Sequence[str]) -> dict[str, Image]:
        """Returns those of the images that exist, also hidden and community images, by ID."""
        from glancecli.api.v2.by_ids import images_by_ids

        return images_by_ids(self.client, image_ids)

    def import_failure(self, image_id: str) -> str:
        """Returns the message of the newest task on the image if it has failed, else ""."""
        from glancecli.api.v2.tasks import import_failure

        return import_failure(self.client, image_id)

    def set_timeout(self, seconds: float) -> None:
        """Sets how long every later request may wait for a response."""
        self.client.http.set_timeout(seconds)


def is_owner(change: dict[str, Any]) -> bool:
    """Whether the change is one of the owner."""
    return bool(change["path"] == "/owner")


def json_pointer(key: str) -> str:
    """A property's name as a JSON pointer (RFC 6901)."""
    return "/" + key.replace("~", "~0").replace("/", "~1")
