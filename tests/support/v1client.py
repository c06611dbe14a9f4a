"""Plug-in: a server with Images v1, and clients of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from glancecli.api import connect
from glancecli.api.interfaces import Images
from glancecli.api.negotiation import ImageService
from glancecli.auth.clouds import load
from glancecli.auth.identity import Identity
from glancecli.errors import GlanceError, UsageError
from glancecli.image import Image
from glancecli.text import Messages
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
    told = warnings if warnings is not None else []
    identity = Identity(
        load({"os_image_url": url, "os_auth_token": token}, {}), Messages(warn=told.append)
    )
    service = connect(identity, "1")
    assert service.version == "1"
    return service


def speak(url: str, token: str = "demo", warnings: list[str] | None = None) -> Images:
    """The images of a v1 server."""
    return service_at(url, token, warnings).images


def names(found: Iterator[Image]) -> list[str | None]:
    return [image["name"] for image in found]


def sent(server: V1Server) -> dict[str, str]:
    """The headers of the last request that describe an image."""
    return {
        k: v for k, v in server.seen[-1].headers.items() if k.startswith(("x-image", "x-glance"))
    }


def refuse(work: Callable[[], object], kind: type[GlanceError] = UsageError) -> str:
    with pytest.raises(kind) as caught:
        work()
    return str(caught.value)


@pytest.fixture
def v1_server() -> Iterator[V1Server]:
    """A server with both versions."""
    with V1Server() as server:
        yield server


@pytest.fixture
def v1_images(v1_server: V1Server) -> Images:
    """Its images over Images v1, for the project demo-project."""
    return speak(v1_server.url)


@pytest.fixture
def v1_admin(v1_server: V1Server) -> Images:
    """Its images over Images v1, for an administrator."""
    return speak(v1_server.url, "admin")


@pytest.fixture
def v1_cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., V1Server]]:
    """v1_cloud("demo", v2=False) starts a server that the environment names, with this token."""
    with ExitStack() as servers:

        def start(token: str, *, version: str = "", **settings: Any) -> V1Server:
            server = servers.enter_context(V1Server(**settings))
            monkeypatch.setenv("OS_IMAGE_URL", server.url)
            monkeypatch.setenv("OS_AUTH_TOKEN", token)
            monkeypatch.setenv("OS_IMAGE_API_VERSION", version)
            return server

        yield start
