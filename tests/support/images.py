"""Images as the Images API v2 describes them, and what a test's cloud was asked."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlsplit

from responses import RequestsMock

from tests.support.cloud import IMAGE_URL

LIST = f"{IMAGE_URL}/v2/images"
A = "397e713c-b95b-4186-ad46-6126863ea0a9"
B = "df430cc2-3406-4061-b635-a51c16e488ac"


def image(id_: str = A, name: str | None = "cirros", **more: Any) -> dict[str, Any]:
    """An active image of 24 MiB."""
    return {
        "id": id_,
        "name": name,
        "disk_format": "qcow2",
        "container_format": "bare",
        "size": 25165824,
        "status": "active",
        "visibility": "shared",
        "owner": "66265572db174a7aa66eba661f58eb9e",
        "protected": False,
        "tags": [],
        "created_at": "2026-11-23T10:00:00Z",
        **more,
    }


def asked(cloud: RequestsMock) -> list[tuple[str, str]]:
    """Method and path of each request."""
    return [(c.request.method or "", urlsplit(c.request.url or "").path) for c in cloud.calls]


def query(cloud: RequestsMock, call: int = 0) -> list[tuple[str, str]]:
    """The query of one request."""
    return parse_qsl(urlsplit(cloud.calls[call].request.url or "").query)
