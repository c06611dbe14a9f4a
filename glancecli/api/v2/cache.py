"""The image cache of one glance-api in v2 (its API 2.14, 2.18 for clean, prune and nodes).

https://docs.openstack.org/api-ref/image/v2/ (cache)
"""

from __future__ import annotations

from contextlib import contextmanager
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from glancecli.api import decoding
from glancecli.errors import Code, Conflict, GlanceError, Hint, NotFound, Subject
from glancecli.transport.client import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from glancecli.api.interfaces import Info, InfoList, Texts
    from glancecli.api.v2.client import ClientV2
    from glancecli.transport.responses import Response

NO_CACHE = (
    "this glance-api has no image cache (its image_cache_dir is not set, or its Images API is "
    "older than {version})"
)
NO_NODES = "this cloud does not know which nodes have an image (its cache is not in the database)"
NO_CACHE_WORDS = "not supported at this site"  # Glance's own, in a 404


class CacheV2:
    """The image cache of the glance-api that the client reaches."""

    def __init__(self, client: ClientV2) -> None:
        self.client = client

    def list(self) -> InfoList:
        """Returns the images in the cache and in its queue: id, state, last_accessed,
        last_modified, size, hits.
        """
        found = self._request("GET").object()
        cached = [_cached(row) for row in found.get("cached_images") or [] if isinstance(row, dict)]
        queued = decoding.texts(found.get("queued_images"))
        return [*cached, *(_row(image_id, "queued", {}) for image_id in queued)]

    def queue(self, image_id: str) -> None:
        """Has the image copied into the cache."""
        with self._of_image():
            self._request("PUT", quoted(image_id), expect=(202,), image_id=image_id)

    def delete(self, image_id: str) -> None:
        """Removes the image from the cache and from its queue."""
        with self._of_image():
            self._request("DELETE", quoted(image_id), expect=(204,), image_id=image_id)

    def clear(self, target: str) -> None:
        """Empties the cache, the queue or both."""
        headers = {}
        if target != "both":
            headers = {"x-image-cache-clear-target": target}
        self._request("DELETE", headers=headers, expect=(204,))

    def clean(self) -> None:
        """Removes invalid and incomplete entries."""
        self._request("POST", "clean", expect=(200, 204), version="2.18")

    def prune(self) -> Info:
        """Removes images until the cache is as small as its configuration says; returns how many
        files and bytes.
        """
        found = self._request("POST", "prune", version="2.18").object()
        return {
            "files": decoding.number(found.get("total_files_pruned")) or 0,
            "bytes": decoding.number(found.get("total_bytes_pruned")) or 0,
        }

    def nodes(self, image_id: str) -> Texts:
        """Returns the URLs of the nodes that have the image in their cache."""
        path = f"nodes/{quoted(image_id)}"
        with self._of_image():
            try:
                response = self._request("GET", path, image_id=image_id, version="2.18")
            except Conflict as error:
                raise GlanceError(
                    NO_NODES,
                    request_id=error.request_id,
                    hint="Its option image_cache_driver must be centralized_db; else use --node.",
                    code=Code.UNSUPPORTED,
                ) from error
        return decoding.texts(response.json())

    def _request(
        self,
        method: str,
        path: str = "",
        *,
        image_id: str = "",
        version: str = "2.14",
        **options: Any,
    ) -> Response:
        """Sends one request. A missing cache is one sentence; a missing image stays NotFound."""
        url = "/v2/cache"
        if path:
            url += f"/{path}"
        subject = None
        if image_id:
            subject = Subject("image", image_id)
        try:
            return self.client.request(method, url, subject=subject, **options)
        except NotFound as error:
            if image_id and NO_CACHE_WORDS not in error.service_message:
                raise
            raise _no_cache(error, version) from error

    @contextmanager
    def _of_image(self) -> Iterator[None]:
        """Tells a missing image from a service that has no cache at all: both are a 404."""
        try:
            yield
        except NotFound as error:
            self.list()
            error.hint = Hint("{} lists what is in the cache.", ("cache-list",))
            raise


def _no_cache(error: NotFound, version: str) -> GlanceError:
    return GlanceError(
        NO_CACHE.format(version=version), request_id=error.request_id, code=Code.UNSUPPORTED
    )


def _cached(row: Mapping[str, Any]) -> Info:
    return _row(decoding.text(row.get("image_id")) or "", "cached", row)


def _row(image_id: str, state: str, row: Mapping[str, Any]) -> Info:
    return {
        "id": image_id,
        "state": state,
        "last_accessed": _time(row.get("last_accessed")),
        "last_modified": _time(row.get("last_modified")),
        "size": decoding.number(row.get("size")),
        "hits": decoding.number(row.get("hits")),
    }


def _time(seconds: Any) -> str | None:
    """A time of the cache as ISO 8601 in UTC; None for none. Glance sends seconds since 1970."""
    if isinstance(seconds, str):
        return decoding.text(seconds)
    if not isinstance(seconds, (int, float)) or not seconds:
        return None
    try:
        return datetime.fromtimestamp(seconds, timezone.utc).replace(tzinfo=None).isoformat()
    except (OverflowError, OSError, ValueError):
        return None
