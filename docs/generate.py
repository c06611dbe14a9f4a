"""Writes pages of the documentation from the code.

Run it after changing an option: ``python docs/generate.py``.

docs/commands/ has one page for each command; docs/flags-by-version.md is the table of
glancecli/cli/version_support.py.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from docs import peers
from glancecli.cli.helppages import cloud_page
from glancecli.cli.helptext import as_text
from glancecli.cli.main import build
from glancecli.cli.reference import PROGRAMS, described_commands
from glancecli.cli.version_support import TABLE, How, Support

FOLDER = Path(__file__).resolve().parent / "commands"
VERSIONS = FOLDER.parent / "flags-by-version.md"


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
    by_group: dict[str, list[str]] = {}
    for group, entry, page in described_commands(name):
        file = f"{page.name.replace(' ', '_')}.md"
        if file in found:
            continue
        text = as_text(page).rstrip()
        found[file] = f"# {page.name}\n\n{entry.help}\n\n```text\n{text}\n```\n"
        by_group.setdefault(group.title, []).append(f"- [{page.name}]({file}): {entry.help}")
    lines = [f"## {name}", ""]
    for title, rows in by_group.items():
        lines += [f"### {title}", "", *rows, ""]
    return lines


VERSIONS_HEAD = """\
# Options by version of the Images API

One command set works with both versions. An option that a server cannot honour is refused with the
sentence below, exit code 2, before anything is sent; no option is ever dropped. `yes`: the service
does it. `client`: this program does it, whatever the service. Otherwise: how it is done. Options of
output (`-f`, `-c`, `--human-readable` ...) work with both versions and are left out.

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
