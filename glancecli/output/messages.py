"""Messages for people on a terminal: errors, hints, warnings and notes on stderr."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable

from glancecli.masking import mask_secrets
from glancecli.output.colours import Paint, Tone, wants_colour
from glancecli.output.wrapping import COMMANDS_AND_WORDS, wrap
from glancecli.text import safe_text, terminal_width, text_width

CHOICE_MARGIN = " " * 4  # of all lines but the first

TONES = {
    "error": Tone.BAD,
    "warning": Tone.BUSY,
    "hint": Tone.ADVICE,
    "note": Tone.ADVICE,
}


def show_message(label: str, text: str, marks: str = "") -> None:
    """Writes a message with its label, wrapped between words; a command in backticks stays whole.

    marks are facts for other people than the reader, such as the request ID; they stand dimmed in
    parentheses at the end.
    """
    paint = Paint(colour=wants_colour(os.environ, isatty=True))
    width = terminal_width(sys.stderr)
    margin = ""
    if label:
        margin = " " * len(f"{label}: ")
    room = width - len(margin)
    lines = wrap(_safe(text), room, COMMANDS_AND_WORDS).split("\n")
    if marks:
        _append(f"({_safe(marks)})", lines, room, paint)
    first = margin
    if label:
        first = paint.label(f"{label}:", TONES[label]) + " "
    _write(first + f"\n{margin}".join(lines))


def _append(marks: str, lines: list[str], room: int, paint: Paint) -> None:
    """Adds the marks to the last line, or as lines of their own where it has no room for them."""
    if text_width(f"{lines[-1]} {marks}") <= room:
        lines[-1] += " " + paint.tone(marks, Tone.FAINT)
    else:
        lines += [paint.tone(line, Tone.FAINT) for line in wrap(marks, room).split("\n")]


def show_choices(choices: Iterable[str]) -> None:
    """Writes things to choose from, each indented, and more so where it takes several lines."""
    width = terminal_width(sys.stderr)
    for choice in choices:
        lines = [f"  {_safe(choice)}"]
        if text_width(lines[0]) > width:
            lines = wrap(_safe(choice), width - len(CHOICE_MARGIN)).split("\n")
            lines[0] = f"  {lines[0]}"
        _write(f"\n{CHOICE_MARGIN}".join(lines))


def _safe(text: str) -> str:
    return safe_text(mask_secrets(text))


def _write(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()
