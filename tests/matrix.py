"""The suite without live tests: on every supported Python, and on the oldest dependencies.

Run by hand before a release, as ``python3 -m tests --matrix``. Interpreters come from PATH, from
pyenv, or from uv; where none of them has a Python, one line says so.
"""

from __future__ import annotations

import email
import os
import re
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

from tests import release
from tests.environments import ROOT, Environment, must, run

VERSIONS = ("3.10", "3.11", "3.12", "3.13", "3.14")
FOLDER = ROOT / ".test-venvs"


def main() -> int:
    """Runs the suite in every environment that can be had: 1 when it fails in one of them."""
    interpreters = {version: find_interpreter(version) for version in VERSIONS}
    found = {version: path for version, path in interpreters.items() if path}
    if not found:
        print("matrix: error: no supported Python can be had on this machine")
        return 1
    passed = {}
    for version, interpreter in found.items():
        passed[f"Python {version}"] = check(FOLDER / version, interpreter)
    oldest = next(iter(found))
    name = f"Python {oldest} with the oldest dependencies"
    passed[name] = check(FOLDER / "oldest", found[oldest], oldest_dependencies=True)
    passed.update(check_one_file(found))
    for version in interpreters.keys() - found.keys():
        print(f"matrix: Python {version}: cannot be had on this machine")
    for name, is_good in passed.items():
        print(f"matrix: {name}: {'passed' if is_good else 'FAILED'}")
    return 0 if all(passed.values()) else 1


def check_one_file(interpreters: dict[str, Path]) -> dict[str, bool]:
    """Builds the one file of a release and tries it with each Python: what has passed."""
    environment = Environment(FOLDER / "release")
    environment.make()
    must([*environment.pip, "install", "--quiet", "--group", "release"])
    with tempfile.TemporaryDirectory() as folder, environment.built_wheel() as wheel:
        file = release.build_one_file(environment, wheel, Path(folder))
        return {
            f"the one file with Python {version}": release.works(file, interpreter)
            for version, interpreter in interpreters.items()
        }


def check(folder: Path, interpreter: Path, *, oldest_dependencies: bool = False) -> bool:
    """Runs the suite with this interpreter in an environment of its own: True when it passes."""
    # An environment that an earlier run has left may hold dependencies of other versions.
    shutil.rmtree(folder, ignore_errors=True)
    environment = Environment(folder, interpreter)
    environment.make()
    with environment.built_wheel() as wheel:
        constraints = None
        if oldest_dependencies:
            constraints = folder / "constraints.txt"
            constraints.write_text("\n".join(lower_bounds(wheel)))
        environment.install(wheel, "test", constraints)
    run([*environment.pip, "list"])
    pytest: list[str | Path] = [environment.programs / "pytest", "--import-mode=append"]
    if oldest_dependencies:
        # Old keystoneauth1 brings an old openstacksdk, whose faults are not what we compare with.
        pytest.append("--ignore=tests/auth/test_clouds_openstacksdk.py")
    return run([*pytest, "--quiet", "-m", "not live", "--numprocesses=2"]) == 0


def lower_bounds(wheel: Path) -> Iterator[str]:
    """The oldest version of each dependency that pyproject promises, as pip's constraints."""
    with zipfile.ZipFile(wheel) as archive:
        name = next(n for n in archive.namelist() if n.endswith(".dist-info/METADATA"))
        metadata = email.message_from_bytes(archive.read(name))
    for requirement in metadata.get_all("Requires-Dist", []):
        bound = re.match(r"([\w.-]+)>=([\w.]+)", requirement)
        if bound:  # the extras name some packages without a version
            yield f"{bound[1]}=={bound[2]}"


def find_interpreter(version: str) -> Path | None:
    """A Python of this version that runs, None where there is none."""
    return next((path for path in _candidates(version) if is_python(path, version)), None)


def _candidates(version: str) -> Iterator[Path]:
    for folder in os.get_exec_path():
        yield Path(folder) / f"python{version}"
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    for folder in pyenv.glob(f"versions/{version}.*"):
        yield folder / "bin" / "python"
    if shutil.which("uv"):
        subprocess.run(["uv", "python", "install", version], capture_output=True, check=False)
        words = ["uv", "python", "find", version]
        found = subprocess.run(words, capture_output=True, text=True, check=False)
        if found.stdout:
            yield Path(found.stdout.strip())


def is_python(path: Path, version: str) -> bool:
    """Whether the program is a Python of this version; a pyenv shim may be one that only fails."""
    if not os.access(path, os.X_OK):
        return False
    words = [path, "-c", "import sys, venv; print(sys.version)"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    return re.match(rf"{re.escape(version)}\.", done.stdout) is not None
