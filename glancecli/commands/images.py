"""image-list, image-show, image-delete."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import click

from glancecli.api import find, find_id
from glancecli.cli.app import App
from glancecli.cli.command import command, pass_app
from glancecli.cli.options import (
    ListOptions,
    ShowOptions,
    image_argument,
    image_list_options,
    image_show_options,
    images_argument,
    list_options,
)
from glancecli.cli.parameters import into, option
from glancecli.cli.types import KEY_VALUE, TRUE_FALSE, Count, Size, Time
from glancecli.commands.shared.in_parallel import in_parallel, report_all
from glancecli.commands.shared.results import list_images, show_image
from glancecli.errors import NotFound, UsageError
from glancecli.image import SORT_KEYS, Image, Query, is_uuid, warn_of_unknown_values
from glancecli.output.columns import ListColumn
from glancecli.text import did_you_mean

SIX = (
    ListColumn("id", "ID"),
    ListColumn("name", "Name"),
    ListColumn("disk_format", "Disk Format"),
    ListColumn("container_format", "Container Format"),
    ListColumn("size", "Size", zero=""),
    ListColumn("status", "Status"),
)
OWNER = ListColumn("owner", "Owner")
PROTECTED = ListColumn("protected", "Protected")
STORES = ListColumn("stores", "Stores")
LONG = (
    ListColumn("visibility", "Visibility"),
    PROTECTED,
    OWNER,
    ListColumn("checksum", "Checksum"),
    ListColumn("min_disk", "Min Disk"),
    ListColumn("min_ram", "Min RAM"),
    ListColumn("created_at", "Created"),
    ListColumn("updated_at", "Updated"),
    ListColumn("tags", "Tags"),
)


class Filters(NamedTuple):
    """Which images to list; None and empty: all."""

    name: str | None
    status: str | None
    visibility: str | None
    is_public: bool | None
    owner: str | None
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


class Paging(NamedTuple):
    """In which order to list images, how many, and after which one."""

    sort: str | None
    sort_keys: tuple[str, ...]
    sort_dirs: tuple[str, ...]
    limit: int | None
    marker: str
    page_size: int | None


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
        help="Images with this visibility: public, private, shared, community or all.",
    ),
    option("--is-public", type=TRUE_FALSE, help="True: public images. False: all others."),
    option("--owner", metavar="PROJECT_ID", help="Images of this project."),
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
        help="List hidden images instead of the others.",
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
)

paging_options = into(
    "paging",
    Paging,
    option(
        "--sort",
        metavar="KEY[:DIR],...",
        help="Sort by these keys, each asc or desc (default: name:asc).",
    ),
    option(
        "--sort-key",
        "sort_keys",
        multiple=True,
        metavar="KEY",
        help="Sort by this key; repeatable.",
    ),
    option(
        "--sort-dir",
        "sort_dirs",
        multiple=True,
        metavar="DIR",
        help="asc or desc: once for all, or once for each --sort-key.",
    ),
    option("--limit", "--max-items", type=Count("NUMBER"), help="Show at most this many images."),
    option("--marker", metavar="IMAGE", default="", help="Start after this image (name or ID)."),
    option("--page-size", type=Count("NUMBER"), help="Images per request (default: 1000)."),
)


@command(
    "image-list",
    examples=[
        "image-list",
        "image-list --status active --sort size:desc --limit 10",
        "image-list -f value -c ID --name cirros",
        "image-list --property-filter os_distro=debian -f json",
    ],
)
@filter_options
@paging_options
@option("--long", "long_", is_flag=True, help="Show more columns.")
@option(
    "--include-stores",
    type=TRUE_FALSE,
    help="Show a column with the stores of each image.",
)
@image_list_options
@pass_app
def image_list(
    app: App,
    filters: Filters,
    paging: Paging,
    long_: bool,
    include_stores: bool | None,
    listing: ListOptions,
) -> None:
    """List the images that you can access, sorted by name.

    The service filters and sorts. -c picks columns, which may be any attribute or property.
    """
    columns = list(SIX)
    if long_:
        columns += LONG
    elif app.console.verbose and not app.as_v1:  # v1's scripts take the last column for the status
        columns.append(OWNER)
    if include_stores:
        columns.append(STORES)
    marker = paging.marker
    if marker:
        marker = find_id(app.images, marker)
    warn_of_unknown_values(filters.known_words, app.console.warn)
    images = app.images.list(image_query(filters, paging, marker))
    list_images(app, images, columns, listing)


def image_query(filters: Filters, paging: Paging, marker: str) -> Query:
    """Returns the query that the options stand for."""
    equal = {key: value for key, value in filters._asdict().items() if key in EQUAL and value}
    if filters.status:
        equal["status"] = filters.status.lower()
    if filters.member_status:
        # With another visibility Glance lists images without such a status as well.
        equal.setdefault("visibility", "shared")
    return Query(
        filters=(*equal.items(), *filters.properties),
        tags=filters.tags,
        size_min=filters.size_min,
        size_max=filters.size_max,
        hidden=filters.hidden,
        public=filters.is_public,
        all_projects=filters.all_tenants,
        of_others=bool(filters.member_status),
        changes_since=filters.changes_since or "",
        sort=sort_order(paging),
        limit=paging.limit,
        marker=marker,
        page_size=paging.page_size or None,
    )


def sort_order(paging: Paging) -> tuple[tuple[str, str], ...]:
    """Returns sort keys with their directions. Raises UsageError for a wrong order."""
    if paging.sort:
        if paging.sort_keys or paging.sort_dirs:
            raise UsageError("--sort cannot be used with --sort-key or --sort-dir")
        order = _split_sort(paging.sort)
    else:
        order = _pair_directions(paging.sort_keys or ("name",), paging.sort_dirs or ("asc",))
    for key, direction in order:
        if key not in SORT_KEYS:
            raise UsageError(
                f"images cannot be sorted by '{key}'{did_you_mean(key, SORT_KEYS)}",
                hint=f"Use one of {', '.join(SORT_KEYS)}.",
            )
        if direction not in ("asc", "desc"):
            raise UsageError(f"'{key}:{direction}' is not a sort order: give KEY:asc or KEY:desc")
    return order


def _split_sort(text: str) -> tuple[tuple[str, str], ...]:
    """Returns the order that KEY:DIR,KEY stands for."""
    order = []
    for part in text.split(","):
        key, _, direction = part.strip().partition(":")
        if not key:
            raise UsageError(f"--sort '{text}' has an empty key")
        order.append((key, direction or "asc"))
    return tuple(order)


def _pair_directions(keys: Sequence[str], directions: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Returns each key with its direction; a single direction is for all keys."""
    if len(directions) == 1:
        directions = [directions[0]] * len(keys)
    if len(directions) != len(keys):
        raise UsageError("give --sort-dir once for all keys, or once for each --sort-key")
    return tuple(zip(keys, directions, strict=True))


@command(
    "image-show",
    examples=[
        "image-show cirros",
        "image-show cirros -f json",
        "image-show cirros -f value -c status",
    ],
)
@image_argument
@option("--show-secrets", is_flag=True, help="Show the credentials in location URLs.")
@image_show_options
@pass_app
def image_show(app: App, image: str, show_secrets: bool, show: ShowOptions) -> None:
    """Show one image with its properties."""
    show_image(app, find(app.images, image), show, secrets=show_secrets)


@command(
    "image-delete",
    examples=[
        "image-delete cirros",
        "image-delete ID1 ID2 ID3",
        "image-list --name debian-11 -f value -c ID | xargs glance image-delete",
    ],
    may_print_nothing=True,
)
@images_argument
@option("--dry-run", is_flag=True, help="Show the images that would be deleted; delete none.")
@list_options
@pass_app
def image_delete(app: App, images: Sequence[str], dry_run: bool, listing: ListOptions) -> None:
    """Delete images. Continues after a failure; exit code 1 if any failed."""
    if dry_run:
        app.console.check_stdout()
        found: list[Image] = []
        failures = in_parallel(lambda image: found.append(find(app.images, image)), images)
        list_images(app, found, (*SIX, PROTECTED), listing)
    else:
        failures = in_parallel(lambda image: _delete(app, image), images)
    report_all(app, failures)


def _delete(app: App, image: str) -> None:
    """Deletes one image. An ID is not looked up first; it may turn out to be a name."""
    try:
        app.images.delete(find_id(app.images, image))
    except NotFound:
        named: list[Image] = []
        if is_uuid(image):
            named = app.images.named(image)
        if len(named) != 1:
            raise
        app.images.delete(named[0]["id"])
    app.console.detail(f"image {image} deleted")
