"""Progress of an installation."""

from __future__ import annotations

import re
import time
from pathlib import Path

from glancecli.sandbox.files import Report

LONGEST_LINE = 60


class Progress:
    """Reports the number of packages installed so far; before the first, the log's last line."""

    def __init__(self, folder: Path, pins: str, report: Report, installer: str) -> None:
        self._folder = folder
        self._report = report
        self._wanted = _pinned_names(pins)
        self._total = len(self._wanted)
        self._begun = time.monotonic()
        report(f"  {self._total} packages, with {installer} ...")

    def report(self, log: Path) -> None:
        """Reports the progress; log is the file to which the installer writes."""
        seconds = time.monotonic() - self._begun
        ready = self._wanted & self._installed_names()
        if ready:
            state = f"{len(ready)} of {self._total} packages installed"
        else:
            state = _last_line(log)[:LONGEST_LINE]
        self._report(f"  {seconds:.0f} s: {state} ...")

    def _installed_names(self) -> set[str]:
        names = set()
        for folder in self._folder.glob("lib/python*/site-packages/*.dist-info"):
            name, _, _ = folder.name.partition("-")
            names.add(_normalized(name))
        return names


def _pinned_names(pins: str) -> set[str]:
    """Returns the names of the packages, except those with a condition such as a Python version."""
    names = set()
    for line in pins.splitlines():
        name, is_pin, _ = line.partition("==")
        if is_pin and ";" not in line:
            names.add(_normalized(name))
    return names


def _last_line(log: Path) -> str:
    text = log.read_text(errors="replace").strip()
    _, _, last = text.rpartition("\n")
    return last.strip()


def _normalized(name: str) -> str:
    """Returns the name of a package as it is compared (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()
