"""Real shells on a pseudo-terminal, in which a test types."""

from __future__ import annotations

import os
import pty
import shlex
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.support.programs import run_here
from tests.support.waiting import wait_until

SHELLS = ("bash", "zsh", "fish")

# Asked for completion it is glance; any other call of it only notes its words.
STAND_IN = """#!/bin/sh
case $1 in
    complete) exec {python} -c 'from glancecli.cli.start import glance; glance()' "$@" ;;
esac
{{ printf '%s\\0' "$@"; printf '\\n\\0'; }} >> {calls}
"""
BASHRC = """\
PS1='$ ' HISTFILE=
bind 'set bell-style none'
bind 'set completion-query-items 0'
bind 'set page-completions off'
"""
ZSHRC = """\
PS1='$ ' LISTMAX=10000
unsetopt beep
autoload -Uz compinit
compinit -u -D
"""
# A shell needs a controlling terminal, which a process without one gets so.
WITH_TERMINAL = (
    "import fcntl, os, sys, termios; os.setsid(); fcntl.ioctl(0, termios.TIOCSCTTY, 0); "
    "os.execvp(sys.argv[1], sys.argv[1:])"
)


class Shell:
    """An interactive shell that has sourced the completion of glance.

    Its PATH begins with a stand-in for glance; its working folder is empty at first.
    """

    def __init__(self, terminal: int, folder: Path) -> None:
        self._terminal = terminal
        self._calls = folder / "calls"
        self.work = folder / "work"
        self.screen = ""  # all that it has written, escape sequences too

    def run(self, line: str) -> list[str]:
        """Types a line, in which a tab completes, and runs it; returns the words of glance."""
        before = len(self._all_calls())
        self.type(f"{line}\r")
        return wait_until(lambda: self._all_calls()[before:])[0]

    def type(self, keys: str) -> None:
        """Types keys."""
        os.write(self._terminal, keys.encode())

    def _all_calls(self) -> list[list[str]]:
        if not self._calls.exists():
            return []
        return [call.split("\0")[:-1] for call in self._calls.read_text().split("\n\0")[:-1]]

    def read_all(self) -> None:
        """Reads what the shell writes, until it ends."""
        with suppress(OSError):  # Linux says so at the end
            while data := os.read(self._terminal, 65536):
                self.screen += data.decode(errors="replace")


@contextmanager
def open_shell(name: str, folder: Path, bytecode: Path) -> Iterator[Shell]:
    """Starts a shell; skips the test where this machine has none of this name.

    bytecode: a folder for the compiled modules of glance, which would be slow at each tab without.
    """
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed")
    command = _command(name, folder)
    terminal, inside = pty.openpty()
    environ = {
        **os.environ,
        "PATH": f"{folder / 'bin'}:{os.environ['PATH']}",
        "TERM": "xterm",
        "ZDOTDIR": str(folder),
        "LANG": "C.UTF-8",
        "PYTHONDONTWRITEBYTECODE": "",
        "PYTHONPYCACHEPREFIX": str(bytecode),
    }
    process = subprocess.Popen(
        [sys.executable, "-c", WITH_TERMINAL, *command],
        stdin=inside,
        stdout=inside,
        stderr=inside,
        cwd=folder / "work",
        env=environ,
    )
    os.close(inside)
    shell = Shell(terminal, folder)
    reader = threading.Thread(target=shell.read_all, daemon=True)
    reader.start()
    try:
        yield shell
    finally:
        process.kill()
        process.wait()
        os.close(terminal)


def _command(name: str, folder: Path) -> list[str]:
    """Writes what the shell reads when it starts; returns how to start it."""
    (folder / "work").mkdir(parents=True)
    (folder / "bin").mkdir()
    program = folder / "bin" / "glance"
    calls = shlex.quote(str(folder / "calls"))
    program.write_text(STAND_IN.format(python=sys.executable, calls=calls))
    program.chmod(0o755)
    script = run_here("glance", "completion", name).out
    (folder / "script").write_text(script)
    (folder / "bashrc").write_text(BASHRC + script)
    (folder / ".zshrc").write_text(ZSHRC + script)
    source = f"source {shlex.quote(str(folder / 'script'))}"
    return {
        "bash": ["bash", "--noprofile", "--rcfile", str(folder / "bashrc"), "-i"],
        "zsh": ["zsh", "-d", "-i"],
        "fish": ["fish", "--no-config", "-i", "-C", source],
    }[name]
