"""Errors for programs: one JSON object on stderr for each, with a code that scripts can rely on."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from responses import RequestsMock

from glancecli.cli.endings import ending_for
from glancecli.cli.reporter import Reporter, output_format
from glancecli.errors import Code, Fate, GlanceError, Hint, Subject
from tests.support.cloudplace import write
from tests.support.images import LIST, A, B, image
from tests.support.pages import ROOT
from tests.support.programs import Glance

FIELDS = [
    "error", "code", "message", "hint", "status", "request_id", "image", "fate", "candidates",
    "exit_code",
]  # fmt: skip


def objects(text: str) -> list[dict[str, Any]]:
    """The JSON objects on stderr; whatever else is there fails the test."""
    return [json.loads(line) for line in text.splitlines()]


def test_an_error_has_the_fields_that_the_documentation_names(
    glance: Glance, cloud: RequestsMock
) -> None:
    cloud.get(
        f"{LIST}/{A}",
        status=403,
        json={"message": "no"},
        headers={"X-Openstack-Request-Id": "req-1"},
    )
    result = glance("image-show", A, "-f", "json")
    assert (result.code, result.out) == (1, "")
    assert objects(result.err) == [
        {
            "error": f"image {A}: no (HTTP 403, request req-1). A cloud administrator can allow it.",
            "code": "forbidden",
            "message": f"image {A}: no",
            "hint": "A cloud administrator can allow it.",
            "status": 403,
            "request_id": "req-1",
            "image": A,
            "fate": None,
            "candidates": [],
            "exit_code": 1,
        }
    ]


def test_the_error_is_the_line_that_people_get(glance: Glance, cloud: RequestsMock) -> None:
    cloud.get(LIST, json={"images": []})
    text = glance("image-show", "nothing").err
    (found,) = objects(glance("image-show", "nothing", "-f", "json").err)
    assert f"glance: error: {found['error']}\n" == text
    assert (found["code"], found["image"]) == ("not_found", "nothing")


@pytest.mark.parametrize(
    ("status", "message", "code"),
    [
        (400, "wrong", "invalid"),
        (403, "Quota exceeded for resources: image_count_total", "quota"),
        (404, "none", "not_found"),
        (409, "in use", "conflict"),
        (413, "too large", "quota"),
        (501, "no", "unsupported"),
    ],
)
def test_a_refusal_has_the_code_of_what_the_service_means(
    glance: Glance,
    cloud: RequestsMock,
    monkeypatch: pytest.MonkeyPatch,
    status: int,
    message: str,
    code: str,
) -> None:
    cloud.add("POST", f"{LIST}/{A}/actions/deactivate", status=status, json={"message": message})
    monkeypatch.setenv("GLANCECLI_ERRORS", "json")
    (found,) = objects(glance("image-deactivate", A).err)
    assert (found["code"], found["image"]) == (code, A)


def test_a_name_that_several_images_have_lists_them(glance: Glance, cloud: RequestsMock) -> None:
    cloud.get(LIST, json={"images": [image(A), image(B)]})
    (found,) = objects(glance("image-show", "cirros", "-f", "json").err)
    assert found["code"] == "ambiguous"
    assert [line.split()[0] for line in found["candidates"]] == [A, B]


def test_of_many_images_each_that_failed_has_an_object(glance: Glance, cloud: RequestsMock) -> None:
    cloud.delete(f"{LIST}/{A}", status=204)
    cloud.delete(f"{LIST}/{B}", status=409, json={"message": "in use"})
    cloud.get(LIST, json={"images": []})
    result = glance("image-delete", A, B, "nothing", "-f", "json")
    assert result.code == 1
    found = [(each["code"], each["image"]) for each in objects(result.err)]
    assert found == [("conflict", B), ("not_found", "nothing")]


@pytest.mark.parametrize(
    "words",
    [
        ["image-show", "-f", "json"],
        ["image-list", "--limt", "3", "--format", "json"],
        ["-f", "json"],
        ["image-lst", "--format=json"],
        ["image-list", "--form", "json", "--sort", "nothing"],
        ["image-list", "-fjson", "--limit", "many"],
        ["image-create", "x", "--property", "broken", "-fjson"],
    ],
    ids=" ".join,
)
def test_a_wrong_command_line_is_one_as_well_though_no_option_was_understood(
    glance: Glance, words: list[str]
) -> None:
    result = glance(*words)
    (found,) = objects(result.err)
    assert (result.code, found["code"], found["exit_code"]) == (2, "usage", 2)


def test_a_wrong_command_line_has_the_help_to_read_as_its_hint(glance: Glance) -> None:
    (found,) = objects(glance("image-show", "-f", "json").err)
    assert found["message"] == "the following arguments are required: IMAGE"
    assert found["hint"] == "See `glance image-show --help`."
    assert found["error"].endswith("(see glance image-show --help)")


@pytest.mark.parametrize(
    ("words", "environ", "expected"),
    [
        ([], {}, ""),
        (["image-list"], {"GLANCECLI_FORMAT": "JSON"}, "json"),
        (["image-list", "-f", "csv"], {"GLANCECLI_FORMAT": "json"}, "csv"),
        (["image-list", "--format=json", "--", "-f", "csv"], {}, "json"),
        (["image-create", "--file", "json", "--force"], {}, ""),
        (["image-list", "-f"], {}, ""),
        (["image-show", "-vfjson", "x"], {}, "json"),
        (["image-show", "-vqf", "json", "x"], {}, "json"),
        (["image-list", "-f", "json", "-cfoo"], {}, "json"),
    ],
)
def test_the_format_is_read_from_words_that_may_make_no_sense(
    words: list[str], environ: dict[str, str], expected: str
) -> None:
    assert output_format(words, environ) == expected


@pytest.mark.parametrize(
    ("value", "words", "as_json"),
    [
        ("json", [], True),
        ("JSON", ["-f", "table"], True),
        ("text", ["-f", "json"], False),
        ("", ["-f", "json"], True),
        ("yaml", ["-f", "json"], True),
        ("", [], False),
    ],
)
def test_the_variable_wins_over_the_format_of_the_output(
    value: str, words: list[str], as_json: bool
) -> None:
    assert Reporter("glance", words, {"GLANCECLI_ERRORS": value}).as_json is as_json


def test_notes_and_warnings_stay_text(glance: Glance, cloud: RequestsMock) -> None:
    cloud.get(LIST, json={"images": []})
    result = glance("image-list", "--status", "activ", "-f", "json")
    assert (result.code, result.json) == (0, [])
    assert result.err.startswith("glance: warning: --status: ")


def test_an_image_that_is_left_behind_is_named_with_what_became_of_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    hint = Hint("{} deletes it.", ("image-delete", "a b"))
    error = GlanceError("broken", image_id=A, fate=Fate.KEPT, hint=hint, code=Code.WRONG_DATA)
    Reporter("glance", ["-f", "json"]).report(error)
    (found,) = objects(capsys.readouterr().err)
    assert [found[name] for name in FIELDS] == [
        f"broken; image {A} is kept. `glance image-delete 'a b'` deletes it.",
        "wrong_data",
        f"broken; image {A} is kept",
        "`glance image-delete 'a b'` deletes it.",
        None, None, A, "kept", [], 1,
    ]  # fmt: skip


def test_names_keep_their_characters_and_cannot_act_on_a_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    name = 'a"\x1b[31m\n\u202e日'
    Reporter("glance", ["-f", "json"]).report(GlanceError("no", subject=Subject("image", name)))
    line = capsys.readouterr().err
    assert line.isascii()
    assert line.rstrip("\n").isprintable()
    assert json.loads(line)["image"] == name


def test_a_word_that_is_no_text_is_written_with_escapes(capsys: pytest.CaptureFixture[str]) -> None:
    Reporter("glance", ["-f", "json"]).report(GlanceError("no", subject=Subject("image", "\udcff")))
    (found,) = objects(capsys.readouterr().err)
    assert found["image"] == "\\udcff"


def test_no_secret_is_in_the_object(capsys: pytest.CaptureFixture[str]) -> None:
    error = GlanceError("http://user:hunter2hunter2@host/ failed", hint="Not http://u:hunter3@h/.")
    error.candidates = ["http://u:hunter4@h/"]
    Reporter("glance", ["-f", "json"]).report(error)
    text = capsys.readouterr().err
    assert "hunter" not in text
    json.loads(text)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (KeyboardInterrupt(), "interrupted"),
        (OSError(28, "No space left on device", "x.img"), "file"),
        (RuntimeError("?"), "defect"),
        ("a\udcff".encode, "invalid"),
    ],
    ids=["Ctrl-C", "full disk", "defect", "undecodable word"],
)
def test_whatever_ends_a_program_has_a_code(
    capsys: pytest.CaptureFixture[str], error: Any, code: str
) -> None:
    if callable(error):
        with pytest.raises(UnicodeEncodeError) as caught:
            error()
        error = caught.value
    ending = ending_for(error)
    assert ending
    exit_code = ending.end(Reporter("glance", ["-f", "json"]), error)
    (found,) = objects(capsys.readouterr().err)
    assert (found["code"], found["exit_code"]) == (code, exit_code)


def test_a_service_that_is_down_is_unreachable(
    glance: Glance, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setenv("OS_IMAGE_URL", f"http://127.0.0.1:{port}")
    monkeypatch.setenv("OS_AUTH_TOKEN", "token-of-the-tests")
    (found,) = objects(glance("image-show", A, "-f", "json").err)
    assert found["code"] == "unreachable"


def test_a_file_that_cannot_be_inspected_is_a_failure_of_a_file(glance: Glance) -> None:
    (found,) = objects(glance("image-inspect", "gone", "-f", "json").err)
    assert (found["code"], found["message"]) == (
        "file",
        "cannot read gone: no such file or directory",
    )


def test_a_web_server_that_is_down_is_unreachable(glance: Glance, cloud: RequestsMock) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/disk.raw"
    cloud.add_passthru(url)
    words = ("--file", url, "--retries", "0", "-q", "-f", "json")
    (found,) = objects(glance("image-create", "x", *words).err)
    assert found["code"] == "unreachable"


def test_a_login_that_is_missing_is_unauthorized(glance: Glance) -> None:
    (found,) = objects(glance("image-list", "-f", "json").err)
    assert found["code"] == "unauthorized"


@pytest.mark.parametrize(
    ("flags", "text"),
    [
        (("--os-cloud", "nope"), ""),
        (("--os-cloud", "nope"), "clouds: {}"),
        (("--os-cloud", "a"), "clouds: {a: {region_name: one}}}"),
        (("--os-cloud", "a"), "clouds: {a: {auth: {auth_url: 'http://k/v3'}, regions: true}}"),
        (("--os-cloud", "a"), "clouds: {a: {auth: {auth_url: 'http://k/v3'}, auth_type: magic}}"),
        (("--os-auth-url", "http://k/v3", "--os-token", "a b"), ""),
    ],
)
def test_a_cloud_that_is_unknown_or_set_up_wrongly_is_a_fault_of_the_settings(
    glance: Glance, place: Path, flags: tuple[str, ...], text: str
) -> None:
    if text:
        write(place, {"cwd/clouds.yaml": text})
    (found,) = objects(glance(*flags, "image-list", "-f", "json").err)
    assert (found["code"], found["exit_code"]) == ("settings", 1)


def test_an_unsafe_file_is_wrong_data(glance: Glance, cloud: RequestsMock, tmp_path: Path) -> None:
    (tmp_path / "x.raw").write_bytes(b"QFI\xfb" + bytes(512))
    words = ["image-create", "x", "--file", str(tmp_path / "x.raw"), "--disk-format", "raw"]
    (found,) = objects(glance(*words, "-f", "json").err)
    assert found["code"] == "wrong_data"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda each: each.name)
def test_an_interrupted_program_ends_with_an_object(tmp_path: Path, number: signal.Signals) -> None:
    """The service accepts the connection, and never answers."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        environ = {
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path),
            "OS_IMAGE_URL": f"http://127.0.0.1:{server.getsockname()[1]}",
            "OS_AUTH_TOKEN": "t",
        }
        command = [sys.executable, "-m", "glancecli", "image-list", "-f", "json"]
        with subprocess.Popen(command, env=environ, stderr=subprocess.PIPE, text=True) as process:
            connection, _ = server.accept()
            with connection:
                process.send_signal(number)
                assert process.stderr
                text = process.stderr.read()
    (found,) = objects(text)
    assert (found["code"], found["exit_code"]) == ("interrupted", process.returncode)
    assert process.returncode == 128 + number


def test_the_documentation_has_every_code_and_every_field() -> None:
    page = (ROOT / "docs" / "scripting.md").read_text()
    section = page.partition("## Errors as data")[2].partition("\n## ")[0]
    names = re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)
    assert names == [*FIELDS, *(code.value for code in Code)]
