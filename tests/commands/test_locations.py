"""location-add, location-update, location-delete: what is asked for and what is printed."""

from __future__ import annotations

import json
from typing import Any

import pytest
import responses

from tests.support.cloud import IMAGE_URL
from tests.support.programs import Glance

ID = "7e5142af-1253-4634-bcc6-89482c5f2e8a"
IMAGE = f"{IMAGE_URL}/v2/images/{ID}"
WEB = "http://example.com/x.img"
SWIFT = "swift+https://account:key@example.com/container/object"
SHOWN = {"id": ID, "status": "active", "locations": [{"url": SWIFT, "metadata": {"zone": "a"}}]}


def patched(cloud: responses.RequestsMock) -> Any:
    return json.loads(
        next(c.request.body for c in cloud.calls if c.request.method == "PATCH") or b""
    )


def test_adding_shows_the_image_without_credentials(
    glance: Glance, cloud: responses.RequestsMock
) -> None:
    cloud.patch(IMAGE, json=SHOWN)
    done = glance("location-add", ID, "--url", SWIFT, "--metadata", '{"zone": "a"}')
    assert (done.code, done.err) == (0, "")
    assert patched(cloud)[0]["value"] == {"url": SWIFT, "metadata": {"zone": "a"}}
    assert (
        '| locations | [{"url": "swift+https://***@example.com/container/object", "metadata":'
        in done.out.replace("  ", "")
    )
    assert "key" not in done.out


def test_image_show_has_locations_with_metadata_and_secrets_only_when_asked_for(
    glance: Glance, cloud: responses.RequestsMock
) -> None:
    cloud.get(IMAGE, json=SHOWN)
    shown = glance("image-show", ID, "-f", "json").json
    assert shown["locations"] == [
        {"url": "swift+https://***@example.com/container/object", "metadata": {"zone": "a"}}
    ]
    assert (
        glance("image-show", ID, "-f", "json", "--show-secrets").json["locations"]
        == SHOWN["locations"]
    )


def test_removing_prints_nothing(glance: Glance, cloud: responses.RequestsMock) -> None:
    two = [{"url": WEB, "metadata": {}}, {"url": SWIFT, "metadata": {}}]
    cloud.get(IMAGE, json={**SHOWN, "locations": two})
    cloud.patch(IMAGE, json=SHOWN)
    done = glance("location-delete", ID, "--url", WEB)
    assert (done.code, done.out, done.err) == (0, "", "")
    assert patched(cloud) == [{"op": "remove", "path": "/locations/0"}]


def test_updating_shows_the_image(glance: Glance, cloud: responses.RequestsMock) -> None:
    cloud.get(IMAGE, json=SHOWN)
    cloud.patch(IMAGE, json=SHOWN)
    done = glance(
        "location-update", ID, "--url", SWIFT, "--metadata", "{}", "-f", "value", "-c", "status"
    )
    assert done.out == "active\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("location-add", ID), "the following arguments are required: --url"),
        (
            ("location-add", ID, "--url", WEB, "--metadata", "zone=a"),
            "'zone=a' is not JSON: Expecting value (line 1, column 1)",
        ),
        (
            ("location-add", ID, "--url", WEB, "--metadata", "[]"),
            "'[]' is JSON, but not an object: {...}",
        ),
        (
            ("location-add", ID, "--url", WEB, "--hash-algo", "md5"),
            "give --hash-algo and --hash-value together",
        ),
        (
            ("location-add", ID, "--url", WEB, "--validation-data", '{"md5": "x"}'),
            "--validation-data: 'md5' is not one of checksum, os_hash_algo, os_hash_value",
        ),
        (("location-add", ID, "--url", "x.img"), "--url: 'x.img' is not a URL"),
        (
            ("location-add", ID, "--url", "file:///x"),
            "--url: no Image service accepts file:// URLs; use image-upload to send a local file",
        ),
        (("location-delete", ID), "the following arguments are required: --url"),
    ],
)
def test_wrong_options_are_a_usage_error_and_nothing_is_sent(
    glance: Glance, cloud: responses.RequestsMock, words: tuple[str, ...], said: str
) -> None:
    cloud.assert_all_requests_are_fired = False
    done = glance(*words)
    assert (done.code, done.out) == (2, "")
    assert said in done.err
    assert len(cloud.calls) == 0
