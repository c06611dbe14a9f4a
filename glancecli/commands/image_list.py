"""image-list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from glancecli.api import find_id
from glancecli.cli.app import App
from glancecli.cli.command import command, pass_app
from glancecli.cli.options import ListOptions, image_list_options
from glancecli.cli.parameters import into, option
from glancecli.cli.types import TRUE_FALSE, Count
from glancecli.commands.shared.results import OWNER, PROTECTED, SIX, list_images
from glancecli.commands.shared.selection import Filters, filter_options, select
from glancecli.errors import UsageError
from glancecli.image import SORT_KEYS, Query
from glancecli.output.columns import ListColumn
from glancecli.text import did_you_mean

STORES = ListColumn("stores", "Stores")
MORE = (
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
# Whoever asks for more columns gets them, however narrow the terminal is.
LONG = tuple(column._replace(rank=0) for column in (*SIX, *MORE))


class Paging(NamedTuple):
    """In which order to list images, how many, and after which one."""

    sort: str | None
    sort_keys: tuple[str, ...]
    sort_dirs: tuple[str, ...]
    limit: int | None
    marker: str
    page_size: int | None


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
        help="Sort by this key; repeatable (default: name).",
    ),
    option(
        "--sort-dir",
        "sort_dirs",
        multiple=True,
        metavar="DIR",
        help="asc or desc: once for all, or once for each --sort-key (default: asc).",
    ),
    option(
        "--limit",
        "--max-items",
        type=Count("NUMBER"),
        help="Show at most this many images (default: all).",
    ),
    option("--marker", metavar="IMAGE", default="", help="Start after this image (name or ID)."),
    option("--page-size", type=Count("NUMBER"), help="Images per request (default: 1000)."),
    title="Sorting and paging",
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
    help="Show a column with the stores of each image (default: False).",
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
        columns = list(LONG)
    elif app.console.verbose and not app.as_v1:  # v1's scripts take the last column for the status
        columns.append(OWNER)
    if include_stores:
        columns.append(STORES)
    images = select(app, (), filters, order_of(app, paging)).images(app.images)
    list_images(app, images, columns, listing)


def order_of(app: App, paging: Paging) -> Query:
    """Returns a query with this order, limit, marker and page size."""
    marker = paging.marker
    if marker:
        marker = find_id(app.images, marker)
    return Query(
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
