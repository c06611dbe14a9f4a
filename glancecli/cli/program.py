"""Programs: groups of commands that are imported when they are called."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import click

from glancecli.cli.contents import Entry, elsewhere, programs
from glancecli.cli.other_tools import advice_on_command
from glancecli.text import did_you_mean


class Program(click.Group):
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
            return Program(programs()[entry.group], name=cmd_name, help=entry.help)
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
            ctx.fail(f"there is no command '{args[0]}'{self._advice(args)}")
        return args[0], command, args[1:]

    def _advice(self, words: list[str]) -> str:
        """Returns what to use instead of a command that does not exist, as an end of a sentence."""
        word = words[0]
        other = advice_on_command(words, self.entries)
        if other and self.name != "nova":  # its other commands are those of another nova
            return other
        known = elsewhere(self.name or "", word)
        if not known:
            return did_you_mean(word, self.shown())
        # A slip is much like a name; nova's usage-list is not much like our image-list.
        return did_you_mean(word, self.shown(), 0.85) or f"; {known}"

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parses the program's own options; the command and what follows stay in ctx.args."""
        return click.Command.parse_args(self, ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Runs the command in ctx.args. Without one it prints help, as tools probe programs so."""
        if not ctx.args:
            click.echo(ctx.get_help())
            return None
        name, found, words = self.resolve_command(ctx, ctx.args)
        assert found is not None  # noqa: S101 - resolve_command fails otherwise
        with found.make_context(name, words, parent=ctx) as inner:
            return found.invoke(inner)

    def get_help(self, ctx: click.Context) -> str:
        """Returns the help in the terminal's width."""
        from glancecli.cli.helptext import format_to_terminal

        return format_to_terminal(self, ctx)

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes usage, the commands with a line each, and the options."""
        from glancecli.cli.helptext import option_rows, section

        formatter.write(f"usage: {ctx.command_path} [options] COMMAND ...\n\n{self.help}\n")
        formatter.write("\nPositional arguments:\n  COMMAND\n")
        names = self.shown()
        width = max(map(len, names))
        for name in names:
            formatter.write(f"    {name:<{width}}  {self.entries[name].help}\n")
        section(formatter, "Options:", option_rows(self.get_params(ctx), ctx))
        formatter.write(f'\nSee "{ctx.command_path} help COMMAND" for help on one command.\n')
