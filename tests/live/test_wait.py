"""image-wait on a real Glance: images that get there, that cannot, and that no default list has."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.programs import Result
from tests.support.sandbox import Run, Sandbox, environment
from tests.support.waiting import wait_until

PROGRAM = Path(sys.executable).parent / "glance"
NEW = ("--disk-format", "raw", "--container-format", "bare", "-f", "value", "-c", "id")
DEMO = "sandbox-demo"

Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start(sandbox: Sandbox, tmp_path: Path, glance: Run) -> Start:
    """Starts `glance --debug image-wait` as admin, and returns it once it has looked."""

    def begin(*words: str) -> subprocess.Popen[str]:
        log = tmp_path / "log"
        variables = {**environment(tmp_path / "home", sandbox.data), "OS_CLOUD": "sandbox"}
        command = [PROGRAM, "--debug", "image-wait", *words, "--timeout", "60"]
        with log.open("w") as stderr:
            process = subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=stderr, env=variables, text=True
            )
        wait_until(lambda: "/v2/images?id=in" in log.read_text())
        return process

    return begin


def create(glance: Run, name: str, *words: str, cloud: str = "sandbox") -> str:
    done = glance("image-create", name, *words, *NEW, cloud=cloud)
    assert done.code == 0, done.err
    return done.out.strip()


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    out, _ = process.communicate(timeout=60)
    return process.returncode, out


def test_images_of_all_lists_are_waited_for_until_they_are_active(
    glance: Run, start: Start
) -> None:
    ids = [
        create(glance, "plain"),
        create(glance, "hidden", "--hidden", "True"),
        create(glance, "theirs", "--visibility", "community", cloud=DEMO),
    ]
    waiting = start("plain", ids[1], ids[2], "-f", "value", "-c", "name,status")
    for image_id, cloud in zip(ids, ("sandbox", "sandbox", DEMO), strict=True):
        sent = glance("image-upload", image_id, stdin=b"data", cloud=cloud)
        assert sent.code == 0, sent.err
    assert ended(waiting) == (0, "plain active\nhidden active\ntheirs active\n")


def test_an_image_that_is_deleted_ends_the_wait_for_active_and_the_one_for_deleted(
    glance: Run, start: Start
) -> None:
    image_id = create(glance, "short")
    for_active = start("short")
    for_deleted = start(image_id, "--for", "deleted")
    assert glance("image-delete", "short").code == 0
    assert ended(for_active) == (1, "")
    assert ended(for_deleted) == (0, "")
    assert glance("image-wait", image_id, "--for", "deleted").code == 0


def test_an_image_that_is_shared_with_us_and_not_accepted_is_not_deleted(glance: Run) -> None:
    image_id = create(glance, "offered")
    assert glance("member-create", image_id, "demo").code == 0
    words = ("image-wait", image_id, "--timeout", "0", "--for")
    assert glance(*words, "queued", cloud=DEMO).code == 0
    gone = glance(*words, "deleted", cloud=DEMO)
    assert (gone.code, gone.err.partition(".")[0]) == (
        1,
        f"glance: error: image {image_id} is still queued after 0 seconds",
    )


def test_a_failed_import_ends_the_wait_with_the_reason(glance: Run) -> None:
    image_id = create(glance, "unreachable")
    method = ("--import-method", "web-download", "--uri", "http://127.0.0.1:1/x")
    assert glance("image-import", image_id, *method).code == 0
    failed: Result = glance("image-wait", image_id)
    assert (failed.code, failed.out) == (1, "")
    assert failed.err.startswith(f"glance: error: image {image_id}: the service could not get")
    assert glance("image-wait", image_id, "--for", "any-end").code == 0


def test_a_hundred_images_are_looked_at_in_two_looks(glance: Run, sandbox: Sandbox) -> None:
    ids = []
    for number in range(100):
        _, made = sandbox.ask("POST", "/v2/images", {"name": f"many-{number}"})
        ids.append(made["id"])
    done = glance("--debug", "image-wait", *ids, "--for", "queued")
    assert done.code == 0, done.err
    assert done.err.count("> GET") == done.err.count("/v2/images?id=in") == 2
