"""Messages on a terminal: wrapped, in colour, and safe."""

from __future__ import annotations

import io
from contextlib import redirect_stderr

import pytest

from glancecli.output.messages import show_choices, show_message

ID = "8e9ba2a4-4a9b-4e5c-b1b4-2f0b7b0e5a01"
ESC = "\x1b["
MARKS = "HTTP 403, request req-4d1a3f0c-3b0e-4a44-9b1a-0f5f1f3c9c55"


@pytest.fixture(autouse=True)
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """80 columns and no colour."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "dumb")


def messages(label: str, text: str, marks: str = "") -> list[str]:
    with redirect_stderr(io.StringIO()) as err:
        show_message(label, text, marks)
    return err.getvalue().splitlines()


def test_a_message_is_wrapped_between_words_below_its_beginning() -> None:
    assert messages("error", "the image service refused to make the image public " * 2) == [
        "error: the image service refused to make the image public the image service",
        "       refused to make the image public",
    ]


def test_the_marks_stand_at_the_end_or_whole_on_a_line_of_their_own() -> None:
    assert messages("error", "no", "HTTP 403") == ["error: no (HTTP 403)"]
    assert messages("error", "policy forbids making an image public", MARKS) == [
        "error: policy forbids making an image public",
        f"       ({MARKS})",
    ]


def test_a_command_to_paste_is_never_broken() -> None:
    command = (
        "`glance --os-cloud lab image-create --name 'my image' --file /srv/images/debian.qcow2`"
    )
    assert messages("hint", f"Make it again: {command} sends the data.") == [
        "hint: Make it again:",
        f"      {command}",
        "      sends the data.",
    ]


def test_a_message_without_a_label_has_no_margin() -> None:
    assert messages("", "open this page " + "x" * 80) == ["open this page", "x" * 80]


def test_server_text_cannot_act_on_the_terminal_and_shows_no_secret() -> None:
    text = "a\x1b[2Jb https://joe:secret@example.org/\nc"
    assert messages("error", text) == [r"error: a\x1b[2Jb https://***@example.org/\nc"]
    with redirect_stderr(io.StringIO()) as err:
        show_choices(["one\x1b[0m", "two"])
    assert err.getvalue() == "  one\\x1b[0m\n  two\n"


def test_a_choice_that_takes_several_lines_is_indented_more() -> None:
    with redirect_stderr(io.StringIO()) as err:
        show_choices([f"{ID} queued      project {'6' * 32} created 2026-11-23T10:00:00Z"])
    assert err.getvalue().splitlines() == [
        f"  {ID} queued      project",
        f"    {'6' * 32} created 2026-11-23T10:00:00Z",
    ]


def test_a_choice_that_fits_stands_on_one_line() -> None:
    choice = f"{ID} active      created 2026-11-23T10:00:00Z"
    with redirect_stderr(io.StringIO()) as err:
        show_choices([choice, f"{choice}, late"])
    assert err.getvalue().splitlines() == [
        f"  {choice}",
        f"  {ID} active      created",
        "    2026-11-23T10:00:00Z, late",
    ]


def test_labels_and_marks_have_their_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    assert messages("error", "no", "HTTP 403") == [
        f"{ESC}1;38;5;160merror:{ESC}0m no {ESC}38;5;243m(HTTP 403){ESC}0m"
    ]
    assert messages("warning", "w") == [f"{ESC}1;38;5;130mwarning:{ESC}0m w"]
    assert messages("hint", "h") == [f"{ESC}1;38;5;31mhint:{ESC}0m h"]
