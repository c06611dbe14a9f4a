"""The plain table, as PrettyTable draws it by default: ``+---+`` rules and ``| text |`` cells."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import zip_longest
from typing import TextIO

from glancecli.text import text_width

# Separates the cells of a row until it is drawn. No cell contains it, as safe_text escapes it.
BETWEEN = "\x1f"


class Grid:
    """A table that collects rows until the widths are known, then draws them.

    Cells are left-aligned and never cut; after a line break a cell continues in the same column of
    the next line. Each row is stored as one string, so that 100,000 rows stay small. widths are
    those of the cells alone, without their titles.
    """

    def __init__(self, titles: Sequence[str]) -> None:
        self.titles = list(titles)
        self.widths = [0] * len(self.titles)
        self.joined_rows: list[str] = []

    def __len__(self) -> int:
        return len(self.joined_rows)

    def add(self, cells: Sequence[str]) -> None:
        """Adds a row, which has a cell for each column."""
        self.add_columns([[cell] for cell in cells])

    def add_columns(self, columns: Sequence[Sequence[str]]) -> None:
        """Adds rows by their columns, which are of the same length, and not empty."""
        self.joined_rows += map(BETWEEN.join, zip(*columns, strict=True))
        widths = map(_widest, columns)
        self.widths = list(map(max, self.widths, widths))

    def rows(self) -> Iterator[list[str]]:
        """Yields the rows as they were added."""
        for row in self.joined_rows:
            yield row.split(BETWEEN)

    def write(self, out: TextIO) -> None:
        """Draws the header between two rules, the rows, and a third rule."""
        title_widths = map(_cell_width, self.titles)
        self.widths = list(map(max, self.widths, title_widths))
        rule, template = "+", "|"
        for width in self.widths:
            rule += "-" * (width + 2) + "+"
            template += f" %-{width}s |"
        rule += "\n"
        template += "\n"
        header = self._draw(BETWEEN.join(self.titles), template)
        out.write(rule + header + rule)
        out.writelines(self._draw(row, template) for row in self.joined_rows)
        out.write(rule)

    def _draw(self, row: str, template: str) -> str:
        cells = row.split(BETWEEN)
        if _has_simple_widths(row):
            return template % tuple(cells)
        lines_of_cells = [cell.split("\n") for cell in cells]
        drawn = ""
        for texts in zip_longest(*lines_of_cells, fillvalue=""):
            padded = map(_pad, texts, self.widths)
            drawn += f"| {' | '.join(padded)} |\n"
        return drawn


def _pad(text: str, width: int) -> str:
    return text + " " * (width - text_width(text))


def _has_simple_widths(row: str) -> bool:
    """Returns whether all cells are single lines as wide as they are long."""
    return row.isascii() and "\n" not in row


def _widest(cells: Sequence[str]) -> int:
    measure: Callable[[str], int] = _cell_width
    if _has_simple_widths("".join(cells)):
        measure = len
    return max(map(measure, cells))


def _cell_width(cell: str) -> int:
    return max(map(text_width, cell.split("\n")))
