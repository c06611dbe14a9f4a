"""What the help pages of all commands are made of; imported for them alone."""

from __future__ import annotations

from collections.abc import Iterable

import click

from glancecli.text import terminal_width


def whole(command: click.Command, ctx: click.Context) -> str:
    """Help in the width that click would give it, which has shutil imported to ask for it."""
    formatter = click.HelpFormatter(width=max(min(terminal_width(), 80) - 2, 50))
    command.format_help(ctx, formatter)
    return formatter.getvalue().rstrip("\n")


def argument_words(argument: click.Argument) -> str:
    """An argument as the usage line shows it."""
    name = argument.metavar or (argument.name or "").upper()
    name = f"{name} [{name} ...]" if argument.nargs == -1 else name
    return name if argument.required else f"[{name}]"


def usage(command: click.Command, ctx: click.Context) -> str:
    """The first line of help; it begins as the old clients' did."""
    arguments = [argument_words(p) for p in command.params if isinstance(p, click.Argument)]
    has_options = any(isinstance(p, click.Option) for p in command.params)
    words = [f"usage: {ctx.command_path}", *(["[options]"] if has_options else []), *arguments]
    return " ".join(words)


def option_rows(params: Iterable[click.Parameter], ctx: click.Context) -> list[tuple[str, str]]:
    """Each option that is shown, and its help."""
    return [
        row
        for p in params
        if isinstance(p, click.Option) and (row := p.get_help_record(ctx)) is not None
    ]


def section(formatter: click.HelpFormatter, title: str, rows: list[tuple[str, str]]) -> None:
    """A titled list, left out where it is empty."""
    if rows:
        formatter.write(f"\n{title}\n")
        formatter.indent()
        formatter.write_dl(rows, col_max=28)
        formatter.dedent()
