"""Families of options that several commands share, and the values that they become."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

import click

from glancecli.cli.parameters import argument, into, option, together
from glancecli.cli.types import Choice, Count


class ListOptions(NamedTuple):
    """How a list is shown."""

    format: str = "table"
    columns: tuple[str, ...] = ()
    noindent: bool = False
    sort_column: str | None = None
    wide: bool = False
    human_readable: bool = False


class ShowOptions(NamedTuple):
    """How one thing is shown."""

    format: str = "table"
    columns: tuple[str, ...] = ()
    noindent: bool = False
    max_column_width: int = 80
    human_readable: bool = False
    prefix: str = ""


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


def check_prefix(ctx: click.Context, param: click.Parameter, prefix: str) -> str:
    """Returns the prefix of shell variables. Raises UsageError for what cannot begin a name."""
    if prefix and not re.fullmatch(r"[A-Za-z_]\w*", prefix, re.ASCII):
        raise click.BadParameter(f"'{prefix}' cannot begin the name of a variable", ctx, param)
    return prefix


class Format(Choice):
    """One of several output formats."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Returns the format. Says how IDs are printed where there is no format id."""
        if str(value).lower() == "id" and "id" not in self.choices:
            self.fail("'id' is for lists of images; use -f value -c id", param, ctx)
        return super().convert(value, param, ctx)


def _format_option(*formats: str) -> Callable[[Any], Any]:
    """Returns the option that chooses one of these formats."""
    return option(
        "-f",
        "--format",
        type=Format(formats, case_sensitive=False),
        envvar="GLANCECLI_FORMAT",
        default="table",
        metavar="FORMAT",
        help=f"Output format: {', '.join(formats[:-1])} or {formats[-1]} (GLANCECLI_FORMAT; "
        "default: table).",
    )


_column_options = together(
    option(
        "-c",
        "--column",
        "columns",
        multiple=True,
        callback=split_at_commas,
        metavar="COLUMN,...",
        help="Show only these columns; repeatable (default: all of the table).",
    ),
    option("--noindent", is_flag=True, help="Print JSON on one line."),
)
_rows_options = together(
    option(
        "--sort-column",
        metavar="COLUMN",
        help="Sort the rows by this column (default: the service's order).",
    ),
    option("--wide", is_flag=True, help="Show the whole table on a terminal, as in a pipe."),
)
_list_options = together(
    _format_option("table", "json", "yaml", "csv", "value"), _column_options, _rows_options
)
# The same for things whose IDs are given to other commands.
_id_list_options = together(
    _format_option("table", "json", "yaml", "csv", "value", "id"), _column_options, _rows_options
)
_short_show_options = together(
    _format_option("table", "json", "yaml", "csv", "value", "shell"),
    _column_options,
)
_prefix = option(
    "--prefix",
    metavar="PREFIX",
    default="",
    callback=check_prefix,
    help="Beginning of the variables' names with -f shell (default: none).",
)
_width = option(
    "--max-column-width",
    type=Count("WIDTH"),
    default=80,
    metavar="WIDTH",
    help="Wrap values at this width (default: 80; 0: never).",
)

# How a list, one thing, and one thing without long values are shown.
list_options = into("listing", ListOptions, _list_options, title="Output")
show_options = into("show", ShowOptions, _short_show_options, _prefix, _width, title="Output")
short_show_options = into("show", ShowOptions, _short_show_options, _prefix, title="Output")
# For a command that has another option --prefix.
show_options_without_prefix = into("show", ShowOptions, _short_show_options, _width, title="Output")
id_list_options = into("listing", ListOptions, _id_list_options, title="Output")
# The same for images and files, whose sizes may be shown with units.
image_list_options = into("listing", ListOptions, human_readable, _id_list_options, title="Output")
file_list_options = into("listing", ListOptions, human_readable, _list_options, title="Output")
image_show_options = into(
    "show", ShowOptions, human_readable, _short_show_options, _prefix, _width, title="Output"
)

project_domain = option(
    "--project-domain",
    metavar="DOMAIN",
    default="",
    help="Domain of the project that is named (name or ID; default: any).",
)

libvirt_type = option(
    "--libvirt-type",
    metavar="TYPE",
    envvar="GLANCECLI_LIBVIRT_TYPE",
    help="Check hw_* properties for this hypervisor: kvm, xen ... (GLANCECLI_LIBVIRT_TYPE; "
    "default: any).",
)
