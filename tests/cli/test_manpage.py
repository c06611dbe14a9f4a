"""Manual pages: what they say, that roff accepts them, and that the installed package has them."""

from __future__ import annotations

import importlib.metadata
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from glancecli import __version__
from glancecli.cli.helptext import Page, Section
from glancecli.cli.manpage import escaped_line, manual_page, manual_pages
from tests.support.pages import script
from tests.support.programs import Glance
from tests.support.terminals import Size, run_on_pty

PAGES = dict(manual_pages())


def test_every_program_and_every_command_has_a_page() -> None:
    commands = {name.removesuffix(".md").replace("_", "-") for name in script("generate").pages()}
    commands -= {"README", "cloud-options"}
    assert {name.removesuffix(".1") for name in PAGES} == commands | {"glance", "nova", "glancecli"}


def test_a_page_has_the_sections_that_readers_of_man_expect() -> None:
    page = Page(
        name="glance image-x",
        usage="glance image-x [options] IMAGE",
        text="Do x. Twice.\n\n.profile is not read.",
        sections=[Section("Options", [("--back\\slash 'A~B'", "It's `x`.")])],
        examples=["glance image-x cirros"],
        see="More.",
    )
    assert manual_page(page).splitlines() == [
        f'.TH GLANCE\\-IMAGE\\-X 1 "" "glancecli {__version__}" "OpenStack images"',
        ".nh",
        ".ad l",
        ".SH NAME",
        "glance\\-image\\-x \\- Do x",
        ".SH SYNOPSIS",
        ".B glance image\\-x [options] IMAGE",
        ".SH DESCRIPTION",
        "Do x. Twice.",
        ".PP",
        "\\&.profile is not read.",
        ".SH OPTIONS",
        ".TP",
        ".B \\-\\-back\\eslash \\(aqA\\(tiB\\(aq",
        "It\\(aqs \\(gax\\(ga.",
        ".SH EXAMPLES",
        ".nf",
        "glance image\\-x cirros",
        ".fi",
        ".SH EXIT STATUS",
        ".TP",
        ".B 0",
        "Done.",
        ".TP",
        ".B 1",
        "Failed; with several images, at least one of them.",
        ".TP",
        ".B 2",
        "The command line is wrong; nothing was sent.",
        ".TP",
        ".B 130",
        "Interrupted (Ctrl\\-C); 143: terminated.",
        ".SH SEE ALSO",
        ".BR glance (1)",
        ".PP",
        "More.",
    ]


@pytest.mark.parametrize("text", [".so /etc/passwd", "\\*x", "'br"])
def test_no_text_is_taken_for_a_request_of_roff(text: str) -> None:
    assert escaped_line(text).startswith(("\\&.", "\\e", "\\(aq"))


@pytest.mark.skipif(not shutil.which("groff"), reason="groff is not installed")
def test_roff_has_nothing_to_say_about_any_page() -> None:
    for name, text in PAGES.items():
        done = subprocess.run(
            ["groff", "-ww", "-man", "-Tascii", "-z"],
            input=text,
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stderr == "", name


def test_the_installed_package_has_the_pages_where_man_looks() -> None:
    files = importlib.metadata.files("openstack-glancecli") or []
    if not any(str(file).endswith("glancecli/cli/manpage.py") for file in files):
        pytest.skip("installed as editable")
    installed = {
        file.name: Path(str(file.locate())).read_text()
        for file in files
        if file.parent.parts[-3:] == ("share", "man", "man1")
    }
    assert installed == PAGES


def test_into_a_pipe_help_writes_the_page_as_roff(glance: Glance) -> None:
    result = glance("help", "--man", "image-show")
    assert (result.code, result.out) == (0, PAGES["glance-image-show.1"])
    assert glance("help", "--man").out == PAGES["glance.1"]
    assert glance("help", "--man", "cloud").lines[0].startswith(".TH GLANCE\\-CLOUD 1 ")


def shown_on_terminal(folder: Path, *words: str) -> str:
    """What glancecli writes to a terminal, with the programs of a folder."""
    variables = {"PATH": str(folder), "HOME": str(folder), "TERM": "xterm", "NO_COLOR": "1"}
    return run_on_pty([sys.executable, "-m", "glancecli", *words], Size(80, 24), variables)


def test_on_a_terminal_man_shows_the_page(tmp_path: Path) -> None:
    man = tmp_path / "man"
    man.write_text(
        '#!/bin/sh\necho "man: ${1##*/} pager: $MANPAGER"\nread -r line < "$1"; echo "$line"\n'
    )
    man.chmod(0o755)
    text = shown_on_terminal(tmp_path, "--no-pager", "help", "--man", "image-show")
    first = PAGES["glance-image-show.1"].splitlines()[0].replace("GLANCE", "GLANCECLI", 1)
    assert text == (f"man: glancecli-image-show.1 pager: cat\n{first}\n")


def test_without_man_the_error_says_what_shows_the_same(tmp_path: Path) -> None:
    text = shown_on_terminal(tmp_path, "help", "--man", "image-show")
    assert text == (
        "error: the program man is not installed\nhint: Help without --man shows the same.\n"
    )
