"""The Images interface that commands speak, whatever the server speaks.

An image is a dict in the vocabulary of Images v2 (https://docs.openstack.org/api-ref/image/v2/),
custom properties at its top level. v2.py and v1.py translate to what goes over the wire.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from glancecli.errors import GlanceError, NotFound
from glancecli.image import Changes, Image, Query, is_uuid

if TYPE_CHECKING:
    from glancecli.auth.identity import Identity

Member = dict[str, Any]  # image_id, member_id, and status (v2) or can_share (v1)
Members = list[Member]
Info = dict[str, Any]  # a task, a store, a quota: as the service describes it
Infos = list[Info]
Several = list[Image]  # has a name because the interface's own list() hides the type of that name


class WrongVersion(GlanceError):
    """The server does not speak this version of the Images API; found is the one that it speaks."""

    def __init__(self, found: str, message: str) -> None:
        super().__init__(message)
        self.found = found


class GivenAway(GlanceError):
    """The image is changed, and another project's now: nothing more can be told of it."""


class Data(Protocol):
    """Data of an image on its way to us."""

    status: int  # 200: all of it; 206: the part that content_range names
    length: int | None  # bytes that this answer promises, None when it does not say

    @property
    def content_range(self) -> tuple[int, int, int | None] | None:
        """First byte, last byte, whole size if told (RFC 9110, Content-Range)."""

    def readinto(self, view: memoryview) -> int:
        """Fill view as far as data comes; 0 at the end. ConnectionFailed on a break or a stall."""

    def close(self) -> None:
        """Drop the connection."""


class Images(Protocol):
    """Images of one cloud. Every method raises HttpError, and ConnectionFailed when no answer came."""

    version: str

    def list(self, query: Query) -> Iterator[Image]:
        """The images that match, page by page as they are asked for."""

    def get(self, image_id: str) -> Image:
        """The image with this ID."""

    def named(self, name: str) -> Several:
        """Every image that we can see with exactly this name."""

    def create(self, fields: Mapping[str, Any]) -> Image:
        """A new record; fields may hold an id of our choice. Data comes later.

        fields may name its source, to be followed by fetch(): copy_from, which the service copies,
        or location, where it stays. Raises UsageError for a source that cannot work.
        """

    def fetch(self, image: Image, fields: Mapping[str, Any]) -> Image:
        """The new image once its data is on its way from the source that the fields name, if any."""

    def update(self, image_id: str, changes: Changes) -> Image:
        """The image after the changes. GivenAway when they are done and it is no longer ours to
        see.
        """

    def delete(self, image_id: str) -> None:
        """Delete the image with this ID."""

    def deactivate(self, image_id: str) -> None:
        """Let nobody read the image's data until it is reactivated."""

    def reactivate(self, image_id: str) -> None:
        """Let the data of a deactivated image be read again."""

    def add_tag(self, image_id: str, tag: str) -> None:
        """Put a tag on the image, which may have it already."""

    def remove_tag(self, image_id: str, tag: str) -> None:
        """Take a tag off the image. NotFound when it has no such tag."""

    def put_data(
        self,
        image_id: str,
        chunks: Iterable[bytes | bytearray | memoryview],
        size: int | None,
        *,
        store: str = "",
        stall: float | None = None,
    ) -> None:
        """Send a queued image's data in one request, never a second time: size bytes, or chunked
        for None.

        stall is how many seconds may pass without a byte moving. After a 401 a new login has been
        made when Unauthorized is raised.
        """

    def stage_data(
        self,
        image_id: str,
        chunks: Iterable[bytes | bytearray | memoryview],
        size: int | None,
        *,
        stall: float | None = None,
    ) -> None:
        """The same into the staging area, for an import."""

    def open_data(
        self,
        image_id: str,
        start: int = 0,
        end: int | None = None,
        *,
        size: int | None = None,
        prefer: str = "",
        stall: float | None = None,
    ) -> Data:
        """The image's data from byte start to byte end (inclusive; None is the last).

        size is the image's, by which the token's life is chosen; prefer are stores, separated by
        commas, to read from first. An image without data raises HttpError with status 204.
        """

    def wait(self, image_id: str, seconds: float) -> Image:
        """The image once it is active. GlanceError when it cannot become so, or not in so many
        seconds.
        """

    def members(self, image_id: str) -> Members:
        """Projects that the image is shared with."""

    def memberships(self, project: str) -> Members:
        """Images that are shared with this project."""

    def member(self, image_id: str, project: str) -> Member:
        """One project's share in the image."""

    def add_member(self, image_id: str, project: str, *, can_share: bool = False) -> Member:
        """Share the image with a project; can_share (v1) lets that share it further."""

    def remove_member(self, image_id: str, project: str) -> None:
        """Share the image no longer with this project."""

    def set_member_status(self, image_id: str, project: str, status: str) -> Member:
        """The share after its member's answer: accepted, rejected or pending (v2)."""

    def add_location(
        self,
        image_id: str,
        url: str,
        *,
        metadata: Mapping[str, Any] | None = None,
        checksum: str = "",
        hash_algo: str = "",
        hash_value: str = "",
    ) -> Image:
        """The image after registering a place where its data lies, and what the data's hashes are."""

    def update_location(self, image_id: str, url: str, metadata: Mapping[str, Any]) -> Image:
        """The image after replacing the metadata of one of its locations (v2)."""

    def remove_locations(self, image_id: str, urls: tuple[str, ...]) -> Image:
        """The image without these locations (v2)."""

    def import_data(self, image_id: str, body: Mapping[str, Any], seconds: float | None) -> Image:
        """The image after starting an import; body is the API's.

        With seconds once the import is done: GlanceError when it fails, or is not done in so many.
        """

    def tasks(self, image_id: str) -> Infos:
        """Tasks on the image, the newest first; none on a cloud that does not tell."""

    def import_info(self) -> Info:
        """What the service tells of imports. GlanceError on a cloud without them."""

    def stores(self, *, detail: bool) -> Infos:
        """Where the service keeps data; detail is for administrators. GlanceError if it does not
        tell.
        """

    def remove_from_store(self, image_id: str, store: str) -> None:
        """Remove the image's data from one of its stores; the last one keeps it."""

    def usage(self) -> Infos:
        """Quotas of the project: quota, limit, usage. GlanceError if the service does not tell."""

    def confirm_version(self) -> None:
        """Make sure that the server has this version, before something is refused for its sake."""

    def limit(self, seconds: float) -> None:
        """From now on give up after seconds without an answer; what is left to do is cleaning up."""


def no_such_image(ref: str, request_id: str = "") -> NotFound:
    """The error for a name or an ID that nothing answers to."""
    return NotFound(
        f"No image with a name or ID of '{ref}' exists.",
        request_id=request_id,
        hint="It may be another project's, or deleted.",
    )


def ambiguous(kind: str, ref: str, candidates: Iterable[str]) -> GlanceError:
    """The error for a name that several have."""
    message = f"Multiple {kind} are named '{ref}', use an ID to be more specific:"
    return GlanceError(message, candidates=list(candidates))


def find(images: Images, ref: str) -> Image:
    """The image that ref names, by ID or by exact name.

    An ID costs one request, a name one. Raises NotFound, or GlanceError listing the candidates when
    several images have the name.
    """
    if is_uuid(ref):
        try:
            return images.get(ref)
        except NotFound as error:
            missing = error
    else:
        missing = None
    matches = images.named(ref)
    if len(matches) == 1:
        return matches[0]
    if not matches:
        raise no_such_image(ref, missing.request_id if missing else "")
    rows = [
        f"{i['id']} {i.get('status')!s:<11} project {i.get('owner')} created {i.get('created_at')}"
        for i in matches
    ]
    raise ambiguous("images", ref, rows)


def find_id(images: Images, ref: str) -> str:
    """The ID that ref names; an ID is believed, which saves a request."""
    return ref if is_uuid(ref) else str(find(images, ref)["id"])


def connect(
    identity: Identity,
    asked: str | None,
    *,
    trace: Callable[[str], None] | None = None,
    timeout: float | None = None,
    warn: Callable[[str], None] | None = None,
) -> Images:
    """The Images interface in the version asked for, else the newest that the server has.

    Without a wish v2 is tried at once, which saves a request on nearly every cloud; an old server
    then raises WrongVersion and its version is remembered for the next connect().
    """
    from glancecli.api.negotiation import chosen, in_url
    from glancecli.transport.client import ServiceClient

    http = ServiceClient(identity, "image", trace=trace, timeout=timeout, warn=warn)
    if chosen(http, asked or in_url(identity.settings.image_url)) == "1":
        from glancecli.api.v1.images import ImagesV1

        return ImagesV1(http)
    from glancecli.api.v2.images import ImagesV2

    return ImagesV2(http)
