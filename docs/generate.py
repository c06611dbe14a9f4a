"""Writes pages of the documentation from the code.

Run it after changing an option: ``python docs/generate.py``.

docs/commands/ has one page for each command; docs/flags-by-version.md is the table of
glancecli/cli/version_support.py.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from docs import peers
from glancecli.cli.contents import Entry
from glancecli.cli.helppages import cloud_page
from glancecli.cli.helptext import as_text
from glancecli.cli.main import build
from glancecli.cli.program import Program
from glancecli.cli.version_support import TABLE, How, Support

FOLDER = Path(__file__).resolve().parent / "commands"
VERSIONS = FOLDER.parent / "flags-by-version.md"
PROGRAMS = ("glance", "nova", "glancecli")


def pages() -> dict[str, str]:
    """Returns the text of each file: a page for every command of every program, and their list."""
    found: dict[str, str] = {}
    lines = ["# Commands", "", "Generated from the code by `python docs/generate.py`.", ""]
    lines += ["Every program takes the [cloud options](cloud-options.md).", ""]
    for name in PROGRAMS:
        lines += _listed(name, found)
    program = build("glance")
    with program.make_context("glance", [], resilient_parsing=True) as root:
        text = as_text(cloud_page(program.overview(root)))
    found["cloud-options.md"] = f"# Cloud options\n\n```text\n{text}\n```\n"
    found["README.md"] = "\n".join([*lines, peers.page()])
    return found


def _listed(name: str, found: dict[str, str]) -> list[str]:
    """Returns the lines of a program in the list of commands; adds the pages that are new."""
    lines: list[str] = []
    program = build(name)
    with program.make_context(name, [], resilient_parsing=True) as root:
        for group in program.overview(root).groups:
            pages = _below(program, root, name, group.commands)
            rows = {path: text for path, text in pages if f"{path}.md" not in found}
            if rows:
                lines += [f"### {group.title}", ""]
            for path, text in rows.items():
                found[f"{path}.md"] = text
                lines.append(f"- [{path.replace('_', ' ')}]({path}.md): {text.splitlines()[2]}")
            if rows:
                lines.append("")
    if lines:
        lines = [f"## {name}", "", *lines]
    return lines


def _below(
    program: Program, context: click.Context, shown: str, entries: dict[str, Entry]
) -> Iterator[tuple[str, str]]:
    for word, entry in entries.items():
        if entry.hidden or (shown == "glancecli" and word in build("glance").entries):
            continue
        command = program.get_command(context, word)
        assert command is not None, word  # noqa: S101 - for the type checker
        with command.make_context(word, [], parent=context, resilient_parsing=True) as inner:
            if isinstance(command, Program):
                if word not in PROGRAMS:
                    yield from _below(command, inner, f"{shown}_{word}", command.entries)
                continue
            path = f"{shown}_{word}"
            text = inner.get_help().rstrip()
            yield path, f"# {path.replace('_', ' ')}\n\n{entry.help}\n\n```text\n{text}\n```\n"


VERSIONS_HEAD = """\
# Options by version of the Images API

One command set works with both versions. An option that a server cannot honour is refused with the
sentence below, exit code 2, before anything is sent; no option is ever dropped. `yes`: the service
does it. `client`: this program does it, whatever the service. Otherwise: how it is done.

Generated from the code by `python docs/generate.py`.
"""


def versions_page() -> str:
    """Returns the table of options and versions of the Images API."""
    lines = [VERSIONS_HEAD]
    for command, options in TABLE.items():
        if command == "add-location":
            continue
        lines += [f"## {command}", ""]
        if not options:
            lines += ["The same with both versions.", ""]
            continue
        lines += ["| option | Images v1 | Images v2 |", "|---|---|---|"]
        for name, versions in options.items():
            shown = "the command"
            if name:
                shown = f"`{name}`"
            lines.append(f"| {shown} | {_cell(versions.v1)} | {_cell(versions.v2)} |")
        lines.append("")
    return "\n".join(lines)


def _cell(support: Support) -> str:
    if support.how is How.NATIVE:
        return "yes"
    if support.how is How.CLIENT:
        return "client"
    if support.how is How.REFUSED:
        return f"refused: {support.words}"
    return support.words


def main() -> None:
    """Writes the pages, and removes the pages of commands that no longer exist."""
    FOLDER.mkdir(exist_ok=True)
    wanted = pages()
    for path in FOLDER.glob("*.md"):
        if path.name not in wanted:
            path.unlink()
    for name, text in wanted.items():
        (FOLDER / name).write_text(text)
    VERSIONS.write_text(versions_page())


if __name__ == "__main__":
    main()
