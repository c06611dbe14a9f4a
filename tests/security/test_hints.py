"""Words of a service in a hint are words to a shell as well."""

from __future__ import annotations

import shlex

import pytest

from glancecli.api.compute.snapshots import may_still_finish
from glancecli.errors import GlanceError, Hint, describe, pasteable

BAD = ["$(reboot)", "`reboot`", "a b", "x;reboot", "{0}", "{}", "a'b", "*", "-rf"]


@pytest.mark.parametrize("word", BAD)
def test_a_command_in_a_hint_is_read_by_a_shell_as_it_was_meant(word: str) -> None:
    hint = may_still_finish("", word).written(pasteable)
    assert commands(hint) == [["openstack", "server", "show", word]]
    shown = describe(GlanceError("x", hint=Hint("{} shows it.", ("image-show", word))))
    assert commands(shown) == [["glance", "image-show", word]]


def commands(text: str) -> list[list[str]]:
    """The commands between the first and the last backtick of a text."""
    return [shlex.split(text[text.index("`") + 1 : text.rindex("`")])]
