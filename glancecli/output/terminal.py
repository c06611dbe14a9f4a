"""Tables for people on a terminal: arranged to fit its width, with the status in colour."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple, TextIO

from glancecli.output.colours import Paint
from glancecli.output.fitting import Column, fitting_table
from glancecli.output.grid import Grid
from glancecli.output.layout import Cell, CellStyle, Label, Layout
from glancecli.text import text_width

# Rows in one write; stdout on a terminal is flushed after each write.
ROWS_AT_ONCE = 500

TITLES = ("Property", "Value")


class Screen(NamedTuple):
    """The terminal that a table is written to; width is in columns."""

    out: TextIO
    width: int
    colour: bool


def draw_list(grid: Grid, styles: Sequence[CellStyle], screen: Screen) -> None:
    """Writes a list that fits the screen. IDs, hashes, URLs and numbers are never broken.

    The first of these that fits is used: a table with one line for each row, its titles broken
    between words, its text wrapped and its names cut if need be; a table with two lines for each
    row; a table of properties for each row.
    """
    columns = [Column(grid, number, style) for number, style in enumerate(styles)]
    layout = fitting_table(columns, screen.width)
    if layout is None:
        unbroken = [style._replace(break_after="") for style in styles]
        draw_properties(grid, unbroken, screen)
        return
    paint = Paint(colour=screen.colour)
    header = layout.header(grid.titles, paint)
    rows = layout.rows(grid, paint)
    has_two_lines = len(layout.lines) > 1
    _write(screen.out, layout.rule(), header, rows, rule_between_rows=has_two_lines)


def draw_properties(
    grid: Grid,
    styles: Sequence[CellStyle],
    screen: Screen,
    *,
    titles: tuple[str, str] = TITLES,
    limit: int = 0,
) -> None:
    """Writes each row as a table of two columns: the titles of the grid, and the cells.

    Cells are wrapped after limit columns (0: at the edge of the screen). A word that is longer
    crosses the edge unbroken, so that it can be copied.
    """
    columns = [Column(grid, number, style) for number, style in enumerate(styles)]
    name_title, value_title = titles
    name_width = max(map(text_width, [name_title, *grid.titles]))
    beside_value = name_width + len("|  |  |")
    room = max(screen.width - beside_value, text_width(value_title))
    if not limit or limit > room:
        limit = room
    widest = _widest_value(columns, value_title, limit)
    value_width = min(widest, room)
    limit = min(limit, value_width)

    lines = []
    for column in columns:
        name = Label(name_width, column.title)
        value = Cell(value_width, column.number, limit, column.style)
        lines.append((name, value))
    paint = Paint(colour=screen.colour)
    title_line = (Label(name_width, name_title), Label(value_width, value_title))
    title_layout = Layout([title_line])
    header = title_layout.header([], paint)
    rows = Layout(lines).rows(grid, paint)
    _write(screen.out, title_layout.rule(), header, rows, rule_between_rows=True)


def _widest_value(columns: Sequence[Column], title: str, limit: int) -> int:
    """Returns the width of the title, or of the widest cell after wrapping if that is more."""
    widest = text_width(title)
    for column in columns:
        width = column.width
        if not column.style.may_be_cut:
            width = column.wrapped_width(limit)
        widest = max(widest, width)
    return widest


def _write(
    out: TextIO, rule: str, header: str, rows: Iterator[str], *, rule_between_rows: bool
) -> None:
    """Writes header and rows with their rules."""
    out.write(rule + header + rule)
    between = rule if rule_between_rows else ""
    lead = ""
    while some := list(islice(rows, ROWS_AT_ONCE)):
        out.write(lead + between.join(some))
        lead = between
    out.write(rule)
