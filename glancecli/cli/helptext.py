"""Pages of help, written as text. Imported only when help is shown."""

from __future__ import annotations

import os
import re
import sys
import textwrap
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from glancecli.text import terminal_width

LEAST_WIDTH, MOST_WIDTH = 50, 78
WIDEST_NAME = 31  # a longer one has its text on the next line

HELD = "\u00a0"  # a no-break space, where no line ends

Row = tuple[str, str]  # a name, and what it means


class Section(NamedTuple):
    """A titled list of options, arguments or commands. Without a title it needs none."""

    title: str
    rows: Sequence[Row]


class Page(NamedTuple):
    """What one page of help says. text has blank lines between its paragraphs."""

    name: str  # "glance image-list"
    usage: str
    text: str
    sections: Sequence[Section] = ()
    examples: Sequence[str] = ()  # whole command lines
    see: str = ""  # what to read next


Style = Callable[[str], str]


def plain(text: str) -> str:
    """Returns a title as it is."""
    return text


def as_text(page: Page, title_style: Style = plain) -> str:
    """Returns a page in the width of the terminal."""
    width = max(min(terminal_width() - 2, MOST_WIDTH), LEAST_WIDTH)
    parts = [f"{title_style('usage:')} {page.usage}"] if page.usage else []
    parts += [wrapped(paragraph, width) for paragraph in page.text.split("\n\n") if paragraph]
    for each in page.sections:
        if each.title:
            rows = "\n".join(definitions(each.rows, width, indent="  "))
            parts.append(f"{title_style(each.title + ':')}\n{rows}")
        else:
            parts.append("\n".join(definitions(each.rows, width, name_style=title_style)))
    if page.examples:
        lines = "\n".join(command_line(line, width) for line in page.examples)
        parts.append(f"{title_style('Examples:')}\n{lines}")
    if page.see:
        parts.append(wrapped(page.see, width))
    return "\n\n".join(parts)


def wrapped(text: str, width: int) -> str:
    """Returns a paragraph in lines of this width, broken between words only."""
    return textwrap.fill(text, width, break_long_words=False, break_on_hyphens=False)


def definitions(
    rows: Sequence[Row], width: int, indent: str = "", name_style: Style = plain
) -> Iterator[str]:
    """Yields the lines of a list: names on the left, their texts in a column beside them."""
    names = [len(name) for name, _ in rows if len(name) <= WIDEST_NAME]
    column = len(indent) + max(names, default=WIDEST_NAME) + 2
    for name, text in rows:
        lines = wrapped(text, width - column).splitlines() or [""]
        if len(name) > WIDEST_NAME:
            yield indent + name_style(name)
        else:
            gap = " " * (column - len(indent) - len(name))
            yield indent + name_style(name) + gap + lines.pop(0)
        yield from (" " * column + line for line in lines)


def command_line(line: str, width: int) -> str:
    """Returns an example, in several lines as a shell takes them where it is long: they begin with
    an option, a pipe or a redirection.
    """
    parts = [part.replace(" ", HELD) for part in re.split(r" (?=--|[|<>])", line)]
    lines = wrapped(" ".join(parts), width - len("  ") - len(" \\")).replace(HELD, " ")
    return "  " + lines.replace("\n", " \\\n      ")


def show_page(page: Page, *, pager: bool) -> None:
    """Writes a page to stdout; what is longer than the terminal goes through the pager."""
    if not sys.stdout.isatty():
        sys.stdout.write(as_text(page) + "\n")
        return
    from glancecli.output.colours import Paint
    from glancecli.output.screen import find_screen

    screen = find_screen(sys.stdout, os.environ, may_page=pager)
    screen.show(as_text(page, Paint(colour=screen.colour).title) + "\n")
