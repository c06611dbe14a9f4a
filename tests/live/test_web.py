"""Images from the web into a real Glance: judged by what it holds afterwards."""

from __future__ import annotations

import gzip
import hashlib
import lzma
from typing import Any

import pytest

from tests.support.programs import Result
from tests.support.sandbox import Run, Sandbox
from tests.support.transferring import MIB, noise
from tests.support.webserver import (
    Fault,
    WebServer,
    cut_after,
    fine,
    refused,
    replaced_by,
    reset_at_once,
    stalled_after,
    whole_file,
    with_headers,
)

DATA = noise(8 * MIB + 12345)
SIZE = len(DATA)
HALF = SIZE // 2
FORMATS = ("--disk-format", "raw", "--container-format", "bare")
QUICK = ("--retries", "2", "--stall-timeout", "3")
SHA256 = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def mirror(web: WebServer) -> WebServer:
    packed = lzma.compress(DATA, preset=1)
    web.files = {
        "/disk.raw": DATA,
        "/disk.raw.xz": packed,
        "/disk.raw.gz": gzip.compress(DATA, 1),
        "/SHA256SUMS": (
            f"{SHA256}  disk.raw\n{hashlib.sha256(packed).hexdigest()} *disk.raw.xz\n"
        ).encode(),
    }
    return web


def create(glance: Run, mirror: WebServer, name: str, *words: str) -> Result:
    url = mirror.url(f"/{name}")
    return glance("image-create", "w", "--file", url, *FORMATS, *QUICK, *words)


def held(sandbox: Sandbox) -> list[tuple[str, str]]:
    """Status and SHA-512 of each image with our name."""
    _, found = sandbox.ask("GET", "/v2/images?name=w", cloud="sandbox")
    return [(image["status"], image["os_hash_value"]) for image in found["images"]]


RIGHT = [("active", hashlib.sha512(DATA).hexdigest())]
FAULTS: dict[str, tuple[list[Fault], int]] = {
    "reset at once": ([reset_at_once], 0),
    "byte 0": ([cut_after(0)], 0),
    "byte 1": ([cut_after(1)], 0),
    "middle": ([cut_after(HALF)], 0),
    "last byte": ([cut_after(SIZE - 1)], 0),
    "twice": ([cut_after(HALF), cut_after(MIB)], 0),
    "stalled": ([stalled_after(HALF)], 0),
    "503": ([refused(503), cut_after(HALF), refused(503)], 0),
    "200 to a Range": ([cut_after(HALF), whole_file], 1),
    "changed": ([cut_after(HALF), replaced_by(noise(SIZE, 2))], 1),
    "other validator": ([cut_after(HALF), with_headers(ETag='"other"', Last_Modified=None)], 1),
    "416": ([cut_after(HALF), refused(416)], 1),
    "403 at the resume": ([cut_after(HALF), refused(403)], 1),
    "longer than promised": ([with_headers(Content_Length=str(SIZE - 1))], 1),
    "shorter than promised": ([with_headers(Content_Length=str(SIZE + 1))], 1),
    "page": ([replaced_by(b"<html><title>Login</title></html>")], 1),
    "flipped": ([replaced_by(DATA[:HALF] + b"?" + DATA[HALF + 1 :])], 1),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_of_the_source_ends_with_the_right_image_or_none(
    glance: Run, sandbox: Sandbox, mirror: WebServer, name: str
) -> None:
    mirror.faults, code = list(FAULTS[name][0]), FAULTS[name][1]
    ran = create(glance, mirror, "disk.raw", "--checksum", SHA256)
    assert (ran.code, held(sandbox)) == (code, RIGHT if code == 0 else []), ran.err
    assert mirror.faults == []


@pytest.mark.parametrize("name", ["disk.raw.xz", "disk.raw.gz"])
def test_a_compressed_image_is_unpacked_and_verified(
    glance: Run, sandbox: Sandbox, mirror: WebServer, name: str
) -> None:
    mirror.faults = [cut_after(HALF // 2)]
    words = ("--decompress", "--checksums", mirror.url("/SHA256SUMS"), "-f", "json")
    ran = create(glance, mirror, name, *words)
    assert (ran.code, held(sandbox)) == (0, RIGHT), ran.err
    assert ran.json["source_url"] == mirror.url(f"/{name}")


@pytest.mark.parametrize("damage", ["cut", "flipped", "garbage"])
def test_damaged_compressed_data_leaves_no_image(
    glance: Run, sandbox: Sandbox, mirror: WebServer, damage: str
) -> None:
    data = mirror.files["/disk.raw.xz"]
    at = len(data) // 2
    mirror.files["/disk.raw.xz"] = {
        "cut": data[:-10],
        "flipped": data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :],
        "garbage": data + b"garbage",
    }[damage]
    ran = create(glance, mirror, "disk.raw.xz", "--decompress")
    assert (ran.code, held(sandbox)) == (1, []), ran.err


def test_a_list_is_used_and_the_image_is_found_again(
    glance: Run, sandbox: Sandbox, mirror: WebServer
) -> None:
    words = ("--checksums", mirror.url("/SHA256SUMS"), "--skip-existing", "-f", "json")
    first = create(glance, mirror, "disk.raw", *words)
    assert (first.code, held(sandbox)) == (0, RIGHT), first.err
    assert first.json["source_checksum"] == f"sha256:{SHA256}"
    mirror.seen.clear()
    again = create(glance, mirror, "disk.raw", *words)
    assert (again.code, again.json["id"], len(held(sandbox))) == (0, first.json["id"], 1)
    assert [path for path, _ in mirror.seen] == ["/SHA256SUMS"]


def test_a_dry_run_creates_nothing(glance: Run, sandbox: Sandbox, mirror: WebServer) -> None:
    ran = create(glance, mirror, "disk.raw", "--checksum", SHA256, "--dry-run", "-f", "json")
    assert (ran.code, ran.json["size"], held(sandbox)) == (0, SIZE, [])


def test_an_import_takes_data_from_the_web(
    glance: Run, sandbox: Sandbox, mirror: WebServer
) -> None:
    mirror.faults = [cut_after(HALF)]
    words = ("--file", mirror.url("/disk.raw"), *FORMATS, *QUICK, "--wait")
    ran = glance("image-create-via-import", "w", *words)
    assert (ran.code, held(sandbox)) == (0, RIGHT), ran.err


@pytest.mark.parametrize(
    ("checksum", "code", "count"),
    [
        (f"sha512:{hashlib.sha512(DATA).hexdigest()}", 0, 1),
        ("sha512:" + "0" * 128, 1, 0),
        (f"sha256:{SHA256}", 0, 1),
    ],
)
def test_data_that_the_service_fetches_is_verified_where_it_hashes_alike(
    glance: Run, sandbox: Sandbox, mirror: WebServer, checksum: str, code: int, count: int
) -> None:
    words = ("--import-method", "web-download", "--uri", mirror.url("/disk.raw"))
    ran = glance("image-create-via-import", "w", *words, *FORMATS, "--checksum", checksum)
    assert (ran.code, len(held(sandbox))) == (code, count), ran.err
    cannot_be_compared = checksum.startswith("sha256")
    assert ("was not verified: sha256 is expected" in ran.err) == cannot_be_compared


def test_a_url_is_inspected(glance: Run, mirror: WebServer) -> None:
    ran = glance("image-inspect", mirror.url("/disk.raw"), "-f", "json", cloud=None)
    found: dict[str, Any] = ran.json
    assert (ran.code, found["size"], found["disk_format"]) == (0, SIZE, "raw")
    assert mirror.sent < MIB


def test_a_mismatch_leaves_a_queued_image_without_data_and_glance_deactivates_no_queued_one(
    glance: Run, sandbox: Sandbox, mirror: WebServer
) -> None:
    queued = glance("image-create", "w", *FORMATS, "-f", "json").json["id"]
    url = mirror.url("/disk.raw")
    ran = glance("image-upload", queued, "--file", url, "--checksum", f"sha256:{'0' * 64}")
    assert (ran.code, held(sandbox)) == (1, [("queued", None)])
    assert f"image {queued} is still queued, without data" in ran.err
    assert SHA256 in ran.err
    status, answer = sandbox.ask("POST", f"/v2/images/{queued}/actions/deactivate")
    assert (status, b"Not allowed to deactivate image in status 'queued'" in answer) == (403, True)


@pytest.mark.parametrize("command", ["image-upload", "image-update"])
def test_a_queued_image_gets_data_from_the_web(
    glance: Run, sandbox: Sandbox, mirror: WebServer, command: str
) -> None:
    mirror.faults = [fine]
    queued = glance("image-create", "w", *FORMATS, "-f", "json").json["id"]
    ran = glance(command, queued, "--file", mirror.url("/disk.raw"), "--checksum", SHA256)
    assert (ran.code, held(sandbox)) == (0, RIGHT), ran.err
