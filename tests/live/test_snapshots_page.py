"""The page on snapshots and backups: its commands, run again, print what it says."""

from __future__ import annotations

from pathlib import Path

from tests.live.conftest import PROGRAMS, Sandbox, environment
from tests.live.test_pages import ROOT, replayer


def test_the_page_on_snapshots_shows_what_its_commands_print(
    compute_sandbox: Sandbox, tmp_path: Path, clean_images: None
) -> None:
    home, folder = tmp_path / "home", tmp_path / "folder"
    home.mkdir()
    folder.mkdir()
    variables = environment(home, compute_sandbox.data)
    variables["PATH"] = f"{PROGRAMS}:{variables['PATH']}"
    replay = replayer()
    page = (ROOT / "docs" / "snapshots.md").read_text()
    assert replay.settled(replay.replay(page, folder, variables)) == replay.settled(page)
