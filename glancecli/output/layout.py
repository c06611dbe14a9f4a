"""How a row of a list stands on a terminal: its cells in lines and columns, cut, wrapped, coloured."""

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

    is_status: in the colour of their status. may_be_cut: they lose their end where they are too
    wide; others are wrapped at blanks, and behind the mark break_after.
    """

    is_status: bool = False
    may_be_cut: bool = False
    break_after: str = ""

    def fit(self, text: str, width: int) -> str:
        """Returns the text cut or wrapped to this width."""
        if self.may_be_cut:
            return cut(text, width)
        return wrap(text, width, self.break_after)


class Place(NamedTuple):
    """A place on the screen: for one cell of each row, or for a label that is the same in all rows.

    width: columns of the screen that it takes. cell: the number of the cell (None: a label).
    limit: columns after which that cell is cut or wrapped.
    """

    width: int
    label: str = ""
    cell: int | None = None
    limit: int = 0
    style: CellStyle = CellStyle()

    def lines(self, cells: Sequence[str]) -> list[str]:
        """Returns the lines of text that stand here, not padded."""
        if self.cell is None:
            return [self.label]
        return self.style.fit(cells[self.cell], self.limit).split("\n")

    def pad(self, text: str) -> str:
        """Returns the text with blanks up to the width; one that is wider sticks out."""
        return text + " " * (self.width - text_width(text))


class Layout(NamedTuple):
    """The places of a row, line by line; padding is the blanks on either side of each."""

    lines: list[list[Place]]
    padding: int = 1

    def rule(self) -> str:
        """Returns the line between header and rows."""
        dashes = ["-" * (place.width + 2 * self.padding) for place in self.lines[0]]
        return f"+{'+'.join(dashes)}+\n"

    def header(self, titles: Sequence[str], paint: Paint) -> str:
        """Returns the titles, each in the place of its column."""

        def draw(place: Place, text: str) -> str:
            return paint.title(place.pad(text))

        return self._draw(titles, draw)

    def row(self, cells: Sequence[str], paint: Paint) -> str:
        """Returns a row with its cells cut and wrapped."""

        def draw(place: Place, text: str) -> str:
            padded = place.pad(text)
            if place.style.is_status:
                return paint.status(padded)
            return padded

        return self._draw(cells, draw)

    def rows(self, grid: Grid, paint: Paint) -> Iterator[str]:
        """Yields the rows of the grid.

        Most are ASCII and take one line in each place. These go through a template, as there may be
        100,000 of them.
        """
        places = self._places_by_cell()
        limits = [place.limit for place in places]
        coloured = [place for place in places if paint.colour and place.style.is_status]
        template = self._template()
        order = [place.cell for line in self.lines for place in line if place.cell is not None]
        for joined in grid.joined_rows:
            cells = joined.split(BETWEEN)
            fitted: list[str] | None = None
            if joined.isascii():
                fitted = cells
                if not all(map(le, map(len, cells), limits)):
                    fitted = _fit_in_one_line(cells, places)
            if fitted is None:
                yield self.row(cells, paint)
                continue
            for place in coloured:
                number = place.cell or 0
                fitted[number] = paint.status(place.pad(fitted[number]))
            yield template % tuple([fitted[number] for number in order])

    def _places_by_cell(self) -> list[Place]:
        """Returns the places of cells, the first cell's first."""
        places = {}
        for line in self.lines:
            for place in line:
                if place.cell is not None:
                    places[place.cell] = place
        return [places[number] for number in sorted(places)]

    def _template(self) -> str:
        """Returns a row with a ``%s`` for each of its cells, in the order of their places."""
        return "".join(self._bordered(map(_placeholder, line)) for line in self.lines)

    def _draw(self, cells: Sequence[str], draw: Callable[[Place, str], str]) -> str:
        drawn = []
        for line in self.lines:
            texts = [place.lines(cells) for place in line]
            for parts in zip_longest(*texts, fillvalue=""):
                drawn.append(self._bordered(map(draw, line, parts)))
        return "".join(drawn)

    def _bordered(self, texts: Iterable[str]) -> str:
        """Returns one line on the screen."""
        gap = " " * self.padding
        border = f"{gap}|{gap}"
        return f"|{gap}{border.join(texts)}{gap}|\n"


def _placeholder(place: Place) -> str:
    if place.cell is None:
        return place.pad(place.label).replace("%", "%%")
    return f"%-{place.width}s"


def _fit_in_one_line(cells: Sequence[str], places: Sequence[Place]) -> list[str] | None:
    """Returns the cells of a row in ASCII cut to their places; None when one needs more than a line."""
    fitted = []
    for place, cell in zip(places, cells, strict=True):
        text = place.style.fit(cell, place.limit)
        if len(text) > place.limit or "\n" in text:
            return None
        fitted.append(text)
    return fitted


def cut(text: str, width: int) -> str:
    """Returns the text; where it is wider, its end is replaced by an ellipsis."""
    if text_width(text) <= width:
        return text
    room = width - len(ELLIPSIS)
    if text.isascii():
        return text[:room] + ELLIPSIS

    def width_of_start(end: int) -> int:
        return text_width(text[:end])

    end = bisect_right(range(1, len(text)), room, key=width_of_start)
    return text[:end] + ELLIPSIS
