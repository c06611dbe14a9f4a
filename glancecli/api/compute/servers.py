"""Servers of the Compute service: found by name or ID, snapshots and backups made of them.

https://docs.openstack.org/api-ref/compute/
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from glancecli.api import decoding
from glancecli.api.compute.microversions import Microversion
from glancecli.api.errors import ambiguous
from glancecli.api.uses import Kind, User
from glancecli.api.uses import Server as ServerInUse
from glancecli.errors import Code, Conflict, GlanceError, Hint, HttpError, NotFound, Subject
from glancecli.image import is_uuid
from glancecli.transport.client import PAGE_SIZE, quoted

if TYPE_CHECKING:
    from glancecli.api.compute.client import ComputeClient
    from glancecli.transport.responses import Response

Server = dict[str, Any]

# From this one on createImage and createBackup name the image in the body, before in Location.
IMAGE_ID_IN_BODY = Microversion(2, 45)
# The first that lists servers in cells that are down, without their images: before, they are left
# out without a word.
CELLS_THAT_ARE_DOWN = Microversion(2, 69)

SHELVED = ("SHELVED", "SHELVED_OFFLOADED", "UNKNOWN")


class NewSnapshot(NamedTuple):
    """A snapshot or backup that has begun; image_id is "" when no image is kept."""

    server_id: str
    image_id: str


class Servers:
    """Servers of one project."""

    def __init__(self, client: ComputeClient) -> None:
        self.client = client

    def get(self, server_id: str) -> Server:
        """Returns the server with this ID."""
        path = f"/servers/{quoted(server_id)}"
        try:
            response = self.client.call("GET", path, subject=Subject("server", server_id))
        except NotFound as error:
            raise _no_such_server(server_id, error.request_id) from error
        return decoding.server(response.object("server"))

    def in_use(self, *, every_project: bool) -> Iterator[ServerInUse]:
        """Returns all servers with their images, of every project or of one's own; pages are
        requested as they are read.

        Raises Forbidden where policy does not let one list them.
        """
        params: list[tuple[str, Any]] = [("limit", PAGE_SIZE)]
        if every_project:
            params.append(("all_tenants", 1))
        pages = self.client.http.pages(
            "/servers/detail",
            "servers",
            params,
            send=partial(self.client.call, best=CELLS_THAT_ARE_DOWN),
        )
        for page in pages:
            yield from map(_in_use, page)

    def find_id(self, ref: str) -> str:
        """Returns the ID of the server that ref names. An ID is not looked up, which saves a
        request.

        Raises NotFound, or GlanceError listing the candidates when several servers have the name.
        """
        if is_uuid(ref):
            return ref
        return self.find_id_by_name(ref)

    def find_id_by_name(self, name: str) -> str:
        """Returns the ID of the only server with exactly this name."""
        pattern = f"^{re.escape(name)}$"  # the service's filter is a regular expression
        response = self.client.call("GET", "/servers", params=[("name", pattern)])
        servers = map(decoding.server, response.rows("servers"))
        found = [server for server in servers if server["name"] == name]
        if len(found) == 1:
            return str(found[0]["id"])
        if not found:
            raise _no_such_server(name)
        raise ambiguous("servers", name, map(self._candidate, found))

    def _candidate(self, server: Server) -> str:
        """Returns one line about a server, to choose by."""
        server_id = str(server["id"])
        try:
            server = self.get(server_id)
        except HttpError:  # deleted since the list was made
            return f"{server_id} (deleted)"
        status = str(server.get("status"))
        return f"{server_id} {status:<11} created {server.get('created')}"

    def create_image(self, server: str, name: str, metadata: Mapping[str, str]) -> NewSnapshot:
        """Begins a snapshot of a server, given by name or ID.

        Raises Conflict when the server is in a state that forbids it.
        """
        body = {"createImage": {"name": name, "metadata": dict(metadata)}}
        try:
            snapshot = self._act(server, body)
        except HttpError as error:
            if error.status == 500 and metadata:
                # Nova passes on a refusal of the Image service as a failure of its own.
                error.hint = _too_many_properties(len(metadata))
            raise
        if not snapshot.image_id:
            raise GlanceError(
                "the snapshot was begun, but the service did not return the ID of its image",
                subject=Subject("server", server),
                hint=Hint("{} shows it.", ("image-list", "--name", name)),
                code=Code.SERVICE,
            )
        return snapshot

    def create_backup(self, server: str, name: str, kind: str, rotation: int) -> NewSnapshot:
        """Begins a backup, of which the newest `rotation` of this kind are kept.

        With rotation 0 none is kept, not even the new one.
        """
        body = {"createBackup": {"name": name, "backup_type": kind, "rotation": rotation}}
        snapshot = self._act(server, body)
        if not rotation:
            return snapshot._replace(image_id="")
        return snapshot

    def _act(self, ref: str, body: dict[str, Any]) -> NewSnapshot:
        """Has a server do something that makes an image."""
        server_id = self.find_id(ref)
        try:
            response = self._post_action(server_id, ref, body)
        except NotFound as error:
            if not is_uuid(ref):
                raise
            server_id = self._find_named_like_an_id(ref, error)
            response = self._post_action(server_id, ref, body)
        return NewSnapshot(server_id, _image_id(response))

    def _find_named_like_an_id(self, name: str, error: NotFound) -> str:
        try:
            return self.find_id_by_name(name)
        except NotFound:
            raise _no_such_server(name, error.request_id) from error

    def _post_action(self, server_id: str, ref: str, body: dict[str, Any]) -> Response:
        try:
            return self.client.call(
                "POST",
                f"/servers/{quoted(server_id)}/action",
                best=IMAGE_ID_IN_BODY,
                body=body,
                expect=(200, 202),
                subject=Subject("server", ref),
            )
        except Conflict as error:
            error.hint = (
                "The server must be active, shut off, paused or suspended, with no other task."
            )
            raise


def is_shelved(server: Mapping[str, Any]) -> bool:
    """Whether a server is shelved, is being shelved or unshelved, or may be."""
    is_on_the_way = "shelving" in str(server.get("OS-EXT-STS:task_state"))
    return is_on_the_way or server.get("status") in SHELVED


def _in_use(row: Mapping[str, Any]) -> ServerInUse:
    """Returns a server of a list with its images."""
    keys = ("id", "name", "status", "tenant_id")
    user = User(Kind.SERVER, *(decoding.text(row.get(key)) or "" for key in keys))
    image_id = None
    image = row.get("image")
    if image == "":
        image_id = ""  # it boots from a volume
    elif isinstance(image, Mapping):
        image_id = decoding.text(image.get("id")) or None
    boot_files = [row.get(f"OS-EXT-SRV-ATTR:{key}") for key in ("kernel_id", "ramdisk_id")]
    return ServerInUse(
        user,
        image_id,
        is_shelved(row),
        tuple(str(each) for each in boot_files if each),
    )


def _image_id(response: Response) -> str:
    """Returns the new image's ID, from the body or from the last part of Location; "" without one.

    Raises GlanceError for one that is not an ID.
    """
    location = response.headers.get("Location", "").rstrip("/")
    found: Any = location.rpartition("/")[2]
    if response.body.strip():
        found = response.object().get("image_id")
    if not found:
        return ""
    return decoding.image_id(found, response.url)


def _too_many_properties(count: int) -> str:
    return (
        f"The Image service may have refused its properties, {count} of yours and about "
        "a dozen of Nova's: the usual quota is 128."
    )


def _no_such_server(ref: str, request_id: str = "") -> NotFound:
    return NotFound(
        f"No server with a name or ID of '{ref}' exists.",
        request_id=request_id,
        hint="Servers of other projects are not visible.",
    )
