"""The parts of help pages; imported only when help is shown."""

from __future__ import annotations

from collections.abc import Iterable

import click

from glancecli.text import terminal_width


def format_to_terminal(command: click.Command, ctx: click.Context) -> str:
    """Returns a command's help in the width that click would use; click imports shutil to ask."""
    formatter = click.HelpFormatter(width=max(min(terminal_width(), 80) - 2, 50))
    command.format_help(ctx, formatter)
    return formatter.getvalue().rstrip("\n")


def argument_words(argument: click.Argument) -> str:
    """Returns an argument as the usage line shows it."""
    name = argument.metavar or (argument.name or "").upper()
    if argument.nargs == -1:
        name = f"{name} [{name} ...]"
    if argument.required:
        return name
    return f"[{name}]"


def usage(command: click.Command, ctx: click.Context) -> str:
    """Returns the first line of help, which begins as the old clients' did."""
    words = [f"usage: {ctx.command_path}"]
    if any(isinstance(param, click.Option) for param in command.params):
        words.append("[options]")
    words += [argument_words(p) for p in command.params if isinstance(p, click.Argument)]
    return " ".join(words)


def option_rows(params: Iterable[click.Parameter], ctx: click.Context) -> list[tuple[str, str]]:
    """Returns each option that help lists, with its help text."""
    options = (param for param in params if isinstance(param, click.Option))
    rows = (option.get_help_record(ctx) for option in options)
    return [row for row in rows if row is not None]


def section(formatter: click.HelpFormatter, title: str, rows: list[tuple[str, str]]) -> None:
    """Writes a titled list, or nothing where the list is empty."""
    if rows:
        formatter.write(f"\n{title}\n")
        formatter.indent()
        formatter.write_dl(rows, col_max=28)
        formatter.dedent()
