"""Safe text, widths, sizes and similar names."""

import re
import sys
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wcwidth import width

from glancecli.text import SIMPLE, counted, did_you_mean, human_size, safe_text, text_width


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("cirros-0.6.2", "cirros-0.6.2"),
        ("Grüße 中文 👩\u200d💻", "Grüße 中文 👩\u200d💻"),
        (r"C:\images\n", r"C:\images\n"),
        ("\x1b[31mred\x1b[0m", r"\x1b[31mred\x1b[0m"),
        ("\x1b]0;title\x07", r"\x1b]0;title\x07"),
        ("\x9b2J", r"\x9b2J"),
        ("two\nlines\r\n", r"two\nlines\r\n"),
        ("tab\there", r"tab\there"),
        ("nul\0del\x7f", r"nul\x00del\x7f"),
        ("gpj.\u202egnp", r"gpj.\u202egnp"),
        ("\u2066isolated\u2069", r"\u2066isolated\u2069"),
        ("\u2028\u2029", r"\u2028\u2029"),
        ("\ud800", r"\ud800"),
        ("cir\u200bros\u200e\ufeff\xad", r"cir\u200bros\u200e\ufeff\xad"),
        ("a\u061c\u2060\u3164\U000e0041", r"a\u061c\u2060\u3164\U000e0041"),
        ("cir\u200dros\u200c\ufe0f", r"cir\u200dros\u200c\ufe0f"),
        ("میخواهم می\u200cخواهم क्\u200dष", "میخواهم می\u200cخواهم क्\u200dष"),
        (
            "❤\ufe0f 1\ufe0f\u20e3 ©\ufe0f 🏳\ufe0f\u200d🌈",
            "❤\ufe0f 1\ufe0f\u20e3 ©\ufe0f 🏳\ufe0f\u200d🌈",
        ),
        ("[bold]markup[/bold]", "[bold]markup[/bold]"),
        ("", ""),
    ],
)
def test_characters_that_act_on_a_terminal_or_end_a_line_are_shown_as_escapes(
    text: str, shown: str
) -> None:
    assert safe_text(text) == shown


@given(st.text())
@settings(deadline=None)
def test_safe_text_is_one_line_that_any_unicode_encoding_can_write(text: str) -> None:
    safe = safe_text(text)
    assert len(safe.splitlines()) <= 1
    assert safe.encode("utf-8").decode("utf-8") == safe
    assert not any(unicodedata.category(c) == "Cc" for c in safe)
    assert safe_text(safe) == safe


def test_each_letter_measured_without_wcwidth_has_the_same_width_as_with_it() -> None:
    simple = [c for c in map(chr, range(sys.maxunicode + 1)) if re.fullmatch(SIMPLE, c)]
    assert len(simple) > 30_000
    assert [c for c in simple if text_width(c) != width(c)] == []


@given(st.text(max_size=30).map(safe_text))
@settings(max_examples=500, deadline=None)
def test_any_text_has_the_width_that_wcwidth_gives(text: str) -> None:
    assert text_width(text) == width(text)


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        (None, "0B"),
        (0, "0B"),
        (1, "1B"),
        (1023, "1023B"),
        (1024, "1kB"),
        (1536, "1.5kB"),
        (1572864, "1.5MB"),
        (10 * 2**20, "10MB"),
        (123480309760, "115GB"),
        (2**40, "1TB"),
        (2**50, "1PB"),
        (2**60, "1EB"),
        (2**70, "1ZB"),
        (2**80, "1024ZB"),
        (2**20 - 1, "1024kB"),
    ],
)
def test_sizes_have_the_units_that_glance_shows(size: int | None, shown: str) -> None:
    assert human_size(size) == shown


@pytest.mark.parametrize(
    ("word", "suggestion"),
    [
        ("nmae", "; did you mean Name?"),
        ("disk-fromat", "; did you mean Disk Format?"),
        ("min_disc", "; did you mean min_disk or Min Disks?"),
        ("visibility", ""),
        ("unname", ""),
        ("Unname", ""),
        ("NAME", "; did you mean Name?"),
    ],
)
def test_a_wrong_name_gets_the_nearest_ones_in_any_spelling(word: str, suggestion: str) -> None:
    candidates = ["ID", "Name", "Disk Format", "min_disk", "Min Disks"]
    assert did_you_mean(word, candidates) == suggestion


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0 seconds"),
        (1, "1 second"),
        (1.0, "1 second"),
        (1.5, "1.5 seconds"),
        (5_000_000.0, "5000000 seconds"),
        (2**60, f"{2**60} seconds"),
    ],
)
def test_one_of_a_thing_is_written_without_an_s(number: float, text: str) -> None:
    assert counted(number, "second") == text
