"""The columns of a list, and how the names that users type find them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple

from glancecli.errors import UsageError
from glancecli.text import did_you_mean, normalized_name

Row = Mapping[str, Any]

# Reports a picked column that does not exist: its name as it was typed, and "; did you mean ...?"
# or "".
ReportMissing = Callable[[str, str], None]


class ListColumn(NamedTuple):
    """A column of a list: the key of its values in each row, and its title.

    zero is what a table shows for the number 0, null what it shows for no value. The others are for
    terminals: prose may take several lines, which end between words or after the mark break_after;
    where there is no room, columns are left out from the highest rank on, those of rank 0 never.
    """

    key: str
    title: str
    zero: str = "0"
    break_after: str = ""
    null: str = ""
    prose: bool = False
    rank: int = 0


def find_columns(
    names: Sequence[str],
    columns: Sequence[ListColumn],
    rows: Iterable[Row],
    report_missing: ReportMissing | None = None,
) -> tuple[list[ListColumn], Iterator[Row]]:
    """Returns the columns with these names, and an iterator over all rows.

    A name may be the title or the key of a column, or any field of a row; to find a field, rows are
    read ahead. A name that no row has is reported, and its column is empty; without report_missing
    it is a UsageError, unless there are no rows that could show which fields exist.
    """
    found = _columns_by_name(columns)
    missing = {normalized_name(name): name for name in names}
    for name in found:
        missing.pop(name, None)
    unread = iter(rows)
    read: list[Row] = []
    while missing:
        row = next(unread, None)
        if row is None:
            break
        read.append(row)
        for key in row:
            typed = missing.pop(normalized_name(key), None)
            if typed is not None:
                found[normalized_name(key)] = ListColumn(key, typed)
    if missing:
        known = _known_names(columns, read)
        typed_names = [missing[name] for name in sorted(missing)]
        if report_missing:
            _report(typed_names, known, report_missing)
        elif read:
            raise _unknown_columns(typed_names, known)
    for name, typed in missing.items():
        found[name] = ListColumn(typed, typed)
    columns_found = [found[normalized_name(name)] for name in names]
    return columns_found, chain(read, unread)


def find_keys(
    names: Sequence[str], fields: Row, report_missing: ReportMissing | None = None
) -> list[str]:
    """Returns the keys of the fields with these names.

    A name that no field has is reported and returned as it is; without report_missing it is a
    UsageError.
    """
    keys = {normalized_name(key): key for key in fields}
    missing = [name for name in names if normalized_name(name) not in keys]
    known = sorted(fields)
    if report_missing:
        _report(missing, known, report_missing)
    elif missing:
        raise _unknown_columns(missing, known)
    return [keys.get(normalized_name(name), name) for name in names]


def _columns_by_name(columns: Sequence[ListColumn]) -> dict[str, ListColumn]:
    found: dict[str, ListColumn] = {}
    for column in columns:
        found.setdefault(normalized_name(column.key), column)
        found.setdefault(normalized_name(column.title), column)
    return found


def _known_names(columns: Sequence[ListColumn], rows: Sequence[Row]) -> list[str]:
    """Returns the titles of the columns, then the other fields of these rows."""
    others: set[str] = set()
    for row in rows:
        others.update(row)
    for column in columns:
        others.discard(column.key)
    titles = [column.title for column in columns]
    return titles + sorted(others)


def _report(missing: Iterable[str], known: Sequence[str], report_missing: ReportMissing) -> None:
    for name in missing:
        report_missing(name, did_you_mean(name, known))


def _unknown_columns(missing: Sequence[str], known: Sequence[str]) -> UsageError:
    listed = ", ".join(repr(name) for name in missing)
    return UsageError(
        f"no column {listed}{did_you_mean(missing[0], known)}",
        hint=f"There are: {', '.join(known)}",
    )
