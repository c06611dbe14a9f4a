"""Queries for images as Images v1 takes them. What a v1 server would ignore is done here, or
refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from glancecli.api.v1.headers import Warn, stored_name
from glancecli.errors import UsageError
from glancecli.image import ATTRIBUTES, SORT_KEYS, Image, Query

Param = tuple[str, Any]  # a parameter of a URL's query
Params = list[Param]

# Attributes that the server compares (equal, and no more than that).
SERVER_FILTERS = frozenset(
    "name status container_format disk_format min_disk min_ram protected".split()
)
# Attributes that the server ignores as a filter, and every image in a list has.
CLIENT_FILTERS = frozenset({"owner", "checksum", "visibility"})
# What only v2 filters by, besides its own attributes.
V2_FILTERS = frozenset({"member_status", "tag"})


def parameters(query: Query, warn: Warn) -> Iterator[Param]:
    """The query as parameters of a URL, without page and marker.

    Raises UsageError for what v1 cannot do.
    """
    _refuse_unsupported(query)
    public = _is_public(query)
    if public:
        yield "is_public", public
    for key, value in query.filters:
        if key not in CLIENT_FILTERS:
            yield _filter_name(key, warn), value
    if len(query.names) == 1 and "name" not in dict(query.filters):
        yield "name", query.names[0]
    if query.size_min is not None:
        yield "size_min", query.size_min
    if query.size_max is not None:
        yield "size_max", query.size_max
    if query.changes_since:
        yield "changes-since", query.changes_since
    for key, direction in query.sort:
        yield "sort_key", key
        yield "sort_dir", direction


def _filter_name(key: str, warn: Warn) -> str:
    """The parameter that filters by an attribute or a property."""
    if key in SERVER_FILTERS:
        return key
    if key in ATTRIBUTES or key in V2_FILTERS:
        raise UsageError(f"Images v1 cannot list by {key}")
    stored = stored_name(key)
    if stored != key:
        warn(f"Images v1 stores property '{key}' as '{stored}'")
    return f"property-{stored}"


def is_wanted(image: Image, query: Query) -> bool:
    """Whether the image passes the filters that the server ignored."""
    is_public = image["visibility"] == "public"
    if query.public is not None and query.public != is_public:
        return False
    for key, value in query.filters:
        if key == "visibility":
            if value != "all" and is_public != (value == "public"):
                return False
        elif key in CLIENT_FILTERS and image[key] != value:
            return False
    return True


def _refuse_unsupported(query: Query) -> None:
    """Raises UsageError for what v1 cannot do."""
    if query.tags:
        raise UsageError("Images v1 has no tags")
    if query.hidden:
        raise UsageError("Images v1 has no hidden images")
    if len(query.sort) > 1:
        raise UsageError("Images v1 sorts by one key")
    for key, _ in query.sort:
        if key not in SORT_KEYS:
            known = ", ".join(SORT_KEYS)
            raise UsageError(f"Images v1 cannot sort by {key}; it can by {known}")
    filters = dict(query.filters)
    if filters.get("visibility") == "community":
        raise UsageError("an Images v1 server lists no community images")
    status = filters.get("status")
    if status in ("killed", "deleted") and not query.changes_since:
        raise UsageError(
            f"an Images v1 server lists {status} images only with --changes-since TIME; "
            "image-show ID shows one"
        )


def _is_public(query: Query) -> str:
    """The value of is_public, by which an administrator's list is made; others are not asked.

    True gives one's own images, shared and public ones; False everybody's that are not public; None
    all.
    """
    filters = dict(query.filters)
    visibility = filters.get("visibility")
    if query.all_projects or "owner" in filters or visibility == "all":
        return "None"
    if query.public is not None:
        return str(query.public)
    if visibility == "public":
        return "True"
    return ""
