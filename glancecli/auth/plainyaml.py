"""Reads the simple part of YAML that most clouds.yaml files use, without PyYAML.

Importing PyYAML takes longer than everything else that a short command does besides HTTP. The
results are those of PyYAML, which tests verify. Anything else is left to PyYAML: flow collections,
anchors, tags, folded text, escapes, text outside ASCII, comments after a value, numbers other than
integers.
"""

from __future__ import annotations

from typing import Any

_WORDS = {
    **dict.fromkeys(("true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON"), True),
    **dict.fromkeys(("false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF"), False),
    **dict.fromkeys(("null", "Null", "NULL"), None),
}


_QUOTES = ("'", '"')
_OTHER_BASES = ("0x", "0b")


class _NotPlainError(Exception):
    """The text is YAML that this module does not read."""


class _Line:
    def __init__(self, indent: int, content: str) -> None:
        self.indent = indent
        self.content = content

    @property
    def is_item(self) -> bool:
        return self.content.startswith("- ")


_END = _Line(-1, "")  # follows the last line; its indent is less than any other


def read(text: str) -> dict[str, Any] | None:
    """Returns the mapping that the text contains, None when the text is not simple enough."""
    without_newlines = text.replace("\n", "")
    if not without_newlines.isascii() or not without_newlines.isprintable():
        return None
    try:
        return _Parser(_lines(text)).document()
    except _NotPlainError:
        return None


def _lines(text: str) -> list[_Line]:
    """Returns the lines that are neither empty nor comments."""
    found = []
    for line in text.split("\n"):
        content = line.strip(" ")
        if content and not content.startswith("#"):
            indent = len(line) - len(line.lstrip(" "))
            found.append(_Line(indent, content))
    if found and found[0].indent == 0 and found[0].content == "---":
        del found[0]
    if not found or found[0].indent != 0:
        raise _NotPlainError
    return found


class _Parser:
    """Parses lines one after the other; raises _NotPlainError for what it does not read."""

    def __init__(self, lines: list[_Line]) -> None:
        self._rest = iter([*lines, _END])
        self._line = next(self._rest)

    def document(self) -> dict[str, Any]:
        """Returns the mapping of all lines."""
        mapping = self._mapping()
        if self._line is not _END:
            raise _NotPlainError
        return mapping

    def _mapping(self) -> dict[str, Any]:
        indent = self._line.indent
        mapping: dict[str, Any] = {}
        while self._line.indent == indent:
            key, text = _split(self._line.content)
            if key in mapping:
                raise _NotPlainError
            self._advance()
            if text:
                mapping[key] = _scalar(text)
            else:
                mapping[key] = self._nested(indent)
        self._check_not_deeper(indent)
        return mapping

    def _nested(self, indent: int) -> Any:
        """Returns the value of a key whose line has none: a mapping, a list, or None."""
        if self._line.indent < indent:
            return None
        if self._line.is_item:
            return self._list()
        if self._line.indent > indent:
            return self._mapping()
        return None

    def _list(self) -> list[Any]:
        """Returns a list of scalars."""
        indent = self._line.indent
        items = []
        while self._line.indent == indent and self._line.is_item:
            text = self._line.content[2:]
            items.append(_scalar(text.strip(" ")))
            self._advance()
        self._check_not_deeper(indent)
        return items

    def _advance(self) -> None:
        self._line = next(self._rest)

    def _check_not_deeper(self, indent: int) -> None:
        if self._line.indent > indent:
            raise _NotPlainError


def _split(content: str) -> tuple[str, str]:
    """Returns the key of a line and its value as written, "" for none."""
    key, colon, rest = content.partition(":")
    if not colon or not _is_plain_key(key):
        raise _NotPlainError
    if rest and not rest.startswith(" "):
        raise _NotPlainError
    return key, rest.strip(" ")


def _is_plain_key(key: str) -> bool:
    if not key[:1].isalpha() or key in _WORDS:
        return False
    letters = key.replace("_", "").replace("-", "")
    return letters.isalnum()


def _scalar(text: str) -> Any:
    """Returns the value of text on the line of its key or after a dash."""
    if text.startswith(_QUOTES):
        return _unquoted(text)
    if ": " in text or " #" in text or text.endswith(":"):
        raise _NotPlainError
    if text in _WORDS:
        return _WORDS[text]
    if text[:1].isalpha() or text.startswith("/"):
        return text
    if _is_whole_number(text):
        return int(text)
    if _is_id(text):
        return text
    raise _NotPlainError


def _unquoted(text: str) -> str:
    inner = text[1:-1]
    quote = text[0]
    is_closed = len(text) >= 2 and text.endswith(quote)
    if not is_closed or quote in inner or "\\" in inner:
        raise _NotPlainError
    return inner


def _is_whole_number(text: str) -> bool:
    if text.startswith("0"):
        return text == "0"
    return text.isdigit()


def _is_id(text: str) -> bool:
    """Whether this is a UUID, or other letters and digits that are text in YAML."""
    if text.count("-") == 4:
        text = text.replace("-", "")
    if text.startswith(_OTHER_BASES) or not text[:1].isdigit():
        return False
    return text.isalnum() and not text.isdigit()
