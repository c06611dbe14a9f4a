"""The pictures of terminals in the documentation: how they are recorded, and what each must have."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.support.pages import ROOT, script

captures = script("captures")
replay = script("replay")
SCREENS = sorted((ROOT / "docs" / "screens").glob("*.svg"))
SVG = "{http://www.w3.org/2000/svg}"


def test_a_command_is_recorded_on_a_terminal_of_the_given_width() -> None:
    written = captures.capture("stty size <&1; test -t 1 && test -t 2 && echo both", 72)
    assert written == "24 72\r\nboth\r\n"


def test_of_a_line_of_progress_the_last_state_is_shown_or_the_one_with_a_text() -> None:
    erase = captures.ERASE
    bar = (
        f"\x1b[?25lsending 10%{erase}sending 60%{erase}sending 60% {erase}100%\r\n\x1b[?25hdone\r\n"
    )
    assert captures.screen(f"first\r\n{bar}") == "first\n100%\ndone"
    assert captures.screen(f"first\r\n{bar}", "60%") == "first\nsending 60% "


def test_colours_stay_in_a_recorded_screen() -> None:
    assert captures.screen("\x1b[1mID\x1b[0m\r\n") == "\x1b[1mID\x1b[0m"


def test_a_picture_above_an_image_is_drawn_from_its_command(tmp_path: Path) -> None:
    page = "<!-- for a picture: export word=hello -->\n<!-- picture 40: echo $word -->\n![Hi](x/a.svg)\n"
    assert replay.replay(page, tmp_path, {"PATH": "/usr/bin:/bin"}) == page
    drawn = replay.pictures(page, tmp_path)
    assert list(drawn) == ["x/a.svg"]
    assert replay.settled_picture(drawn["x/a.svg"]) == [
        ("", "$"), ("", "echo"), ("", "$word"), ("", "hello"),
    ]  # fmt: skip


def test_what_differs_between_runs_is_no_change_of_a_picture() -> None:
    line = '<text class="" x="14.0" y="85">{}</text>'
    for one, other in (("6.4MB/s", "812kB/s"), ("0:01", "0:00")):
        settled = replay.settled_picture(line.format(one))
        assert settled == replay.settled_picture(line.format(other)) == [("", "FIGURE")]


def test_the_documentation_has_pictures() -> None:
    assert {"list", "prune", "unsafe", "upload"} <= {path.stem for path in SCREENS}


@pytest.mark.parametrize("path", SCREENS, ids=lambda path: path.stem)
def test_a_picture_has_an_alternative_text_and_colours_for_light_and_dark(path: Path) -> None:
    picture = path.read_text(encoding="utf-8")
    root = ElementTree.fromstring(picture)
    assert root.get("role") == "img"
    assert root.get("aria-label") == root.findtext(f"{SVG}title")
    assert "prefers-color-scheme: dark" in (root.findtext(f"{SVG}style") or "")
    used = {name for text in root.iter(f"{SVG}text") for name in (text.get("class") or "").split()}
    for name in used - {"bold"}:
        assert len(re.findall(rf"^\.{name} ", picture, re.MULTILINE)) == 2, name
