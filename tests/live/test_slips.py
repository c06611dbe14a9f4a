"""Slips that beginners make, each answered with what to type next, by the installed programs."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from tests.support.programs import Result
from tests.support.sandbox import Run

PAGE = b"<!DOCTYPE html><html><head><title>404 Not Found</title></head></html>"


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A folder with files that are taken for images."""
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "debian.raw").write_bytes(bytes(65536))
    (folder / "debian.raw.gz").write_bytes(gzip.compress(bytes(65536)))
    (folder / "page.qcow2").write_bytes(PAGE)
    return folder


@pytest.fixture
def web(files: Path) -> Iterator[str]:
    """The URL of a server that has these files."""

    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, *args: Any) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=files))
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_file_given_as_the_name_is_answered_with_the_upload(glance: Run, files: Path) -> None:
    done = glance("image-create", "debian.raw", "-f", "value", "-c", "id", cwd=files)
    assert done.code == 0
    assert f"image-upload {done.lines[0]} --file debian.raw` sends it" in done.err


def test_a_url_as_the_file_is_read_and_a_wrong_one_is_named(
    glance: Run, files: Path, web: str
) -> None:
    words = ("image-create", "web", "-f", "value", "-c", "status", "--file")
    assert glance(*words, f"{web}/debian.raw", cwd=files).out == "active\n"
    wrong = glance(*words, f"{web}/debain.raw", cwd=files)
    assert wrong.code == 1
    assert wrong.err.endswith(f"{web}/debain.raw: not found (HTTP 404). Check the URL.\n")


def test_without_a_cloud_the_ways_to_name_one_are_listed(glance: Run) -> None:
    done = glance("image-list", cloud=None)
    assert done.code == 1
    assert "--os-cloud or OS_CLOUD" in done.err
    assert "glancecli sandbox up` creates one" in done.err


def test_a_wrong_project_is_named_with_what_shows_the_right_one(glance: Run) -> None:
    done = glance("image-list", cloud="sandbox-demo", env={"OS_PROJECT_NAME": "dmo"})
    assert done.code == 1
    assert "for project dmo" in done.err
    assert "`glancecli clouds` shows the user and the project" in done.err


@pytest.mark.parametrize(
    ("cloud", "words", "answer"),
    [
        ("sandbox-dmo", "image-list", "did you mean sandbox-demo"),
        ("sandbox-demo", "image-lsit", "did you mean image-list"),
        ("sandbox-demo", "image list", "use image-list"),
        ("sandbox-demo", "image-rm debian-12", "use image-delete"),
        ("sandbox-demo", "image-list --naem x", "did you mean --name?"),
        ("sandbox-demo", "image-list --status activ", "did you mean active?"),
        ("sandbox-demo", "image-show debain-12", "Did you mean debian-12?"),
        ("sandbox-demo", "image-show debian-12 -c stauts", "did you mean status?"),
        ("sandbox", "member-create debian-12 othr", "did you mean other?"),
        ("sandbox-demo", "image-upload later --file debian.raw --store fsat", "stores-info` lists"),
    ],
)
def test_a_typo_is_answered_with_the_name_that_was_meant(
    glance: Run, files: Path, cloud: str, words: str, answer: str
) -> None:
    for name, more in (("debian-12", ["--file", "debian.raw"]), ("later", [])):
        owner = cloud.replace("dmo", "demo")
        shape = ("--disk-format", "raw", "--container-format", "bare")
        assert glance("image-create", name, *more, *shape, cloud=owner, cwd=files).code == 0
    done = glance(*words.split(), cloud=cloud, cwd=files)
    assert answer in done.err


@pytest.mark.parametrize(
    ("file", "answer"),
    [
        ("page.qcow2", "HTML or XML page. Look at its first lines (`head page.qcow2`)"),
        ("debian.raw.gz", "Use --decompress, or unpack it and upload the content: gunzip --keep"),
    ],
)
def test_a_file_that_is_no_image_is_refused_with_how_to_go_on(
    glance: Run, files: Path, file: str, answer: str
) -> None:
    done = glance("image-create", "x", "--file", file, cwd=files)
    assert done.code == 1
    assert answer in done.err


def test_what_is_not_allowed_names_who_can_allow_it(glance: Run, files: Path) -> None:
    words = ("image-create", "x", "--file", "debian.raw")
    reader = glance(*words, cloud="sandbox-reader", cwd=files)
    public = glance(*words, "--visibility", "public", cloud="sandbox-demo", cwd=files)
    assert (reader.code, public.code) == (1, 1)
    assert "The reader role is not enough. A cloud administrator can allow it." in reader.err
    assert "policy forbids making an image public" in public.err


def test_a_full_disk_behind_a_pipe_is_named(glance: Run, files: Path) -> None:
    """What is downloaded into a file is compared with the room before: tests/transfer has that."""
    glance("image-create", "debian-12", "--file", "debian.raw", cwd=files)
    done = glance("image-download", "debian-12", "--file", "/dev/full", "--force", cwd=files)
    assert done.code == 1
    assert "no space left on device" in done.err


def test_a_command_of_another_nova_is_answered_with_what_there_is(
    live_program: Callable[..., Result],
) -> None:
    """A cloud without Nova is in test_sandbox.py: here other tests may have started it."""
    done = live_program("nova", "list")
    assert done.code == 2
    assert "for servers use `openstack server ...`" in done.err
