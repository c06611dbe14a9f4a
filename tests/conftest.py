"""What every test gets: an empty home, no OS_* variables, no sockets outside loopback, and programs to run."""

from __future__ import annotations

import io
import json
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import responses

from glancecli.cli.main import run

# Whoever starts tests in the background has them ignore Ctrl-C, and programs started by them as well.
signal.signal(signal.SIGINT, signal.default_int_handler)

IMAGE_URL = "http://glance.test:9292"
TOKEN = "token-of-the-tests"


LIVE = Path(__file__).parent / "live"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What is in the folder live is live, and comes after everything else."""
    for item in items:
        if LIVE in item.path.parents:
            item.add_marker("live")
    items.sort(key=lambda item: item.get_closest_marker("live") is not None)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """How several processes share the tests: file by file, but all live ones in one process, with one sandbox.

    Those with faults are half of their time, and have a sandbox to themselves.
    """
    from xdist.scheduler import LoadScopeScheduling

    class Files(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.partition("::")[0]
            shared = file.startswith("tests/live/") and not file.endswith("test_faults.py")
            return "tests/live" if shared else file

    return Files(config, log)


class Result:
    """What one run of a program gave."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code = code
        self.out = out
        self.err = err

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


@pytest.fixture(autouse=True)
def clean_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """An empty home and no variable that means something to a client."""
    if request.node.get_closest_marker("live"):
        return
    for name in list(os.environ):
        if name.startswith(("OS_", "GLANCE", "NOVA", "XDG_", "LC_")) or name.lower().endswith(
            "_proxy"
        ):
            monkeypatch.delenv(name)
    for name in ("NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "COLUMNS", "LINES", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("LANG", "C.UTF-8")


@pytest.fixture(autouse=True)
def no_sockets_outside_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection to anything but this machine is a defect of the test."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in (
            "127.0.0.1",
            "::1",
            "localhost",
        ):
            raise AssertionError(f"a test connects to {address}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture
def program(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Run a program in this process: program("glance", "image-list", stdin=b"...") -> Result.

    stdin: bytes come through a pipe, a Path as a regular file, None is /dev/null.
    """

    def call(name: str, *words: str, stdin: bytes | Path | None = None) -> Result:
        out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.TextIOWrapper(io.BytesIO(), "utf-8")
        handler = signal.getsignal(signal.SIGTERM)
        with monkeypatch.context() as patch, _stdin(stdin) as source:
            patch.setattr(sys, "stdin", source)
            patch.setattr(sys, "stdout", out)
            patch.setattr(sys, "stderr", err)
            try:
                code = run(name, words)
            finally:
                signal.signal(signal.SIGTERM, handler)
                out.flush()
                err.flush()
        return Result(code, out.buffer.getvalue().decode(), err.buffer.getvalue().decode())  # type: ignore[attr-defined]

    return call


def _stdin(given: bytes | Path | None) -> io.TextIOWrapper:
    if isinstance(given, bytes):
        reader, writer = os.pipe()
        assert len(given) <= 65536, "more than a pipe holds"
        os.write(writer, given)
        os.close(writer)
        return os.fdopen(reader, encoding="utf-8")
    return Path(given or os.devnull).open(encoding="utf-8")


@pytest.fixture
def glance(program: Callable[..., Result]) -> Callable[..., Result]:
    """Run glance in this process."""

    def call(*words: str, **more: Any) -> Result:
        return program("glance", *words, **more)

    return call


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[responses.RequestsMock]:
    """A cloud whose Image service answers what the test says, with a token at hand (no login)."""
    monkeypatch.setenv("OS_IMAGE_URL", IMAGE_URL)
    monkeypatch.setenv("OS_AUTH_TOKEN", TOKEN)
    with responses.RequestsMock() as mock:
        yield mock
