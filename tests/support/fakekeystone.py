"""Plug-in: a Keystone whose responses come from a table (the responses package)."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
import responses

URL = "https://keystone.test:5000"
CATALOG = [
    ("image", "glance", "one", "public", "https://image.one.test/v2/"),
    ("image", "glance", "one", "internal", "http://image.internal:9292"),
    ("image", "glance", "two", "public", "https://image.two.test"),
    ("compute", "nova", "one", "public", "https://compute.one.test/v2.1"),
    ("volumev3", "cinder", "one", "public", "https://volume.one.test/v3/p1"),
    ("identity", "keystone", "one", "public", URL),
]
GENERIC = "The request you have made requires authentication."


class Keystone:
    """Accepts user alice with password secret on project demo; hands out token-1, token-2, ..."""

    def __init__(self, mock: responses.RequestsMock) -> None:
        self.bodies: list[dict[str, Any]] = []
        self.life = 3600.0
        self.catalog = CATALOG
        self.project: str | None = "demo"
        self.roles = ["member"]
        self.revoked: set[str] = set()
        mock.add_callback("POST", f"{URL}/v3/auth/tokens", self.v3)
        mock.add_callback("POST", f"{URL}/v2.0/tokens", self.v2)

    @property
    def logins(self) -> int:
        return len(self.bodies)

    def v3(self, request: Any) -> tuple[int, dict[str, str], str]:
        auth = json.loads(request.body)["auth"]
        self.bodies.append(auth)
        identity = auth["identity"]
        given = identity.get("password", {}).get("user", {})
        if "token" in identity and identity["token"]["id"] in self.revoked:
            return self.error(404, "Could not find token: x.")
        if given and (given.get("password") != "secret" or "nobody" in str(given)):
            return self.error(401, GENERIC)
        scope = auth.get("scope", {})
        if scope != "unscoped" and scope.get("project", {}).get("name", "demo") != self.project:
            return self.error(401, GENERIC)
        project = (
            None if scope == "unscoped" or (not scope and given) else {"id": "p1", "name": "demo"}
        )
        return (
            201,
            {"X-Subject-Token": f"token-{self.logins}"},
            json.dumps({"token": self.token(project)}),
        )

    def token(self, project: dict[str, str] | None) -> dict[str, Any]:
        token = {
            "expires_at": _time(time.time() + self.life),
            "issued_at": _time(time.time()),
            "methods": ["password"],
            "user": {"id": "u1", "name": "alice", "domain": {"id": "default", "name": "Default"}},
        }
        if not project:
            return token
        return {
            **token,
            "project": project,
            "roles": [{"name": role} for role in self.roles],
            "catalog": list(self._services()),
        }

    def _services(self) -> Iterator[dict[str, Any]]:
        for kind, name, region, interface, url in self.catalog:
            endpoint = {
                "region": region,
                "region_id": region,
                "interface": interface,
                "url": url,
                "id": url,
            }
            yield {"type": kind, "name": name, "id": kind, "endpoints": [endpoint]}

    def v2(self, request: Any) -> tuple[int, dict[str, str], str]:
        self.bodies.append(json.loads(request.body)["auth"])
        endpoint = {
            "region": "one",
            "publicURL": "http://image.old.test:9292",
            "internalURL": "http://image.old.internal:9292",
        }
        access = {
            "token": {
                "id": f"token-{self.logins}",
                "expires": _time(time.time() + self.life),
                "tenant": {"id": "p1", "name": "demo"},
            },
            "user": {"id": "u1", "name": "alice", "roles": [{"name": "member"}]},
            "serviceCatalog": [{"type": "image", "name": "glance", "endpoints": [endpoint]}],
        }
        return 200, {}, json.dumps({"access": access})

    @staticmethod
    def error(code: int, message: str) -> tuple[int, dict[str, str], str]:
        headers = {"Content-Type": "application/json", "x-openstack-request-id": "req-1"}
        return (
            code,
            headers,
            json.dumps({"error": {"code": code, "message": message, "title": "x"}}),
        )


def _time(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S.000000Z", time.gmtime(seconds))


@pytest.fixture
def mock() -> Iterator[responses.RequestsMock]:
    """The table of responses; a test need not use all of them."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


@pytest.fixture
def keystone(mock: responses.RequestsMock) -> Keystone:
    return Keystone(mock)
