"""Long output on a terminal goes through the pager that the user has chosen, by the rules of git."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from glancecli.output.pager import pager_command
from tests.support.terminals import Size, run_on_pty


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with programs named less and most, which write how they were called, and copy."""
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("less", "most", "true"):
        path = programs / name
        path.write_text(f'#!/bin/sh\necho "{name}:$*:$LESS:$LV"\nexec cat\n')
        path.chmod(0o755)
    (programs / "true").write_text("#!/bin/sh\nexit 0\n")
    return programs


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, "less"),
        ({"PAGER": "most -s"}, "most -s"),
        ({"PAGER": "most", "GLANCECLI_PAGER": "less"}, "less"),
        ({"PAGER": "most", "GLANCECLI_PAGER": ""}, ""),
        ({"PAGER": ""}, ""),
        ({"PAGER": "cat"}, ""),
        ({"PAGER": "no-such-program"}, ""),
        ({"PAGER": "no-such-program -R"}, ""),
        ({"PAGER": "'/my programs/most' -s"}, "'/my programs/most' -s"),
        ({"PAGER": "LESS=-S less"}, "LESS=-S less"),
        ({"PAGER": "~/most"}, "~/most"),
    ],
)
def test_the_first_variable_that_is_set_names_the_pager(
    folder: Path, environ: dict[str, str], expected: str
) -> None:
    assert pager_command({"PATH": str(folder), **environ}) == expected


def on_terminal(folder: Path, *words: str, **environ: str) -> list[str]:
    """What glancecli writes to a terminal of 24 lines."""
    variables = {
        "PATH": f"{folder}:{os.environ['PATH']}",
        "HOME": str(folder),
        "TERM": "xterm",
        "NO_COLOR": "1",
        **environ,
    }
    command = [sys.executable, "-m", "glancecli", *words]
    return run_on_pty(command, Size(80, 24), variables).splitlines()


def test_less_ends_at_once_if_all_fits_and_shows_colours(folder: Path) -> None:
    lines = on_terminal(folder, "help", "image-create")
    assert lines[:2] == ["less::FRX:-c", "usage: glancecli image-create [options] [NAME]"]


def test_the_settings_of_the_user_are_kept(folder: Path) -> None:
    lines = on_terminal(folder, "help", "image-create", LESS="i", PAGER="less -S")
    assert lines[0] == "less:-S:i:-c"


@pytest.mark.parametrize(
    "words",
    [
        ["help", "image-create", "--no-pager"],
        ["--no-pager", "image-create", "--help"],
        ["help", "images"],
    ],
    ids=" ".join,
)
def test_no_pager_is_started_where_it_is_not_wanted_or_not_needed(
    folder: Path, words: list[str]
) -> None:
    assert on_terminal(folder, *words)[0].startswith(("usage: ", "Images:"))


@pytest.mark.parametrize(
    "environ", [{"TERM": "dumb"}, {"TERM": ""}, {"GLANCECLI_PAGER": ""}], ids=str
)
def test_terminals_that_cannot_page_get_the_text(folder: Path, environ: dict[str, str]) -> None:
    assert on_terminal(folder, "help", "image-create", **environ)[0].startswith("usage: ")


def test_a_pager_that_the_user_leaves_early_is_no_failure(folder: Path) -> None:
    assert on_terminal(folder, "help", "all", PAGER="true") == []


@pytest.mark.parametrize(
    ("exit_code", "expected"),
    [
        (
            1,
            [
                "warning: the pager most -x failed (exit code 1); --no-pager shows the text",
                "         without it",
            ],
        ),
        (2, []),  # Ctrl-C in less -K
        (
            137,
            [
                "warning: the pager most -x failed (killed by signal 9); --no-pager shows the",
                "         text without it",
            ],
        ),
        (141, []),  # by SIGPIPE
    ],
)
def test_a_pager_that_fails_is_named(folder: Path, exit_code: int, expected: list[str]) -> None:
    (folder / "most").write_text(f"#!/bin/sh\nexit {exit_code}\n")
    assert on_terminal(folder, "help", "all", PAGER="most -x") == expected


def test_a_pipe_is_never_paged(folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "glancecli", "help", "image-create"],
        env={"PATH": str(folder), "HOME": str(folder), "TERM": "xterm", "LINES": "2"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith("usage: ")
