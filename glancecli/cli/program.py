"""How a command line is read: old spellings, options in any place, and help in the old clients'
shape.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from inspect import cleandoc
from typing import Any, TypeVar

import click

from glancecli.cli.contents import Entry, elsewhere, programs
from glancecli.text import did_you_mean

F = TypeVar("F", bound=Callable[..., Any])


class Option(click.Option):
    """An option with the habits of the old clients.

    optional_value: what the bare flag stands for when a value may follow (``--hidden
    [True|False]``): a word behind it is its value. greedy: the spelling that takes every word up to
    the next option (``--tags a b``). empty: takes a value without a letter; any other option
    refuses that, as an unset variable gives it.
    """

    def __init__(
        self,
        *args: Any,
        optional_value: str | None = None,
        greedy: str = "",
        empty: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.optional_value = optional_value
        self.greedy = greedy
        self.empty = empty

    def consume_value(self, ctx: click.Context, opts: Mapping[str, Any]) -> tuple[Any, Any]:
        """As click does; UsageError for an empty value where it makes no sense."""
        value, source = super().consume_value(ctx, opts)
        if not self.empty:
            _refuse_empty(self, ctx, opts)
        return value, source


def _refuse_empty(param: click.Parameter, ctx: click.Context, given: Mapping[str, Any]) -> None:
    value = given.get(param.name or "")
    if value == "" or (isinstance(value, (list, tuple)) and "" in value):
        raise click.BadParameter("it is empty; is that an unset variable?", ctx, param)


class Command(click.Command):
    """A command whose help has examples, in the shape that the old clients' help had."""

    def __init__(self, *args: Any, examples: Sequence[str] = (), **kwargs: Any) -> None:
        kwargs.setdefault("context_settings", {"help_option_names": ["-h", "--help"]})
        super().__init__(*args, **kwargs)
        self.examples = examples

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As click does; an error about an option says whose it is, so that the hint names the
        right help.
        """
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            error.ctx = error.ctx or ctx
            raise

    def invoke(self, ctx: click.Context) -> Any:
        """Run it; the App is told which of the command's options were given."""
        if ctx.obj is not None and ctx.parent is not None:
            path = ctx.command_path.split()[1:]
            ctx.obj.given = (
                " ".join(path),
                [_given_as(p) for p in self.params if _was_given(p, ctx)],
            )
        return super().invoke(ctx)

    def get_help(self, ctx: click.Context) -> str:
        """The help in the terminal's width."""
        from glancecli.cli.helptext import whole

        return whole(self, ctx)

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Usage, what it does, arguments, options, examples."""
        from glancecli.cli.helptext import argument_words, option_rows, section, usage

        formatter.write(usage(self, ctx) + "\n")
        if self.help:
            formatter.write(
                "\n"
                + click.formatting.wrap_text(cleandoc(self.help), 80, preserve_paragraphs=True)
                + "\n"
            )
        arguments = [p for p in self.params if isinstance(p, click.Argument)]
        section(
            formatter,
            "Positional arguments:",
            [(argument_words(a), getattr(a, "help", "") or "") for a in arguments],
        )
        section(formatter, "Options:", option_rows(self.get_params(ctx), ctx))
        if self.examples:
            program = ctx.find_root().info_name
            lines = "".join(f"  {program} {line}\n" for line in self.examples)
            formatter.write(f"\nExamples:\n{lines}")
        formatter.write(
            f'\nCloud options (--os-cloud ...) go anywhere: "{ctx.find_root().info_name} help" lists them.\n'
        )


def _was_given(param: click.Parameter, ctx: click.Context) -> bool:
    source = ctx.get_parameter_source(param.name or "")
    return isinstance(param, click.Option) and source in (
        click.core.ParameterSource.COMMANDLINE,
        click.core.ParameterSource.ENVIRONMENT,
    )


def _given_as(param: click.Parameter) -> str:
    """The name that an option goes by, its first long one."""
    return next((o for o in param.opts if o.startswith("--")), param.opts[0])


class Argument(click.Argument):
    """An argument that says what it is, and is never empty."""

    def __init__(self, *args: Any, help: str = "", **kwargs: Any) -> None:  # noqa: A002 - click's own word
        super().__init__(*args, **kwargs)
        self.help = help

    def consume_value(self, ctx: click.Context, opts: Mapping[str, Any]) -> tuple[Any, Any]:
        """As click does; UsageError for an empty word, as an unset variable gives it."""
        _refuse_empty(self, ctx, opts)
        return super().consume_value(ctx, opts)


class Program(click.Group):
    """A program whose commands are imported when they are called.

    entries maps command names to where they live; nothing of a command is loaded to list it.
    """

    def __init__(self, entries: dict[str, Entry], **kwargs: Any) -> None:
        kwargs.setdefault("context_settings", {"help_option_names": ["-h", "--help"]})
        super().__init__(no_args_is_help=False, **kwargs)
        self.entries = entries

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in the order of the table of contents."""
        return list(self.entries)

    def shown(self) -> list[str]:
        """Names of the commands that help lists."""
        return [name for name, entry in self.entries.items() if not entry.hidden]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, its module imported now; a unique beginning of a name will not do, as ever."""
        entry = self.entries.get(cmd_name)
        if entry is None:
            return None
        if entry.group:
            return Program(programs()[entry.group], name=cmd_name, help=entry.help)
        command = getattr(
            import_module(f"glancecli.commands.{entry.module}"), entry.attribute(cmd_name)
        )
        assert isinstance(command, click.Command)  # noqa: S101 - told to the type checker
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the first word names; a mistyped one proposes the nearest."""
        command = self.get_command(ctx, args[0])
        if command is None:
            known = elsewhere(self.name or "", args[0])
            # Close enough for a slip, and not for nova's usage-list.
            where = did_you_mean(args[0], self.shown(), 0.85 if known else 0.75) or (
                known and f"; {known}"
            )
            ctx.fail(f"there is no command '{args[0]}'{where}")
        return args[0], command, args[1:]

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """The program's own options; the command and all that follows stay in ctx.args."""
        return click.Command.parse_args(self, ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that ctx.args name; without one show help, as tools probe with the bare
        program.
        """
        if not ctx.args:
            click.echo(ctx.get_help())
            return None
        click.Command.invoke(self, ctx)
        name, found, words = self.resolve_command(ctx, ctx.args)
        assert found is not None  # noqa: S101 - resolve_command fails otherwise
        with found.make_context(name, words, parent=ctx) as inner:
            return found.invoke(inner)

    def get_help(self, ctx: click.Context) -> str:
        """The help in the terminal's width."""
        from glancecli.cli.helptext import whole

        return whole(self, ctx)

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Usage, the commands with a line each, the options."""
        from glancecli.cli.helptext import option_rows, section

        formatter.write(f"usage: {ctx.command_path} [options] COMMAND ...\n\n{self.help}\n")
        formatter.write("\nPositional arguments:\n  COMMAND\n")
        names = self.shown()
        width = max(map(len, names))
        for name in names:
            formatter.write(f"    {name:<{width}}  {self.entries[name].help}\n")
        section(formatter, "Options:", option_rows(self.get_params(ctx), ctx))
        formatter.write(f'\nSee "{ctx.command_path} help COMMAND" for help on one command.\n')


def command(
    name: str, *, examples: Sequence[str] = (), **kwargs: Any
) -> Callable[[Callable[..., Any]], Command]:
    """Make a function the command of this name; examples leave out the program's name."""
    return click.command(name, cls=Command, examples=examples, **kwargs)


def option(*args: Any, **kwargs: Any) -> Callable[[F], F]:
    """An option of ours."""
    return click.option(*args, cls=Option, **kwargs)


def argument(*args: Any, **kwargs: Any) -> Callable[[F], F]:
    """An argument that says what it is."""
    return click.argument(*args, cls=Argument, **kwargs)


# Reading a command line ---------------------------------------------------------------------------
