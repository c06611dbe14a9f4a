"""The interfaces of the Image service, one for each topic, whatever version the server has.

An image is a dict in the vocabulary of Images v2 (https://docs.openstack.org/api-ref/image/v2/),
custom properties at its top level. The rooms v2 and v1 translate it to their version of the API.
Every method raises HttpError for a refusal, and ConnectionFailed where no response came.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum
from typing import Any, NamedTuple, Protocol

from glancecli.changes import Changes, RemoteData
from glancecli.image import Fields, Image, Query

ImageList = list[Image]  # has a name because Images.list() hides the type of that name
Member = dict[str, Any]  # image_id, member_id, and status (v2) or can_share (v1)
MemberList = list[Member]
Info = dict[str, Any]  # a task, a store or a quota, as the service describes it
InfoList = list[Info]
Metadata = Mapping[str, Any]  # what the service stores with a location
ImportRequest = Mapping[str, Any]  # the body of a request for an import, as the API has it
Texts = list[str]
Definition = dict[str, Any]  # a metadata definition, as the service describes it
DefinitionList = list[Definition]
DefinitionFields = Mapping[str, Any]  # attributes of a new or changed definition


class Pagination(NamedTuple):
    """How many rows of a list, after which one, and how many a request."""

    limit: int | None = None
    marker: str = ""
    page_size: int | None = None


class TaskQuery(NamedTuple):
    """Which tasks, and in which order."""

    type: str | None
    status: str | None
    sort_key: str
    sort_dir: str


class NewLocation(NamedTuple):
    """A location to register: the URL of the data, and the hashes that the data there has."""

    url: str
    metadata: Metadata | None = None
    checksum: str = ""  # MD5
    hash_algo: str = ""
    hash_value: str = ""


class Kind(Enum):
    """The kinds of metadata definitions, by the words that messages use."""

    NAMESPACE = "namespace"
    RESOURCE_TYPE = "resource type"
    ASSOCIATION = "association with resource type"
    PROPERTY = "property"
    OBJECT = "object"
    TAG = "tag"


class Data(Protocol):
    """Data of an image on its way to us."""

    status: int  # 200: all of it; 206: the part that content_range names
    length: int | None  # bytes that this response promises, None when it does not say

    @property
    def content_range(self) -> tuple[int, int, int | None] | None:
        """First byte, last byte, whole size if known (RFC 9110, Content-Range)."""

    def readinto(self, view: memoryview) -> int:
        """Fills view as far as data comes; returns 0 at the end.

        Raises ConnectionFailed on a break or a stall.
        """

    def close(self) -> None:
        """Drops the connection."""


class Images(Protocol):
    """Images: their records and their data."""

    @property
    def version(self) -> str:
        """The major version of the Images API that is used: "1" or "2"."""

    def list(self, query: Query) -> Iterator[Image]:
        """Returns the images that match; pages are requested as they are read."""

    def get(self, image_id: str) -> Image:
        """Returns the image with this ID."""

    def named(self, name: str) -> ImageList:
        """Returns every image that we can see with exactly this name."""

    def create(self, fields: Fields, data: RemoteData = ...) -> Image:
        """Creates an image, queued until its data comes; fields may hold an ID of our choice.

        data may name the source of the data, to be followed by start_copy(). Raises UsageError for
        a source that cannot work.
        """

    def start_copy(self, image: Image, data: RemoteData) -> Image:
        """Starts the copy of the new image's data if data names a source; returns the image after
        that.
        """

    def update(self, image_id: str, changes: Changes) -> Image:
        """Returns the image after the changes.

        Raises OwnerChanged when the changes are made and the image is no longer ours to see.
        """

    def delete(self, image_id: str) -> None:
        """Deletes the image."""

    def deactivate(self, image_id: str) -> None:
        """Blocks downloads of the image's data until it is reactivated (v2)."""

    def reactivate(self, image_id: str) -> None:
        """Allows downloads of a deactivated image's data again (v2)."""

    def put_data(
        self,
        image_id: str,
        chunks: Iterable[bytes | bytearray | memoryview],
        size: int | None,
        *,
        store: str = "",
        stall: float | None = None,
    ) -> None:
        """Sends a queued image's data in one request, never a second time.

        size is in bytes, None sends it chunked. stall is how many seconds may pass without a byte
        moving. After a 401 a new login has been made when Unauthorized is raised.
        """

    def stage_data(
        self,
        image_id: str,
        chunks: Iterable[bytes | bytearray | memoryview],
        size: int | None,
        *,
        stall: float | None = None,
    ) -> None:
        """Sends data to the staging area, for an import (v2)."""

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
        """Opens the image's data from byte start to byte end (inclusive; None is the last).

        size is the image's, by which the token's life is chosen; prefer are stores, separated by
        commas, to read from first. An image without data raises HttpError with status 204.
        """

    def wait(self, image_id: str, seconds: float) -> Image:
        """Returns the image once it is active.

        Raises GlanceError when it cannot become active, or is not after so many seconds.
        """

    def by_ids(self, image_ids: Sequence[str]) -> dict[str, Image]:
        """Returns those of the images that exist, by ID; v2 asks three lists at most."""

    def import_failure(self, image_id: str) -> str:
        """Returns the message of the newest task on the image if it has failed, else "" (v2)."""

    def set_timeout(self, seconds: float) -> None:
        """Sets how long every later request may wait for a response."""


class Members(Protocol):
    """Projects that images are shared with."""

    def list(self, image_id: str) -> MemberList:
        """Returns the members of an image."""

    def shared_with(self, project: str) -> MemberList:
        """Returns the memberships of a project: a member for each image shared with it."""

    def get(self, image_id: str, project: str) -> Member:
        """Returns one member of an image."""

    def allow(self, image_id: str) -> None:
        """Changes a private image so that it can have members; no other image is changed."""

    def add(self, image_id: str, project: str, *, can_share: bool = False) -> Member:
        """Shares the image with a project; can_share (v1) lets that project share it further."""

    def accept(self, image_id: str, project: str) -> Member:
        """Accepts the image in the place of a member, which then has it in its lists."""

    def remove(self, image_id: str, project: str) -> None:
        """Stops sharing the image with a project."""

    def set_status(self, image_id: str, project: str, status: str) -> Member:
        """Sets the member's status: accepted, rejected or pending (v2)."""


class Tags(Protocol):
    """Single tags of images (v2)."""

    def add(self, image_id: str, tag: str) -> None:
        """Adds a tag to the image, which may have it already."""

    def remove(self, image_id: str, tag: str) -> None:
        """Removes a tag from the image. Raises NotFound when it has no such tag."""


class Locations(Protocol):
    """URLs at which the data of images is stored."""

    def add(self, image_id: str, new: NewLocation) -> Image:
        """Registers a location of the image's data; returns the image after that."""

    def update(self, image_id: str, url: str, metadata: Metadata) -> Image:
        """Replaces the metadata of a location; returns the image after that (v2)."""

    def remove(self, image_id: str, urls: tuple[str, ...]) -> Image:
        """Removes locations; returns the image after that (v2)."""


class Imported(NamedTuple):
    """An image after an import, and the stores that were asked for and did not get the data."""

    image: Image
    missed_stores: list[str]


class Imports(Protocol):
    """Imports of image data by the service (v2)."""

    def info(self) -> Info:
        """Returns what the service says about imports. Raises GlanceError without imports."""

    def start(self, image_id: str, body: ImportRequest) -> Image:
        """Starts an import; returns the image after that."""

    def run(self, image_id: str, body: ImportRequest, seconds: float) -> Imported:
        """Starts an import and returns the image once it is done.

        Raises GlanceError when the import fails or reaches no store, or is not done after so many
        seconds.
        """


class Tasks(Protocol):
    """Tasks of the service on images (v2)."""

    def list(self, image_id: str) -> InfoList:
        """Returns the tasks on the image, the newest first; none where the cloud shows none."""

    def search(self, query: TaskQuery, pagination: Pagination) -> Iterator[Info]:
        """Returns the tasks that match, of all images; pages are requested as they are read."""

    def get(self, task_id: str) -> Info:
        """Returns the task with this ID."""

    def create(self, kind: str, task_input: Mapping[str, Any]) -> Info:
        """Starts a task of this kind."""


class Stores(Protocol):
    """Stores of the service, and the project's quotas in them (v2)."""

    def list(self, *, detail: bool) -> InfoList:
        """Returns the stores; detail is for administrators.

        Raises GlanceError where the service lists none.
        """

    def remove_data(self, image_id: str, store: str) -> None:
        """Removes the image's data from one of its stores; the last store keeps it."""

    def usage(self) -> InfoList:
        """Returns the project's quotas: quota, limit, usage.

        Raises GlanceError where the service shows none.
        """


class Metadefs(Protocol):
    """Metadata definitions: namespaces, and the definitions in them (v2).

    namespace is the one that a definition is in, "" for namespaces and resource types themselves.
    """

    def namespaces(
        self, filters: Mapping[str, str], pagination: Pagination
    ) -> Iterator[Definition]:
        """Returns the namespaces that match; pages are requested as they are read."""

    def list(self, kind: Kind, namespace: str = "", pagination: Pagination = ...) -> DefinitionList:
        """Returns the definitions of a kind: all but for tags, of which pagination may choose."""

    def get(
        self, kind: Kind, name: str, namespace: str = "", *, resource_type: str = ""
    ) -> Definition:
        """Returns a definition, with the names that its properties have for a resource type."""

    def create(self, kind: Kind, fields: DefinitionFields, namespace: str = "") -> Definition:
        """Creates a definition; a namespace may come with the definitions in it."""

    def update(
        self, kind: Kind, name: str, fields: DefinitionFields, namespace: str = ""
    ) -> Definition:
        """Returns the definition after the change; fields that are left out keep their values."""

    def delete(self, kind: Kind, name: str, namespace: str = "") -> None:
        """Deletes a definition, a namespace with all that is in it."""

    def delete_all(self, kind: Kind, namespace: str) -> None:
        """Deletes all definitions of a kind in a namespace."""

    def set_tags(self, namespace: str, names: Iterable[str], *, append: bool) -> DefinitionList:
        """Creates tags, in place of all tags of the namespace or in addition to them."""


class Cache(Protocol):
    """The image cache of one glance-api (v2). Raises GlanceError where it has none."""

    def list(self) -> InfoList:
        """Returns the images in the cache and in its queue: id, state, last_accessed,
        last_modified, size, hits.
        """

    def queue(self, image_id: str) -> None:
        """Has the image copied into the cache."""

    def delete(self, image_id: str) -> None:
        """Removes the image from the cache and from its queue."""

    def clear(self, target: str) -> None:
        """Empties the cache, the queue or both."""

    def clean(self) -> None:
        """Removes invalid and incomplete entries."""

    def prune(self) -> Info:
        """Removes images until the cache is as small as its configuration says; returns how many
        files and bytes.
        """

    def nodes(self, image_id: str) -> Texts:
        """Returns the URLs of the nodes that have the image in their cache."""


class Schemas(Protocol):
    """What the service says about its models (v2)."""

    def attributes(self, model: str) -> InfoList:
        """Returns the attributes of a model. Raises GlanceError for a model that does not exist."""
