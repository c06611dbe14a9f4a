"""image-list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

from glancecli.api import find_id
from glancecli.cli.app import App
from glancecli.cli.cloud_options import named_cloud
from glancecli.cli.command import command, pass_app
from glancecli.cli.options import ListOptions, image_list_options
from glancecli.cli.parameters import into, option
from glancecli.cli.types import TRUE_FALSE, Count
from glancecli.commands.shared.names import keeping_names
from glancecli.commands.shared.results import OWNER, PROTECTED, SIX, list_images
from glancecli.commands.shared.selection import (
    Filters,
    Selection,
    filter_options,
    group_keys,
    names_argument,
    select,
)
from glancecli.errors import UsageError
from glancecli.image import SORT_KEYS, Image, Query, is_uuid
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


NEWEST_FIRST = (("created_at", "desc"),)
FEW = 50  # images; the service is asked for so many by their IDs


class Newest(NamedTuple):
    """How many of the newest images of each group to list, and by which keys groups are made."""

    latest: int | None
    per: tuple[str, ...]


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

newest_options = into(
    "newest",
    Newest,
    option(
        "--latest",
        type=Count("N", least=1),
        optional_value="1",
        metavar="[N]",
        help="Only the newest N of each group by created_at (default: 1), the newest first.",
    ),
    group_keys,
    title="Filters",
)


@command(
    "image-list",
    examples=[
        "image-list",
        "image-list --status active --sort size:desc --limit 10",
        "image-list 'debian-1?-*' --latest",
        "image-list --property-filter os_distro=debian -f json",
        "image-list --os-cloud eu,us --all-regions --latest",
        "image-list 'build-*' --older-than 90d -f id | xargs -r glance image-delete",
    ],
    only_reads=True,
)
@names_argument
@filter_options
@newest_options
@paging_options
@option(
    "--all-regions",
    is_flag=True,
    help="List the images of all regions, with a column Region.",
)
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
    names: Sequence[str],
    filters: Filters,
    newest: Newest,
    paging: Paging,
    all_regions: bool,
    long_: bool,
    include_stores: bool | None,
    listing: ListOptions,
) -> None:
    """List the images that you can access, sorted by name.

    NAME-OR-GLOB chooses by exact names, IDs or globs; an exact name wins before a glob. The service
    sorts, and filters where it can. -c picks columns, which may be any attribute or property.

    --os-cloud A,B lists several clouds, with a column Cloud. --limit and --latest count for each
    cloud or region. Exit code 1 if any of them could not be listed.
    """
    choose = partial(selection_of, names=names, filters=filters, newest=newest, paging=paging)
    columns = list(LONG if long_ else SIX)
    if include_stores:
        columns.append(STORES)
    if all_regions or "," in named_cloud(app.flags, app.environ):
        from glancecli.commands.shared.several_clouds import list_everywhere

        if paging.marker:
            raise UsageError("--marker cannot be used with several clouds or regions")
        list_everywhere(app, choose, columns, listing, all_regions=all_regions)
        return
    if app.console.verbose and not long_ and app.style.has_owner:
        columns.append(OWNER)
    with keeping_names(app, choose(app)) as images:
        if names and not any(filters):
            images = told_if_none(app, names, images)
        list_images(app, images, columns, listing)


def told_if_none(app: App, names: Sequence[str], images: Iterable[Image]) -> Iterator[Image]:
    """Yields the images; writes a note if there is none, and the names are exact, not IDs."""
    from shlex import quote

    from glancecli.commands.shared.matching import is_glob

    first = None
    for first in images:
        yield first
    if first is None and not any(is_glob(name) or is_uuid(name) for name in names):
        advice = f"names are exact here; a glob finds parts of them: {quote(f'*{names[0]}*')}"
        app.console.advise_on_result(lambda: advice)


def selection_of(
    app: App, names: Sequence[str], filters: Filters, newest: Newest, paging: Paging
) -> Selection:
    """Returns the images of one cloud or region that the command line selects."""
    selection = select(app, names, filters, order_of(app, paging, newest))
    if newest.latest:
        return keep_newest(app, selection, newest, paging)
    return selection


def order_of(app: App, paging: Paging, newest: Newest) -> Query:
    """Returns a query with this order, limit, marker and page size. Raises UsageError for options
    that exclude each other.
    """
    if newest.per and not newest.latest:
        raise UsageError("--per needs --latest")
    marker = paging.marker
    if marker and newest.latest:
        raise UsageError("--marker cannot be used with --latest")
    if marker:
        marker = find_id(app.images, marker)
    return Query(
        sort=sort_order(paging),
        limit=paging.limit,
        marker=marker,
        page_size=paging.page_size or None,
    )


def keep_newest(app: App, selection: Selection, newest: Newest, paging: Paging) -> Selection:
    """Returns the selection of the newest images of each group.

    The service lists the newest first, so that each image can be shown or left out when it arrives.
    Where another order is asked for, it lists twice: the second time only these images are shown.
    """
    from glancecli.commands.shared.families import FAMILY, Grouping

    grouping = Grouping(newest.per or (FAMILY,))
    asked = selection.query
    selection.query = asked._replace(sort=NEWEST_FIRST)
    selection.stages.append(partial(grouping.newest, number=newest.latest or 1))
    selection.at_end.append(lambda: grouping.report_unknown(app.console.warn))
    if not (paging.sort or paging.sort_keys or paging.sort_dirs):
        return selection
    selection.query = selection.query._replace(limit=None)
    ids = {image["id"] for image in selection.images(app.images)}
    sorted_selection = Selection(asked)
    if len(ids) <= FEW:
        sorted_selection.query = asked._replace(names=(), ids=tuple(sorted(ids)))
    sorted_selection.keep(lambda image: image["id"] in ids)
    return sorted_selection


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
            where = f"--sort {key}:{direction}" if paging.sort else f"--sort-dir {direction}"
            raise UsageError(f"{where}: the order is asc or desc, not '{direction}'")
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
