"""Published lists of checksums: SHA256SUMS, CHECKSUM, DIGESTS and their kin.

Read are lines of GNU (``HEX  name``, ``HEX *name``) and of BSD (``SHA256 (name) = HEX``), sections
with ``# SHA512 HASH`` above them, and a file with one digest alone. Of a list that is signed within
(OpenPGP's cleartext signature, RFC 9580) only the signed text counts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from glancecli.checksums import Checksum, parse_checksum
from glancecli.errors import Code, GlanceError, UsageError

GNU = re.compile(r"(?P<hex>[0-9a-fA-F]{32,128})[ \t]+\*?(?P<name>\S.*)")
BSD = re.compile(
    r"(?P<algorithm>[A-Za-z0-9/-]+) ?\((?P<name>.+)\) ?= ?(?P<hex>[0-9a-fA-F]{32,128})"
)
SECTION = re.compile(r"#+\s*(?P<algorithm>[A-Z0-9-]+) HASH\b")
ALONE = re.compile(r"[0-9a-fA-F]{32,128}")
PAGE = re.compile(r"\s*<(!doctype|html|\?xml|head|body)", re.IGNORECASE)

SIGNED_BEGIN = "-----BEGIN PGP SIGNED MESSAGE-----"
SIGNATURE_BEGIN = "-----BEGIN PGP SIGNATURE-----"
SIGNATURE_END = "-----END PGP SIGNATURE-----"

# The algorithms by which data is verified, the strongest first. Any other is weaker than these.
STRENGTH = ("sha512", "sha3_512", "blake2b", "sha384", "sha3_384", "sha256", "sha3_256", "blake2s")
WEAK = ("md5", "sha1")


class Entry(NamedTuple):
    """One line of a list; name is "" for a digest that stands alone."""

    name: str
    checksum: Checksum


def is_signed_within(text: str) -> bool:
    """Whether a list has its signature within."""
    return SIGNED_BEGIN in text


def signed_part(text: str) -> str:
    """Returns the text that a signature within covers. Raises GlanceError for several signatures,
    or an unfinished one.
    """
    before, _, rest = text.partition(SIGNED_BEGIN)
    _, blank, rest = rest.partition("\n\n")  # behind the headers, such as Hash: SHA256
    body, signature, behind = rest.partition(SIGNATURE_BEGIN)
    is_complete = blank and signature and SIGNATURE_END in behind
    if not is_complete or SIGNED_BEGIN in rest or before.strip().startswith("-----BEGIN"):
        raise GlanceError(
            "its signature is not complete, or not the only one", code=Code.WRONG_DATA
        )
    return "\n".join(line.removeprefix("- ") for line in body.splitlines())


def parse_list(text: str) -> list[Entry]:
    """Returns the entries of a list. Raises GlanceError for a text without any."""
    if PAGE.match(text):
        raise GlanceError("it is a web page, not a list of checksums", code=Code.WRONG_DATA)
    if is_signed_within(text):
        text = signed_part(text)
    lines = [line.strip() for line in text.splitlines()]
    entries = []
    algorithm = ""
    for line in lines:
        section = SECTION.match(line)
        if section:
            algorithm = section["algorithm"]
        entry = _entry(line, algorithm)
        if entry:
            entries.append(entry)
    if not entries:
        entries = _digest_alone(lines)
    if not entries:
        raise GlanceError("it has no checksums", code=Code.WRONG_DATA)
    return entries


def _entry(line: str, section: str) -> Entry | None:
    """Returns the entry in a line, None for a comment or anything else."""
    if line.startswith("#"):
        return None
    found = BSD.fullmatch(line)
    if found:
        return _checked(found["name"], found["hex"], found["algorithm"])
    found = GNU.fullmatch(line)
    if found:
        return _checked(found["name"], found["hex"], section)
    return None


def _checked(name: str, digits: str, algorithm: str) -> Entry | None:
    """Returns an entry, None for an algorithm or a number of digits that is not known."""
    text = digits
    if algorithm:
        text = f"{algorithm.upper().replace('SHA2-', 'SHA')}:{digits}"  # openssl dgst: SHA2-256
    try:
        return Entry(name, parse_checksum(text))
    except UsageError:
        return None


def _digest_alone(lines: Sequence[str]) -> list[Entry]:
    """Returns the digest of a list that has one digest, and comments at most."""
    words = [line for line in lines if line and not line.startswith("#")]
    if len(words) != 1 or not ALONE.fullmatch(words[0]):
        return []
    entry = _checked("", words[0], "")
    return [entry] if entry else []


def find_checksums(entries: Sequence[Entry], name: str) -> list[Checksum]:
    """Returns the checksums of the file with this name, the strongest first.

    An entry with folders before the name counts when it is the only one with that last part. Raises
    GlanceError for entries that contradict each other.
    """
    found = [entry for entry in entries if entry.name in (name, f"./{name}", "")]
    if not found:
        found = [entry for entry in entries if entry.name.rpartition("/")[2] == name]
        names = sorted({entry.name for entry in found})
        if len(names) > 1:
            raise GlanceError(
                f"it has several files {name}: {', '.join(names)}", code=Code.WRONG_DATA
            )
    by_algorithm: dict[str, str] = {}
    for _, (algorithm, digest) in found:
        if by_algorithm.setdefault(algorithm, digest) != digest:
            raise GlanceError(f"it has two different {algorithm} of {name}", code=Code.WRONG_DATA)
    return [Checksum(name, by_algorithm[name]) for name in sorted(by_algorithm, key=_rank)]


def _rank(algorithm: str) -> int:
    if algorithm in STRENGTH:
        return STRENGTH.index(algorithm)
    return len(STRENGTH) + (algorithm in WEAK) + (algorithm == "md5")
