"""Servers of the Compute service: found by name or ID, snapshots and backups made of them.

https://docs.openstack.org/api-ref/compute/
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Any, NoReturn

from glancecli.api import ambiguous
from glancecli.errors import Conflict, GlanceError, HttpError, NotFound, Subject, UsageError
from glancecli.image import is_uuid
from glancecli.transport.client import ServiceClient, quoted
from glancecli.transport.responses import Response

Version = tuple[int, int]
Server = dict[str, Any]

NOVACLIENTS_FIRST = (
    "1",
    "1.0",
    "1.1",
)  # what very old settings ask for, and meant the API that became 2

RANGE = "compute_microversions"  # the fact that is remembered

FIRST: Version = (2, 1)
IMAGE_ID_IN_BODY: Version = (
    2,
    45,
)  # before that, createImage and createBackup name the image in Location


class StaleFact(GlanceError):
    """What was remembered of the service holds no longer; the command can be run again."""

    found = ""


class ComputeApi:
    """Requests to the Compute service in a microversion that it and the user agree to."""

    def __init__(self, http: ServiceClient, asked: str | None = None) -> None:
        self.http = http
        if asked in NOVACLIENTS_FIRST:
            http.warn(f"Compute API {asked} is taken for 2, as novaclient does")
            asked = None
        self.asked = _asked(asked)
        self._remembered = (
            False  # whether the range of microversions is one from an earlier command
        )

    def call(
        self,
        method: str,
        path: str,
        *,
        best: Version = FIRST,
        subject: Subject | None = None,
        **more: Any,
    ) -> Response:
        """One request below the endpoint, in the microversion nearest to best."""
        version = self.microversion(best)
        headers = {}
        if version != FIRST:
            text = f"{version[0]}.{version[1]}"
            headers = {
                "OpenStack-API-Version": f"compute {text}",
                "X-OpenStack-Nova-API-Version": text,
            }
        try:
            return self.http.request(
                method, self.prefix + path, headers=headers, subject=subject, **more
            )
        except HttpError as error:
            if error.status == 406 and self._remembered:
                self.forget(RANGE, str(error))
            raise

    def forget(self, fact: str, message: str, value: str | None = None) -> NoReturn:
        """What was remembered of the service holds no longer; the command starts again with what is
        true.

        Raises StaleFact, which main.py understands. To be called for a refused request only.
        """
        self.http.identity.remember(fact, value)
        raise StaleFact(message)

    def microversion(self, best: Version) -> Version:
        """The microversion asked for, else the nearest to best that the server has."""
        low, high = self.offered
        if self.asked is None:
            return max(low, min(best, high))
        version = min(self.asked, high) if self.asked == LATEST else self.asked
        if not low <= version <= high:
            raise GlanceError(
                f"the Compute service has microversions {low[0]}.{low[1]} to {high[0]}.{high[1]}, "
                f"not {version[0]}.{version[1]}",
                hint="Leave out --os-compute-api-version (OS_COMPUTE_API_VERSION).",
            )
        return version

    @cached_property
    def prefix(self) -> str:
        """What stands before a resource: /v2.1, or /v2.1/PROJECT where the endpoint names the
        project.
        """
        self.http.base, prefix = split_endpoint(self.http.base)
        return prefix

    @cached_property
    def offered(self) -> tuple[Version, Version]:
        """Oldest and newest microversion of the server, asked once and remembered with the
        endpoint.

        A server that shows no range has the first alone; that is asked for anew by the next
        command.
        """
        known = self.http.identity.fact(RANGE)
        found = _range(known) if known else None
        self._remembered = found is not None
        if found is None:
            found = self._discover()
            if found is None:
                return FIRST, FIRST
            text = " ".join(f"{major}.{minor}" for major, minor in found)
            self.http.identity.remember(RANGE, text)
        return found

    def _discover(self) -> tuple[Version, Version] | None:
        """The range in the version document, None where it cannot be read."""
        path = re.sub(r"(/v\d[\w.]*)(/.*)?$", r"\1/", self.prefix)
        try:
            document = self.http.request("GET", path).object("version")
        except HttpError:
            return None
        return _range(f"{document.get('min_version')} {document.get('version')}")


LATEST: Version = (999, 999)


def split_endpoint(endpoint: str) -> tuple[str, str]:
    """An endpoint's root and what comes before a resource's path; /v2.1 where it names no version."""
    found = re.fullmatch(r"(.*?)((?:/v2(?:\.\d+)?)(?:/.*)?)", endpoint)
    return (found[1], found[2]) if found else (endpoint, "/v2.1")


def _range(text: str) -> tuple[Version, Version] | None:
    found = re.fullmatch(r"(\d+)\.(\d+) (\d+)\.(\d+)", text)
    if found is None:
        return None
    low_major, low_minor, high_major, high_minor = map(int, found.groups())
    return (low_major, low_minor), (high_major, high_minor)


def _asked(text: str | None) -> Version | None:
    """The wish as a version; a bare 2 is no wish. Raises UsageError for what is no version."""
    if not text or text in ("2", "2.0"):
        return None
    if text in ("latest", "2.latest"):
        return LATEST
    found = re.fullmatch(r"2\.([1-9]\d*)", text)
    if found is None:
        raise UsageError(f"'{text}' is no Compute API version: 2.1, 2.45, ... or 2.latest")
    return 2, int(found[1])


class Servers:
    """Servers of one project."""

    def __init__(self, api: ComputeApi) -> None:
        self.api = api

    def get(self, server_id: str) -> Server:
        """The server with this ID."""
        try:
            answer = self.api.call(
                "GET", f"/servers/{quoted(server_id)}", subject=Subject("server", server_id)
            )
        except NotFound as error:
            raise _no_server(server_id, error) from error
        return answer.object("server")

    def find_id(self, ref: str) -> str:
        """The ID of the server that ref names; an ID is believed, which saves a request.

        Raises NotFound, or GlanceError listing the candidates when several servers have the name.
        """
        return ref if is_uuid(ref) else self.named(ref)

    def named(self, name: str) -> str:
        """The ID of the only server with exactly this name; the service's filter is a regular
        expression.
        """
        answer = self.api.call("GET", "/servers", params=[("name", f"^{re.escape(name)}$")])
        found = [s for s in answer.object().get("servers") or [] if s.get("name") == name]
        if len(found) == 1:
            return str(found[0]["id"])
        if not found:
            raise _no_server(name)
        raise ambiguous("servers", name, map(self._described, found))

    def _described(self, server: Server) -> str:
        try:
            server = self.get(str(server["id"]))
        except HttpError:  # gone since the list was made
            return f"{server['id']} (deleted)"
        return f"{server['id']} {server.get('status')!s:<11} created {server.get('created')}"

    def create_image(self, server: str, name: str, metadata: Mapping[str, str]) -> tuple[str, str]:
        """Begin a snapshot of a server; the server's ID and the new image's.

        Raises Conflict when the server is in a state that forbids it.
        """
        body = {"createImage": {"name": name, "metadata": dict(metadata)}}
        try:
            server_id, image_id = self._action(server, body)
        except HttpError as error:
            # Nova passes on a refusal of the Image service as a failure of its own.
            if error.status == 500 and metadata:
                error.hint = (
                    f"The Image service may have refused its properties, {len(metadata)} of yours and "
                    "a dozen of Nova's: the usual quota is 128."
                )
            raise
        if not image_id:
            raise GlanceError(
                f"server {server}: the snapshot was begun, but its image's ID was not told",
                hint=f"Look for '{name}' in image-list.",
            )
        return server_id, image_id

    def create_backup(self, server: str, name: str, kind: str, rotation: int) -> tuple[str, str]:
        """Begin a backup, of which the newest `rotation` of this kind are kept.

        The server's ID and the new image's; "" with rotation 0, which keeps none, not even the new
        one.
        """
        body = {"createBackup": {"name": name, "backup_type": kind, "rotation": rotation}}
        server_id, image_id = self._action(server, body)
        return server_id, image_id if rotation else ""

    def _action(self, ref: str, body: dict[str, Any]) -> tuple[str, str]:
        """Do something with a server that makes an image; the server's ID and the image's, if it is
        told.
        """
        server_id = self.find_id(ref)
        try:
            answer = self._post_action(server_id, ref, body)
        except NotFound as error:
            if not is_uuid(ref):
                raise
            try:
                server_id = self.named(ref)
            except NotFound:
                raise _no_server(ref, error) from error
            answer = self._post_action(server_id, ref, body)
        return server_id, _image_id(answer)

    def _post_action(self, server_id: str, ref: str, body: dict[str, Any]) -> Response:
        try:
            return self.api.call(
                "POST",
                f"/servers/{quoted(server_id)}/action",
                best=IMAGE_ID_IN_BODY,
                body=body,
                expect=(200, 202),
                subject=Subject("server", ref),
            )
        except Conflict as error:
            error.hint = (
                "It must be active, shut off, paused or suspended, with no other task under way."
            )
            raise


def _image_id(answer: Response) -> str:
    """The new image's ID, from the body (2.45 and later) or from the last part of Location."""
    if answer.body.strip():
        return str(answer.object().get("image_id") or "")
    return answer.headers.get("Location", "").rstrip("/").rpartition("/")[2]


def _no_server(ref: str, cause: NotFound | None = None) -> NotFound:
    return NotFound(
        f"No server with a name or ID of '{ref}' exists.",
        request_id=cause.request_id if cause else "",
        hint="Another project's server is not yours to see.",
    )
