"""The colours of a terminal: titles, statuses and messages, by the SGR sequences of ECMA-48."""

from __future__ import annotations

import os
from collections.abc import Mapping
from enum import Enum

BOLD = "1"


class Tone(Enum):
    """What a coloured text tells, which decides on its colour."""

    GOOD = "good"
    BUSY = "busy"
    BAD = "bad"
    FAINT = "faint"  # less important than what is around it
    ADVICE = "advice"


STATUS_TONES = {
    "active": Tone.GOOD,
    "accepted": Tone.GOOD,
    "success": Tone.GOOD,
    "queued": Tone.BUSY,
    "saving": Tone.BUSY,
    "uploading": Tone.BUSY,
    "importing": Tone.BUSY,
    "pending": Tone.BUSY,
    "processing": Tone.BUSY,
    "killed": Tone.BAD,
    "error": Tone.BAD,
    "failure": Tone.BAD,
    "rejected": Tone.BAD,
    "deactivated": Tone.FAINT,
    "deleted": Tone.FAINT,
    "pending_delete": Tone.FAINT,
}

# Of 256 colours, some with a contrast of about 4 or more to both black and white.
PALETTE_OF_256 = {
    Tone.GOOD: "38;5;28",
    Tone.BUSY: "38;5;130",
    Tone.BAD: "38;5;160",
    Tone.FAINT: "38;5;243",
    Tone.ADVICE: "38;5;31",
}

# Of 16 colours, some that can be read on both in most palettes: no yellow (white), no blue (black).
PALETTE_OF_16 = {
    Tone.GOOD: "32",
    Tone.BUSY: "35",
    Tone.BAD: "31",
    Tone.FAINT: "2",
    Tone.ADVICE: "36",
}


def wants_colour(environ: Mapping[str, str], isatty: bool) -> bool:
    """Returns whether to use colour: on a terminal that supports it, unless NO_COLOR is set.

    NO_COLOR is described at no-color.org.
    """
    if not isatty or environ.get("NO_COLOR"):
        return False
    return not is_dumb(environ)


def is_dumb(environ: Mapping[str, str]) -> bool:
    """Returns whether the terminal can only write lines, or is not named (TERM is not set or
    empty).
    """
    return environ.get("TERM", "").lower() in ("", "dumb", "unknown")


def has_256_colours(environ: Mapping[str, str]) -> bool:
    """Returns whether the environment says that the terminal has at least 256 colours."""
    if environ.get("COLORTERM", "").lower() in ("truecolor", "24bit"):
        return True
    return environ.get("TERM", "").lower().endswith(("256color", "kitty"))


class Paint:
    """Gives texts their colour; without colour it changes nothing."""

    def __init__(self, *, colour: bool) -> None:
        self.colour = colour
        self._palette = PALETTE_OF_16
        if has_256_colours(os.environ):
            self._palette = PALETTE_OF_256

    def title(self, text: str) -> str:
        """Returns the text in bold."""
        return self._styled(text, BOLD)

    def tone(self, text: str, tone: Tone) -> str:
        """Returns the text in the colour of the tone."""
        return self._styled(text, self._palette[tone])

    def label(self, text: str, tone: Tone) -> str:
        """Returns the text in bold, in the colour of the tone."""
        return self._styled(text, f"{BOLD};{self._palette[tone]}")

    def status(self, text: str) -> str:
        """Returns a status, padded or not, in its colour; an unknown one is returned as it is."""
        tone = STATUS_TONES.get(text.strip().lower())
        if tone is None:
            return text
        return self.tone(text, tone)

    def _styled(self, text: str, code: str) -> str:
        if not self.colour or not text:
            return text
        return f"\x1b[{code}m{text}\x1b[0m"
