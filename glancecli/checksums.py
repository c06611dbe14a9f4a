"""Checksums and hashes: how they are written, and how they are computed."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from glancecli.errors import Code, GlanceError, UsageError

ALGORITHM_BY_DIGITS = {32: "md5", 40: "sha1", 64: "sha256", 96: "sha384", 128: "sha512"}
HEX_DIGITS = re.compile("[0-9a-f]+")


class Checksum(NamedTuple):
    """The hash that some data has or should have."""

    algorithm: str  # as hashlib spells it: md5, sha256, sha3_256
    digest: str  # lower-case hex digits

    def __str__(self) -> str:
        """The checksum as parse_checksum reads it: ``sha256:9f86...``."""
        return f"{self.algorithm}:{self.digest}"


def new_hash(algorithm: str) -> hashlib._Hash:
    """A new hash object. MD5 is only a checksum here, so FIPS systems give it as well.

    Raises GlanceError for an algorithm that this Python does not have, or whose digests have no
    fixed length.
    """
    try:
        made = hashlib.new(algorithm, usedforsecurity=False)
    except (ValueError, TypeError):
        made = None
    if made is None or not made.digest_size:
        raise GlanceError(
            f"the hash algorithm '{algorithm}' is not known here", code=Code.UNSUPPORTED
        )
    return made


def is_known(algorithm: str) -> bool:
    """Whether this Python has the algorithm."""
    try:
        new_hash(algorithm)
    except GlanceError:
        return False
    return True


def parse_checksum(text: str) -> Checksum:
    """Returns the checksum that a user wrote: ALGORITHM:HEX, or HEX of a length that implies the
    algorithm.

    sha-256, SHA256 and sha256 are the same. Raises UsageError for anything else.
    """
    prefix, colon, digest = text.strip().lower().rpartition(":")
    algorithm = _hashlib_name(prefix)
    if not colon:
        algorithm = ALGORITHM_BY_DIGITS.get(len(digest), "")
    if not algorithm or not HEX_DIGITS.fullmatch(digest):
        raise UsageError(
            f"'{text}' is not a checksum",
            hint="Give ALGORITHM:HEX, or the hex digits of an MD5, SHA-1, SHA-256, SHA-384 or "
            "SHA-512 hash.",
        )
    try:
        size = new_hash(algorithm).digest_size
    except GlanceError as error:
        raise UsageError(error.message) from None
    if len(digest) != 2 * size:
        raise UsageError(
            f"'{text}' is not a checksum: {algorithm} has {2 * size} hex digits, not {len(digest)}"
        )
    return Checksum(algorithm, digest)


def image_checksums(image: Mapping[str, Any]) -> list[Checksum]:
    """The checksums that an image has at its service, the strongest first, without those that
    cannot be computed here.
    """
    fields = (
        (image.get("os_hash_algo"), image.get("os_hash_value")),
        ("md5", image.get("checksum")),
    )
    checksums = [
        Checksum(_hashlib_name(str(algorithm)), str(digest).lower())
        for algorithm, digest in fields
        if algorithm and digest
    ]
    return [checksum for checksum in checksums if is_known(checksum.algorithm)]


def unknown_algorithm(image: Mapping[str, Any]) -> str:
    """The algorithm of the image's hash where it cannot be computed here; "" where it can."""
    algorithm = str(image.get("os_hash_algo") or "")
    if not algorithm or not image.get("os_hash_value") or is_known(_hashlib_name(algorithm)):
        return ""
    return algorithm


def describe_missing_hash(image: Mapping[str, Any]) -> str:
    """Why data of an image cannot be verified by the hash of the service."""
    algorithm = unknown_algorithm(image)
    if algorithm:
        return f"the service hashes by {algorithm}, which is not known here"
    return "the service provides no hash"


def strongest_checksum(image: Mapping[str, Any]) -> Checksum | None:
    """The checksum by which data of an image is verified, None when it has none."""
    checksums = image_checksums(image)
    return checksums[0] if checksums else None


def describe_mismatch(name: str, expected: Checksum, found: str) -> str:
    """The message for data that has another hash than it should have."""
    return (
        f"{name} should have the {expected.algorithm} {expected.digest}, but the data has {found}"
    )


def _hashlib_name(algorithm: str) -> str:
    """The algorithm as hashlib spells it: sha256 for SHA-256, sha3_256 for sha3-256."""
    wanted = _letters_and_digits(algorithm)
    for name in hashlib.algorithms_guaranteed:
        if _letters_and_digits(name) == wanted:
            return name
    return algorithm.lower()


def _letters_and_digits(algorithm: str) -> str:
    return algorithm.lower().replace("-", "").replace("_", "")
