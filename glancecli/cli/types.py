"""Types of option values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from glancecli.errors import UsageError
from glancecli.text import system_reason

if TYPE_CHECKING:
    from glancecli.checksums import Checksum

TRUE_WORDS = frozenset({"true", "1", "yes", "on", "t", "y"})
FALSE_WORDS = frozenset({"false", "0", "no", "off", "f", "n"})


class TrueFalse(click.ParamType):  # type: ignore[type-arg]  # generic since click 8.5 only
    """True or False, in any of the spellings that the services accept."""

    name = "boolean"

    def get_metavar(self, param: click.Parameter, ctx: click.Context | None = None) -> str:
        """Returns how help shows the value."""
        return "[True|False]"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> bool:
        """Returns the boolean. Fails with a usage error for any other word."""
        if isinstance(value, bool):
            return value
        word = str(value).lower()
        if word in TRUE_WORDS:
            return True
        if word not in FALSE_WORDS:
            self.fail(f"'{value}' is neither True nor False", param, ctx)
        return False


class KeyValue(click.ParamType):  # type: ignore[type-arg]  # generic since click 8.5 only
    """KEY=VALUE, split at the first equals sign."""

    name = "KEY=VALUE"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        """Returns key and value, both as written."""
        if isinstance(value, tuple):
            return value
        key, equals, rest = value.partition("=")
        if not equals or not key:
            self.fail(f"'{value}' is not of the form KEY=VALUE", param, ctx)
        return key, rest


class Count(click.ParamType):  # type: ignore[type-arg]  # generic since click 8.5 only
    """A whole number, not negative (bytes, GiB, MiB, rows)."""

    def __init__(self, name: str = "NUMBER") -> None:
        self.name = name

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Returns the number. Fails with a usage error for signs, fractions and units."""
        if isinstance(value, int):
            return value
        if not (value.isascii() and value.isdigit()):
            self.fail(f"'{value}' is not a whole number of 0 or more", param, ctx)
        return int(value)


class Converted(int):
    """A number that was typed with a unit; typed is how."""

    typed = ""


class Size(click.ParamType):  # type: ignore[type-arg]  # generic since click 8.5 only
    """A size with a unit if wanted: 10G, 10GB and 10GiB are the same (1024, as --human-readable
    shows them). Its value is in the unit that the service takes: "" (bytes), M or G.
    """

    UNITS = "KMGTP"

    def __init__(self, name: str = "SIZE", unit: str = "") -> None:
        self.name = name
        self.unit = unit

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Returns the number of the service's units. Fails with a usage error for anything else,
        also for a part of a unit.
        """
        import re

        if isinstance(value, int):
            return value
        found = re.fullmatch(
            rf"(\d+(?:\.\d+)?) ?(?:([{self.UNITS}])(?:i?B)?|B)?", value, re.IGNORECASE | re.ASCII
        )
        if found is None:
            self.fail(f"'{value}' is not a size such as 500M, 10G or 1073741824", param, ctx)
        if value.isdigit():
            return int(value)
        size = float(found[1]) * _bytes(found[2] or "") / _bytes(self.unit)
        if size != int(size):
            self.fail(f"'{value}' is not a whole number of {self.name}", param, ctx)
        converted = Converted(size)
        converted.typed = value
        return converted


def _bytes(unit: str) -> int:
    """The bytes of a unit: "", K, M ..."""
    return int(1024 ** f" {Size.UNITS}".index(unit.upper() or " "))


class Seconds(click.ParamType):  # type: ignore[type-arg]  # generic since click 8.5 only
    """A time in seconds, not negative; fractions are allowed."""

    name = "SECONDS"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Returns the number. Fails with a usage error for anything else, also for infinity."""
        try:
            seconds = float(value)
        except ValueError:
            seconds = -1
        if not 0 <= seconds < float("inf"):
            self.fail(f"'{value}' is not a number of seconds", param, ctx)
        return seconds


class Time(click.ParamType):  # type: ignore[type-arg]  # generic since click 8.5 only
    """A date, or a date and a time, in the forms of ISO 8601 that Glance reads."""

    name = "TIME"
    FORM = (
        r"(\d{4})(?:-?(\d\d)(?:-?(\d\d)(?:[T ](\d\d)(?::?(\d\d)(?::?(\d\d)(?:[.,]\d+)?)?)?"
        r"(?:Z|[+-]\d\d(?::?\d\d)?)?)?)?)?"
    )
    FIRST = ("1", "1", "1", "0", "0", "0")  # what a part stands for that is left out

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Returns the time as written. Fails with a usage error for anything else."""
        if not self._is_time(value):
            self.fail(
                f"'{value}' is not a time such as 2026-01-31 or 2026-01-31T12:00:00Z", param, ctx
            )
        return str(value)

    def _is_time(self, text: str) -> bool:
        import re
        from datetime import datetime

        found = re.fullmatch(self.FORM, text)
        if not found:
            return False
        parts = zip(found.groups(), self.FIRST, strict=True)
        year, month, day, hour, minute, second = [int(part or first) for part, first in parts]
        try:
            datetime(year, month, day, hour, minute, second)
        except ValueError:
            return False
        return True


class Hash(click.ParamType):  # type: ignore[type-arg]  # generic since click 8.5 only
    """A checksum: ALGORITHM:HEX, or only hex digits, whose number shows the algorithm."""

    name = "HASH"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Checksum:
        """Returns the checksum. Raises UsageError for anything else."""
        from glancecli.checksums import Checksum, parse_checksum

        if isinstance(value, Checksum):
            return value
        return parse_checksum(value)


class JsonObject(click.ParamType):  # type: ignore[type-arg]  # generic since click 8.5 only
    """A JSON object: as text, or as @FILE."""

    name = "JSON|@FILE"

    def get_metavar(self, param: click.Parameter, ctx: click.Context | None = None) -> str:
        """Returns how help shows the value."""
        return self.name

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> dict[str, Any]:
        """Returns the object. Fails with a usage error for anything else."""
        if isinstance(value, dict):
            return value
        text, source = value, f"'{value}'"
        if value.startswith("@"):
            source = value[1:]
            text = self._content(source, param, ctx)
        try:
            return json_object(text, source)
        except UsageError as error:
            self.fail(error.message, param, ctx)

    def _content(
        self, path: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> bytes:
        from pathlib import Path

        try:
            return Path(path).read_bytes()
        except OSError as error:
            self.fail(f"cannot read {path}: {system_reason(error)}", param, ctx)


def json_object(text: str | bytes, source: str) -> dict[str, Any]:
    """Returns the JSON object in a text. Raises UsageError that names the source, line and
    column.
    """
    import json

    try:
        found = json.loads(text)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise UsageError(f"{source} is not JSON: {error.msg} ({place})") from None
    except UnicodeDecodeError:
        raise UsageError(f"{source} is not JSON: it is not UTF-8 text") from None
    if not isinstance(found, dict):
        raise UsageError(f"{source} is JSON, but not an object: {{...}}")
    return found


TRUE_FALSE = TrueFalse()
KEY_VALUE = KeyValue()
HASH = Hash()
JSON_OBJECT = JsonObject()
SIZE = Size()
