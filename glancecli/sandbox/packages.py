"""The servers' own Python: found, put into a virtual environment, filled with pinned packages."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from glancecli.errors import GlanceError, Hint
from glancecli.sandbox.files import Report
from glancecli.sandbox.progress import Progress
from glancecli.sandbox.uv import uv_environment

SERVERS = Path(__file__).with_name("servers")

# The pins were tried with the first three; newer ones may lack ready-made packages.
CANDIDATES = ("python3.13", "python3.12", "python3.11", "python3.15", "python3.14")
OLDEST_PYTHON = (3, 11)
PROBE = "import sys, ssl, sqlite3, venv; sys.exit(sys.version_info < (3, 11))"

PROGRESS_INTERVAL = 5.0  # seconds
LOG_END = 20_000  # characters of the log that are searched for the cause of a failure


class PackageSet(NamedTuple):
    """Packages to install: the file that pins each of them, and the MiB that they take at most."""

    pins: Path
    room: int

    @property
    def digest(self) -> str:
        """A name for exactly these versions."""
        return hashlib.sha256(self.pins.read_bytes()).hexdigest()


WITHOUT_NOVA = PackageSet(SERVERS / "pins.txt", 400)
WITH_NOVA = PackageSet(SERVERS / "pins-nova.txt", 600)
"""Holds those without Nova, version by version."""


class Failure(NamedTuple):
    """A cause of a failed installation: a pattern of what the log says of it, what we say, and what
    to do.
    """

    pattern: str
    cause: str
    advice: str


CHECK_NETWORK = "Check the network and `pip config list`."
FAILURES = (
    Failure(
        "No space left on device|os error 28",
        "the disk is full.",
        "Make room and run the same command again.",
    ),
    Failure(
        "resolve host|name resolution|dns error|onnection refused|unreachable|Failed to fetch",
        "the package index cannot be reached.",
        CHECK_NETWORK,
    ),
    Failure(
        r"\(from versions: none\)",
        "the package index cannot be reached, or has none of them.",
        CHECK_NETWORK,
    ),
)


def server_python(
    version: tuple[int, ...] = sys.version_info[:2], search: str | None = None
) -> str:
    """The Python for the servers: this one when its ``version`` will do, else one on ``search``
    (PATH).

    Raises GlanceError when there is none.
    """
    if version >= OLDEST_PYTHON:
        return sys.executable
    for name in CANDIDATES:
        found = shutil.which(name, path=search)
        if found and _works(found):
            return found
    raise GlanceError(
        "The sandbox's servers need Python 3.11 or newer, and there is none on PATH.",
        hint=Hint("Install one (for example python3.12) and run {} again.", ("sandbox", "up")),
    )


def _works(python: str) -> bool:
    """Whether a program is a Python for the servers: version managers put stand-ins on PATH."""
    done = subprocess.run([python, "-c", PROBE], capture_output=True, check=False)
    return done.returncode == 0


class Environment:
    """The servers' virtual environment in a folder of its own, with a log of its installation."""

    def __init__(self, folder: Path, log: Path) -> None:
        self.folder = folder
        self.log = log
        self.python = folder / "bin" / "python"
        self._stamp = folder / "installed.txt"

    def ensure(self, packages: PackageSet, report: Report) -> None:
        """Have the packages in place, to the version.

        Makes the environment and installs what is missing, with uv where it can be had, else with
        pip. Raises GlanceError: no Python, no room, no network for the packages.
        """
        if not self._has(packages):
            self._install(packages, report)

    def _has(self, packages: PackageSet) -> bool:
        try:
            installed = self._stamp.read_text().split()
        except OSError:
            return False
        return self.python.exists() and packages.digest in installed

    def _install(self, packages: PackageSet, report: Report) -> None:
        self._check_room(packages)
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        report(f"Installing the packages of the servers (once; log: {self.log}) ...")
        if not self.python.exists():
            self._make(server_python())
        installed = self._install_with_uv(packages, report)
        if not installed:
            installed = self._install_with_pip(packages, report)
        if not installed:
            raise self._failure("The packages of the servers could not be installed")
        self._stamp.write_text(f"{WITHOUT_NOVA.digest}\n{packages.digest}\n")

    def _check_room(self, packages: PackageSet) -> None:
        place = self.folder
        while not place.exists():
            place = place.parent
        free = shutil.disk_usage(place).free >> 20
        if free < packages.room:
            raise GlanceError(
                f"The disk is too full: {place} has {free} MiB left, "
                f"the sandbox needs {packages.room}.",
                hint="Make room, or point XDG_DATA_HOME at another disk.",
            )

    def _make(self, python: str) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        self.log.parent.mkdir(parents=True, exist_ok=True)
        # Without pip, which takes longer than all of the rest; our own serves, unless it is old or
        # absent.
        if not self._run([python, "-m", "venv", "--without-pip", str(self.folder)]):
            raise self._failure(f"{python} could not make a virtual environment")
        if not self._run([*self._pip(), "--version"]):
            self._run([str(self.python), "-m", "ensurepip"])

    def _install_with_uv(self, packages: PackageSet, report: Report) -> bool:
        """Whether uv, which is faster than pip, could be had and did it."""
        uv = self._uv(report)
        if uv is None:
            return False
        settings = subprocess.run(
            [*self._pip(), "config", "list"], capture_output=True, text=True, check=False
        )
        return self._run_installer(
            [uv, "pip", "install", "--python", str(self.python), *_requirements(packages)],
            Progress(self.folder, packages.pins, report, "uv"),
            uv_environment(settings.stdout),
        )

    def _install_with_pip(self, packages: PackageSet, report: Report) -> bool:
        return self._run_installer(
            [*self._pip(), "install", *_requirements(packages)],
            Progress(self.folder, packages.pins, report, "pip"),
            dict(os.environ),
        )

    def _uv(self, report: Report) -> str | None:
        """The program uv: on PATH, or installed into the environment."""
        found = shutil.which("uv")
        if found:
            return found
        own = self.folder / "bin" / "uv"
        if not own.exists():
            report("  uv, which installs the others faster than pip ...")
            if not self._run([*self._pip(), "install", "--quiet", "uv"]):
                return None
        return str(own)

    def _pip(self) -> list[str]:
        """The pip of the environment, or, where it has none, this Python's pip working on it."""
        if any(self.folder.glob("lib/python*/site-packages/pip")):
            return [str(self.python), "-m", "pip"]
        return [sys.executable, "-m", "pip", "--python", str(self.python)]

    def _run(self, command: list[str]) -> bool:
        """Run a program, its output going to the log; whether it succeeded."""
        with self.log.open("ab") as log:
            done = subprocess.run(command, stdout=log, stderr=log, check=False)
        return done.returncode == 0

    def _run_installer(
        self, command: list[str], progress: Progress, environment: dict[str, str]
    ) -> bool:
        """Run a program that takes long, and report every few seconds how far it is."""
        with (
            self.log.open("ab") as log,
            subprocess.Popen(command, stdout=log, stderr=log, env=environment) as child,
        ):
            try:
                while not _has_ended(child, within=PROGRESS_INTERVAL):
                    progress.report(self.log)
            except BaseException:
                child.kill()  # else it would go on beside the next command
                raise
        return child.returncode == 0

    def _failure(self, what: str) -> GlanceError:
        """What failed and why, by the end of the log: a known cause, or the installer's last
        error.
        """
        text = self.log.read_text(errors="replace")[-LOG_END:]
        where = f"The whole log: {self.log}"
        for failure in FAILURES:
            if re.search(failure.pattern, text):
                return GlanceError(f"{what}: {failure.cause}", hint=f"{failure.advice} {where}")
        return GlanceError(f"{what}: {_last_error(text)}", hint=where)


def _requirements(packages: PackageSet) -> list[str]:
    """What is to be installed, as uv and pip take it."""
    return ["--no-deps", "-r", str(packages.pins)]


def _has_ended(child: subprocess.Popen[bytes], within: float) -> bool:
    """Whether a child ends within so many seconds."""
    try:
        child.wait(within)
    except subprocess.TimeoutExpired:
        return False
    return True


def _last_error(text: str) -> str:
    """The last line of a log that says error, else its last line."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if line.lower().startswith(("error", "fatal"))]
    return (errors or lines or ["no output"])[-1]
