"""Help: what fits the screen of a terminal, what a pipe gets, and what each page says."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import redirect_stdout

import click
import pytest

from glancecli.cli.contents import groups
from glancecli.cli.helptext import Page, Section, as_text
from glancecli.cli.main import build, run
from glancecli.cli.parameters import Option
from glancecli.cli.program import Program
from tests.cli.commands import all_commands
from tests.cli.test_console import Terminal
from tests.support.programs import Result

PROGRAMS = ("glance", "nova", "glancecli")
LISTED = [(name, group.word) for name, each in groups().items() for group in each]


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """terminal("glance", "help") gives the lines on a terminal of 80x24 that has no pager."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("GLANCECLI_PAGER", "")
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("LINES", "24")

    def call(name: str, *words: str) -> list[str]:
        with redirect_stdout(Terminal()) as out:
            assert run(name, words) == 0
        return out.getvalue().splitlines()

    return call


@pytest.mark.parametrize("words", [(), ("help",), ("--help",)])
@pytest.mark.parametrize("name", PROGRAMS)
def test_the_help_of_a_program_fits_a_small_terminal(
    terminal: Callable[..., list[str]], name: str, words: tuple[str, ...]
) -> None:
    lines = terminal(name, *words)
    assert len(lines) < 24
    assert max(map(len, lines)) <= 80
    for word in Program(build(name).entries, name=name).shown():
        assert any(word in line for line in lines) or word.startswith("md-")


def test_the_help_that_fits_says_which_help_there_is(terminal: Callable[..., list[str]]) -> None:
    lines = terminal("glance", "help")
    assert lines[:3] == [
        "usage: glance [options] COMMAND ...",
        "",
        "Images of an OpenStack cloud: list, show, create, change, delete, download.",
    ]
    assert [line.split()[0] for line in lines[4:] if line[:1].strip()][:7] == [
        "images", "data", "sharing", "imports", "md", "service", "program",
    ]  # fmt: skip
    assert "md       Metadata definitions: 30 commands such as md-namespace-list" in lines
    assert lines[-3:] == [
        "glance help COMMAND  one command: its options, with examples",
        "glance help images   the commands of a group, a line each (or: help all)",
        "glance help cloud    which cloud, as which user: --os-cloud NAME ...",
    ]


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_pipe_gets_every_command_on_a_line_of_its_own(
    program: Callable[..., Result], name: str
) -> None:
    result = program(name, "help")
    assert result.out == program(name, "help", "all").out
    for word in build(name).shown():
        (line,) = (line for line in result.lines if line.startswith(f"  {word} "))
        assert line.endswith(build(name).entries[word].help)


@pytest.mark.parametrize(("name", "word"), LISTED)
def test_every_group_of_commands_has_a_page_with_a_line_for_each(
    program: Callable[..., Result], name: str, word: str
) -> None:
    words = ["help", word]
    if name == "sandbox":
        name, words = "glancecli", ["help", "sandbox"]
    lines = program(name, *words).lines
    group = next(
        each for each in groups()[name if word != "sandbox" else word] if each.word == word
    )
    assert f"{group.title}:" in lines
    for command, entry in group.commands.items():
        shown = any(line.split() == [command, *entry.help.split()] for line in lines)
        assert shown != entry.hidden


def test_every_command_is_in_one_group_of_its_program() -> None:
    for name in PROGRAMS:
        names = [word for group in groups()[name] for word in group.commands]
        assert sorted(names) == sorted(set(names))
        assert set(build(name).entries) == set(names)


def test_the_words_of_groups_are_no_commands() -> None:
    """Else help would have two meanings for one word."""
    for name in PROGRAMS:
        words = {group.word for group in groups()[name]} | {"cloud", "all"}
        assert not words & set(build(name).entries)


def test_the_cloud_options_have_a_page_of_their_own(glance: Callable[..., Result]) -> None:
    cloud, command = glance("help", "cloud").lines, glance("help", "image-show").lines
    titles = [line for line in cloud if line.endswith(":") and not line.startswith(" ")]
    assert titles == ["Cloud and login:", "Endpoints and versions:", "TLS:"]
    assert any(line.startswith("  --os-cloud NAME ") for line in cloud)
    assert not any(line.startswith("  --timeout") for line in cloud)
    assert not any(line.startswith("  --os-") for line in command)
    assert (
        command[-1] == 'Cloud options (--os-cloud ...) may stand anywhere: see "glance help cloud".'
    )


def test_options_stand_under_the_titles_of_their_families(glance: Callable[..., Result]) -> None:
    lines = glance("help", "image-create").lines
    titles = [line for line in lines if line.endswith(":") and not line.startswith((" ", "usage"))]
    assert titles == [
        "Positional arguments:", "Image:", "Data:", "Published checksums, compressed data:",
        "Transfer:", "Output:", "Other options:", "Examples:",
    ]  # fmt: skip


@pytest.mark.parametrize("command", all_commands(), ids=lambda each: each.name)
def test_every_page_is_wrapped_between_words(command: click.Command) -> None:
    program = click.Context(build("glance"), info_name="glance")
    context = command.make_context(str(command.name), [], parent=program, resilient_parsing=True)
    for line in command.get_help(context).splitlines():
        assert len(line) <= 80, line
        assert not line.rstrip().endswith("-"), line


def listed_options() -> list[tuple[str, Option]]:
    """The options that help lists, of all programs and commands."""
    found = [(name, param) for name in PROGRAMS for param in build(name).params]
    found += [(str(command.name), param) for command in all_commands() for param in command.params]
    return [(n, p) for n, p in found if isinstance(p, Option) and not p.hidden]


@pytest.mark.parametrize(
    ("command", "option"), listed_options(), ids=lambda each: getattr(each, "long_name", each)
)
def test_an_option_says_what_it_is_for_and_its_default(command: str, option: Option) -> None:
    context = click.Context(click.Command(command))
    default = option.get_default(context)
    text = str(option.help)
    assert text.endswith(".")
    if (
        isinstance(default, str | int | float)
        and default != ""
        and not (option.is_flag or option.count)
    ):
        assert f"default: {default}" in text


def test_a_long_example_is_broken_where_a_shell_goes_on_reading() -> None:
    page = Page(
        "x",
        "x",
        "",
        examples=[
            "glance image-download debian-12-generic | qemu-img dd -f raw -O qcow2 if=/dev/stdin"
        ],
    )
    assert as_text(page).splitlines()[-2:] == [
        "  glance image-download debian-12-generic \\",
        "      | qemu-img dd -f raw -O qcow2 if=/dev/stdin",
    ]


def test_a_long_name_has_its_text_on_the_next_line() -> None:
    section = Section("Options", [("--a", "Short."), ("--" + "b" * 40, "Long.")])
    assert as_text(Page("x", "", "", [section])).splitlines() == [
        "Options:",
        "  --a  Short.",
        "  --" + "b" * 40,
        "       Long.",
    ]


def test_titles_are_bold_on_a_terminal_with_colour(
    terminal: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_COLOR")
    assert terminal("glance", "help", "images")[0] == "\x1b[1mImages:\x1b[0m"


def test_an_unknown_word_is_a_usage_error(glance: Callable[..., Result]) -> None:
    result = glance("help", "imagse")
    assert result.code == 2
    assert result.err.startswith("glance: error: there is no command 'imagse'")
