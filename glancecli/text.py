"""Text for people: safe to print, measured in columns, sizes with units, similar names; and what
takes it (Messages).
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TextIO

# Patterns are compiled when they are needed (re caches them): most runs need none.

# C0, DEL and C1 (act on terminals), line and paragraph separators (end lines), marks, embeddings,
# overrides and isolates of direction, and what no font shows (make a name look like another one),
# lone surrogates (no encoding can write them).
UNSAFE = (
    "[\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f"
    "\u2028-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufeff\uffa0\ufff0-\ufffb"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
    # Joiners belong to Arabic, Indic and later scripts and to emoji, variation selectors to symbols
    # and Han; digits with one are keycaps.
    "|(?<![\u0600-\U0010ffff])[\u200c\u200d]"
    "|(?<![\u00a9\u00ae\u203c\u2049\u2100-\U0010ffff])[\ufe00-\ufe0f](?!\u20e3)"
)

# Most names outside ASCII have only these letters: Latin, Greek, Cyrillic and Armenian ones take
# one column each, kana, Han and Hangul two, whatever their neighbours. wcwidth, which takes some
# 30 ms to import, gives the width of anything else.
WIDE = "[\u3041-\u3096\u30a1-\u30fa\u4e00-\u9fff\uac00-\ud7a3\uff01-\uff5e]"
SIMPLE = "[ -~\u00a0-\u02ff\u0370-\u0482\u048a-\u058f" + WIDE[1:] + "*"

SIZE_UNITS = ("B", "kB", "MB", "GB", "TB", "PB", "EB", "ZB")


def _drop(line: str) -> None:
    """Drops a line."""


class Messages(NamedTuple):
    """What takes lines for the user, one at a time, in the rooms below the command line.

    warn: a warning. note: what is good to know. detail: what only -v shows. instruct: what the user
    has to act on. trace: a line of --debug, None without --debug.
    """

    warn: Callable[[str], None] = _drop
    note: Callable[[str], None] = _drop
    detail: Callable[[str], None] = _drop
    instruct: Callable[[str], None] = _drop
    trace: Callable[[str], None] | None = None


SILENT = Messages()


def safe_text(text: str) -> str:
    r"""Returns the text with escapes for characters that act on a terminal or end a line.

    A newline becomes ``\n``, ESC ``\x1b``, a right-to-left override ``\u202e``. A text without such
    characters is returned as it is; a backslash stays one.
    """
    if text.isascii() and text.isprintable():
        return text
    return re.sub(UNSAFE, _escape, text)


def safe_texts(texts: Sequence[str]) -> Sequence[str]:
    """Returns each text as safe_text does; quick where all of them are safe, as most rows are."""
    together = "".join(texts)
    if together.isascii() and together.isprintable():
        return texts
    return [safe_text(text) for text in texts]


def _escape(match: re.Match[str]) -> str:
    return match[0].encode("unicode_escape").decode("ascii")


def write_to_stderr(line: str, indented: Iterable[str] = ()) -> None:
    """Writes a line, and below it further lines indented; nothing if stderr is closed.

    Everything that people read of a run goes through here: no secret of it, no control character.
    """
    if sys.stderr is None:
        return
    from glancecli.masking import mask_secrets

    lines = [safe_text(mask_secrets(line))]
    for more in indented:
        lines.append("  " + safe_text(mask_secrets(more)))
    sys.stderr.write("\n".join(lines) + "\n")
    sys.stderr.flush()


def people_read_stderr() -> bool:
    """Whether stderr is a terminal."""
    return sys.stderr is not None and sys.stderr.isatty()


def write_json_to_stderr(fields: Mapping[str, Any]) -> None:
    """Writes a JSON object of texts, numbers and lists of texts on one line, for programs: no
    secret of this run, and nothing but ASCII.
    """
    if sys.stderr is None:
        return
    import json

    from glancecli.masking import mask_secrets

    masked: dict[str, Any] = {}
    for name, value in fields.items():
        masked[name] = value
        if isinstance(value, str):
            masked[name] = _encodable(mask_secrets(value))
        elif isinstance(value, list):
            masked[name] = [_encodable(mask_secrets(item)) for item in value]
    sys.stderr.write(json.dumps(masked) + "\n")
    sys.stderr.flush()


def _encodable(text: str) -> str:
    """Returns a text with escapes for halves of characters, which strict readers of JSON refuse."""
    return text.encode("utf-8", "backslashreplace").decode()


def text_width(text: str) -> int:
    """Returns the columns that one line of safe text takes on a terminal."""
    if text.isascii():
        return len(text)
    if re.fullmatch(SIMPLE, text):
        wide = re.findall(WIDE, text)
        return len(text) + len(wide)
    from wcwidth import width

    return width(text)


def terminal_width(stream: TextIO | None = sys.__stdout__) -> int:
    """Returns the columns of the terminal: COLUMNS, else those of the stream, else 80.

    shutil.get_terminal_size does the same, and takes longer to import.
    """
    columns = os.environ.get("COLUMNS", "")
    if columns.isdecimal() and int(columns):
        return int(columns)
    if stream is None:
        return 80
    try:
        return os.get_terminal_size(stream.fileno()).columns or 80
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


def listed(names: Sequence[str], joint: str = "and") -> str:
    """Returns names as a sentence has them: ``a``, ``a and b``, ``a, b and c`` (joint: or "or")."""
    *others, last = names
    if not others:
        return last
    return f"{', '.join(others)} {joint} {last}"


def counted(number: float, thing: str) -> str:
    """Returns a number of things: ``1 image``, ``3 images``, ``1.5 seconds``."""
    if number == 1:
        return f"1 {thing}"
    if number % 1:
        return f"{number:g} {thing}s"
    return f"{int(number)} {thing}s"


def normalized_name(name: str) -> str:
    """Returns a name in lower case, with ``_`` for ``-`` and spaces."""
    return name.lower().replace("-", "_").replace(" ", "_")


def similar_names(word: str, names: Iterable[str], most: int = 3) -> list[str]:
    """Returns the names that may have been meant by a word, the likeliest first: those that begin
    with it, then those that it is a part of, then those that look like it.
    """
    import difflib

    typed = normalized_name(word)
    by_name = {normalized_name(name): name for name in names}
    beginning = [name for name in by_name if name.startswith(typed)]
    holding = [name for name in by_name if typed in name]
    alike = difflib.get_close_matches(typed, by_name, n=most)
    found = dict.fromkeys([*sorted(beginning), *sorted(holding), *alike])
    return [by_name[name] for name in found][:most]


def did_you_mean(word: str, candidates: Iterable[str], likeness: float = 0.75) -> str:
    """Returns ``; did you mean A or B?`` with the candidates most like the word, "" without any.

    Case, ``-``, ``_`` and spaces make no difference. likeness (0 to 1) is the least that counts.
    """
    import difflib

    typed = normalized_name(word)
    by_name = {normalized_name(candidate): candidate for candidate in candidates}
    if typed.startswith("un"):
        by_name.pop(typed.removeprefix("un"), None)  # the opposite: set is not what unset means
    near = difflib.get_close_matches(typed, by_name, n=2, cutoff=likeness)
    if not near:
        return ""
    return f"; did you mean {listed([by_name[name] for name in near], 'or')}?"
