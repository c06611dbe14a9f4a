"""Commands about the program itself: help, completion, the token cache."""

from __future__ import annotations

import click

from glancecli.context import App
from glancecli.options import pass_app
from glancecli.shell import Program, argument, command


@command("help", examples=["help image-create"])
@argument("name", required=False, metavar="COMMAND", help="The command to explain.")
@click.pass_context
def help_(ctx: click.Context, name: str | None) -> None:
    """Show the help of this program or of one command."""
    root = ctx.parent or ctx
    program = root.command
    assert isinstance(program, Program)  # noqa: S101 - told to the type checker
    if name is None:
        click.echo(root.get_help())
        return
    _, found, _ = program.resolve_command(root, [name])
    assert found is not None  # noqa: S101 - resolve_command fails otherwise
    with found.make_context(name, [], parent=root, resilient_parsing=True) as inner:
        click.echo(inner.get_help())


@command("cache-forget", examples=["cache-forget"])
@pass_app
def cache_forget(app: App) -> None:
    """Drop the cached tokens and endpoints of every cloud."""
    from glancecli.tokens import forget

    forget()
    app.note("cached tokens and endpoints are gone")
