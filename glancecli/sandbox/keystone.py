"""Users, projects and the catalog, made over Keystone's HTTP API with the standard library alone."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Sequence
from typing import Any

from glancecli.errors import GlanceError
from glancecli.sandbox.configs import REGION, Site
from glancecli.sandbox.services import Part

USERS = (
    ("demo", "demo", ("member",)),
    ("reader", "demo", ("reader",)),
    ("other", "other", ("member",)),
    ("service", "service", ("admin", "service")),
)
"""User, project, roles. The user admin, of project admin, is Keystone's own (bootstrap)."""

PROJECT_OF = {"admin": "admin", **{user: project for user, project, _ in USERS}}

_direct = urllib.request.build_opener(
    urllib.request.ProxyHandler({})
)  # loopback is never behind a proxy


def answers(url: str, timeout: float) -> bool:
    """Whether something speaks HTTP at a URL within so many seconds; any status will do."""
    try:
        _direct.open(url, timeout=timeout).close()
    except urllib.error.HTTPError as error:
        error.close()
    except OSError:
        return False
    return True


class Keystone:
    """Keystone's API v3 as the administrator. Raises GlanceError when it does not do as it is told."""

    def __init__(self, url: str, password: str) -> None:
        self.url = url
        self.token = ""
        project = {"name": "admin", "domain": {"id": "default"}}
        self.token = self._log_in("admin", password, scope={"project": project})

    def _log_in(self, user: str, password: str, **scope: object) -> str:
        known = {"name": user, "domain": {"id": "default"}, "password": password}
        identity = {"methods": ["password"], "password": {"user": known}}
        headers = self._call("POST", "/auth/tokens", {"auth": {"identity": identity, **scope}})[1]
        return str(headers["X-Subject-Token"])

    def _call(self, method: str, path: str, body: object = None) -> tuple[Any, Any]:
        request = urllib.request.Request(
            self.url + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json", "X-Auth-Token": self.token},
        )
        try:
            with _direct.open(request, timeout=60) as answer:
                return json.loads(answer.read() or b"null"), answer.headers
        except urllib.error.HTTPError as error:
            reason = f"{error.code} {error.reason}"
            error.close()
        except OSError as error:
            reason = str(error)
        raise GlanceError(f"The sandbox's Keystone refused {method} {path}: {reason}.")

    def visit(self, url: str) -> None:
        """Have a service answer one request with our token, whatever it says."""
        request = urllib.request.Request(
            url, headers={"X-Auth-Token": self.token, "X-Subject-Token": self.token}
        )
        try:
            _direct.open(request, timeout=60).close()
        except urllib.error.HTTPError as error:
            error.close()
        except OSError as error:
            raise GlanceError(f"{url} does not answer: {error}.") from error

    def all(self, kind: str) -> list[dict[str, Any]]:
        """Everything of a kind, such as ``users``."""
        found: list[dict[str, Any]] = self._call("GET", f"/{kind}")[0][kind]
        return found

    def ensure(self, kind: str, wanted: dict[str, Any], same: Sequence[str]) -> dict[str, Any]:
        """The thing of this kind with the ``same`` fields: found, brought up to date, or made."""
        single = kind[:-1]
        for thing in self.all(kind):
            if all(thing[key] == wanted[key] for key in same):
                if any(thing.get(key) != value for key, value in wanted.items()):
                    thing = self._call("PATCH", f"/{kind}/{thing['id']}", {single: wanted})[0][
                        single
                    ]
                return thing
        made: dict[str, Any] = self._call("POST", f"/{kind}", {single: wanted})[0][single]
        return made

    def ensure_user(self, name: str, password: str) -> dict[str, Any]:
        """The user who can log in with this password.

        It is set only where it is another one: after that Keystone refuses all tokens that the user
        gets up to the end of the second, those included with which the services ask it about other
        tokens.
        """
        wanted = {"name": name, "domain_id": "default"}
        for user in self.all("users"):
            if user["name"] == name and self._accepts(name, password):
                return user
        return self.ensure("users", {**wanted, "password": password}, list(wanted))

    def _accepts(self, name: str, password: str) -> bool:
        try:
            self._log_in(name, password)
        except GlanceError:
            return False
        return True

    def grant(self, project: str, user: str, role: str) -> None:
        """Give a user a role in a project, all by ID."""
        self._call("PUT", f"/projects/{project}/users/{user}/roles/{role}")

    def delete(self, kind: str, identifier: str) -> None:
        """Remove one."""
        self._call("DELETE", f"/{kind}/{identifier}")


def warm_up(site: Site, parts: Sequence[Part]) -> None:
    """Send each service its first request with a token, one after the other.

    Keystone reads its policies on first use, and requests that come meanwhile in other threads are
    refused.
    """
    keystone = Keystone(site.url("keystone") + "/v3", site.passwords["admin"])
    for part in parts:
        keystone.visit(part.url(site) + part.visit)


def seed(site: Site, parts: Sequence[Part]) -> None:
    """Users, projects, roles and the catalog as they shall be, whatever is there already."""
    keystone = Keystone(site.url("keystone") + "/v3", site.passwords["admin"])
    roles = {role["name"]: role["id"] for role in keystone.all("roles")}
    for user, project, granted in USERS:
        home = keystone.ensure("projects", {"name": project, "domain_id": "default"}, ["name"])
        person = keystone.ensure_user(user, site.passwords[user])
        for role in granted:
            keystone.grant(home["id"], person["id"], roles[role])
    keystone.ensure("regions", {"id": REGION}, ["id"])
    for part in parts:
        service = keystone.ensure("services", {"name": part.name, "type": part.kind}, ["type"])
        for interface in ("public", "internal", "admin"):
            endpoint = {"service_id": service["id"], "interface": interface, "region_id": REGION}
            keystone.ensure("endpoints", {**endpoint, "url": part.url(site)}, list(endpoint))
    for service in keystone.all("services"):
        if service["type"] not in {part.kind for part in parts}:
            keystone.delete("services", service["id"])
