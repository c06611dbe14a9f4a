"""What is remembered of a sandbox between commands, and the lock that lets one command at a time."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from glancecli.errors import GlanceError
from glancecli.sandbox.keystone import PROJECT_OF
from glancecli.sandbox.processes import Process

Say = Callable[[str], None]


class Record:
    """Ports, processes and passwords of a sandbox, in ``cloud.json`` (0600), written whole or not
    at all.

    Raises GlanceError when it is there and cannot be read: nobody would know then of the servers
    that run.
    """

    def __init__(self, home: Path) -> None:
        self.path = home / "cloud.json"
        kept = _kept(self.path)
        self.ports: dict[str, int] = kept.get("ports", {})
        self.processes = {
            name: Process(*known) for name, known in kept.get("processes", {}).items()
        }
        self.passwords: dict[str, str] = kept.get("passwords", {})
        self.prepared: list[str] = kept.get("prepared", [])
        self.seeded: str = kept.get("seeded", "")

    def alive(self, name: str) -> bool:
        """Whether a part's process runs."""
        return name in self.processes and self.processes[name].alive

    def make_passwords(self) -> None:
        """A password for every user that has none: loopback is shared by all who use the machine."""
        for user in PROJECT_OF:
            self.passwords.setdefault(user, secrets.token_hex(12))

    def save(self) -> None:
        """Keep it, by rename."""
        kept = {
            "ports": self.ports,
            "processes": {
                name: [known.pid, known.started] for name, known in self.processes.items()
            },
            "passwords": self.passwords,
            "prepared": self.prepared,
            "seeded": self.seeded,
        }
        write_private(self.path, json.dumps(kept, indent=1))


def _kept(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise _unreadable(path, str(error)) from error
    try:
        kept = json.loads(text)
    except ValueError as error:
        raise _unreadable(path, f"no JSON: {error}") from error
    if not isinstance(kept, dict):
        raise _unreadable(path, "no JSON object")
    return kept


def _unreadable(path: Path, why: str) -> GlanceError:
    return GlanceError(
        f"{path}, the record of the sandbox's servers, cannot be read ({why}).",
        hint=f"End the programs of {path.parent / 'venv'}, remove the file, and run `glancecli sandbox up`.",
    )


def write_private(path: Path, text: str) -> None:
    """Put text into a file of mode 0600 by rename: readers see the old or the new."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as out:
            out.write(text)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


@contextmanager
def locked(home: Path, say: Say) -> Iterator[None]:
    """Hold the sandbox for one command; another one waits and says so. Makes the folder (0700)."""
    while True:
        home.mkdir(parents=True, mode=0o700, exist_ok=True)
        path = home / "lock"
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                say("Waiting for another `glancecli sandbox` command to finish ...")
                fcntl.flock(descriptor, fcntl.LOCK_EX)
            # `down --wipe` takes the file away with the folder: a lock on a file without a name
            # holds nobody.
            if path.exists() and os.path.samestat(os.fstat(descriptor), path.stat()):
                yield
                return
        finally:
            os.close(descriptor)
