"""The pages that need Nova: their commands, run again, print what the pages say."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.pages import check_page
from tests.support.sandbox import Sandbox


@pytest.mark.parametrize("name", ["docs/snapshots.md", "docs/recipes.md", "docs/tidying.md"])
def test_a_page_with_servers_shows_what_its_commands_print(
    name: str, compute_sandbox: Sandbox, tmp_path: Path, clean_images: None
) -> None:
    check_page(name, compute_sandbox, tmp_path)
