"""The help of commands and programs: --help, and the page that it shows."""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from glancecli.cli.helptext import Page


class Helped(click.Command, ABC):
    """A command that has a page of help."""

    @abstractmethod
    def page(self, ctx: click.Context) -> Page:
        """Returns the whole help."""

    def brief_page(self, ctx: click.Context) -> Page:
        """Returns the help that a terminal shows, which may leave things to other pages."""
        return self.page(ctx)

    def get_help(self, ctx: click.Context) -> str:
        """Returns the whole help as text."""
        from glancecli.cli.helptext import as_text

        return as_text(self.page(ctx))

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """Returns --help, which goes through the pager on a terminal."""
        found = super().get_help_option(ctx)
        if found:
            found.callback = show_help
            found.help = "Show this help."
        return found


def show_help(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    """Shows the help of the command, and ends the program."""
    if value and not ctx.resilient_parsing:
        show_command(ctx)
        ctx.exit()


def show_command(ctx: click.Context) -> None:
    """Shows the help of the command of this context."""
    command = ctx.command
    assert isinstance(command, Helped)  # noqa: S101 - for the type checker
    if sys.stdout.isatty():
        show_topic(ctx, command.brief_page(ctx))
    else:
        show_topic(ctx, command.page(ctx))


def show_topic(ctx: click.Context, page: Page) -> None:
    """Shows a page of help."""
    from glancecli.cli.helptext import show_page

    show_page(page, pager=not ctx.find_root().params.get("no_pager"))
