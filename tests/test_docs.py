"""The documentation says what the code does."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from glancecli import __version__
from glancecli.commands import programs

ROOT = Path(__file__).parent.parent
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])


def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_reference_pages_are_what_the_code_generates() -> None:
    written = {path.name: path.read_text() for path in (ROOT / "docs" / "commands").glob("*.md")}
    assert written == generator().pages(), "run: python docs/generate.py"


def test_every_command_has_a_page() -> None:
    pages = generator().pages()
    for program in ("glance", "nova"):
        for name, entry in programs()[program].items():
            assert entry.hidden or f"{program}_{name}.md" in pages, name


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text()):
        assert (page.parent / target).exists(), target


def test_the_changelog_knows_this_version() -> None:
    assert f"## [{__version__}]" in (ROOT / "docs" / "CHANGELOG.md").read_text()


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_command_line_in_the_docs_is_one_that_we_have(page: Path) -> None:
    """Commands named in code blocks after a prompt exist."""
    known = {name for table in programs().values() for name in table}
    lines = re.findall(
        r"^\$ (?:glance|nova|glancecli) (?:--\S+ (?:\S+ )??)*?([a-z]+-[a-z-]+|help|sandbox|nova)\b",
        page.read_text(),
        re.M,
    )
    assert set(lines) <= known
