"""The pages of the documentation, and the scripts beside them."""

from __future__ import annotations

import difflib
import importlib.util
from pathlib import Path
from types import ModuleType

from tests.support.sandbox import Sandbox, environment

ROOT = Path(__file__).parent.parent.parent


def script(name: str) -> ModuleType:
    """docs/NAME.py as a module."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "docs" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def check_page(name: str, sandbox: Sandbox, folder: Path) -> None:
    """Runs the commands of a page again: they must print what the page shows, and clean up."""
    before = set(sandbox.images())
    home, working_folder = folder / "home", folder / "folder"
    home.mkdir()
    working_folder.mkdir()
    variables = environment(home, sandbox.data)
    replay = script("replay")
    page = (ROOT / name).read_text()
    replayed = replay.replay(page, working_folder, variables)
    shown = "\n".join(map(str, replay.settled(page))).splitlines()
    printed = "\n".join(map(str, replay.settled(replayed))).splitlines()
    difference = "\n".join(difflib.unified_diff(shown, printed, "the page", "the commands"))
    assert not difference, difference
    for file, picture in replay.pictures(page, working_folder).items():
        checked_in = (ROOT / name).parent / file
        assert replay.settled_picture(checked_in.read_text()) == replay.settled_picture(picture)
    assert set(sandbox.images()) == before
