"""The commands of the pages, run again: they print what the pages say."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.pages import check_page
from tests.support.sandbox import Sandbox


@pytest.mark.parametrize(
    "name",
    ["README.md", "docs/guide.md", "docs/finding.md", "docs/scripting.md", "docs/from-the-web.md"],
)
def test_a_page_shows_what_its_commands_print(
    name: str, sandbox: Sandbox, tmp_path: Path, clean_images: None
) -> None:
    check_page(name, sandbox, tmp_path)
