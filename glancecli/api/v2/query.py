"""Queries for images as Images v2 takes them
(https://docs.openstack.org/api-ref/image/v2/#list-images).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from glancecli.image import Image, Query

Param = tuple[str, Any]  # a parameter of a URL's query

LONGEST_WORDS = 2000  # characters of names or IDs in a URL; servers refuse URLs of some 4,000


def parameters(query: Query) -> Iterator[Param]:
    """The query as parameters of a URL."""
    for key, value in query.filters:
        if key == "name":
            yield key, equal_to(value)
        else:
            yield key, value
    for tag in query.tags:
        yield "tag", tag
    if query.size_min is not None:
        yield "size_min", query.size_min
    if query.size_max is not None:
        yield "size_max", query.size_max
    if query.hidden is not None:
        yield "os_hidden", str(query.hidden).lower()
    visibility = _visibility(query)
    if visibility:
        yield "visibility", visibility
    if query.changes_since:
        yield "updated_at", f"gte:{query.changes_since}"
    yield from _narrowing(query)
    if query.sort:
        keys = [f"{key}:{direction}" for key, direction in query.sort]
        yield "sort", ",".join(keys)
    if query.marker:
        yield "marker", query.marker


def _narrowing(query: Query) -> Iterator[Param]:
    """The parameters that spare pages, where the service takes them: one for each attribute."""
    taken = dict(query.filters)
    for key, values in (("name", query.names), ("id", query.ids)):
        text = "".join(values)
        is_listable = len(text) <= LONGEST_WORDS and not set('"\\') & set(text)
        if len(values) == 1 and key not in taken:
            yield key, equal_to(values[0])
        elif values and is_listable and key not in taken:
            yield key, "in:" + ",".join(f'"{value}"' for value in values)
    if query.created_before:
        yield "created_at", f"lt:{query.created_before}"
    elif query.created_since:
        yield "created_at", f"gte:{query.created_since}"


def _visibility(query: Query) -> str:
    """The visibility to filter by, besides one among the filters, else ""."""
    if query.public:
        return "public"
    if query.all_projects and "visibility" not in dict(query.filters):
        return "all"
    return ""


def leaves_out_images(query: Query) -> bool:
    """Whether the query has a filter that the server does not have."""
    return query.of_others or query.public is False


def is_wanted(image: Image, query: Query, project: str | None) -> bool:
    """Whether the image passes the filters that the server does not have.

    v1's "not public" is three visibilities, and v2 filters by one. Our project's own images have no
    member_status, and the server lists them all the same.
    """
    if query.of_others and project and image.get("owner") == project:
        return False
    only_private = query.public is False
    return not only_private or image.get("visibility") != "public"


def equal_to(name: str) -> str:
    """A name as a filter's value: Glance takes the word before a colon for an operator."""
    if ":" in name:
        return f"eq:{name}"
    return name
