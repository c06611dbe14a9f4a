"""Every check of this project: ``python3 -m tests``, on a machine with Python 3.10 or newer and pip.

Makes .test-venv, builds the wheel and installs it there with the test and lint groups of
pyproject.toml. Then it runs ruff, mypy and pytest, and measures how much of glancecli the tests
without a sandbox cover. The exit code is 0 only when all of them pass.

    python3 -m tests tests/cli/test_argv.py -x    pytest alone, with these words
    python3 -m tests --matrix                     see tests/matrix.py
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests import matrix
from tests.environments import ROOT, Environment, run

# Two processes share the tests: half of their time is waiting for servers.
# Coverage counts the tests that are not live (see tests/support/scheduling.py), in percent of lines.
ALL_TESTS = ("--numprocesses=2", "--cov-report=", "--cov-fail-under=93")


def main(words: list[str]) -> int:
    """Runs what the words ask for: 0 when it passes."""
    if words == ["--matrix"]:
        return matrix.main()
    environment = Environment(ROOT / ".test-venv")
    environment.make()
    with environment.built_wheel() as wheel:
        environment.install(wheel, "dev")
    # The installed wheel is tested: this folder, which has a glancecli too, comes last on the path.
    pytest: list[str | Path] = [environment.programs / "pytest", "--import-mode=append"]
    if words:
        return run([*pytest, *words])
    # By its path: coverage takes the name for that of this folder's glancecli, which no test runs.
    pytest.append(f"--cov={environment.package}")
    return check_all(environment.programs, pytest)


def check_all(programs: Path, pytest: list[str | Path]) -> int:
    """Runs the linters and all tests: 0 when all of them pass. mypy runs beside pytest."""
    failed = []
    for words in (["check", "."], ["format", "--check", "."]):
        if run([programs / "ruff", *words]) != 0:
            failed.append(f"ruff {words[0]}")
    with subprocess.Popen(
        [programs / "mypy"], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as mypy:
        if run([*pytest, *ALL_TESTS]) != 0:
            failed.append("pytest")
        print("$", programs / "mypy", flush=True)
        print(mypy.communicate()[0], flush=True)
    if mypy.returncode != 0:
        failed.append("mypy")
    for name in failed:
        print(f"tests: error: {name} failed", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
