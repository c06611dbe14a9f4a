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
    fit = fitted(_measured(grid, columns, rows), screen.width)
    if fit is None:
        blocks = [dict(zip(grid.titles, row, strict=True)) for row in rows]
        screen.show(properties_text(blocks, screen))
        return
    paint = Paint(colour=screen.colour)
    form = RowFormat(fit.columns, fit.widths, paint)
    lines = [form.header(), *map(form.row, rows)]
    if fit.left_out:
        note = _note_on(fit.left_out, screen, shows_one)
        lines += [paint.tone(line, Tone.FAINT) + "\n" for line in note]
    screen.show("".join(lines))


def _measured(
    grid: Grid, columns: Sequence[ListColumn], rows: Sequence[Sequence[str]]
) -> list[Column]:
    """Returns the columns with their cells."""
    cells: list[Sequence[str]] = [()] * len(columns)
    if rows:
        cells = list(zip(*rows, strict=True))
    numbers = range(len(columns))
    return list(map(Column, columns, numbers, cells, grid.widths))


def _note_on(left_out: Sequence[Column], screen: Screen, shows_one: str) -> list[str]:
    """Returns the lines that name the columns that are not shown, and what shows them."""
    titles = ", ".join(column.title for column in left_out)
    ways = ["--wide", "-c"]
    if shows_one:
        ways.append(shows_one)
    note = f"Not shown at {screen.width} columns: {titles} ({', '.join(ways)})"
    return wrap(note, screen.width).split("\n")


def show_properties(groups: Sequence[Texts], screen: Screen, limit: int) -> None:
    """Writes properties as properties_text has them, never through a pager."""
    screen._replace(has_pager=False).show(properties_text(groups, screen, limit))


def properties_text(groups: Sequence[Texts], screen: Screen, limit: int = 0) -> str:
    """Returns a line for each name and its value, and an empty one between the groups.

    Values are wrapped between words after limit columns (0: at the edge of the screen), and go on
    below their beginning. Longer words, such as hashes and URLs, are never broken.
    """
    widths = [text_width(name) for group in groups for name in group]
    margin = max([width for width in widths if width <= screen.width // 2], default=0)
    room = max(screen.width - margin - len(GAP), 1)
    width = min(limit or room, room)
    paint = Paint(colour=screen.colour)
    blocks = []
    for group in groups:
        lines: list[str] = []
        for name, value in group.items():
            lines += _property_lines(name, value, margin, width, paint)
        blocks.append("".join(line.rstrip(" ") + "\n" for line in lines))
    return "\n".join(blocks)


def _property_lines(name: str, value: str, margin: int, width: int, paint: Paint) -> list[str]:
    """Returns the lines of one property; below a name that is wider than the margin begins its
    value.
    """
    lines = wrap(value, width).split("\n")
    if name.lower() == "status":
        lines = list(map(paint.status, lines))
    if text_width(name) > margin:
        lines.insert(0, "")
    names = [paint.title(name) + " " * (margin - text_width(name))]
    names += [" " * margin] * (len(lines) - 1)
    return [f"{name}{GAP}{line}" for name, line in zip(names, lines, strict=True)]


def grouped(properties: dict[str, str]) -> list[dict[str, str]]:
    """Returns first what people look for first, then the rest, in natural order."""
    first = {name: properties[name] for name in FIRST if name in properties}
    others = sorted(properties.keys() - first.keys(), key=natural_order)
    rest = {name: properties[name] for name in others}
    return [group for group in (first, rest) if group]


def natural_order(name: str) -> list[str | tuple[int, str]]:
    """Returns a key that sorts prop_2 before prop_10; text and numbers take turns in it."""
    parts: list[str | tuple[int, str]] = []
    for place, part in enumerate(re.split("([0-9]+)", name)):
        if place % 2:
            digits = part.lstrip("0")  # as text: int() refuses numbers of thousands of digits
            parts.append((len(digits), digits))
        else:
            parts.append(part)
    return parts
