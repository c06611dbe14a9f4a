"""Plug-in: run our programs in the process of the test, as a shell would run them."""

from __future__ import annotations

import io
import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, TextIO

import click
import pytest

from glancecli.cli.main import build, run
from glancecli.cli.program import Program

# A test runner in the background ignores Ctrl-C, and so would every program that a test starts.
signal.signal(signal.SIGINT, signal.default_int_handler)


class Result(NamedTuple):
    """Exit code, stdout as bytes, and stderr of one run."""

    code: int
    raw: bytes
    err: str

    @property
    def out(self) -> str:
        return self.raw.decode()

    @property
    def json(self) -> Any:
        assert self.raw, self.err
        return json.loads(self.raw)

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


Glance = Callable[..., Result]  # the fixture glance


def run_here(name: str, *words: str, stdin: bytes | Path | None = None) -> Result:
    """Runs a program in this process.

    stdin: bytes come through a pipe, a Path is opened as a regular file, None is /dev/null.
    """
    out, err = io.BytesIO(), io.BytesIO()
    on_sigterm = signal.getsignal(signal.SIGTERM)
    with pytest.MonkeyPatch.context() as patch, _opened(stdin) as source:
        patch.setattr(sys, "stdin", source)
        patch.setattr(sys, "stdout", io.TextIOWrapper(out, "utf-8", write_through=True))
        patch.setattr(sys, "stderr", io.TextIOWrapper(err, "utf-8", write_through=True))
        try:
            code = run(name, words)
        finally:
            signal.signal(signal.SIGTERM, on_sigterm)
        return Result(code, out.getvalue(), err.getvalue().decode())


@contextmanager
def _opened(stdin: bytes | Path | None) -> Iterator[TextIO]:
    if isinstance(stdin, bytes):
        with piped(stdin) as source:
            yield source
        return
    with Path(stdin or os.devnull).open(encoding="utf-8") as source:
        yield source


@contextmanager
def piped(data: bytes) -> Iterator[TextIO]:
    """The reading end of a pipe through which another thread sends the data."""

    def feed() -> None:
        try:
            with os.fdopen(writer, "wb") as pipe:
                pipe.write(data)
        except BrokenPipeError:
            return

    reader, writer = os.pipe()
    thread = threading.Thread(target=feed, daemon=True)
    thread.start()
    try:
        with os.fdopen(reader, encoding="utf-8") as source:
            yield source
    finally:
        thread.join()


def examples(*path: str) -> Iterator[str]:
    """The examples of a program, or of a group of its commands."""
    program = build(path[0])
    context = click.Context(program, info_name=path[0])
    for word in path[1:]:
        group = program.get_command(context, word)
        assert isinstance(group, Program)
        program = group
    for word in program.entries:
        yield from getattr(program.get_command(context, word), "examples", ())


@pytest.fixture
def program() -> Callable[..., Result]:
    """program("nova", "image-list", stdin=b"...") runs a program in this process."""
    return run_here


@pytest.fixture
def glance() -> Callable[..., Result]:
    """glance("image-list", stdin=b"...") runs glance in this process."""

    def call(*words: str, **more: Any) -> Result:
        return run_here("glance", *words, **more)

    return call
