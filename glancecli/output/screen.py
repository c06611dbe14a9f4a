"""The terminal that shows results: its size, its colours, and the pager in front of it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import NamedTuple, TextIO

from glancecli.output.colours import is_dumb, wants_colour
from glancecli.output.formats import writes_unicode
from glancecli.output.wrapping import ELLIPSIS
from glancecli.text import terminal_width


class Screen(NamedTuple):
    """A terminal; width is in columns. has_pager: what is longer than it goes through a pager."""

    out: TextIO
    width: int
    colour: bool = False
    has_pager: bool = False

    def show(self, text: str) -> None:
        """Writes text whose lines end in line breaks. The user may leave the pager at any time."""
        if not writes_unicode(self.out):
            text = text.replace(ELLIPSIS, "~")  # one column as well
        from glancecli.output.pager import fits_screen, paged

        if not self.has_pager or fits_screen(text):
            self.out.write(text)
            return
        with paged(self.out, os.environ) as out:
            out.write(text)


def find_screen(out: TextIO, environ: Mapping[str, str], *, may_page: bool) -> Screen:
    """Returns the terminal behind this stream. One that can only write lines has no pager."""
    is_terminal = out.isatty()
    return Screen(
        out,
        width=terminal_width(),
        colour=wants_colour(environ, is_terminal),
        has_pager=may_page and is_terminal and not is_dumb(environ),
    )
