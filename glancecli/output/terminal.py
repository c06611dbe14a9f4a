"""The table on a terminal: arranged so that it fits, and coloured by status.

The boxes are ours, as rich cuts whatever is wider than its cell; rich knows the terminal's colours.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, partial
from io import StringIO
from itertools import islice, zip_longest
from operator import le
from typing import NamedTuple, TextIO

from glancecli.output.grid import BETWEEN, Grid, wrap
from glancecli.text import text_width

# What a column keeps, at the least, of names that would have to be cut and of text that would have
# to be folded (no word of it is). Narrower columns are harder to read than a row of two lines.
NAME, TEXT = 32, 16
ELLIPSIS = "..."

# Longer lists have no colour: importing rich takes as long as drawing some thousands of rows.
LONG = 200

# Of 256 colours, those with a contrast of about 4 or more to black and to white; of 16, those that
# are far from both in most palettes (yellow vanishes on white, blue on black).
GOOD, BUSY, BAD, GONE = range(4)
MANY = ("color(28)", "color(130)", "color(160)", "color(243)")
FEW = ("green", "magenta", "red", "dim")
KINDS = {
    "active": GOOD,
    "accepted": GOOD,
    "success": GOOD,
    "queued": BUSY,
    "saving": BUSY,
    "uploading": BUSY,
    "importing": BUSY,
    "pending": BUSY,
    "processing": BUSY,
    "killed": BAD,
    "error": BAD,
    "failure": BAD,
    "rejected": BAD,
    "deactivated": GONE,
    "deleted": GONE,
    "pending_delete": GONE,
}

Pen = Callable[[int, str], str]


class Hints(NamedTuple):
    """What there is to know of the columns of a list, by their numbers.

    status: the one that is coloured (-1: none). names: those whose cells may be cut. Other cells
    are folded at blanks, and behind the mark in breaks.
    """

    status: int = -1
    names: frozenset[int] = frozenset()
    breaks: Mapping[int, str] = {}


class Layout(NamedTuple):
    """How a row stands on the screen: which cell in which line and column, how wide, and folded by
    what.
    """

    lines: list[list[int]]
    widths: list[int]
    limits: list[int]
    folds: Sequence[Callable[[str], str]]
    padding: int = 1

    def rule(self) -> str:
        """The line between header and rows."""
        return "+" + "".join("-" * (width + 2 * self.padding) + "+" for width in self.widths) + "\n"

    def row(self, cells: Sequence[str], pen: Pen) -> str:
        """A row as it stands; a cell that is wider than its column sticks out. pen colours a padded
        cell.
        """
        drawn = []
        for line in self.lines:
            folded = [self.folds[cell](cells[cell]).split("\n") for cell in line]
            for parts in zip_longest(*folded, fillvalue=""):
                padded = (
                    pen(cell, part + " " * (width - text_width(part)))
                    for cell, part, width in zip(line, parts, self.widths, strict=True)
                )
                drawn.append(self._line(padded))
        return "".join(drawn)

    def rows(self, grid: Grid, more: list[str], status: int, pen: Pen) -> Iterator[str]:
        """The grid's rows, each with more cells behind its own; pen colours the status (-1: none).

        Most rows are ASCII and fit, and go through a template, as there may be 10,000 of them.
        """
        count = len(grid.titles)
        order = [cell for line in self.lines for cell in line if cell < count]
        template = self._template(count, more)
        for packed in grid.packed:
            own = packed.split(BETWEEN)
            cells = own
            if not all(map(le, map(len, own), self.limits)):
                cells = [fold(cell) for fold, cell in zip(self.folds, own, strict=False)]
            if packed.isascii() and (cells is own or self._fit(cells)):
                if status >= 0:
                    cells[status] = pen(status, cells[status].ljust(self.limits[status]))
                yield template % tuple([cells[cell] for cell in order])
            else:
                yield self.row([*own, *more], pen)

    def _template(self, count: int, more: list[str]) -> str:
        """A row with places for its own cells; the others stand there already."""

        def place(cell: int, width: int) -> str:
            if cell < count:
                return f"%-{width}s"
            text = more[cell - count]
            return (text + " " * (width - text_width(text))).replace("%", "%%")

        return "".join(self._line(map(place, line, self.widths)) for line in self.lines)

    def _fit(self, cells: list[str]) -> bool:
        return all(
            len(cell) <= room and "\n" not in cell
            for cell, room in zip(cells, self.limits, strict=False)
        )

    def _line(self, cells: Iterable[str]) -> str:
        gap = " " * self.padding
        return "|" + "|".join([f"{gap}{cell}{gap}" for cell in cells]) + "|\n"


def draw_list(grid: Grid, out: TextIO, *, width: int, colour: bool, hints: Hints) -> None:
    """Write rows so that they can be read within the width; IDs, hashes, URLs and numbers stay
    whole.

    The first of these that fits: the table, its titles broken between words, texts folded and names
    cut if need be; the same with two lines for each row; a record for each row.
    """
    layout = next(_tables(grid, width, hints), None)
    if layout is None:
        draw_records(grid, out, width=width, colour=colour, hints=hints)
        return
    bold, mark = _pens(colour, hints.status)
    header = layout.row([*grid.titles, ""], bold)
    more = [""] * (len(layout.limits) - len(grid.titles))
    rows = layout.rows(grid, more, hints.status, mark)
    _write(out, layout, header, rows, apart=len(layout.lines) > 1)


def draw_records(
    grid: Grid,
    out: TextIO,
    *,
    width: int,
    colour: bool,
    hints: Hints,
    titles: tuple[str, str] = ("Property", "Value"),
    limit: int = 0,
) -> None:
    """Write each row as a table of its titles and cells.

    Cells break at blanks after limit columns (0: at the edge). What has no blank goes on over the
    edge: so it can be copied whole.
    """
    count = len(grid.titles)
    left = max(map(text_width, (titles[0], *grid.titles)))
    room = max(width - left - len("|  |  |"), text_width(titles[1]))
    limit = min(limit or room, room)
    wanted = [
        most if most <= limit or cell in hints.names else max(limit, _longest(grid, cell))
        for cell, most in enumerate(grid.widths)
    ]
    widths = [left, min(room, max((text_width(titles[1]), *wanted)))]
    folds = [partial(cut if cell in hints.names else wrap, width=limit) for cell in range(count)]
    layout = Layout(
        [[count + cell, cell] for cell in range(count)],
        widths,
        [min(limit, widths[1])] * count + [left] * count,
        [*folds, *[str] * count],
    )
    bold, mark = _pens(colour, hints.status)
    header = layout._replace(lines=[[0, 1]], folds=[str, str]).row(titles, bold)
    rows = layout.rows(grid, grid.titles, hints.status, mark)
    _write(out, layout, header, rows, apart=True)


def cut(text: str, width: int) -> str:
    """The text, its end replaced by an ellipsis when it is wider."""
    if text_width(text) <= width:
        return text
    room = width - len(ELLIPSIS)
    if text.isascii():
        return text[:room] + ELLIPSIS
    return (
        text[: bisect_right(range(1, len(text)), room, key=lambda end: text_width(text[:end]))]
        + ELLIPSIS
    )


def _tables(grid: Grid, width: int, hints: Hints) -> Iterator[Layout]:
    """The tables that fit, the best first."""
    count = len(grid.titles)
    whole = [text_width(title) for title in grid.titles]
    words = [max(map(text_width, title.split(" "))) for title in grid.titles]
    pairs = [[*range(0, count, 2)], [*range(1, count, 2), *[count] * (count % 2)]]
    least = [_least(grid, cell, hints) for cell in range(count)]
    texts = [0 if cell in hints.names else most for cell, most in enumerate(grid.widths)]
    for lines, titles in (([[*range(count)]], words), (pairs, whole)):
        for padding in (1, 0):
            widths = _widest(lines, map(max, least, titles))
            room = width - 1 - len(widths) * (1 + 2 * padding)
            if sum(widths) <= room:
                for wanted in (texts, grid.widths, whole):
                    _widen(widths, _widest(lines, wanted), room)
                yield _table(lines, widths, hints, padding)


def _table(lines: list[list[int]], widths: list[int], hints: Hints, padding: int) -> Layout:
    """A table with columns of these widths."""
    room = {cell: width for line in lines for cell, width in zip(line, widths, strict=True)}
    limits = [room[cell] for cell in sorted(room)]
    folds = [
        partial(cut, width=limit)
        if cell in hints.names
        else partial(wrap, width=limit, after=hints.breaks.get(cell, ""))
        for cell, limit in enumerate(limits)
    ]
    return Layout(lines, widths, limits, folds, padding)


def _widest(lines: list[list[int]], widths: Iterable[int]) -> list[int]:
    """The width of each column of the screen, out of those of the cells that stand in it."""
    widths = [*widths, 0]  # of what fills up the second line
    return [max(widths[cell] for cell in column) for column in zip(*lines, strict=True)]


def _least(grid: Grid, cell: int, hints: Hints) -> int:
    """How wide a column has to be so that its cells can be read."""
    most = grid.widths[cell]
    if cell in hints.names:
        return min(most, NAME)
    return most if most <= TEXT else max(TEXT, _longest(grid, cell, hints.breaks.get(cell, "")))


def _longest(grid: Grid, cell: int, after: str = "") -> int:
    """The width of the longest part of a column's cells that is not broken, or TEXT."""
    texts = [row[cell] for row in grid.rows()]
    if not after and not any(" " in text for text in texts):
        return grid.widths[cell]
    return max(text_width(part) for text in texts for part in wrap(text, TEXT, after).split("\n"))


def _widen(widths: list[int], wanted: list[int], room: int) -> None:
    """Give what is left of the room, column by column, to the one that takes most lines for what it
    wants.
    """
    for _ in range(room - sum(widths)):
        most = max(range(len(widths)), key=lambda i: wanted[i] / widths[i])
        if wanted[most] <= widths[most]:
            return
        widths[most] += 1


def _write(out: TextIO, layout: Layout, header: str, rows: Iterator[str], *, apart: bool) -> None:
    """Header and rows with their rules; apart: one between rows too."""
    rule = layout.rule()
    between = rule if apart else ""
    out.write(rule + header + rule)
    lead = ""
    while some := list(islice(rows, 500)):  # stdout on a terminal is flushed after each write
        out.write(lead + between.join(some))
        lead = between
    out.write(rule)


def _pens(colour: bool, status: int) -> tuple[Pen, Pen]:
    """What makes titles bold, and what colours the cells of statuses."""
    if not colour:
        return (lambda cell, text: text), (lambda cell, text: text)

    from rich.console import Console
    from rich.text import Text

    console = Console(file=StringIO(), force_terminal=True)
    palette = FEW if console.color_system == "standard" else MANY

    @cache
    def ink(text: str, style: str) -> str:
        with console.capture() as drawn:
            console.print(Text(text, style), end="", soft_wrap=True)
        return drawn.get()

    def mark(cell: int, text: str) -> str:
        kind = KINDS.get(text.strip().lower()) if cell == status else None
        return text if kind is None else ink(text, palette[kind])

    return (lambda cell, text: ink(text, "bold")), mark
