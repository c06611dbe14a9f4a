"""The programs: glancecli, glance and nova."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import click

from glancecli import __version__
from glancecli.cli.argv import arrange, from_command
from glancecli.cli.contents import programs
from glancecli.cli.guard import guarded
from glancecli.cli.program import Program

HELP = {
    "glancecli": "OpenStack images from the shell: all that glance and nova do with images.",
    "glance": "Images of an OpenStack cloud: list, show, create, change, delete, download.",
    "nova": "nova's image commands. Any other command goes to the next nova on PATH.",
}


def glancecli() -> int:
    """Runs the umbrella program."""
    return run("glancecli", sys.argv[1:])


def glance() -> int:
    """Runs the drop-in for python-glanceclient's program."""
    return run("glance", sys.argv[1:])


def nova() -> int:
    """Runs nova's image commands; any other command goes to the next nova on PATH."""
    words = sys.argv[1:]
    if is_for_next_nova(words):
        from glancecli.cli.next_nova import exec_program, next_nova

        program = next_nova()
        if program:
            return guarded("nova", lambda: exec_program(program, words), words=words)
    return run("nova", words)


def is_for_next_nova(words: Sequence[str]) -> bool:
    """Whether the command among nova's words, or the one that help is asked for, is not ours."""
    program = build("nova")
    found = from_command(program, words, plugin_flags(words))
    if found[:1] == ["help"]:
        found = from_command(program, found[1:])
    return bool(found) and found[0] not in program.entries


def build(name: str, *, only_v1: bool = False) -> Program:
    """Returns the program of this name; with only_v1 glance lists only commands of v1."""
    from glancecli.cli.cloud_options import program_options

    entries = programs()[name]
    if only_v1 and name == "glance":
        entries = {key: entry._replace(hidden=not entry.v1) for key, entry in entries.items()}
    version = click.Option(
        ["--version"],
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=_print_version,
        help="Print the version.",
    )
    return Program(entries, name=name, help=HELP[name], params=[*program_options(), version])


def _print_version(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if value:
        click.echo(f"{ctx.info_name} {__version__}")
        ctx.exit()


def run(name: str, words: Sequence[str]) -> int:
    """Runs the program on these words; returns the exit code."""
    debug = "--debug" in words or "-d" in words
    return guarded(name, lambda: _run(name, words), words=words, debug=debug)


def _run(name: str, words: Sequence[str]) -> int:
    program = build(name, only_v1=_asks_for_v1(words))
    arranged = arrange(program, words, plugin_flags(words))
    with program.make_context(name, arranged, obj=tuple(words)) as ctx:
        program.invoke(ctx)
    sys.stdout.flush()
    return 0


def plugin_flags(words: Sequence[str]) -> Sequence[str]:
    """Returns the options of login plugins, where the words may hold one."""
    if not any(word.startswith(("--os-", "--os_")) for word in words):
        return ()
    from glancecli.auth.layers import PLUGIN_FLAGS

    return PLUGIN_FLAGS


def _asks_for_v1(words: Sequence[str]) -> bool:
    """Whether version 1 of the Images API is asked for, by an option or by the variable."""
    for place, word in enumerate(words):
        if word.replace("_", "-").startswith("--os-image-api"):
            _, _, value = word.partition("=")
            following = words[place + 1 : place + 2]
            return (value or "".join(following)).startswith("1")
    return os.environ.get("OS_IMAGE_API_VERSION", "").startswith("1")
