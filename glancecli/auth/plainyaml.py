"""The plain part of YAML that most clouds.yaml files keep to, read without PyYAML.

Importing PyYAML takes longer than all else that a short command does besides HTTP. What is read
here is what PyYAML makes of it (tests hold it to that); whatever is not plain is left to PyYAML:
flow collections, anchors, tags, folded texts, escapes, text outside ASCII, comments behind a value,
numbers other than whole.
"""

from __future__ import annotations

from typing import Any

_WORDS = {
    **dict.fromkeys(("true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON"), True),
    **dict.fromkeys(("false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF"), False),
    **dict.fromkeys(("null", "Null", "NULL"), None),
}


class _NotPlainError(Exception):
    """More YAML than is known here."""


def read(text: str) -> dict[str, Any] | None:
    """The mapping that the text holds, or None when it is not plain enough to be sure of it."""
    if not text.isascii() or not text.replace("\n", "").isprintable():
        return None
    try:
        lines = _lines(text)
        content, rest = _mapping(lines, 0)
    except _NotPlainError:
        return None
    return content if rest == len(lines) else None


def _lines(text: str) -> list[tuple[int, str]]:
    """Indentation and content of each line that has some."""
    found = []
    for line in text.split("\n"):
        content = line.strip(" ")
        if content and not content.startswith("#"):
            found.append((len(line) - len(line.lstrip(" ")), content))
    if found and found[0] == (0, "---"):
        del found[0]
    if not found or found[0][0]:
        raise _NotPlainError
    return found


def _mapping(lines: list[tuple[int, str]], at: int) -> tuple[dict[str, Any], int]:
    """The mapping that begins at a line, and the line after it."""
    indent = lines[at][0]
    found: dict[str, Any] = {}
    while at < len(lines) and lines[at][0] == indent:
        key, colon, rest = lines[at][1].partition(":")
        if not colon or rest[:1].strip() or key in found or not _is_plain_key(key):
            raise _NotPlainError
        value, at = (_scalar(rest.strip(" ")), at + 1) if rest else _nested(lines, at + 1, indent)
        found[key] = value
    if at < len(lines) and lines[at][0] > indent:
        raise _NotPlainError
    return found, at


def _nested(lines: list[tuple[int, str]], at: int, indent: int) -> tuple[Any, int]:
    """What stands under a key without a value: a mapping, a list, or nothing."""
    if at == len(lines) or lines[at][0] < indent:
        return None, at
    if lines[at][1].startswith("- "):
        return _list(lines, at)
    return _mapping(lines, at) if lines[at][0] > indent else (None, at)


def _list(lines: list[tuple[int, str]], at: int) -> tuple[list[Any], int]:
    """The list of scalars that begins at a line, and the line after it."""
    indent = lines[at][0]
    found = []
    while at < len(lines) and lines[at][0] == indent and lines[at][1].startswith("- "):
        found.append(_scalar(lines[at][1][2:].strip(" ")))
        at += 1
    if at < len(lines) and lines[at][0] > indent:
        raise _NotPlainError
    return found, at


def _is_plain_key(key: str) -> bool:
    return (
        key[:1].isalpha() and key.replace("_", "").replace("-", "").isalnum() and key not in _WORDS
    )


def _scalar(text: str) -> Any:
    """A value on the line of its key."""
    first = text[:1]
    if first in ("'", '"'):
        inner = text[1:-1]
        if len(text) < 2 or text[-1] != first or first in inner or "\\" in inner:
            raise _NotPlainError
        return inner
    if ": " in text or " #" in text or text.endswith(":"):
        raise _NotPlainError
    if text in _WORDS:
        return _WORDS[text]
    if first.isalpha() or first == "/":
        return text
    if text == "0" or (text.isdigit() and first != "0"):
        return int(text)
    bare = text.replace("-", "") if text.count("-") == 4 else text
    if first.isdigit() and bare.isalnum() and not bare.isdigit() and text[:2] not in ("0x", "0b"):
        return text
    raise _NotPlainError
