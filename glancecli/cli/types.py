"""Types of option values."""

from __future__ import annotations

from typing import Any

import click

_TRUE = frozenset({"true", "1", "yes", "on", "t", "y"})


_FALSE = frozenset({"false", "0", "no", "off", "f", "n"})


class TrueFalse(click.ParamType):  # type: ignore[type-arg]  # generic since click 8.5 only
    """True or False in any of the spellings that the services take."""

    name = "boolean"

    def get_metavar(self, param: click.Parameter, ctx: click.Context | None = None) -> str:
        """How help shows the value."""
        return "[True|False]"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> bool:
        """The boolean, or a usage error: nothing is guessed."""
        if isinstance(value, bool):
            return value
        word = str(value).lower()
        if word not in _TRUE | _FALSE:
            self.fail(f"'{value}' is neither True nor False", param, ctx)
        return word in _TRUE


class KeyValue(click.ParamType):  # type: ignore[type-arg]  # generic since click 8.5 only
    """KEY=VALUE, split at the first equals sign."""

    name = "KEY=VALUE"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        """Key and value, both as written."""
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
        """The number; signs, fractions and units are usage errors."""
        if isinstance(value, int):
            return value
        if not (value.isascii() and value.isdigit()):
            self.fail(f"'{value}' is not a whole number of 0 or more", param, ctx)
        return int(value)


class Seconds(click.ParamType):  # type: ignore[type-arg]  # generic since click 8.5 only
    """A time in seconds, not negative; a fraction is fine."""

    name = "SECONDS"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """The number; anything else is a usage error, infinity too."""
        try:
            seconds = float(value)
        except ValueError:
            seconds = -1
        if not 0 <= seconds < float("inf"):
            self.fail(f"'{value}' is not a number of seconds", param, ctx)
        return seconds


class Time(click.ParamType):  # type: ignore[type-arg]  # generic since click 8.5 only
    """A date, or a date and a time, as ISO 8601 writes them and Glance reads them."""

    name = "TIME"
    FORM = (
        r"(\d{4})(?:-?(\d\d)(?:-?(\d\d)(?:[T ](\d\d)(?::?(\d\d)(?::?(\d\d)(?:[.,]\d+)?)?)?"
        r"(?:Z|[+-]\d\d(?::?\d\d)?)?)?)?)?"
    )

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The time as written; what is none is a usage error."""
        import re
        from datetime import datetime

        found = re.fullmatch(self.FORM, value)
        parts = zip(found.groups(), (1, 1, 1, 0, 0, 0), strict=True) if found else ()
        try:
            year, month, day, hour, minute, second = [int(given or least) for given, least in parts]
            datetime(year, month, day, hour, minute, second)
        except ValueError:
            self.fail(
                f"'{value}' is no time such as 2026-01-31 or 2026-01-31T12:00:00Z", param, ctx
            )
        return str(value)


TRUE_FALSE = TrueFalse()


KEY_VALUE = KeyValue()
