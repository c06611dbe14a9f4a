"""image-create-via-import: a record, its data or where they come from, and the import, in one go."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
from responses import RequestsMock

from tests.support.cloud import IMAGE_URL
from tests.support.programs import Glance

LIST = f"{IMAGE_URL}/v2/images"
FORMATS = ("--disk-format", "raw", "--container-format", "bare")
BY_URL = ("--import-method", "web-download", "--uri", "http://h/x")
DATA = b"bytes of an image"


@pytest.fixture
def kept(cloud: RequestsMock) -> dict[str, Any]:
    """The image that the service keeps: made by POST, staged by PUT, active by an import, gone by DELETE."""
    image: dict[str, Any] = {}

    def answered(code: int, **changes: Any) -> Callable[[Any], tuple[int, dict[str, str], str]]:
        def answer(request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
            made = json.loads(request.body or b"{}") if request.url == LIST else {}
            if request.method == "PUT":
                assert b"".join(request.body or b"") == DATA  # type: ignore[arg-type]
            if not made and not image:
                return 404, {}, "{}"
            image.update(made, **changes)
            gone = request.method == "DELETE" and not image.clear()  # type: ignore[func-returns-value]
            return code, {}, "" if gone or code in (202, 204) else json.dumps(image)

        return answer

    one = f"{LIST}/[0-9a-f-]{{36}}"
    cloud.assert_all_requests_are_fired = False
    cloud.add_callback("POST", LIST, answered(201, status="queued"))
    cloud.add_callback(
        "PUT", re.compile(f"{one}/stage$"), answered(204, status="uploading", size=len(DATA))
    )
    cloud.add_callback("POST", re.compile(f"{one}/import$"), answered(202, status="active"))
    cloud.add_callback("GET", re.compile(f"{one}$"), answered(200))
    cloud.add_callback("DELETE", re.compile(f"{one}$"), answered(204))
    return image


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "disk.raw"
    path.write_bytes(DATA)
    return path


def asked(cloud: RequestsMock) -> list[str]:
    """Methods and what they are about."""
    return [
        f"{c.request.method} {re.sub('[0-9a-f-]{36}', 'ID', str(c.request.url).removeprefix(IMAGE_URL))}"
        for c in cloud.calls
    ]


def imported(cloud: RequestsMock) -> Any:
    return next(
        json.loads(c.request.body) for c in cloud.calls if str(c.request.url).endswith("/import")
    )


@pytest.mark.parametrize("by_stdin", [False, True])
def test_data_is_staged_and_imported(
    glance: Glance, cloud: RequestsMock, kept: dict[str, Any], file: Path, by_stdin: bool
) -> None:
    words = ("x", *FORMATS, "--stores", "fast,slow", "-f", "value", "-c", "status")
    given = () if by_stdin else ("--file", str(file))
    done = glance("image-create-via-import", *words, *given, stdin=file if by_stdin else None)
    assert (done.code, done.out, done.err) == (0, "active\n", "")
    assert asked(cloud) == [
        "POST /v2/images",
        "PUT /v2/images/ID/stage",
        "GET /v2/images/ID",
        "POST /v2/images/ID/import",
        "GET /v2/images/ID",
    ]
    assert imported(cloud) == {
        "method": {"name": "glance-direct"},
        "stores": ["fast", "slow"],
        "all_stores_must_succeed": False,
    }
    assert (kept["name"], kept["disk_format"]) == ("x", "raw")


def test_the_format_of_a_file_is_detected(glance: Glance, kept: dict[str, Any], file: Path) -> None:
    assert glance("image-create-via-import", "x", "--file", str(file)).code == 0
    assert (kept["disk_format"], kept["container_format"]) == ("raw", "bare")


def test_the_service_gets_the_data_from_a_url(
    glance: Glance, cloud: RequestsMock, kept: dict[str, Any]
) -> None:
    done = glance(
        "image-create-via-import", "x", *BY_URL, *FORMATS, "--property", "a=1", "--tag", "t"
    )
    assert (done.code, done.err) == (0, "")
    assert asked(cloud) == ["POST /v2/images", "POST /v2/images/ID/import", "GET /v2/images/ID"]
    assert imported(cloud) == {"method": {"name": "web-download", "uri": "http://h/x"}}
    assert (kept["a"], kept["tags"]) == ("1", ["t"])


def test_without_data_and_method_the_image_waits_for_both(
    glance: Glance, cloud: RequestsMock, kept: dict[str, Any]
) -> None:
    assert glance("image-create-via-import", "x").code == 0
    assert (asked(cloud), kept["status"]) == (["POST /v2/images"], "queued")


def test_variables_choose_the_method_and_the_stores(
    glance: Glance, cloud: RequestsMock, kept: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OS_IMAGE_IMPORT_METHOD", "web-download")
    monkeypatch.setenv("OS_IMAGE_STORES", "slow")
    done = glance("image-create-via-import", "x", "--uri", "http://h/x", *FORMATS)
    assert done.code == 0, done.err
    assert imported(cloud)["stores"] == ["slow"]


@pytest.mark.parametrize("by_url", [False, True])
def test_a_refused_import_leaves_no_image(
    glance: Glance, cloud: RequestsMock, kept: dict[str, Any], file: Path, by_url: bool
) -> None:
    cloud.replace(
        "POST", re.compile(f"{LIST}/[0-9a-f-]{{36}}/import$"), status=400, json={"message": "no"}
    )
    words = BY_URL if by_url else ("--file", str(file))
    done = glance("image-create-via-import", *words, *FORMATS)
    assert (done.code, done.out, kept) == (1, "", {})
    assert re.fullmatch(
        r"glance: error: image [0-9a-f-]{36}: no; it was deleted \(HTTP 400\)\n",
        done.err,
    ), done.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--import-method", "copy-image", "--all-stores"), "needs an image that has data"),
        ((*BY_URL, *FORMATS, "--file", "x"), "--file needs --import-method glance-direct"),
        (("--uri", "http://h/x"), "--uri needs --import-method web-download"),
        (BY_URL, "missing --disk-format"),
        (("--import-method", "web-download", *FORMATS), "--import-method web-download needs --uri"),
        (("--import-method", "glance-direct"), "no data was given"),
        (("--store", "fast"), "no data was given"),
        (("--copy-from", "http://h/x"), "unrecognized arguments: --copy-from"),
        (("--size", "5"), "--size and --checksum are compared with data, and none is given"),
    ],
)
def test_wrong_options_are_a_usage_error_and_no_image_is_created(
    glance: Glance, cloud: RequestsMock, kept: dict[str, Any], words: tuple[str, ...], said: str
) -> None:
    cloud.get(f"{IMAGE_URL}/", status=300, json={"versions": [{"id": "v2.17"}]})
    done = glance("image-create-via-import", "x", *words)
    assert (done.code, done.out, kept) == (2, "", {})
    assert said in done.err
    assert not [line for line in asked(cloud) if line.startswith("POST")]
