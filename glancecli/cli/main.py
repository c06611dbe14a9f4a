"""The programs, and the only place where an error becomes text and an exit code."""

from __future__ import annotations

import errno
import os
import signal
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from types import FrameType
from typing import Any

import click

from glancecli import __version__
from glancecli.cli.argv import arrange, from_command
from glancecli.cli.contents import programs
from glancecli.cli.program import Program
from glancecli.errors import GlanceError, Stopped
from glancecli.text import say

HELP = {
    "glancecli": "OpenStack images from the shell: everything that glance and nova do with images.",
    "glance": "Images of an OpenStack cloud: list, show, create, change, delete, download.",
    "nova": "nova's image commands. Any other command goes to the next nova program on PATH.",
}


def glancecli() -> int:
    """The umbrella program."""
    return run("glancecli", sys.argv[1:])


def glance() -> int:
    """The drop-in for python-glanceclient's program."""
    return run("glance", sys.argv[1:])


def nova() -> int:
    """Images as nova had them; anything else is handed on."""
    words = sys.argv[1:]
    if is_strange(words):
        from glancecli.cli.next_nova import become, successor

        program = successor()
        if program:
            return guarded("nova", lambda: become(program, words))
    return run("nova", words)


def is_strange(words: Sequence[str]) -> bool:
    """Whether the command among these words of nova's, or the one that help is asked for, is none
    of ours.
    """
    program = build("nova")
    found = from_command(program, words, _plugin_flags(words))
    if found[:1] == ["help"]:
        found = from_command(program, found[1:])
    return bool(found) and found[0] not in program.entries


def build(name: str, *, old: bool = False) -> Program:
    """The program of this name; old leaves the commands that glance had under Images v1."""
    from glancecli.cli.cloud_options import cloud_options

    entries = programs()[name]
    if old and name == "glance":
        entries = {n: e._replace(hidden=not e.v1) for n, e in entries.items()}
    program = Program(entries, name=name, help=HELP[name], params=cloud_options(), callback=_start)
    program.params.append(
        click.Option(
            ["--version"],
            is_flag=True,
            is_eager=True,
            expose_value=False,
            callback=_version,
            help="Print the version.",
        )
    )
    return program


@click.pass_context
def _start(ctx: click.Context, /, **flags: Any) -> None:
    from glancecli.cli.app import App

    if ctx.obj is None:
        ctx.obj = App(ctx.info_name or "glancecli", flags)
        if flags["timings"]:
            ctx.obj.note("requests are not timed here (--timings); --debug shows them")


def _version(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if value:
        click.echo(f"{ctx.info_name} {__version__}")
        ctx.exit()


def run(name: str, words: Sequence[str]) -> int:
    """Run the program on these words; the exit code."""
    debug = "--debug" in words or "-d" in words
    return guarded(name, lambda: _run(name, words), debug=debug)


def _run(name: str, words: Sequence[str]) -> int:
    program = build(name, old=_asks_for_v1(words))
    arranged = arrange(program, words, _plugin_flags(words))
    with program.make_context(name, arranged) as ctx:
        _invoke(program, ctx)
    sys.stdout.flush()
    return 0


def _plugin_flags(words: Sequence[str]) -> Sequence[str]:
    if not any(word.startswith(("--os-", "--os_")) for word in words):
        return ()
    from glancecli.auth.layers import PLUGIN_FLAGS

    return PLUGIN_FLAGS


def _invoke(program: Program, ctx: click.Context) -> None:
    """Run the command; once more when a service turned out to speak another version of its API.

    That is found out by the first request that is refused, so nothing has happened yet.
    """
    try:
        program.invoke(ctx)
    except GlanceError as error:
        if not hasattr(error, "found"):
            raise
        ctx.obj.forget_services()
        program.invoke(ctx)


def _asks_for_v1(words: Sequence[str]) -> bool:
    for place, word in enumerate(words):
        if word.replace("_", "-").startswith("--os-image-api"):
            return (word.partition("=")[2] or "".join(words[place + 1 : place + 2])).startswith("1")
    return os.environ.get("OS_IMAGE_API_VERSION", "").startswith("1")


def guarded(name: str, work: Any, *, debug: bool = False) -> int:
    """What work returns; any error becomes one line on stderr and an exit code."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) != signal.SIG_IGN:  # as nohup has it
            signal.signal(number, _terminated)
    if None in (sys.stdin, sys.stdout, sys.stderr):
        _occupy()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # A name that this locale cannot write is written as escapes, and ends nothing.
            stream.reconfigure(errors="backslashreplace")
    try:
        return int(work())
    except click.exceptions.Exit as error:
        return error.exit_code
    except click.ClickException as error:
        return _usage(name, error)
    except BrokenPipeError:
        # Whoever read us has enough (| head): that is no failure.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 0
    except UnicodeEncodeError as error:
        say(f"{name}: error: {_no_text(_word(error))}")
        return 1
    except KeyboardInterrupt as error:
        stopped = Stopped.by(error)
        say(f"{name}: {stopped}")
        return stopped.exit_code
    except GlanceError as error:
        if debug:
            _traceback()
        if str(error):
            say(f"{name}: error: {error}", error.candidates)
        return error.exit_code
    except Exception as error:  # a defect of ours: one line, and how to report it
        if debug:
            _traceback()
        say(f"{name}: error: {_unexpected(error)}")
        return 1


def _unexpected(error: Exception) -> str:
    """What an error that nobody here has raised says to people."""
    if isinstance(error, OSError) and error.errno == errno.EBADF:
        return "standard output is closed"
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename + ': ' if error.filename else ''}{error.strerror}"
    return f"unexpected {type(error).__name__}: {error}. Please report it, with --debug."


def _occupy() -> None:
    """Give the numbers of closed streams (``>&-``) away: a socket would get them otherwise.

    They cannot be written to, so that a result that nobody can get is an error.
    """
    while (fd := os.open(os.devnull, os.O_RDONLY)) <= 2:
        pass
    os.close(fd)
    if sys.stdout is None:
        sys.stdout = os.fdopen(1, "w")


def _usage(name: str, error: click.ClickException) -> int:
    if not isinstance(error, click.UsageError):
        say(f"{name}: error: {error.format_message()}")
        return error.exit_code
    said = error.format_message().removesuffix(".")
    if isinstance(error, click.MissingParameter) and error.param:
        missing = (
            error.param.metavar if isinstance(error.param, click.Argument) else error.param.opts[0]
        )
        said = f"the following arguments are required: {missing}"
    path = error.ctx.command_path if error.ctx else name
    say(f"{name}: error: {said} (see {path} --help)")
    return error.exit_code


def _word(error: UnicodeEncodeError) -> str:
    """What cannot be encoded, out of the JSON that it may stand in."""
    from glancecli.masking import mask

    text = error.object
    return mask(text[: error.start].rpartition('"')[2] + text[error.start :].partition('"')[0])


def _no_text(word: str) -> str:
    """What is wrong with a word of the command line: its bytes, or the locale that they were read
    in.
    """
    try:
        raw = word.encode(errors="surrogateescape")
        return f"{raw.decode()!a} is not text in this locale; use UTF-8 (LC_ALL=C.UTF-8)"
    except UnicodeDecodeError:
        return f"'{raw.decode(errors='backslashreplace')}' is not UTF-8 text"
    except UnicodeEncodeError:  # half a character, which no bytes stand for
        return f"{word!a} is not text"


def _terminated(number: int, frame: FrameType | None) -> None:
    raise Stopped("terminated", signal_number=number)


def _traceback() -> None:
    import traceback

    traceback.print_exc()
