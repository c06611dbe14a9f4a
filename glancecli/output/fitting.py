"""The choice of a table that fits a terminal, with one or two lines for each row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property

from glancecli.output.grid import Grid, wrap
from glancecli.output.layout import Cell, CellStyle, Label, Layout, Place
from glancecli.text import text_width

# The least width of a column whose cells may be cut, and of one whose cells are wrapped. Narrower
# ones are harder to read than a row of two lines.
LEAST_CUT_WIDTH, LEAST_WRAPPED_WIDTH = 32, 16


class Column:
    """A column of a list, and the widths that it may have. width is that of its cells, uncut."""

    def __init__(self, grid: Grid, number: int, style: CellStyle) -> None:
        self.number = number
        self.style = style
        self.title = grid.titles[number]
        self.width = grid.widths[number]
        self._grid = grid

    @cached_property
    def least_width(self) -> int:
        """The least width in which its cells are easy to read."""
        if self.style.may_be_cut:
            return min(self.width, LEAST_CUT_WIDTH)
        return self.wrapped_width(LEAST_WRAPPED_WIDTH)

    @property
    def uncut_width(self) -> int:
        """The width of cells that must not be cut, 0 where they may be."""
        if self.style.may_be_cut:
            return 0
        return self.width

    @property
    def title_width(self) -> int:
        """The width of its title."""
        return text_width(self.title)

    @property
    def title_word_width(self) -> int:
        """The width of the longest word of its title."""
        return max(map(text_width, self.title.split(" ")))

    def wrapped_width(self, limit: int) -> int:
        """Returns the width of its cells when they are wrapped after limit columns."""
        if self.width <= limit:
            return self.width
        return max(limit, self._longest_part)

    @cached_property
    def _longest_part(self) -> int:
        """The width of the longest part of its cells that cannot be broken, if it is a long one."""
        texts = [row[self.number] for row in self._grid.rows()]
        break_after = self.style.break_after
        has_spaces = any(" " in text for text in texts)
        if not break_after and not has_spaces:
            return self.width
        longest = 0
        for text in texts:
            for part in wrap(text, LEAST_WRAPPED_WIDTH, break_after).split("\n"):
                longest = max(longest, text_width(part))
        return longest


# The columns in each line of a row; None fills the last line.
Arrangement = Sequence[Sequence[Column | None]]


def fitting_table(columns: Sequence[Column], width: int) -> Layout | None:
    """Returns the best table that is no wider than this, None when there is none.

    Titles of a table with one line for each row are broken between words.
    """

    def with_title_word(column: Column) -> int:
        return max(column.least_width, column.title_word_width)

    def with_title(column: Column) -> int:
        return max(column.least_width, column.title_width)

    one_line = [columns]
    table = _table(one_line, _screen_widths(one_line, with_title_word), width)
    if table:
        return table
    two_lines = _two_lines(columns)
    return _table(two_lines, _screen_widths(two_lines, with_title), width)


def _two_lines(columns: Sequence[Column]) -> Arrangement:
    """Returns an arrangement with every second column in the lower line."""
    upper: list[Column | None] = list(columns[0::2])
    lower: list[Column | None] = list(columns[1::2])
    if len(lower) < len(upper):
        lower.append(None)
    return [upper, lower]


def _table(arrangement: Arrangement, least: list[int], width: int) -> Layout | None:
    """Returns the table, if need be without spaces around its cells; None when it does not fit."""
    for padding in (1, 0):
        around_cell = 2 * padding + len("|")
        room = width - len("|") - len(least) * around_cell
        if sum(least) <= room:
            widths = _comfortable_widths(arrangement, least, room)
            return Layout(_places(arrangement, widths), padding)
    return None


def _comfortable_widths(arrangement: Arrangement, least: list[int], room: int) -> list[int]:
    """Returns widths that use the room: first for text, then for names, then for titles."""
    widths = least
    for wanted in (_uncut_width, _whole_width, _title_width):
        widths = _widened(widths, _screen_widths(arrangement, wanted), room)
    return widths


def _uncut_width(column: Column) -> int:
    return column.uncut_width


def _whole_width(column: Column) -> int:
    return column.width


def _title_width(column: Column) -> int:
    return column.title_width


def _screen_widths(arrangement: Arrangement, measure: Callable[[Column], int]) -> list[int]:
    """Returns the width of each column of the screen: the largest of the columns in it."""
    widths = []
    for columns in zip(*arrangement, strict=True):
        measured = [measure(column) for column in columns if column]
        widths.append(max(measured))
    return widths


def _widened(widths: Sequence[int], wanted: Sequence[int], room: int) -> list[int]:
    """Returns larger widths that use the room.

    It is given away step by step, each time to the column that needs the most lines.
    """
    widened = list(widths)

    def lines_taken(number: int) -> float:
        return wanted[number] / widened[number]

    for _ in range(room - sum(widened)):
        narrowest = max(range(len(widened)), key=lines_taken)
        if wanted[narrowest] <= widened[narrowest]:
            break
        widened[narrowest] += 1
    return widened


def _places(arrangement: Arrangement, widths: Sequence[int]) -> list[list[Place]]:
    """Returns the places of the columns, line by line."""
    lines = []
    for columns in arrangement:
        line: list[Place] = []
        for column, width in zip(columns, widths, strict=True):
            if column:
                place: Place = Cell(width, column.number, width, column.style)
            else:
                place = Label(width)
            line.append(place)
        lines.append(line)
    return lines
