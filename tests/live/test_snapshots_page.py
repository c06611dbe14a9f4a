"""The page on snapshots and backups: its commands, run again, print what it says."""

from __future__ import annotations

from pathlib import Path

from tests.support.pages import check_page
from tests.support.sandbox import Sandbox


def test_the_page_on_snapshots_shows_what_its_commands_print(
    compute_sandbox: Sandbox, tmp_path: Path, clean_images: None
) -> None:
    check_page("docs/snapshots.md", compute_sandbox, tmp_path)
