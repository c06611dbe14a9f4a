"""What pages of help say: commands, programs, groups of commands, cloud options."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from inspect import cleandoc
from typing import NamedTuple

import click

from glancecli.cli.cloud_options import TITLES
from glancecli.cli.contents import Group
from glancecli.cli.helptext import Page, Row, Section
from glancecli.cli.parameters import Option

FEW = 8  # so many commands have a line each in the help that fits a screen

CLOUD_TEXT = """\
Options that choose the cloud, the user and the endpoint. They may stand anywhere on a command line,
and win over the variables in brackets, which win over clouds.yaml. The usual way is a cloud in
~/.config/openstack/clouds.yaml, chosen by --os-cloud NAME or OS_CLOUD=NAME.
"""


class Overview(NamedTuple):
    """A program, or a group of commands within one, as help shows it.

    groups have only commands that help lists. is_group: it belongs to another program, which has
    the cloud options.
    """

    path: str  # "glancecli sandbox"
    text: str
    groups: Sequence[Group]
    options: Sequence[Section]
    is_group: bool

    @property
    def usage(self) -> str:
        """How it is called."""
        return f"{self.path} [options] COMMAND ..."

    @property
    def see(self) -> str:
        """Where the help of a command is."""
        return f'See "{self.path} help COMMAND" for help on one command.'


def command_page(command: click.Command, ctx: click.Context, examples: Iterable[str]) -> Page:
    """Returns the help of a command; examples leave out the program's name."""
    program = ctx.find_root().info_name
    arguments = [param for param in command.params if isinstance(param, click.Argument)]
    rows = [(argument_words(each), getattr(each, "help", "") or "") for each in arguments]
    words = [ctx.command_path]
    if any(isinstance(param, click.Option) for param in command.params):
        words.append("[options]")
    sections = [Section("Positional arguments", rows)] if rows else []
    return Page(
        name=ctx.command_path,
        usage=" ".join([*words, *map(argument_words, arguments)]),
        text=paragraphs(command.help or ""),
        sections=[*sections, *option_sections(command.get_params(ctx), ctx)],
        examples=[f"{program} {line}" for line in examples],
        see=f'Cloud options (--os-cloud ...) may stand anywhere: see "{program} help cloud".',
    )


def paragraphs(text: str) -> str:
    """Returns a docstring with each paragraph on one line."""
    parts = cleandoc(text).split("\n\n")
    return "\n\n".join(" ".join(part.split()) for part in parts)


def argument_words(argument: click.Argument) -> str:
    """Returns an argument as the usage line shows it."""
    name = argument.metavar or (argument.name or "").upper()
    if argument.nargs == -1:
        name = f"{name} [{name} ...]"
    if argument.required:
        return name
    return f"[{name}]"


def option_sections(params: Iterable[click.Parameter], ctx: click.Context) -> list[Section]:
    """Returns the options that help lists, under the titles of their families; those without one
    come last.
    """
    found: dict[str, list[Row]] = {}
    others: list[Row] = []
    for param in params:
        row = param.get_help_record(ctx)
        if row and isinstance(param, Option) and param.title:
            found.setdefault(param.title, []).append(row)
        elif row and isinstance(param, click.Option):
            others.append(row)
    sections = [Section(title, rows) for title, rows in found.items()]
    title = "Options"
    if sections:
        title = "Other options"
    return [*sections, Section(title, others)]


def whole_page(program: Overview) -> Page:
    """Returns every command and every option of a program."""
    return Page(
        name=program.path,
        usage=program.usage,
        text=program.text,
        sections=[*map(command_section, program.groups), *program.options],
        see=program.see,
    )


def brief_page(program: Overview) -> Page:
    """Returns what a program can do, on one screen of a terminal."""
    path = program.path
    if sum(len(group.commands) for group in program.groups) <= FEW:
        sections = [*map(command_section, program.groups)]
    else:
        sections = [Section("", [(group.word, in_brief(group)) for group in program.groups])]
    rows = [(f"{path} help COMMAND", "one command: its options, with examples")]
    if len(program.groups) > 1:
        word = program.groups[0].word
        rows.append((f"{path} help {word}", "the commands of a group, a line each (or: help all)"))
    if not program.is_group:
        rows.append((f"{path} help cloud", "which cloud, as which user: --os-cloud NAME ..."))
    return Page(path, program.usage, program.text, [*sections, Section("", rows)])


def in_brief(group: Group) -> str:
    """Returns the commands of a group on as few lines as may be."""
    if group.is_brief:
        first = next(iter(group.commands))
        return f"{group.title}: {len(group.commands)} commands such as {first}"
    return ", ".join(group.commands)


def command_section(group: Group) -> Section:
    """Returns the commands of a group, a line each."""
    return Section(group.title, [(name, entry.help) for name, entry in group.commands.items()])


def group_page(program: Overview, group: Group) -> Page:
    """Returns the commands of one group, with a line each."""
    name = f"{program.path} {group.word}"
    return Page(name, "", "", [command_section(group)], see=program.see)


def cloud_page(program: Overview) -> Page:
    """Returns the options that choose the cloud."""
    return Page(
        name=f"{program.path} cloud",
        usage="",
        text=paragraphs(CLOUD_TEXT),
        sections=[section for section in program.options if section.title in TITLES],
        see=f'"{program.path} help all" lists the other options of the program.',
    )


def topic_page(program: Overview, word: str) -> Page | None:
    """Returns the page of a word that help knows beside commands, None for another word."""
    if word == "cloud" and not program.is_group:
        return cloud_page(program)
    if word == "all":
        return whole_page(program)
    for group in program.groups:
        if group.word == word:
            return group_page(program, group)
    return None
