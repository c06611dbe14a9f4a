"""Results for people on a terminal: a line for each row of a list, or for each property."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from glancecli.image import BYTES
from glancecli.output.colours import Paint, Tone
from glancecli.output.columns import ListColumn, Row
from glancecli.output.fitting import GAP, Column, fitted
from glancecli.output.grid import Grid
from glancecli.output.row import RowFormat
from glancecli.output.screen import Screen
from glancecli.output.wrapping import wrap
from glancecli.text import human_size, text_width

# The properties that people look for first.
FIRST = ("name", "id", "status", "size", "visibility", "owner")

Texts = Mapping[str, str]  # values as texts, by name


def list_with_units(row: Row) -> Row:
    """Returns the row of a list with units behind its sizes; no size stays 0."""
    sizes = {key: human_size(row[key]) for key in BYTES if _is_size(row.get(key))}
    if not sizes:
        return row
    return {**row, **sizes}


def properties_with_units(properties: Row) -> Row:
    """Returns properties with the sizes that people read beside those in bytes."""
    sizes = {}
    for key in BYTES:
        size = properties.get(key)
        if _is_size(size):
            sizes[key] = f"{size} ({human_size(size)})"
    return {**properties, **sizes}


def _is_size(value: object) -> bool:
    return type(value) is int and value > 0


def show_grid(grid: Grid, screen: Screen) -> None:
    """Writes a list as it is in a pipe."""
    from io import StringIO

    text = StringIO()
    grid.write(text)
    screen.show(text.getvalue())


def show_list(
    grid: Grid, columns: Sequence[ListColumn], screen: Screen, shows_one: str = ""
) -> None:
    """Writes a list that fits the screen, with a line for each row.

    Columns that have a rank may be left out; a last line names them, and what shows them, such as
    the command shows_one. Where the others do not fit, each row is a block of lines, one for each
    column.
    """
    rows = list(grid.rows())
    cells = list(zip(*rows, strict=True)) or [()] * len(columns)
    measured = []
    for number, column in enumerate(columns):
        measured.append(Column(column, number, cells[number], grid.widths[number]))
    fit = fitted(measured, screen.width)
    if fit is None:
        blocks = [dict(zip(grid.titles, row, strict=True)) for row in rows]
        screen.show(properties_text(blocks, screen))
        return
    paint = Paint(colour=screen.colour)
    form = RowFormat(fit.columns, fit.widths, paint)
    text = form.header() + "".join(map(form.row, rows))
    if fit.left_out:
        titles = ", ".join(column.title for column in fit.left_out)
        ways = ", ".join(filter(None, ["--wide", "-c", shows_one]))
        note = f"Not shown at {screen.width} columns: {titles} ({ways})"
        for line in wrap(note, screen.width).split("\n"):
            text += paint.tone(line, Tone.FAINT) + "\n"
    screen.show(text)


def show_properties(groups: Sequence[Texts], screen: Screen, limit: int) -> None:
    """Writes properties as properties_text has them, never through a pager."""
    screen._replace(has_pager=False).show(properties_text(groups, screen, limit))


def properties_text(groups: Sequence[Texts], screen: Screen, limit: int = 0) -> str:
    """Returns a line for each name and its value, and an empty one between the groups.

    Values are wrapped between words after limit columns (0: at the edge of the screen), and go on
    below their beginning. Longer words, such as hashes and URLs, are never broken.
    """
    names = [name for group in groups for name in group]
    margin = max(map(text_width, names), default=0)
    room = max(screen.width - margin - len(GAP), 1)
    width = min(limit or room, room)
    paint = Paint(colour=screen.colour)
    blocks = []
    for group in groups:
        block = ""
        for name, value in group.items():
            first, *others = wrap(value, width).split("\n")
            if name.lower() == "status":
                first = paint.status(first)
            padding = " " * (margin - text_width(name))
            block += f"{paint.title(name)}{padding}{GAP}{first}".rstrip(" ") + "\n"
            for line in others:
                block += f"{'':{margin}}{GAP}{line}\n"
        blocks.append(block)
    return "\n".join(blocks)


def grouped(properties: dict[str, str]) -> list[dict[str, str]]:
    """Returns first what people look for first, then the rest, in natural order."""
    first = {name: properties[name] for name in FIRST if name in properties}
    others = sorted(properties.keys() - first.keys(), key=natural_order)
    rest = {name: properties[name] for name in others}
    return [group for group in (first, rest) if group]


def natural_order(name: str) -> list[str | int]:
    """Returns a key that sorts prop_2 before prop_10; text and numbers take turns in it."""
    parts: list[str | int] = list(re.split("([0-9]+)", name))
    parts[1::2] = [int(number) for number in parts[1::2]]
    return parts
