"""Manual pages, written in roff from the pages of help. Imported only to build or show them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from glancecli import __version__
from glancecli.cli.helptext import Page, Row, command_line
from glancecli.cli.main import build
from glancecli.cli.reference import PROGRAMS, described_commands
from glancecli.errors import GlanceError

EXAMPLE_WIDTH = 72

# Characters that roff takes for its own, or would print as typographic ones, which shells do not
# take.
ESCAPES = str.maketrans(
    {
        "\\": "\\e",
        "-": "\\-",
        "'": "\\(aq",
        "`": "\\(ga",
        "^": "\\(ha",
        "~": "\\(ti",
    }
)

EXIT_STATUS = (
    ("0", "Done."),
    ("1", "Failed; with several images, at least one of them."),
    ("2", "The command line is wrong; nothing was sent."),
    ("130", "Interrupted (Ctrl-C); 143: terminated."),
)


def manual_pages() -> Iterator[tuple[str, str]]:
    """Yields the file name and the text of the manual page of each program and command."""
    for name in PROGRAMS:
        program = build(name)
        with program.make_context(name, [], resilient_parsing=True) as root:
            pages = [program.page(root), *(each.page for each in described_commands(name))]
        for page in pages:
            yield file_name(page), manual_page(page)


def file_name(page: Page) -> str:
    """Returns the name under which man finds a page."""
    return f"{page.name.replace(' ', '-')}.1"


def manual_page(page: Page) -> str:
    """Returns a page of help in roff, with the macros of man(7)."""
    name = page.name.replace(" ", "-")
    program = page.name.split()[0]
    lines = [
        f'.TH {escaped(name.upper())} 1 "" "glancecli {__version__}" "OpenStack images"',
        ".nh",  # no hyphens at the ends of lines, which could be parts of names
        ".ad l",
        ".SH NAME",
        f"{escaped(name)} \\- {escaped(summary(page))}",
    ]
    if page.usage:
        lines += [".SH SYNOPSIS", f".B {escaped(page.usage)}"]
    if page.text:
        lines.append(".SH DESCRIPTION")
        lines.append("\n.PP\n".join(map(escaped_line, page.text.split("\n\n"))))
    for section in page.sections:
        lines += _definitions(section.title, section.rows)
    if page.examples:
        lines += [".SH EXAMPLES", ".nf"]
        for example in page.examples:
            shown = command_line(example, EXAMPLE_WIDTH)
            lines += [escaped_line(line[2:]) for line in shown.splitlines()]
        lines.append(".fi")
    lines += _definitions("Exit status", EXIT_STATUS)
    lines.append(".SH SEE ALSO")
    if page.name != program:
        lines.append(f".BR {program} (1)")
        lines.append(".PP")
    lines.append(escaped_line(page.see))
    return "\n".join(lines) + "\n"


def summary(page: Page) -> str:
    """Returns what a page is about, in one sentence without its full stop."""
    first = page.text.split("\n\n")[0] or page.sections[0].title
    return re.split(r"\.(?: |$)", first)[0]


def _definitions(title: str, rows: Sequence[Row]) -> list[str]:
    """Returns the lines of a titled list."""
    lines = [f".SH {escaped(title.upper())}"]
    for name, text in rows:
        lines += [".TP", f".B {escaped(name)}", escaped_line(text)]
    return lines


def escaped(text: str) -> str:
    """Returns a text without what roff takes for its own; hyphens stay those of options."""
    return text.translate(ESCAPES)


def escaped_line(text: str) -> str:
    """Returns a line of text that is not taken for a request."""
    line = escaped(text)
    if line.startswith("."):
        return f"\\&{line}"
    return line


def show_manual(page: Page, *, pager: bool) -> None:
    """Shows a manual page with the program man; into a pipe it goes as roff, for ``man -l -``.

    Raises GlanceError where man is not installed.
    """
    if not sys.stdout.isatty():
        sys.stdout.write(manual_page(page))
        return
    environ = dict(os.environ)
    if not pager:
        environ["MANPAGER"] = "cat"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, file_name(page))
        path.write_text(manual_page(page))
        try:
            subprocess.run(["man", str(path)], env=environ, check=False)
        except FileNotFoundError:
            raise GlanceError(
                "the program man is not installed", hint="Help without --man shows the same."
            ) from None
