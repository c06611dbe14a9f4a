"""Asks the services who uses images: one pass over each list, never a request for each image."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from glancecli.api.lookup import find
from glancecli.api.uses import Scope, Seen, Uses
from glancecli.auth.catalog import NoEndpoint, NoService
from glancecli.errors import Forbidden, NotFound
from glancecli.image import Query

if TYPE_CHECKING:
    from glancecli.api.compute.servers import Servers
    from glancecli.api.interfaces import Images
    from glancecli.api.volumes import Volumes
    from glancecli.auth.identity import Identity
    from glancecli.image import Image

ADMIN = "admin"  # the role by which Glance and Cinder know an administrator


class Usage:
    """The users of images on one cloud."""

    def __init__(
        self,
        identity: Identity,
        images: Images,
        servers: Servers,
        volumes: Volumes,
    ) -> None:
        self._identity = identity
        self._detail = identity.messages.detail
        self._images = images
        self._servers = servers
        self._volumes = volumes
        self._wanted: dict[str, list[Image]] = {}

    def look_for(self, refs: Iterable[str]) -> None:
        """Has the pass over the images keep those with these names or IDs, for find()."""
        self._wanted = {ref: [] for ref in refs}

    def find(self, ref: str) -> Image:
        """Returns the image that ref names, as api.find() does: without a request where the pass
        over the images has seen a single one.
        """
        assert self.uses  # noqa: S101 - the lists have been read
        found = self._wanted.get(ref, ())
        if len(found) == 1:
            return found[0]
        return find(self._images, ref)

    def forget(self) -> None:
        """Has the lists read again the next time that they are needed."""
        vars(self).pop("uses", None)

    @cached_property
    def uses(self) -> Uses:
        """What uses which image, asked for once.

        Raises the error of a list that breaks off: an answer from half a list would be wrong.
        """
        self._identity.token()  # the login tells the project and the roles
        uses = Uses(self._identity.project_id)
        uses.seen.append(self._add_servers(uses))
        uses.seen.extend(self._add_volumes(uses))
        uses.seen.append(self._add_images(uses))
        for seen in uses.seen:
            self._detail(f"{seen.things} were asked for their images: {seen.scope.value}")
        return uses

    def _add_servers(self, uses: Uses) -> Seen:
        for scope in (Scope.ALL, Scope.OWN):
            try:
                for server in self._servers.in_use(every_project=scope is Scope.ALL):
                    uses.add_server(server)
            except Forbidden:
                continue
            except (NoEndpoint, NotFound) as error:
                return _nothing_of("servers", error)
            return Seen("servers", scope)
        return Seen("servers", Scope.NONE, "policy does not let you list servers")

    def _add_volumes(self, uses: Uses) -> Iterator[Seen]:
        """Yields how much was seen, nothing where the cloud has no volumes."""
        scope = self._scope_by_role
        try:
            for volume in self._volumes.in_use():
                uses.add_volume(volume.user, volume.image_id)
                if _is_of_others(volume.user.project, uses):
                    scope = Scope.ALL
        except NoService:
            if uses.has_servers_on_volumes:  # the catalog may be another for each project
                reason = "servers boot from volumes, and the catalog has no service for them"
                yield Seen("volumes", Scope.NONE, reason)
        except Forbidden:
            yield Seen("volumes", Scope.NONE, "policy does not let you list volumes")
        except (NoEndpoint, NotFound) as error:
            yield _nothing_of("volumes", error)
        else:
            yield Seen("volumes", scope)

    def _add_images(self, uses: Uses) -> Seen:
        scope = self._scope_by_role
        for image in self._every_image():
            uses.add_image(image)
            for ref in {image["id"], image["name"]} & self._wanted.keys():
                self._wanted[ref].append(image)
            is_private = image.get("visibility") == "private"
            if is_private and _is_of_others(image.get("owner"), uses):
                scope = Scope.ALL
        return Seen("images", scope)

    def _every_image(self) -> Iterator[Image]:
        """Yields every image that can be seen; hidden ones are a list of their own.

        The others are asked for without the filter: before Rocky it is that of a property.
        """
        for hidden in (None, True):
            yield from self._images.list(Query(hidden=hidden, all_projects=True))

    @property
    def _scope_by_role(self) -> Scope:
        """How much of a list an administrator or somebody else sees; the services do not tell."""
        if ADMIN in (self._identity.roles or ()):
            return Scope.ALL
        return Scope.OWN


def _is_of_others(project: str | None, uses: Uses) -> bool:
    return bool(project and uses.project and project != uses.project)


def _nothing_of(things: str, error: NoEndpoint | NotFound) -> Seen:
    cause = error.headline.rstrip(".")
    return Seen(things, Scope.NONE, f"{things} cannot be seen: {cause}")
