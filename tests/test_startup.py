"""What a command imports: the part of its time that we decide."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HEAVY = {
    "requests",
    "urllib3",
    "rich",
    "yaml",
    "keystoneauth1",
    "wcwidth",
    "importlib.metadata",
    "stevedore",
}


def imported(
    words: list[str], environ: dict[str, str], stdin: Any = subprocess.DEVNULL, program: str = "glance"
) -> set[str]:
    """Modules in memory after the program ran in a process of its own."""
    code = (
        "import sys, json\n"
        "from glancecli.main import run\n"
        f"code = run({program!r}, {words!r})\n"
        "print(json.dumps([code, sorted(sys.modules)]), file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env=environ,
        stdin=stdin,
        timeout=60,
        check=True,
    )
    status, modules = json.loads(done.stderr.splitlines()[-1])
    assert status == 0, done.stderr
    return set(modules)


@pytest.mark.parametrize(
    "words",
    [
        ["--version"],
        ["--help"],
        ["help", "image-create"],
        ["image-list", "--help"],
        ["bash-completion"],
        ["completion", "bash"],
    ],
)
def test_help_version_and_completion_need_click_alone(words: list[str], tmp_path: Path) -> None:
    assert not imported(words, {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}) & HEAVY


@pytest.mark.parametrize("words", [["--help"], ["image-create", "--help"], ["help", "backup"]])
def test_novas_help_needs_click_alone(words: list[str], tmp_path: Path) -> None:
    environ = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    assert not imported(words, environ, program="nova") & HEAVY
