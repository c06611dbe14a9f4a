"""Microversions of the Compute API (https://docs.openstack.org/nova/latest/reference/api-microversion-history.html)."""

from __future__ import annotations

import re
from typing import NamedTuple

from glancecli.errors import UsageError


class Microversion(NamedTuple):
    """A microversion, such as 2.45."""

    major: int
    minor: int

    def __str__(self) -> str:
        """The version as headers and messages have it."""
        return f"{self.major}.{self.minor}"


class MicroversionRange(NamedTuple):
    """The oldest and the newest microversion of a server."""

    oldest: Microversion
    newest: Microversion

    def __str__(self) -> str:
        """The range as it is remembered: ``2.1 2.104``."""
        return f"{self.oldest} {self.newest}"


FIRST = Microversion(2, 1)
LATEST = Microversion(999, 999)  # asked for as "latest"

# Settings made for very old clients ask for these, and mean the API that became 2.
BEFORE_VERSION_2 = ("1", "1.0", "1.1")
ANY_MICROVERSION = ("2", "2.0")


def parse_range(text: str) -> MicroversionRange | None:
    """Returns the range written as ``2.1 2.104``, None for any other text."""
    found = re.fullmatch(r"(\d+)\.(\d+) (\d+)\.(\d+)", text)
    if found is None:
        return None
    oldest = Microversion(int(found[1]), int(found[2]))
    newest = Microversion(int(found[3]), int(found[4]))
    return MicroversionRange(oldest, newest)


def parse_wish(text: str | None) -> Microversion | None:
    """Returns the microversion that a user asks for, None for no wish. Raises UsageError for
    another text.
    """
    if not text or text in ANY_MICROVERSION:
        return None
    if text in ("latest", "2.latest"):
        return LATEST
    found = re.fullmatch(r"2\.([1-9]\d*)", text)
    if found is None:
        raise UsageError(f"'{text}' is not a Compute API version: 2.1, 2.45, ... or 2.latest")
    return Microversion(2, int(found[1]))
