"""The formats that programs read: JSON, YAML, CSV and values. Each row is written as it comes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TextIO, TypeVar

from glancecli.output.columns import Row
from glancecli.text import UNSAFE, safe_text

T = TypeVar("T")

NEVER_WRAPPED = 1 << 30  # columns of a YAML line


def value_text(value: Any, separators: tuple[str, str] = (",", ":")) -> str:
    """Returns a value as safe text; a list or an object as JSON with these separators."""
    if isinstance(value, str):
        return safe_text(value)
    if isinstance(value, (list, tuple, dict)):
        import json

        value = json.dumps(value, ensure_ascii=False, default=str, separators=separators)
    return safe_text(str(value))


def readable_text(value: Any) -> str:
    """Returns a value as safe text; a list or an object as JSON with spaces."""
    return value_text(value, separators=(", ", ": "))


# Values and CSV


def write_values(out: TextIO, rows: Iterable[Sequence[Any]]) -> None:
    """Writes a line for each row, its cells separated by one space; null is ``None``."""
    for row in _flush_after_first(out, rows):
        out.write(" ".join(map(value_text, row)) + "\n")


def write_csv(out: TextIO, titles: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    r"""Writes the titles and a line for each row as in RFC 4180, but with ``\n`` as line end.

    Null is an empty cell.
    """
    import csv

    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(map(safe_text, titles))
    for row in _flush_after_first(out, rows):
        writer.writerow(map(_csv_text, row))


def _csv_text(value: Any) -> str:
    if value is None:
        return ""
    return value_text(value)


def _flush_after_first(out: TextIO, rows: Iterable[T]) -> Iterator[T]:
    """Yields the rows. The first is flushed before the second is read, which may take a request."""
    remaining = iter(rows)
    for first in remaining:
        yield first
        out.flush()
        yield from remaining


# Shell variables


def write_variables(out: TextIO, properties: Row, prefix: str) -> None:
    """Writes a line for each property that a POSIX shell can evaluate: ``PREFIXname="value"``.

    A shell takes every value as it is, whatever a server puts into it. Null is ``None``.
    """
    for key, value in properties.items():
        name = re.sub(r"\W", "_", f"{prefix}{key.lower()}", flags=re.ASCII)
        if name[0].isdigit():
            name = f"_{name}"
        escaped = re.sub(r'([\\"$`])', r"\\\1", value_text(value))
        out.write(f'{name}="{escaped}"\n')


# JSON


def write_json_list(out: TextIO, rows: Iterable[Row], *, indent: bool) -> None:
    """Writes all rows as one JSON array; only one row at a time is in memory."""
    opening, separator, closing = "[", ",", "]\n"
    if indent:
        opening, separator, closing = "[\n  ", ",\n  ", "\n]\n"
    encoder = _ObjectEncoder(out, indent=indent, margin="\n  ")
    lead = opening
    for row in _flush_after_first(out, rows):
        out.write(lead + encoder.encode(row))
        lead = separator
    if lead == opening:  # there were no rows
        closing = "[]\n"
    out.write(closing)


def write_json_object(out: TextIO, fields: Row, *, indent: bool) -> None:
    """Writes one JSON object."""
    encoder = _ObjectEncoder(out, indent=indent, margin="\n")
    out.write(encoder.encode(fields) + "\n")


class _ObjectEncoder:
    """Encodes objects as JSON on one line, or in the layout of json.dumps(..., indent=2).

    This class makes that layout because json has no compiled encoder for it: with json.dumps a list
    of 10,000 images takes over a third more processor time. margin is a line break and the spaces
    before the last bracket.
    """

    def __init__(self, out: TextIO, *, indent: bool, margin: str) -> None:
        from json import JSONEncoder, encoder

        # Where stdout has no Unicode encoding, ASCII escapes keep every character.
        ascii_only = not writes_unicode(out)
        compact = JSONEncoder(ensure_ascii=ascii_only, default=str, separators=(",", ":"))
        self._encode_compactly = compact.encode
        self._encode_text: Callable[[str], str] = encoder.encode_basestring
        if ascii_only:
            self._encode_text = encoder.encode_basestring_ascii
        self._encode_scalar: dict[type, Callable[[Any], str]] = {
            str: self._encode_text,
            int: str,
            bool: _encode_bool,
            type(None): _encode_null,
        }
        self._indent = indent
        self._margin = margin

    def encode(self, row: Row) -> str:
        """Returns the row as a JSON object."""
        if self._indent:
            return _escape_unsafe(self._object(row, self._margin))
        return _escape_unsafe(self._encode_compactly(dict(row)))

    def _object(self, fields: Row, margin: str) -> str:
        if not fields:
            return "{}"
        inner_margin = margin + "  "
        encode_text = self._encode_text
        encoded = []
        for key, value in fields.items():
            # Most values are strings, and one call less for each saves a tenth of the time.
            text = encode_text(value) if type(value) is str else self._value(value, inner_margin)
            encoded.append(f"{encode_text(key)}: {text}")
        body = f",{inner_margin}".join(encoded)
        return f"{{{inner_margin}{body}{margin}}}"

    def _value(self, value: Any, margin: str) -> str:
        encode_scalar = self._encode_scalar.get(type(value))
        if encode_scalar:
            return encode_scalar(value)
        if isinstance(value, dict):
            return self._object(value, margin)
        if isinstance(value, (list, tuple)):
            return self._array(value, margin)
        return self._encode_compactly(value)

    def _array(self, items: Sequence[Any], margin: str) -> str:
        if not items:
            return "[]"
        inner_margin = margin + "  "
        encoded = [self._value(item, inner_margin) for item in items]
        body = f",{inner_margin}".join(encoded)
        return f"[{inner_margin}{body}{margin}]"


def _encode_bool(value: bool) -> str:
    if value:
        return "true"
    return "false"


def _encode_null(value: None) -> str:
    return "null"


def writes_unicode(out: TextIO) -> bool:
    """Whether every character can be written to this stream."""
    encoding = getattr(out, "encoding", None) or "utf-8"
    return bool(encoding.lower().startswith("utf"))


def _escape_unsafe(encoded: str) -> str:
    """Returns JSON with escapes for characters that act on terminals and that json leaves alone."""
    if encoded.isascii() and "\x7f" not in encoded:
        return encoded
    return re.sub(UNSAFE, _json_escape, encoded)


def _json_escape(match: re.Match[str]) -> str:
    character = match[0]
    if character == "\n":  # of the layout; json has escaped those of the text
        return character
    import json

    return json.dumps(character)[1:-1]


# YAML


def write_yaml_list(out: TextIO, rows: Iterable[Row]) -> None:
    """Writes all rows as one YAML sequence; only one row at a time is in memory."""
    empty = True
    for row in _flush_after_first(out, rows):
        out.write(_yaml([dict(row)]))
        empty = False
    if empty:
        out.write("[]\n")


def write_yaml_mapping(out: TextIO, fields: Row) -> None:
    """Writes one YAML mapping."""
    out.write(_yaml(dict(fields)))


def _yaml(value: Any) -> str:
    """Returns YAML; if a character is unsafe, all those outside ASCII are written as escapes."""
    import yaml

    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)

    def dump(allow_unicode: bool) -> str:
        text = yaml.dump(
            value,
            Dumper=dumper,
            allow_unicode=allow_unicode,
            sort_keys=False,
            width=NEVER_WRAPPED,
        )
        return str(text)

    text = dump(allow_unicode=True)
    if re.search(UNSAFE, text.replace("\n", "")):
        return dump(allow_unicode=False)
    return text
