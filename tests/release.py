"""What a release consists of: ``python3 -m tests.release`` builds it into dist/.

Wheel and sdist, one file that runs by itself with any Python from 3.10 on, and SHA256SUMS. The file
is tried with this Python: it logs in and uploads. ``python3 -m tests --matrix`` tries it with all.

The one file has only code in Python, as one file serves many versions of Python: dependencies are
those for the oldest Python, without their compiled parts (PyYAML's parser, which has a slower
equal). zstd needs Python 3.14 in it, or backports.zstd beside it.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from tests.bench.servers import Quick
from tests.environments import ROOT, Environment, must

DIST = ROOT / "dist"
FOLDER = ROOT / ".test-venvs" / "release"
OLDEST_PYTHON = "3.10"
COMPILED = ("*.so", "*.pyd", "*.dylib")
# Programs and manual pages; the tests of dependencies; setuptools, which pbr needs to build only.
UNUSED = ("bin", "share", "*/tests", "setuptools*", "_distutils_hack", "pkg_resources", "*.pth")
SIZE = 2**20  # bytes of the upload that tries the file


def main() -> int:
    """Builds everything and tries the one file: 0 when it works."""
    environment = Environment(FOLDER)
    environment.make()
    must([*environment.pip, "install", "--quiet", "--group", "release"])
    shutil.rmtree(DIST, ignore_errors=True)
    must([environment.python, "-m", "build", "--outdir", DIST, ROOT])
    (wheel,) = DIST.glob("*.whl")
    file = build_one_file(environment, wheel, DIST)
    is_good = works(file, Path(sys.executable))
    write_checksums(DIST)
    for path in sorted(DIST.iterdir()):
        print(f"release: {path.relative_to(ROOT)}: {path.stat().st_size:,} bytes")
    print(f"release: {file.name} {'works' if is_good else 'FAILED'}")
    return 0 if is_good else 1


def build_one_file(environment: Environment, wheel: Path, folder: Path) -> Path:
    """Returns the file that holds the wheel and its dependencies."""
    version = wheel.name.split("-")[1]
    file = folder / f"glancecli-{version}.pyz"
    only_oldest = ["--only-binary=:all:", "--python-version", OLDEST_PYTHON]
    options = ["--python", "/usr/bin/env python3", "--compressed", "--reproducible"]
    entry = ["--entry-point", "glancecli.cli.start:by_name"]
    with tempfile.TemporaryDirectory() as name:
        site = Path(name, "site")
        install = [*environment.pip, "install", "--quiet", "--no-compile", "--target", site]
        must([*install, *only_oldest, wheel])
        reduce_to_python(site)
        shiv = environment.programs / "shiv"
        must([shiv, "--site-packages", site, *entry, *options, "--output-file", file])
    return file


def reduce_to_python(site: Path) -> None:
    """Removes what only one version of Python could import, and what is no module."""
    for pattern in COMPILED:
        for path in site.rglob(pattern):
            path.unlink()
    unused = [path for pattern in UNUSED for path in site.glob(pattern)]
    for path in unused:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def works(file: Path, interpreter: Path) -> bool:
    """Whether the file logs in, lists and uploads with this Python, as each of its programs."""
    print(f"release: trying {file.name} with {interpreter}", flush=True)
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        payload = home / "disk.raw"
        payload.write_bytes(os.urandom(SIZE))
        server = Quick(1, payload)
        try:
            return all(
                _runs(words, interpreter, server.environ, home) for words in _uses(file, home)
            )
        finally:
            server.close()


def _uses(file: Path, home: Path) -> Iterable[list[str | Path]]:
    """Yields the calls that try the file: by its own name, and by the names of its programs."""
    for program in ("glance", "nova"):
        (home / program).symlink_to(file)
    yield [file, "--version"]
    yield [file, "sandbox", "--help"]
    yield [home / "glance", "image-list"]
    yield [home / "glance", "image-list", "-f", "yaml"]
    yield [home / "glance", "image-create", "--name", "x", "--file", home / "disk.raw"]
    yield [home / "nova", "image-list", "--help"]


def _runs(words: list[str | Path], interpreter: Path, environ: dict[str, str], home: Path) -> bool:
    """Whether a call ends well; its output is shown where it does not."""
    done = subprocess.run(
        [interpreter, *words],
        env={**environ, "HOME": str(home), "PATH": os.defpath, "LANG": "C.UTF-8"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        print(f"release: {words} ended with {done.returncode}: {done.stdout}{done.stderr}")
    return done.returncode == 0


def write_checksums(folder: Path) -> None:
    """Writes SHA256SUMS, as sha256sum reads it."""
    lines = []
    for path in sorted(folder.iterdir()):
        lines.append(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n")
    (folder / "SHA256SUMS").write_text("".join(lines))


if __name__ == "__main__":
    sys.exit(main())
