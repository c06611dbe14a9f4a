"""Other packages whose programs have our names. Standard library only.

pip lets two packages of one environment install the same program: the later one replaces it without
a word, and uninstalling either removes it.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from importlib import metadata
from typing import NamedTuple

OURS = "openstack-glancecli"
PROGRAMS = ("glance", "nova", "glancecli")


class Neighbour(NamedTuple):
    """A package in our environment that has one of our programs too."""

    package: str
    version: str
    program: str

    def __str__(self) -> str:
        """The package as messages name it."""
        return f"{self.package} {self.version}"

    @property
    def how_to_have_both(self) -> str:
        """What to do, as an instruction."""
        return (
            "To have both, install glancecli in an environment of its own (`pipx install` or "
            f"`uv tool install`). Then repair this one: `pip uninstall {OURS}`, and "
            f"`pip install --force-reinstall --no-deps {self.package}`."
        )


def neighbours(*programs: str) -> Iterator[Neighbour]:
    """Yields the packages of this environment that have one of these programs of ours."""
    for program in programs:
        for entry in metadata.entry_points(group="console_scripts", name=program):
            dist = entry.dist
            if dist is not None and dist.name != OURS:
                yield Neighbour(dist.name, dist.version, program)


def module_of(program: str) -> str:
    """Returns the package of Python that a program's file imports first, or that an archive of shiv
    starts, "" where it cannot be told.
    """
    try:
        if zipfile.is_zipfile(program):
            return _module_of_archive(program)
        with open(program, encoding="utf-8") as file:  # noqa: PTH123 - its beginning is enough
            text = file.read(2000)
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        return ""
    imported = re.findall(r"^\s*(?:from|import) (\w+)", text, re.MULTILINE)
    others = [name for name in imported if name not in ("re", "sys", "os", "importlib")]
    return next(iter(others), "")


def _module_of_archive(program: str) -> str:
    import json

    with zipfile.ZipFile(program) as archive:
        environment = json.loads(archive.read("environment.json"))
    return str(environment["entry_point"]).partition(".")[0]
