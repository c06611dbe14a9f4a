"""Queries for images as Images v2 takes them
(https://docs.openstack.org/api-ref/image/v2/#list-images).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from glancecli.image import Image, Query


def parameters(query: Query) -> list[tuple[str, Any]]:
    """The query as v2 takes it."""
    found: list[tuple[str, Any]] = [
        (k, equal_to(v) if k == "name" else v) for k, v in query.filters
    ]
    found += [("tag", tag) for tag in query.tags]
    found += [
        (k, v)
        for k, v in (("size_min", query.size_min), ("size_max", query.size_max))
        if v is not None
    ]
    if query.hidden is not None:
        found.append(("os_hidden", str(query.hidden).lower()))
    if query.public:
        found.append(("visibility", "public"))
    elif query.everybody and "visibility" not in dict(query.filters):
        found.append(("visibility", "all"))
    if query.changes_since:
        found.append(("updated_at", f"gte:{query.changes_since}"))
    if query.sort:
        found.append(("sort", ",".join(f"{key}:{way}" for key, way in query.sort)))
    if query.marker:
        found.append(("marker", query.marker))
    return found


def is_wanted(image: Image, query: Query, project: str | None) -> bool:
    """What the server cannot sift.

    v1's "not public" is three visibilities, and v2 takes one; our project's own images have no
    member_status.
    """
    if query.theirs and project and image.get("owner") == project:
        return False
    return query.public is not False or image.get("visibility") != "public"


def equal_to(name: str) -> str:
    """A name as a filter's value: Glance reads what stands in front of a colon as an operator."""
    return f"eq:{name}" if ":" in name else name
