"""Images from the web, as commands: --file URL and what goes with it."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.fakeglance import TOKEN, FakeGlance
from tests.support.programs import Glance, Result
from tests.support.transferring import noise
from tests.support.webserver import WebServer

QCOW2 = b"QFI\xfb" + (3).to_bytes(4, "big") + bytes(16) + (2**30).to_bytes(8, "big") + bytes(72)
QCOW2 += (104).to_bytes(4, "big") + bytes(1000)
DATA = QCOW2 + noise(300_000)
SHA256 = hashlib.sha256(DATA).hexdigest()
SHA512 = hashlib.sha512(DATA).hexdigest()
ID = "11111111-2222-4333-8444-555555555555"


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeGlance]:
    made = FakeGlance()
    monkeypatch.setenv("OS_IMAGE_URL", made.url)
    monkeypatch.setenv("OS_AUTH_TOKEN", TOKEN)
    yield made
    made.close()


@pytest.fixture
def mirror(web: WebServer) -> WebServer:
    web.files["/deb/debian-12.qcow2"] = DATA
    web.files["/deb/SHA512SUMS"] = f"{SHA512}  debian-12.qcow2\n{'0' * 128}  other\n".encode()
    return web


def created(service: FakeGlance) -> dict[str, Any]:
    (image,) = service.images.values()
    assert image["status"] == "active"
    return image


def test_image_create_takes_a_url(glance: Glance, service: FakeGlance, mirror: WebServer) -> None:
    url = mirror.url("/deb/debian-12.qcow2", login="me:secret@")
    result = glance("image-create", "d", "--file", url + "?sig=abc", "--checksum", SHA256)
    assert (result.code, "secret" in result.err, "secret" in result.out) == (0, False, False)
    image = created(service)
    assert service.data[image["id"]] == DATA
    assert (image["disk_format"], image["container_format"]) == ("qcow2", "bare")
    assert image["source_url"] == mirror.url("/deb/debian-12.qcow2")
    assert image["source_checksum"] == f"sha256:{SHA256}"


def test_source_properties_can_be_left_out(
    glance: Glance, service: FakeGlance, mirror: WebServer
) -> None:
    url = mirror.url("/deb/debian-12.qcow2")
    words = ("image-create", "d", "--file", url, "--checksum", SHA256, "--no-source-properties")
    assert glance(*words).code == 0
    image = created(service)
    assert [key for key in image if key.startswith("source")] == []


@pytest.mark.parametrize("command", ["image-upload", "image-update", "image-stage"])
def test_a_queued_image_takes_a_url(
    glance: Glance, service: FakeGlance, mirror: WebServer, command: str
) -> None:
    service.add(ID, name="d", disk_format="qcow2", container_format="bare")
    result = glance(command, ID, "--file", mirror.url("/deb/debian-12.qcow2"))
    assert (result.code, result.err) == (0, "")
    kept = service.staged if command == "image-stage" else service.data
    assert kept[ID] == DATA
    assert service.images[ID]["source_url"] == mirror.url("/deb/debian-12.qcow2")


def test_a_list_has_the_checksum(glance: Glance, service: FakeGlance, mirror: WebServer) -> None:
    result = glance(
        "image-create", "d", "--file", mirror.url("/deb/debian-12.qcow2"),
        "--checksums", mirror.url("/deb/SHA512SUMS"),
    )  # fmt: skip
    assert result.code == 0, result.err
    assert created(service)["source_checksum"] == f"sha512:{SHA512}"
    assert "SHA512SUMS comes over http: it may have been replaced on the way" in result.err


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"<!DOCTYPE html><title>Login</title>", "it is a web page, not a list of checksums"),
        (b"hello\n", "it has no checksums"),
        (f"{SHA256}  other\n".encode(), "has no checksum of debian-12.qcow2"),
        (
            f"{SHA256}  debian-12.qcow2\n{'0' * 64}  debian-12.qcow2\n".encode(),
            "it has two different sha256 of debian-12.qcow2",
        ),
        (f"{'0' * 64}  debian-12.qcow2\n".encode(), f"has the sha256 {SHA256}, not {'0' * 64}"),
    ],
)
def test_a_wrong_list_leaves_no_image(
    glance: Glance, service: FakeGlance, mirror: WebServer, content: bytes, message: str
) -> None:
    mirror.files["/deb/SHA512SUMS"] = content
    result = glance(
        "image-create", "d", "--file", mirror.url("/deb/debian-12.qcow2"),
        "--checksums", mirror.url("/deb/SHA512SUMS"),
    )  # fmt: skip
    assert (result.code, message in result.err) == (1, True), result.err
    assert service.images == {}
    was_seen_before = "has the sha256" in message
    assert bool(service.seen) == was_seen_before


def test_a_file_is_decompressed_on_the_way(
    glance: Glance, service: FakeGlance, mirror: WebServer
) -> None:
    packed = gzip.compress(DATA)
    mirror.files["/d.qcow2.gz"] = packed
    published = hashlib.sha256(packed).hexdigest()
    words = ("image-create", "--file", mirror.url("/d.qcow2.gz"), "--decompress", "name")
    result = glance(*words, "--checksum", published)
    assert result.code == 0, result.err
    image = created(service)
    assert (image["name"], service.data[image["id"]]) == ("name", DATA)
    assert image["disk_format"] == "qcow2"
    assert image["source_checksum"] == f"sha256:{published}"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--keyring", "k"], "--keyring needs --checksums: the list is what is signed"),
        (["--checksums-name", "k"], "--checksums-name needs --checksums"),
        (
            ["--checksums", "l", "--checksum", SHA256],
            "--checksum and --checksums cannot be used together",
        ),
        (["--max-size", "many"], "'many' is not a size such as 500M, 10G or 1073741824"),
    ],
)
def test_options_that_make_no_sense_are_usage_errors(
    glance: Glance, service: FakeGlance, mirror: WebServer, words: list[str], message: str
) -> None:
    result = glance("image-create", "d", "--file", mirror.url("/deb/debian-12.qcow2"), *words)
    assert (result.code, message in result.err) == (2, True), result.err
    assert service.seen == []


def test_standard_input_can_be_named(glance: Glance, service: FakeGlance) -> None:
    assert glance("image-create", "x", "--file", "-", stdin=DATA).code == 0
    assert service.data[created(service)["id"]] == DATA
    result = glance("image-create", "x", "--file", "-")
    assert (result.code, "standard input holds no data" in result.err) == (1, True)


@pytest.mark.parametrize("url", ["ftp://h/x", "file:///x", "s3://bucket/x"])
def test_other_schemes_are_refused_with_a_sentence(
    glance: Glance, service: FakeGlance, url: str
) -> None:
    result = glance("image-create", "x", "--file", url)
    assert (result.code, result.out) == (1, "")
    assert f"{url} cannot be read: only http and https URLs can" in result.err


def test_inspection_reads_only_the_parts_that_matter(glance: Glance, mirror: WebServer) -> None:
    mirror.files["/big.qcow2"] = QCOW2 + bytes(20_000_000)
    url = mirror.url("/big.qcow2")
    result = glance("image-inspect", url, "-f", "json")
    found = result.json
    assert (found["disk_format"], found["size"]) == ("qcow2", len(QCOW2) + 20_000_000)
    assert found["file"] == url
    assert mirror.sent <= 128 * 1024 + 4096


def create(glance: Glance, mirror: WebServer, *words: str) -> Result:
    url = mirror.url("/deb/debian-12.qcow2")
    return glance("image-create", "d", "--file", url, *words)


def test_an_image_that_is_there_already_is_not_fetched_again(
    glance: Glance, service: FakeGlance, mirror: WebServer
) -> None:
    words = ("--checksums", mirror.url("/deb/SHA512SUMS"), "--skip-existing", "-f", "json")
    first = create(glance, mirror, *words)
    mirror.seen.clear()
    again = create(glance, mirror, *words)
    assert (first.code, again.code, again.json["id"]) == (0, 0, first.json["id"])
    assert f"image d is there already ({first.json['id']}); nothing is sent" in again.err
    assert [path for path, _ in mirror.seen] == ["/deb/SHA512SUMS"]
    assert len(service.images) == 1


@pytest.mark.parametrize(
    "there",
    [
        {"name": "other", "source_checksum": f"sha256:{SHA256}"},
        {"name": "d", "source_checksum": "sha256:" + "0" * 64},
        {"name": "d", "source_checksum": f"sha256:{SHA256}", "status": "queued"},
    ],
    ids=["another name", "another checksum", "not active"],
)
def test_another_image_is_not_taken_for_the_same(
    glance: Glance, service: FakeGlance, mirror: WebServer, there: dict[str, Any]
) -> None:
    service.add(ID, b"other data", **{key: v for key, v in there.items() if key != "status"})
    service.images[ID].update(there)
    result = create(glance, mirror, "--checksum", SHA256, "--skip-existing")
    assert (result.code, len(service.images)) == (0, 2)


def test_an_image_to_skip_is_shown_by_a_dry_run_too_and_whatever_its_columns_are(
    glance: Glance, service: FakeGlance, mirror: WebServer
) -> None:
    service.add(ID, DATA, name="d")
    words = ("--checksum", SHA512, "--skip-existing", "--dry-run", "-c", "id", "-c", "source_url")
    result = create(glance, mirror, *words, "-f", "value")
    assert (result.code, result.out) == (0, f"{ID}\nNone\n")


def test_an_image_with_the_same_hash_is_the_same(
    glance: Glance, service: FakeGlance, mirror: WebServer
) -> None:
    service.add(ID, DATA, name="d")
    result = create(glance, mirror, "--checksum", SHA512, "--skip-existing", "-f", "json")
    assert (result.json["id"], mirror.seen) == (ID, [])


def test_a_local_file_is_hashed_to_find_its_image(
    glance: Glance, service: FakeGlance, tmp_path: Path
) -> None:
    service.add(ID, DATA, name="d")
    (tmp_path / "d.qcow2").write_bytes(DATA)
    words = ("image-create", "d", "--file", str(tmp_path / "d.qcow2"), "--skip-existing")
    assert glance(*words, "-f", "json").json["id"] == ID
    (tmp_path / "d.qcow2").write_bytes(DATA[:-1] + b"x")
    assert glance(*words, "-f", "json").json["id"] != ID


def test_a_url_without_a_checksum_cannot_be_skipped(
    glance: Glance, service: FakeGlance, mirror: WebServer
) -> None:
    result = create(glance, mirror, "--skip-existing")
    assert (result.code, service.images) == (2, {})
    assert "--skip-existing needs --checksum or --checksums for this data" in result.err


def test_a_dry_run_shows_what_would_be_sent_and_asks_no_cloud(
    glance: Glance, service: FakeGlance, mirror: WebServer
) -> None:
    checksums = mirror.url("/deb/SHA512SUMS")
    words = ("--checksums", checksums, "--visibility", "public", "--dry-run", "-f", "json")
    result = create(glance, mirror, *words)
    url = mirror.url("/deb/debian-12.qcow2")
    assert result.json == {
        "name": "d", "visibility": "public", "disk_format": "qcow2", "container_format": "bare",
        "data": url, "size": len(DATA), "source_url": url,
        "source_checksum": f"sha512:{SHA512}", "checksum": f"sha512:{SHA512}",
        "checksum_from": checksums, "checksum_of": "debian-12.qcow2", "signature": None,
    }  # fmt: skip
    assert (result.code, service.seen) == (0, [])


def test_a_dry_run_needs_data(glance: Glance, service: FakeGlance) -> None:
    assert glance("image-create", "d", "--dry-run").code == 2
    result = glance("image-create", "d", "--dry-run", "--copy-from", "http://h/x")
    assert (result.code, service.seen) == (2, [])


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"<!DOCTYPE html>\n<html><title>Login</title></html>", "HTML or XML page"),
        (b'{"error": "expired"}\n', "JSON document"),
        (b"404: Not Found", "text"),
    ],
)
@pytest.mark.parametrize("way", ["web", "pipe"])
def test_a_page_in_place_of_an_image_leaves_no_image(
    glance: Glance, service: FakeGlance, mirror: WebServer, content: bytes, kind: str, way: str
) -> None:
    mirror.files["/deb/debian-12.qcow2"] = content
    ways = {
        "web": lambda: create(glance, mirror),
        "pipe": lambda: glance("image-create", "d", stdin=content),
    }
    result = ways[way]()
    assert (result.code, kind in result.err, service.seen) == (1, True, []), result.err


def test_an_image_that_is_sent_as_text_is_an_image(
    glance: Glance, service: FakeGlance, mirror: WebServer
) -> None:
    mirror.headers = {"Content-Type": "text/plain"}
    assert create(glance, mirror).code == 0
    assert service.data[created(service)["id"]] == DATA


def test_a_compressed_image_is_refused_with_the_option_that_unpacks_it(
    glance: Glance, service: FakeGlance, mirror: WebServer
) -> None:
    mirror.files["/deb/debian-12.qcow2"] = gzip.compress(DATA)
    result = create(glance, mirror)
    assert (result.code, service.seen) == (1, [])
    said = "gzip archive. Use --decompress, or unpack it and upload the content: gunzip --keep FILE"
    assert said in result.err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--checksums", "l"], "--checksums needs --file, --copy-from or a web-download"),
        (["--decompress"], "--decompress needs data that this program sends"),
        (["--max-size", "1G"], "--max-size needs data that this program sends"),
        (["--decompress", "--copy-from", "http://h/x"], "--decompress needs data that this"),
    ],
)
@pytest.mark.parametrize("command", ["image-create", "image-update", "image-create-via-import"])
def test_options_about_data_are_not_dropped_where_there_is_none(
    glance: Glance, service: FakeGlance, command: str, words: list[str], message: str
) -> None:
    if "--copy-from" in words and command == "image-create-via-import":
        words = ["--decompress", "--import-method", "web-download", "--uri", "http://h/x"]
        words += ["--disk-format", "raw", "--container-format", "bare"]
    service.add(ID, name="d", disk_format="raw", container_format="bare")
    result = glance(command, ID, *words)
    assert (result.code, message in result.err) == (2, True), result.err
    assert [method for method, _, _ in service.seen if method != "GET"] == []


def test_a_list_over_http_draws_one_warning(
    glance: Glance, service: FakeGlance, mirror: WebServer
) -> None:
    result = create(glance, mirror, "--checksums", mirror.url("/deb/SHA512SUMS"), "--skip-existing")
    assert result.err.count("comes over http") == 1
