"""Data to and from a server with v1 alone, through the commands."""

from __future__ import annotations

import gzip
import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from glancecli.changes import RemoteData
from tests.support.programs import Glance
from tests.support.v1client import speak
from tests.support.v1server import V1Server, md5
from tests.support.webserver import WebServer

DATA = os.urandom(50_000)
ID = "7e5142af-1253-4634-bcc6-89482c5f2e8a"
WEB = "http://example.com/x.img"
FORMATS = ("--disk-format", "raw", "--container-format", "bare")


@pytest.fixture
def v1(v1_cloud: Callable[..., V1Server], monkeypatch: pytest.MonkeyPatch) -> V1Server:
    """A cloud with Images v1 alone, whose version has to be found out."""
    monkeypatch.setenv("GLANCECLI_CACHE", "0")
    return v1_cloud("demo", v2=False, sources={WEB: DATA})


def only(server: V1Server) -> dict[str, object]:
    """The one image that the server has and has not deleted."""
    (image,) = (i for i in server.images.values() if not i["deleted"])
    return image


def test_data_from_a_pipe_is_stored_completely_although_the_version_was_unknown(
    glance: Glance, v1: V1Server
) -> None:
    done = glance("image-create", "x", *FORMATS, stdin=DATA)
    assert done.code == 0, done.err
    assert (only(v1)["data"], only(v1)["status"]) == (DATA, "active")


@pytest.mark.parametrize("by_stdin", [False, True])
def test_a_file_is_stored_completely(
    glance: Glance, v1: V1Server, tmp_path: Path, by_stdin: bool
) -> None:
    path = tmp_path / "x.raw"
    path.write_bytes(DATA)
    words = () if by_stdin else ("--file", str(path))
    done = glance("image-create", "Grüße", *FORMATS, *words, stdin=path if by_stdin else None)
    assert done.code == 0, done.err
    image = only(v1)
    assert (image["data"], image["checksum"], image["name"]) == (DATA, md5(DATA), "Grüße")
    upload = next(seen for seen in v1.seen if seen.body and seen.path.startswith("/v1/"))
    assert upload.headers["content-length"] == str(len(DATA))


def test_a_queued_image_gets_its_data_later_and_only_once(glance: Glance, v1: V1Server) -> None:
    image = v1.add(disk_format="raw", container_format="bare", name="x", properties={"a": "1"})
    assert glance("image-upload", "x", stdin=DATA).code == 0
    assert (image["data"], image["properties"]) == (DATA, {"a": "1"})
    again = glance("image-upload", "x", stdin=b"other")
    assert again.code == 1
    assert "the data of an image cannot be changed once it is uploaded" in again.err
    assert image["data"] == DATA


def test_an_empty_file_becomes_an_active_image_with_allow_empty(
    glance: Glance, v1: V1Server, tmp_path: Path
) -> None:
    (tmp_path / "empty").touch()
    done = glance("image-create", "x", *FORMATS, "--file", str(tmp_path / "empty"), "--allow-empty")
    assert done.code == 0, done.err
    assert (only(v1)["status"], only(v1)["size"]) == ("active", 0)


def test_a_download_is_verified_and_complete(glance: Glance, v1: V1Server, tmp_path: Path) -> None:
    image = v1.add(DATA, name="x")
    target = tmp_path / "x.raw"
    assert glance("image-download", "x", "--file", str(target)).code == 0
    assert target.read_bytes() == DATA
    image["checksum"] = "0" * 32
    wrong = glance("image-download", "x", "--file", str(tmp_path / "y.raw"))
    assert wrong.code == 1
    assert not (tmp_path / "y.raw").exists()


def test_a_queued_image_has_nothing_to_download(
    glance: Glance, v1: V1Server, tmp_path: Path
) -> None:
    v1.add(name="x")
    done = glance("image-download", "x", "--file", str(tmp_path / "x"))
    assert (done.code, done.out) == (1, "")
    assert "has no data yet: it is 'queued'" in done.err


def test_a_wrong_checksum_leaves_no_image(glance: Glance, v1: V1Server) -> None:
    done = glance("image-create", "x", *FORMATS, "--checksum", "0" * 32, stdin=DATA)
    assert done.code == 1
    assert all(image["deleted"] for image in v1.images.values())


def test_a_copy_is_queued_and_polled_with_wait(glance: Glance, v1: V1Server) -> None:
    words = ("--copy-from", WEB, *FORMATS)
    begun = glance(
        "--os-image-api-version", "1", "image-create", "x", *words, "-f", "value", "-c", "status"
    )
    assert begun.out == "queued\n", begun.err
    (image,) = v1.images
    assert begun.err == (
        f"glance: the service is still copying the data of image {image}: `glance image-wait "
        f"{image}` waits until it is active\n"
    )
    done = glance(
        "image-create", "y", *words, "--wait", "-f", "value", "-c", "status", "-c", "checksum"
    )
    assert done.out == f"active\n{md5(DATA)}\n", done.err


def test_a_copy_with_a_wrong_checksum_is_killed_and_reported(glance: Glance, v1: V1Server) -> None:
    done = glance(
        "image-create", "x", "--copy-from", WEB, *FORMATS, "--checksum", "0" * 32, "--wait"
    )
    assert (done.code, done.out) == (1, "")
    (image,) = v1.images
    assert done.err == (
        f"glance: error: image {image} is killed, and will not become active. The service could not read all "
        "data, or it was not what --checksum or --size promised; "
        f"`glance image-delete {image}` removes the image.\n"
    )


@pytest.mark.parametrize("chosen", [False, True])
def test_a_refused_location_is_an_error_that_says_what_has_become_of_the_image(
    glance: Glance, v1: V1Server, chosen: bool
) -> None:
    words = ("--id", ID) if chosen else ()
    done = glance("image-create", "x", *words, "--location", WEB, *FORMATS, "--size", "1")
    assert (done.code, done.out) == (1, "")
    assert "Provided image size must match the stored image size" in done.err
    (image,) = v1.images.values()
    assert image["deleted"] is not chosen
    if chosen:
        assert (
            f"; image {ID} is kept (HTTP 409, request req-1). `glance image-upload {ID} --file FILE` uploads its data; "
            in done.err
        )
    else:
        assert f"; image {image['id']} was deleted (HTTP 409, request req-1)\n" in done.err


@pytest.mark.parametrize("chosen", [False, True])
def test_an_id_in_use_is_refused_and_its_image_stays(
    glance: Glance, v1: V1Server, chosen: bool
) -> None:
    v1.add(b"data", id=ID)
    done = glance(
        "image-create", "x", "--id", ID, *(("--location", WEB, *FORMATS) if chosen else ())
    )
    assert (done.code, done.out) == (1, "")
    assert done.err == (
        f"glance: error: image x: An image with identifier {ID} already exists (HTTP 409, request req-1)\n"
    )
    assert only(v1)["data"] == b"data"


@pytest.mark.parametrize("source", ["--location", "--copy-from"])
def test_a_source_without_formats_is_refused_and_nothing_is_sent(
    glance: Glance, v1: V1Server, source: str
) -> None:
    version = ("--os-image-api-version", "1")
    done = glance(*version, "image-create", "x", source, WEB)
    assert (done.code, done.out) == (2, "")
    assert "missing --disk-format: the service does not detect" in done.err
    assert v1.images == {}
    assert glance(*version, "image-create", "x", source, WEB, "--disk-format", "ami").code == 0
    assert only(v1)["container_format"] == "ami"


@pytest.mark.parametrize("words", [("--name", "y"), ()])
def test_an_update_of_a_queued_image_uploads_data_from_stdin(
    glance: Glance, v1: V1Server, words: tuple[str, ...]
) -> None:
    image = v1.add(name="x", properties={"a": "1"})
    done = glance("image-update", image["id"], *words, stdin=DATA)
    assert done.code == 0, done.err
    assert (image["data"], image["status"], image["properties"]) == (DATA, "active", {"a": "1"})
    assert (image["name"], image["disk_format"]) == ("y" if words else "x", "raw")
    assert glance("image-update", image["id"], "--name", "z", stdin=b"other").code == 0
    assert (image["data"], image["name"]) == (DATA, "z")


def test_a_property_never_makes_an_image_public(glance: Glance, v1: V1Server) -> None:
    done = glance("image-create", "x", "--property", "visibility=public")
    assert (done.code, v1.images) == (2, {})


def test_the_server_reports_a_source_that_does_not_exist(glance: Glance, v1: V1Server) -> None:
    done = glance("image-create", "x", "--copy-from", "http://127.0.0.1:1/x", *FORMATS)
    assert (done.code, done.out) == (1, "")
    assert "The HTTP URL is invalid" in done.err


def test_a_queued_image_without_its_location_gets_it(v1: V1Server) -> None:
    images = speak(v1.url)
    queued = v1.add(disk_format="raw", container_format="bare")
    assert images.start_copy(queued, RemoteData(location=WEB))["status"] == "active"


def test_data_from_the_web_is_unpacked_verified_and_found_again(
    glance: Glance, v1: V1Server, web: WebServer
) -> None:
    packed = gzip.compress(DATA)
    web.files["/x.raw.gz"] = packed
    checksum = f"sha256:{hashlib.sha256(packed).hexdigest()}"
    url = web.url("/x.raw.gz")
    words = ("x", *FORMATS, "--file", url, "--decompress", "--checksum", checksum)
    done = glance("image-create", *words, "--skip-existing")
    assert done.code == 0, done.err
    assert only(v1)["data"] == DATA
    assert only(v1)["properties"] == {"source_url": url, "source_checksum": checksum}
    web.seen.clear()
    assert glance("image-create", *words, "--skip-existing").code == 0
    assert (only(v1)["data"], web.seen) == (DATA, [])


@pytest.mark.parametrize(
    ("line", "code", "warned"),
    [
        (f"{md5(DATA)}  x.img\n", 0, False),
        (f"{hashlib.sha256(DATA).hexdigest()}  x.img\n", 0, True),
    ],
    ids=["md5", "sha256"],
)
def test_a_list_for_a_copy_counts_by_its_md5(
    glance: Glance, v1: V1Server, tmp_path: Path, line: str, code: int, warned: bool
) -> None:
    (tmp_path / "SUMS").write_text(line)
    words = ("--copy-from", WEB, "--checksums", str(tmp_path / "SUMS"))
    done = glance("image-create", "x", *FORMATS, *words)
    assert done.code == code, done.err
    said = "the data is not verified: Images v1 compares an MD5 checksum, and none is published"
    assert (said in done.err) == warned
