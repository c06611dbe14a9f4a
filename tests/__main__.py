"""Every check of this project: ``python3 -m tests``, on a machine that has Python (3.10 or newer) and pip.

Makes .test-venv, builds the wheel and installs it there with the test and lint groups of pyproject.toml,
then runs ruff, mypy and pytest, in two processes that share the tests. Words after it go to pytest in place of
that (``python3 -m tests tests/cli/test_argv.py -x``).
Exit code 0 only when all of them are content.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
VENV = ROOT / ".test-venv"
PROGRAMS = VENV / "bin"
SHARED = ("--numprocesses", "2")
LINTERS = (["ruff", "check", "."], ["ruff", "format", "--check", "."], ["mypy"])


def run(command: list[str | Path]) -> int:
    """Run a program from the project's folder; its exit code."""
    print("$", *command, flush=True)
    return subprocess.run(command, cwd=ROOT, check=False).returncode


def must(command: list[str | Path]) -> None:
    """Run a step without which the others make no sense."""
    if run(command) != 0:
        sys.exit(f"tests: error: `{' '.join(map(str, command))}` failed")


def prepare() -> None:
    """The virtual environment with the wheel and what its checks need."""
    python = PROGRAMS / "python"
    if not python.exists() or run([python, "-m", "pip", "--version"]) != 0:
        shutil.rmtree(VENV, ignore_errors=True)
        must([sys.executable, "-m", "venv", VENV])
    pip: list[str | Path] = [python, "-m", "pip", "--disable-pip-version-check"]
    must(
        [*pip, "install", "--quiet", "--upgrade", "pip>=25.1"]
    )  # the first that knows dependency groups
    with tempfile.TemporaryDirectory() as folder:
        must([*pip, "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, ROOT])
        wheel = next(Path(folder).glob("*.whl"))
        must([*pip, "install", "--quiet", "--group", "dev", wheel])
        # Once more without looking at the version, which stays the same from commit to commit.
        must([*pip, "install", "--quiet", "--no-deps", "--force-reinstall", wheel])


def main(words: list[str]) -> int:
    """Prepare, lint, test."""
    prepare()
    failed = [linter for linter in LINTERS if run([PROGRAMS / linter[0], *linter[1:]]) != 0]
    for linter in failed:
        print(f"tests: error: {' '.join(linter)} is not content", flush=True)
    # The installed wheel is tested: this folder, which has a glancecli too, comes last on the path.
    tested = run([PROGRAMS / "pytest", "--import-mode=append", *(words or SHARED)])
    return tested or bool(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
