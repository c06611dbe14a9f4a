"""Plug-in: programs on a terminal of a given size, as tmux shows it and as bytes."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import shlex
import shutil
import struct
import subprocess
import sys
import termios
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.support.pages import script
from tests.support.waiting import wait_until

PROGRAM = """#!/bin/sh
exec {python} -c 'import sys; from glancecli.cli.start import {name}
sys.argv[0] = "{name}"; {name}()' "$@"
"""
SETTINGS = """
set -g status off
set -g default-terminal screen-256color
set -g history-limit 2000
"""
ENDED = "the command has ended"
SGR = re.compile(r"\x1b\[[0-9;]*m")


class Size(NamedTuple):
    """A terminal in columns and lines."""

    columns: int
    lines: int

    def __str__(self) -> str:
        return f"{self.columns}x{self.lines}"


SIZES = (Size(80, 24), Size(120, 40), Size(200, 50))


class Tmux:
    """A tmux server of its own, in whose only window a program runs.

    The window stays open when the program has ended. variables are those of the program.
    """

    def __init__(self, folder: Path, size: Size, variables: Mapping[str, str]) -> None:
        self._socket = folder / "socket"
        self._script = folder / "script"
        self._settings = folder / "settings"
        self._settings.write_text(SETTINGS)
        self._size = size
        self._variables = dict(variables)

    def start(self, command: str) -> None:
        """Runs a command of a shell."""
        lines = [f"export {name}={shlex.quote(value)}" for name, value in self._variables.items()]
        lines += [command, rf"printf '\033]2;{ENDED}\007'", "exec cat >/dev/null"]
        self._script.write_text("\n".join(lines))
        size = ("-x", str(self._size.columns), "-y", str(self._size.lines))
        self._tmux("new-session", "-d", *size, f"exec sh {shlex.quote(str(self._script))}")

    def run(self, command: str) -> str:
        """Runs a command to its end; returns what it has shown, with SGR sequences."""
        self.start(command)
        wait_until(self._has_ended)
        return self._capture("-S", "-")

    def press(self, *keys: str) -> None:
        """Presses keys, by tmux's names for them."""
        self._tmux("send-keys", *keys)

    def press_until(self, key: str, text: str) -> None:
        """Presses a key until this text stands on the screen; Ctrl-C drops what was typed ahead."""

        def seen() -> bool:
            self.press(key)
            return text in plain(self._capture())

        wait_until(seen)

    def wait_for(self, text: str) -> str:
        """Returns the screen, with SGR sequences, once this text stands on it."""
        wait_until(lambda: text in plain(self._capture()))
        return self._capture()

    def close(self) -> None:
        """Ends the server and what runs in it."""
        self._tmux("kill-server")

    def _has_ended(self) -> bool:
        """Whether the title of the window says so, which comes behind all output."""
        return self._tmux("display-message", "-p", "#{pane_title}").strip() == ENDED

    def _capture(self, *more: str) -> str:
        """Returns the screen; a line that the terminal has wrapped is one line."""
        captured = self._tmux("capture-pane", "-p", "-e", "-J", *more)
        lines = [
            re.sub(r"[ ]+((?:\x1b\[[0-9;]*m)*)$", r"\1", line) for line in captured.split("\n")
        ]
        return "\n".join(lines).rstrip("\n") + "\n"

    def _tmux(self, *words: str) -> str:
        variables = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
        command = ["tmux", "-S", str(self._socket), "-f", str(self._settings), *words]
        done = subprocess.run(
            command, env=variables, capture_output=True, text=True, timeout=60, check=True
        )
        return done.stdout


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[Callable[[Size, Mapping[str, str]], Tmux]]:
    """tmux(size, variables) starts a server for one program."""
    if shutil.which("tmux") is None:
        pytest.skip("tmux is not installed")
    started: list[Tmux] = []

    def start(size: Size, variables: Mapping[str, str]) -> Tmux:
        folder = tmp_path / f"tmux{len(started)}"
        folder.mkdir()
        started.append(Tmux(folder, size, variables))
        return started[-1]

    yield start
    for each in started:
        each.close()


def run_on_pty(command: Sequence[str], size: Size, variables: Mapping[str, str]) -> str:
    """Runs a program whose streams are a terminal of this size; returns what it writes there."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", size.lines, size.columns, 0, 0))
    with subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, env=variables, start_new_session=True
    ):
        os.close(theirs)
        written = b"".join(iter(lambda: _read(ours), b""))
    os.close(ours)
    return written.decode().replace("\r\n", "\n")


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


def plain(text: str) -> str:
    """Returns what a terminal shows without its colours."""
    return SGR.sub("", text)


def marked(text: str) -> str:
    """Returns what a terminal shows, with the colours as words: ``{bold bad|error:} no``.

    The same colour can be switched on and off by different sequences.
    """
    pictures = script("pictures")
    lines = []
    look = pictures.Look()
    for line in text.splitlines():
        parts: list[tuple[str, str]] = []
        for codes, part in pictures.PARTS.findall(line):
            if not part:
                look = look.after(codes)
            elif parts and parts[-1][0] == look.classes:
                parts[-1] = (look.classes, parts[-1][1] + part)
            else:
                parts.append((look.classes, part))
        lines.append("".join(_marked(*part) for part in parts))
    return "\n".join(lines) + "\n"


def _marked(classes: str, text: str) -> str:
    if not classes:
        return text
    return f"{{{classes}|{text}}}"


def unmarked(text: str) -> str:
    """Returns marked text without its marks."""
    return re.sub(r"\{[a-z ]+\|([^}]*)\}", r"\1", text)
