"""The streams of one run: notes and errors on stderr, results on stdout, data in and out."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING, Any, TextIO

from glancecli.errors import (
    AuthError,
    Code,
    GlanceError,
    ReportedError,
    UsageError,
    Words,
    describe,
)
from glancecli.text import Messages, people_read_stderr, safe_text, system_reason, write_to_stderr

if TYPE_CHECKING:
    from glancecli.cli.options import ListOptions, ShowOptions
    from glancecli.output.meter import Progress
    from glancecli.output.render import ResultWriter
    from glancecli.output.status_line import StatusLine


# Takes Console.warn or Console.note, and the text.
Keep = Callable[[Callable[["Console", str], None], str], None]

ONE_QUESTION = Lock()  # several clouds may be asked at once


class Console:
    """The streams of a command, and how it writes notes, warnings and errors.

    cloud_options are the typed options that choose the cloud; commands in hints repeat them.
    may_page: whether long output on a terminal goes through a pager. words: the command line, which
    says in which format errors are written.
    """

    def __init__(
        self,
        program: str,
        *,
        verbose: bool = False,
        quiet: bool = False,
        debug: bool = False,
        cloud_options: Words = (),
        may_page: bool = True,
        words: Words = (),
    ) -> None:
        self.program = program
        self.words = words
        self.verbose = verbose
        self.quiet = quiet
        self.debug = debug
        self.cloud_options = cloud_options
        self.may_page = may_page
        self.keep: Keep | None = None  # takes warnings and notes in place of stderr

    def warn(self, text: str) -> None:
        """Writes one warning to stderr."""
        if self.keep:
            self.keep(Console.warn, text)
        else:
            write_message(self.program, text, "warning")

    def note(self, text: str) -> None:
        """Writes one line to stderr that is good to know; -q suppresses it."""
        if self.keep:
            self.keep(Console.note, text)
        elif not self.quiet:
            write_message(self.program, text, on_terminal="note")

    def advise(self, text: str) -> None:
        """Writes a note where a user types the commands, and no data comes with the command."""
        if _reads_terminal():
            self.note(text)

    def advise_on_result(self, find_advice: Callable[[], str]) -> None:
        """Writes a note on a result that a user sees. Only then the advice, "" for none, is looked
        for, which may take a request.
        """
        if not self.shows_results or self.quiet:
            return
        advice = find_advice()
        if advice:
            self.advise(advice)

    def step(self, text: str) -> None:
        """Writes one line to stderr about what is done now; -q suppresses it."""
        if not self.quiet:
            write_message(self.program, text)

    def instruct(self, text: str) -> None:
        """Writes one line to stderr that the user has to act on, such as an address to open."""
        write_message(self.program, text)

    def detail(self, text: str) -> None:
        """Writes one line to stderr that only -v shows."""
        if self.verbose:
            write_message(self.program, text)

    def report(self, error: ReportedError) -> None:
        """Writes one failure of several to stderr; the command continues."""
        from glancecli.cli.reporter import Reporter

        error.cloud_options = error.cloud_options or self.cloud_options
        Reporter(self.program, self.words).report(error)

    def describe(self, error: ReportedError) -> str:
        """Returns an error as one line, for a note or a warning."""
        from glancecli.cli.hints import hint_writer

        return describe(error, hint_writer(self.program, self.cloud_options))

    def pasteable(self, *words: str) -> str:
        """Returns a command of this program as it can be pasted into a shell, for a note."""
        from glancecli.cli.hints import hint_writer

        return hint_writer(self.program, self.cloud_options)(words)

    @property
    def messages(self) -> Messages:
        """What takes lines for the user in the rooms below."""
        return Messages(self.warn, self.note, self.detail, self.instruct, self.trace)

    @property
    def trace(self) -> Callable[[str], None] | None:
        """A function that writes a line of --debug; None without --debug."""
        if not self.debug:
            return None
        return write_to_stderr

    @property
    def interactive(self) -> bool:
        """Whether stdin and stderr are a terminal, so that a user can answer a question."""
        return _reads_terminal() and sys.stderr.isatty()

    def may_replace_file(self, *, force: bool) -> bool:
        """Whether a file that exists may be replaced: by --force, and in scripts in any case."""
        return force or not self.interactive

    @property
    def ask_password(self) -> Callable[[str], str] | None:
        """A function that asks for a password on the terminal; None without a terminal."""
        if not self.interactive:
            return None
        return read_password

    @property
    def shows_results(self) -> bool:
        """Whether results appear on a terminal."""
        return sys.stdout is not None and sys.stdout.isatty()

    def confirm(self, question: str, *, unasked: str) -> bool:
        """Asks on the terminal whether to change something; whether the answer is yes. No answer is
        no, and a note says that nothing is changed.

        Without a user who sees the results and can answer, it writes the note unasked instead.
        """
        if not (self.interactive and self.shows_results):
            self.note(unasked)
            return False
        sys.stderr.write(f"{safe_text(question)} [y/N] ")
        sys.stderr.flush()
        with _interruption_on_its_own_line():
            answer = sys.stdin.readline()
        if not answer:
            write_to_stderr("")  # the cursor still stands behind the question
        if answer.strip().lower() in ("y", "yes"):
            return True
        self.note("nothing is changed")
        return False

    def out(self, options: ListOptions | ShowOptions) -> ResultWriter:
        """Returns where results go: stdout, in the format that the options ask for."""
        from glancecli.output.render import ResultWriter

        shape = options._asdict()
        shape.pop("human_readable")
        if not is_read_by_people(sys.stdout):
            return ResultWriter(sys.stdout, **shape)
        from glancecli.output.screen import find_screen

        screen = find_screen(sys.stdout, os.environ, may_page=self.may_page)
        return ResultWriter(sys.stdout, screen=screen, **shape)

    def print_line(self, text: str) -> None:
        """Writes one line of text to stdout, at once."""
        sys.stdout.write(f"{safe_text(text)}\n")
        sys.stdout.flush()

    def flush(self) -> None:
        """Hands what is written to stdout to its reader."""
        sys.stdout.flush()

    def progress(self, mode: bool | None = None) -> Progress:
        """Returns a progress display on stderr; with mode None it shows on a terminal only."""
        from glancecli.output.colours import wants_colour
        from glancecli.output.progress import make_progress

        terminal = can_move_cursor(sys.stderr)
        if self.quiet and mode is None:
            mode = False
        return make_progress(
            mode, sys.stderr, terminal=terminal, colour=wants_colour(os.environ, terminal)
        )

    def status_line(self) -> StatusLine:
        """Returns a line on stderr that says what is waited for, on a terminal only."""
        from glancecli.output.status_line import StatusLine

        if self.quiet or not can_move_cursor(sys.stderr):
            return StatusLine(None)
        return StatusLine(sys.stderr)

    def check_stdout(self) -> None:
        """Raises GlanceError when nothing can be written to stdout.

        A result that cannot be printed is found out before anything is made.
        """
        try:
            handle = sys.stdout.fileno()
        except (AttributeError, OSError, ValueError):
            return  # no file of the system
        try:
            os.write(handle, b"")
        except OSError as error:
            raise stdout_failed(error) from error

    @contextmanager
    def writes_result(self, image_id: str) -> Iterator[None]:
        """Writes all of the result in this context; an error says that the image is changed."""
        try:
            yield
            sys.stdout.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            raise stdout_failed(error).with_context(
                f"image {image_id} has been made or changed", image_id=image_id
            ) from error

    @contextmanager
    def writes_plan(self, *, must_be_written: bool) -> Iterator[None]:
        """Writes all of a plan in this context. A plan that is to be carried out must be written to
        its end; on a terminal the user may leave the pager before.
        """
        try:
            yield
            sys.stdout.flush()
        except BrokenPipeError as error:
            if self.shows_results:
                return
            if not must_be_written:
                raise
            message = "the plan could not be written to its end, so nothing is changed"
            raise GlanceError(message) from error

    @property
    def stdin(self) -> Any:
        """Standard input; None when it is closed."""
        return sys.stdin

    @property
    def data_out(self) -> Any:
        """Standard output for image data. Raises UsageError when it is a terminal."""
        self.check_stdout()
        if sys.__stdout__ is None or sys.stdout.isatty():
            hint = "Give --file FILE, or redirect the output."
            raise UsageError("image data is not written to a terminal", hint=hint)
        return sys.stdout.buffer


def _reads_terminal() -> bool:
    return sys.stdin is not None and sys.stdin.isatty()


def can_move_cursor(stream: TextIO) -> bool:
    """Whether a stream is a terminal that can write a line anew."""
    from glancecli.output.colours import is_dumb

    return stream.isatty() and not is_dumb(os.environ)


def is_read_by_people(stream: TextIO) -> bool:
    """Whether a stream is a terminal, or a pipe to the program watch, which shows it on one."""
    if stream.isatty():
        return True
    if not {"COLUMNS", "LINES"} <= os.environ.keys():  # watch sets them
        return False
    from glancecli.output.watch import is_read_by_watch

    return is_read_by_watch(stream)


def stdout_failed(error: OSError) -> GlanceError:
    """Returns the error for a standard output that cannot be written."""
    if error.errno == errno.EBADF:
        return GlanceError("standard output is closed", code=Code.FILE)
    return GlanceError(f"cannot write to standard output: {system_reason(error)}", code=Code.FILE)


def read_password(prompt: str) -> str:
    """Returns a password typed on the terminal, unseen. Raises AuthError at the end of input."""
    from getpass import getpass

    try:
        with ONE_QUESTION, _interruption_on_its_own_line():
            return getpass(prompt, stream=sys.stderr)
    except EOFError:
        write_to_stderr("")  # the cursor still stands behind the prompt
        hint = "Type it, or give it with --os-password or OS_PASSWORD."
        raise AuthError("No password was given.", hint=hint) from None


@contextmanager
def _interruption_on_its_own_line() -> Iterator[None]:
    """Ends the line of a question before an interruption is reported."""
    try:
        yield
    except KeyboardInterrupt:
        write_to_stderr("")
        raise


def write_message(program: str, text: str, label: str = "", *, on_terminal: str = "") -> None:
    """Writes a message to stderr: in a pipe one line that begins with the program and the label.

    A terminal has a look of its own (output/messages.py), and may have another label.
    """
    if people_read_stderr():
        from glancecli.output.messages import show_message

        show_message(label or on_terminal, text)
        return
    beginning = f"{program}: "
    if label:
        beginning += f"{label}: "
    write_to_stderr(beginning + text)
