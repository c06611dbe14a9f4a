"""Images through Nova's image proxy, which old microversions have.

https://docs.openstack.org/api-ref/compute/#images-deprecated
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from glancecli.api import decoding
from glancecli.api.compute.client import NotOffered
from glancecli.api.compute.microversions import FIRST, Microversion
from glancecli.api.compute.nova_images import Conditions, in_order
from glancecli.api.errors import no_such_image
from glancecli.errors import NotFound, Subject
from glancecli.image import Image
from glancecli.transport.client import PAGE_SIZE, quoted
from glancecli.transport.pages import ListProgress, next_link
from glancecli.transport.responses import rows_under

if TYPE_CHECKING:
    from glancecli.api.compute.client import ComputeClient
    from glancecli.transport.responses import Response

PROXY = "compute_image_proxy"  # the fact by which a release without the proxy is remembered
GONE = "gone"

LAST_IMAGES = Microversion(2, 35)  # the last microversion with /images
LAST_METADATA = Microversion(2, 38)  # and with /images/ID/metadata

# What the proxy takes as metadata; the Image service takes more.
_KEY = re.compile(r"[a-zA-Z0-9-_:. ]{1,255}")
_LONGEST_VALUE = 255
_PATHS = frozenset({".", ".."})  # keys that would be resolved in the path of a request

Filters = list[tuple[str, Any]]


class _Page(NamedTuple):
    """One page of the list of images, and whether another one follows."""

    images: list[Image]
    has_next: bool


class ImageProxy:
    """Nova's image proxy. Every method raises NotOffered where the service has none."""

    def __init__(self, client: ComputeClient) -> None:
        self.client = client

    def list(self, conditions: Conditions) -> Iterator[Image]:
        """Returns images newest first, page by page."""
        filters = _filters(conditions)
        marker: Filters = []
        progress = ListProgress()
        while True:
            page = self._page([*filters, *marker])
            goes_on = bool(page.images) and page.has_next
            if goes_on:
                progress.check(page.images)
            yield from map(in_order, page.images)
            if not goes_on:
                return
            marker = [("marker", page.images[-1]["id"])]

    def _page(self, params: Filters) -> _Page:
        """Returns one page of the list of images."""
        try:
            response = self._call("GET", "/images/detail", LAST_IMAGES, params=params)
        except NotFound as error:
            self.client.http.identity.remember(PROXY, GONE)
            raise NotOffered(error.message) from error
        document = response.object()
        rows = rows_under("images", document, response.url)
        images = [decoding.nova_image(row, response.url) for row in rows]
        return _Page(images, bool(next_link(document, "images")))

    def get(self, image_id: str) -> Image:
        """Returns the image with this ID."""
        response = self._call_image("GET", image_id, "", LAST_IMAGES)
        return in_order(decoding.nova_image(response.object("image"), response.url))

    def delete(self, image_id: str) -> None:
        """Deletes the image with this ID."""
        self._call_image("DELETE", image_id, "", LAST_IMAGES, expect=(204,))

    def takes_metadata(self, pairs: Mapping[str, str]) -> bool:
        """Returns whether there is a proxy for metadata, and it takes such keys and values."""
        if self._is_gone():
            return False
        if self.client.microversion(FIRST) > LAST_METADATA:
            return False
        return all(map(_takes, pairs, pairs.values()))

    def set_metadata(self, image_id: str, pairs: Mapping[str, str]) -> None:
        """Sets these properties of an image, and leaves all others."""
        if not self.takes_metadata(pairs):
            raise NotOffered("the Compute service does not take this metadata")
        body = {"metadata": dict(pairs)}
        self._call_image("POST", image_id, "/metadata", LAST_METADATA, body=body)

    def delete_metadata(self, image_id: str, keys: Sequence[str]) -> None:
        """Deletes these properties of an image, one a request."""
        for key in keys:
            path = f"/metadata/{quoted(key)}"
            self._call_image("DELETE", image_id, path, LAST_METADATA, expect=(204,))

    def _call_image(
        self, method: str, image_id: str, below: str, last: Microversion, **options: Any
    ) -> Response:
        path = f"/images/{quoted(image_id)}{below}"
        subject = Subject("image", image_id)
        try:
            return self._call(method, path, last, subject=subject, **options)
        except NotFound as error:
            raise no_such_image(image_id, error.request_id) from error

    def _call(self, method: str, path: str, last: Microversion, **options: Any) -> Response:
        if self._is_gone():
            raise NotOffered("the Compute service has no image proxy")
        return self.client.call(method, path, last=last, **options)

    def _is_gone(self) -> bool:
        """Returns whether an earlier request showed that this release has no proxy."""
        remembered = self.client.http.identity.fact(PROXY)
        return bool(remembered == GONE)


def _takes(key: str, value: str) -> bool:
    """Whether the proxy takes this pair of metadata."""
    if key in _PATHS or len(value) > _LONGEST_VALUE:
        return False
    return _KEY.fullmatch(key) is not None


def _filters(conditions: Conditions) -> Filters:
    """Returns what the proxy filters by; it takes no more than the images that are needed."""
    size = PAGE_SIZE
    if conditions.are_filters_exact and conditions.limit:
        size = min(PAGE_SIZE, conditions.limit)
    filters: Filters = [("limit", size)]
    # The Image service behind the proxy reads what stands before a colon as an operator.
    if conditions.name and ":" not in conditions.name:
        filters.append(("name", conditions.name))
    if conditions.server_id:
        filters.append(("server", conditions.server_id))
    if conditions.status == "ACTIVE":
        filters.append(("status", conditions.status))
    return filters
