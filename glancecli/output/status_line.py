"""One line on a terminal that says what is waited for, and is gone afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from glancecli.output.bar import EDGE
from glancecli.output.wrapping import shortened
from glancecli.text import safe_text, terminal_width

if TYPE_CHECKING:
    from typing_extensions import Self

ERASE = "\r\x1b[K"


class StatusLine:
    """A line on stderr; stderr is None where it is no terminal, and nothing is written.

    It is erased at the end of the context, so that errors stand at the beginning of a line.
    """

    def __init__(self, stderr: TextIO | None) -> None:
        self._stderr = stderr
        self._shown = ""

    def show(self, text: str) -> None:
        """Replaces the line, as far as there is room."""
        room = terminal_width(self._stderr) - EDGE
        self._write(shortened(safe_text(text), room))

    def _write(self, line: str) -> None:
        if self._stderr is None or line == self._shown:
            return
        self._stderr.write(ERASE + line)
        self._stderr.flush()
        self._shown = line

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *args: object) -> None:
        self._write("")
