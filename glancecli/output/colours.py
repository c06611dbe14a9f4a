"""The colours of a terminal: bold titles and coloured statuses, by the SGR sequences of ECMA-48."""

from __future__ import annotations

import os
from collections.abc import Mapping
from enum import Enum

BOLD = "1"


class StatusKind(Enum):
    """The meaning of a status, which decides on its colour."""

    GOOD = "good"
    BUSY = "busy"
    BAD = "bad"
    GONE = "gone"


STATUS_KINDS = {
    "active": StatusKind.GOOD,
    "accepted": StatusKind.GOOD,
    "success": StatusKind.GOOD,
    "queued": StatusKind.BUSY,
    "saving": StatusKind.BUSY,
    "uploading": StatusKind.BUSY,
    "importing": StatusKind.BUSY,
    "pending": StatusKind.BUSY,
    "processing": StatusKind.BUSY,
    "killed": StatusKind.BAD,
    "error": StatusKind.BAD,
    "failure": StatusKind.BAD,
    "rejected": StatusKind.BAD,
    "deactivated": StatusKind.GONE,
    "deleted": StatusKind.GONE,
    "pending_delete": StatusKind.GONE,
}

# Of 256 colours, some with a contrast of about 4 or more to both black and white.
PALETTE_OF_256 = {
    StatusKind.GOOD: "38;5;28",
    StatusKind.BUSY: "38;5;130",
    StatusKind.BAD: "38;5;160",
    StatusKind.GONE: "38;5;243",
}

# Of 16 colours, some that can be read on both in most palettes: no yellow (white), no blue (black).
PALETTE_OF_16 = {
    StatusKind.GOOD: "32",
    StatusKind.BUSY: "35",
    StatusKind.BAD: "31",
    StatusKind.GONE: "2",
}


def wants_colour(environ: Mapping[str, str], isatty: bool) -> bool:
    """Returns whether to use colour: on a terminal that supports it, unless NO_COLOR is set.

    NO_COLOR is described at no-color.org.
    """
    if not isatty or environ.get("NO_COLOR"):
        return False
    return environ.get("TERM", "dumb").lower() not in ("dumb", "unknown")


def has_256_colours(environ: Mapping[str, str]) -> bool:
    """Returns whether the environment says that the terminal has at least 256 colours."""
    if environ.get("COLORTERM", "").lower() in ("truecolor", "24bit"):
        return True
    return environ.get("TERM", "").lower().endswith(("256color", "kitty"))


class Paint:
    """Makes titles bold and colours statuses; without colour it changes nothing."""

    def __init__(self, *, colour: bool) -> None:
        self.colour = colour
        self._palette = PALETTE_OF_16
        if has_256_colours(os.environ):
            self._palette = PALETTE_OF_256

    def title(self, text: str) -> str:
        """Returns the text in bold."""
        if not self.colour:
            return text
        return _styled(text, BOLD)

    def status(self, text: str) -> str:
        """Returns a status in its colour; an unknown one is returned as it is."""
        kind = STATUS_KINDS.get(text.strip().lower())
        if not self.colour or kind is None:
            return text
        return _styled(text, self._palette[kind])


def _styled(text: str, code: str) -> str:
    return f"\x1b[{code}m{text}\x1b[0m"
