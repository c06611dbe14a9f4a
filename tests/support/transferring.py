"""Plug-in for tests of transfers: a service, a proxy with faults in front of it, and our client."""

from __future__ import annotations

import os
import random
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from glancecli.api.v2.client import ClientV2
from glancecli.api.v2.images import ImagesV2
from glancecli.cli.guard import raise_stopped
from glancecli.text import SILENT
from glancecli.transfer import Options
from glancecli.transport.client import ServiceClient
from glancecli.transport.options import ClientOptions
from tests.faults.proxy import FaultProxy
from tests.support.fakeglance import TOKEN, FakeGlance

MIB = 2**20


class Identity:
    """A login that already has its token; renew() counts its calls and returns the good token."""

    client_options = ClientOptions(verify=True, cert=None, timeout=None, no_answer_hint="")
    scope_without_project = ""
    messages = SILENT

    def __init__(
        self, url: str, token: str = TOKEN, fresh: str = TOKEN, timeout: float = 5
    ) -> None:
        self.client_options = self.client_options._replace(timeout=timeout)
        self.url, self.now, self.fresh = url, token, fresh
        self.renewed: list[str] = []
        self.lives: list[float] = []

    def endpoint(self, _service: str) -> str:
        return self.url

    def moved_endpoint(self, _service: str) -> str:
        return ""

    def token(self, min_life: float = 0) -> str:
        self.lives.append(min_life)
        return self.now

    def renew(self, refused: str) -> str:
        self.renewed.append(refused)
        self.now = self.fresh
        return self.now

    def fact(self, _key: str) -> str:
        return "2"

    def remember(self, _key: str, _value: Any) -> None:
        """Remembers nothing."""


class Shown:
    """Progress that records its calls."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self.moved = 0

    def start(self, label: str, total: int | None, offset: int = 0) -> None:
        self.calls.append(("start", label, total, offset))

    def advance(self, count: int) -> None:
        self.moved += count

    def phase(self, text: str) -> None:
        self.calls.append(("phase", text))

    def waits_for(self, end: str) -> None:
        """Records nothing: it is called for every piece."""

    def stop(self) -> None:
        self.calls.append(("stop",))


class World:
    """A service, a proxy in front of it, and a client that uses the proxy."""

    def __init__(self) -> None:
        self.glance = FakeGlance()
        self.proxy = FaultProxy(("127.0.0.1", self.glance.server_port))
        self.identity = Identity(self.proxy.url)
        self.images = ImagesV2(ClientV2(ServiceClient(self.identity, "image")))  # type: ignore[arg-type]
        self.shown = Shown()
        self.notes: list[str] = []
        self.warnings: list[str] = []

    def options(self, **more: Any) -> Options:
        settings = {
            "progress": self.shown,
            "note": self.notes.append,
            "warn": self.warnings.append,
            "stall": 1.0,
            "pause": 0.01,
            **more,
        }
        return Options(**settings)

    def close(self) -> None:
        self.proxy.close()
        self.glance.close()


def noise(size: int, seed: int = 1) -> bytes:
    """Returns bytes that compress badly and are the same every time."""
    return random.Random(seed).randbytes(size)


@contextmanager
def terminated(after: float) -> Iterator[None]:
    """Sends SIGTERM to this process after this many seconds."""
    kept = signal.signal(signal.SIGTERM, raise_stopped)
    timer = threading.Timer(after, os.kill, (os.getpid(), signal.SIGTERM))
    timer.start()
    try:
        yield
    finally:
        timer.join()
        signal.signal(signal.SIGTERM, kept)


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    yield made
    made.close()


@pytest.fixture
def image_file(tmp_path: Path) -> Path:
    """A file of a little more than 3 MiB."""
    path = tmp_path / "disk.raw"
    path.write_bytes(noise(3 * MIB + 12345))
    return path
