"""The layout of a row on a terminal: where each cell stands, and how it is cut or wrapped."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import zip_longest
from operator import le
from typing import NamedTuple

from glancecli.output.colours import Paint
from glancecli.output.grid import BETWEEN, Grid, wrap
from glancecli.text import text_width

ELLIPSIS = "..."


class CellStyle(NamedTuple):
    """How the cells of a column of a list are shown.

    is_status: in the colour of the status. may_be_cut: cells that are too wide lose their end;
    other cells are wrapped at spaces and after the mark break_after.
    """

    is_status: bool = False
    may_be_cut: bool = False
    break_after: str = ""

    def fit(self, text: str, width: int) -> str:
        """Returns the text cut or wrapped to this width."""
        if self.may_be_cut:
            return cut(text, width)
        return wrap(text, width, self.break_after)


class Label(NamedTuple):
    """A place on the screen for a text that is the same in all rows; width is in columns."""

    width: int
    text: str = ""

    def lines(self, _cells: Sequence[str]) -> list[str]:
        """Returns the text."""
        return [self.text]

    def paint(self, padded: str, _paint: Paint) -> str:
        """Returns the text as it is."""
        return padded

    def placeholder(self) -> str:
        """Returns what stands here in the template of a row."""
        return pad(self.text, self.width).replace("%", "%%")


class Cell(NamedTuple):
    """A place on the screen for one cell of each row.

    number is the cell's index in the row, width the columns of the screen that the place takes,
    limit the columns after which the cell is cut or wrapped.
    """

    width: int
    number: int
    limit: int
    style: CellStyle

    def lines(self, cells: Sequence[str]) -> list[str]:
        """Returns the lines of the cell, not padded."""
        text = cells[self.number]
        return self.style.fit(text, self.limit).split("\n")

    def paint(self, padded: str, paint: Paint) -> str:
        """Returns the padded text in its colour."""
        if self.style.is_status:
            return paint.status(padded)
        return padded

    def placeholder(self) -> str:
        """Returns what stands here in the template of a row."""
        return f"%-{self.width}s"


Place = Label | Cell


class Layout(NamedTuple):
    """The places of a row, line by line; padding is the number of spaces on either side of each."""

    lines: Sequence[Sequence[Place]]
    padding: int = 1

    def rule(self) -> str:
        """Returns the line between header and rows."""
        rule = "+"
        for place in self.lines[0]:
            dashes = place.width + 2 * self.padding
            rule += "-" * dashes + "+"
        return rule + "\n"

    def header(self, titles: Sequence[str], paint: Paint) -> str:
        """Returns the titles, each in the place of its column."""

        def draw(place: Place, text: str) -> str:
            return paint.title(pad(text, place.width))

        return self._draw(titles, draw)

    def row(self, cells: Sequence[str], paint: Paint) -> str:
        """Returns a row with its cells cut and wrapped."""

        def draw(place: Place, text: str) -> str:
            return place.paint(pad(text, place.width), paint)

        return self._draw(cells, draw)

    def rows(self, grid: Grid, paint: Paint) -> Iterator[str]:
        """Yields the rows of the grid."""
        template = RowTemplate(self, paint)
        for joined in grid.joined_rows:
            cells = joined.split(BETWEEN)
            row = None
            if joined.isascii():
                row = template.fill(cells)
            yield row or self.row(cells, paint)

    def border(self, texts: Iterable[str]) -> str:
        """Returns one line on the screen: padded texts between borders."""
        gap = " " * self.padding
        border = f"{gap}|{gap}"
        return f"|{gap}{border.join(texts)}{gap}|\n"

    def _draw(self, cells: Sequence[str], draw: Callable[[Place, str], str]) -> str:
        drawn = ""
        for places in self.lines:
            texts = [place.lines(cells) for place in places]
            for parts in zip_longest(*texts, fillvalue=""):
                drawn += self.border(map(draw, places, parts))
        return drawn


class RowTemplate:
    """Draws ASCII rows whose cells each take one line.

    Most rows are such, and there may be 100,000: this is several times as fast as Layout.row.
    """

    def __init__(self, layout: Layout, paint: Paint) -> None:
        self._paint = paint
        self._template = ""
        self._cells: list[Cell] = []  # in the order of the template
        for places in layout.lines:
            placeholders = [place.placeholder() for place in places]
            self._template += layout.border(placeholders)
            self._cells += [place for place in places if isinstance(place, Cell)]
        self._numbers = [cell.number for cell in self._cells]
        self._limits = [cell.limit for cell in sorted(self._cells, key=_number)]
        self._statuses = [cell for cell in self._cells if cell.style.is_status]
        if not paint.colour:
            self._statuses = []

    def fill(self, cells: list[str]) -> str | None:
        """Returns a row in ASCII, None when one of its cells needs more than one line."""
        if not all(map(le, map(len, cells), self._limits)):
            cells = list(cells)
            for cell in self._cells:
                text = cells[cell.number]
                text = cell.style.fit(text, cell.limit)
                if len(text) > cell.limit or "\n" in text:
                    return None
                cells[cell.number] = text
        for cell in self._statuses:
            padded = cells[cell.number].ljust(cell.width)
            cells[cell.number] = self._paint.status(padded)
        return self._template % tuple(map(cells.__getitem__, self._numbers))


def _number(cell: Cell) -> int:
    return cell.number


def pad(text: str, width: int) -> str:
    """Returns the text with spaces up to the width; a wider text is returned as it is."""
    return text + " " * (width - text_width(text))


def cut(text: str, width: int) -> str:
    """Returns the text; if it is wider, an ellipsis replaces its end."""
    if text_width(text) <= width:
        return text
    room = width - len(ELLIPSIS)
    if text.isascii():
        return text[:room] + ELLIPSIS

    def width_before(end: int) -> int:
        return text_width(text[:end])

    end = bisect_right(range(1, len(text)), room, key=width_before)
    return text[:end] + ELLIPSIS
