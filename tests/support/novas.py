"""A Compute service and its Image service, with and without the image proxy; the tests give the responses."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from responses import RequestsMock

from glancecli.api.compute.images import Compute, connect
from glancecli.api.compute.nova_images import as_nova
from glancecli.api.v2.client import ClientV2
from glancecli.api.v2.images import ImagesV2
from glancecli.auth.clouds import load
from glancecli.auth.identity import Identity
from glancecli.transport.client import ServiceClient

NOVA = "http://nova.test:8774"
GLANCE = "http://glance.test:9292"
A = "397e713c-b95b-4186-ad46-6126863ea0a9"
B = "df430cc2-3406-4061-b635-a51c16e488ac"
SERVER = "0a0e3e36-29b3-4a0b-8a4f-7e9a6a9d0a11"
ACTION = f"{NOVA}/v2.1/servers/{SERVER}/action"


def versions(low: str = "2.1", high: str = "2.104") -> dict[str, Any]:
    return {"version": {"id": "v2.1", "status": "CURRENT", "min_version": low, "version": high}}


def glance_image(id_: str = A, name: str | None = "cirros", **more: Any) -> dict[str, Any]:
    """Returns an image as in the Images API."""
    return {
        "id": id_,
        "name": name,
        "status": "active",
        "size": 3072,
        "min_disk": 0,
        "min_ram": 64,
        "created_at": "2026-11-23T10:00:00Z",
        "updated_at": "2026-11-23T10:00:01Z",
        "owner": "p1",
        "visibility": "private",
        "protected": False,
        "tags": [],
        "os_hidden": False,
        "file": f"/v2/images/{id_}/file",
        "schema": "/v2/schemas/image",
        "self": f"/v2/images/{id_}",
        "checksum": None,
        "disk_format": "qcow2",
        "container_format": "bare",
        "virtual_size": None,
        **more,
    }


def nova_image(image: dict[str, Any]) -> dict[str, Any]:
    """Returns the same image as in the image proxy of Nova, links included."""
    link = {"rel": "self", "href": f"{NOVA}/v2.1/images/{image['id']}"}
    found = {**as_nova(image), "links": [link]}
    if "server" in found:
        found["server"] = {**found["server"], "links": [link]}
    return found


def nova_error(kind: str, code: int, message: str) -> dict[str, Any]:
    return {kind: {"code": code, "message": message}}


def compute_on(
    cloud: RequestsMock,
    low: str = "2.1",
    high: str = "2.104",
    asked: str | None = None,
    url: str = f"{NOVA}/v2.1",
    image_url: str = GLANCE,
) -> Compute:
    """Returns a Compute service with these microversions, whose version document is requested once."""
    cloud.get(f"{NOVA}/v2.1/", json=versions(low, high))
    return unconnected(asked, url, image_url)


def unconnected(
    asked: str | None = None, url: str = f"{NOVA}/v2.1", image_url: str = GLANCE
) -> Compute:
    flags = {
        "os_compute_url": url,
        "os_image_url": image_url,
        "os_auth_token": "t",
        "no_cache": True,
    }
    identity = Identity(load(flags, {}))
    identity.remember("image_versions", "2")
    return connect(
        identity, asked, images=lambda: ImagesV2(ClientV2(ServiceClient(identity, "image")))
    )


def room_of(cloud: RequestsMock, room: str) -> Compute:
    return compute_on(cloud, "2.1" if room == "proxy" else "2.36")


def serve_list(cloud: RequestsMock, room: str, *images: dict[str, Any]) -> None:
    if room == "proxy":
        cloud.get(f"{NOVA}/v2.1/images/detail", json={"images": [nova_image(i) for i in images]})
    else:
        cloud.get(f"{GLANCE}/v2/images", json={"images": list(images)})


def serve_everywhere(cloud: RequestsMock, room: str, *images: dict[str, Any]) -> None:
    """Adds a list to the proxy and to the Image service behind it."""
    for place in dict.fromkeys((room, "no proxy")):
        serve_list(cloud, place, *images)


def serve_one(cloud: RequestsMock, room: str, image: dict[str, Any]) -> None:
    if room == "proxy":
        cloud.get(f"{NOVA}/v2.1/images/{image['id']}", json={"image": nova_image(image)})
    else:
        cloud.get(f"{GLANCE}/v2/images/{image['id']}", json=image)


def serve_none(cloud: RequestsMock, room: str, image_id: str, method: str = "GET") -> None:
    if room == "proxy":
        cloud.add(
            method,
            f"{NOVA}/v2.1/images/{image_id}",
            status=404,
            json=nova_error("itemNotFound", 404, "gone"),
        )
    else:
        cloud.add(
            method, f"{GLANCE}/v2/images/{image_id}", status=404, body="<html>No image found</html>"
        )


def calls(cloud: RequestsMock) -> list[str]:
    return [f"{c.request.method} {urlsplit(c.request.url or '').path}" for c in cloud.calls]


def query(cloud: RequestsMock, call: int = -1) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(cloud.calls[call].request.url or "").query))


def sent_body(cloud: RequestsMock, call: int = -1) -> Any:
    return json.loads(cloud.calls[call].request.body or "null")


SNAPSHOT = glance_image(B, "snap", image_type="snapshot", instance_uuid=SERVER, base_image_ref=A)


def serve_servers(cloud: RequestsMock, *servers: tuple[str, str]) -> None:
    cloud.get(f"{NOVA}/v2.1/servers", json={"servers": [{"id": i, "name": n} for i, n in servers]})


def serve_states(
    cloud: RequestsMock, images: list[str], servers: list[dict[str, Any] | None]
) -> None:
    """Adds the states of image and server for each look; the last state stays."""
    for state in images:
        if state == "missing":
            serve_none(cloud, "proxy", A)
        else:
            serve_one(cloud, "proxy", glance_image(status=state))
    for server in servers:
        url = f"{NOVA}/v2.1/servers/{SERVER}"
        if server is None:
            cloud.get(url, status=404, json=nova_error("itemNotFound", 404, "gone"))
        else:
            cloud.get(url, json={"server": {"id": SERVER, "status": "ACTIVE", **server}})


def task(state: str | None) -> dict[str, Any]:
    return {"OS-EXT-STS:task_state": state}
