"""The state of a sandbox between commands: its ports, processes and passwords."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from glancecli.errors import GlanceError, Hint
from glancecli.private_files import PrivateFolder
from glancecli.sandbox import processes
from glancecli.sandbox.files import check_trust, private_folder
from glancecli.sandbox.keystone import PROJECT_BY_USER
from glancecli.sandbox.processes import Process

FILE = "cloud.json"
LARGEST = 1 << 20  # bytes


class State:
    """The state of a sandbox, kept in ``cloud.json`` (0600), which is replaced in one step.

    ports and processes are by service, passwords by user. prepared names the services whose
    databases exist; seeded describes the users and the catalog in Keystone, "" before they exist.

    Raises GlanceError when the file exists and cannot be read: servers may run, and without the
    file they cannot be found.
    """

    def __init__(self, home: Path) -> None:
        self.path = home / FILE
        kept = _read(self.path)
        self.ports: dict[str, int] = kept.get("ports", {})
        self.processes: dict[str, Process] = {}
        for name, process in kept.get("processes", {}).items():
            self.processes[name] = Process(*process)
        self.passwords: dict[str, str] = kept.get("passwords", {})
        self.prepared: list[str] = kept.get("prepared", [])
        self.seeded: str = kept.get("seeded", "")

    def is_alive(self, name: str) -> bool:
        """Returns whether the process of a service runs."""
        return name in self.processes and self.processes[name].alive

    def stop(self, names: Iterable[str]) -> None:
        """Ends the processes of services, when they are still those that were started."""
        processes.stop([self.processes[name] for name in names])

    def make_passwords(self) -> None:
        """Makes a password for every user that has none.

        Passwords are random, since every user of the machine can reach loopback.
        """
        for user in PROJECT_BY_USER:
            self.passwords.setdefault(user, secrets.token_hex(12))

    def save(self) -> None:
        """Writes the state to its file."""
        kept = {
            "ports": self.ports,
            "processes": self.processes,
            "passwords": self.passwords,
            "prepared": self.prepared,
            "seeded": self.seeded,
        }
        with private_folder(self.path.parent) as folder:
            folder.write(FILE, json.dumps(kept, indent=1).encode())


def _read(path: Path) -> dict[str, Any]:
    """Returns the content of the file, {} when there is none.

    It is trusted only in a folder that check_trust() accepts, as a private file of this user: its
    processes are ended, and its passwords sent.
    """
    check_trust(path.parent)
    try:
        with PrivateFolder(path.parent.resolve()) as folder:
            raw = folder.read(FILE, LARGEST)
            is_there = FILE in folder.names()
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise _unreadable(path, str(error)) from error
    if raw is None:
        if is_there:
            raise _unreadable(path, "it is not a file that only you can read and write")
        return {}
    return _parsed(path, raw)


def _parsed(path: Path, raw: bytes) -> dict[str, Any]:
    try:
        kept = json.loads(raw.decode())
    except UnicodeDecodeError as error:
        raise _unreadable(path, str(error)) from error
    except ValueError as error:
        raise _unreadable(path, f"not JSON: {error}") from error
    if not isinstance(kept, dict):
        raise _unreadable(path, "not a JSON object")
    for name, process in kept.get("processes", {}).items():
        if not _is_process(process):
            raise _unreadable(path, f"{name} has no process ID and start time")
    return kept


def _is_process(value: object) -> bool:
    """Returns whether a value is the PID of one process and its start time.

    A signal to 0, 1 or a negative PID would reach other processes.
    """
    if not isinstance(value, list) or len(value) != 2:
        return False
    pid, started = value
    return type(pid) is int and pid > 1 and isinstance(started, str) and bool(started)


def _unreadable(path: Path, why: str) -> GlanceError:
    return GlanceError(
        f"{path}, the state file of the sandbox, cannot be read ({why}).",
        hint=Hint(
            "End the programs of {}, remove the file, and run {}.",
            str(path.parent / "venv"),
            ("sandbox", "up"),
        ),
    )
