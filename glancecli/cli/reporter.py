"""The errors of one run on stderr: lines for people, or JSON objects for programs."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from typing import Any

from glancecli.errors import (
    ReportedError,
    Stopped,
    Subject,
    Writer,
    describe,
    describe_hint,
    failure_text,
    request_marks,
)
from glancecli.text import people_read_stderr, write_json_to_stderr, write_to_stderr

FORMATS = ("text", "json")
SHORT = r"-[dqvy]*f((?s:.*))"  # -f with its value, perhaps behind short options that take none


class Reporter:
    """Writes the errors of a program that was called with these words.

    GLANCECLI_ERRORS says how, text or json; by default errors have the format of the output.
    """

    def __init__(
        self, program: str, words: Sequence[str] = (), environ: Mapping[str, str] = os.environ
    ) -> None:
        self.program = program
        self.words = words
        self.environ = environ

    @property
    def as_json(self) -> bool:
        """Whether programs read the errors, which must be known before options are understood."""
        wanted = self.environ.get("GLANCECLI_ERRORS", "").lower()
        if wanted in FORMATS:
            return wanted == "json"
        return output_format(self.words, self.environ) == "json"

    def report(self, error: ReportedError) -> None:
        """Writes one error."""
        from glancecli.cli.hints import hint_writer

        write = hint_writer(self.program, error.cloud_options)
        label = "error"
        if isinstance(error, Stopped):
            label = ""
        if self.as_json:
            write_json_to_stderr(as_fields(error, write))
        elif people_read_stderr():
            _show(label, error, write)
        else:
            beginning = ": ".join(filter(None, [self.program, label]))
            write_to_stderr(f"{beginning}: {describe(error, write)}", error.candidates)


def _show(label: str, error: ReportedError, write: Writer) -> None:
    """Writes an error to a terminal, with the hint on a line of its own."""
    from glancecli.output.messages import show_choices, show_message

    _name_image_as_typed(error)
    show_message(label, failure_text(error), request_marks(error))
    show_choices(error.candidates)
    if hint := describe_hint(error, write):
        show_message("hint", hint)


def _name_image_as_typed(error: ReportedError) -> None:
    """Gives the image of the error the name that the user typed, where requests had its ID."""
    from glancecli.image import is_uuid

    subject, typed = error.subject, error.typed_image
    if subject is None or subject.kind != "image" or not typed:
        return
    if is_uuid(subject.name) and not is_uuid(typed):
        error.subject = Subject("image", typed)


def as_fields(error: ReportedError, write: Writer) -> dict[str, Any]:
    """Returns an error as the fields of a JSON object; docs/scripting.md says what they mean."""
    hint = describe_hint(error, write)
    if not hint and error.help_page:
        hint = f"See `{error.help_page}`."
    fate = None
    if error.fate:
        fate = error.fate.name.lower()
    return {
        "error": describe(error, write),
        "code": error.code.value,
        "message": failure_text(error),
        "hint": hint or None,
        "status": error.status or None,
        "request_id": error.request_id or None,
        "image": error.image or None,
        "fate": fate,
        "candidates": list(error.candidates),
        "exit_code": error.exit_code,
    }


def output_format(words: Sequence[str], environ: Mapping[str, str]) -> str:
    """Returns the output format that a command line asks for, whether or not it makes sense."""
    found = environ.get("GLANCECLI_FORMAT", "")
    for place, word in enumerate(words):
        if word == "--":
            break
        name, equals, value = word.partition("=")
        if len(name) > len("--fo") and "--format".startswith(name):
            found = value if equals else "".join(words[place + 1 : place + 2])
        elif short := re.fullmatch(SHORT, word):
            found = short[1] or "".join(words[place + 1 : place + 2])
    return found.lower()
