"""Imports, stores, states and tags on a real Glance."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.support.programs import Result
from tests.support.sandbox import Run

DATA = bytes(range(256)) * 400
NEW = ("--disk-format", "raw", "--container-format", "bare", "-f", "value", "-c", "id")


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        """Nothing on stderr."""


@pytest.fixture
def web(tmp_path: Path) -> Iterator[str]:
    """The URL of a web server on loopback that has the file `data`."""
    (tmp_path / "data").write_bytes(DATA)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=tmp_path))
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def made(glance: Run, *words: str | Path) -> str:
    ran = glance("image-create", *words, *NEW)
    assert ran.code == 0, ran.err
    return ran.out.strip()


def told(ran: Result) -> list[str]:
    assert ran.code == 0, ran.err
    return ran.out.splitlines()


def test_staged_data_is_imported_copied_to_other_stores_and_removed_from_one(
    glance: Run, tmp_path: Path
) -> None:
    (tmp_path / "data").write_bytes(DATA)
    made(glance, "imp-direct")
    early = glance("image-import", "imp-direct")
    assert early.code == 1
    assert "image-stage" in early.err
    assert "--file FILE` stages data." in early.err
    assert glance("image-stage", "imp-direct", "--file", "data").code == 0
    shown = ("--wait", "-f", "value", "-c", "status", "-c", "size", "-c", "stores")
    imported = glance("image-import", "imp-direct", "--store", "slow", *shown)
    assert told(imported) == ["active", str(len(DATA)), "slow"]
    copied = glance(
        "image-import", "imp-direct", "--import-method", "copy-image", "--all-stores", *shown
    )
    assert told(copied) == ["active", str(len(DATA)), "slow,fast"]
    assert [
        line.split()[-2] for line in told(glance("image-tasks", "imp-direct", "-f", "value"))
    ] == [
        "success",
        "success",
    ]
    assert glance("stores-delete", "imp-direct", "--store", "slow").code == 0
    assert told(glance("image-show", "imp-direct", "-f", "value", "-c", "stores")) == ["fast"]
    last = glance("stores-delete", "imp-direct", "--store", "fast")
    assert (last.code, "the only store containing it" in last.err) == (1, True)


def test_a_copy_is_judged_by_the_stores_of_this_call(glance: Run, tmp_path: Path) -> None:
    (tmp_path / "data").write_bytes(DATA)
    image = made(glance, "imp-judged", "--file", "data", "--store", "fast")
    copy = ("image-import", image, "--import-method", "copy-image", "--wait")
    shown = ("-f", "value", "-c", "stores")
    failed = glance(*copy, "--stores", "http", *shown)
    assert (failed.code, failed.out) == (1, "")
    assert "did not put the data into these stores: http" in failed.err
    copied = glance(*copy, "--stores", "slow", *shown)
    assert (copied.code, copied.out, copied.err) == (0, "fast,slow\n", "")
    again = glance(*copy, "--all-stores", *shown)
    assert (again.code, again.out, again.err) == (0, "fast,slow\n", "")


def test_the_service_copies_data_from_a_url_and_from_another_region(glance: Run, web: str) -> None:
    made(glance, "imp-web")
    made(glance, "imp-far")
    by_url = ("image-import", "imp-web", "--import-method", "web-download", "--wait")
    failed = glance(*by_url, "--uri", f"{web}/nothing")
    assert (failed.code, failed.out) == (1, "")
    assert "could not get the data" in failed.err
    status = ("-f", "value", "-c", "status", "-c", "size")
    both = ("--stores", "fast,slow", "--allow-failure", "False")
    assert told(glance(*by_url, "--uri", f"{web}/data", *both, *status)) == [
        "active",
        str(len(DATA)),
    ]
    far = ("--import-method", "glance-download", "--remote-region", "RegionOne")
    done = glance(
        "image-import", "imp-far", *far, "--remote-image-id", "imp-web", "--wait", *status
    )
    assert told(done) == ["active", str(len(DATA))]


def test_an_image_is_created_and_imported_by_one_command(
    glance: Run, tmp_path: Path, web: str
) -> None:
    (tmp_path / "disk").write_bytes(DATA)
    formats = ("--disk-format", "raw", "--container-format", "bare")
    shown = ("--wait", "-f", "value", "-c", "status", "-c", "size", "-c", "stores")
    new = ("image-create-via-import", "via")
    for given in (["--file", "disk"], []):
        ran = glance(*new, *given, "--store", "slow", *shown, stdin=None if given else DATA)
        assert told(ran) == ["active", str(len(DATA)), "slow"]
    by_url = ("--import-method", "web-download", "--uri")
    ran = glance(*new, *by_url, f"{web}/disk", *formats, "--all-stores", *shown)
    assert told(ran) == ["active", str(len(DATA)), "fast,slow"]
    made(glance, "there", "--file", "disk")
    far = (
        "--import-method",
        "glance-download",
        "--remote-region",
        "RegionOne",
        "--remote-image-id",
        "there",
    )
    assert told(glance(*new, *far, *formats, *shown)) == ["active", str(len(DATA)), "fast"]


def test_an_import_that_is_refused_leaves_no_new_image(glance: Run, tmp_path: Path) -> None:
    (tmp_path / "disk").write_bytes(DATA)
    ran = glance(
        "image-create-via-import",
        "via",
        "--file",
        "disk",
        "--store",
        "nosuch",
        "--protected",
        "True",
    )
    assert (ran.code, ran.out) == (1, "")
    assert "Store for identifier nosuch not found" in ran.err
    assert " was deleted" in ran.err
    assert told(glance("image-list", "--name", "via", "-f", "value")) == []


def test_methods_stores_and_quotas_are_listed(glance: Run) -> None:
    assert told(glance("import-info", "-f", "value")) == [
        "glance-direct, web-download, copy-image, glance-download"
    ]
    stores = ["fast None true None", "slow None None None", "http None None true"]
    assert told(glance("stores-info", "-f", "value")) == stores
    assert told(glance("stores-info", "--detail", "-f", "value", "-c", "type")) == [
        "file",
        "file",
        "http",
    ]
    assert told(glance("usage", "-f", "csv")) == ["Quota,Limit,Usage"]
    refused = glance("stores-info", "--detail", cloud="sandbox-demo")
    assert (
        refused.code,
        "policy forbids seeing the details of stores (stores_info_detail)" in refused.err,
    ) == (1, True)


def test_a_deactivated_image_cannot_be_read_until_it_is_reactivated(
    glance: Run, tmp_path: Path
) -> None:
    (tmp_path / "data").write_bytes(DATA)
    image = made(glance, "imp-state", "--file", "data", "--visibility", "public")
    assert glance("image-deactivate", "imp-state").code == 0
    assert told(glance("image-show", image, "-f", "value", "-c", "status")) == ["deactivated"]
    assert glance("image-download", image, "--file", "out", cloud="sandbox-demo").code == 1
    assert glance("image-reactivate", image).code == 0
    assert glance("image-download", image, "--file", "out", cloud="sandbox-demo").code == 0
    assert (tmp_path / "out").read_bytes() == DATA


def test_any_tag_can_be_added_and_removed(glance: Run) -> None:
    image = made(glance, "imp-tags")
    for tag in ("plain", "two words", "grün", "a/b", "50%"):
        shown = glance("image-tag-update", "imp-tags", tag, "-f", "json")
        assert shown.code == 0, shown.err
        assert tag in shown.json[0]["tags"]
        assert glance("image-tag-delete", image, tag).code == 0
    assert glance("image-tag-delete", image, "plain").err.count("has no tag 'plain'") == 1
    assert told(glance("image-show", image, "-f", "value", "-c", "tags")) == ["[]"]
