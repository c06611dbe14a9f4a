"""Commands about the program itself: help, the cache of tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from glancecli.cli.app import App
from glancecli.cli.command import command, pass_app
from glancecli.cli.help_option import Helped, show_command, show_topic
from glancecli.cli.parameters import argument, option
from glancecli.cli.program import Program

if TYPE_CHECKING:
    from glancecli.cli.helptext import Page


@command(
    "help", examples=["help image-create", "help images", "help cloud", "help --man image-create"]
)
@argument(
    "names",
    nargs=-1,
    required=False,
    metavar="COMMAND",
    help="Command or group of commands to explain, cloud (the cloud options), or all.",
)
@option("--man", is_flag=True, help="Show it as a manual page; into a pipe as roff.")
@click.pass_context
def help_(ctx: click.Context, names: tuple[str, ...], man: bool) -> None:
    """Show the help of this program, of a group of commands, or of one command."""
    assert ctx.parent is not None  # noqa: S101 - for the type checker
    shown = ctx.parent
    page = None
    for name in names:
        if not isinstance(shown.command, Program):
            raise click.UsageError(f"{shown.command_path} has no commands of its own", ctx=ctx)
        page = _topic(shown, name)
        if page:
            break
        _, found, _ = shown.command.resolve_command(shown, [name])
        assert found is not None  # noqa: S101 - resolve_command fails otherwise
        shown = found.make_context(name, [], parent=shown, resilient_parsing=True)
    if man:
        _show_manual(shown, page)
    elif page:
        show_topic(shown, page)
    else:
        show_command(shown)


def _show_manual(ctx: click.Context, page: Page | None) -> None:
    """Shows a page as man does; None stands for that of the command of this context."""
    from glancecli.cli.manpage import show_manual

    assert isinstance(ctx.command, Helped)  # noqa: S101 - for the type checker
    show_manual(page or ctx.command.page(ctx), pager=not ctx.find_root().params.get("no_pager"))


def _topic(ctx: click.Context, word: str) -> Page | None:
    """Returns the page of a word that is not a command."""
    from glancecli.cli.helppages import topic_page

    assert isinstance(ctx.command, Program)  # noqa: S101 - for the type checker
    if word in ctx.command.entries:
        return None
    return topic_page(ctx.command.overview(ctx), word)


@command("cache-forget", examples=["cache-forget"])
@pass_app
def cache_forget(app: App) -> None:
    """Delete the cached tokens and endpoints of every cloud."""
    from glancecli.auth.tokens import forget

    forget()
    app.console.note("cached tokens and endpoints are deleted")
