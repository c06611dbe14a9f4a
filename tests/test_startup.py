"""The modules that a command imports: the part of its start-up time that we can change."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench.servers import Quick

# Small ones that come with every command: for SIGTERM, for click's messages, for wrapping lines of help.
SMALL = {"__future__", "signal", "locale", "_locale", "textwrap", "click._textwrap"}
# Older releases of click import shutil for a page of help, whatever its width.
CLICK = "import click; click.HelpFormatter(width=80)"


def ours(*words: str) -> str:
    """The code that runs glance."""
    return f"from glancecli.cli.main import run; code = run('glance', {list(words)!r})"


def imported(code: str, environ: dict[str, str]) -> set[str]:
    """Modules in memory after this code ran in a process of its own, json's aside."""
    tell = "import sys\nprint(globals().get('code', 0), *sys.modules, file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\n{tell}"],
        capture_output=True,
        text=True,
        env=environ,
        stdin=subprocess.DEVNULL,
        timeout=60,
        check=True,
    )
    status, *modules = done.stderr.splitlines()[-1].split()
    assert status == "0", done.stderr
    return set(modules)


def foreign(modules: set[str]) -> set[str]:
    return {name for name in modules if name.partition(".")[0] != "glancecli"}


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}


@pytest.mark.parametrize(
    "words",
    [
        ["--version"],
        ["--help"],
        ["help", "image-create"],
        ["image-list", "--help"],
        ["bash-completion"],
        ["completion", "bash"],
        ["complete", "fish", "--", "image-list", "--disk-format", "q"],
    ],
    ids=" ".join,
)
def test_help_version_and_completion_need_click_alone(
    words: list[str], environ: dict[str, str]
) -> None:
    found = foreign(imported(ours(*words), environ)) - imported(CLICK, environ)
    assert found <= SMALL


def test_completion_of_names_and_clouds_sends_nothing(environ: dict[str, str]) -> None:
    names = ["complete", "bash", "--", "glance --os-image-url http://g image-show d", "d"]
    clouds = ["complete", "bash", "--", "glance --os-cloud d", "d"]
    found = imported(ours(*names), environ) | imported(ours(*clouds), environ)
    assert found.isdisjoint({"requests", "urllib3", "keystoneauth1", "socket", "ssl"})


@pytest.mark.parametrize(
    "words", [[], ["-f", "json"], ["-f", "csv"], ["-f", "value", "-c", "ID"]], ids=" ".join
)
def test_a_warm_list_into_a_pipe_needs_click_and_requests_alone(
    words: list[str], environ: dict[str, str]
) -> None:
    server = Quick(60, None)
    environ |= server.environ
    try:
        cold = imported(ours("image-list"), environ)
        warm = imported(ours("image-list", *words), environ)
    finally:
        server.close()
    assert "keystoneauth1" in cold
    assert foreign(warm) - imported("import click, requests, json, csv", environ) <= SMALL
