"""Tables made for reading on a terminal: arranged so that they fit, with statuses in colour."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple, TextIO

from glancecli.output.colours import Paint
from glancecli.output.grid import Grid, wrap
from glancecli.output.layout import CellStyle, Layout, Place
from glancecli.text import text_width

# The least width of a column whose cells may be cut, and of one whose cells are wrapped. Narrower
# ones are harder to read than a row of two lines.
LEAST_CUT_WIDTH, LEAST_WRAPPED_WIDTH = 32, 16

# Rows in one write: stdout on a terminal is flushed after each.
ROWS_AT_ONCE = 500


class Screen(NamedTuple):
    """The terminal that a table is written to; width is in columns."""

    out: TextIO
    width: int
    colour: bool


def draw_list(grid: Grid, styles: Sequence[CellStyle], screen: Screen) -> None:
    """Writes rows so that they fit the screen; IDs, hashes, URLs and numbers stay whole.

    The first of these that fits: the table, its titles broken between words, text wrapped and names
    cut if need be; the same with two lines for each row; a table of properties for each row.
    """
    layout = _fitting_table(grid, styles, screen.width)
    if layout is None:
        unbroken = [style._replace(break_after="") for style in styles]
        draw_properties(grid, unbroken, screen)
        return
    paint = Paint(colour=screen.colour)
    header = layout.header(grid.titles, paint)
    rows = layout.rows(grid, paint)
    _write(screen.out, layout.rule(), header, rows, rule_between_rows=len(layout.lines) > 1)


def draw_properties(
    grid: Grid,
    styles: Sequence[CellStyle],
    screen: Screen,
    *,
    titles: tuple[str, str] = ("Property", "Value"),
    limit: int = 0,
) -> None:
    """Writes each row as a table of two columns: the titles of the grid, and the cells.

    Cells are wrapped after limit columns (0: at the edge of the screen). What has no blank goes on
    over the edge in one piece, so that it can be copied.
    """
    name_title, value_title = titles
    name_width = max(map(text_width, [name_title, *grid.titles]))
    room = max(screen.width - name_width - len("|  |  |"), text_width(value_title))
    limit = min(limit or room, room)
    widest = text_width(value_title)
    for number, style in enumerate(styles):
        widest = max(widest, _width_after_wrapping(grid, number, style, limit))
    value_width = min(widest, room)

    lines = []
    for number, (title, style) in enumerate(zip(grid.titles, styles, strict=True)):
        name = Place(name_width, label=title)
        limit_here = min(limit, value_width)
        lines.append([name, Place(value_width, cell=number, limit=limit_here, style=style)])
    layout = Layout(lines)
    title_line = [Place(name_width, label=name_title), Place(value_width, label=value_title)]
    paint = Paint(colour=screen.colour)
    header = Layout([title_line]).header([], paint)
    rows = layout.rows(grid, paint)
    _write(screen.out, layout.rule(), header, rows, rule_between_rows=True)


def _width_after_wrapping(grid: Grid, number: int, style: CellStyle, limit: int) -> int:
    """Returns the width of a column's cells when they are wrapped after limit columns."""
    width = grid.widths[number]
    if width <= limit or style.may_be_cut:
        return width
    return max(limit, _longest_part(grid, number))


# Tables of one and of two lines for each row

# The numbers of the cells that stand in each line; None fills up the last line.
Arrangement = list[list[int | None]]


def _fitting_table(grid: Grid, styles: Sequence[CellStyle], width: int) -> Layout | None:
    """Returns the best table that fits the width, None when there is none."""
    readable = [_least_width(grid, number, style) for number, style in enumerate(styles)]
    whole_titles = [text_width(title) for title in grid.titles]
    title_words = [_longest_word(title) for title in grid.titles]
    one_line = _one_line(len(styles))
    two_lines = _two_lines(len(styles))
    for arrangement, title_widths in ((one_line, title_words), (two_lines, whole_titles)):
        least = _column_widths(arrangement, list(map(max, readable, title_widths)))
        for padding in (1, 0):
            room = width - len("|") - len(least) * (len("|") + 2 * padding)
            if sum(least) > room:
                continue
            widths = least
            for wanted in (_uncut_widths(grid, styles), grid.widths, whole_titles):
                widths = _widened(widths, _column_widths(arrangement, wanted), room)
            return Layout(_places(arrangement, widths, styles), padding)
    return None


def _one_line(count: int) -> Arrangement:
    return [list(range(count))]


def _two_lines(count: int) -> Arrangement:
    """Returns every second cell in the upper line, and those between them in the lower one."""
    upper: list[int | None] = list(range(0, count, 2))
    lower: list[int | None] = list(range(1, count, 2))
    if len(lower) < len(upper):
        lower.append(None)
    return [upper, lower]


def _places(
    arrangement: Arrangement, widths: Sequence[int], styles: Sequence[CellStyle]
) -> list[list[Place]]:
    """Returns the places of the cells in columns of these widths."""
    lines = []
    for numbers in arrangement:
        line = []
        for number, width in zip(numbers, widths, strict=True):
            if number is None:
                line.append(Place(width))
            else:
                line.append(Place(width, cell=number, limit=width, style=styles[number]))
        lines.append(line)
    return lines


def _column_widths(arrangement: Arrangement, cell_widths: Sequence[int]) -> list[int]:
    """Returns the width of each column of the screen: that of the widest cell in it."""
    widths = []
    for numbers in zip(*arrangement, strict=True):
        widths.append(max(cell_widths[number] for number in numbers if number is not None))
    return widths


def _least_width(grid: Grid, number: int, style: CellStyle) -> int:
    """Returns how wide a column has to be so that its cells can be read."""
    width = grid.widths[number]
    if style.may_be_cut:
        return min(width, LEAST_CUT_WIDTH)
    if width <= LEAST_WRAPPED_WIDTH:
        return width
    return max(LEAST_WRAPPED_WIDTH, _longest_part(grid, number, style.break_after))


def _uncut_widths(grid: Grid, styles: Sequence[CellStyle]) -> list[int]:
    """Returns the widths of the columns whose cells must not be cut, 0 for the others."""
    widths = list(grid.widths)
    for number, style in enumerate(styles):
        if style.may_be_cut:
            widths[number] = 0
    return widths


def _longest_word(title: str) -> int:
    return max(map(text_width, title.split(" ")))


def _longest_part(grid: Grid, number: int, break_after: str = "") -> int:
    """Returns the width of the longest part of a column's cells that cannot be broken.

    Parts narrower than a wrapped column may be are not told apart.
    """
    texts = [row[number] for row in grid.rows()]
    if not break_after and not any(" " in text for text in texts):
        return grid.widths[number]
    longest = 0
    for text in texts:
        for part in wrap(text, LEAST_WRAPPED_WIDTH, break_after).split("\n"):
            longest = max(longest, text_width(part))
    return longest


def _widened(widths: Sequence[int], wanted: Sequence[int], room: int) -> list[int]:
    """Returns the widths with the rest of the room shared out.

    Column by column it goes to the one that would take the most lines for what it wants.
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


def _write(
    out: TextIO, rule: str, header: str, rows: Iterator[str], *, rule_between_rows: bool
) -> None:
    """Writes header and rows with their rules."""
    out.write(rule + header + rule)
    between = ""
    if rule_between_rows:
        between = rule
    lead = ""
    while some := list(islice(rows, ROWS_AT_ONCE)):
        out.write(lead + between.join(some))
        lead = between
    out.write(rule)
