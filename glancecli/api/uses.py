"""Who uses which image: the answer as a value. No HTTP.

What was not seen is unknown, never unused: every list of possible users says how much of it was
seen, and an answer carries the reason why there may be users beside those that it names.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from glancecli.text import listed

if TYPE_CHECKING:
    from glancecli.image import Image

# Nova calls the image of a shelved server so; the server's own answer does not name it.
SHELVED_SUFFIX = "-shelved"

MOST_NAMED = 3  # users in a line

# A snapshot names the first image of a chain, and not the one that its server was started from.
CHAIN = (
    "a later snapshot may have been made from it: such a snapshot names only the first image of "
    "its chain, and its server cannot be seen or is deleted"
)


class Kind(Enum):
    """What uses an image, in a word that scripts can rely on."""

    SERVER = "server"
    SHELVED_SERVER = "shelved-server"
    VOLUME = "volume"
    SNAPSHOT = "snapshot"  # an image made of a server that was started from the image
    KERNEL_OF = "kernel-of"  # an image whose kernel the image is
    RAMDISK_OF = "ramdisk-of"


class State(Enum):
    """Whether an image is used."""

    USED = "used"
    UNUSED = "unused"
    UNKNOWN = "unknown"


class Scope(Enum):
    """How much of a list was seen."""

    ALL = "every project's"
    OWN = "only this project's"
    NONE = "nothing"


class User(NamedTuple):
    """What uses an image."""

    kind: Kind
    id: str
    name: str
    status: str
    project: str

    def __str__(self) -> str:
        """The user as messages name it: ``server web1 (ID)``."""
        return f"{self.label} ({self.id})"

    @property
    def label(self) -> str:
        """The user in short: ``server web1``."""
        return f"{self.kind.value} {self.name or self.id}"


class Server(NamedTuple):
    """A server, and the image that it was started from: "" where it boots from a volume, None where
    the service does not know.

    is_shelved: whether it is shelved, or is being shelved or unshelved. boot_files: the images that
    are its kernel and its ramdisk.
    """

    user: User
    image_id: str | None
    is_shelved: bool = False
    boot_files: tuple[str, ...] = ()


class Seen(NamedTuple):
    """How much of a list of possible users was seen. reason: why nothing was."""

    things: str  # "servers"
    scope: Scope
    reason: str = ""


class Use(NamedTuple):
    """The answer about one image: its users, and why there may be others ("": all were seen).

    is_shelved: whether it is the disk of a shelved server, or may be.
    """

    users: tuple[User, ...] = ()
    unseen: str = ""
    is_shelved: bool = False

    @property
    def state(self) -> State:
        """Used as soon as one user is known; unused only if all possible users were seen."""
        if self.users:
            return State.USED
        if self.unseen:
            return State.UNKNOWN
        return State.UNUSED

    @property
    def summary(self) -> str:
        """The users in a line: the first ones by name, the others counted."""
        return self._listed([user.label for user in self.users[:MOST_NAMED]])

    @property
    def summary_with_ids(self) -> str:
        """The same with the IDs."""
        return self._listed([str(user) for user in self.users[:MOST_NAMED]])

    def _listed(self, names: list[str]) -> str:
        more = len(self.users) - len(names)
        if more:
            names.append(f"{more} more")
        return listed(names)


class Uses:
    """What uses which image, from one pass over each list. project is the user's own, None if it is
    unknown.

    Servers are added before images: a snapshot whose server was seen tells more.
    """

    def __init__(self, project: str | None) -> None:
        self.project = project
        self.seen: list[Seen] = []
        self._users: dict[str, dict[User, None]] = {}  # by the image's ID; in the order of lists
        self._servers: dict[str, Server] = {}
        self._nameless: dict[Kind, list[User]] = {}  # users that do not name their image
        self._with_disk: set[str] = set()  # servers of which an image is called SERVER-shelved
        # Snapshots whose server was not seen, by the first image of their chain and their owner.
        self._orphans: dict[tuple[str, str], list[Image]] = {}

    def add_server(self, server: Server) -> None:
        """Adds a server as the user of its images."""
        self._servers[server.user.id.lower()] = server
        for image_id in (server.image_id, *server.boot_files):
            self._add(image_id, server.user)

    @property
    def has_servers_on_volumes(self) -> bool:
        """Whether a server boots from a volume, which is made from an image as a rule."""
        return any(server.image_id == "" for server in self._servers.values())

    def add_volume(self, volume: User, image_id: str | None) -> None:
        """Adds a volume as the user of the image that it was made from: "" for none, None where the
        service does not know.
        """
        self._add(image_id, volume)

    def add_image(self, image: Image) -> None:
        """Adds an image as the user of the images that its properties name."""
        first = _text(image, "base_image_ref")
        server = self._server_of(image)
        if may_be_shelved(image):
            self._with_disk.add(_text(image, "instance_uuid").lower())
        if server:
            self._add(server.image_id, _as_user(Kind.SNAPSHOT, image))
        elif first:
            for owner in {_text(image, "owner"), ""}:
                self._orphans.setdefault((first.lower(), owner), []).append(_in_short(image))
        self._add(first, _as_user(Kind.SNAPSHOT, image))
        self._add(_text(image, "kernel_id"), _as_user(Kind.KERNEL_OF, image))
        self._add(_text(image, "ramdisk_id"), _as_user(Kind.RAMDISK_OF, image))

    def _add(self, image_id: str | None, user: User) -> None:
        """Adds a user of an image. Services compare IDs without regard to case."""
        if image_id is None:
            self._nameless.setdefault(user.kind, []).append(user)
        elif image_id and image_id != user.id:
            self._users.setdefault(image_id.lower(), {})[user] = None

    def _server_of(self, image: Image) -> Server | None:
        """Returns the server that an image was made of, if it was seen."""
        return self._servers.get(_text(image, "instance_uuid").lower())

    def look_up(self, image: Image) -> Use:
        """Returns who uses an image."""
        users = list(self._users.get(str(image["id"]).lower(), ()))
        reasons = list(self._unseen(image))
        server = self._server_of(image)
        is_shelved = may_be_shelved(image) and (server is None and bool(reasons))
        if server and self._may_be_disk(image, server):
            is_shelved = True
            users.insert(0, server.user._replace(kind=Kind.SHELVED_SERVER))
        if self._may_have_unnamed_snapshot(image):
            reasons.append(CHAIN)
        return Use(tuple(users), "; ".join(reasons), is_shelved)

    def _may_be_disk(self, image: Image, server: Server) -> bool:
        """Whether an image that was made of a shelved server is its disk, or may be: it may have
        been renamed, where no other has the name that Nova gives it.
        """
        if not server.is_shelved:
            return False
        is_renamed = server.image_id != "" and server.user.id.lower() not in self._with_disk
        return is_renamed or may_be_shelved(image)

    def _unseen(self, image: Image) -> Iterator[str]:
        """Yields the reasons why a list may hide users of this image."""
        for seen in self.seen:
            if seen.scope is Scope.NONE:
                yield seen.reason
        for kind, users in self._nameless.items():
            first, *others = users
            which = f"{kind.value} {first.id} ({first.status})"
            if others:
                which += f" and {len(others)} more"
            yield f"the image of {which} cannot be seen"
        partly = [seen.things for seen in self.seen if seen.scope is Scope.OWN]
        if partly and not self._is_for_own_project_alone(image):
            yield (
                "other projects may have access, "
                f"and only this project's {listed(partly)} can be seen"
            )

    def _is_for_own_project_alone(self, image: Image) -> bool:
        is_ours = self.project is not None and image.get("owner") == self.project
        return is_ours and image.get("visibility") == "private"

    def _may_have_unnamed_snapshot(self, image: Image) -> bool:
        """Whether a snapshot that names the same first image may have been made from this one: a
        later one, of another server, that was not seen.
        """
        first = _text(image, "base_image_ref")
        if not first:
            return False
        owner = ""
        if image.get("visibility") == "private":
            owner = _text(image, "owner")  # others could not start a server from it
        created, server_id = _text(image, "created_at"), _text(image, "instance_uuid")
        for other in self._orphans.get((first.lower(), owner), ()):
            is_of_same_server = server_id and other["instance_uuid"] == server_id
            is_earlier = "" < other["created_at"] < created
            if other["id"] != image["id"] and not is_earlier and not is_of_same_server:
                return True
        return False


def may_be_shelved(image: Image) -> bool:
    """Whether an image looks like the disk of a shelved server."""
    name = str(image.get("name") or "")
    return name.endswith(SHELVED_SUFFIX) and bool(image.get("instance_uuid"))


def _as_user(kind: Kind, image: Image) -> User:
    name, status, project = (_text(image, key) for key in ("name", "status", "owner"))
    return User(kind, str(image["id"]), name, status, project)


def _in_short(image: Image) -> Image:
    """The fields of a snapshot that matter here: a cloud has many thousands."""
    return {key: _text(image, key) for key in ("id", "created_at", "instance_uuid")}


def _text(image: Image, key: str) -> str:
    return str(image.get(key) or "")
