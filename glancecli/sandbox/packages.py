"""The virtual environment of the servers, with pinned packages."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from glancecli.errors import Code, GlanceError, Hint
from glancecli.sandbox.files import Report
from glancecli.sandbox.progress import Progress
from glancecli.sandbox.uv import pip_environment, uv_environment

SERVERS = Path(__file__).with_name("servers")

# The pins were tested with the first three; for newer ones, some packages may lack wheels.
CANDIDATES = ("python3.13", "python3.12", "python3.11", "python3.15", "python3.14")
OLDEST_PYTHON = (3, 11)
PROBE = "import sys, ssl, sqlite3, venv; sys.exit(sys.version_info < (3, 11))"

PROGRESS_INTERVAL = 5.0  # seconds
CACHE = "cache"  # the folder beside the environment in which our own uv keeps packages
LOG_END = 20_000  # characters of the log that are searched for the cause of a failure


class PackageSet(NamedTuple):
    """Packages to install, the disk space that is left free for them, and the size of the download,
    both in MiB.

    The files pin their versions, with the hashes of all their distributions: whatever an index or a
    proxy sends in place of them is not installed.
    """

    files: tuple[Path, ...]
    room: int
    download: int

    @property
    def pins(self) -> str:
        """The text of the files."""
        return "".join(path.read_text() for path in self.files)

    @property
    def digest(self) -> str:
        """The SHA-256 of the files, which identifies these versions."""
        return hashlib.sha256(self.pins.encode()).hexdigest()

    @property
    def options(self) -> list[str]:
        """The options that tell uv and pip what to install."""
        options = ["--no-deps", "--require-hashes"]
        for path in self.files:
            options += ["-r", str(path)]
        return options


UV = PackageSet((SERVERS / "uv.txt",), 50, 20)
WITHOUT_NOVA = PackageSet((SERVERS / "pins.txt",), 400, 36)
WITH_NOVA = PackageSet((SERVERS / "pins.txt", SERVERS / "pins-nova.txt"), 600, 69)


class Failure(NamedTuple):
    """A cause of a failed installation: its pattern in the log, its message, and the advice."""

    pattern: str
    cause: str
    advice: str


CHECK_NETWORK = "Check the network and `pip config list`."
FAILURES = (
    Failure(
        "No space left on device|os error 28",
        "the disk is full.",
        "Free some space and run the same command again.",
    ),
    Failure(
        "resolve host|name resolution|dns error|onnection refused|unreachable|Failed to fetch",
        "the package index cannot be reached.",
        CHECK_NETWORK,
    ),
    Failure(
        r"\(from versions: none\)",
        "the package index cannot be reached, or lacks these versions.",
        CHECK_NETWORK,
    ),
)


def server_python(
    version: tuple[int, ...] = sys.version_info[:2], search: str | None = None
) -> str:
    """Returns the Python for the servers: this one when it is new enough, else one on PATH.

    version is that of this Python, search the PATH. Raises GlanceError when there is none.
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
    """Returns whether a Python works: version managers put scripts on PATH that do not."""
    done = subprocess.run([python, "-c", PROBE], capture_output=True, check=False)
    return done.returncode == 0


class Environment:
    """The servers' virtual environment, and the log of its installation."""

    def __init__(self, folder: Path, log: Path) -> None:
        self.folder = folder
        self.log = log
        self.python = folder / "bin" / "python"
        self._stamp = folder / "installed.txt"

    def ensure(self, packages: PackageSet, report: Report) -> None:
        """Installs these versions of the packages, unless they are installed.

        Makes the environment, too. Uses uv when it is available, else pip. Raises GlanceError: no
        Python, no disk space, no network for the packages.
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
        download = packages.download
        if shutil.which("uv") is None:
            download += UV.download
        report(
            f"Installing the server packages (first time only): up to {download} MB to download, "
            f"log: {self.log} ..."
        )
        if not self.python.exists():
            self._make(server_python())
        installed = self._install_with_uv(packages, report)
        if not installed:
            installed = self._install_with_pip(packages, report)
        if not installed:
            raise self._failure("Cannot install the server packages")
        self._stamp.write_text(f"{WITHOUT_NOVA.digest}\n{packages.digest}\n")

    def _check_room(self, packages: PackageSet) -> None:
        place = self.folder
        while not place.exists():
            place = place.parent
        free = shutil.disk_usage(place).free >> 20
        if free < packages.room:
            raise GlanceError(
                f"Not enough disk space: {place} has {free} MiB free, "
                f"the sandbox needs {packages.room} MiB.",
                hint="Free some space, or set XDG_DATA_HOME to a folder on another disk.",
                code=Code.FILE,
            )

    def _make(self, python: str) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        self.log.parent.mkdir(parents=True, exist_ok=True)
        # Without pip, which takes most of the time: the pip of this Python can do its work, unless
        # it is too old or not installed.
        if not self._run([python, "-m", "venv", "--without-pip", str(self.folder)]):
            raise self._failure(f"Cannot create a virtual environment with {python}")
        if not self._run([*self._pip(), "--version"]):
            self._run([str(self.python), "-m", "ensurepip"])

    def _install_with_uv(self, packages: PackageSet, report: Report) -> bool:
        """Installs with uv, which is faster than pip; returns whether that succeeded."""
        uv = self._uv(report)
        if uv is None:
            return False
        return self._run_installer(
            [uv, "pip", "install", "--python", str(self.python), *packages.options],
            Progress(self.folder, packages.pins, report, "uv"),
            {**self._own_cache(uv), **uv_environment(self._pip_settings())},
        )

    def _install_with_pip(self, packages: PackageSet, report: Report) -> bool:
        return self._run_installer(
            [*self._pip(), "install", "--no-cache-dir", *packages.options],
            Progress(self.folder, packages.pins, report, "pip"),
            pip_environment(self._pip_settings()),
        )

    def _uv(self, report: Report) -> str | None:
        """Returns the path of uv: on PATH, or installed into the environment; None for neither."""
        found = shutil.which("uv")
        if found:
            return found
        own = self.folder / "bin" / "uv"
        if not own.exists():
            report("  uv, which installs the others faster than pip ...")
            one_index = pip_environment(self._pip_settings())
            install = [*self._pip(), "install", "--quiet", "--no-cache-dir", *UV.options]
            if not self._run(install, one_index):
                return None
        return str(own)

    def _own_cache(self, uv: str) -> dict[str, str]:
        """Returns the variable that keeps the packages of our own uv within the sandbox, so that a
        wipe removes them; the user's uv has its own cache.
        """
        if Path(uv).parent != self.python.parent:
            return {}
        return {"UV_CACHE_DIR": str(self.folder.with_name(CACHE))}

    def _pip(self) -> list[str]:
        """Returns the pip of the environment, else this Python's pip, working on it."""
        if any(self.folder.glob("lib/python*/site-packages/pip")):
            return [str(self.python), "-m", "pip"]
        return [sys.executable, "-m", "pip", "--python", str(self.python)]

    def _pip_settings(self) -> str:
        """Returns pip's settings, as pip lists them."""
        command = [*self._pip(), "config", "list"]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout

    def _run(self, command: list[str], environment: dict[str, str] | None = None) -> bool:
        """Runs a program, with its output in the log; returns whether it succeeded."""
        with self.log.open("ab") as log:
            done = subprocess.run(command, stdout=log, stderr=log, env=environment, check=False)
        return done.returncode == 0

    def _run_installer(
        self, command: list[str], progress: Progress, environment: dict[str, str]
    ) -> bool:
        """Runs a program, and reports its progress every few seconds; returns whether it
        succeeded.
        """
        with (
            self.log.open("ab") as log,
            subprocess.Popen(command, stdout=log, stderr=log, env=environment) as child,
        ):
            try:
                while not _has_ended(child, within=PROGRESS_INTERVAL):
                    progress.report(self.log)
            except BaseException:
                child.kill()  # else it would still run during the next command
                raise
        return child.returncode == 0

    def _failure(self, what: str) -> GlanceError:
        """Returns the error with its cause from the log: a known one, or the last error line."""
        text = self.log.read_text(errors="replace")
        text = text[-LOG_END:]
        where = f"Log: {self.log}"
        for failure in FAILURES:
            if re.search(failure.pattern, text):
                return GlanceError(f"{what}: {failure.cause}", hint=f"{failure.advice} {where}")
        return GlanceError(f"{what}: {_last_error(text)}", hint=where)


def _has_ended(child: subprocess.Popen[bytes], within: float) -> bool:
    """Returns whether a child ends within so many seconds."""
    try:
        child.wait(within)
    except subprocess.TimeoutExpired:
        return False
    return True


def _last_error(text: str) -> str:
    """Returns the last line of a log that begins with error or fatal, else its last line."""
    last_line = "no output"
    last_error = ""
    for line in map(str.strip, text.splitlines()):
        if line:
            last_line = line
        if line.lower().startswith(("error", "fatal")):
            last_error = line
    return last_error or last_line
