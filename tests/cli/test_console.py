"""What a command writes to stderr, into a pipe and on a terminal."""

from __future__ import annotations

import io
import signal
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr

import pytest

from glancecli.cli.console import Console
from glancecli.cli.guard import guarded
from glancecli.errors import GlanceError, Hint, Stopped, Subject

ID = "8e9ba2a4-4a9b-4e5c-b1b4-2f0b7b0e5a01"


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def failure() -> GlanceError:
    hint = Hint("{} shows its state.", ("image-show", "my image"))
    return GlanceError("image my image: no", status=409, request_id="req-1", hint=hint)


@pytest.fixture(autouse=True)
def no_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")


def written(stream: io.StringIO, work: Callable[[], object]) -> str:
    """What work writes to stderr, which is this stream."""
    with redirect_stderr(stream):
        work()
    return stream.getvalue()


def test_in_a_pipe_the_hint_stands_on_the_line_of_the_error() -> None:
    console = Console("glance", cloud_options=("--os-cloud", "lab"))
    assert written(io.StringIO(), lambda: console.report(failure())) == (
        "glance: error: image my image: no (HTTP 409, request req-1). "
        "`glance --os-cloud lab image-show 'my image'` shows its state.\n"
    )


def test_on_a_terminal_the_hint_has_a_line_of_its_own() -> None:
    assert written(Terminal(), lambda: Console("glance").report(failure())) == (
        "error: image my image: no (HTTP 409, request req-1)\n"
        "hint: `glance image-show 'my image'` shows its state.\n"
    )


def test_a_hint_about_another_cloud_has_the_options_of_that_cloud() -> None:
    error = failure()
    error.cloud_options = ("--os-cloud", "other")
    console = Console("glance", cloud_options=("--os-cloud", "lab"))
    text = written(io.StringIO(), lambda: console.report(error))
    assert "`glance --os-cloud other image-show 'my image'`" in text


def test_on_a_terminal_an_image_is_called_as_the_user_called_it() -> None:
    error = GlanceError("it is protected", subject=Subject("image", ID))
    error.typed_image = "cirros"
    assert written(Terminal(), lambda: Console("glance").report(error)) == (
        "error: image cirros: it is protected\n"
    )


def test_candidates_stand_below_the_error_a_line_each() -> None:
    error = GlanceError("several images:", candidates=["one", "two"])
    text = written(io.StringIO(), lambda: Console("glance").report(error))
    assert text == "glance: error: several images:\n  one\n  two\n"


def test_on_a_terminal_a_message_begins_with_its_kind_and_not_with_the_program() -> None:
    def write() -> None:
        console = Console("glance", verbose=True)
        console.warn("w")
        console.note("n")
        console.step("s")
        console.detail("d")

    assert written(Terminal(), write) == "warning: w\nnote: n\ns\nd\n"


@pytest.mark.parametrize(
    ("quiet", "verbose", "expected"),
    [
        (False, False, "glance: warning: w\nglance: n\n"),
        (True, False, "glance: warning: w\n"),
        (False, True, "glance: warning: w\nglance: n\nglance: d\n"),
    ],
)
def test_q_leaves_out_notes_and_v_adds_details(quiet: bool, verbose: bool, expected: str) -> None:
    def write() -> None:
        console = Console("glance", quiet=quiet, verbose=verbose)
        console.warn("w")
        console.note("n")
        console.detail("d")

    assert written(io.StringIO(), write) == expected


def interrupt() -> int:
    hint = Hint("{} continues.", ("image-download", "x", "--file", "a b"))
    raise Stopped().with_context(hint=hint)


@pytest.fixture
def kept_signals() -> Iterator[None]:
    """The handlers of signals are afterwards what they were."""
    kept = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("kept_signals")
def test_an_interruption_with_a_hint_is_not_called_an_error() -> None:
    codes = []
    text = written(Terminal(), lambda: codes.append(guarded("glance", interrupt)))
    assert codes == [130]
    assert text == ("interrupted\nhint: `glance image-download x --file 'a b'` continues.\n")


def test_no_password_is_asked_where_stderr_is_not_a_terminal() -> None:
    with redirect_stderr(io.StringIO()):
        assert Console("glance").ask_password is None
