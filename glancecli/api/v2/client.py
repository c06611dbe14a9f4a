"""Requests to an Images v2 API (https://docs.openstack.org/api-ref/image/v2/)."""

from __future__ import annotations

from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from glancecli.api import decoding
from glancecli.api.errors import image_must_exist
from glancecli.api.versions import lacks_version, offered_versions, wrong_version
from glancecli.errors import HttpError, Subject
from glancecli.image import Image
from glancecli.transport.client import PAGE_SIZE, ServiceClient, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from glancecli.api.interfaces import Pagination
    from glancecli.api.v2.query import Param
    from glancecli.transport.responses import Response

PATCH = "application/openstack-images-v2.1-json-patch"

Patch = list[dict[str, Any]]  # changes by RFC 6902


class ClientV2:
    """The requests that all topics of v2 need.

    Each raises WrongVersion where the refusal comes from a server without v2.
    """

    def __init__(self, http: ServiceClient) -> None:
        self.http = http
        self._speaks_v2 = False  # as far as is known

    def request(self, method: str, path: str, **options: Any) -> Response:
        """Sends one request; options are those of ServiceClient.request."""
        try:
            response = self.http.request(method, path, **options)
        except HttpError as error:
            self.check_version(error)
            raise
        self._speaks_v2 = True
        return response

    def image_request(
        self, method: str, image_id: str, subpath: str = "", **options: Any
    ) -> Response:
        """Sends one request about an image, whose errors name it."""
        return self.request(
            method, image_path(image_id) + subpath, subject=Subject("image", image_id), **options
        )

    def pages(self, params: list[Param], *, ahead: bool = True) -> Iterator[list[Image]]:
        """Returns the pages of the list of images."""
        url = self.http.url("/v2/images")
        for page in self._pages("/v2/images", "images", params, ahead=ahead):
            yield decoding.images(page, url)

    def rows(
        self, path: str, key: str, filters: list[Param], pagination: Pagination
    ) -> Iterator[dict[str, Any]]:
        """Returns the rows of a list, whose pages are requested as they are read."""
        limit = pagination.limit
        page_size = min(pagination.page_size or PAGE_SIZE, limit or PAGE_SIZE)
        params = [("limit", page_size), *filters]
        if pagination.marker:
            params.append(("marker", pagination.marker))
        pages = self._pages(path, key, params, ahead=limit is None)
        return islice(chain.from_iterable(pages), limit)

    def _pages(
        self, path: str, key: str, params: list[Param], *, ahead: bool
    ) -> Iterator[list[dict[str, Any]]]:
        try:
            yield from self.http.pages(path, key, params, ahead=ahead)
        except HttpError as error:
            self.check_version(error)
            raise

    def get_image(self, image_id: str) -> Image:
        """Returns the image with this ID."""
        with image_must_exist(image_id):
            response = self.image_request("GET", image_id)
        return image_in(response)

    def patch_image(self, image_id: str, patch: Patch) -> Image:
        """Returns the image after these changes."""
        headers = {"Content-Type": PATCH}
        response = self.image_request("PATCH", image_id, body=patch, headers=headers)
        return image_in(response)

    def check_version(self, error: HttpError) -> None:
        """Raises WrongVersion when a 404 or 300 came from a server without v2.

        The server is asked once for each endpoint; what it offers is remembered. Where it does not
        tell, the response is believed.
        """
        if self._speaks_v2 or error.status not in (300, 404):
            return
        if lacks_version(offered_versions(self.http), "2"):
            raise wrong_version(self.http, "1")
        self._speaks_v2 = True


def image_path(image_id: str) -> str:
    """The path of an image."""
    return f"/v2/images/{quoted(image_id)}"


def image_in(response: Response) -> Image:
    """The image that a response holds. Raises GlanceError for anything else."""
    return decoding.image(response.object(), response.url)
