"""Live tests: the installed programs, as processes, against a real Keystone and Glance (and Nova).

The sandbox is installed for the run in its own folder, and removed afterwards. GLANCECLI_TEST_DATA=FOLDER keeps it in
that folder for the next run (in a folder for each process, if there are several).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.support.programs import Result
from tests.support.sandbox import Run, Sandbox, environment, run_program


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A running Keystone and Glance."""
    kept = os.environ.get("GLANCECLI_TEST_DATA")
    process = os.environ.get("PYTEST_XDIST_WORKER", "")
    data = Path(kept) / process if kept else tmp_path_factory.mktemp("data")
    cloud = Sandbox(data, tmp_path_factory.mktemp("home"))
    up = cloud.control("up")
    assert up.code == 0, up.err
    yield cloud
    down = cloud.control("down", *([] if kept else ["--wipe"]))
    assert down.code == 0, down.err


@pytest.fixture(scope="session")
def compute_sandbox(sandbox: Sandbox) -> Sandbox:
    """The same sandbox with Placement and Nova."""
    up = sandbox.control("up", "--with-nova")
    assert up.code == 0, up.err
    sandbox.forget_tokens()  # their catalogs have no Nova
    return sandbox


@pytest.fixture
def clean_images(sandbox: Sandbox) -> Iterator[None]:
    """Deletes the images of the test after it."""
    before = set(sandbox.images())
    yield
    for identifier, image in sandbox.images().items():
        if identifier not in before:
            sandbox.remove(image)


@pytest.fixture
def live_program(sandbox: Sandbox, tmp_path: Path, clean_images: None) -> Callable[..., Result]:
    """Runs any of the installed programs on the sandbox, with an empty home."""
    home = tmp_path / "home"
    home.mkdir()

    def call(
        name: str,
        *words: str | Path,
        cloud: str | None = "sandbox",
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        timeout: float = 120,
        stdin: bytes | Path | None = None,
    ) -> Result:
        variables = {
            **environment(home, sandbox.data),
            **({"OS_CLOUD": cloud} if cloud else {}),
            **(env or {}),
        }
        return run_program(
            name, *words, env=variables, cwd=cwd or tmp_path, timeout=timeout, stdin=stdin
        )

    return call


def _named(live_program: Callable[..., Result], name: str) -> Run:
    def call(*words: str | Path, **more: Any) -> Result:
        return live_program(name, *words, **more)

    return call


@pytest.fixture
def glance(live_program: Callable[..., Result]) -> Run:
    """``glance`` on the sandbox, as admin unless cloud= says otherwise (None: no OS_CLOUD at all)."""
    return _named(live_program, "glance")


@pytest.fixture
def nova(live_program: Callable[..., Result], compute_sandbox: Sandbox) -> Run:
    """``nova`` on the sandbox with Nova."""
    return _named(live_program, "nova")


@pytest.fixture
def glancecli(live_program: Callable[..., Result]) -> Run:
    """The umbrella program on the sandbox."""
    return _named(live_program, "glancecli")
