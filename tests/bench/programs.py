"""The programs that are measured, each installed in an environment of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
LAUNCH = Path(__file__).with_name("launch.py")
PEERS = {"glance": "python-glanceclient==4.13.0", "openstack": "python-openstackclient==10.5.0"}
LISTED = ("click", "requests", "urllib3", "keystoneauth1", "openstacksdk", "cliff", "rich")


class Took:
    """One run: wall and processor seconds, peak memory in MiB, requests sent (None: not counted)."""

    def __init__(self, wall: float, cpu: float, memory: float) -> None:
        self.wall, self.cpu, self.memory = wall, cpu, memory
        self.requests: int | None = None


class WrongRun(Exception):
    """A run did not do its work, so its time means nothing."""


class Environment:
    """A virtual environment with one program, compiled as pip and packagers do, and its own home folder.

    folder holds all environments.
    """

    def __init__(self, folder: Path, name: str, requirement: str) -> None:
        self.bin = folder / name / "bin"
        self.home = folder / f"{name}-home"
        self.name = name
        mark = folder / name / "installed.txt"
        if not mark.exists() or mark.read_text() != requirement:
            shutil.rmtree(folder / name, ignore_errors=True)
            self._make(folder / name, requirement)
            mark.write_text(requirement)
        shutil.rmtree(self.home, ignore_errors=True)
        self.home.mkdir()

    def _make(self, folder: Path, requirement: str) -> None:
        print(f"installing {requirement}", file=sys.stderr)
        uv = shutil.which("uv")
        python = folder / "bin" / "python"
        if uv:
            must(uv, "venv", "-q", "--python", sys.executable, folder)
            must(uv, "pip", "install", "-q", "--compile-bytecode", "--python", python, requirement)
        else:
            must(sys.executable, "-m", "venv", folder)
            must(python, "-m", "pip", "install", "-q", requirement)

    @property
    def environ(self) -> dict[str, str]:
        """The environment variables of the program, besides those of the cloud."""
        path = f"{self.bin}:/usr/bin:/bin"
        return {"HOME": str(self.home), "PATH": path, "LANG": "C.UTF-8", "TERM": "xterm-256color"}

    def version(self, package: str) -> str:
        """Returns the version of an installed package, "" when it is not installed."""
        code = f"from importlib.metadata import version; print(version({package!r}))"
        done = subprocess.run(
            [self.bin / "python", "-c", code], capture_output=True, text=True, check=False
        )
        return done.stdout.strip()

    def versions(self) -> dict[str, str]:
        """Returns the versions of the packages that the programs use."""
        return {package: version for package in LISTED if (version := self.version(package))}


def ours(folder: Path) -> Environment:
    """Builds the wheel of this checkout and installs it."""
    shutil.rmtree(folder / "wheel", ignore_errors=True)
    uv = shutil.which("uv")
    build = (
        [uv, "build", "-q", "--wheel", "--out-dir"]
        if uv
        else [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w"]
    )
    must(*build, folder / "wheel", ROOT)
    shutil.rmtree(folder / "ours", ignore_errors=True)
    return Environment(folder, "ours", str(next((folder / "wheel").glob("*.whl"))))


def must(*command: str | Path) -> None:
    """Runs a command without which nothing can be measured."""
    kept = {
        k: v for k, v in os.environ.items() if k not in ("PYTHONDONTWRITEBYTECODE", "VIRTUAL_ENV")
    }
    subprocess.run(command, check=True, env=kept)


def launch(
    argv: list[str], environ: dict[str, str], *, stdin: str, stdout: str, stderr: Path
) -> tuple[Took, int]:
    """Runs a program and returns what it took, and its exit code. The streams are as in launch.py."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", LAUNCH, stdin, stdout, stderr, *argv],
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise WrongRun(f"{' '.join(argv)[:200]}\n{done.stderr}")
    wall, cpu, kib, code = done.stdout.split()
    return Took(float(wall), float(cpu), int(kib) / 1024), int(code)
