"""Text that fits a width: broken between words, or without its middle."""

from __future__ import annotations

import re
from bisect import bisect_right

from glancecli.text import text_width

ELLIPSIS = "…"
JOINER = "\u200d"  # makes one picture of the two characters around it

# The pieces of a text, between which it may be broken.
WORDS = " +|[^ ]+"
COMMANDS_AND_WORDS = " +|(?:`[^`]*`|[^ ])+"  # a command in backticks stays whole


def pieces_ending_with(mark: str) -> str:
    """Returns the pattern of words that end after this mark too, such as ``/``."""
    if not mark:
        return WORDS
    return f" +|[^ {mark}]+{mark}?|{mark}"


def wrap(text: str, width: int, pieces: str = WORDS) -> str:
    """Returns the text in lines of at most width columns, broken at spaces.

    A longer piece, such as a hash or a URL, is never broken. pieces is the pattern of those.
    """
    if text_width(text) <= width:
        return text
    lines = []
    line = ""
    for piece in re.findall(pieces, text):
        # The joined line is measured: its width is not always the sum of the widths of its pieces.
        if line and text_width(line + piece) > width:
            lines.append(line.rstrip(" "))
            line = ""
        starts_later_line = not line and lines
        if piece[0] == " " and starts_later_line:
            continue
        line += piece
    lines.append(line.rstrip(" "))
    return "\n".join(filter(None, lines))


def shortened(text: str, width: int) -> str:
    """Returns the text; if it is wider, an ellipsis replaces its middle.

    The ends tell names apart: a distribution at the one, a build or an architecture at the other.
    """
    if text_width(text) <= width:
        return text
    room = max(width - len(ELLIPSIS), 0)
    tail_room = room // 2
    if text.isascii():
        head, tail = text[: room - tail_room], text[len(text) - tail_room :]
    else:
        head, tail = _head(text, room - tail_room), _tail(text, tail_room)
    return head + ELLIPSIS + tail


def _head(text: str, room: int) -> str:
    """Returns the longest beginning that fits."""

    def width_before(end: int) -> int:
        return text_width(text[:end])

    return text[: bisect_right(range(1, len(text)), room, key=width_before)]


def _tail(text: str, room: int) -> str:
    """Returns the longest end that fits and does not begin within a character of several parts."""

    def width_after(count: int) -> int:
        return text_width(text[len(text) - count :])

    count = bisect_right(range(1, len(text)), room, key=width_after)
    for start in range(len(text) - count, len(text)):
        if not _continues(text, start) and text_width(text[start:]) <= room:
            return text[start:]
    return ""


def _continues(text: str, place: int) -> bool:
    """Whether the character at this place belongs to the one before it."""
    return text[place - 1] == JOINER or text_width(text[place]) == 0
