"""Volumes of the Block Storage service, as users of images.

https://docs.openstack.org/api-ref/block-storage/v3/#list-accessible-volumes-with-details
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from glancecli.api.decoding import text
from glancecli.api.uses import Kind, User
from glancecli.transport.client import PAGE_SIZE

if TYPE_CHECKING:
    from glancecli.transport.client import ServiceClient

PROJECT = "os-vol-tenant-attr:tenant_id"
BEING_MADE = ("creating", "downloading")  # a volume names its image when it has its data


class Volume(NamedTuple):
    """A volume, and the image that it was made from: "" for none, None where that is unknown."""

    user: User
    image_id: str | None


class Volumes:
    """Volumes of the projects that one may see."""

    def __init__(self, http: ServiceClient) -> None:
        self.http = http

    def in_use(self) -> Iterator[Volume]:
        """Returns all volumes, of every project for administrators and of one's own for others;
        pages are requested as they are read.

        The service ignores the wish for all projects without a word: who asks has to find out from
        the volumes.
        """
        path = "/volumes/detail"
        if not re.search(r"/v\d[\w.]*/", self.http.base):
            path = f"/v3{path}"  # the endpoint does not name the project, nor now the version
        params = [("all_tenants", 1), ("limit", PAGE_SIZE)]
        for page in self.http.pages(path, "volumes", params):
            yield from map(_volume, page)


def _volume(row: Mapping[str, Any]) -> Volume:
    keys = ("id", "name", "status", PROJECT)
    user = User(Kind.VOLUME, *(text(row.get(key)) or "" for key in keys))
    return Volume(user, _image_id(row))


def _image_id(row: Mapping[str, Any]) -> str | None:
    metadata = row.get("volume_image_metadata")
    if isinstance(metadata, Mapping):
        return text(metadata.get("image_id")) or ""
    if metadata or row.get("status") in BEING_MADE:
        return None
    return ""
