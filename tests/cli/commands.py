"""Every command of every program, for tests of what all of them share."""

from __future__ import annotations

import click

from glancecli.cli.command import Command
from glancecli.cli.contents import programs
from glancecli.cli.program import Program


def all_commands() -> list[Command]:
    """The commands of all programs and groups, each once."""
    found = []
    for name, entries in programs().items():
        program = Program(entries, name=name)
        context = click.Context(program, info_name=name)
        commands = [program.get_command(context, word) for word in entries]
        found += [each for each in commands if isinstance(each, Command)]
    return list(dict.fromkeys(found))
