"""Which images of a list: the filters of image-list, which every command that works on a selection
takes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

import click

from glancecli.cli.app import App
from glancecli.cli.options import project_domain
from glancecli.cli.parameters import into, option
from glancecli.cli.types import KEY_VALUE, TRUE_FALSE, Size, Time
from glancecli.image import Image, Query, warn_of_unknown_values

if TYPE_CHECKING:
    from glancecli.api.interfaces import Images

Check = Callable[[Image], bool]  # whether an image is selected

ALL = Query()


class Filters(NamedTuple):
    """Which images to list; None and empty: all."""

    name: str | None
    status: str | None
    visibility: str | None
    is_public: bool | None
    owner: str | None
    project_domain: str
    member_status: str | None
    tags: tuple[str, ...]
    checksum: str | None
    os_hash_value: str | None
    hidden: bool | None
    container_format: str | None
    disk_format: str | None
    size_min: int | None  # bytes
    size_max: int | None
    changes_since: str | None
    properties: tuple[tuple[str, str], ...]
    all_tenants: bool

    @property
    def known_words(self) -> dict[str, str | None]:
        """The filters whose values are words that the service knows; "all" is not a value."""
        visibility = self.visibility
        if visibility == "all":
            visibility = None
        return {**self._asdict(), "visibility": visibility}


# Filters that the service knows by these names: an image must have exactly this value.
EQUAL = (
    "name",
    "visibility",
    "owner",
    "member_status",
    "checksum",
    "os_hash_value",
    "status",
    "container_format",
    "disk_format",
)


filter_options = into(
    "filters",
    Filters,
    option("--name", metavar="NAME", help="Images with exactly this name."),
    option(
        "--status",
        metavar="STATUS",
        help="Images with this status: active, queued, saving, importing, deactivated, killed ...",
    ),
    option(
        "--visibility",
        metavar="VISIBILITY",
        help="Images with this visibility: public, private, shared, community or all "
        "(default: every image that you can access).",
    ),
    option("--is-public", type=TRUE_FALSE, help="True: public images. False: all others."),
    option("--owner", metavar="PROJECT", help="Images of this project (name or ID)."),
    project_domain,
    option(
        "--member-status",
        type=click.Choice(["accepted", "pending", "rejected", "all"], case_sensitive=False),
        metavar="STATUS",
        help="Images shared with us that are accepted, pending, rejected, or all.",
    ),
    option(
        "--tag",
        "tags",
        multiple=True,
        metavar="TAG",
        help="Images with this tag; repeatable, all must match.",
    ),
    option("--checksum", metavar="MD5", help="Images with this MD5 checksum."),
    option(
        "--hash", "os_hash_value", metavar="HASH", help="Images with this hash (os_hash_value)."
    ),
    option(
        "--hidden",
        type=TRUE_FALSE,
        help="List hidden images instead of the others (default: False).",
    ),
    option(
        "--container-format",
        metavar="FORMAT",
        help="Images with this container format: ami, ari, aki, bare, ovf, ova, docker ...",
    ),
    option(
        "--disk-format",
        metavar="FORMAT",
        help="Images with this disk format: ami, ari, aki, vhd, vmdk, raw, qcow2, vdi, iso ...",
    ),
    option("--size-min", type=Size("BYTES"), help="Images of at least this size (bytes, or 1GiB)."),
    option("--size-max", type=Size("BYTES"), help="Images of at most this size (bytes, or 1GiB)."),
    option(
        "--changes-since",
        type=Time(),
        help="Images changed at or after this time, such as 2026-01-31T00:00:00Z.",
    ),
    option(
        "--property-filter",
        "properties",
        type=KEY_VALUE,
        multiple=True,
        help="Images whose property has this value; repeatable.",
    ),
    option(
        "--all-tenants",
        "--all-projects",
        is_flag=True,
        help="Images of all projects (administrators).",
    ),
    title="Filters",
)


class Selection:
    """The images that the filters select.

    The service filters by the query. What it cannot filter by are checks, which see each image when
    it arrives; an image must pass all of them. at_end is called after the last image, for notes
    about all that were seen.

    A command takes the family filter_options, and gets its images from one function::

        for image in select(app, names, filters).images(app.images): ...

    image-prune does so for the images that count, ``filters._replace(older_than=None)`` where a
    filter says who goes, and not who counts. A filter that asks other services (--used, --unused)
    is an option in filter_options, a field of Filters, and in select() a check that is made there
    once, with a note in at_end about what it could not know.
    """

    def __init__(self, query: Query) -> None:
        self.query = query
        self.checks: list[Check] = []
        self.at_end: list[Callable[[], None]] = []

    def images(self, service: Images) -> Iterator[Image]:
        """Returns the selected images in constant memory; pages are requested as they are read, and
        no more of them once the limit of the query is reached.
        """
        if not self.checks or self.query.limit == 0:
            return service.list(self.query)
        return self._checked_images(service)

    def _checked_images(self, service: Images) -> Iterator[Image]:
        limit = self.query.limit
        found = service.list(self.query._replace(limit=None, ahead=limit is None))
        for check in self.checks:
            found = filter(check, found)
        yield from islice(found, limit)
        for tell in self.at_end:
            tell()


def select(app: App, names: Sequence[str], filters: Filters, order: Query = ALL) -> Selection:
    """Returns the selection that names, IDs, globs and options stand for. order has the order, the
    limit, the marker and the page size.
    """
    if filters.owner:
        owner = app.projects.find_id(filters.owner, filters.project_domain)
        filters = filters._replace(owner=owner)
    warn_of_unknown_values(filters.known_words, app.console.warn, app.known_values)
    return Selection(_query(filters, order))


def _query(filters: Filters, order: Query) -> Query:
    """Returns what the service can filter by."""
    equal = {key: value for key, value in filters._asdict().items() if key in EQUAL and value}
    if filters.status:
        equal["status"] = filters.status.lower()
    if filters.member_status:
        # With another visibility Glance lists images without such a status as well.
        equal.setdefault("visibility", "shared")
    return order._replace(
        filters=(*equal.items(), *filters.properties),
        tags=filters.tags,
        size_min=filters.size_min,
        size_max=filters.size_max,
        hidden=filters.hidden,
        public=filters.is_public,
        all_projects=filters.all_tenants,
        of_others=bool(filters.member_status),
        changes_since=filters.changes_since or "",
    )
