"""Processes, identified by PID and start time, and the loopback ports on which they listen."""

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

STATE, START_TIME = 0, 19  # fields of /proc/PID/stat after the name


class Process(NamedTuple):
    """A process of the sandbox, started by this command or an earlier one."""

    pid: int
    started: str

    @property
    def alive(self) -> bool:
        """Whether the process still runs; false when another one has its PID."""
        return bool(self.started) and start_time(self.pid) == self.started

    def signal(self, number: int) -> None:
        """Sends a signal to the process and its children, unless it has ended.

        The start time is compared first, since another process may have the PID by now.
        """
        if self.alive:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, number)


def start_time(pid: int) -> str:
    """Returns the start time of a process, in the unit of the system; "" when it does not exist.

    A zombie counts as a process that does not exist.
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
    # The second field is the name in parentheses, which may have spaces and parentheses itself.
    fields = stat.rpartition(")")[2].split()
    if fields[STATE] in "ZX":
        return ""
    return fields[START_TIME]


def spawn(
    command: list[str], *, log: Path, environment: dict[str, str], listener: socket.socket
) -> Process:
    """Starts a server that continues after this command, in a session of its own.

    Its output goes to log, and it inherits listener.
    """
    with log.open("ab") as output:
        # No wait: the server continues when this command ends.
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
    child.returncode = 0  # prevents a ResourceWarning, and that subprocess reaps the server
    return Process(child.pid, start_time(child.pid))


def stop(processes: Sequence[Process], *, grace: float = 5.0) -> None:
    """Ends processes by SIGTERM, and after ``grace`` seconds by SIGKILL."""
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
    """Removes a child of this process that has ended from the process table."""
    with contextlib.suppress(ChildProcessError):  # started by an earlier command
        os.waitpid(process.pid, os.WNOHANG)


def listen(port: int, *, patience: float = 0.0) -> socket.socket | None:
    """Returns a listening loopback socket on ``port`` (0: a free one), None when it is in use.

    patience: seconds to wait for the port, which a process that is ending may still hold.
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
