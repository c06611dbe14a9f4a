"""Plug-in: programs on a terminal of a given size, as tmux shows it and as bytes."""

from __future__ import annotations

import fcntl
import os
import pty
import shlex
import shutil
import struct
import subprocess
import sys
import termios
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.support.waiting import wait_until

PROGRAM = """#!/bin/sh
exec {python} -c 'import sys; from glancecli.cli.start import {name}
sys.argv[0] = "{name}"; {name}()' "$@"
"""

ENDED = "the command has ended"


class Size(NamedTuple):
    """A terminal in columns and lines."""

    columns: int
    lines: int


SIZES = (Size(80, 24), Size(120, 40), Size(200, 50))


class Shown(NamedTuple):
    """What stands on a screen, as text and with escape sequences for colours."""

    text: str
    styled: str


class Tmux:
    """A tmux server of its own, in whose only window a program runs.

    The window stays open when the program has ended. variables are those of the program.
    """

    def __init__(self, folder: Path, size: Size, variables: Mapping[str, str]) -> None:
        self._socket = folder / "socket"
        self._variables = dict(variables)
        self._size = size
        self._script = folder / "script"
        self._settings = folder / "settings"
        self._settings.write_text("set -g status off\nset -g default-terminal screen-256color\n")

    def start(self, command: str) -> None:
        """Runs a command of a shell."""
        lines = [f"export {name}={shlex.quote(value)}" for name, value in self._variables.items()]
        lines += [command, f"printf '\\033]2;{ENDED}\\007'", "exec cat >/dev/null"]
        self._script.write_text("\n".join(lines))
        size = ("-x", str(self._size.columns), "-y", str(self._size.lines))
        self._tmux("new-session", "-d", *size, f"exec sh {shlex.quote(str(self._script))}")

    def run(self, command: str) -> Shown:
        """Runs a command to its end; returns the screen."""
        self.start(command)
        wait_until(self._has_ended)
        return self.screen()

    def _has_ended(self) -> bool:
        """Whether the title of the window says so, which comes behind all output."""
        return self._tmux("display-message", "-p", "#{pane_title}").strip() == ENDED

    def press(self, *keys: str) -> None:
        """Presses keys, by tmux's names for them."""
        self._tmux("send-keys", *keys)

    def screen(self) -> Shown:
        """Returns what stands on the screen now, without the empty lines below it."""
        text = self._tmux("capture-pane", "-p").rstrip("\n")
        return Shown(text, self._tmux("capture-pane", "-p", "-e").rstrip("\n"))

    def wait_for(self, text: str) -> Shown:
        """Returns the screen once this text stands on it."""
        wait_until(lambda: text in self.screen().text)
        return self.screen()

    def close(self) -> None:
        """Ends the server and what runs in it."""
        self._tmux("kill-server")

    def _tmux(self, *words: str) -> str:
        variables = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
        command = ["tmux", "-S", str(self._socket), "-f", str(self._settings), *words]
        done = subprocess.run(
            command, env=variables, capture_output=True, text=True, timeout=60, check=True
        )
        return done.stdout


def run_on_pty(command: list[str], size: Size, variables: Mapping[str, str]) -> bytes:
    """Runs a program whose streams are a terminal of this size; returns what it writes there."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", size.lines, size.columns, 0, 0))
    with subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, env=variables, start_new_session=True
    ):
        os.close(theirs)
        written = b"".join(iter(lambda: _read(ours), b""))
    os.close(ours)
    return written


def _read(terminal: int) -> bytes:
    """Returns the next bytes; b"" once no program has the terminal open, which Linux calls EIO."""
    try:
        return os.read(terminal, 65536)
    except OSError:
        return b""


def install(folder: Path) -> None:
    """Makes the folder one where a shell finds our programs."""
    folder.mkdir(exist_ok=True)
    for name in ("glance", "glancecli", "nova"):
        path = folder / name
        path.write_text(PROGRAM.format(python=shlex.quote(sys.executable), name=name))
        path.chmod(0o755)


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[Callable[..., Tmux]]:
    """tmux(size, variables) starts a server for one program; needs tmux."""
    if shutil.which("tmux") is None:
        pytest.skip("tmux is not installed")
    started: list[Tmux] = []

    def start(size: Size, variables: Mapping[str, str]) -> Tmux:
        folder = tmp_path / f"tmux{len(started)}"
        folder.mkdir()
        found = Tmux(folder, size, variables)
        started.append(found)
        return found

    yield start
    for each in started:
        each.close()
