"""image-create and image-update: what the flags become."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from responses import RequestsMock

from tests.support.cloud import IMAGE_URL
from tests.support.images import LIST, A, asked, image
from tests.support.programs import Glance, Result
from tests.support.rows import PROJECT


@pytest.fixture
def stored(cloud: RequestsMock) -> dict[str, Any]:
    """One image as a service keeps it: created by POST, given data by PUT, changed by PATCH."""
    kept: dict[str, Any] = {}

    def created(request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        kept.clear()
        kept.update(
            image(status="queued", size=None, name=None, disk_format=None, container_format=None)
        )
        kept.update(json.loads(request.body or b""))
        return 201, {}, json.dumps(kept)

    def sent(request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        body: Any = request.body
        data = b"".join(body) if not isinstance(body, bytes) else body
        kept.update(status="active", size=len(data), checksum=hashlib.md5(data).hexdigest())
        kept.update(os_hash_algo="sha512", os_hash_value=hashlib.sha512(data).hexdigest())
        return 204, {}, ""

    def changed(request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        kept.setdefault("id", A)
        for change in json.loads(request.body or b""):
            key = change["path"][1:]
            if change["op"] == "remove":
                kept.pop(key, None)
            else:
                kept[key] = change["value"]
        return 200, {}, json.dumps(kept)

    any_image = re.compile(f"{LIST}/[0-9a-f-]+$")
    cloud.assert_all_requests_are_fired = False
    cloud.add_callback("POST", LIST, created)
    cloud.add_callback("PUT", re.compile(f"{LIST}/[0-9a-f-]+/file$"), sent)
    cloud.add_callback("PATCH", any_image, changed)
    cloud.add_callback("GET", any_image, lambda request: (200, {}, json.dumps(kept)))
    return kept


def body(cloud: RequestsMock) -> dict[str, Any]:
    sent: dict[str, Any] = json.loads(cloud.calls[0].request.body or "")
    sent.pop("id")
    return sent


@pytest.mark.parametrize(
    ("words", "fields"),
    [
        (["myimage"], {"name": "myimage"}),
        (["--name", "a b ü 日本 [x]"], {"name": "a b ü 日本 [x]"}),
        (["--", "-dash"], {"name": "-dash"}),
        (
            ["--disk-format", "raw", "--container", "bare"],
            {"disk_format": "raw", "container_format": "bare"},
        ),
        (
            ["--owner", PROJECT, "--min-disk", "0", "--min-ram", "0"],
            {"owner": PROJECT, "min_disk": 0, "min_ram": 0},
        ),
        (["--is-public", "True"], {"visibility": "public"}),
        (["--is-public", "False"], {"visibility": "shared"}),
        (["--visibility", "private"], {"visibility": "private"}),
        (["--is-protected", "True"], {"protected": True}),
        (["--protected", "False", "--hidden", "true"], {"protected": False, "os_hidden": True}),
        (["--tag", "a", "myname"], {"tags": ["a"], "name": "myname"}),
        (["--os-version", "", "x"], {"os_version": "", "name": "x"}),
        (["--property", "a=b=c", "--property", "x y=z"], {"a": "b=c", "x y": "z"}),
        (["n", "--tag", "a", "--tags", "b", "a"], {"tags": ["a", "b"], "name": "n"}),
        (
            ["--architecture", "x86_64", "--os-distro", "debian", "--os-version", "12"],
            {"architecture": "x86_64", "os_distro": "debian", "os_version": "12"},
        ),
        (
            ["--instance-uuid", "i", "--kernel-id", "k", "--ramdisk-id", "r"],
            {"instance_uuid": "i", "kernel_id": "k", "ramdisk_id": "r"},
        ),
    ],
)
def test_each_flag_becomes_its_field(
    glance: Glance,
    cloud: RequestsMock,
    stored: dict[str, Any],
    words: list[str],
    fields: dict[str, Any],
) -> None:
    result = glance("-q", "image-create", *words)
    assert (result.code, result.err) == (0, "")
    assert body(cloud) == fields
    assert asked(cloud) == [("POST", "/v2/images")]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["a", "--name", "b"], "two different names were given"),
        (
            ["--is-public=maybe"],
            "Invalid value for '--is-public': 'maybe' is neither True nor False",
        ),
        (["--is-public", "no"], "--is-public no: write --is-public=no for the value; a name goes"),
        (
            ["--is-public", "True", "--visibility", "private"],
            "--is-public True and --visibility private contradict each other",
        ),
        (["--protected=None"], "Invalid value for '--protected'"),
        (["x", "--protected", "maybe"], "Got unexpected extra argument (maybe)"),
        (
            ["--property", "novalue"],
            "Invalid value for '--property': 'novalue' is not of the form KEY=VALUE",
        ),
        (["--property", "store=fast"], "'store' is not a property"),
        (["--property", "copy_from=http://h/"], "'copy_from' is not a property"),
        (["--property", "location=http://h/"], "'location' is not a property"),
        (
            ["--property", "visibility=public"],
            "'visibility' is an attribute of the image, not a property",
        ),
        (
            ["--name", "t", "--property", "name=yy"],
            "'name' is an attribute of the image, not a property",
        ),
        (["--property", "os_glance_x=1"], "'os_glance_x' is reserved for the Image service itself"),
        (
            ["--kernel-id", "a", "--property", "kernel_id=b"],
            "--kernel-id and --property kernel_id contradict each other",
        ),
        (
            ["--location", "http://h/x.img"],
            "missing --disk-format: the service does not detect the format of the data, and the "
            "URL does not end with one",
        ),
        (
            ["--min-disk", "1.5"],
            "Invalid value for '--min-disk': '1.5' is not a whole number of GiB",
        ),
        (
            ["--copy-from", "http://h/", "--location", "http://h/"],
            "--location and --copy-from cannot be used together",
        ),
        (
            ["--property", "hw_disk_bus=scsi", "--libvirt-type", "xen"],
            "hw_disk_bus=scsi is not supported",
        ),
    ],
)
def test_a_wrong_command_line_sends_nothing(
    glance: Glance, cloud: RequestsMock, words: list[str], said: str
) -> None:
    result = glance("image-create", *words)
    assert (result.code, result.out, len(cloud.calls)) == (2, "", 0)
    assert said in result.err


def test_a_name_that_tags_has_taken_is_a_note(
    glance: Glance, cloud: RequestsMock, stored: dict[str, Any]
) -> None:
    result = glance("image-create", "--tags", "a", "b", "myname")
    assert (result.code, body(cloud)) == (0, {"tags": ["a", "b", "myname"]})
    assert result.err == (
        "glance: the image has no name: --tags takes every word up to the next option; "
        "put the name before --tags\n"
    )


def test_a_value_that_no_hypervisor_supports_is_a_warning(
    glance: Glance, cloud: RequestsMock, stored: dict[str, Any]
) -> None:
    result = glance("image-create", "--property", "hw_vif_model=e999")
    assert result.code == 0
    assert result.err.startswith(
        "glance: warning: no hypervisor supports hw_vif_model=e999; supported: "
    )


def test_a_file_makes_an_active_image_with_its_bytes(
    glance: Glance, cloud: RequestsMock, stored: dict[str, Any], tmp_path: Path
) -> None:
    file = tmp_path / "disk.img"
    file.write_bytes(b"data" * 300_000)
    result = glance("image-create", "x", "--file", str(file), "-f", "json")
    assert result.code == 0
    assert (
        result.err
        == f"glance: {file}: detected raw data; using --disk-format raw --container-format bare\n"
    )
    assert (result.json["status"], result.json["size"]) == ("active", 1_200_000)
    assert [method for method, _ in asked(cloud)] == ["POST", "PUT", "GET"]
    put = cloud.calls[1].request.headers
    assert (put["Content-Length"], put["x-openstack-image-size"]) == ("1200000", "1200000")


def tells_its_versions(cloud: RequestsMock) -> None:
    """What is asked once before a pipe is read: its bytes would be gone if the server spoke v1 alone."""
    cloud.get(f"{IMAGE_URL}/", status=300, json={"versions": [{"id": "v2.17"}]})


@pytest.mark.parametrize("kind", ["pipe", "file"])
def test_stdin_that_is_a_pipe_or_a_file_is_data(
    glance: Glance, cloud: RequestsMock, stored: dict[str, Any], tmp_path: Path, kind: str
) -> None:
    (tmp_path / "d").write_bytes(b"bytes")
    given: Any = b"bytes" if kind == "pipe" else tmp_path / "d"
    if kind == "pipe":
        tells_its_versions(cloud)
    result = glance(
        "image-create", "x", "--disk", "raw", "--container", "bare", "-f", "json", stdin=given
    )
    assert (result.code, result.err) == (0, "")
    assert (result.json["status"], result.json["size"]) == ("active", 5)


NO_DATA_IN_PIPE = (
    "glance: error: standard input is empty. Has the program before the pipe failed? --allow-empty "
    "accepts empty data, and < /dev/null stands for no data.\n"
)


@pytest.mark.parametrize(
    "words",
    [
        ("image-create", "x"),
        ("image-create", "x", "--disk-format", "raw", "--container-format", "bare"),
        ("image-create", "x", "--file", "-"),
        ("image-create-via-import", "x"),
        ("image-upload", A),
        ("image-stage", A),
    ],
)
def test_an_empty_pipe_is_an_error_and_nothing_is_sent(
    glance: Glance, cloud: RequestsMock, words: tuple[str, ...]
) -> None:
    result = glance(*words, stdin=b"")
    assert (result.code, result.out, result.err) == (1, "", NO_DATA_IN_PIPE)
    assert len(cloud.calls) == 0


def test_an_empty_pipe_is_an_error_for_an_update_of_a_queued_image(
    glance: Glance, cloud: RequestsMock, stored: dict[str, Any]
) -> None:
    stored.update(image(status="queued", size=None))
    result = glance("image-update", A, "--name", "y", stdin=b"")
    assert (result.code, result.out, stored["name"]) == (1, "", "y")
    assert result.err == NO_DATA_IN_PIPE.replace(
        "is empty.", "is empty; the other changes have been made."
    )


def test_an_empty_pipe_is_accepted_with_allow_empty(
    glance: Glance, cloud: RequestsMock, stored: dict[str, Any]
) -> None:
    tells_its_versions(cloud)
    words = ("--disk-format", "raw", "--container-format", "bare", "--allow-empty", "-f", "json")
    result = glance("image-create", "x", *words, stdin=b"")
    assert (result.code, result.json["status"], result.json["size"]) == (0, "active", 0)


def test_no_stdin_is_no_data(glance: Glance, cloud: RequestsMock, stored: dict[str, Any]) -> None:
    result = glance("image-create", "x", "-f", "value", "-c", "status", stdin=None)
    assert (result.code, result.out, result.err) == (0, "queued\n", "")


def test_a_name_that_is_a_file_here_is_noted_with_the_command_that_sends_it(
    glance: Glance,
    cloud: RequestsMock,
    stored: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a disk.qcow2").write_bytes(b"data")
    result = glance("image-create", "a disk.qcow2", "-f", "value", "-c", "id")
    image_id = result.out.strip()
    assert result.code == 0
    assert result.err == (
        "glance: image a disk.qcow2 has no data: the file a disk.qcow2 was not sent, as there is "
        f"no --file. `glance image-upload {image_id} --file 'a disk.qcow2'` sends it\n"
    )


def test_an_image_without_data_is_noted_on_a_terminal(
    glance: Glance, cloud: RequestsMock, stored: dict[str, Any]
) -> None:
    master, slave = os.openpty()
    terminal = Path(os.ttyname(slave))
    result = glance("image-create", "x", "-f", "value", "-c", "id", stdin=terminal)
    quiet = glance("-q", "image-create", "x", "-f", "value", "-c", "status", stdin=terminal)
    os.close(master)
    os.close(slave)
    assert (result.code, result.err) == (
        0,
        f"glance: image x has no data yet: `glance image-upload {result.out.strip()} --file FILE` "
        "sends it\n",
    )
    assert (quiet.code, quiet.out, quiet.err) == (0, "queued\n", "")


@pytest.mark.parametrize("name", ["missing", "folder", "empty"])
def test_a_file_that_cannot_be_sent_is_refused_before_an_image_is_created(
    glance: Glance, cloud: RequestsMock, tmp_path: Path, name: str
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "empty").touch()
    result = glance("image-create", "x", "--file", str(tmp_path / name))
    assert (result.code, result.out, len(cloud.calls)) == (1, "", 0)
    assert str(tmp_path / name) in result.err
    assert result.err.count("\n") == 1


def test_a_wrong_column_does_not_make_a_created_image_look_like_a_failure(
    glance: Glance, cloud: RequestsMock, stored: dict[str, Any]
) -> None:
    result = glance("image-create", "x", "-c", "nme", "-c", "name", "-f", "value")
    assert (result.code, result.out) == (0, "None\nx\n")
    assert result.err == "glance: warning: no image has the column nme; did you mean name?\n"


def test_update_by_id_is_one_patch(
    glance: Glance, cloud: RequestsMock, stored: dict[str, Any]
) -> None:
    result = glance(
        "image-update",
        A,
        "--name",
        "n",
        "--property",
        "k=v",
        "--remove-property",
        "old",
        "-f",
        "json",
    )
    assert (result.code, result.err) == (0, "")
    assert asked(cloud) == [("PATCH", f"/v2/images/{A}")]
    assert json.loads(cloud.calls[0].request.body or "") == [
        {"op": "remove", "path": "/old"},
        {"op": "add", "path": "/name", "value": "n"},
        {"op": "add", "path": "/k", "value": "v"},
    ]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (
            ["--owner", PROJECT, "--property", "k=v"],
            0,
            f"glance: Identity shows you no project {PROJECT}; it is taken as the ID of one\n"
            f"glance: image {A} is changed; it now belongs to another project and is no longer visible to yours\n",
        ),
        (
            ["--name", "n"],
            1,
            f"glance: error: image {A}: it now belongs to another project and is no longer visible to yours (HTTP 403)\n",
        ),
    ],
)
def test_an_image_whose_owner_was_changed_is_not_shown(
    glance: Glance, cloud: RequestsMock, words: list[str], code: int, said: str
) -> None:
    cloud.patch(
        f"{LIST}/{A}", status=403, json={"message": f"Forbidding request, image {A} not visible"}
    )
    result = glance("image-update", A, *words)
    assert (result.code, result.out, result.err) == (code, "", said)


def test_the_owner_is_changed_last_while_the_image_is_still_ours(
    glance: Glance, cloud: RequestsMock, stored: dict[str, Any]
) -> None:
    assert glance("image-update", A, "--owner", PROJECT, "--property", "k=v").code == 0
    paths = [change["path"] for change in json.loads(cloud.calls[0].request.body or "")]
    assert paths == ["/k", "/owner"]


def test_the_guides_update_line_works_as_printed(
    glance: Glance, cloud: RequestsMock, stored: dict[str, Any]
) -> None:
    name = "f16-x86_64-openstack-sda"
    cloud.get(LIST, json={"images": [image(name=name)]})
    words = ["hw_disk_bus=scsi", "hw_cdrom_bus=ide", "hw_vif_model=e1000"]
    result = glance("image-update", *(w for word in words for w in ("--property", word)), name)
    assert (result.code, result.err) == (0, "")
    assert stored == {
        "id": A,
        "hw_disk_bus": "scsi",
        "hw_cdrom_bus": "ide",
        "hw_vif_model": "e1000",
    }


def test_purge_removes_properties_that_are_not_given_except_the_services_own(
    glance: Glance, cloud: RequestsMock, stored: dict[str, Any]
) -> None:
    stored.update(image(keep="1", old="2", os_glance_failed_import="", os_hash_algo="sha512"))
    assert glance("image-update", A, "--purge-props", "--property", "keep=3").code == 0
    assert json.loads(cloud.calls[1].request.body or "") == [
        {"op": "remove", "path": "/old"},
        {"op": "add", "path": "/keep", "value": "3"},
    ]


def test_update_has_no_option_to_keep_a_new_image(glance: Glance, cloud: RequestsMock) -> None:
    result = glance("image-update", A, "--name", "n", "--keep")
    assert (result.code, len(cloud.calls)) == (2, 0)
    assert result.err.startswith("glance: error: unrecognized arguments: --keep")


@pytest.mark.parametrize("words", [[], ["--human-readable"]])
def test_an_update_of_nothing_shows_the_image_and_notes_that_it_is_as_before(
    glance: Glance, cloud: RequestsMock, stored: dict[str, Any], words: list[str]
) -> None:
    stored.update(image())
    result = glance("image-update", A, *words)
    assert (result.code, asked(cloud)) == (0, [("GET", f"/v2/images/{A}")])
    assert result.err == f"glance: nothing to change: image {A} is as before\n"
    assert result.out == glance("image-show", A, *words).out


def test_a_property_to_set_and_remove_is_a_usage_error(glance: Glance, cloud: RequestsMock) -> None:
    result = glance("image-update", A, "--property", "k=v", "--remove-property", "k")
    assert (result.code, len(cloud.calls)) == (2, 0)


def test_data_for_an_active_image_is_refused_before_anything_is_sent(
    glance: Glance, cloud: RequestsMock, stored: dict[str, Any], tmp_path: Path
) -> None:
    stored.update(image())
    file = tmp_path / "d"
    file.write_bytes(b"new data")
    result = glance("image-update", A, "--file", str(file), "--name", "changed")
    assert (result.code, result.out) == (1, "")
    assert result.err == (
        f"glance: error: image {A} is active: the data of an image cannot be changed once it is uploaded. "
        "Create a new image from the data, then delete or hide this one.\n"
    )
    assert [method for method, _ in asked(cloud)] == ["GET"]


def test_a_queued_image_gets_its_data_and_formats(
    glance: Glance, cloud: RequestsMock, stored: dict[str, Any], tmp_path: Path
) -> None:
    stored.update(image(status="queued", size=None, disk_format=None, container_format=None))
    file = tmp_path / "d"
    file.write_bytes(b"data")
    result = glance("image-update", A, "--file", str(file), "-f", "json")
    assert result.code == 0
    assert (stored["disk_format"], stored["status"], stored["size"]) == ("raw", "active", 4)


@pytest.fixture
def program_reading(
    program: Callable[..., Result],
) -> Iterator[Callable[..., tuple[Result, bytes]]]:
    """Run glance on a pipe; what it gave, and what it has left in the pipe."""
    reader, writer = os.pipe()
    os.write(writer, b"first\nsecond\n")
    os.close(writer)

    def call(*words: str) -> tuple[Result, bytes]:
        result = program("glance", *words, stdin=Path(f"/dev/fd/{reader}"))
        return result, os.read(reader, 100)

    yield call
    os.close(reader)


@pytest.mark.parametrize(
    "words", [["--name", "n"], ["--remove-property", "k"], ["--purge-props"], []]
)
def test_an_update_of_an_image_with_data_never_reads_stdin(
    program_reading: Callable[..., tuple[Result, bytes]],
    cloud: RequestsMock,
    stored: dict[str, Any],
    words: list[str],
) -> None:
    stored.update(image(k="v"))
    result, left = program_reading("image-update", A, *words)
    assert (result.code, left) == (0 if words else 1, b"first\nsecond\n")
    assert words or "the data of an image cannot be changed once it is uploaded" in result.err


@pytest.mark.parametrize("kind", ["pipe", "file"])
@pytest.mark.parametrize(
    "words", [["--disk", "raw", "--container", "bare"], ["--property", "k=v"], []]
)
def test_a_queued_image_gets_its_data_from_stdin_after_its_attributes(
    glance: Glance,
    cloud: RequestsMock,
    stored: dict[str, Any],
    tmp_path: Path,
    words: list[str],
    kind: str,
) -> None:
    tells_its_versions(cloud)
    stored.update(image(status="queued", size=None, disk_format=None, container_format=None))
    (tmp_path / "d").write_bytes(b"bytes")
    result = glance("image-update", A, *words, stdin=tmp_path / "d" if kind == "file" else b"bytes")
    assert result.code == 0, result.err
    assert (stored["status"], stored["size"], stored["disk_format"]) == ("active", 5, "raw")
    assert stored["os_hash_value"] == hashlib.sha512(b"bytes").hexdigest()
    assert stored.get("k") == ("v" if "k=v" in words else None)


def test_the_status_of_an_image_comes_from_the_response_to_the_update(
    glance: Glance, cloud: RequestsMock, stored: dict[str, Any], tmp_path: Path
) -> None:
    stored.update(image(status="queued", size=None))
    (tmp_path / "d").write_bytes(b"bytes")
    assert glance("image-update", A, "--disk-format", "raw", stdin=tmp_path / "d").code == 0
    assert [method for method, _ in asked(cloud)] == ["PATCH", "PUT", "GET"]


def test_a_queued_image_without_data_on_stdin_gets_its_attributes(
    glance: Glance, cloud: RequestsMock, stored: dict[str, Any]
) -> None:
    stored.update(image(status="queued", size=None))
    result = glance("image-update", A, "--name", "n", stdin=None)
    assert result.code == 0, result.err
    assert (stored["status"], stored["name"]) == ("queued", "n")


def test_data_on_stdin_is_compared_with_size_and_checksum(
    glance: Glance, cloud: RequestsMock, stored: dict[str, Any], tmp_path: Path
) -> None:
    stored.update(image(status="queued", size=None, disk_format="raw"))
    (tmp_path / "d").write_bytes(b"bytes")
    result = glance("image-update", A, "--name", "n", "--size", "6", stdin=tmp_path / "d")
    assert result.code == 1
    assert "standard input has 5 bytes, not 6 as --size says" in result.err
    assert stored["status"] == "queued"
    assert glance("image-update", A, "--name", "n", "--size", "5", stdin=tmp_path / "d").code == 0
    assert (stored["status"], stored["name"]) == ("active", "n")


def test_an_error_of_an_upload_says_that_the_changes_have_been_made(
    glance: Glance, cloud: RequestsMock, stored: dict[str, Any], tmp_path: Path
) -> None:
    stored.update(image(status="queued", size=None))
    (tmp_path / "d").write_bytes(b"bytes")
    result = glance("image-update", A, "--disk-format", "qcow2", stdin=tmp_path / "d")
    assert (result.code, stored["disk_format"], stored["status"]) == (1, "qcow2", "queued")
    assert "; the other changes have been made" in result.err


@pytest.mark.parametrize("words", [[], ["--copy-from", "http://h/x"]])
def test_a_store_from_a_variable_is_for_data_only(
    glance: Glance,
    cloud: RequestsMock,
    stored: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
) -> None:
    monkeypatch.setenv("OS_IMAGE_STORE", "fast")
    cloud.get(f"{IMAGE_URL}/v2/info/import", json={"import-methods": {"value": ["web-download"]}})
    cloud.post(re.compile(f"{LIST}/[0-9a-f-]+/import$"), status=202)
    result = glance("image-create", *words, "--disk", "raw", "--container", "bare")
    assert result.code == 0, result.err
    imports = [
        json.loads(c.request.body)
        for c in cloud.calls
        if c.request.method == "POST" and str(c.request.url).endswith("/import")
    ]
    assert [i.get("stores") for i in imports] == ([["fast"]] if words else [])
    assert ("the service is still copying the data of image" in result.err) == bool(words)


def test_a_lost_response_to_the_creation_is_resolved_by_looking_for_the_image(
    glance: Callable[..., Result], cloud: RequestsMock
) -> None:
    made: dict[str, Any] = {}

    def lost(request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        made.update(image(status="queued"), **json.loads(request.body or b""))
        return 500, {}, "broken"

    cloud.add_callback("POST", LIST, lost)
    cloud.add_callback(
        "GET", re.compile(f"{LIST}/[0-9a-f-]+$"), lambda request: (200, {}, json.dumps(made))
    )
    result = glance("image-create", "x", "-f", "value", "-c", "name")
    assert (result.code, result.out) == (0, "x\n")
