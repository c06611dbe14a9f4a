"""How tests speak Images v1."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from glancecli.api import connect
from glancecli.api.interfaces import Images
from glancecli.api.negotiation import ImageService
from glancecli.auth.clouds import load
from glancecli.auth.identity import Identity
from glancecli.errors import GlanceError, UsageError
from glancecli.image import Image
from tests.support.v1server import V1Server

UMLAUTS = "Grüße 日本 Åà慅"  # among its UTF-8 bytes are 85 and A0, which Latin-1 takes for blanks
BARE = {"disk_format": "raw", "container_format": "bare"}
DEMO = "demo-project"

VERSIONS = {
    "versions": [
        {"status": "CURRENT", "id": "v2.5", "links": []},
        {"status": "DEPRECATED", "id": "v1.1", "links": []},
        {"status": "SUPPORTED", "id": "v1.0", "links": []},
    ]
}


def service_at(url: str, token: str = "demo", warnings: list[str] | None = None) -> ImageService:
    """The Image service of a v1 server; what it warns of goes into the list."""
    identity = Identity(load({"os_image_url": url, "os_auth_token": token}, {}), warn=print)
    service = connect(identity, "1", warn=(warnings if warnings is not None else []).append)
    assert service.version == "1"
    return service


def speak(url: str, token: str = "demo", warnings: list[str] | None = None) -> Images:
    """The images of a v1 server."""
    return service_at(url, token, warnings).images


def names(found: Iterator[Image]) -> list[str | None]:
    return [image["name"] for image in found]


def sent(server: V1Server) -> dict[str, str]:
    """What the last request said of an image."""
    return {
        k: v for k, v in server.seen[-1].headers.items() if k.startswith(("x-image", "x-glance"))
    }


def refuse(work: Callable[[], object], kind: type[GlanceError] = UsageError) -> str:
    with pytest.raises(kind) as caught:
        work()
    return str(caught.value)
