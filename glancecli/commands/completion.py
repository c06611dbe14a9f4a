"""Completion for shells: the scripts, and what they ask at each TAB. No service is asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import click

from glancecli.cli.command import command
from glancecli.cli.parameters import argument
from glancecli.cli.program import Program
from glancecli.cli.types import Choice


@command(
    "completion",
    examples=[
        "completion bash > ~/.local/share/bash-completion/completions/glance",
        'completion zsh > "${fpath[1]}/_glance"',
        "completion fish > ~/.config/fish/completions/glance.fish",
    ],
)
@argument("shell", type=Choice(["bash", "zsh", "fish"]), metavar="SHELL", help="bash, zsh or fish.")
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print the completion script for a shell.

    It completes commands, options and their values, clouds, files, and the names of images, tags
    and stores that the last image-list has shown. It sends no request.
    """
    from glancecli.cli.completion_scripts import SCRIPTS

    click.echo(SCRIPTS[shell].format(name=ctx.find_root().info_name), nl=False)


@command("complete")
@argument("shell", type=Choice(["bash", "zsh", "fish"]), metavar="SHELL")
@argument("words", nargs=-1, metavar="WORD", empty=True)
@click.pass_context
def complete(ctx: click.Context, shell: str, words: tuple[str, ...]) -> None:
    """Print what may follow the words: for the scripts of completion.

    bash gives the line up to the cursor, and the part of the last word that it replaces; the others
    give the words behind the program, the last of them unfinished.
    """
    from glancecli.cli.completion import answer_lines

    for line in answer_lines(ctx.find_root(), shell, words):
        click.echo(line)


@command("bash-completion")
@click.pass_context
def bash_completion(ctx: click.Context) -> None:
    """Print all commands and options, for completion scripts."""
    root = ctx.find_root()
    click.echo(" ".join(sorted(set(_all_words(root, root.command)))))


def _all_words(ctx: click.Context, found: click.Command) -> Iterator[str]:
    """Yields the commands below this one, and their options that help lists."""
    yield from ("--help", *_long_options(found.params))
    if isinstance(found, Program):
        for name in found.shown():
            yield name
            below = found.get_command(ctx, name)
            if below is not None:
                yield from _all_words(ctx, below)


def _long_options(params: Sequence[click.Parameter]) -> Iterator[str]:
    """Yields the long spellings of the options that help lists."""
    for param in params:
        if isinstance(param, click.Option) and not param.hidden:
            yield from (name for name in param.opts if name.startswith("--"))
