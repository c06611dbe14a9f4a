"""Published lists of checksums, and the signatures that make them trustworthy."""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path
from typing import Any

import pytest

from glancecli.checksums import Checksum
from glancecli.errors import GlanceError, describe_failure
from glancecli.transfer.checksum_list import find_checksums, parse_list
from glancecli.transfer.options import Options, Reading
from glancecli.transfer.published import find_published
from tests.support.webserver import WebServer, refused

SIGNATURES = Path(__file__).parent.parent / "data" / "signatures"
A, B, C = "a" * 64, "b" * 64, "c" * 64
LONG = "d" * 128
MD5 = "e" * 32
NAME = "debian-12.qcow2"

needs_gpgv = pytest.mark.skipif(shutil.which("gpgv") is None, reason="gpgv is not installed")


def signed(body: str) -> str:
    return (
        f"outside\n{C}  {NAME}\n-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n{body}"
        f"-----BEGIN PGP SIGNATURE-----\n\niQ\n-----END PGP SIGNATURE-----\n{C}  {NAME}\n"
    )


FEDORA = f"# {NAME}: 5 bytes\nSHA256 ({NAME}) = {A}\n"
FLATCAR = f"# MD5 HASH\n{MD5}  {NAME}\n# SHA512 HASH\n{LONG}  {NAME}\n"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"{A}  {NAME}\n{B}  {NAME}.sig\n{B}  old-{NAME}\n", A),
        (f"{A} *{NAME}\r\n", A),
        (f"{A.upper()}  {NAME}\n", A),
        (f"SHA256 ({NAME}) = {A}\n", A),
        (f"SHA2-256({NAME})= {A}\n", A),
        (FEDORA, A),
        (FLATCAR, LONG),
        (f"{A}\n", A),
        (f"# comment\n{A}\n", A),
        (f"{A}  ./{NAME}\n", A),
        (f"{A}  images/{NAME}\n", A),
        (f"{A}  images/{NAME}\n{B}  {NAME}\n", B),
        (f"{A}  {NAME}.xz\n", None),
        (f"{A}  DEBIAN-12.qcow2\n", None),
        (f"#{A}  {NAME}\n{B}  other\n", None),
        (f"{MD5}  {NAME}\n{A}  {NAME}\n", A),
        (f"{MD5}  {NAME}\n", MD5),
        (f"{A}  {NAME}\n{A}  {NAME}\n", A),
        (signed(f"{A}  {NAME}\n"), A),
        (signed(f"- {A}  {NAME}\n"), A),
        (f"# BLAKE2B HASH\n{LONG}  {NAME}\n", LONG),
    ],
)  # fmt: skip
def test_the_entry_of_a_file_is_found_by_its_exact_name(text: str, found: str | None) -> None:
    try:
        checksums = find_checksums(parse_list(text.replace("\r\n", "\n")), NAME)
    except GlanceError:
        checksums = []
    strongest = checksums[0].digest if checksums else None
    assert strongest == found


def test_sections_name_the_algorithm() -> None:
    entries = parse_list(f"# BLAKE2B HASH\n{LONG}  {NAME}\n")
    assert find_checksums(entries, NAME) == [Checksum("blake2b", LONG)]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("<html><body>404</body></html>", "it is a web page, not a list of checksums"),
        ("\n <!DOCTYPE html>", "it is a web page, not a list of checksums"),
        ("", "it has no checksums"),
        (f"{A}\n{B}\n", "it has no checksums"),
        (f"{A}  {NAME}\n{B}  {NAME}\n", f"it has two different sha256 of {NAME}"),
        (
            f"{A}  one/{NAME}\n{B}  two/{NAME}\n",
            f"it has several files {NAME}: one/{NAME}, two/{NAME}",
        ),
        (
            signed(f"{A}  {NAME}\n") + signed(f"{A}  {NAME}\n"),
            "its signature is not complete, or not the only one",
        ),
        (
            signed(f"{A}  {NAME}\n").partition("-----END")[0],
            "its signature is not complete, or not the only one",
        ),
    ],
)
def test_a_list_that_cannot_be_trusted_says_why(text: str, reason: str) -> None:
    with pytest.raises(GlanceError) as caught:
        find_checksums(parse_list(text), NAME)
    assert str(caught.value) == reason


def published(path: str, *names: str, **more: Any) -> Any:
    warnings: list[str] = []
    options = Options(warn=warnings.append, pause=0.01)
    found = find_published(names or (NAME,), Reading(checksums=path, **more), options)
    return found, warnings


def test_the_content_counts_only_where_the_packed_file_is_missing(tmp_path: Path) -> None:
    both = tmp_path / "both"
    both.write_text(f"{A}  {NAME}\n{B}  {NAME}.xz\n")
    content = tmp_path / "content"
    content.write_text(f"{A}  {NAME}\n")
    name = f"{NAME}.xz"
    found, _ = published(str(both), name, decompress="auto")
    assert (found.checksum.digest, found.is_of_content) == (B, False)
    found, _ = published(str(content), name, decompress="auto")
    assert (found.checksum.digest, found.is_of_content) == (A, True)
    with pytest.raises(GlanceError) as caught:
        published(str(content), name)
    assert describe_failure(caught.value) == f"{content} has no checksum of {name}"


def test_the_name_in_the_url_comes_before_the_one_where_it_led(tmp_path: Path) -> None:
    (tmp_path / "l").write_text(f"{A}  latest.qcow2\n{B}  debian-12-20261126.qcow2\n")
    found, _ = published(str(tmp_path / "l"), "latest.qcow2", "debian-12-20261126.qcow2")
    assert found.checksum.digest == A
    found, _ = published(str(tmp_path / "l"), "current", "debian-12-20261126.qcow2")
    assert found.checksum.digest == B
    found, _ = published(str(tmp_path / "l"), "current", checksums_name="latest.qcow2")
    assert found.checksum.digest == A


def test_a_digest_alone_is_that_of_data_without_a_name(tmp_path: Path) -> None:
    (tmp_path / "alone").write_text(f"{A}\n")
    assert published(str(tmp_path / "alone"), "")[0].checksum.digest == A
    (tmp_path / "l").write_text(f"{A}  {NAME}\n")
    with pytest.raises(GlanceError) as caught:
        published(str(tmp_path / "l"), "")
    assert str(caught.value) == (
        f"{tmp_path}/l has no checksum of data without a file name. "
        "--checksums-name gives the name that the list has."
    )


def test_a_weak_checksum_is_taken_with_a_warning(tmp_path: Path) -> None:
    (tmp_path / "MD5SUMS").write_text(f"{MD5}  {NAME}\n")
    found, warnings = published(str(tmp_path / "MD5SUMS"))
    assert found.checksum == Checksum("md5", MD5)
    assert warnings == [
        f"{tmp_path}/MD5SUMS has only the md5 of {NAME}, which protects against accidents and not "
        "against attackers"
    ]


def test_a_missing_list_ends_the_command(web: WebServer, tmp_path: Path) -> None:
    for place in (str(tmp_path / "gone"), web.url("/gone")):
        with pytest.raises(GlanceError) as caught:
            published(place)
        assert describe_failure(caught.value).startswith(f"cannot read {place}: no")


def test_a_list_that_is_too_large_is_not_read(web: WebServer) -> None:
    web.files["/l"] = bytes(2**23)
    with pytest.raises(GlanceError) as caught:
        published(web.url("/l"))
    assert str(caught.value) == f"{web.url('/l')} is too large for a list of checksums"


@needs_gpgv
@pytest.mark.parametrize("keyring", ["keyring.gpg", "keyring.asc"])
@pytest.mark.parametrize(
    ("signature", "ending"),
    [("good.gpg", ".gpg"), ("good.gpg", ".sign"), ("good.asc", ".asc"), ("both.gpg", ".gpg")],
)
def test_a_signature_beside_the_list_is_verified(
    web: WebServer, keyring: str, signature: str, ending: str
) -> None:
    web.files["/SHA256SUMS"] = (SIGNATURES / "SHA256SUMS").read_bytes()
    web.files[f"/SHA256SUMS{ending}"] = (SIGNATURES / signature).read_bytes()
    ring = str(SIGNATURES / keyring)
    found, warnings = published(web.url("/SHA256SUMS"), keyring=ring)
    where = web.url(f"/SHA256SUMS{ending}")
    assert found.signature == f"verified with {ring} ({where})"
    assert warnings == [
        f"{web.url('/SHA256SUMS')} comes over http: it is signed, but an older list may have come "
        "in its place; use https"
    ]


@needs_gpgv
def test_a_signature_within_the_list_is_verified_and_only_its_text_counts(tmp_path: Path) -> None:
    text = (SIGNATURES / "within").read_text()
    (tmp_path / "CHECKSUM").write_text(f"{C}  {NAME}\n{text}{C}  {NAME}\n")
    ring = str(SIGNATURES / "keyring.gpg")
    found, _ = published(str(tmp_path / "CHECKSUM"), keyring=ring)
    assert found.checksum.digest.startswith("9f86d081")


@needs_gpgv
@pytest.mark.parametrize(
    ("signature", "reason"),
    [
        ("stranger.gpg", "the key of the signature is not in the keyring"),
        ("expired.gpg", "the key of the signature has expired"),
        ("revoked.gpg", "the key of the signature has been revoked"),
        ("SHA256SUMS", "it is not a signature"),
    ],
)
def test_a_signature_that_is_not_good_is_refused(
    tmp_path: Path, signature: str, reason: str
) -> None:
    place = tmp_path / "SHA256SUMS"
    place.write_bytes((SIGNATURES / "SHA256SUMS").read_bytes())
    (tmp_path / "SHA256SUMS.gpg").write_bytes((SIGNATURES / signature).read_bytes())
    with pytest.raises(GlanceError) as caught:
        published(str(place), keyring=str(SIGNATURES / "keyring.gpg"))
    assert str(caught.value) == f"cannot verify the signature of {place}: {reason}"


@needs_gpgv
@pytest.mark.parametrize("name", ["SHA256SUMS", "within"])
def test_a_list_that_was_changed_is_refused(tmp_path: Path, name: str) -> None:
    place = tmp_path / "list"
    place.write_bytes((SIGNATURES / name).read_bytes().replace(b"9f86", b"0000"))
    (tmp_path / "list.gpg").write_bytes((SIGNATURES / "good.gpg").read_bytes())
    with pytest.raises(GlanceError) as caught:
        published(str(place), keyring=str(SIGNATURES / "keyring.gpg"))
    assert str(caught.value) == (
        f"cannot verify the signature of {place}: the signature does not fit the list"
    )


@needs_gpgv
def test_two_signed_parts_in_one_list_are_refused(tmp_path: Path) -> None:
    place = tmp_path / "list"
    place.write_text((SIGNATURES / "within").read_text() * 2)
    with pytest.raises(GlanceError) as caught:
        published(str(place), keyring=str(SIGNATURES / "keyring.gpg"))
    assert "its signature is not complete, or not the only one" in str(caught.value)


def test_a_list_without_a_signature_is_refused(web: WebServer) -> None:
    web.files["/l"] = (SIGNATURES / "SHA256SUMS").read_bytes()
    with pytest.raises(GlanceError) as caught:
        published(web.url("/l"), keyring=str(SIGNATURES / "keyring.gpg"))
    assert str(caught.value) == (
        f"{web.url('/l')} is not signed: neither within nor beside it (.gpg, .sign, .asc, .sig)"
    )


def test_without_gpgv_a_keyring_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(GlanceError) as caught:
        published(str(SIGNATURES / "within"), keyring=str(SIGNATURES / "keyring.gpg"))
    assert "--keyring needs the program gpgv, which is not installed" in str(caught.value)


def test_a_list_of_a_server_that_fails_for_a_moment_is_read(web: WebServer) -> None:
    web.files["/l"] = f"{A}  {NAME}\n".encode()
    web.faults = [refused(503)]
    assert published(web.url("/l"))[0].checksum.digest == A


def test_a_list_that_comes_compressed_is_read(web: WebServer) -> None:
    web.files["/l"] = gzip.compress(f"{A}  {NAME}\n".encode())
    web.headers = {"Content-Encoding": "gzip"}
    assert published(web.url("/l"))[0].checksum.digest == A
