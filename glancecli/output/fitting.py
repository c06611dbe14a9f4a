"""The columns of a list on a terminal: which of them fit, and how wide they are."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

from glancecli.image import BYTES
from glancecli.output.columns import ListColumn
from glancecli.output.wrapping import pieces_ending_with, shortened, wrap
from glancecli.text import safe_text, text_width

GAP = "  "  # between columns
# The least width of a text that is shortened or wrapped, if it is not narrower, and that of a name
# where nothing is left to make room for it.
LEAST_WIDTH, LEAST_NAME = 16, 8
# Columns of a higher rank make room for names of the least width.
SPARE_RANK = 2


class Column:
    """A column of a list on a terminal.

    Its cells stay whole, unless they are prose, which is wrapped between words, or names and other
    texts with spaces, which are shortened. width is that of the column, title included, where
    neither is needed.
    """

    def __init__(
        self, column: ListColumn, number: int, cells: Sequence[str], widest_cell: int
    ) -> None:
        self.number = number  # of its cells in a row
        self.title = safe_text(column.title)
        self.title_width = text_width(self.title)
        self.width = max(self.title_width, widest_cell)
        self.rank = column.rank
        self.is_name = column.key == "name"
        self.is_status = column.key == "status"
        self.is_size = column.key in BYTES
        self.is_prose = column.prose
        self._pieces = pieces_ending_with(column.break_after)
        self._cells = cells

    @cached_property
    def is_right_aligned(self) -> bool:
        """Whether it has numbers or sizes."""
        if self.is_name or not self._cells:
            return self.is_size
        return self.is_size or all(map(str.isdecimal, filter(None, self._cells)))

    @cached_property
    def is_shortened(self) -> bool:
        """Whether cells that are too wide lose their middle."""
        if self.is_prose:
            return False
        return self.is_name or any(" " in cell for cell in self._cells)

    def least_width(self, least_name: int) -> int:
        """Returns the least width that it may have, least_name if it has names."""
        if self.is_prose:
            least = max(LEAST_WIDTH, self._longest_word)
        elif self.is_shortened:
            least = least_name
        else:
            return self.width
        return min(max(least, self.title_width), self.width)

    def lines(self, text: str, width: int) -> list[str]:
        """Returns the lines of a cell in this width."""
        if self.is_prose:
            return wrap(text, width, self._pieces).split("\n")
        if self.is_shortened:
            return [shortened(text, width)]
        return [text]

    @cached_property
    def _longest_word(self) -> int:
        """The width of the longest word of its cells."""
        words = [word for cell in self._cells for word in re.findall(self._pieces, cell)]
        return max(map(text_width, words), default=0)


class Fitted(NamedTuple):
    """The columns that fit a terminal, their widths, and the columns that are left out."""

    columns: Sequence[Column]
    widths: Sequence[int]
    left_out: Sequence[Column]


def fitted(columns: Sequence[Column], width: int) -> Fitted | None:
    """Returns what fits this width in one line for each row, apart from wrapped prose.

    Columns that have a rank may be left out, those of a high rank first. None: the others do not
    fit. One column alone always fits.
    """
    shown: list[Column] = []
    left_out: list[Column] = []
    for column in sorted(columns, key=_rank):
        if column.rank and _least_total([*shown, column]) > width:
            left_out.insert(0, column)
        else:
            shown.append(column)
    if _least_total(shown) > width and len(shown) > 1:
        return None
    shown.sort(key=_number)
    room = width - len(GAP) * (len(shown) - 1)
    return Fitted(shown, _widened(shown, room), left_out)


def _rank(column: Column) -> int:
    return column.rank


def _number(column: Column) -> int:
    return column.number


def _least_widths(columns: Sequence[Column]) -> list[int]:
    """Returns the widths without which the columns are not shown together."""
    least = LEAST_NAME
    if any(column.rank > SPARE_RANK for column in columns):
        least = LEAST_WIDTH
    return [column.least_width(least) for column in columns]


def _least_total(columns: Sequence[Column]) -> int:
    return sum(_least_widths(columns)) + len(GAP) * (len(columns) - 1)


def _widened(columns: Sequence[Column], room: int) -> list[int]:
    """Returns widths that use the room.

    It is given away step by step, each time to the column that lacks most.
    """
    widths = _least_widths(columns)
    for _ in range(room - sum(widths)):
        lacks = list(map(_lack, columns, widths))
        most = max(lacks)
        if not most:
            break
        widths[lacks.index(most)] += 1
    return widths


def _lack(column: Column, width: int) -> float:
    """Returns by how much this width is too little; what is shortened lacks more than prose."""
    if column.width <= width:
        return 0
    if column.is_prose:
        return column.width / width
    return 2 * column.width / width
