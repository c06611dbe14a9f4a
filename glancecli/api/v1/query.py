"""A query as a v1 server takes it: what it would ignore is done here, or refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from glancecli.api.v1.headers import stored_name
from glancecli.errors import UsageError
from glancecli.image import ATTRIBUTES, Image, Query

SORT_KEYS = (
    "name", "status", "container_format", "disk_format", "size", "id", "created_at", "updated_at",
)  # fmt: skip
# Attributes that the server compares (equal, and no more than that).
NATIVE = frozenset("name status container_format disk_format min_disk min_ram protected".split())
# What only v2 filters by, besides its own attributes.
UNKNOWN = frozenset({"member_status", "tag"})
# Attributes that the server ignores as a filter, and every image in a list tells.
SIFTED = frozenset({"owner", "checksum", "visibility"})


def parameters(query: Query, warn: Callable[[str], None]) -> list[tuple[str, Any]]:
    """The query's parameters, without page and marker. Raises UsageError for what v1 cannot do."""
    _refuse(query)
    found: list[tuple[str, Any]] = []
    public = _is_public(query)
    if public:
        found.append(("is_public", public))
    for key, value in query.filters:
        if key in SIFTED:
            continue
        if (key in ATTRIBUTES or key in UNKNOWN) and key not in NATIVE:
            raise UsageError(f"Images v1 cannot list by {key}")
        if key in NATIVE:
            found.append((key, value))
            continue
        stored = stored_name(key)
        if stored != key:
            warn(f"Images v1 stores property '{key}' as '{stored}'")
        found.append((f"property-{stored}", value))
    sizes = (("size_min", query.size_min), ("size_max", query.size_max))
    found += [(k, v) for k, v in sizes if v is not None]
    if query.changes_since:
        found.append(("changes-since", query.changes_since))
    for key, way in query.sort:
        found += [("sort_key", key), ("sort_dir", way)]
    return found


def wanted(image: Image, query: Query) -> bool:
    """Whether the image passes the filters that the server ignored."""
    if query.public is not None and (image["visibility"] == "public") != query.public:
        return False
    for key, value in query.filters:
        if (
            key == "visibility"
            and value != "all"
            and (image[key] == "public") != (value == "public")
        ):
            return False
        if key in ("owner", "checksum") and image[key] != value:
            return False
    return True


def _refuse(query: Query) -> None:
    filters = dict(query.filters)
    if query.tags:
        raise UsageError("Images v1 has no tags")
    if query.hidden:
        raise UsageError("Images v1 hides no images")
    if len(query.sort) > 1:
        raise UsageError("Images v1 sorts by one key")
    for key, _ in query.sort:
        if key not in SORT_KEYS:
            raise UsageError(f"Images v1 cannot sort by {key}; it can by {', '.join(SORT_KEYS)}")
    if filters.get("visibility") == "community":
        raise UsageError("community images are in no list of an Images v1 server")
    if filters.get("status") in ("killed", "deleted") and not query.changes_since:
        raise UsageError(
            f"an Images v1 server lists {filters['status']} images with --changes-since TIME only; "
            "image-show ID shows one"
        )


def _is_public(query: Query) -> str:
    """What an administrator's list is made of; the server does not listen to others.

    True is one's own images, shared and public ones; False everybody's that are not public; None
    all.
    """
    filters = dict(query.filters)
    if query.everybody or "owner" in filters or filters.get("visibility") == "all":
        return "None"
    if query.public is not None:
        return str(query.public)
    return "True" if filters.get("visibility") == "public" else ""
