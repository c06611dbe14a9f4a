"""Checksums as people and services write them."""

from __future__ import annotations

import pytest

from glancecli.checksums import Checksum, image_checksums, is_known, parse_checksum
from glancecli.errors import UsageError


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("D41D8CD98F00B204E9800998ECF8427E", ("md5", "d41d8cd98f00b204e9800998ecf8427e")),
        ("a" * 40, ("sha1", "a" * 40)),
        ("a" * 64, ("sha256", "a" * 64)),
        ("a" * 96, ("sha384", "a" * 96)),
        ("a" * 128, ("sha512", "a" * 128)),
        ("SHA-256:" + "b" * 64, ("sha256", "b" * 64)),
        ("SHA256:" + "B" * 64, ("sha256", "b" * 64)),
        ("sha256:" + "b" * 64, ("sha256", "b" * 64)),
        ("Sha-1:" + "c" * 40, ("sha1", "c" * 40)),
        (" sha3_256:" + "c" * 64, ("sha3_256", "c" * 64)),
        ("SHA3-256:" + "c" * 64, ("sha3_256", "c" * 64)),
    ],
)
def test_a_checksum_names_its_algorithm_or_implies_it_by_its_length(
    text: str, found: tuple[str, str]
) -> None:
    assert parse_checksum(text) == found


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "'' is not a checksum"),
        ("abc", "'abc' is not a checksum"),
        ("x" * 32, f"'{'x' * 32}' is not a checksum"),
        ("md5:", "'md5:' is not a checksum"),
        (":" + "a" * 32, f"':{'a' * 32}' is not a checksum"),
        ("md5:abc", "'md5:abc' is not a checksum: md5 has 32 hex digits, not 3"),
        (
            "sha-256:" + "a" * 32,
            f"'sha-256:{'a' * 32}' is not a checksum: sha256 has 64 hex digits, not 32",
        ),
        ("nosuch:" + "a" * 32, "the hash algorithm 'nosuch' is not known here"),
        ("shake_128:" + "a" * 32, "the hash algorithm 'shake_128' is not known here"),
    ],
)
def test_what_is_not_a_checksum_is_a_usage_error(text: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_checksum(text)
    assert caught.value.message == said


def test_the_checksums_of_an_image_are_written_as_hashlib_writes_them() -> None:
    image = {"os_hash_algo": "SHA-256", "os_hash_value": "AB" * 32, "checksum": "CD" * 16}
    assert image_checksums(image) == [Checksum("sha256", "ab" * 32), Checksum("md5", "cd" * 16)]
    assert image_checksums({"os_hash_algo": "sha512", "os_hash_value": None}) == []


def test_a_checksum_of_an_unknown_algorithm_is_left_out() -> None:
    image = {"os_hash_algo": "quantum7", "os_hash_value": "ab" * 32, "checksum": "cd" * 16}
    assert image_checksums(image) == [Checksum("md5", "cd" * 16)]


def test_an_algorithm_without_a_fixed_length_is_not_known() -> None:
    assert is_known("sha512")
    assert not is_known("shake_256")
    assert not is_known("quantum7")
