"""Checksums and hashes: how they are written, and how they are computed."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any

from glancecli.errors import GlanceError, UsageError
from glancecli.image import Image

if TYPE_CHECKING:
    pass
if TYPE_CHECKING:
    from glancecli.image import Image


_BY_LENGTH = {32: "md5", 40: "sha1", 64: "sha256", 96: "sha384", 128: "sha512"}


def new_hash(name: str) -> hashlib._Hash:
    """A hash object; MD5 is only a checksum here, so FIPS systems give it as well.

    Raises GlanceError for an algorithm that this Python does not have.
    """
    try:
        return hashlib.new(name, usedforsecurity=False)
    except (ValueError, TypeError):
        raise GlanceError(f"the hash algorithm '{name}' is not known here") from None


def is_known(name: str) -> bool:
    """Whether this Python has the algorithm."""
    try:
        new_hash(name)
    except GlanceError:
        return False
    return True


def parse_checksum(text: str) -> tuple[str, str]:
    """Algorithm and lower-case hex digits of a checksum given by a user: HEX or ALGORITHM:HEX.

    Raises UsageError for anything else.
    """
    name, colon, digits = text.strip().lower().rpartition(":")
    name = name.replace("-", "") if colon else _BY_LENGTH.get(len(digits), "")
    if not name or not digits or set(digits) - set("0123456789abcdef"):
        raise UsageError(
            f"'{text}' is no checksum",
            hint="Give ALGORITHM:HEX, or the hex digits of MD5, SHA-256 or SHA-512.",
        )
    try:
        size = new_hash(name).digest_size
    except GlanceError as error:
        raise UsageError(error.message) from None
    if len(digits) != 2 * size:
        raise UsageError(
            f"'{text}' is no checksum: {name} has {2 * size} hex digits, not {len(digits)}"
        )
    return name, digits


def hashes(image: Image) -> list[tuple[str, str]]:
    """Algorithm and hex digest that the service tells of an image, the strongest first."""
    found: list[tuple[Any, Any]] = [
        (image.get("os_hash_algo"), image.get("os_hash_value")),
        ("md5", image.get("checksum")),
    ]
    return [(str(name).lower(), str(value).lower()) for name, value in found if name and value]


def differs(name: str, algorithm: str, wanted: str, found: str) -> str:
    """The sentence for data that has another hash than it should have."""
    return f"{name} should have the {algorithm} {wanted}, and what came has {found}"


_ALGORITHMS = {32: "md5", 40: "sha1", 64: "sha256", 128: "sha512"}  # by hexadecimal digits


def _promised(checksum: str) -> tuple[str, str]:
    """Algorithm and hexadecimal digits of HEX or ALGORITHM:HEX; both empty for nothing."""
    name, _, digits = checksum.lower().rpartition(":")
    algorithm = name or _ALGORITHMS.get(len(digits), "")
    if checksum and (not algorithm or not re.fullmatch("[0-9a-f]+", digits)):
        raise UsageError(f"'{checksum}' is no MD5, SHA-1, SHA-256 or SHA-512 checksum")
    return algorithm, digits
