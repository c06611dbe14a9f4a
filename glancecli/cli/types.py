"""Types of option values."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import click

from glancecli.errors import UsageError
from glancecli.text import did_you_mean, system_reason

if TYPE_CHECKING:
    import re
    from datetime import datetime
    from enum import Enum

    from glancecli.checksums import Checksum

TRUE_WORDS = frozenset({"true", "1", "yes", "on", "t", "y"})
FALSE_WORDS = frozenset({"false", "0", "no", "off", "f", "n"})
MOST_DIGITS = 18  # of a whole number; services store 64 bits


# A condition on a property: its key; "" (an image has it), "=" or "!="; the value, a glob.
PropertyFilter = tuple[str, str, str]


class Choice(click.Choice):  # type: ignore[type-arg]  # generic since click 8.2 only
    """One of several words."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Returns the word. Fails with a usage error that has the nearest for any other one."""
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter as error:
            nearest = did_you_mean(str(value), self.choices)
            self.fail(f"{error.message.removesuffix('.')}{nearest}", param, ctx)


class OneOf(Choice):
    """One of the values of an Enum."""

    def __init__(self, kind: type[Enum], *, case_sensitive: bool = True) -> None:
        super().__init__([member.value for member in kind], case_sensitive=case_sensitive)
        self.kind = kind

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Enum:
        """Returns the member of the Enum. Fails with a usage error for any other word."""
        return self.kind(super().convert(value, param, ctx))


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


class PropertyCondition(click.ParamType):  # type: ignore[type-arg]  # generic since click 8.5 only
    """KEY=GLOB, KEY!=GLOB or KEY; split at the first equals sign."""

    name = "KEY[=GLOB]"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> PropertyFilter:
        """Returns the condition. Fails with a usage error without a key, and for KEY!=, which would
        be true of nearly every image.
        """
        if isinstance(value, tuple):
            return value
        key, operator, wanted = value.partition("=")
        if operator and key.endswith("!"):
            key, operator = key[:-1], "!="
        if not key:
            self.fail(f"'{value}' has no KEY", param, ctx)
        if operator == "!=" and not wanted:
            self.fail(f"'{value}' has no value; is that an unset variable?", param, ctx)
        return key, operator, wanted


class Count(click.ParamType):  # type: ignore[type-arg]  # generic since click 8.5 only
    """A whole number (bytes, GiB, MiB, rows) that is not less than least."""

    def __init__(self, name: str = "NUMBER", least: int = 0) -> None:
        self.name = name
        self.least = least

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Returns the number. Fails with a usage error for signs, fractions and units."""
        if isinstance(value, int):
            return value
        is_number = value.isascii() and value.isdigit() and len(value) <= MOST_DIGITS
        if not is_number or int(value) < self.least:
            self.fail(f"'{value}' is not a whole number of {self.least} or more", param, ctx)
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
            rf"(\d{{1,{MOST_DIGITS}}}(?:\.\d+)?) ?(?:([{self.UNITS}])(?:i?B)?|B)?",
            value,
            re.IGNORECASE | re.ASCII,
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
        r"(Z|[+-]\d\d(?::?\d\d)?)?)?)?)?"
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
        try:
            datetime(*self._numbers(found))
        except ValueError:
            return False
        return True

    def _numbers(self, found: re.Match[str]) -> tuple[int, int, int, int, int, int]:
        """Returns year to second of a time of this form."""
        parts = zip(found.groups(), self.FIRST, strict=False)
        year, month, day, hour, minute, second = [int(part or first) for part, first in parts]
        return year, month, day, hour, minute, second


class Moment(Time):
    """A time by how long ago it was (30d, 2w, 12h), or as a date with or without a time; UTC unless
    it has an offset. Its value is in UTC: 2026-01-31T12:00:00Z.
    """

    name = "AGE"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Returns the time. Fails with a usage error for anything else, also for months, which are
        not equally long.
        """
        moment = None
        with suppress(OverflowError):  # before the year 1
            moment = self._age(value) or self._moment(value)
        if moment is None:
            self.fail(
                f"'{value}' is neither an age such as 30d, 2w or 12h nor a time such as 2026-01-31",
                param,
                ctx,
            )
        return moment.replace(microsecond=0, tzinfo=None).isoformat() + "Z"

    def _age(self, text: str) -> datetime | None:
        """Returns the time that was so long ago, None for what is not an age."""
        import re
        from datetime import datetime, timedelta, timezone

        found = re.fullmatch(r"(?:(\d{1,5})w|(\d{1,5})d|(\d{1,5})h)", text, re.ASCII)
        if found is None:
            return None
        weeks, days, hours = [int(number or 0) for number in found.groups()]
        return datetime.now(timezone.utc) - timedelta(weeks=weeks, days=days, hours=hours)

    def _moment(self, text: str) -> datetime | None:
        """Returns the time, None for what is not one."""
        import re
        from datetime import datetime, timedelta

        found = re.fullmatch(self.FORM, text)
        if found is None or not self._is_time(text):
            return None
        moment = datetime(*self._numbers(found))
        offset = found.groups()[-1] or "Z"
        if offset == "Z":
            return moment
        digits = offset[1:].replace(":", "").ljust(4, "0")
        east = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
        if offset[0] == "-":
            east = -east
        return moment - east


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
MOMENT = Moment()
PROPERTY_CONDITION = PropertyCondition()
HASH = Hash()
JSON_OBJECT = JsonObject()
SIZE = Size()
