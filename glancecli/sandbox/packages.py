"""The servers' own Python: found, put into a virtual environment, filled with the pinned packages."""

from __future__ import annotations

import ast
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from glancecli.errors import GlanceError

Say = Callable[[str], None]

SERVERS = Path(__file__).with_name("servers")
PINS = {False: SERVERS / "pins.txt", True: SERVERS / "pins-nova.txt"}
"""The exact packages, without and with Nova. The second holds the first, version by version."""

ROOM = {False: 400, True: 600}
"""MiB that an installation takes at most, without and with Nova."""

# The pins were tried with the first three; newer ones may lack ready-made packages.
CANDIDATES = ["python3.13", "python3.12", "python3.11", "python3.15", "python3.14"]
PROBE = "import sys, ssl, sqlite3, venv; sys.exit(sys.version_info < (3, 11))"

# pip's settings and what uv, which does not read them, calls the same.
UV_NAMES = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "trusted-host": "UV_INSECURE_HOST",
    "no-index": "UV_NO_INDEX",
    "cert": "SSL_CERT_FILE",
    "proxy": "ALL_PROXY",
}


def server_python(
    version: tuple[int, ...] = sys.version_info[:2], search: str | None = None
) -> str:
    """The Python for the servers: this one when its ``version`` will do, else one on ``search``
    (PATH).

    Raises GlanceError when there is none.
    """
    if version >= (3, 11):
        return sys.executable
    for name in CANDIDATES:
        found = shutil.which(name, path=search)
        # Not every program of that name works: a version manager puts stand-ins on PATH.
        if (
            found
            and subprocess.run([found, "-c", PROBE], capture_output=True, check=False).returncode
            == 0
        ):
            return found
    raise GlanceError(
        "The sandbox's servers need Python 3.11 or newer, and there is none on PATH.",
        hint="Install one (for example python3.12) and run `glancecli sandbox up` again.",
    )


class Environment:
    """The servers' virtual environment in a folder of its own, with a log of its installation."""

    def __init__(self, folder: Path, log: Path) -> None:
        self.folder = folder
        self.log = log
        self.python = folder / "bin" / "python"
        self._stamp = folder / "installed.txt"

    def has(self, *, nova: bool) -> bool:
        """Whether the packages are there, to the version."""
        try:
            installed = self._stamp.read_text().split()
        except OSError:
            return False
        return self.python.exists() and _digest(nova) in installed

    def install(self, say: Say, *, nova: bool) -> None:
        """Make the environment and install what is missing, with uv where it can be had, else with
        pip.

        Raises GlanceError: no Python, no room, no network for the packages.
        """
        self._want_room(nova)
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        say(f"Installing the packages of the servers (once; log: {self.log}) ...")
        if not self.python.exists():
            self._make(server_python())
        uv = self._uv(say)
        options = ["--no-deps", "-r", str(PINS[nova])]
        done = uv is not None and self._run(
            [uv, "pip", "install", "--python", str(self.python), *options],
            Progress(self.folder, PINS[nova], say, "uv"),
            uv_environment(self._pip_settings()),
        )
        if not done and not self._run(
            [*self._pip(), "install", *options],
            Progress(self.folder, PINS[nova], say, "pip"),
            dict(os.environ),
        ):
            raise self._failure("The packages of the servers could not be installed")
        self._stamp.write_text(
            f"{_digest(nova=False)}\n" + (f"{_digest(nova=True)}\n" if nova else "")
        )

    def _want_room(self, nova: bool) -> None:
        place = self.folder
        while not place.exists():
            place = place.parent
        free = shutil.disk_usage(place).free >> 20
        if free < ROOM[nova]:
            raise GlanceError(
                f"The disk is too full: {place} has {free} MiB left, the sandbox needs {ROOM[nova]}.",
                hint="Make room, or point XDG_DATA_HOME at another disk.",
            )

    def _make(self, python: str) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        self.log.parent.mkdir(parents=True, exist_ok=True)
        # Without pip, which takes longer than all of the rest; our own serves, unless it is old or
        # absent.
        if not self._quiet([python, "-m", "venv", "--without-pip", str(self.folder)]):
            raise self._failure(f"{python} could not make a virtual environment")
        if not self._quiet([*self._pip(), "--version"]):
            self._quiet([str(self.python), "-m", "ensurepip"])

    def _uv(self, say: Say) -> str | None:
        own = self.folder / "bin" / "uv"
        if found := shutil.which("uv"):
            return found
        if own.exists():
            return str(own)
        say("  uv, which installs the others faster than pip ...")
        return str(own) if self._quiet([*self._pip(), "install", "--quiet", "uv"]) else None

    def _pip(self) -> list[str]:
        """The pip of the environment, or, where it has none, this Python's pip working on it."""
        if any(self.folder.glob("lib/python*/site-packages/pip")):
            return [str(self.python), "-m", "pip"]
        return [sys.executable, "-m", "pip", "--python", str(self.python)]

    def _pip_settings(self) -> str:
        listed = subprocess.run(
            [*self._pip(), "config", "list"], capture_output=True, text=True, check=False
        )
        return listed.stdout

    def _quiet(self, command: list[str]) -> bool:
        with self.log.open("ab") as log:
            return subprocess.run(command, stdout=log, stderr=log, check=False).returncode == 0

    def _run(self, command: list[str], progress: Progress, environment: dict[str, str]) -> bool:
        """Run an installer, telling every few seconds how far it is."""
        with self.log.open("ab") as log:
            child = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
            told = time.monotonic()
            while child.poll() is None:
                time.sleep(0.1)
                if time.monotonic() - told > 5:
                    told = time.monotonic()
                    progress.tell(self.log)
        return child.returncode == 0

    def _failure(self, what: str) -> GlanceError:
        """What the log's end says, in one sentence: a full disk, no network, or the installer's
        last word.
        """
        text = self.log.read_text(errors="replace")[-20_000:]
        if "No space left on device" in text or "os error 28" in text:
            return GlanceError(
                f"{what}: the disk is full.", hint="Make room and run the same command again."
            )
        if re.search(
            r"resolve host|name resolution|dns error|onnection refused|unreachable|Failed to fetch",
            text,
        ):
            return GlanceError(
                f"{what}: the package index cannot be reached.",
                hint=f"Check the network and `pip config list`. The whole log: {self.log}",
            )
        if "(from versions: none)" in text:
            return GlanceError(
                f"{what}: the package index cannot be reached, or has none of them.",
                hint=f"Check the network and `pip config list`. The whole log: {self.log}",
            )
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        errors = (
            [line for line in lines if line.lower().startswith(("error", "fatal"))]
            or lines
            or ["no output"]
        )
        return GlanceError(f"{what}: {errors[-1]}", hint=f"The whole log: {self.log}")


class Progress:
    """How far an installer is: by the packages in place, and until there are some by its last
    words.
    """

    def __init__(self, folder: Path, pins: Path, say: Say, installer: str) -> None:
        self._folder, self._say = folder, say
        pinned = (
            line.partition("==")[0] for line in pins.read_text().splitlines() if ";" not in line
        )
        self._wanted = {_normal(name) for name in pinned}
        self._begun = time.monotonic()
        say(f"  {len(self._wanted)} packages, with {installer} ...")

    def tell(self, log: Path) -> None:
        """Say it."""
        found = self._folder.glob("lib/python*/site-packages/*.dist-info")
        ready = len(
            self._wanted.intersection(_normal(path.name.partition("-")[0]) for path in found)
        )
        last = log.read_text(errors="replace").strip().rpartition("\n")[2].strip()
        how = f"{ready} of {len(self._wanted)} packages in place" if ready else last[:60]
        self._say(f"  {time.monotonic() - self._begun:.0f} s: {how} ...")


def _normal(name: str) -> str:
    """A package's name as it is compared (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _digest(nova: bool) -> str:
    return hashlib.sha256(PINS[nova].read_bytes()).hexdigest()


def uv_environment(pip_settings: str) -> dict[str, str]:
    """The environment for uv: what pip is told by its files and variables, unless uv is told
    itself.

    pip_settings is what ``pip config list`` prints: ``global.index-url='...'`` and the like, one a
    line; a command's own section wins over ``global``, the environment over both.
    """
    settings: dict[str, str] = {}
    for scope in ("global", "install", ":env:"):
        for line in pip_settings.splitlines():
            name, _, value = line.partition("=")
            if name.startswith(f"{scope}."):
                settings[name[len(scope) + 1 :]] = str(ast.literal_eval(value))
    environment = dict(os.environ)
    # pip takes the best version from all indexes; uv by default only looks into the first that has
    # the name.
    environment.setdefault("UV_INDEX_STRATEGY", "unsafe-best-match")
    for pip_name, uv_name in UV_NAMES.items():
        if pip_name in settings:
            between = "," if pip_name == "find-links" else " "
            environment.setdefault(uv_name, between.join(settings[pip_name].split()))
    return environment
