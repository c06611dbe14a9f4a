"""Families of options that several commands share, and the values that they become."""

from __future__ import annotations

from typing import NamedTuple

import click

from glancecli.cli.parameters import into, option, together
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


class TransferOptions(NamedTuple):
    """How image data is moved."""

    progress: bool | None  # None: on a terminal
    retries: int
    stall_timeout: int | None  # seconds
    no_verify: bool


class DataOptions(NamedTuple):
    """Which data comes with a command, and what is allowed of it."""

    file: str | None
    allow_empty: bool
    force: bool
    allow_unsafe: bool
    hash_algo: str | None = None
    wait: bool = False


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
        metavar="COLUMN",
        help="Show only this column; repeatable.",
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

transfer_options = into(
    "transfer",
    TransferOptions,
    option(
        "--progress/--no-progress",
        default=None,
        help="Show progress on stderr (default: on a terminal).",
    ),
    option(
        "--retries", type=Count("NUMBER"), default=3, help="Retries after a failure (default: 3)."
    ),
    option(
        "--stall-timeout",
        type=Count("SECONDS"),
        help="Abort after this many seconds without data (default: --timeout, else 30).",
    ),
    option("--no-verify", is_flag=True, help="Skip the final hash check (prints a warning)."),
)

_file_options = together(
    option(
        "--file",
        metavar="FILE",
        help="File with the image data (default: standard input, if data comes in there).",
    ),
    option("--allow-empty", is_flag=True, help="Accept an empty file."),
    option("--force", is_flag=True, help="Accept a file whose format differs from --disk-format."),
    option(
        "--allow-unsafe",
        is_flag=True,
        help="Accept a file that refers to other files (such as a backing file).",
    ),
)
file_options = into("data", DataOptions, _file_options)
data_options = into(
    "data",
    DataOptions,
    _file_options,
    option(
        "--hash-algo",
        metavar="NAME",
        help="Hash algorithm of the service (default: sha512); matters for data from a pipe.",
    ),
    option(
        "--wait",
        is_flag=True,
        help="Wait until the image is active (at most --timeout, else 600 seconds).",
    ),
)

keep = option("--keep", is_flag=True, help="Keep the new image if its data cannot be sent.")

libvirt_type = option(
    "--libvirt-type",
    metavar="TYPE",
    envvar="GLANCECLI_LIBVIRT_TYPE",
    help="Check hw_* properties for this hypervisor: kvm, xen ... (GLANCECLI_LIBVIRT_TYPE).",
)
