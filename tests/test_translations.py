"""The Chinese pages say what the English ones say: same headings, same commands and output, and the
same words of the program in each section.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.pages import script

translations = script("translations")
PAIRS = list(translations.pages())
EACH = pytest.mark.parametrize(("page", "translation"), PAIRS, ids=[p.stem for p, _ in PAIRS])
TRANSLATED = {
    "README",
    "finding",
    "from-the-web",
    "guide",
    "login",
    "recipes",
    "scripting",
    "snapshots",
    "tidying",
    "troubleshooting",
}


def text(path: Path) -> str:
    """The text of a page without code blocks and comments."""
    found = translations.BLOCK.sub("", path.read_text(encoding="utf-8"))
    return re.sub(r"<!--.*?-->", "", found, flags=re.DOTALL)


def headings(path: Path) -> list[int]:
    """The levels of a page's headings."""
    return [len(marks) for marks in re.findall(r"^(#+) ", text(path), re.MULTILINE)]


def sections(path: Path) -> list[str]:
    """What stands before the first heading, and below each."""
    return re.split(r"^#+ .*$", text(path), flags=re.MULTILINE)


def words_of_the_program(section: str) -> set[str]:
    """What stands in backticks: commands, options, messages, files."""
    return {" ".join(words.split()) for words in re.findall(r"`([^`]+)`", section)}


def rows(section: str) -> int:
    """How many rows the tables of a section have."""
    return len(re.findall(r"^\|", section, re.MULTILINE))


def linked_pages(path: Path) -> list[Path]:
    """The other pages and files that a page links to, below the line that names its translation."""
    below = text(path).split("\n", 3)[3]
    found = re.findall(r"(?<!!)\[[^]]*\]\(([^)#:]+)(?:#[^)]*)?\)", below)
    return [(path.parent / target).resolve() for target in found]


def test_the_pages_for_users_are_translated() -> None:
    assert {page.stem for page, _ in PAIRS} == TRANSLATED


@EACH
def test_a_translation_has_the_headings_of_its_page(page: Path, translation: Path) -> None:
    assert headings(translation) == headings(page)


@EACH
def test_a_translation_has_the_commands_and_the_output_of_its_page(
    page: Path, translation: Path
) -> None:
    shown = translations.blocks(translation.read_text(encoding="utf-8"))
    assert shown == translations.blocks(page.read_text()), "run: python docs/translations.py"


@EACH
def test_each_section_of_a_translation_names_the_same_things(page: Path, translation: Path) -> None:
    for english, chinese in zip(sections(page), sections(translation), strict=True):
        assert words_of_the_program(chinese) == words_of_the_program(english)
        assert rows(chinese) == rows(english), english


@EACH
def test_a_translation_has_the_pictures_of_its_page_and_says_what_they_show(
    page: Path, translation: Path
) -> None:
    english, chinese = (re.findall(r"!\[(.*?)\]\((.*?)\)", text(p)) for p in (page, translation))
    shown = [(page.parent / file).resolve() for _, file in english]
    assert [(translation.parent / file).resolve() for _, file in chinese] == shown
    assert all(file.exists() for file in shown)
    assert all(alternative for alternative, _ in [*english, *chinese])


@EACH
def test_a_page_and_its_translation_link_to_each_other(page: Path, translation: Path) -> None:
    for here, there in ((page, translation), (translation, page)):
        line = here.read_text(encoding="utf-8").splitlines()[2]
        linked = re.findall(r"\]\((.*?)\)", line)
        assert [(here.parent / target).resolve() for target in linked] == [there]


@EACH
def test_a_translation_has_the_links_of_its_page_and_stays_in_chinese(
    page: Path, translation: Path
) -> None:
    chinese_of = dict(PAIRS)
    expected = [chinese_of.get(target, target) for target in linked_pages(page)]
    assert sorted(linked_pages(translation)) == sorted(expected)
