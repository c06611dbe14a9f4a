"""Completion for shells: scripts that hold every word, so that pressing Tab asks no cloud."""

from __future__ import annotations

from collections.abc import Iterator

import click

from glancecli.cli.command import command
from glancecli.cli.parameters import argument
from glancecli.cli.program import Program

BASH = """\
_{name}() {{
    local cur=${{COMP_WORDS[COMP_CWORD]}} word path= words
    for word in "${{COMP_WORDS[@]:1:$((COMP_CWORD - 1))}}"; do
        case " {commands} " in *" ${{path:+$path/}}$word "*) path=${{path:+$path/}}$word ;; esac
    done
    case "$path" in
{cases}
    esac
    COMPREPLY=($(compgen -W "$words" -- "$cur"))
}}
complete -o default -F _{name} {name}
"""
ZSH = "autoload -U +X bashcompinit && bashcompinit\n" + BASH


@command(
    "completion", examples=["completion bash > ~/.local/share/bash-completion/completions/glance"]
)
@argument(
    "shell", type=click.Choice(["bash", "zsh", "fish"]), metavar="SHELL", help="bash, zsh or fish."
)
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print the completion script for a shell; it holds every command and option."""
    root = ctx.find_root()
    name = root.info_name or "glancecli"
    words_by_path = dict(_words_by_path(root, root.command, ""))
    if shell == "fish":
        click.echo("".join(_fish_lines(name, words_by_path)), nl=False)
    elif shell == "zsh":
        click.echo(_fill(ZSH, name, words_by_path), nl=False)
    else:
        click.echo(_fill(BASH, name, words_by_path), nl=False)


@command("bash-completion")
@click.pass_context
def bash_completion(ctx: click.Context) -> None:
    """Print all commands and options, for completion scripts."""
    root = ctx.find_root()
    found: set[str] = set()
    for _, words in _words_by_path(root, root.command, ""):
        found.update(words)
    click.echo(" ".join(sorted(found)))


def _fill(script: str, name: str, words_by_path: dict[str, list[str]]) -> str:
    """Returns a script of bash for the program of this name."""
    cases = "\n".join(
        f'        "{path}") words="{" ".join(words)}" ;;' for path, words in words_by_path.items()
    )
    commands = " ".join(path for path in words_by_path if path)
    return script.format(name=name, commands=commands, cases=cases)


def _words_by_path(
    ctx: click.Context, found: click.Command, path: str
) -> Iterator[tuple[str, list[str]]]:
    """Yields each path ("", "image-list", "nova/image-list") with the words that may follow it."""
    options = [*_long_options(found), "--help"]
    if not isinstance(found, Program):
        yield path, [*_argument_values(ctx, found), *options]
        return
    names = found.shown()
    yield path, [*names, *options]
    for name in names:
        below = found.get_command(ctx, name)
        if below is not None:
            yield from _words_by_path(ctx, below, f"{path}/{name}".lstrip("/"))


def _long_options(found: click.Command) -> Iterator[str]:
    """Yields the long spellings of the options that help lists."""
    for param in found.params:
        if isinstance(param, click.Option) and not param.hidden:
            yield from (name for name in param.opts if name.startswith("--"))


def _argument_values(ctx: click.Context, found: click.Command) -> list[str]:
    """Returns what may stand for the command's arguments, where that is known."""
    if found.name == "help":
        assert isinstance(ctx.command, Program)  # noqa: S101 - for the type checker
        return ctx.command.shown()
    values: list[str] = []
    for param in found.params:
        if isinstance(param, click.Argument):
            values += getattr(param.type, "choices", ())
    return values


def _fish_lines(name: str, words_by_path: dict[str, list[str]]) -> Iterator[str]:
    for path, words in words_by_path.items():
        condition = _fish_condition(path)
        for word in words:
            yield f'complete -c {name} -n "{condition}" {_fish_word(word)}\n'


def _fish_condition(path: str) -> str:
    """Returns when fish offers the words behind this path."""
    if not path:
        return "__fish_use_subcommand"
    return "; and ".join(f"__fish_seen_subcommand_from {word}" for word in path.split("/"))


def _fish_word(word: str) -> str:
    if word.startswith("--"):
        return f"-l {word[2:]}"
    return f"-f -a {word}"
