"""Colours of statuses and titles on a terminal, as escape sequences of ECMA-48 (SGR)."""

from __future__ import annotations

import os
from collections.abc import Mapping
from enum import Enum

BOLD = "1"


class StatusKind(Enum):
    """What a status means to whoever waits for it."""

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

# Of 256 colours, those with a contrast of about 4 or more to black and to white.
PALETTE_OF_256 = {
    StatusKind.GOOD: "38;5;28",
    StatusKind.BUSY: "38;5;130",
    StatusKind.BAD: "38;5;160",
    StatusKind.GONE: "38;5;243",
}

# Of 16 colours, those far from both in most palettes: yellow vanishes on white, blue on black.
PALETTE_OF_16 = {
    StatusKind.GOOD: "32",
    StatusKind.BUSY: "35",
    StatusKind.BAD: "31",
    StatusKind.GONE: "2",
}


def wants_colour(environ: Mapping[str, str], isatty: bool) -> bool:
    """Returns whether to use colour: on a terminal that knows it, unless NO_COLOR is set.

    See no-color.org.
    """
    if not isatty or environ.get("NO_COLOR"):
        return False
    return environ.get("TERM", "dumb").lower() not in ("dumb", "unknown")


def has_256_colours(environ: Mapping[str, str]) -> bool:
    """Returns whether the terminal says that it has 256 colours or more."""
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
        """Returns the text in the colour of the status that it is, if it is a known one."""
        kind = STATUS_KINDS.get(text.strip().lower())
        if not self.colour or kind is None:
            return text
        return _styled(text, self._palette[kind])


def _styled(text: str, code: str) -> str:
    return f"\x1b[{code}m{text}\x1b[0m"
