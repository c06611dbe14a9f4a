"""Text for people: made safe to print, its width in columns, sizes with units, near misses."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable

# Patterns are compiled where they are needed (re keeps them): most runs need none of them.

# C0, DEL and C1 (terminals act on them), line and paragraph separators (programs that read lines
# do), embeddings, overrides and isolates (they make a name look like another one), lone surrogates
# (no encoding writes them).
UNSAFE = "[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"

# Most names outside ASCII have these letters alone: Latin, Greek, Cyrillic and Armenian ones take
# one column each, kana, Han and Hangul two, whatever stands beside them. The width of anything else
# comes from wcwidth, which takes some 30 ms to import.
WIDE = "[\u3041-\u3096\u30a1-\u30fa\u4e00-\u9fff\uac00-\ud7a3\uff01-\uff5e]"
SIMPLE = "[ -~\u00a0-\u02ff\u0370-\u0482\u048a-\u058f" + WIDE[1:] + "*"

SIZE_UNITS = ("B", "kB", "MB", "GB", "TB", "PB", "EB", "ZB")


def safe_text(text: str) -> str:
    r"""Returns the text with escapes for all that a terminal acts on, or that ends a line.

    A newline becomes ``\n``, ESC ``\x1b``, a right-to-left override ``\u202e``. A text without such
    characters is returned as it is; a backslash stays one.
    """
    if text.isprintable():
        return text
    return re.sub(UNSAFE, _escape, text)


def _escape(match: re.Match[str]) -> str:
    return match[0].encode("unicode_escape").decode("ascii")


def write_to_stderr(line: str, indented: Iterable[str] = ()) -> None:
    """Writes one line, and below it those that belong to it; nothing where stderr is closed."""
    if sys.stderr is None:
        return
    lines = [safe_text(line)]
    for more in indented:
        lines.append("  " + safe_text(more))
    sys.stderr.write("\n".join(lines) + "\n")
    sys.stderr.flush()


def text_width(text: str) -> int:
    """Returns the columns that one line of safe text takes on a terminal."""
    if text.isascii():
        return len(text)
    if re.fullmatch(SIMPLE, text):
        wide = re.findall(WIDE, text)
        return len(text) + len(wide)
    from wcwidth import width

    return width(text)


def terminal_width() -> int:
    """Returns the columns of the terminal: COLUMNS, else those of stdout, else 80.

    shutil.get_terminal_size does the same, and takes longer to import.
    """
    columns = os.environ.get("COLUMNS", "")
    if columns.isdecimal() and int(columns):
        return int(columns)
    if sys.__stdout__ is None:
        return 80
    try:
        return os.get_terminal_size(sys.__stdout__.fileno()).columns or 80
    except (ValueError, OSError):
        return 80


def human_size(size: int | None) -> str:
    """Returns bytes as glance shows them for --human-readable: ``1.5MB``, ``115GB``, ``0B``.

    1024 bytes are 1kB.
    """
    amount = float(size or 0)
    index = 0
    while amount >= 1024 and index < len(SIZE_UNITS) - 1:
        amount /= 1024
        index += 1
    digits = f"{amount:.1f}".removesuffix(".0")
    return digits + SIZE_UNITS[index]


def system_reason(error: OSError) -> str:
    """Returns the reason that the system gives for a failed call: ``permission denied``."""
    return (error.strerror or str(error)).lower()


def normalized_name(name: str) -> str:
    """Returns a name in lower case, and with ``_`` for ``-`` and blanks."""
    return name.lower().replace("-", "_").replace(" ", "_")


def did_you_mean(word: str, candidates: Iterable[str], likeness: float = 0.75) -> str:
    """Returns the end of a sentence that names up to two candidates spelled much like the word.

    Case, ``-``, ``_`` and blanks make no difference. Without such a candidate it is empty.
    """
    import difflib

    by_name = {normalized_name(candidate): candidate for candidate in candidates}
    near = difflib.get_close_matches(normalized_name(word), by_name, n=2, cutoff=likeness)
    if not near:
        return ""
    names = [by_name[name] for name in near]
    return f"; did you mean {' or '.join(names)}?"
