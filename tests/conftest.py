"""What every test gets by itself: an empty home, no OS_* variables, no sockets outside loopback.

The fixtures that a test asks for are in the plug-ins of tests/support.
"""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Any

import pytest

pytest_plugins = (
    "tests.support.scheduling",
    "tests.support.programs",
    "tests.support.cloud",
    "tests.support.cloudplace",
    "tests.support.fakekeystone",
    "tests.support.terminals",
    "tests.support.transferring",
    "tests.support.usedcloud",
    "tests.support.v1client",
    "tests.support.webserver",
)

LOOPBACK = ("127.0.0.1", "::1", "localhost")
MEANINGFUL = ("OS_", "GLANCE", "NOVA", "XDG_", "LC_")
DISPLAY = ("NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "COLUMNS", "LINES", "FORCE_COLOR")


@pytest.fixture(autouse=True)
def clean_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """An empty home, and no variable that means something to a client."""
    if request.node.get_closest_marker("live"):
        return
    for name in list(os.environ):
        is_proxy = name.lower().endswith("_proxy")
        if is_proxy or name in DISPLAY or name.startswith(MEANINGFUL):
            monkeypatch.delenv(name)
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("LANG", "C.UTF-8")


@pytest.fixture(autouse=True)
def no_sockets_outside_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that connects to anything but this machine fails."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        is_internet = self.family in (socket.AF_INET, socket.AF_INET6)
        if is_internet and address[0] not in LOOPBACK:
            raise AssertionError(f"a test connects to {address}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)
