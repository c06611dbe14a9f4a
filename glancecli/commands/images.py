"""image-list, image-show, image-delete, image-meta."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import click

from glancecli.api import find, find_id
from glancecli.cli.app import App
from glancecli.cli.options import (
    family,
    human_readable,
    list_output_options,
    pass_app,
    show_output_options,
)
from glancecli.cli.program import argument, command, option
from glancecli.cli.types import KEY_VALUE, TRUE_FALSE, Count, Time
from glancecli.commands.shared.in_parallel import in_parallel, report_all
from glancecli.errors import NotFound, UsageError
from glancecli.image import Image, Query, is_uuid
from glancecli.output.columns import ListColumn
from glancecli.text import human_size

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

# Filters that go to the service under their own names, and whose value an image has to equal.
EQUAL = "name visibility owner member_status checksum os_hash_value status container_format disk_format".split()

filters = family(
    option("--name", metavar="NAME", help="Images with exactly this name."),
    option(
        "--status",
        metavar="STATUS",
        help="active, queued, saving, importing, deactivated, killed ...",
    ),
    option("--visibility", metavar="VISIBILITY", help="public, private, shared, community or all."),
    option("--is-public", type=TRUE_FALSE, help="True: public ones; False: all others."),
    option("--owner", metavar="PROJECT_ID", help="Images of this project."),
    option(
        "--member-status",
        type=click.Choice(["accepted", "pending", "rejected", "all"], case_sensitive=False),
        metavar="STATUS",
        help="Shared with us and accepted, pending, rejected or all.",
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
        optional_value="True",
        help="Hidden images instead of the others.",
    ),
    option(
        "--container-format", metavar="FORMAT", help="ami, ari, aki, bare, ovf, ova, docker ..."
    ),
    option(
        "--disk-format", metavar="FORMAT", help="ami, ari, aki, vhd, vmdk, raw, qcow2, vdi, iso ..."
    ),
    option("--size-min", type=Count("BYTES"), help="At least this many bytes."),
    option("--size-max", type=Count("BYTES"), help="At most this many bytes."),
    option(
        "--changes-since", type=Time(), help="Changed at or after this time (2026-01-31T00:00:00Z)."
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
        help="Every project's images (administrators).",
    ),
)

paging = family(
    option(
        "--sort", metavar="KEY[:DIR],...", help="Sort by these keys, each asc or desc (name:asc)."
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
        help="asc or desc for each --sort-key.",
    ),
    option("--limit", type=Count("NUMBER"), help="At most this many images."),
    option("--marker", metavar="IMAGE", default="", help="Begin after this image (name or ID)."),
    option("--page-size", type=Count("NUMBER"), help="Images asked for in one request (1000)."),
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
@filters
@paging
@option("--long", "long_", is_flag=True, help="More columns.")
@option(
    "--include-stores",
    type=TRUE_FALSE,
    optional_value="True",
    help="A column with the stores of each image.",
)
@human_readable
@list_output_options
@pass_app
def image_list(
    app: App, human_readable: bool, long_: bool, include_stores: bool | None, **given: Any
) -> None:
    """List the images that you can access, sorted by name.

    The service does the filtering and sorting; -c picks columns, any attribute or property among
    them.
    """
    columns = [*SIX, *(LONG if long_ else ()), *([OWNER] if app.verbose and not long_ else ())]
    if include_stores:
        columns.append(STORES)
    marker = given["marker"] and find_id(app.images, given["marker"])
    images: Iterable[Image] = app.images.list(_query(given, marker))
    if human_readable:
        images = _readable(images)
    app.list(images, columns)


def _readable(images: Iterable[Image]) -> Iterator[Image]:
    return ({**image, "size": human_size(image.get("size"))} for image in images)


def _query(given: Mapping[str, Any], marker: str) -> Query:
    """The options as one question to the service."""
    plain = {**{key: given[key] for key in EQUAL}, "status": (given["status"] or "").lower()}
    if plain["member_status"]:  # elsewhere Glance lists what has no such status beside what has
        plain["visibility"] = plain["visibility"] or "shared"
    return Query(
        filters=(*((key, value) for key, value in plain.items() if value), *given["properties"]),
        tags=given["tags"],
        size_min=given["size_min"],
        size_max=given["size_max"],
        hidden=given["hidden"],
        public=given["is_public"],
        everybody=given["all_tenants"],
        theirs=bool(given["member_status"]),
        changes_since=given["changes_since"] or "",
        sort=_sort(given["sort"], given["sort_keys"], given["sort_dirs"]),
        limit=given["limit"],
        marker=marker,
        page_size=given["page_size"] or None,
    )


def _sort(
    sort: str | None, keys: Sequence[str], ways: Sequence[str]
) -> tuple[tuple[str, str], ...]:
    """Sort keys with their directions, from either of the two ways of writing them."""
    if sort and (keys or ways):
        raise UsageError("--sort goes without --sort-key and --sort-dir")
    if sort:
        parts = [part.strip().partition(":") for part in sort.split(",")]
        keys, ways = [part[0] for part in parts], [part[2] or "asc" for part in parts]
    keys = keys or ["name"]
    if len(ways) < 2:
        ways = [*(ways or ["asc"])] * len(keys)
    if len(ways) != len(keys):
        raise UsageError("give --sort-dir once for all, or once for each --sort-key")
    for key, way in zip(keys, ways, strict=True):
        if not key:
            raise UsageError(f"--sort '{sort}' has a comma and no key beside it")
        if way not in ("asc", "desc"):
            raise UsageError(f"'{key}:{way}' is no sort order: a key, then asc or desc")
    return tuple(zip(keys, ways, strict=True))


@command(
    "image-show",
    examples=[
        "image-show cirros",
        "image-show cirros -f json",
        "image-show cirros -f value -c status",
    ],
)
@argument("image", metavar="IMAGE", help="Name or ID of the image.")
@human_readable
@option("--show-secrets", is_flag=True, help="Show the credentials inside location URLs.")
@show_output_options
@pass_app
def image_show(app: App, image: str, human_readable: bool, show_secrets: bool) -> None:
    """Show one image with its properties."""
    app.show(find(app.images, image), human=human_readable, secrets=show_secrets)


@command(
    "image-delete",
    examples=[
        "image-delete cirros",
        "image-delete ID1 ID2 ID3",
        "image-list --name debian-11 -f value -c ID | xargs glance image-delete",
    ],
)
@argument("images", metavar="IMAGE", nargs=-1, required=True, help="Names or IDs of the images.")
@option("--dry-run", is_flag=True, help="Show which images would be deleted, and delete none.")
@list_output_options
@pass_app
def image_delete(app: App, images: Sequence[str], dry_run: bool) -> None:
    """Delete images. Goes on after a failure; exit code 1 if any failed."""
    if dry_run:
        found: list[Image] = []
        errors = in_parallel(lambda ref: found.append(find(app.images, ref)), images)
        app.out.write_list(found, (*SIX, PROTECTED))
    else:
        errors = in_parallel(lambda ref: _delete(app, ref), images)
    report_all(app, errors)


def _delete(app: App, ref: str) -> None:
    """Delete one image; an ID is deleted unseen, and may still turn out to be a name."""
    try:
        app.images.delete(find_id(app.images, ref))
    except NotFound:
        named = app.images.named(ref) if is_uuid(ref) else []
        if len(named) != 1:
            raise
        app.images.delete(named[0]["id"])
    app.detail(f"image {ref} deleted")
