"""Which images of a list: the filters of image-list, which every command that works on a selection
takes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from glancecli.cli.app import App
from glancecli.cli.options import project_domain, split_at_commas
from glancecli.cli.parameters import argument, into, option
from glancecli.cli.types import (
    MOMENT,
    PROPERTY_CONDITION,
    TRUE_FALSE,
    Choice,
    PropertyFilter,
    Size,
    Time,
)
from glancecli.errors import GlanceError, UsageError
from glancecli.image import Image, Query, warn_of_unknown_values

if TYPE_CHECKING:
    from glancecli.api.interfaces import Images

Check = Callable[[Image], bool]  # whether an image is selected
Stage = Callable[[Iterator[Image]], Iterator[Image]]

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
    older_than: str | None  # ISO 8601 in UTC, by created_at
    newer_than: str | None
    created_before: str | None
    properties: tuple[PropertyFilter, ...]
    mine: bool
    used: bool
    unused: bool
    all_tenants: bool

    @property
    def created_until(self) -> str:
        """Before which time an image must have been created by all options, "" for any time."""
        return min(filter(None, (self.older_than, self.created_before)), default="")

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


# Words of the query that are no filters: a property of this name is compared here.
PAGING = ("limit", "marker", "sort", "sort_key", "sort_dir")

names_argument = argument(
    "names",
    nargs=-1,
    metavar="NAME-OR-GLOB",
    help="Names, IDs or globs of images, quoted ('debian-1?-*'); \\* is a star.",
)

group_keys = option(
    "--per",
    multiple=True,
    callback=split_at_commas,
    metavar="KEY,...",
    help="Group by these attributes or properties (default: name~, the name without dates and "
    "build numbers).",
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
        type=Choice(["accepted", "pending", "rejected", "all"], case_sensitive=False),
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
    option("--older-than", type=MOMENT, help="Images created longer ago than this: 30d, 2w, 12h."),
    option("--newer-than", type=MOMENT, help="Images created within this time: 30d, 2w, 12h."),
    option(
        "--created-before",
        type=MOMENT,
        metavar="DATE",
        help="Images created before this date or time (UTC), such as 2026-01-31.",
    ),
    option(
        "--property-filter",
        "properties",
        type=PROPERTY_CONDITION,
        multiple=True,
        help="Images whose property has this value, a glob; KEY: that have it; KEY!=GLOB: all "
        "others; repeatable, all must match.",
    ),
    option("--mine", is_flag=True, help="Images of this project."),
    option("--used", is_flag=True, help="Images that something uses, as image-used-by says."),
    option(
        "--unused",
        is_flag=True,
        help="Images that are known to be unused; stderr says how many are unknown.",
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
    r"""The images that names and filters select.

    The service filters by the query. The stages do what it cannot: each takes the images of the one
    before it while they arrive. at_end is called after the last image, for notes about all of them.

    A command takes names_argument and the family filter_options, and gets its images from one
    function::

        for image in select(app, names, filters).images(app.images): ...

    image-prune does so for the images that count, ``filters._replace(older_than=None)`` where a
    filter says who goes, and not who counts.
    """

    def __init__(self, query: Query) -> None:
        self.query = query
        self.stages: list[Stage] = []
        self.at_end: list[Callable[[], None]] = []

    def keep(self, check: Check) -> None:
        """Selects only images that pass the test."""
        self.stages.append(partial(filter, check))

    @property
    def is_of_all(self) -> bool:
        """Whether it leaves out no image that lists show."""
        return self.query.is_for_all and not self.stages

    def images(self, service: Images) -> Iterator[Image]:
        """Returns the selected images in constant memory; pages are requested as they are read, and
        no more of them once the limit of the query is reached.
        """
        if not self.stages or self.query.limit == 0:
            return service.list(self.query)
        return self._staged_images(service)

    def _staged_images(self, service: Images) -> Iterator[Image]:
        limit = self.query.limit
        found = service.list(self.query._replace(limit=None, ahead=limit is None))
        for stage in self.stages:
            found = stage(found)
        yield from islice(found, limit)
        for tell in self.at_end:
            tell()


def select(app: App, names: Sequence[str], filters: Filters, order: Query = ALL) -> Selection:
    """Returns the selection that names, IDs, globs and options stand for. order has the order, the
    limit, the marker and the page size.

    Whether a glob is the exact name of an image, the service is asked here. Raises UsageError for
    options that exclude each other, and GlanceError for --mine where the project is unknown.
    """
    warn_of_unknown_values(filters.known_words, app.console.warn, app.known_values)
    if filters.name and "*" in filters.name:
        app.console.note(f"--name takes an exact name; '{filters.name}' is a glob without --name")
    if filters.mine:
        if filters.owner:
            raise UsageError("--mine cannot be used with --owner")
        filters = filters._replace(
            owner=own_project(app, "--mine", "Give it with --owner PROJECT_ID.")
        )
    elif filters.owner:
        owner = app.projects.find_id(filters.owner, filters.project_domain)
        filters = filters._replace(owner=owner)
    selection = Selection(_query(filters, order))
    if names:
        _keep_named(selection, names, app.images)
    if filters.properties:
        _keep_with_properties(selection, filters.properties)
    _keep_created(selection, filters, app.console.detail)
    if filters.used or filters.unused:
        _keep_by_use(app, selection, filters)
    return selection


def own_project(app: App, wish: str, hint: str) -> str:
    """Returns the ID of the project that the login is for. Raises GlanceError with the hint, which
    names the wish that needs it, where it is unknown.
    """
    app.identity.token()
    project = app.identity.project_id
    if not project:
        raise GlanceError(f"{wish}: the project of this login is unknown", hint=hint)
    return project


def _keep_named(selection: Selection, words: Sequence[str], service: Images) -> None:
    from glancecli.commands.shared.matching import Names

    names = Names(words)
    query = selection.query
    if names.globs:
        visibility = [each for each in query.filters if each[0] == "visibility"]
        scope = Query(
            tuple(visibility),
            hidden=query.hidden,
            all_projects=query.all_projects,
            names=names.globs,
        )
        names.prefer_exact(service.list(scope))
    selection.query = names.narrowed(query)
    selection.keep(names.check())


def _keep_with_properties(selection: Selection, wanted: Sequence[PropertyFilter]) -> None:
    """Has the service filter by plain values, of which it takes one for each key."""
    from glancecli.commands.shared.matching import is_glob, property_check, unescaped

    query = selection.query
    for key, operator, value in wanted:
        taken = (*PAGING, *dict(query.filters))
        if operator == "=" and not is_glob(value) and key not in taken:
            query = query._replace(filters=(*query.filters, (key, unescaped(value))))
        else:
            selection.keep(property_check((key, operator, value)))
    selection.query = query


def _keep_created(selection: Selection, filters: Filters, detail: Callable[[str], None]) -> None:
    """Selects by created_at; detail takes what ages come to, a line each."""
    since = filters.newer_than or ""
    before = filters.created_until
    if since or before:
        from glancecli.commands.shared.matching import creation_check

        selection.query = selection.query._replace(created_since=since, created_before=before)
        selection.keep(creation_check(since, before))
    if since:
        detail(f"created since {since} (UTC)")
    if before:
        detail(f"created before {before} (UTC)")


def _keep_by_use(app: App, selection: Selection, filters: Filters) -> None:
    """Selects by what uses the images, as far as that is known."""
    from glancecli.api.uses import State
    from glancecli.commands.shared.users import UseCheck

    if filters.used and filters.unused:
        raise UsageError("--used cannot be used with --unused")
    wanted = State.UNUSED
    if filters.used:
        wanted = State.USED
    check = UseCheck(app, wanted)
    selection.keep(check)
    selection.at_end.append(check.report_unknown)


def _query(filters: Filters, order: Query) -> Query:
    """Returns what the service filters by in any case."""
    equal = {key: value for key, value in filters._asdict().items() if key in EQUAL and value}
    if filters.status:
        equal["status"] = filters.status.lower()
    if filters.member_status:
        # With another visibility Glance lists images without such a status as well.
        equal.setdefault("visibility", "shared")
    return order._replace(
        filters=tuple(equal.items()),
        tags=filters.tags,
        size_min=filters.size_min,
        size_max=filters.size_max,
        hidden=filters.hidden,
        public=filters.is_public,
        all_projects=filters.all_tenants,
        of_others=bool(filters.member_status),
        changes_since=filters.changes_since or "",
    )
