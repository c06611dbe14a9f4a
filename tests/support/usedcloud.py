"""Plug-in: a cloud whose images are in use: Keystone, Glance, Nova, and Cinder where the catalog has it.

Servers are as in https://docs.openstack.org/api-ref/compute/#list-servers-detailed, volumes as in
https://docs.openstack.org/api-ref/block-storage/v3/#list-accessible-volumes-with-details.
"""

from __future__ import annotations

import json
import os
import re
import signal
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
import responses

from tests.support.fakekeystone import URL, Keystone
from tests.support.novas import versions

GLANCE = "https://image.one.test"
NOVA = "https://compute.one.test/v2.1"
CINDER = "https://volume.one.test/v3/p1"
OURS, THEIRS = "p1", "p2"

Row = dict[str, Any]
Answer = tuple[int, dict[str, str], str]


def uuid(number: int) -> str:
    """A UUID that is easy to read."""
    return f"00000000-0000-4000-8000-{number:012}"


def server(number: int, image: str | None, *, project: str = OURS, **more: Any) -> Row:
    """A server that was started from an image, "" for one that boots from a volume."""
    boots_from: Any = ""
    if image:
        boots_from = {"id": image, "links": []}
    return {
        "id": uuid(number),
        "name": f"server{number}",
        "status": "ACTIVE",
        "tenant_id": project,
        "OS-EXT-STS:task_state": None,
        "image": boots_from,
        **more,
    }


def volume(number: int, image: str, *, project: str = OURS, **more: Any) -> Row:
    """A volume that was made from an image."""
    return {
        "id": uuid(number),
        "name": f"volume{number}",
        "status": "in-use",
        "bootable": "true",
        "os-vol-tenant-attr:tenant_id": project,
        "volume_image_metadata": {"image_id": image, "image_name": "any"},
        **more,
    }


class UsedCloud:
    """Project p1 is ours; is_admin says whether the user is an administrator, is_auditor whether Nova
    alone shows him every project.

    changes are what the images were asked to become, refused the IDs that cannot be changed and the
    status that says so, refusal its message. broken is the service whose second page does not arrive, null the one whose list is none. interrupt_after is
    the number of changes after which Ctrl-C is pressed.
    """

    def __init__(self, mock: responses.RequestsMock, keystone: Keystone) -> None:
        self._keystone = keystone
        self.images: dict[str, Row] = {}
        self.servers: list[Row] = []
        self.volumes: list[Row] = []
        self.changes: list[tuple[str, str]] = []
        self.refused: dict[str, int] = {}
        self.refusal = "Image {} could not be deleted because it is in use: the store says so."
        self.requests: list[str] = []
        self.page = 1000
        self.is_auditor = False
        self.is_before_rocky = False
        self.hides_volumes = True
        self.broken = ""
        self.null = ""
        self.interrupt_after = -1
        keystone.catalog = [row for row in keystone.catalog if row[2:4] == ("one", "public")]
        mock.get(f"{NOVA}/", json=versions("2.36"))  # without the image proxy
        for pattern, answer in (
            (f"{NOVA}/servers/detail", self._list_servers),
            (f"{CINDER}/volumes/detail", self._list_volumes),
            (f"{CINDER.removesuffix('/p1')}/volumes/detail", self._list_volumes),
            (f"{GLANCE}/v2/images", self._list_images),
        ):
            mock.add_callback("GET", re.compile(rf"{re.escape(pattern)}(\?|$)"), answer)
        one = re.compile(rf"{GLANCE}/v2/images/([^/?]+)(/actions/deactivate)?$")
        for method in ("GET", "DELETE", "PATCH", "POST"):
            mock.add_callback(method, one, self._one_image)
        mock.add_callback("GET", re.compile(rf"{NOVA}/servers/[0-9a-f-]{{36}}$"), self._one_server)

    @property
    def is_admin(self) -> bool:
        return "admin" in self._keystone.roles

    @is_admin.setter
    def is_admin(self, value: bool) -> None:
        self._keystone.roles = ["admin"] if value else ["member"]

    def without(self, service: str) -> None:
        """Takes a service out of the catalog."""
        self._keystone.catalog = [row for row in self._keystone.catalog if row[0] != service]

    def move(self, service: str, region: str, interface: str, url: str) -> None:
        """Gives a service another place in the catalog."""
        self.without(service)
        self._keystone.catalog.append((service, "any", region, interface, url))

    def image(self, number: int, name: str, *, owner: str = OURS, **more: Any) -> str:
        """Adds an active image, made on the day of this number, and returns its ID."""
        image_id = uuid(number)
        self.images[image_id] = {
            "id": image_id,
            "name": name,
            "status": "active",
            "visibility": "private",
            "owner": owner,
            "size": 1024**2,
            "protected": False,
            "os_hidden": False,
            "disk_format": "raw",
            "container_format": "bare",
            "tags": [],
            "created_at": f"2026-01-{number % 28 + 1:02}T00:00:00Z",
            **more,
        }
        return image_id

    def _list_servers(self, request: Any) -> Answer:
        query = _query(request)
        if "all_tenants" not in query:
            rows = [row for row in self.servers if row["tenant_id"] == OURS]
            return self._page("servers", rows, request, query)
        if not (self.is_admin or self.is_auditor):
            fault = {"code": 403, "message": "Policy doesn't allow get_all_tenants."}
            return _answer(403, {"forbidden": fault})
        return self._page("servers", self.servers, request, query)

    def _list_volumes(self, request: Any) -> Answer:
        rows = self.volumes
        if not self.is_admin and self.hides_volumes:  # the service ignores all_tenants then
            rows = [row for row in rows if row["os-vol-tenant-attr:tenant_id"] == OURS]
        return self._page("volumes", rows, request, _query(request))

    def _list_images(self, request: Any) -> Answer:
        query = _query(request)
        hidden = query.get("os_hidden", "false") == "true"
        rows = [row for row in self.images.values() if row["os_hidden"] is hidden]
        if self.is_before_rocky and "os_hidden" in query:  # taken for a custom property
            rows = []
        if not self.is_admin:
            rows = [r for r in rows if r["owner"] == OURS or r["visibility"] == "public"]
        for key in ("name", "owner", "status"):
            if key in query:
                rows = [row for row in rows if row[key] == query[key]]
        key, _, direction = query.get("sort", "name:asc").partition(":")
        rows.sort(key=lambda row: str(row[key]), reverse=direction == "desc")
        return self._page("images", rows, request, query)

    def _page(self, key: str, rows: list[Row], request: Any, query: dict[str, str]) -> Answer:
        """Returns a page of a list, with the link to the next one as the service has it."""
        self.requests.append(urlsplit(request.url).path)
        start = int(query.get("marker", 0))
        if start and key == self.broken:
            return _answer(500, {"message": "the database is gone"})
        if key == self.null:
            return _answer(200, {key: None})
        end = start + self.page
        found: dict[str, Any] = {key: rows[start:end]}
        if end < len(rows):
            path = urlsplit(request.url)._replace(query=urlencode({**query, "marker": end}))
            if key == "images":
                found["next"] = path.geturl()
            else:
                found[f"{key}_links"] = [{"rel": "next", "href": path.geturl()}]
        return _answer(200, found)

    def _one_image(self, request: Any) -> Answer:
        path = urlsplit(request.url).path
        image_id = path.split("/")[3]
        self.requests.append(path)
        if image_id not in self.images:
            return _answer(404, {"message": f"No image found with ID {image_id}"})
        if request.method == "GET":
            return _answer(200, self.images[image_id])
        if image_id in self.refused:
            return _answer(self.refused[image_id], {"message": self.refusal.format(image_id)})
        if len(self.changes) == self.interrupt_after:
            self.interrupt_after = -1
            os.kill(os.getpid(), signal.SIGINT)
        if request.method == "DELETE":
            del self.images[image_id]
            self.changes.append(("delete", image_id))
            return _answer(204, None)
        if request.method == "POST":
            self.images[image_id]["status"] = "deactivated"
            self.changes.append(("deactivate", image_id))
            return _answer(204, None)
        for change in json.loads(request.body):
            self.images[image_id][change["path"][1:]] = change["value"]
        self.changes.append(("update", image_id))
        return _answer(200, self.images[image_id])

    def _one_server(self, request: Any) -> Answer:
        for row in self.servers:
            if request.url.endswith(row["id"]):
                return _answer(200, {"server": row})
        return _answer(404, {"itemNotFound": {"code": 404, "message": "Instance not found"}})


def _query(request: Any) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(request.url).query))


def _answer(status: int, body: Any) -> Answer:
    return status, {"Content-Type": "application/json"}, json.dumps(body) if body else ""


@pytest.fixture
def used(
    mock: responses.RequestsMock, keystone: Keystone, monkeypatch: pytest.MonkeyPatch
) -> UsedCloud:
    """A cloud without images; the environment has the login of alice, who is a member of project p1."""
    for key, value in {
        "AUTH_URL": f"{URL}/v3",
        "USERNAME": "alice",
        "PASSWORD": "secret",
        "PROJECT_NAME": "demo",
        "USER_DOMAIN_NAME": "Default",
        "PROJECT_DOMAIN_NAME": "Default",
    }.items():
        monkeypatch.setenv(f"OS_{key}", value)
    monkeypatch.setenv("GLANCECLI_CACHE", "0")
    return UsedCloud(mock, keystone)
