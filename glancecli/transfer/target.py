"""Where the file of a download goes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from glancecli.errors import GlanceError

if TYPE_CHECKING:
    from glancecli.image import Image

LONGEST_NAME = 200  # bytes, which leave room for the endings of part files


def target_path(target: str, image: Image) -> Path:
    """Returns the path of the file: target, or in a folder the image's name and disk format."""
    path = Path(target)
    if path.is_dir():
        return path / file_name(image)
    if target.endswith("/"):
        raise GlanceError(f"the folder {target} does not exist")
    return path


def file_name(image: Image) -> str:
    """Returns a file name made of the image's name (else its ID) and its disk format."""
    image_id = str(image["id"])
    image_name = image.get("name") or image_id
    disk_format = image.get("disk_format") or "img"
    ending = "." + _without_separators(str(disk_format))
    name = _without_separators(str(image_name))
    if name.startswith("."):
        name = "_" + name.lstrip(".")
    name = name.strip() or image_id
    stem = os.fsencode(name.removesuffix(ending))
    return os.fsdecode(stem[:LONGEST_NAME]) + ending


def _without_separators(text: str) -> str:
    """The text without slashes and without characters that cannot be printed."""
    return "".join(map(_safe_character, text))


def _safe_character(character: str) -> str:
    if character == "/" or not character.isprintable():
        return "_"
    return character
