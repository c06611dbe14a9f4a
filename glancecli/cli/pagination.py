"""Options that choose rows of a list; a file of their own, as image-list needs none of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from glancecli.api.interfaces import Pagination
from glancecli.cli.parameters import into, option
from glancecli.cli.types import Count


def pagination_options(things: str, marker: str) -> Callable[[Any], Any]:
    """Returns the options that choose rows of a list of things; marker is the metavar of one."""
    return into(
        "pagination",
        Pagination,
        option(
            "--limit",
            "--max-items",
            type=Count("NUMBER"),
            help=f"Show at most this many {things} (default: all).",
        ),
        option("--marker", metavar=marker, default="", help=f"Start after this {marker}."),
        option(
            "--page-size",
            type=Count("NUMBER"),
            help=f"{things.capitalize()} per request (default: the service's).",
        ),
        title="Sorting and paging",
    )
