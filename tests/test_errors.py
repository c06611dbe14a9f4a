"""Errors as text: the command that a hint names can be pasted into a shell."""

from __future__ import annotations

from glancecli.errors import pasteable


def test_a_command_in_a_hint_has_the_program_and_the_options_that_choose_the_cloud() -> None:
    written = pasteable(("image-show", "my image"), "nova", ("--os-cloud", "lab"))
    assert written == "`nova --os-cloud lab image-show 'my image'`"


def test_a_command_of_the_sandbox_is_always_one_of_the_program_glancecli() -> None:
    options = ("--os-cloud", "lab")
    assert pasteable(("sandbox", "up"), "glance", options) == "`glancecli sandbox up`"
