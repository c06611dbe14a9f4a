"""Data to and from a server with v1 alone, through the commands."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import Result
from tests.v1server import V1Server, md5

Glance = Callable[..., Result]

DATA = os.urandom(50_000)
WEB = "http://example.com/x.img"
FORMATS = ("--disk-format", "raw", "--container-format", "bare")


@pytest.fixture
def v1(monkeypatch: pytest.MonkeyPatch) -> Iterator[V1Server]:
    """A server whose version nobody has asked for, and nobody knows."""
    with V1Server(v2=False, sources={WEB: DATA}) as server:
        monkeypatch.setenv("OS_IMAGE_URL", server.url)
        monkeypatch.setenv("OS_AUTH_TOKEN", "demo")
        monkeypatch.setenv("GLANCECLI_CACHE", "0")
        yield server


def only(server: V1Server) -> dict[str, object]:
    """The one image that the server has and has not deleted."""
    (image,) = (i for i in server.images.values() if not i["deleted"])
    return image


def test_a_pipe_is_stored_whole_although_the_version_had_to_be_found_out(
    glance: Glance, v1: V1Server
) -> None:
    done = glance("image-create", "x", *FORMATS, stdin=DATA)
    assert done.code == 0, done.err
    assert (only(v1)["data"], only(v1)["status"]) == (DATA, "active")


@pytest.mark.parametrize("by_stdin", [False, True])
def test_a_file_is_stored_whole(glance: Glance, v1: V1Server, tmp_path: Path, by_stdin: bool) -> None:
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
    assert "images cannot be changed once they are uploaded" in again.err
    assert image["data"] == DATA


def test_an_empty_file_becomes_an_active_image_when_that_is_wished(
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


def test_a_queued_image_has_nothing_to_download(glance: Glance, v1: V1Server, tmp_path: Path) -> None:
    v1.add(name="x")
    done = glance("image-download", "x", "--file", str(tmp_path / "x"))
    assert (done.code, done.out) == (1, "")
    assert "has no data yet: it is 'queued'" in done.err


def test_a_wrong_checksum_leaves_no_image(glance: Glance, v1: V1Server) -> None:
    done = glance("image-create", "x", *FORMATS, "--checksum", "0" * 32, stdin=DATA)
    assert done.code == 1
    assert all(image["deleted"] for image in v1.images.values())


def test_a_copy_is_queued_and_followed_when_it_is_waited_for(glance: Glance, v1: V1Server) -> None:
    words = ("--copy-from", WEB, *FORMATS)
    begun = glance("--os-image-api-version", "1", "image-create", "x", *words, "-f", "value", "-c", "status")
    assert begun.out == "queued\n", begun.err
    done = glance("image-create", "y", *words, "--wait", "-f", "value", "-c", "status", "-c", "checksum")
    assert done.out == f"active\n{md5(DATA)}\n", done.err


def test_a_copy_whose_checksum_is_wrong_is_killed_and_that_is_said(glance: Glance, v1: V1Server) -> None:
    done = glance("image-create", "x", "--copy-from", WEB, *FORMATS, "--checksum", "0" * 32, "--wait")
    assert (done.code, done.out) == (1, "")
    assert "is killed, and will not become active" in done.err


def test_a_source_that_is_not_there_leaves_the_servers_words(glance: Glance, v1: V1Server) -> None:
    done = glance("image-create", "x", "--copy-from", "http://127.0.0.1:1/x", *FORMATS)
    assert (done.code, done.out) == (1, "")
    assert "The HTTP URL is invalid" in done.err
