"""The documentation agrees with the code."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path

import click
import pytest

from glancecli import __version__
from glancecli.auth.layers import PLUGIN_FLAGS
from glancecli.cli.argv import arrange
from glancecli.cli.contents import programs
from glancecli.cli.main import build, is_for_next_nova
from glancecli.cli.program import Program
from tests.support.pages import ROOT, script

MISTAKE = ["image-list", "--disk-fromat", "raw"]  # on purpose, in scripting.md
PROGRAMS = ("glance", "nova", "glancecli")
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def test_the_reference_pages_are_what_the_code_generates() -> None:
    written = {path.name: path.read_text() for path in (ROOT / "docs" / "commands").glob("*.md")}
    assert written == script("generate").pages(), "run: python docs/generate.py"


def test_the_page_of_options_by_version_is_what_the_code_generates() -> None:
    page = (ROOT / "docs" / "flags-by-version.md").read_text()
    assert page == script("generate").versions_page(), "run: python docs/generate.py"


def test_every_command_has_a_page() -> None:
    pages = script("generate").pages()
    for program in PROGRAMS[:2]:
        for name, entry in programs()[program].items():
            assert entry.hidden or f"{program}_{name}.md" in pages, name


def anchors(page: Path) -> list[str]:
    """The names by which links reach a page's headings."""
    headings = re.findall(r"^#+ (.*)", page.read_text(), re.MULTILINE)
    return [re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings]


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_between_pages_have_a_target(page: Path) -> None:
    for target, heading in re.findall(r"\]\(([^)#:]*)(?:#([^)]*))?\)", page.read_text()):
        there = page.parent / target if target else page
        assert there.exists(), target
        assert not heading or heading in anchors(there), f"{target}#{heading}"


def test_the_changelog_has_this_version() -> None:
    assert f"## [{__version__}]" in (ROOT / "docs" / "CHANGELOG.md").read_text()


def shell_lines(page: Path) -> Iterator[str]:
    """A page's lines for shells: sh blocks, what stands behind prompts in console blocks, examples of help."""
    for kind, block in re.findall(
        r"^```(sh|console)\n(.*?)^```$", page.read_text(), re.MULTILINE | re.DOTALL
    ):
        lines = block.replace("\\\n> ", "").replace("\n> ", "\n$ ").splitlines()
        yield from (
            line.removeprefix("$ ") for line in lines if kind == "sh" or line.startswith("$ ")
        )
    text = page.read_text().replace(" \\\n      ", " ")
    yield from re.findall(r"^  ((?:glance|nova|glancecli) .*)", text, re.MULTILINE)


def calls(line: str) -> Iterator[list[str]]:
    """The calls of our programs in a line of shell, each up to the pipe, redirection or bracket behind it."""
    lexer = shlex.shlex(
        line.replace('"$(', "$(").replace(')"', ")"), posix=True, punctuation_chars=True
    )
    lexer.whitespace_split = True
    words = list(lexer)
    for start, word in enumerate(words):
        if Path(word).name in PROGRAMS:
            given = ["IMAGE"] if "xargs" in words[:start] else []
            rest = takewhile(
                lambda w: not set(w) <= set(lexer.punctuation_chars), words[start + 1 :]
            )
            yield [Path(word).name, *rest, *given]


def command_of(name: str, words: list[str]) -> click.Context:
    """The context of the command that is called; click.UsageError where the words make no sense."""
    program = build(name)
    context = program.make_context(name, arrange(program, words, PLUGIN_FLAGS))
    while isinstance(context.command, Program):
        word, command, rest = context.command.resolve_command(context, context.args)
        assert command is not None
        context = command.make_context(word, rest, parent=context)
    return context


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_command_in_the_docs_is_valid(page: Path) -> None:
    for line in shell_lines(page):
        for name, *words in calls(line):
            handed_on = name == "nova" and is_for_next_nova(words)
            if words and not handed_on and words != MISTAKE:
                command_of(name, words)


def test_the_one_mistake_in_the_docs_is_one() -> None:
    with pytest.raises(click.UsageError, match="did you mean --disk-format"):
        command_of("glance", MISTAKE)


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_hidden_commands_of_a_page_only_wait(page: Path) -> None:
    hidden = re.findall(r"^<!-- run: (.*?) -->$", page.read_text(), re.MULTILINE | re.DOTALL)
    assert [line for line in hidden if not line.startswith(("until ", "sleep "))] == []


def messages() -> str:
    """Every text in the code, a line each, with an ellipsis for each value in it."""
    found = []
    for module in (ROOT / "glancecli").rglob("*.py"):
        for node in ast.walk(ast.parse(module.read_text())):
            if isinstance(node, ast.JoinedStr):
                found.append("".join(map(part_of_message, node.values)))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.append(re.sub(r"\{\w*\}", "…", node.value))
    return "\n".join(found)


def part_of_message(part: ast.expr) -> str:
    """A text as it stands, an ellipsis for a value; ``counted(n, "byte")`` is ``… bytes``."""
    match part:
        case ast.Constant(value=str(text)):
            return text
        case ast.FormattedValue(
            value=ast.Call(func=ast.Name("counted"), args=[_, ast.Constant(value=thing)])
        ):
            return f"… {thing}s"
    return "…"


def test_every_message_in_troubleshooting_is_in_the_code() -> None:
    known = messages()
    page = (ROOT / "docs" / "troubleshooting.md").read_text()
    quoted = re.findall(r"^\| `(.*?)` \|", page, re.MULTILINE)
    assert len(quoted) > 50
    parts = {text: map(re.escape, text.split("…")) for text in quoted}
    assert [text for text in quoted if not re.search(".*".join(parts[text]), known)] == []
