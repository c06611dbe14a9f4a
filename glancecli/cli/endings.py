"""How a program ends after an exception: one table from exceptions to lines and exit codes."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from typing import Any, NamedTuple

import click

from glancecli.cli.reporter import Reporter
from glancecli.errors import Code, GlanceError, ReportedError, Stopped, UsageError


def _exit_as_asked(reporter: Reporter, error: click.exceptions.Exit) -> int:
    return error.exit_code


def _report_click_error(reporter: Reporter, error: click.ClickException) -> int:
    reported = GlanceError(error.format_message())
    if isinstance(error, click.UsageError):
        reported = _usage_error(reporter.program, error)
    reporter.report(reported)
    return error.exit_code


def _usage_error(program: str, error: click.UsageError) -> UsageError:
    """Returns what is wrong with the command line, and where the help for it is."""
    text = error.format_message().removesuffix(".")
    if isinstance(error, click.MissingParameter) and error.param:
        text = f"the following arguments are required: {_shown_name(error.param)}"
    path = program
    if error.ctx:
        path = error.ctx.command_path
        text += _advice_on_word(text, error.ctx.command)
    reported = UsageError(text)
    reported.help_page = f"{path} --help"
    return reported


def _advice_on_word(text: str, command: click.Command) -> str:
    """Returns the option that a word too many may be the value of, as an end of a sentence."""
    before, _, word = text.rstrip(")").partition("Got unexpected extra argument (")
    options = {spelling for param in command.params for spelling in param.opts}
    if before or not word or " " in word:
        return ""
    if "=" in word and "--property" in options:
        return f"; use --property {word}"
    if ("." in word or "/" in word) and "--file" in options:
        return f"; use --file {word}"
    return ""


def _shown_name(param: click.Parameter) -> str:
    """Returns the name of a parameter as help has it, with its words where these are few."""
    name = param.opts[0]
    if isinstance(param, click.Argument):
        name = str(param.metavar)
    if isinstance(param.type, click.Choice) and "|" not in name:
        name += f", one of {', '.join(map(str, param.type.choices))}"
    return name


def _end_quietly(reporter: Reporter, error: BrokenPipeError) -> int:
    """Ends as a success: the reader of our output has enough (``| head``)."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return 0


def _report_unencodable(reporter: Reporter, error: UnicodeEncodeError) -> int:
    text = _describe_undecoded(_undecoded_word(error))
    return _report_failure(reporter, GlanceError(text, code=Code.INVALID))


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


def _report_interrupted(reporter: Reporter, error: KeyboardInterrupt) -> int:
    return _report_failure(reporter, Stopped.by(error))


def _report_failure(reporter: Reporter, error: ReportedError) -> int:
    if error.message:  # else every failure has been reported already
        reporter.report(error)
    return error.exit_code


def _report_defect(reporter: Reporter, error: Exception) -> int:
    return _report_failure(reporter, _as_failure(error))


def _as_failure(error: Exception) -> GlanceError:
    """Returns the error for an exception that we do not raise ourselves."""
    if isinstance(error, OSError) and error.errno == errno.EBADF:
        return GlanceError("standard output is closed", code=Code.FILE)
    if isinstance(error, OSError) and error.strerror and error.filename:
        return GlanceError(f"{error.filename}: {error.strerror}", code=Code.FILE)
    if isinstance(error, OSError) and error.strerror:
        return GlanceError(error.strerror, code=Code.FILE)
    text = f"unexpected {type(error).__name__}: {error}. Please report it, with --debug."
    return GlanceError(text, code=Code.DEFECT)


class Ending(NamedTuple):
    """How one kind of exception ends a program."""

    kind: type[BaseException]
    end: Callable[[Reporter, Any], int]  # reports it if need be; returns the exit code
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
