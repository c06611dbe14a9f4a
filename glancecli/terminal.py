"""The table on a terminal: fitted to its width and coloured by status. The only table that rich draws."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import StringIO
from typing import TextIO

from glancecli.grid import Grid
from glancecli.text import text_width

# IDs, hashes, numbers and times: never folded.
WHOLE = re.compile("[0-9a-fA-FTZ:.+-]*")
# How to squeeze, in this order: blanks beside each cell, what a column keeps at least of its cells that
# fold and of its title. With the last, the six columns of image-list fit 80.
SQUEEZES = ((1, 10, 99), (0, 10, 99), (0, 6, 6))

# Of 256 colours, those with a contrast of about 4 or more to black and to white; of 16, those that are
# far from both in most palettes (yellow vanishes on white, blue on black).
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


def draw(
    grid: Grid, out: TextIO, *, width: int, colour: bool, whole: set[int], status: Callable[[list[str]], int]
) -> bool:
    """Write the grid so that no line is longer than width; False, and nothing written, if that cannot be.

    Columns in whole, and those of IDs, numbers and times, are never folded. status says which cell of a
    row tells a status (-1: none); colour shows it.
    """
    grid = _agreed(grid)
    fitted = fit(grid, width, whole)
    if fitted is None:
        return False
    padding, widths = fitted

    from rich.box import ASCII2
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = StringIO()  # rich ends the program by itself where it writes to a closed pipe
    console = Console(
        file=drawn,
        force_terminal=True,
        color_system="auto" if colour else None,
        width=width,
        height=25,  # unused, but without it rich takes 80 columns where TERM is dumb
    )
    palette = FEW if console.color_system == "standard" else MANY
    table = Table(box=ASCII2, padding=(0, padding), header_style="bold" if colour else "")
    for title, room in zip(grid.titles, widths, strict=True):
        table.add_column(Text(title), width=room, overflow="fold")
    for cells in grid.rows():
        row = [Text(cell) for cell in cells]
        kind = KINDS.get(cells[at].lower()) if (at := status(cells)) >= 0 else None
        if kind is not None:
            row[at].stylize(palette[kind])
        table.add_row(*row)
    console.print(table)
    out.write(drawn.getvalue())
    return True


def _agreed(grid: Grid) -> Grid:
    """The grid, with escapes for cells that rich would pad wrongly, as it takes them for wider or narrower.

    It sees nothing in a skin tone that stands alone, for instance; terminals show two columns.
    """
    if all(row.isascii() for row in grid.packed):
        return grid
    from rich.cells import cell_len

    agreed = Grid(grid.titles)
    for cells in grid.rows():
        same = (all(cell_len(line) == text_width(line) for line in cell.split("\n")) for cell in cells)
        escaped = (cell.encode("ascii", "backslashreplace").decode() for cell in cells)
        agreed.add([cell if ok else other for cell, ok, other in zip(cells, same, escaped, strict=True)])
    return agreed


def fit(grid: Grid, width: int, whole: set[int]) -> tuple[int, list[int]] | None:
    """Blanks beside a cell and the width of each column, or None when the terminal is too narrow.

    Titles are broken between words before cells fold. Room left over goes to the cells, then to titles.
    """
    cells = _cell_widths(grid)
    whole = whole | {i for i in range(len(cells)) if _is_whole(grid, i)}
    words = [max(map(text_width, title.split(" "))) for title in grid.titles]
    for padding, least, title in SQUEEZES:
        room = width - 1 - len(cells) * (1 + 2 * padding)
        widths = [
            max(1, cell if i in whole else min(cell, least), min(word, title))
            for i, (cell, word) in enumerate(zip(cells, words, strict=True))
        ]
        if sum(widths) <= room:
            _widen(widths, cells, room)
            _widen(widths, grid.widths, room)
            return padding, widths
    return None


def _widen(widths: list[int], wanted: list[int], room: int) -> None:
    """Give what is left of the room, column by column, to the one that takes most lines for what it wants."""
    for _ in range(room - sum(widths)):
        most = max(range(len(widths)), key=lambda i: wanted[i] / widths[i])
        if wanted[most] <= widths[most]:
            return
        widths[most] += 1


def _cell_widths(grid: Grid) -> list[int]:
    """The widths that the cells alone want."""
    widths = [0] * len(grid.titles)
    for row in grid.rows():
        widths = [max(w, *map(text_width, cell.split("\n"))) for w, cell in zip(widths, row, strict=True)]
    return widths


def _is_whole(grid: Grid, column: int) -> bool:
    return all(WHOLE.fullmatch(row[column]) for row in grid.rows())
