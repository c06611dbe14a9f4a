"""How a program ends after an exception: one table from exceptions to lines and exit codes."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from typing import Any, NamedTuple

import click

from glancecli.cli.console import print_error, write_message
from glancecli.errors import GlanceError, Stopped


def _exit_as_asked(program: str, error: click.exceptions.Exit) -> int:
    return error.exit_code


def _report_click_error(program: str, error: click.ClickException) -> int:
    text = error.format_message()
    if not isinstance(error, click.UsageError):
        write_message(program, text, "error")
        return error.exit_code
    text = text.removesuffix(".")
    if isinstance(error, click.MissingParameter) and error.param:
        text = f"the following arguments are required: {_shown_name(error.param)}"
    path = program
    if error.ctx:
        path = error.ctx.command_path
    write_message(program, text, "error", marks=f"see {path} --help")
    return error.exit_code


def _shown_name(param: click.Parameter) -> str:
    if isinstance(param, click.Argument):
        return str(param.metavar)
    return param.opts[0]


def _end_quietly(program: str, error: BrokenPipeError) -> int:
    """Ends as a success: the reader of our output has enough (``| head``)."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return 0


def _report_unencodable(program: str, error: UnicodeEncodeError) -> int:
    write_message(program, _describe_undecoded(_undecoded_word(error)), "error")
    return 1


def _undecoded_word(error: UnicodeEncodeError) -> str:
    """Returns the word that cannot be encoded, without the JSON around it."""
    from glancecli.masking import mask

    text = error.object
    beginning = text[: error.start].rpartition('"')[2]
    end = text[error.start :].partition('"')[0]
    return mask(beginning + end)


def _describe_undecoded(word: str) -> str:
    """Returns what is wrong with a typed word: its bytes, or the locale that they were read in."""
    try:
        raw = word.encode(errors="surrogateescape")
    except UnicodeEncodeError:  # half a character, which no bytes stand for
        return f"{word!a} is not text"
    try:
        return f"{raw.decode()!a} is not text in this locale; use UTF-8 (LC_ALL=C.UTF-8)"
    except UnicodeDecodeError:
        return f"'{raw.decode(errors='backslashreplace')}' is not UTF-8 text"


def _report_interrupted(program: str, error: KeyboardInterrupt) -> int:
    stopped = Stopped.by(error)
    print_error(program, stopped, label="")
    return stopped.exit_code


def _report_failure(program: str, error: GlanceError) -> int:
    if error.message:  # else every failure has been reported already
        print_error(program, error)
    return error.exit_code


def _report_defect(program: str, error: Exception) -> int:
    write_message(program, _describe_defect(error), "error")
    return 1


def _describe_defect(error: Exception) -> str:
    """Returns the text for an exception that we do not raise ourselves."""
    if isinstance(error, OSError) and error.errno == errno.EBADF:
        return "standard output is closed"
    if isinstance(error, OSError) and error.strerror and error.filename:
        return f"{error.filename}: {error.strerror}"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return f"unexpected {type(error).__name__}: {error}. Please report it, with --debug."


class Ending(NamedTuple):
    """How one kind of exception ends a program."""

    kind: type[BaseException]
    end: Callable[[str, Any], int]  # writes a line if need be; returns the exit code
    has_traceback: bool = False  # with --debug


# The first kind that fits counts.
ENDINGS = (
    Ending(click.exceptions.Exit, _exit_as_asked),
    Ending(click.ClickException, _report_click_error),
    Ending(BrokenPipeError, _end_quietly),
    Ending(UnicodeEncodeError, _report_unencodable),
    Ending(KeyboardInterrupt, _report_interrupted),
    Ending(GlanceError, _report_failure, has_traceback=True),
    Ending(Exception, _report_defect, has_traceback=True),
)


def ending_for(error: BaseException) -> Ending | None:
    """Returns how this exception ends a program; None: the interpreter ends it."""
    for ending in ENDINGS:
        if isinstance(error, ending.kind):
            return ending
    return None
