"""Every command with its page of help, for the reference and for manual pages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import click

from glancecli.cli.contents import Entry, Group, programs
from glancecli.cli.help_option import Helped
from glancecli.cli.helptext import Page
from glancecli.cli.main import build
from glancecli.cli.program import Program

PROGRAMS = ("glance", "nova", "glancecli")


class Described(NamedTuple):
    """A command, the group in which its program lists it, and its page of help."""

    group: Group
    entry: Entry
    page: Page


def described_commands(name: str) -> Iterator[Described]:
    """Yields the commands that help of a program lists, those below words such as sandbox as well.

    Those that glancecli has from glance and nova belong to these two.
    """
    others: set[str] = set()
    if name == "glancecli":
        others = {*programs()["glance"], *PROGRAMS}
    program = build(name)
    with program.make_context(name, [], resilient_parsing=True) as root:
        for group in program.overview(root).groups:
            own = {word: each for word, each in group.commands.items() if word not in others}
            yield from _below(program, root, group._replace(commands=own))


def _below(program: Program, context: click.Context, group: Group) -> Iterator[Described]:
    for word, entry in group.commands.items():
        command = program.get_command(context, word)
        assert isinstance(command, Helped), word  # noqa: S101 - for the type checker
        with command.make_context(word, [], parent=context, resilient_parsing=True) as inner:
            if isinstance(command, Program):
                yield from _below(command, inner, group._replace(commands=command.entries))
            else:
                yield Described(group, entry, command.page(inner))
