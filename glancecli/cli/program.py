"""Programs: groups of commands that are imported when they are called."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from glancecli.cli.contents import ABOUT, Entry, elsewhere, groups, programs
from glancecli.cli.help_option import Helped, show_command
from glancecli.text import did_you_mean, listed

if TYPE_CHECKING:
    from glancecli.cli.helppages import Overview
    from glancecli.cli.helptext import Page

FEW = 5  # commands that an error lists


class Program(Helped, click.Group):
    """A program, or a group of commands within one.

    entries maps the names of commands to the places where they are defined; listing commands loads
    none of them.
    """

    def __init__(self, entries: dict[str, Entry], **kwargs: Any) -> None:
        kwargs.setdefault("context_settings", {"help_option_names": ["-h", "--help"]})
        super().__init__(no_args_is_help=False, **kwargs)
        self.entries = entries

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Returns all names, in the order of the table of contents."""
        return list(self.entries)

    def shown(self) -> list[str]:
        """Returns the names of the commands that help lists."""
        return [name for name, entry in self.entries.items() if not entry.hidden]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Returns the command of exactly this name after importing its module."""
        entry = self.entries.get(cmd_name)
        if entry is None:
            return None
        if entry.group:
            about = ABOUT.get(entry.group, entry.help)
            return Program(programs()[entry.group], name=cmd_name, help=about)
        module = import_module(f"glancecli.commands.{entry.module}")
        command = getattr(module, entry.attribute(cmd_name))
        assert isinstance(command, click.Command)  # noqa: S101 - for the type checker
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Returns the command that the first word names. Raises UsageError for no such command."""
        command = self.get_command(ctx, args[0])
        if command is None:
            ctx.fail(f"there is no command '{args[0]}'{self._advice(ctx, args)}")
        return args[0], command, args[1:]

    def _advice(self, ctx: click.Context, words: list[str]) -> str:
        """Returns what to use instead of a command that does not exist, as an end of a sentence."""
        from glancecli.cli.other_tools import advice_on_command

        word = words[0]
        other = advice_on_command(words, self.entries)
        # Other commands of nova are those of another nova, which has none that is called image.
        if other and (self.name != "nova" or word == "image"):
            return other
        known = elsewhere(ctx.command_path)
        if not known:
            return self._commands_about(ctx, word) or did_you_mean(word, self.shown())
        # A slip is much like a name; nova's usage-list is not much like our image-list.
        return did_you_mean(word, self.shown(), 0.85) or f"; {known}"

    def _commands_about(self, ctx: click.Context, word: str) -> str:
        """Returns the commands that have this word in their names, as an end of a sentence; where
        there are many, the page of help that lists them.
        """
        stem = word.removesuffix("s")
        found = [
            name
            for name in self.shown()
            if stem in [part.removesuffix("s") for part in name.split("-")]
        ]
        if not found:
            return ""
        if len(found) <= FEW:
            return f"; did you mean {listed(found, 'or')}?"
        for group in groups()[self.name or ""]:
            if found[0] in group.commands:
                return f"; `{ctx.command_path} help {group.word}` lists commands for it"
        return ""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parses the program's own options; the command and what follows stay in ctx.args."""
        return click.Command.parse_args(self, ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Runs the command in ctx.args. Without one it prints help, as tools probe programs so."""
        if not ctx.args:
            show_command(ctx)
            return None
        name, found, words = self.resolve_command(ctx, ctx.args)
        assert found is not None  # noqa: S101 - resolve_command fails otherwise
        with found.make_context(name, words, parent=ctx) as inner:
            return found.invoke(inner)

    def overview(self, ctx: click.Context) -> Overview:
        """Returns what help says about the program."""
        from glancecli.cli.helppages import Overview, option_sections

        listed = self.shown()
        found = []
        for group in groups()[self.name or ""]:
            commands = {name: each for name, each in group.commands.items() if name in listed}
            if commands:
                found.append(group._replace(commands=commands))
        options = option_sections(self.get_params(ctx), ctx)
        is_group = ctx.parent is not None
        return Overview(ctx.command_path, self.help or "", found, options, is_group)

    def page(self, ctx: click.Context) -> Page:
        """Returns every command with a line, and every option."""
        from glancecli.cli.helppages import whole_page

        return whole_page(self.overview(ctx))

    def brief_page(self, ctx: click.Context) -> Page:
        """Returns what fits the screen: the commands in groups, and which help there is."""
        from glancecli.cli.helppages import brief_page

        return brief_page(self.overview(ctx))
