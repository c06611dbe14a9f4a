"""The vocabulary: what an image, a question about images and a change to one are; no HTTP."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from glancecli.errors import GlanceError, UsageError, tell

if TYPE_CHECKING:
    pass


Image = dict[str, Any]


# What an image has of itself; everything else at its top level is a custom property.
BASE = frozenset(
    (
        "id name status visibility owner size virtual_size checksum os_hash_algo os_hash_value os_hidden "
        "container_format disk_format min_disk min_ram protected tags created_at updated_at deleted "
        "deleted_at file self schema access locations direct_url stores"
    ).split()
)


# Custom properties that the service keeps for itself: never purged, never copied.
RESERVED = re.compile(r"os_glance_")


_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)


class Query(NamedTuple):
    """Which images to list, in which order. None and empty mean: no matter."""

    filters: tuple[tuple[str, str], ...] = ()  # (v2 attribute or property, value), equality
    tags: tuple[str, ...] = ()
    size_min: int | None = None  # bytes, inclusive
    size_max: int | None = None
    hidden: bool | None = None
    public: bool | None = None  # v1's is_public; False is everything that is not public
    everybody: bool = False  # all projects, for administrators
    theirs: bool = False  # none of our own project, where the login tells which that is (v2)
    changes_since: str = ""  # ISO 8601
    sort: tuple[tuple[str, str], ...] = (("name", "asc"),)
    limit: int | None = None
    marker: str = ""
    page_size: int | None = None


class Changes(NamedTuple):
    """What an update does to an image: fields to set (properties included), properties to remove."""

    fields: Mapping[str, Any] = {}
    remove: tuple[str, ...] = ()
    purge: bool = False  # remove every custom property that is not in fields

    def __bool__(self) -> bool:
        """Whether there is anything to do."""
        return bool(self.fields or self.remove or self.purge)

    @contextmanager
    def made_before(self, image_id: str) -> Iterator[None]:
        """Whatever fails in here says that these changes have been made."""
        try:
            yield
        except GlanceError as error:
            if self:
                it = "it" if image_id in error.headline else f"image {image_id}"
                tell(error, f"the other changes to {it} have been made")
            raise


def is_uuid(text: str) -> bool:
    """Whether this is written as an image ID (dashed UUID, RFC 9562)."""
    return _UUID.fullmatch(text) is not None


def has_data(image: Image) -> bool:
    """Whether the image has its data, in every store that an import puts them into."""
    done = image.get("status") in ("active", "deactivated")
    return done and not image.get("os_glance_importing_to_stores")


def check_properties(keys: Iterable[str]) -> None:
    """Raises UsageError for what is no property, or one that the service keeps for itself."""
    for key in keys:
        if RESERVED.match(key):
            raise UsageError(f"'{key}' is reserved for the Image service itself")
        if key in ("location", "locations", "copy_from", "store"):
            where = "location-add" if key.startswith("location") else "image-create"
            raise UsageError(f"'{key}' is no property", hint=f"See `glance help {where}`.")
        if key in BASE:
            raise UsageError(
                f"'{key}' is an attribute of the image, not a property",
                hint="See `glance help image-update`.",
            )
