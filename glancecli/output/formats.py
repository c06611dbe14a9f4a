"""The formats for programs: JSON, YAML, CSV and values, each row written as it comes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TextIO, TypeVar

from glancecli.text import UNSAFE, safe_text

Row = Mapping[str, Any]
T = TypeVar("T")
WORDS = {None: "null", True: "true", False: "false"}


def text(value: Any, *, blanks: bool = False) -> str:
    """One value as safe text: lists and objects as JSON (with blanks after its commas, or none)."""
    if isinstance(value, (list, tuple, dict)):
        import json

        value = json.dumps(
            value, ensure_ascii=False, default=str, separators=None if blanks else (",", ":")
        )
    return safe_text(str(value))


def write_values(out: TextIO, rows: Iterable[Sequence[Any]]) -> None:
    """A line for each row, its cells with one blank between; null is ``None``."""
    for row in _promptly(out, rows):
        out.write(" ".join(map(text, row)) + "\n")


def write_csv(out: TextIO, titles: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    r"""RFC 4180 with ``\n`` as line end: titles, then a line for each row; null is an empty cell."""
    import csv

    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(map(safe_text, titles))
    for row in _promptly(out, rows):
        writer.writerow(["" if value is None else text(value) for value in row])


def write_list(out: TextIO, rows: Iterable[Row], kind: str, *, indent: bool) -> None:
    """All rows as one JSON array or YAML sequence; nothing but the row at hand is held."""
    rows = _promptly(out, rows)
    if kind == "yaml":
        written = False
        for row in rows:
            out.write(_yaml([dict(row)]))
            written = True
        out.write("" if written else "[]\n")
        return
    encode = _Json(out, indent=indent)
    between = "[\n  " if indent else "["
    for row in rows:
        out.write(between + encode.row(row))
        between = ",\n  " if indent else ","
    out.write(("\n]\n" if indent else "]\n") if between[0] == "," else "[]\n")


def write_one(out: TextIO, record: Row, kind: str, *, indent: bool) -> None:
    """One JSON object or YAML mapping."""
    if kind == "yaml":
        out.write(_yaml(dict(record)))
    else:
        out.write(_Json(out, indent=indent, depth=0).row(record) + "\n")


class _Json:
    """Rows as json.dumps writes them with indent=2.

    Put together here, as json leaves its compiled encoder when it is to indent and takes five times
    as long.
    """

    def __init__(self, out: TextIO, *, indent: bool, depth: int = 1) -> None:
        import json
        from json import encoder

        # JSON can say in ASCII what stdout's encoding could only replace by question marks.
        ascii_only = not (getattr(out, "encoding", None) or "utf-8").lower().startswith("utf")
        # Most values are strings, and this is what writes them in the end.
        self.string: Callable[[str], str] = (
            encoder.encode_basestring_ascii if ascii_only else encoder.encode_basestring
        )
        self.indent = indent
        self.margin = "\n" + "  " * depth
        self.encode = json.JSONEncoder(
            ensure_ascii=ascii_only, default=str, separators=(",", ":")
        ).encode
        self.keys: dict[str, str] = {}  # as they are written, since rows have the same ones

    def row(self, row: Row) -> str:
        return _escaped(
            self._text(dict(row), self.margin) if self.indent else self.encode(dict(row))
        )

    def _text(self, value: Any, margin: str) -> str:
        """A value; margin, a line break and blanks, goes before the bracket that ends it."""
        inner = margin + "  "
        if value and isinstance(value, dict):
            keys, string = self.keys, self.string
            fields = [
                (keys.get(k) or self._key(k))
                + (string(v) if type(v) is str else self._text(v, inner))
                for k, v in value.items()
            ]
            return f"{{{inner}{f',{inner}'.join(fields)}{margin}}}"
        if value and isinstance(value, (list, tuple)):
            return f"[{inner}{f',{inner}'.join([self._text(v, inner) for v in value])}{margin}]"
        if type(value) is int:
            return str(value)
        return WORDS[value] if value is None or isinstance(value, bool) else self.encode(value)

    def _key(self, key: str) -> str:
        return self.keys.setdefault(key, self.encode(key) + ": ")


def _promptly(out: TextIO, rows: Iterable[T]) -> Iterator[T]:
    """The rows; the first is on its way before the second is asked for, as that may take a request."""
    rows = iter(rows)
    for row in rows:
        yield row
        out.flush()
        yield from rows


def _escaped(encoded: str) -> str:
    """JSON without the characters that json leaves as they are and terminals act on."""
    if encoded.isascii() and "\x7f" not in encoded:
        return encoded
    return re.sub(UNSAFE, lambda m: m[0] if m[0] == "\n" else f"\\u{ord(m[0]):04x}", encoded)


def _yaml(value: Any) -> str:
    import yaml

    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    plain: str = yaml.dump(value, Dumper=dumper, allow_unicode=True, sort_keys=False, width=1 << 30)
    if re.search(UNSAFE, plain.replace("\n", "")):
        plain = yaml.dump(value, Dumper=dumper, sort_keys=False, width=1 << 30)
    return plain
