"""Options that several commands share, as decorators, and the types of their values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from glancecli.cli.app import App
from glancecli.cli.program import option
from glancecli.cli.types import Count

F = TypeVar("F", bound=Callable[..., Any])


def pass_app(function: Callable[..., Any]) -> Callable[..., Any]:
    """The command gets the App as its first argument."""
    return click.make_pass_decorator(App)(function)


def family(*decorators: Callable[[Any], Any]) -> Callable[[F], F]:
    """Several options as one decorator, in the order in which help shows them."""

    def decorate(function: F) -> F:
        for decorator in reversed(decorators):
            function = decorator(function)
        return function

    return decorate


def _output(*names: str, **more: Any) -> Callable[[F], F]:
    """An option whose value goes to the App's output and not to the command."""

    def keep(ctx: click.Context, param: click.Parameter, value: Any) -> None:
        app = ctx.find_object(App)
        if app is not None and value is not None and param.name:
            app.output[param.name] = value

    return option(*names, expose_value=False, callback=keep, **more)


output_options = family(
    _output(
        "-f",
        "--format",
        type=click.Choice(["table", "json", "yaml", "csv", "value"], case_sensitive=False),
        envvar="GLANCECLI_FORMAT",
        metavar="FORMAT",
        help="table, json, yaml, csv or value (GLANCECLI_FORMAT).",
    ),
    _output(
        "-c",
        "--column",
        "columns",
        multiple=True,
        metavar="COLUMN",
        help="Only this column; repeatable.",
    ),
    _output("--noindent", is_flag=True, help="JSON on one line."),
)

list_output_options = family(
    output_options,
    _output("--sort-column", metavar="COLUMN", help="Sort what is shown by this column."),
)

show_output_options = family(
    output_options,
    _output(
        "--max-column-width",
        type=Count("WIDTH"),
        metavar="WIDTH",
        help="Wrap values at this width (80); 0 wraps nothing.",
    ),
)

transfer_options = family(
    option(
        "--progress/--no-progress",
        default=None,
        help="Show progress on stderr; by default on a terminal.",
    ),
    option("--retries", type=Count("NUMBER"), default=3, help="Attempts after the first one (3)."),
    option(
        "--stall-timeout",
        type=Count("SECONDS"),
        help="Give up when nothing moves for so long (--timeout, else 30).",
    ),
    option("--no-verify", is_flag=True, help="Do not compare the hash in the end; warns."),
)

hash_algo = option(
    "--hash-algo",
    metavar="NAME",
    help="How the service hashes, where it is not SHA-512; matters for pipes.",
)

keep = option("--keep", is_flag=True, help="Keep the new record when its data cannot be sent.")

file_options = family(
    option(
        "--file",
        metavar="FILE",
        help="File with the data; left out: standard input, when data comes in there.",
    ),
    option("--allow-empty", is_flag=True, help="Take an empty file."),
    option("--force", is_flag=True, help="Take a file that is not what --disk-format says."),
    option(
        "--allow-unsafe",
        is_flag=True,
        help="Take a file that names other files (backing file and the like).",
    ),
)

data_options = family(
    file_options,
    hash_algo,
    transfer_options,
    option("--wait", is_flag=True, help="Wait until the image is active (--timeout; 600 seconds)."),
)

libvirt_type = option(
    "--libvirt-type",
    metavar="TYPE",
    envvar="GLANCECLI_LIBVIRT_TYPE",
    help="Check hw_* properties for it (kvm, xen ...).",
)

human_readable = option("--human-readable", is_flag=True, help="Show sizes with units (14.2MB).")
