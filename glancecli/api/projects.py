"""Projects found by name or ID in the Identity service
(https://docs.openstack.org/api-ref/identity/v3/#projects).

Administrators look up any project; everybody else finds the projects that they have a role in.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

from glancecli.api import decoding
from glancecli.api.errors import NoSuchProject, ambiguous
from glancecli.errors import AuthError, Forbidden, GlanceError, Hint, Subject
from glancecli.image import UUID
from glancecli.text import did_you_mean
from glancecli.transport.client import ServiceClient, check_part, quoted, without_version

if TYPE_CHECKING:
    from glancecli.auth.identity import Identity
    from glancecli.transport.trace import Params

Project = dict[str, str]  # id, name, domain_id

PROJECTS = "/v3/projects"
OWN_PROJECTS = "/v3/auth/projects"
DOMAINS = "/v3/domains"


def connect(identity: Identity) -> Projects:
    """Returns the projects of the cloud."""
    if not identity.login_url:
        return Projects(identity, None)
    http = ServiceClient(identity, "identity")
    # The endpoint in the catalog may be out of reach. This one has just issued the token.
    http.base = without_version(identity.login_url)
    return Projects(identity, http)


class Projects:
    """The projects of one cloud. http is None for a cloud without login, which has no names."""

    def __init__(self, identity: Identity, http: ServiceClient | None) -> None:
        self._identity = identity
        self._note = identity.messages.note
        self._http = http
        self._sees_all = True  # until Identity refuses to list the projects of others

    def find_id(self, ref: str, domain: str = "") -> str:
        """Returns the ID of the project that ref names. An ID is not looked up.

        domain is the name or ID of the project's domain, "" for any. Raises NoSuchProject, and
        GlanceError listing the candidates when several projects have the name.
        """
        check_part(ref)
        if is_id(ref) or self._http is None:
            return ref
        try:
            return self._id_of(ref, domain)
        except NoSuchProject:
            if ref.isdecimal():
                return ref  # some clouds number their projects
            raise

    def checked_id(self, ref: str, domain: str = "") -> str:
        """Does as find_id does, and looks up IDs too: what is given to a project that does not
        exist is lost. Writes a note about an ID that is not known, and takes it.
        """
        found = self.find_id(ref, domain)
        if found != ref or ref == self._identity.project_id or self._is_known(ref):
            return found
        if not is_id(ref) and not ref.isdecimal():
            raise NoSuchProject(
                f"project '{ref}' cannot be looked up, as this cloud has no login",
                hint="Give the ID of the project.",
            )
        self._note(f"Identity shows you no project {ref}; it is taken as the ID of one")
        return ref

    def _is_known(self, project_id: str) -> bool:
        """Whether Identity says that there is a project with this ID."""
        if self._http is None:
            return False
        try:
            self._http.request("GET", f"{PROJECTS}/{quoted(project_id)}")
        except AuthError:
            raise
        except Forbidden:
            self._sees_all = False
        except GlanceError:
            return False
        else:
            return True
        return any(project["id"] == project_id for project in self._own)

    def _id_of(self, name: str, domain: str) -> str:
        """Returns the ID of the project that has exactly this name."""
        named = [project for project in self._named(name, domain) if project["name"] == name]
        if len(named) > 1:
            error = ambiguous("projects", name, map(self._candidate, named))
            raise error.with_context(hint="--project-domain chooses the domain.")
        if not named:
            raise self._no_such_project(name)
        return named[0]["id"]

    def _named(self, name: str, domain: str) -> list[Project]:
        """Returns projects, among them those of this name that we may see in this domain."""
        params = [("name", name)]
        if domain:
            params.append(("domain_id", self._domain_id(domain)))
        try:
            return self._list(PROJECTS, params)
        except Forbidden:
            self._sees_all = False
        domain_ids = [domain_id for _, domain_id in params[1:]]
        return [
            project for project in self._own if not domain_ids or project["domain_id"] in domain_ids
        ]

    def _no_such_project(self, name: str) -> NoSuchProject:
        """The error for a name that no project has, with the nearest names."""
        try:
            known = self._own
            if self._sees_all:
                known = self._list(PROJECTS, [])
        except GlanceError:
            known = []
        nearest = did_you_mean(name, [project["name"] for project in known])
        if self._sees_all:
            return NoSuchProject(f"no project has the name or ID '{name}'{nearest}")
        return NoSuchProject(
            f"you have no project '{name}'{nearest}",
            hint="Only administrators can look up other projects: give the project's ID, which "
            "`glance doctor` shows to the users of that project.",
        )

    @cached_property
    def _own(self) -> list[Project]:
        """The projects that the user has a role in."""
        return self._list(OWN_PROJECTS, [])

    @cached_property
    def _domains(self) -> dict[str, str]:
        """The names of domains by their IDs; those of the login where Identity lists none."""
        try:
            return {domain["id"]: domain["name"] for domain in self._list(DOMAINS, [], "domains")}
        except Forbidden:
            own_id = self._identity.project_id
            domain_ids = [project["domain_id"] for project in self._own if project["id"] == own_id]
            own_name = str(self._identity.settings.auth.get("project_domain_name") or "")
            return dict.fromkeys(domain_ids, own_name)

    def _domain_id(self, ref: str) -> str:
        """Returns the ID of a domain. Raises NoSuchProject for a name that no domain has."""
        if ref in self._domains or is_id(ref):
            return ref
        for domain_id, name in self._domains.items():
            if name == ref:
                return domain_id
        nearest = did_you_mean(ref, [*self._domains, *self._domains.values()])
        raise NoSuchProject(f"no domain has the name or ID '{ref}'{nearest}")

    def _candidate(self, project: Project) -> str:
        """One line about a project, to choose by."""
        domain = self._domains.get(project["domain_id"]) or project["domain_id"]
        return f"{project['id']} domain {domain}"

    def _list(self, path: str, params: Params, key: str = "projects") -> list[Project]:
        assert self._http  # noqa: S101 - for the type checker
        try:
            response = self._http.request("GET", path, params=params)
            return [decoding.project(row) for row in response.rows(key)]
        except (AuthError, Forbidden):
            raise
        except GlanceError as error:
            error.subject = Subject("looking up projects in", "Identity")
            error.hint = error.hint or Hint("Give the ID of the project.")
            raise


def is_id(ref: str) -> bool:
    """Whether this is written as Identity writes the ID of a project or a domain."""
    return re.fullmatch(rf"[0-9a-f]{{32}}|{UUID}", ref, re.IGNORECASE) is not None
