"""Groups of images: of one family by name, or with the same values of some keys.

A family is a name without its build stamps (``ubuntu-24.04-20250115-amd64`` and
``ubuntu-24.04-20250220-amd64`` are one). docs/finding.md states the rule. Where a number may be a
release or an ID, it stays: two families too many hide nothing and delete nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from glancecli.errors import GlanceError
from glancecli.image import Image
from glancecli.text import did_you_mean

FAMILY = "name~"  # the key that stands for the family
LONGEST_NAME = 255  # characters; the time to find stamps grows with the square of the length

# A day, with or without marks between its parts; the time of day behind it; the number of the build
# of that day, dotted as in 20240101.0, else one that is no release (of three digits, or 01).
DAY = r"(?:19|20)\d\d(?P<mark{0}>[-._]?)(?:0[1-9]|1[0-2])(?P=mark{0})(?:0[1-9]|[12]\d|3[01])"
TIME = r"(?:[T _-]?(?:[01]\d|2[0-3])[:-]?[0-5]\d(?:[:-]?[0-5]\d(?:\.\d+)?)?Z?(?![0-9A-Za-z]))?"
COUNTER = r"(?:\.[nt]\.\d+|\.\d+|[-_](?:0\d+|[1-9]\d\d+))*"
ARCHITECTURE = "x86_64|amd64|aarch64|arm64|ppc64le|s390x|riscv64|noarch"
STAMPS = (
    rf"(?:v|snapshot|build)?{DAY.format(1)}{TIME}{COUNTER}",
    r"\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])[-_](?:[01]\d|2[0-3])[0-5]\d",  # 240530-1413
    r"1\d{9}",  # seconds since 1970
    r"build[-_ ]?\d+(?:\.\d+)*",
    r"b\d{3,4}",  # Oracle's builds
    "latest",
    # The release of an RPM, behind its version: 8.10-1362.x86_64, but not amd64-22.04.amd64.
    rf"(?:(?<=[-.]\d-)|(?<=[-.]\d\d-))\d+(?:\.\d+)*(?=\.(?:{ARCHITECTURE}))",
)
IN_BRACKETS = rf"{DAY.format(2)}{TIME}{COUNTER}|(?:19|20)\d\d[-.](?:0[1-9]|1[0-2])|latest"
STAMP = re.compile(
    rf"(?<=.)(?:\s*[-._/]?\s*[\[(](?:{IN_BRACKETS})[\])]"
    rf"|[-._/\s]+(?:{'|'.join(STAMPS)})(?![0-9A-Za-z]))",
    re.IGNORECASE | re.ASCII,
)


def family(name: str) -> str:
    """Returns the name without its build stamps; the first word always stays. A name longer than
    Glance allows is a family of its own.
    """
    if len(name) > LONGEST_NAME:
        return name
    return STAMP.sub("", name)


class Grouping:
    """Puts images into groups: those with the same values of all keys.

    A key is any attribute or property, or ``name~`` for the family of the name. An image that lacks
    a key is a group of its own, so that nothing is hidden by accident.
    """

    def __init__(self, keys: Sequence[str] = (FAMILY,)) -> None:
        self.keys = keys
        self._had: set[str] = set()  # keys that an image had
        self._others: set[str] = set()  # keys of the images that lacked one

    def group(self, image: Image) -> tuple[str, ...] | None:
        """Returns the values by which the image is grouped, None if it lacks one of them."""
        values = tuple([self._value(image, key) for key in self.keys])
        if all(values):
            self._had.update(self.keys)
            return values
        self._had.update(key for key, value in zip(self.keys, values, strict=True) if value)
        self._others.update(image)
        return None

    def report_unknown(self, warn: Callable[[str], None]) -> None:
        """Calls warn for each key that no image has had, with the nearest key of an image."""
        for key in self.keys:
            if self._others and key not in self._had:
                advice = did_you_mean(key, self._others)
                warn(f"no image has {key} (--per): each is a group of its own{advice}")

    def _value(self, image: Image, key: str) -> str:
        """Returns the image's value of a key as text, "" if it has none."""
        if key == FAMILY:
            return family(str(image.get("name") or ""))
        value: Any = image.get(key)
        if value is None:
            return ""
        return str(value)

    def newest(self, images: Iterable[Image], number: int = 1) -> Iterator[Image]:
        """Yields the first so many images of each group. Raises GlanceError unless images come
        newest first.
        """
        seen: dict[int, int] = {}  # by hashes, as the groups of a long list take much memory
        before = ""
        for image in images:
            created = str(image.get("created_at") or "")[:19]
            if before and created > before:
                raise GlanceError("the service does not sort by created_at, which --latest needs")
            before = created or before
            group = self.group(image)
            if group is None or not created:
                yield image
                continue
            count = seen.get(hash(group), 0)
            if count < number:
                seen[hash(group)] = count + 1
                yield image
