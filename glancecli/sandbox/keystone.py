"""Sets up users, projects and the catalog by Keystone's HTTP API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from glancecli.errors import GlanceError
from glancecli.sandbox import loopback
from glancecli.sandbox.configs import REGION, Site
from glancecli.sandbox.services import Service

Resource = dict[str, Any]  # a user, project, service ... in Keystone's JSON

DEFAULT_DOMAIN = {"id": "default"}
INTERFACES = ("public", "internal", "admin")


class User(NamedTuple):
    """A user of the sandbox, and its roles in its project."""

    name: str
    project: str
    roles: tuple[str, ...]


USERS = (
    User("demo", "demo", ("member",)),
    User("reader", "demo", ("reader",)),
    User("other", "other", ("member",)),
    User("service", "service", ("admin", "service")),
)
"""All users but admin, of project admin, which Keystone's bootstrap makes."""

PROJECT_BY_USER = {
    "admin": "admin",
    **{user.name: user.project for user in USERS},
}


class KeystoneAdmin:
    """Keystone's API v3, used as admin. Every method raises GlanceError when a request fails."""

    def __init__(self, url: str, password: str) -> None:
        self.url = url
        self.token = ""
        project = {"name": "admin", "domain": DEFAULT_DOMAIN}
        scope = {"project": project}
        self.token = self._log_in("admin", password, scope=scope)

    def _log_in(self, name: str, password: str, **scope: object) -> str:
        """Returns a new token of a user."""
        user = {
            "name": name,
            "domain": DEFAULT_DOMAIN,
            "password": password,
        }
        login = {
            "identity": {"methods": ["password"], "password": {"user": user}},
            **scope,
        }
        response = self._call("POST", "/auth/tokens", {"auth": login})
        return response.headers["X-Subject-Token"]

    def _call(self, method: str, path: str, body: object = None) -> loopback.Response:
        try:
            return loopback.call(method, self.url + path, self.token, body)
        except (loopback.Refused, OSError) as error:
            raise GlanceError(
                f"{method} {path} failed at the sandbox's Keystone: {error}."
            ) from error

    def visit(self, url: str) -> None:
        """Sends a request with a token to a service; its response does not matter."""
        headers = {"X-Auth-Token": self.token, "X-Subject-Token": self.token}
        if not loopback.answers(url, timeout=60, headers=headers):
            raise GlanceError(f"{url} does not answer.")

    def all(self, collection: str) -> list[Resource]:
        """Returns all resources of a collection such as ``users``."""
        response = self._call("GET", f"/{collection}")
        resources: list[Resource] = response.body[collection]
        return resources

    def ensure(self, collection: str, wanted: Resource, key: Sequence[str]) -> str:
        """Returns the ID of the resource whose key fields have the wanted values.

        Updates the resource when other fields differ, and creates it when it does not exist.
        """
        singular = collection.removesuffix("s")
        key_fields = {name: wanted[name] for name in key}
        for resource in self.all(collection):
            if _has_fields(resource, wanted):
                return str(resource["id"])
            if _has_fields(resource, key_fields):
                self._call("PATCH", f"/{collection}/{resource['id']}", {singular: wanted})
                return str(resource["id"])
        response = self._call("POST", f"/{collection}", {singular: wanted})
        created = response.body[singular]
        return str(created["id"])

    def ensure_user(self, name: str, password: str) -> str:
        """Returns the ID of the user, who can log in with this password.

        Sets the password only when it differs: a change of the password makes Keystone refuse all
        tokens that the user gets until the end of the second, also those with which the services
        validate other tokens.
        """
        wanted = {"name": name, "domain_id": "default"}
        if not self._accepts(name, password):
            wanted["password"] = password
        return self.ensure("users", wanted, ["name", "domain_id"])

    def _accepts(self, name: str, password: str) -> bool:
        """Returns whether a user can log in with this password."""
        try:
            self._log_in(name, password)
        except GlanceError:
            return False
        return True

    def grant(self, project_id: str, user_id: str, role_id: str) -> None:
        """Gives a user a role in a project."""
        self._call("PUT", f"/projects/{project_id}/users/{user_id}/roles/{role_id}")

    def delete(self, collection: str, resource_id: str) -> None:
        """Deletes a resource."""
        self._call("DELETE", f"/{collection}/{resource_id}")


def _has_fields(resource: Resource, fields: Mapping[str, Any]) -> bool:
    return all(resource.get(name) == value for name, value in fields.items())


def _administrator(site: Site) -> KeystoneAdmin:
    root = site.url("keystone")
    password = site.passwords["admin"]
    return KeystoneAdmin(f"{root}/v3", password)


def warm_up(site: Site, services: Sequence[Service]) -> None:
    """Sends each service its first request with a token, one after the other.

    Keystone reads its policies at the first request, and refuses other requests meanwhile.
    """
    if not services:
        return
    keystone = _administrator(site)
    for service in services:
        url = service.url(site)
        keystone.visit(f"{url}{service.first_request}")


def ensure_users_and_catalog(site: Site, services: Sequence[Service]) -> None:
    """Sets up users, projects, roles and the catalog; what exists is updated."""
    keystone = _administrator(site)
    _ensure_users(keystone, site.passwords)
    _ensure_catalog(keystone, site, services)


def _ensure_users(keystone: KeystoneAdmin, passwords: Mapping[str, str]) -> None:
    role_ids = {}
    for role in keystone.all("roles"):
        role_ids[role["name"]] = role["id"]
    for user in USERS:
        project = {"name": user.project, "domain_id": "default"}
        project_id = keystone.ensure("projects", project, ["name"])
        password = passwords[user.name]
        user_id = keystone.ensure_user(user.name, password)
        for name in user.roles:
            keystone.grant(project_id, user_id, role_ids[name])


def _ensure_catalog(keystone: KeystoneAdmin, site: Site, services: Sequence[Service]) -> None:
    """Puts these services into the catalog, and removes all others."""
    keystone.ensure("regions", {"id": REGION}, ["id"])
    for service in services:
        entry = {"name": service.name, "type": service.catalog_type}
        service_id = keystone.ensure("services", entry, ["type"])
        for interface in INTERFACES:
            endpoint = {
                "service_id": service_id,
                "interface": interface,
                "region_id": REGION,
                "url": service.url(site),
            }
            keystone.ensure("endpoints", endpoint, ["service_id", "interface", "region_id"])
    wanted_types = {service.catalog_type for service in services}
    for entry in keystone.all("services"):
        if entry["type"] not in wanted_types:
            keystone.delete("services", entry["id"])
