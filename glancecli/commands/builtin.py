"""Commands about the program itself: help, the cache of tokens."""

from __future__ import annotations

import click

from glancecli.cli.app import App
from glancecli.cli.command import command, pass_app
from glancecli.cli.parameters import argument
from glancecli.cli.program import Program


@command("help", examples=["help image-create"])
@argument("names", nargs=-1, required=False, metavar="COMMAND", help="Command to explain.")
@click.pass_context
def help_(ctx: click.Context, names: tuple[str, ...]) -> None:
    """Show the help of this program or of one command."""
    assert ctx.parent is not None  # noqa: S101 - for the type checker
    shown = ctx.parent
    for name in names:
        if not isinstance(shown.command, Program):
            raise click.UsageError(f"{shown.command_path} has no commands of its own", ctx=ctx)
        _, found, _ = shown.command.resolve_command(shown, [name])
        assert found is not None  # noqa: S101 - resolve_command fails otherwise
        shown = found.make_context(name, [], parent=shown, resilient_parsing=True)
    click.echo(shown.get_help())


@command("cache-forget", examples=["cache-forget"])
@pass_app
def cache_forget(app: App) -> None:
    """Delete the cached tokens and endpoints of every cloud."""
    from glancecli.auth.tokens import forget

    forget()
    app.console.note("cached tokens and endpoints are deleted")
