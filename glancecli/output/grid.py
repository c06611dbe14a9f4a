"""The plain table: rules of ``+---+``, cells of ``| text |``, as PrettyTable draws it by default."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
from typing import TextIO

from glancecli.text import text_width

# Between the cells of a row that waits to be drawn; no cell holds it, as safe_text escapes it.
BETWEEN = "\x1f"


class Grid:
    """Rows collected until the widths are known, then drawn.

    Cells are left-aligned and never cut; a line break within a cell goes on in the same column of
    the next line. Each row is held as one string, so that 100,000 rows stay small. widths are what
    the cells alone take, without their titles.
    """

    def __init__(self, header: Sequence[str]) -> None:
        self.titles = list(header)
        self.widths = [0] * len(self.titles)
        self.packed: list[str] = []

    def __len__(self) -> int:
        return len(self.packed)

    def add(self, cells: Sequence[str]) -> None:
        """One row more, a cell for each column."""
        row = BETWEEN.join(cells)
        self.packed.append(row)
        self.widths = list(map(max, self.widths, map(len if _plain(row) else _width, cells)))

    def rows(self) -> Iterator[list[str]]:
        """The rows as they were added."""
        return (row.split(BETWEEN) for row in self.packed)

    def write(self, out: TextIO) -> None:
        """Draw: header between two rules, the rows, a third rule."""
        self.widths = list(map(max, self.widths, map(_width, self.titles)))
        rule = "+" + "".join("-" * (width + 2) + "+" for width in self.widths) + "\n"
        line = "|" + "".join(f" %-{width}s |" for width in self.widths) + "\n"
        out.write(rule + self._draw(BETWEEN.join(self.titles), line) + rule)
        out.writelines(self._draw(row, line) for row in self.packed)
        out.write(rule)

    def _draw(self, row: str, line: str) -> str:
        cells = row.split(BETWEEN)
        if _plain(row):
            return line % tuple(cells)
        parts = zip_longest(*(cell.split("\n") for cell in cells), fillvalue="")
        return "".join(self._pad(part) for part in parts)

    def _pad(self, cells: Iterable[str]) -> str:
        padded = (c + " " * (w - text_width(c)) for c, w in zip(cells, self.widths, strict=True))
        return "| " + " | ".join(padded) + " |\n"


def wrap(text: str, width: int, after: str = "") -> str:
    """The text in lines of at most width columns, broken at blanks only: a hash or a URL stays
    whole.

    after is a mark behind which it may be broken too.
    """
    if text_width(text) <= width:
        return text
    lines: list[str] = []
    line = ""
    for word in re.findall(f" +|[^ {after}]+{after}?|{after}" if after else " +|[^ ]+", text):
        # Measured as one, as a mark at the word's start is wider behind a blank than alone.
        if line and text_width(line + word) > width:
            lines.append(line.rstrip(" "))
            line = ""
        if line or not lines or word[0] != " ":
            line += word
    lines.append(line.rstrip(" "))
    return "\n".join(line for line in lines if line)


def _plain(row: str) -> bool:
    """Whether all lengths in the row are widths and all cells are single lines."""
    return row.isascii() and "\n" not in row


def _width(cell: str) -> int:
    return max(map(text_width, cell.split("\n"))) if "\n" in cell else text_width(cell)
