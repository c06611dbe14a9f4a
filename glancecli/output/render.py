"""Results on stdout: tables, JSON, YAML, CSV and plain values.

A command hands its data over once and never asks which format is on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple, TextIO

from glancecli.errors import UsageError
from glancecli.output import formats
from glancecli.output.grid import Grid, wrap
from glancecli.text import safe_text, text_width

Row = Mapping[str, Any]


class ListColumn(NamedTuple):
    """A column of a list: the key of its values in each row, and the title above them.

    zero is how a table shows the number 0, break_after a mark behind which a cell may be broken on a
    terminal.
    """

    key: str
    title: str
    zero: str = "0"
    break_after: str = ""


class ResultWriter:
    r"""stdout in one format: table, json, yaml, csv or value.

    columns are the ones that the user picked (none: the command's own); width is the terminal's.
    Text from servers is escaped where it could act on a terminal or end a line (safe_text); JSON
    and YAML write the same escapes in their own way. A reader that goes away raises
    BrokenPipeError.

    * table: on a terminal arranged so that it fits, and with colour coloured by status; elsewhere the plain
      grid in full width. In lists null is blank, and zero where glance shows it so.
    * json, yaml: native types; a list has every field of its rows unless columns are picked.
    * csv: RFC 4180 with ``\n`` as line end, quotes only where a cell needs them; null is an empty cell.
    * value: cells with one blank between, nothing quoted, one line per row; null is ``None``, so that the
      words of a line keep their places.
    """

    def __init__(
        self,
        stdout: TextIO,
        *,
        format: str = "table",  # noqa: A002 (the option's name)
        columns: Sequence[str] = (),
        noindent: bool = False,
        sort_column: str | None = None,
        terminal: bool = False,
        width: int | None = None,
        colour: bool = False,
        max_column_width: int = 80,
    ) -> None:
        self.stdout = stdout
        self.format = format
        self.columns = columns
        self.noindent = noindent
        self.sort_column = sort_column
        self.terminal = terminal
        self.width = width or 80
        self.colour = colour
        self.max_column_width = max_column_width

    def write_list(
        self,
        rows: Iterable[Row],
        columns: Sequence[ListColumn],
        absent: Callable[[str, str], None] | None = None,
    ) -> None:
        """A list. columns are those that a table, csv and value show unless the user picked others.

        All formats but table send each row as it comes, unless they have to be sorted. A picked
        column may be any field of a row, by title or key; case, ``-``, ``_`` and blanks do not
        matter. One that no row has is null and told to absent, with the nearest that there is ("":
        none); without absent it is a UsageError as soon as there is a row.
        """
        picked, order, rows = self._pick(iter(rows), columns, absent)
        if order:
            rows = iter(sorted(rows, key=lambda row: _rank(row.get(order))))
        if self.format == "table":
            self._list_table(rows, picked)
        elif self.format in ("csv", "value"):
            cells = ([row.get(column.key) for column in picked] for row in rows)
            self._lines([column.title for column in picked], cells)
        else:
            if self.columns:
                rows = ({column.key: row.get(column.key) for column in picked} for row in rows)
            formats.write_list(self.stdout, rows, self.format, indent=not self.noindent)

    def write_properties(
        self,
        record: Row,
        *,
        titles: tuple[str, str] = ("Property", "Value"),
        null: str = "None",
        nulls: Mapping[str, str] = {},
        native: Row | None = None,
        absent: Callable[[str], None] | None = None,
    ) -> None:
        """One thing: a row for each property, sorted by name, or those picked in their order.

        native is what json and yaml show instead: all that the service said. null is how a table
        writes what has no value, nulls how it does so for some properties. A table breaks values at
        blanks after max_column_width columns (0: never). csv has a header of names and one row,
        value one line for each property. A picked one that is not there is null and told to absent;
        without absent it is a UsageError.
        """
        if native is not None and self.format in ("json", "yaml"):
            record = native
        picked = {key: record.get(key) for key in self._pick_keys(record, absent)}
        if self.format == "table":
            shown = {k: nulls.get(k, null) if v is None else v for k, v in picked.items()}
            self._record_table(shown, titles)
        elif self.format == "csv":
            self._lines(list(picked), [list(picked.values())])
        elif self.format == "value":
            self._lines([], ([value] for value in picked.values()))
        else:
            formats.write_one(self.stdout, picked, self.format, indent=not self.noindent)

    def write_line(self, text: str) -> None:
        """One line of data."""
        self.stdout.write(safe_text(text) + "\n")

    def write_for_people(self, text: str) -> None:
        """Words of ours beside a table, line ends included; left out where programs read the
        result.
        """
        if self.format == "table":
            self.stdout.write(text)
            self.stdout.flush()

    def _pick(
        self,
        rows: Iterator[Row],
        columns: Sequence[ListColumn],
        absent: Callable[[str, str], None] | None,
    ) -> tuple[list[ListColumn], str, Iterator[Row]]:
        """The columns to show, the key to sort by ("": none), and the rows, some of which were
        looked at.
        """
        known = {
            normalized(word): column
            for column in reversed(columns)
            for word in (column.key, column.title)
        }
        wanted = {
            normalized(name): name for name in (*self.columns, self.sort_column or ()) if name
        }
        missing = wanted.keys() - known.keys()
        seen: list[Row] = []
        while missing and (row := next(rows, None)) is not None:
            seen.append(row)
            found = {name: key for key in row if (name := normalized(key)) in missing}
            known.update((name, ListColumn(key, wanted[name])) for name, key in found.items())
            missing -= found.keys()
        valid = [column.title for column in columns]
        valid += sorted({key for row in seen for key in row} - {column.key for column in columns})
        if missing and absent:
            for name in sorted(missing):
                absent(wanted[name], _nearest(name, valid))
        elif missing and seen:
            raise _unknown([wanted[name] for name in sorted(missing)], valid)
        known.update((name, ListColumn(wanted[name], wanted[name])) for name in missing)
        picked = [known[normalized(name)] for name in self.columns] or list(columns)
        order = known[normalized(self.sort_column)].key if self.sort_column else ""
        return picked, order, chain(seen, rows)

    def _pick_keys(self, record: Row, absent: Callable[[str], None] | None) -> list[str]:
        known = {normalized(key): key for key in record}
        missing = [name for name in self.columns if normalized(name) not in known]
        if missing and not absent:
            raise _unknown(missing, sorted(record))
        if absent:
            for name in missing:
                absent(name)
        return [known.get(normalized(name), name) for name in self.columns] or sorted(record)

    def _list_table(self, rows: Iterator[Row], columns: Sequence[ListColumn]) -> None:
        grid = Grid([safe_text(column.title) for column in columns])
        cells = [(column.key, column.zero) for column in columns]
        for row in rows:
            grid.add([_cell(row.get(key), zero) for key, zero in cells])
        if not self.terminal:
            grid.write(self.stdout)
            return
        from glancecli.output.terminal import LONG, Hints, draw_list

        keys = [column.key for column in columns]
        status = keys.index("status") if "status" in keys else -1
        names = frozenset(i for i, key in enumerate(keys) if key == "name")
        hints = Hints(status, names, {i: column.break_after for i, column in enumerate(columns)})
        colour = self.colour and len(grid) <= LONG
        draw_list(grid, self.stdout, width=self.width, colour=colour, hints=hints)

    def _record_table(self, record: Row, titles: tuple[str, str]) -> None:
        texts = {safe_text(key): formats.text(value, blanks=True) for key, value in record.items()}
        limit = self.max_column_width
        if self.terminal:
            from glancecli.output.terminal import Hints, draw_records

            grid = Grid(list(texts))
            grid.add(list(texts.values()))
            status = grid.titles.index("status") if "status" in texts else -1
            how: Any = {"width": self.width, "colour": self.colour, "limit": limit}
            draw_records(grid, self.stdout, hints=Hints(status), titles=titles, **how)
            return
        grid = Grid(titles)
        limit = limit and max(limit, len(titles[1]))
        for key, text in texts.items():
            grid.add([key, wrap(text, limit) if limit else text])
            if text_width(text) > limit > 0:  # PrettyTable's column is as wide as it may be
                grid.widths[1] = max(grid.widths[1], limit)
        grid.write(self.stdout)

    def _lines(self, titles: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        if self.format == "csv":
            formats.write_csv(self.stdout, titles, rows)
        else:
            formats.write_values(self.stdout, rows)


def wants_colour(environ: Mapping[str, str], isatty: bool) -> bool:
    """Whether to use colour: on a terminal that is not dumb, unless NO_COLOR is set (no-color.org)."""
    return isatty and not environ.get("NO_COLOR") and environ.get("TERM", "dumb") != "dumb"


def _cell(value: Any, zero: str) -> str:
    """A cell of a list: null is blank."""
    if type(value) is str:
        return value if value.isprintable() else safe_text(value)
    if value is None:
        return ""
    if value == 0 and value is not False:
        return zero
    return formats.text(value, blanks=True)


def normalized(name: str) -> str:
    """A column's name without what does not matter in it."""
    return name.lower().replace("-", "_").replace(" ", "_")


def _rank(value: Any) -> tuple[int, Any]:
    """Numbers by value before text by letter, whatever its case; null last."""
    if value is None:
        return (2, "")
    if isinstance(value, (int, float)):
        return (0, value)
    return (1, formats.text(value).casefold())


def _nearest(name: str, valid: Iterable[str]) -> str:
    import difflib

    by_plain = {normalized(each): each for each in valid}
    near = difflib.get_close_matches(name, by_plain, n=1, cutoff=0.75)
    return by_plain[near[0]] if near else ""


def _unknown(names: Sequence[str], valid: Sequence[str]) -> UsageError:
    which = ", ".join(repr(name) for name in names)
    return UsageError(f"no column {which}", hint=f"There are: {', '.join(valid)}")
