r"""Reads a command line as bash does, up to the cursor, and writes words that bash takes as data.

bash gives a completion function the line as it was typed, and puts what the function returns into
the line as it is. So a name that is completed must be quoted in the way that the line has begun:
plain (``my\ image``), in single or in double quotes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

# What bash reads as itself outside quotes. Its word breaks (: = @) are among them.
PLAIN = r"[\w./:=@%+,-]"
ESCAPABLE = '\\$`"'  # in double quotes, a backslash quotes these alone
BLANKS = (" ", "\t", "\n")


class Line(NamedTuple):
    """The words before the cursor, and the one at the cursor as it was typed."""

    words: list[str]
    last: str


class Piece(NamedTuple):
    """The beginning of a word: what it stands for, and the quote that is open at its end.

    value is None where it depends on the shell: on a variable or on another command.
    """

    value: str | None
    quote: str


class Part(NamedTuple):
    """A character as it was typed, with its backslash; the quotes around it and after it."""

    typed: str
    quote: str
    after: str

    @property
    def is_live(self) -> bool:
        """Whether it begins a variable or a command."""
        return self.typed in ("$", "`") and self.quote != "'"

    @property
    def value(self) -> str:
        """What it stands for."""
        if self.quote != self.after:  # a quote
            return ""
        if self.quote == "'" or not self.typed.startswith("\\"):
            return self.typed
        if self.quote == '"' and self.typed[1:] not in ESCAPABLE:
            return self.typed
        return self.typed[1:]


def read_line(text: str) -> Line:
    """Returns the words of a line whose end is the cursor."""
    words = []
    word = ""
    for part in _parts(text):
        if part.quote or part.typed not in BLANKS:
            word += part.typed
        elif word:
            words.append(read_piece(word).value or word)
            word = ""
    return Line(words, word)


def read_piece(typed: str) -> Piece:
    """Returns what the beginning of a word stands for."""
    value = ""
    quote = ""
    for part in _parts(typed):
        quote = part.after
        if part.is_live:
            return Piece(None, quote)
        value += part.value
    return Piece(value, quote)


def replacement(value: str, last: str, replaced: str) -> str | None:
    """Returns what bash shall write instead of ``replaced``, so that the word at the cursor becomes
    the value; None if that cannot be written.

    last is the word as it was typed, replaced its end, which readline is going to replace.
    """
    if not last.endswith(replaced):
        return None
    stem = read_piece(last[: len(last) - len(replaced)])
    if stem.value is None or not value.startswith(stem.value):
        return None
    rest = value[len(stem.value) :]
    if stem.quote == "'":
        return rest.replace("'", "'\\''")
    if stem.quote == '"':
        return _in_double_quotes(rest)
    return "".join(map(_escaped, rest))


def _in_double_quotes(text: str) -> str | None:
    """Returns a text for double quotes. With ``!`` there is none: bash would expand its history,
    and a backslash before it would stay.
    """
    if "!" in text:
        return None
    return re.sub(r'[\\$`"]', r"\\\g<0>", text)


def _escaped(character: str) -> str:
    if re.match(PLAIN, character):
        return character
    return f"\\{character}"


def _parts(typed: str) -> Iterator[Part]:
    """Yields the characters of a line."""
    quote = ""
    at = 0
    while at < len(typed):
        part = typed[at]
        if part == "\\" and quote != "'":
            part = typed[at : at + 2]
        before = quote
        if part == quote:
            quote = ""
        elif not quote and part in ("'", '"'):
            quote = part
        yield Part(part, before, quote)
        at += len(part)
