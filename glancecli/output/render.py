"""Results on stdout as tables, JSON, YAML, CSV or values.

A command passes its data once and does not depend on the format.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, TextIO

from glancecli.errors import UsageError
from glancecli.output import formats
from glancecli.output.columns import ListColumn, ReportMissing, Row, find_columns, find_keys
from glancecli.output.grid import Grid
from glancecli.text import safe_text, safe_texts, text_width

if TYPE_CHECKING:
    from glancecli.output.screen import Screen

ROWS_AT_ONCE = 1000  # of a table


class ResultWriter:
    r"""Writes results to stdout in one format: table, json, yaml, csv, value or id.

    columns are the columns that the user picked (none: those of the command). screen is the
    terminal, None for a pipe. Characters of server text that could act on a terminal or end a line
    are escaped (safe_text); JSON and YAML have escapes of their own. A closed pipe raises
    BrokenPipeError.

    * table: on a terminal arranged to fit its width (output/terminal.py); elsewhere, or with wide,
      a plain grid in full width. In a list null is an empty cell, and so is 0 where glance shows it
      so.
    * json, yaml: native types. A list has every field of its rows unless columns are picked.
    * csv: RFC 4180 with ``\n`` as line end, quotes only where a cell needs them. Null is empty.
    * value: one line per row, cells separated by one space, nothing quoted. Null is ``None``, so
      that every word of a line keeps its position.
    * id: the ID of each row on a line of its own. Only for lists.
    * shell: an assignment for each property, for eval. Not for lists.
    """

    def __init__(
        self,
        stdout: TextIO,
        *,
        format: str = "table",  # noqa: A002 (the option's name)
        columns: Sequence[str] = (),
        noindent: bool = False,
        sort_column: str | None = None,
        screen: Screen | None = None,
        wide: bool = False,
        max_column_width: int = 80,
        prefix: str = "",
    ) -> None:
        self.stdout = stdout
        self.format = format
        self.columns = columns
        self.noindent = noindent
        self.sort_column = sort_column
        self.screen = screen
        self.wide = wide
        self.max_column_width = max_column_width
        self.prefix = prefix

    @property
    def shows_any_field(self) -> bool:
        """Whether a list shows fields of its rows that are no columns of the command."""
        return bool(self.columns) or self.format in ("json", "yaml")

    def write_list(
        self,
        rows: Iterable[Row],
        columns: Sequence[ListColumn],
        report_missing: ReportMissing | None = None,
        *,
        shows_one: str = "",
        gives: Callable[[Row], bool] | None = None,
    ) -> None:
        """Writes a list. table, csv and value show these columns unless the user picked others.

        All formats except table send each row as it comes, unless the rows have to be sorted. A
        picked column may be any field of a row, by title or key; case, ``-``, ``_`` and spaces make
        no difference. A column that no row has is null and reported; without report_missing it is a
        UsageError, unless the list is empty. shows_one is the command that shows all of one row;
        a terminal without room for all columns names it. IDs alone are for another command: those
        of the rows that gives chooses, by default of all.
        """
        if self.format == "id":
            if self.columns:
                raise UsageError("-f id shows IDs alone", hint="Use -f value with -c.")
            if gives:
                rows = filter(gives, rows)
        names = list(self.columns)
        if self.sort_column:
            names.append(self.sort_column)
        found, rows = find_columns(names, columns, rows, report_missing)
        if self.sort_column:
            rows = _sorted_by(found.pop().key, rows)
        self._write_rows(rows, found or columns, shows_one)

    def write_properties(
        self,
        properties: Row,
        *,
        null: str = "None",
        nulls: Mapping[str, str] = {},
        native: Row | None = None,
        report_missing: ReportMissing | None = None,
    ) -> None:
        """Writes the properties of one thing: all, sorted by name, or those that the user picked.

        json and yaml show native instead, if it is given: all fields as the service sent them. A
        table has a row for each property, shows nulls[name] or else null for a property without a
        value, and wraps values after max_column_width columns (0: never). csv has a header of names
        and one row, value one line for each property. A picked property that does not exist is null
        and reported; without report_missing it is a UsageError.
        """
        if native is not None and self.format in ("json", "yaml"):
            properties = native
        keys = sorted(properties)
        if self.columns:
            keys = find_keys(self.columns, properties, report_missing)
        picked = {key: properties.get(key) for key in keys}
        if self.format == "json":
            formats.write_json_object(self.stdout, picked, indent=not self.noindent)
        elif self.format == "yaml":
            formats.write_yaml_mapping(self.stdout, picked)
        elif self.format == "csv":
            row = list(picked.values())
            formats.write_csv(self.stdout, list(picked), [row])
        elif self.format == "value":
            rows = [[value] for value in picked.values()]
            formats.write_values(self.stdout, rows)
        elif self.format == "shell":
            formats.write_variables(self.stdout, picked, self.prefix)
        else:
            for key, value in picked.items():
                if value is None:
                    picked[key] = nulls.get(key, null)
            self._draw_properties(picked)

    def write_for_people(self, text: str) -> None:
        """Writes text of this program next to a table, and nothing in other formats."""
        if self.format == "table":
            self.stdout.write(text)
            self.stdout.flush()

    def _write_rows(
        self, rows: Iterable[Row], columns: Sequence[ListColumn], shows_one: str
    ) -> None:
        if self.format == "table":
            self._draw_list(rows, columns, shows_one)
            return
        if self.format == "id":
            formats.write_values(self.stdout, ((row.get("id"),) for row in rows))
            return
        keys = [column.key for column in columns]
        if self.format in ("csv", "value"):
            cells = (list(map(row.get, keys)) for row in rows)
            if self.format == "csv":
                titles = [column.title for column in columns]
                formats.write_csv(self.stdout, titles, cells)
            else:
                formats.write_values(self.stdout, cells)
            return
        if self.columns:
            rows = ({key: row.get(key) for key in keys} for row in rows)
        if self.format == "json":
            formats.write_json_list(self.stdout, rows, indent=not self.noindent)
        else:
            formats.write_yaml_list(self.stdout, rows)

    def _draw_list(
        self, rows: Iterable[Row], columns: Sequence[ListColumn], shows_one: str
    ) -> None:
        if self.screen is None:
            _list_grid(rows, columns).write(self.stdout)
            return
        from glancecli.output import terminal

        if self.wide:
            terminal.show_grid(_list_grid(rows, columns), self.screen)
            return
        if self.columns:  # those that the user picked are all wanted
            columns = [column._replace(rank=0) for column in columns]
        grid = _list_grid(map(terminal.list_with_units, rows), columns)
        terminal.show_list(grid, columns, self.screen, shows_one)

    def _draw_properties(self, properties: Row) -> None:
        if self.screen is None:
            texts = _property_texts(properties)
            _properties_grid(texts, self.max_column_width).write(self.stdout)
            return
        from glancecli.output import terminal

        texts = _property_texts(terminal.properties_with_units(properties))
        groups = [texts]
        if not self.columns:
            groups = terminal.grouped(texts)
        terminal.show_properties(groups, self.screen, self.max_column_width)


def _list_grid(rows: Iterable[Row], columns: Sequence[ListColumn]) -> Grid:
    """Returns the cells of a list, and how wide they are.

    It works column by column: a check of a thousand cells takes hardly longer than one of a cell.
    """
    grid = Grid([safe_text(column.title) for column in columns])
    remaining = iter(rows)
    while batch := list(islice(remaining, ROWS_AT_ONCE)):
        grid.add_columns([_list_cells(batch, column) for column in columns])
    return grid


def _list_cells(rows: Sequence[Row], column: ListColumn) -> Sequence[str]:
    """Returns the texts of one column of a list."""
    values: list[Any] = [row.get(column.key) for row in rows]
    if {*map(type, values)} != {str}:
        values = [_list_cell(value, column) for value in values]
    return safe_texts(values)


def _property_texts(properties: Row) -> dict[str, str]:
    """Returns names and values as safe text."""
    return {safe_text(key): formats.readable_text(value) for key, value in properties.items()}


def _properties_grid(texts: Mapping[str, str], limit: int) -> Grid:
    """Returns a grid of names and values, wrapped after limit columns (0: never).

    PrettyTable wraps them in the same way.
    """
    from glancecli.output.wrapping import wrap

    grid = Grid(("Property", "Value"))
    if not limit:
        for name, text in texts.items():
            grid.add([name, text])
        return grid
    limit = max(limit, len("Value"))
    for name, text in texts.items():
        grid.add([name, wrap(text, limit)])
        if text_width(text) > limit:  # PrettyTable's column then has the full width
            grid.widths[1] = max(grid.widths[1], limit)
    return grid


def _list_cell(value: Any, column: ListColumn) -> str:
    """Returns the text of a cell of a list."""
    if value is None:
        return column.null
    if value == 0 and value is not False:
        return column.zero
    if type(value) is int:
        return str(value)
    return formats.readable_text(value)


def _sorted_by(key: str, rows: Iterable[Row]) -> Iterator[Row]:
    """Returns the rows sorted: numbers, then text without regard to case, then null."""

    def rank(row: Row) -> tuple[int, Any]:
        value = row.get(key)
        if value is None:
            return (2, "")
        if isinstance(value, (int, float)):
            return (0, value)
        return (1, formats.value_text(value).casefold())

    return iter(sorted(rows, key=rank))
