"""Completion for shells: scripts that hold every word, so that pressing Tab asks nobody."""

from __future__ import annotations

from collections.abc import Iterator

import click

from glancecli.cli.program import Program, argument, command

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
    """Print the completion script of a shell; it holds every command and option."""
    root = ctx.find_root()
    name = root.info_name or "glancecli"
    table = dict(_words(root, root.command, ""))
    if shell == "fish":
        click.echo("".join(_fish(name, table)), nl=False)
        return
    cases = "\n".join(
        f'        "{path}") words="{" ".join(words)}" ;;' for path, words in table.items()
    )
    commands = " ".join(path for path in table if path)
    click.echo(
        (ZSH if shell == "zsh" else BASH).format(name=name, commands=commands, cases=cases),
        nl=False,
    )


@command("bash-completion")
@click.pass_context
def bash_completion(ctx: click.Context) -> None:
    """Print all commands and options, for completion scripts."""
    root = ctx.find_root()
    click.echo(
        " ".join(sorted({word for _, words in _words(root, root.command, "") for word in words}))
    )


def _words(ctx: click.Context, found: click.Command, path: str) -> Iterator[tuple[str, list[str]]]:
    """Each command's path ("", "image-list", "nova/image-list") with the words that may follow it."""
    options = [
        o
        for p in found.params
        if isinstance(p, click.Option) and not p.hidden
        for o in p.opts
        if o[:2] == "--"
    ]
    if not isinstance(found, Program):
        yield path, [*_values(ctx, found), *options, "--help"]
        return
    names = found.shown()
    yield path, [*names, *options, "--help"]
    for name in names:
        below = found.get_command(ctx, name)
        if below is not None:
            yield from _words(ctx, below, f"{path}/{name}".lstrip("/"))


def _values(ctx: click.Context, found: click.Command) -> list[str]:
    """What may stand for the command's arguments, where that is known."""
    if found.name == "help":
        assert isinstance(ctx.command, Program)  # noqa: S101 - told to the type checker
        return ctx.command.shown()
    return [
        v
        for p in found.params
        for v in getattr(p.type, "choices", ())
        if isinstance(p, click.Argument)
    ]


def _fish(name: str, table: dict[str, list[str]]) -> Iterator[str]:
    for path, words in table.items():
        seen = path.replace("/", " ").split()
        test = (
            "; and ".join(f"__fish_seen_subcommand_from {word}" for word in seen)
            or "__fish_use_subcommand"
        )
        for word in words:
            flag = f"-l {word[2:]}" if word.startswith("--") else f"-f -a {word}"
            yield f'complete -c {name} -n "{test}" {flag}\n'
