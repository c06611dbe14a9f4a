"""Pictures of what a terminal shows."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

from tests.support.pages import script

pictures = script("pictures")
SVG = "{http://www.w3.org/2000/svg}"


def test_a_picture_has_each_word_in_its_column_and_colour() -> None:
    capture = "\x1b[1;38;5;160merror:\x1b[0m 中文 <b> \x1b[38;5;243m(HTTP 403)\x1b[0m\n  next\n"
    root = ElementTree.fromstring(pictures.svg(capture, 'An "error"', 40))
    assert root.get("aria-label") == 'An "error"'
    assert [(each.text, each.get("class"), each.get("x")) for each in root.iter(f"{SVG}text")] == [
        ("error:", "bad bold", "14.0"),
        ("中文", "", "72.8"),
        ("<b>", "", "114.8"),
        ("(HTTP", "faint", "148.4"),
        ("403)", "faint", "198.8"),
        ("next", "", "30.8"),
    ]


def test_colours_that_are_switched_off_one_by_one_end() -> None:
    capture = "\x1b[2m\x1b[39ma\x1b[22m\x1b[32mb\x1b[39m\x1b[1mc\x1b[22md\n"
    looks = [(text, look.classes) for _, _, text, look in pictures.runs(capture)]
    assert looks == [("a", "faint"), ("b", "good"), ("c", "bold"), ("d", "")]


def test_a_picture_can_be_read_on_light_and_on_dark_pages() -> None:
    picture = pictures.svg("x\n", "x")
    assert "prefers-color-scheme: dark" in picture
    for palette in (pictures.LIGHT, pictures.DARK):
        assert all(colour in picture for colour in palette.values())
        assert palette.keys() == pictures.LIGHT.keys()
