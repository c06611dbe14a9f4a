"""Plug-in: an empty home and an empty working folder, for tests that read settings."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from glancecli.auth.clouds import load
from glancecli.auth.settings import Settings


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder above an empty home and an empty working folder."""
    for name in ("home", "cwd"):
        (tmp_path / name).mkdir(exist_ok=True)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path / "cwd")
    return tmp_path


def write(place: Path, files: dict[str, str]) -> None:
    """Writes files, by their paths below the place."""
    for name, text in files.items():
        path = place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def load_here(flags: dict[str, Any] | None = None) -> Settings:
    """Returns the settings for these flags and the variables of this process."""
    return load(flags or {}, os.environ)
