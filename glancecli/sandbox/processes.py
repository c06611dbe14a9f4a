"""Processes known again by number and start time, and the loopback ports that they listen on."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from glancecli.sandbox.polling import poll

STATE, START_TIME = 0, 19  # fields of /proc/PID/stat behind the name


class Process(NamedTuple):
    """A process that was started here, perhaps by an earlier command."""

    pid: int
    started: str

    @property
    def alive(self) -> bool:
        """Whether the very process that was started still runs."""
        return bool(self.started) and start_time(self.pid) == self.started

    def signal(self, number: int) -> None:
        """Send a signal to it and its children; nothing when it has ended.

        Its number may belong to somebody else by now, so the start time is compared first.
        """
        if self.alive:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, number)


def start_time(pid: int) -> str:
    """When a process started, in the unit of the system, or "" when there is no such process.

    A zombie has ended and counts as none.
    """
    if Path("/proc/self/stat").exists():
        return _start_time_of_linux(pid)
    ps = ["ps", "-o", "lstart=", "-p", str(pid)]
    return subprocess.run(ps, capture_output=True, text=True, check=False).stdout.strip()


def _start_time_of_linux(pid: int) -> str:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except OSError:
        return ""
    # The name in brackets may hold blanks and brackets itself.
    fields = stat.rpartition(")")[2].split()
    if fields[STATE] in "ZX":
        return ""
    return fields[START_TIME]


def spawn(
    command: list[str], *, log: Path, environment: dict[str, str], listener: socket.socket
) -> Process:
    """Start a server that outlives us: in a session of its own, output to ``log``, ``listener``
    open.
    """
    with log.open("ab") as output:
        # Popen on purpose without wait: the server stays when this command ends.
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=environment,
            cwd=log.parent,
            pass_fds=[listener.fileno()],
            start_new_session=True,
        )
    child.returncode = 0  # else a ResourceWarning at exit, and a later poll would take its place
    return Process(child.pid, start_time(child.pid))


def stop(processes: Sequence[Process], *, grace: float = 5.0) -> None:
    """End processes together: by SIGTERM first, and after ``grace`` seconds by SIGKILL."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        for process in processes:
            process.signal(number)
        if poll(lambda: _all_ended(processes), timeout=grace, interval=0.02):
            return


def _all_ended(processes: Sequence[Process]) -> bool:
    for process in processes:
        _reap(process)
    return not any(process.alive for process in processes)


def _reap(process: Process) -> None:
    """Take a child of our own that has ended off the process table."""
    with contextlib.suppress(ChildProcessError):  # started by an earlier command
        os.waitpid(process.pid, os.WNOHANG)


def listen(port: int, *, patience: float = 0.0) -> socket.socket | None:
    """A listening loopback socket on ``port`` (0: any free one), or None when it is taken.

    ``patience`` is how many seconds to wait for a port that a dying process of ours may still hold.
    """
    return poll(lambda: _listen_now(port), timeout=patience, interval=0.05)


def _listen_now(port: int) -> socket.socket | None:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
        listener.listen(128)
    except OSError:
        listener.close()
        return None
    return listener
