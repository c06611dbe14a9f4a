"""Families of options that several commands share, and the values that they become."""

from __future__ import annotations

from typing import NamedTuple

import click

from glancecli.cli.parameters import argument, into, option, together
from glancecli.cli.types import Count


class ListOptions(NamedTuple):
    """How a list is shown."""

    format: str = "table"
    columns: tuple[str, ...] = ()
    noindent: bool = False
    sort_column: str | None = None
    human_readable: bool = False


class ShowOptions(NamedTuple):
    """How one thing is shown."""

    format: str = "table"
    columns: tuple[str, ...] = ()
    noindent: bool = False
    max_column_width: int = 80
    human_readable: bool = False


def split_at_commas(
    ctx: click.Context, param: click.Parameter, values: tuple[str, ...]
) -> tuple[str, ...]:
    """Returns the names in the values of an option. Raises UsageError for an empty one."""
    names = [name.strip() for value in values for name in value.split(",")]
    if "" in names:
        raise click.BadParameter(f"'{','.join(values)}' has an empty name", ctx, param)
    return tuple(names)


image_argument = argument("image", metavar="IMAGE", help="Name or ID of the image.")
images_argument = argument(
    "images", metavar="IMAGE", nargs=-1, required=True, help="Names or IDs of the images."
)


human_readable = option("--human-readable", is_flag=True, help="Show sizes with units (14.2MB).")

_format_options = together(
    option(
        "-f",
        "--format",
        type=click.Choice(["table", "json", "yaml", "csv", "value"], case_sensitive=False),
        envvar="GLANCECLI_FORMAT",
        default="table",
        metavar="FORMAT",
        help="Output format: table, json, yaml, csv or value (GLANCECLI_FORMAT; default: table).",
    ),
    option(
        "-c",
        "--column",
        "columns",
        multiple=True,
        callback=split_at_commas,
        metavar="COLUMN,...",
        help="Show only these columns; repeatable.",
    ),
    option("--noindent", is_flag=True, help="Print JSON on one line."),
)
_list_options = together(
    _format_options,
    option("--sort-column", metavar="COLUMN", help="Sort the rows by this column."),
)
_show_options = together(
    _format_options,
    option(
        "--max-column-width",
        type=Count("WIDTH"),
        default=80,
        metavar="WIDTH",
        help="Wrap values at this width (default: 80; 0: never).",
    ),
)

# How a list, one thing, and one thing without long values are shown.
list_options = into("listing", ListOptions, _list_options)
show_options = into("show", ShowOptions, _show_options)
short_show_options = into("show", ShowOptions, _format_options)
# The same for images and files, whose sizes may be shown with units.
image_list_options = into("listing", ListOptions, human_readable, _list_options)
image_show_options = into("show", ShowOptions, human_readable, _show_options)

libvirt_type = option(
    "--libvirt-type",
    metavar="TYPE",
    envvar="GLANCECLI_LIBVIRT_TYPE",
    help="Check hw_* properties for this hypervisor: kvm, xen ... (GLANCECLI_LIBVIRT_TYPE).",
)
