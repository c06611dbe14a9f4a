"""Where the file of a download goes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from glancecli.errors import Code, GlanceError
from glancecli.text import safe_text
from glancecli.transfer.shared_folders import refuse_traps

if TYPE_CHECKING:
    from glancecli.image import Image

LONGEST_NAME = 200  # bytes, which leave room for the endings of part files
LONGEST_ENDING = 20  # characters of a disk format


def target_path(target: str, image: Image) -> Path:
    """Returns the path of the file: target, or in a folder the image's name and disk format."""
    path = Path(target)
    if path.is_dir():
        path = path / file_name(image)
        refuse_traps(path)
        return path
    if target.endswith("/"):
        raise GlanceError(f"the folder {target} does not exist", code=Code.FILE)
    refuse_traps(path)
    return path


def file_name(image: Image) -> str:
    """Returns a file name made of the image's name (else its ID) and its disk format.

    All three come from the service and are no part of a path: the name has no separator and no
    character that is invisible or ends a line, is neither hidden nor ``..`` nor an option, and has
    at most LONGEST_NAME bytes before its ending.
    """
    ending = "." + _harmless(str(image.get("disk_format") or "img"))[:LONGEST_ENDING]
    names = (image.get("name"), image["id"], "image")
    stem = next(filter(None, (_harmless(str(name or "")) for name in names)))
    raw = stem.removesuffix(ending).encode(errors="replace")
    return raw[:LONGEST_NAME].decode(errors="ignore") + ending


def _harmless(text: str) -> str:
    """The text as a part of a file name; "" if it has nothing that can be seen."""
    shown = "".join(map(_safe_character, text.strip()[:LONGEST_NAME]))
    bare = shown.lstrip(".-")
    if bare == shown:
        return shown
    return "_" + bare


def _safe_character(character: str) -> str:
    if character == "/" or not character.isprintable() or safe_text(character) != character:
        return "_"
    return character
