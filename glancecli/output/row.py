"""A row of a list on a terminal: its cells side by side, each in the width of its column."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from operator import le

from glancecli.output.colours import Paint
from glancecli.output.fitting import GAP, Column
from glancecli.text import text_width


class RowFormat:
    """How the rows of a list are written: its columns, their widths, and the paint."""

    def __init__(self, columns: Sequence[Column], widths: Sequence[int], paint: Paint) -> None:
        self._columns = columns
        self._widths = widths
        self._paint = paint
        self._numbers = [column.number for column in columns]
        self._paddings = [*widths[:-1], 0]  # nothing stands to the right of the last column
        self._statuses = [place for place, column in enumerate(columns) if column.is_status]
        self._template = GAP.join(map(_placeholder, columns, widths))

    def header(self) -> str:
        """Returns the line of titles."""
        titles = [column.title for column in self._columns]
        line = GAP.join(map(pad, titles, self._widths, self._columns))
        return self._paint.title(line.rstrip()) + "\n"

    def row(self, cells: Sequence[str]) -> str:
        """Returns a row of the list: one line, unless prose is wrapped."""
        texts = [cells[number] for number in self._numbers]
        fit = map(le, map(len, texts), self._widths)
        if all(fit) and all(map(str.isascii, texts)):
            return self._simple_line(texts)
        wrapped = [
            column.lines(text, width)
            for column, text, width in zip(self._columns, texts, self._widths, strict=True)
        ]
        return "".join(map(self._line, zip_longest(*wrapped, fillvalue="")))

    def _simple_line(self, texts: list[str]) -> str:
        """Returns a line of ASCII texts that fit; most are such, and there may be 100,000."""
        for place in self._statuses:
            texts[place] = self._paint.status(texts[place].ljust(self._paddings[place]))
        return (self._template % tuple(texts)).rstrip(" ") + "\n"

    def _line(self, texts: Sequence[str]) -> str:
        """Returns a line of any texts that fit."""
        padded = list(map(pad, texts, self._widths, self._columns))
        padded[-1] = padded[-1].rstrip(" ")
        for place in self._statuses:
            padded[place] = self._paint.status(padded[place])
        return GAP.join(padded).rstrip(" ") + "\n"


def _placeholder(column: Column, width: int) -> str:
    """Returns what stands for a cell in the template of a line; a status is padded before."""
    if column.is_status:
        return "%s"
    if column.is_right_aligned:
        return f"%{width}s"
    return f"%-{width}s"


def pad(text: str, width: int, column: Column) -> str:
    """Returns the text in the width of its column."""
    spaces = " " * (width - text_width(text))
    if column.is_right_aligned:
        return spaces + text
    return text + spaces
