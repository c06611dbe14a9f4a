"""Processes known again by number and start time, and the loopback ports that they listen on."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from pathlib import Path


def start_time(pid: int) -> str:
    """When a process started, in whatever unit the system tells it, or "" when there is no such
    process.

    A number alone may long belong to somebody else; a zombie has ended and counts as none.
    """
    if Path("/proc/self/stat").exists():
        try:
            # The name in brackets may hold blanks and brackets itself.
            fields = (
                Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
            )
        except OSError:
            return ""
        return "" if fields[0] in "ZX" else fields[19]
    ps = ["ps", "-o", "lstart=", "-p", str(pid)]
    return subprocess.run(ps, capture_output=True, text=True, check=False).stdout.strip()


class Process:
    """A process that was started here, perhaps by an earlier command."""

    def __init__(self, pid: int, started: str) -> None:
        self.pid = pid
        self.started = started

    @property
    def alive(self) -> bool:
        """Whether the very process that was started still runs."""
        return bool(self.started) and start_time(self.pid) == self.started

    def signal(self, number: int) -> None:
        """Send a signal to it and its children; nothing when it has ended."""
        if self.alive:
            try:
                os.killpg(self.pid, number)
            except ProcessLookupError:
                return


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


def stop(processes: list[Process], *, grace: float = 5.0) -> None:
    """End processes together: asked to first, and after ``grace`` seconds made to."""
    for process in processes:
        process.signal(signal.SIGTERM)
    if not _all_gone(processes, grace):
        for process in processes:
            process.signal(signal.SIGKILL)
        _all_gone(processes, grace)


def _all_gone(processes: list[Process], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while any(_reap(process) for process in processes):
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def _reap(process: Process) -> bool:
    """Whether it still runs; a child of our own is taken off the process table."""
    with contextlib.suppress(ChildProcessError):  # started by an earlier command
        os.waitpid(process.pid, os.WNOHANG)
    return process.alive


def listen(port: int, *, patience: float = 0.0) -> socket.socket | None:
    """A listening loopback socket on ``port`` (0: any free one), or None when somebody else holds
    it.

    ``patience`` is how many seconds to wait for a port that a dying process of ours may still hold.
    """
    end = time.monotonic() + patience
    while True:
        server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            server.bind(("127.0.0.1", port))
            server.listen(128)
        except OSError:
            server.close()
            if time.monotonic() >= end:
                return None
            time.sleep(0.05)
            continue
        return server
