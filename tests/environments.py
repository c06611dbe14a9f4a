"""Virtual environments for the tests, with our wheel and a dependency group of pyproject."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parent.parent
Command = Sequence[str | Path]


def run(command: Command) -> int:
    """Runs a program in the project's folder and returns its exit code."""
    print("$", *command, flush=True)
    return subprocess.run([*command], cwd=ROOT, check=False).returncode


def must(command: Command) -> None:
    """Runs a program without which the rest makes no sense."""
    if run(command) != 0:
        sys.exit(f"tests: error: `{' '.join(map(str, command))}` failed")


class Environment:
    """A virtual environment in a folder, for one Python interpreter."""

    def __init__(self, folder: Path, interpreter: Path | str = sys.executable) -> None:
        self.folder = folder
        self.interpreter = interpreter
        self.programs = folder / "bin"
        self.python = self.programs / "python"
        self.pip: Command = [self.python, "-m", "pip", "--disable-pip-version-check"]

    def make(self) -> None:
        """Makes the environment, unless a working one is there."""
        if not self.python.exists() or run([*self.pip, "--version"]) != 0:
            shutil.rmtree(self.folder, ignore_errors=True)
            must([self.interpreter, "-m", "venv", self.folder])
        # pip 25.1 is the first that knows dependency groups.
        must([*self.pip, "install", "--quiet", "--upgrade", "pip>=25.1"])

    @property
    def package(self) -> Path:
        """The folder of the installed glancecli."""
        return next(self.folder.glob("lib/python*/site-packages/glancecli"))

    @contextmanager
    def built_wheel(self) -> Iterator[Path]:
        """Our wheel, in a folder that is removed afterwards."""
        with tempfile.TemporaryDirectory() as folder:
            must([*self.pip, "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, ROOT])
            yield next(Path(folder).glob("*.whl"))

    def install(self, wheel: Path, group: str, constraints: Path | None = None) -> None:
        """Installs the wheel and a dependency group, within the versions that constraints has."""
        install = [*self.pip, "install", "--quiet"]
        limits = ["--constraint", constraints] if constraints else []
        must([*install, *limits, "--group", group, wheel])
        # The version stays the same from commit to commit, and pip would keep the older wheel.
        must([*install, "--no-deps", "--force-reinstall", wheel])
