"""image-download, image-upload, image-stage and image-copy, as programs, against a service on loopback."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults.actions import flipped_down, late, status
from tests.faults.proxy import FaultProxy, Strike
from tests.support.fakeglance import TOKEN, FakeGlance
from tests.support.programs import Glance
from tests.support.transferring import noise

ID = "11111111-2222-4333-8444-555555555555"
DATA = noise(200_000)
PROGRAM = Path(sys.executable).parent / "glance"


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeGlance]:
    made = FakeGlance()
    monkeypatch.setenv("OS_IMAGE_URL", made.url)
    monkeypatch.setenv("OS_AUTH_TOKEN", TOKEN)
    yield made
    made.close()


@pytest.fixture
def image(service: FakeGlance) -> dict[str, Any]:
    return service.add(ID, DATA, name="cirros", disk_format="raw", container_format="bare")


@pytest.fixture
def queued(service: FakeGlance) -> dict[str, Any]:
    return service.add(ID, name="cirros", disk_format="raw", container_format="bare")


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    (tmp_path / "disk.raw").write_bytes(DATA)
    return tmp_path / "disk.raw"


def test_download_writes_a_file_and_nothing_else(
    glance: Glance, image: dict[str, Any], tmp_path: Path
) -> None:
    result = glance("image-download", "cirros", "--file", str(tmp_path / "out"))
    assert (result.code, result.out, result.err) == (0, "", "")
    assert (tmp_path / "out").read_bytes() == DATA


def test_download_v_says_what_was_checked(
    glance: Glance, image: dict[str, Any], tmp_path: Path
) -> None:
    result = glance("-v", "image-download", ID, "--file", f"{tmp_path}/")
    assert result.err == (
        f"glance: 200000 bytes of image {ID} written to {tmp_path}/cirros.raw, verified by its sha512\n"
    )


@pytest.mark.parametrize("end", ["pipe", "file"])
def test_download_without_a_file_goes_to_stdout(
    image: dict[str, Any], tmp_path: Path, end: str
) -> None:
    with (tmp_path / "out").open("wb") as out:
        done = subprocess.run(
            [PROGRAM, "image-download", ID],
            stdout=subprocess.PIPE if end == "pipe" else out,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert (done.returncode, done.stderr) == (0, b"")
    assert (done.stdout if end == "pipe" else (tmp_path / "out").read_bytes()) == DATA


def test_download_does_not_write_to_a_terminal(image: dict[str, Any]) -> None:
    import pty

    main, terminal = pty.openpty()
    with os.fdopen(main, "rb"), os.fdopen(terminal, "wb") as screen:
        done = subprocess.run(
            [PROGRAM, "image-download", ID],
            stdout=screen,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 2
    assert (
        "image data is not written to a terminal. Give --file FILE, or redirect the output."
        in done.stderr
    )


def test_a_download_into_a_file_needs_no_standard_output(
    image: dict[str, Any], service: FakeGlance, tmp_path: Path
) -> None:
    service.store(image, b"data")
    target = tmp_path / "x.img"
    command = f"{PROGRAM} image-download {ID} --file {target} >&-"
    done = subprocess.run(command, shell=True, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr, target.read_bytes()) == (0, "", b"data")


@pytest.mark.parametrize("size", [11, 5_000_000])
def test_download_into_a_reader_that_closes_the_pipe_is_an_error(
    image: dict[str, Any], service: FakeGlance, size: int
) -> None:
    service.store(image, noise(size))
    done = subprocess.run(
        f"{PROGRAM} image-download {ID} | head -c 10 | wc -c; echo ${{PIPESTATUS[0]}}",
        shell=True,
        executable="/bin/bash",
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout.split(), done.stderr) == (
        ["10", "1"],
        f"glance: error: image {ID}: the reader of the output went away before it had all data\n",
    )


def test_a_hyphen_as_file_is_standard_input_and_output(
    glance: Glance, service: FakeGlance, image: dict[str, Any], tmp_path: Path
) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    read = subprocess.run(
        [PROGRAM, "image-download", ID, "--file", "-"], cwd=folder, capture_output=True, check=True
    )
    assert read.stdout == DATA
    assert list(folder.iterdir()) == []
    made = glance("image-create", "copy", "--file", "-", "-f", "value", "-c", "id", stdin=DATA)
    assert made.code == 0, made.err
    assert glance("image-show", made.out.strip(), "-f", "value", "-c", "size").out == "200000\n"


def test_download_into_a_reader_that_takes_all_is_done(
    image: dict[str, Any], service: FakeGlance
) -> None:
    service.store(image, noise(10))
    line = f"{PROGRAM} image-download {ID} | (head -c 10; exit 0) | wc -c; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        ["bash", "-c", line], capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.stdout.split(), done.stderr) == (["10", "0"], "")


def test_download_to_a_full_disk_on_stdout_is_an_error(
    service: FakeGlance, image: dict[str, Any]
) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [PROGRAM, "image-download", ID],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert (done.returncode, service.requests("GET", "/file")) == (1, [])
    assert done.stderr == (
        "glance: error: cannot write to standard output: no space left on device\n"
    )


def test_damaged_data_on_stdout_fails_with_a_line(
    service: FakeGlance, image: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = FaultProxy(("127.0.0.1", service.server_port))
    proxy.set(Strike("GET", "/file", flipped_down(7)))
    monkeypatch.setenv("OS_IMAGE_URL", proxy.url)
    done = subprocess.run([PROGRAM, "image-download", ID], capture_output=True, check=False)
    proxy.close()
    said = done.stderr.decode()
    assert done.returncode == 1
    assert said.startswith(f"glance: error: image {ID} should have the sha512 ")
    assert said.endswith("; what was written to the output is damaged. Do not use it.\n")


def test_an_expected_hash_decides(glance: Glance, image: dict[str, Any], tmp_path: Path) -> None:
    digest = hashlib.sha256(DATA).hexdigest()
    words = ("image-download", ID, "--file", str(tmp_path / "out"), "--expect-hash")
    assert glance(*words, f"sha256:{digest}").code == 0
    (tmp_path / "out").unlink()
    result = glance(*words, f"sha256:{digest[::-1]}")
    assert result.code == 1
    assert f"should have the sha256 {digest[::-1]}, but the data has {digest}" in result.err
    assert not (tmp_path / "out").exists()
    assert glance(*words, "sha256:12").code == 2


def test_a_download_that_cannot_be_verified_is_reported(
    glance: Glance, image: dict[str, Any], tmp_path: Path
) -> None:
    image |= {"os_hash_algo": None, "os_hash_value": None, "checksum": None}
    result = glance("image-download", ID, "--file", str(tmp_path / "out"))
    assert (result.code, result.err) == (
        0,
        f"glance: warning: image {ID} was not verified: the service provides no hash\n",
    )


@pytest.mark.parametrize("way", ["--file", "file", "pipe"])
def test_upload_sends_data_for_a_queued_image(
    glance: Glance, service: FakeGlance, queued: dict[str, Any], disk: Path, way: str
) -> None:
    if way == "--file":
        result = glance("image-upload", "cirros", "--file", str(disk))
        data = DATA
    elif way == "file":
        result, data = glance("image-upload", "cirros", stdin=disk), DATA
    else:
        result, data = glance("image-upload", "cirros", stdin=DATA[:60_000]), DATA[:60_000]
    assert (result.code, result.out, result.err) == (0, "", "")
    assert service.data[ID] == data


def test_upload_without_data_is_a_usage_error_and_asks_nothing(
    glance: Glance, service: FakeGlance, queued: dict[str, Any]
) -> None:
    result = glance("image-upload", ID)
    assert result.code == 2
    assert "no data was given. Give --file FILE, or send the data to standard input." in result.err
    assert service.seen == []


def test_upload_to_an_image_that_has_data_sends_none(
    glance: Glance, service: FakeGlance, image: dict[str, Any], disk: Path
) -> None:
    result = glance("image-upload", ID, "--file", str(disk))
    assert (result.code, result.out) == (1, "")
    assert f"image {ID} is active" in result.err
    assert service.requests("PUT") == []


def test_upload_of_another_size_or_checksum_sends_nothing(
    glance: Glance, service: FakeGlance, queued: dict[str, Any], disk: Path
) -> None:
    result = glance("image-upload", ID, "--file", str(disk), "--size", "7")
    assert (result.code, result.err) == (
        1,
        f"glance: error: {disk} has 200000 bytes, not 7 as --size says\n",
    )
    result = glance("image-upload", ID, "--file", str(disk), "--checksum", "0" * 32)
    assert result.code == 1
    assert f"{disk} has the md5 " in result.err
    assert service.requests("PUT") == []


def test_a_store_is_sent_to_the_service(
    glance: Glance, service: FakeGlance, queued: dict[str, Any], disk: Path
) -> None:
    assert glance("image-upload", ID, "--file", str(disk), "--store", "slow").code == 0
    assert service.requests("PUT")[0]["x-image-meta-store"] == "slow"


def test_stores_to_read_from_are_sent_to_the_service(
    glance: Glance, service: FakeGlance, image: dict[str, Any], tmp_path: Path
) -> None:
    assert (
        glance("image-download", ID, "--file", str(tmp_path / "o"), "--prefer", "slow,fast").code
        == 0
    )
    assert service.queries[-1] == "prefer=slow%2Cfast"


def test_stage_uploads_data_to_the_staging_area(
    glance: Glance, service: FakeGlance, queued: dict[str, Any], disk: Path
) -> None:
    result = glance("image-stage", ID, "--file", str(disk))
    assert (result.code, result.out, result.err) == (0, "", "")
    assert service.staged[ID] == DATA
    again = glance("image-stage", ID, "--file", str(disk))
    assert (again.code, again.out) == (1, "")
    assert again.err == (
        f"glance: error: image {ID} is uploading: it already has staged data. `glance image-import {ID}` imports it.\n"
    )


def test_stage_inspects_the_data_that_it_sends(
    glance: Glance, service: FakeGlance, queued: dict[str, Any], disk: Path
) -> None:
    queued["disk_format"] = "qcow2"
    result = glance("image-stage", ID, "--file", str(disk))
    assert (result.code, result.out) == (1, "")
    assert result.err.startswith(
        f"glance: error: disk format qcow2 does not match the content of {disk}: raw"
    )
    assert service.staged == {}


PAGES = {
    "HTML or XML page": b"<!DOCTYPE html>\n<html><title>404 Not Found</title></html>\n",
    "JSON document": b'{"message": "Not Found"}',
    "text": b"404: Not Found",
}


@pytest.mark.parametrize("by_stdin", [False, True], ids=["file", "pipe"])
@pytest.mark.parametrize(
    "words",
    [
        ("image-create", "--name", "x", "--disk-format", "raw", "--container-format", "bare"),
        ("image-create", "--name", "x", "--disk-format", "aki", "--container-format", "aki"),
        ("image-create-via-import", "--disk-format", "raw", "--container-format", "bare"),
        ("image-upload", ID),
        ("image-stage", ID),
    ],
    ids=["create", "kernel", "via-import", "upload", "stage"],
)
@pytest.mark.parametrize("kind", PAGES)
def test_a_web_page_or_a_text_is_never_sent_as_image_data(
    glance: Glance,
    service: FakeGlance,
    queued: dict[str, Any],
    tmp_path: Path,
    kind: str,
    words: tuple[str, ...],
    by_stdin: bool,
) -> None:
    page = tmp_path / "debian-12.qcow2"
    page.write_bytes(PAGES[kind])
    if by_stdin:
        result, name, look = glance(*words, stdin=PAGES[kind]), "standard input", ""
    else:
        result, name = glance(*words, "--file", str(page)), str(page)
        look = f" (`head {name}`)"
    disk_format = "aki" if "aki" in words else "raw"
    assert (result.code, result.out) == (1, "")
    assert result.err == (
        f"glance: error: disk format {disk_format} does not match the content of {name}: {kind}. "
        f"Look at its first lines{look}: it may be an error page that was downloaded in place of the image "
        "(or use --force to upload it as it is)\n"
    )
    assert (service.staged, list(service.images)) == ({}, [ID])
    assert queued["status"] == "queued"


def test_an_image_that_is_getting_data_accepts_no_other_data(
    glance: Glance, service: FakeGlance, queued: dict[str, Any], disk: Path
) -> None:
    queued["status"] = "saving"
    result = glance("image-upload", ID, "--file", str(disk))
    assert (result.code, result.out) == (1, "")
    assert result.err == (
        f"glance: error: image {ID} is saving: its data is already on the way. "
        f"`glance image-show {ID}` shows its state.\n"
    )
    assert service.requests("PUT") == []


def test_progress_is_shown_on_stderr_when_asked_for(
    glance: Glance, queued: dict[str, Any], disk: Path, tmp_path: Path
) -> None:
    digest = hashlib.md5(DATA).hexdigest()
    up = glance("image-upload", ID, "--file", str(disk), "--progress", "--checksum", digest)
    down = glance("image-download", ID, "--file", str(tmp_path / "o"), "--progress")
    assert (up.out, down.out) == ("", "")
    assert "checking" in up.err
    assert "uploading" in up.err
    assert "verifying" in up.err
    assert "downloading" in down.err


def test_a_failed_create_deletes_the_image_and_says_so(
    glance: Glance, service: FakeGlance, disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = FaultProxy(("127.0.0.1", service.server_port))
    proxy.set(Strike("PUT", "/file", late(413)))
    monkeypatch.setenv("OS_IMAGE_URL", proxy.url)
    words = ("image-create", "--name", "x", "--file", str(disk), "--disk-format", "raw")
    result = glance(*words, "--container-format", "bare")
    assert (result.code, result.out) == (1, "")
    assert " was deleted (HTTP 413). Ask for a larger quota or limit" in result.err
    assert ": no; it was deleted (HTTP 413)" in result.err
    assert service.images == {}
    proxy.set(Strike("PUT", "/file", late(413)))
    result = glance(*words, "--container-format", "bare", "--keep")
    proxy.close()
    (left,) = service.images
    assert (
        f"image {left}: no; it is kept (HTTP 413). "
        f"`glance image-upload {left} --file FILE` uploads its data;" in result.err
    )


def test_copy_copies_an_image_to_another_cloud(
    glance: Glance,
    service: FakeGlance,
    image: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    other = FakeGlance()
    image |= {"os_distro": "cirros", "tags": ["small"]}
    (tmp_path / "clouds.yaml").write_text(
        f"clouds:\n  there:\n    auth_type: admin_token\n    auth:\n      endpoint: {other.url}\n"
        f"      token: {TOKEN}\n    image_endpoint_override: {other.url}\n"
    )
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(tmp_path / "clouds.yaml"))
    result = glance(
        "image-copy", "cirros", "--to-os-cloud", "there", "--name", "copied", "-f", "json"
    )
    other.close()
    assert result.code == 0, result.err
    (made,) = other.images.values()
    assert (result.json["id"], result.json["name"], result.json["status"]) == (
        made["id"],
        "copied",
        "active",
    )
    assert (made["os_distro"], made["tags"], other.data[made["id"]]) == ("cirros", ["small"], DATA)
    assert list(service.images) == [ID]


def test_a_copy_that_fails_hints_at_the_cloud_of_the_image_that_is_meant(
    glance: Glance,
    service: FakeGlance,
    image: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    other = FakeGlance()
    here = FaultProxy(("127.0.0.1", service.server_port))
    there = FaultProxy(("127.0.0.1", other.server_port))
    (tmp_path / "clouds.yaml").write_text(
        f"clouds:\n  there:\n    auth_type: admin_token\n    auth:\n      endpoint: {there.url}\n"
        f"      token: {TOKEN}\n    image_endpoint_override: {there.url}\n"
    )
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(tmp_path / "clouds.yaml"))
    monkeypatch.setenv("OS_IMAGE_URL", here.url)
    words = ("image-copy", "cirros", "--to-os-cloud", "there", "--retries", "0")
    here.set(Strike("GET", "/file", status(409)))
    result = glance(*words)
    assert f"`glance image-show {ID}` shows its status" in result.err
    assert other.images == {}
    here.set()
    there.set(Strike("PUT", "/file", late(413)))
    result = glance(*words, "--keep")
    (kept,) = other.images
    assert (
        f"`glance --os-cloud there image-upload {kept} --file FILE` uploads its data" in result.err
    )
    for each in (here, there, other):
        each.close()


@pytest.mark.parametrize(
    "words",
    [
        ("image-download", ID, "--expect-hash"),
        ("image-upload", ID, "--checksum"),
        ("image-stage", ID, "--checksum"),
        ("image-create", "--checksum"),
        ("image-update", ID, "--checksum"),
        ("image-create-via-import", "--checksum"),
    ],
)
def test_what_is_not_a_checksum_is_a_usage_error_before_anything_is_sent(
    glance: Glance, service: FakeGlance, disk: Path, words: tuple[str, ...]
) -> None:
    result = glance(*words, "md5:abc", "--file", str(disk))
    assert result.code == 2
    assert "'md5:abc' is not a checksum: md5 has 32 hex digits, not 3" in result.err
    assert service.seen == []


def test_copy_without_a_target_is_a_usage_error(glance: Glance, image: dict[str, Any]) -> None:
    result = glance("image-copy", "cirros")
    assert result.code == 2
    assert "no target was given. Give --to-os-cloud CLOUD or --to-region REGION." in result.err


# A closed or full stdout ----------------------------------------------------------------------------


def into(stdout: str, *words: str) -> tuple[int, str]:
    """Exit code and stderr of a run whose stdout the shell redirects so."""
    line = f'"$0" "$@" </dev/null {stdout}'
    done = subprocess.run(
        ["sh", "-c", line, str(PROGRAM), *words], capture_output=True, text=True, check=False
    )
    return done.returncode, done.stderr


CHANGES = [
    ("image-create", "x"),
    ("image-create-via-import", "x"),
    ("image-update", ID, "--name", "y"),
    ("image-import", ID),
    ("image-copy", ID, "--to-region", "two"),
    ("location-add", ID, "--url", "http://example.com/x"),
    ("location-update", ID, "--url", "http://example.com/x", "--metadata", "{}"),
    ("member-create", ID, "p"),
    ("member-update", ID, "p", "accepted"),
    ("image-tag-update", ID, "t"),
    ("image-delete", ID, "--dry-run"),
]


@pytest.mark.parametrize(
    ("stdout", "said"),
    [
        (">&-", "standard output is closed"),
        ("1</dev/null", "standard output is closed"),
        (">/dev/full", "cannot write to standard output: no space left on device"),
    ],
)
def test_nothing_is_made_when_the_result_cannot_be_printed(
    service: FakeGlance, queued: dict[str, Any], stdout: str, said: str
) -> None:
    for words in CHANGES:
        assert into(stdout, *words) == (1, f"glance: error: {said}\n"), words
    assert service.seen == []


def test_a_command_that_prints_nothing_needs_no_stdout(
    service: FakeGlance, queued: dict[str, Any]
) -> None:
    assert into(">&-", "image-delete", ID) == (0, "")
    assert service.images == {}


def test_a_disk_that_is_full_at_the_end_names_the_image_that_was_made(
    service: FakeGlance, tmp_path: Path
) -> None:
    line = f'ulimit -f 0; exec {PROGRAM} image-create x </dev/null >>"{tmp_path}/out"'
    done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=False)
    (made,) = service.images
    assert (done.returncode, done.stderr) == (
        1,
        "glance: error: cannot write to standard output: file too large; "
        f"image {made} has been made or changed\n",
    )
