"""A command line as bash reads it, and words that bash takes as data."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glancecli.cli.bash_line import read_line, read_piece, replacement


@pytest.mark.parametrize(
    ("text", "words", "last"),
    [
        ("", [], ""),
        ("glance ", ["glance"], ""),
        ("glance  im", ["glance"], "im"),
        (r"glance a\ b 'c d' \"e", ["glance", "a b", "c d"], r"\"e"),
        ('glance "a \\$b\\n" "c d', ["glance", "a $b\\n"], '"c d'),
        ("glance '' x", ["glance", "''"], "x"),
        ("glance $CLOUD x", ["glance", "$CLOUD"], "x"),
        ("glance a\\", ["glance"], "a\\"),
    ],
)
def test_a_line_is_split_as_bash_does_it(text: str, words: list[str], last: str) -> None:
    assert read_line(text) == (words, last)


@pytest.mark.parametrize(
    ("typed", "value", "quote"),
    [
        (r"a\ b", "a b", ""),
        (r"'a\ b", r"a\ b", "'"),
        (r'"a\"\b', 'a"\\b', '"'),
        ("a'b c'd", "ab cd", ""),
        ("a\\", "a", ""),
        ("'$x`", "$x`", "'"),
        ("$x", None, ""),
        ('"`x', None, '"'),
    ],
)
def test_the_beginning_of_a_word_stands_for_text_unless_the_shell_has_a_say(
    typed: str, value: str | None, quote: str
) -> None:
    assert read_piece(typed) == (value, quote)


@pytest.mark.parametrize(
    ("value", "last", "replaced", "written"),
    [
        ("two words", "tw", "tw", r"two\ words"),
        ("a:b c", "a:b", "b", r"b\ c"),
        ("it's", "'it", "it", r"it'\''s"),
        ('a"$b', '"a', "a", r"a\"\$b"),
        ("a!b", '"a', "a", None),
        ("a!b", "a", "a", r"a\!b"),
        ("ab", "$x", "$x", r"ab"),
        ("ab", "$xa", "a", None),
        ("ab", "a", "b", None),
    ],
)
def test_a_word_is_completed_in_the_quotes_that_the_line_has_begun(
    value: str, last: str, replaced: str, written: str | None
) -> None:
    assert replacement(value, last, replaced) == written


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
@given(
    names=st.lists(
        st.text(st.characters(exclude_categories=["C"]), min_size=1), min_size=20, max_size=40
    ),
    quote=st.sampled_from(["", "'", '"']),
)
def test_bash_reads_every_completed_word_as_the_value(names: list[str], quote: str) -> None:
    written = [replacement(name, quote, "") for name in names]
    pairs = [(n, w) for n, w in zip(names, written, strict=True) if w is not None]
    script = "printf '%s\\0' " + " ".join(f"{quote}{word}{quote}" for _, word in pairs)
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split("\0")[:-1] == [name for name, _ in pairs] or not pairs
