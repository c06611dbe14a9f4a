"""The pages' commands, run again: they print what the pages say."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from tests.live.conftest import PROGRAMS, Sandbox, environment

ROOT = Path(__file__).parent.parent.parent


def replayer() -> ModuleType:
    spec = importlib.util.spec_from_file_location("replay", ROOT / "docs" / "replay.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["README.md", "docs/guide.md", "docs/scripting.md"])
def test_a_page_shows_what_its_commands_print(
    name: str, sandbox: Sandbox, tmp_path: Path, clean_images: None
) -> None:
    home, folder = tmp_path / "home", tmp_path / "folder"
    home.mkdir()
    folder.mkdir()
    variables = environment(home, sandbox.data)
    variables["PATH"] = f"{PROGRAMS}:{variables['PATH']}"
    replay = replayer()
    page = (ROOT / name).read_text()
    assert replay.settled(replay.replay(page, folder, variables)) == replay.settled(page)
