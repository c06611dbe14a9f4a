"""Users, projects and the catalog, made over Keystone's HTTP API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from glancecli.errors import GlanceError
from glancecli.sandbox import loopback
from glancecli.sandbox.configs import REGION, Site
from glancecli.sandbox.services import Service

Resource = dict[str, Any]  # a user, project, service ... as Keystone's JSON has it

DEFAULT_DOMAIN = {"id": "default"}
INTERFACES = ("public", "internal", "admin")


class User(NamedTuple):
    """A user of the sandbox, and the roles that it has in its project."""

    name: str
    project: str
    roles: tuple[str, ...]


USERS = (
    User("demo", "demo", ("member",)),
    User("reader", "demo", ("reader",)),
    User("other", "other", ("member",)),
    User("service", "service", ("admin", "service")),
)
"""All but admin, of project admin, who is made by Keystone itself (bootstrap)."""

PROJECT_BY_USER = {
    "admin": "admin",
    **{user.name: user.project for user in USERS},
}


class KeystoneAdmin:
    """Keystone's API v3 as the administrator. Raises GlanceError for what Keystone refuses."""

    def __init__(self, url: str, password: str) -> None:
        self.url = url
        self.token = ""
        project = {"name": "admin", "domain": DEFAULT_DOMAIN}
        self.token = self._log_in("admin", password, scope={"project": project})

    def _log_in(self, name: str, password: str, **scope: object) -> str:
        """The token of a user."""
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
                f"The sandbox's Keystone refused {method} {path}: {error}."
            ) from error

    def visit(self, url: str) -> None:
        """Have a service answer one request with our token, whatever it says."""
        headers = {"X-Auth-Token": self.token, "X-Subject-Token": self.token}
        if not loopback.answers(url, timeout=60, headers=headers):
            raise GlanceError(f"{url} does not answer.")

    def all(self, collection: str) -> list[Resource]:
        """Everything in a collection, such as ``users``."""
        response = self._call("GET", f"/{collection}")
        resources: list[Resource] = response.body[collection]
        return resources

    def ensure(self, collection: str, wanted: Resource, key: Sequence[str]) -> str:
        """The ID of the resource with the wanted values of the key fields.

        It is updated when other fields differ, and created when there is none.
        """
        singular = collection.removesuffix("s")
        key_fields = {name: wanted[name] for name in key}
        for resource in self.all(collection):
            if _has_fields(resource, wanted):
                return str(resource["id"])
            if _has_fields(resource, key_fields):
                resource_id = str(resource["id"])
                self._call("PATCH", f"/{collection}/{resource_id}", {singular: wanted})
                return resource_id
        response = self._call("POST", f"/{collection}", {singular: wanted})
        return str(response.body[singular]["id"])

    def ensure_user(self, name: str, password: str) -> str:
        """The ID of the user, who can log in with this password.

        The password is set only where it is another one: after that Keystone refuses all tokens
        that the user gets up to the end of the second, those included with which the services ask
        it about other tokens.
        """
        wanted = {"name": name, "domain_id": "default"}
        if not self._accepts(name, password):
            wanted["password"] = password
        return self.ensure("users", wanted, ["name", "domain_id"])

    def _accepts(self, name: str, password: str) -> bool:
        """Whether a user can log in with this password."""
        try:
            self._log_in(name, password)
        except GlanceError:
            return False
        return True

    def grant(self, project_id: str, user_id: str, role_id: str) -> None:
        """Give a user a role in a project."""
        self._call("PUT", f"/projects/{project_id}/users/{user_id}/roles/{role_id}")

    def delete(self, collection: str, resource_id: str) -> None:
        """Remove a resource."""
        self._call("DELETE", f"/{collection}/{resource_id}")


def _has_fields(resource: Resource, fields: Mapping[str, Any]) -> bool:
    return all(resource.get(name) == value for name, value in fields.items())


def _administrator(site: Site) -> KeystoneAdmin:
    return KeystoneAdmin(site.url("keystone") + "/v3", site.passwords["admin"])


def warm_up(site: Site, services: Sequence[Service]) -> None:
    """Send each service its first request with a token, one after the other.

    Keystone reads its policies on first use, and requests that come meanwhile in other threads are
    refused.
    """
    keystone = _administrator(site)
    for service in services:
        keystone.visit(service.url(site) + service.first_request)


def ensure_users_and_catalog(site: Site, services: Sequence[Service]) -> None:
    """Make users, projects, roles and the catalog as wanted, whatever is there already."""
    keystone = _administrator(site)
    _ensure_users(keystone, site.passwords)
    _ensure_catalog(keystone, site, services)


def _ensure_users(keystone: KeystoneAdmin, passwords: Mapping[str, str]) -> None:
    role_ids = {role["name"]: role["id"] for role in keystone.all("roles")}
    for user in USERS:
        project = {"name": user.project, "domain_id": "default"}
        project_id = keystone.ensure("projects", project, ["name"])
        user_id = keystone.ensure_user(user.name, passwords[user.name])
        for role in user.roles:
            keystone.grant(project_id, user_id, role_ids[role])


def _ensure_catalog(keystone: KeystoneAdmin, site: Site, services: Sequence[Service]) -> None:
    """The catalog has these services and no others."""
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
