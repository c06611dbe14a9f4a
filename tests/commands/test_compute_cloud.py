"""nova's image commands under the umbrella, with cloud options in any place, and without a login."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from responses import RequestsMock

from tests.support.novas import NOVA, SNAPSHOT, A, B, serve_list, versions
from tests.support.programs import Result


@pytest.mark.parametrize(
    "words",
    [
        ["nova", "image-list", "--os-compute-url", NOVA],
        ["nova", "--bypass-url", NOVA, "image-list"],
        ["--bypass-url", NOVA, "nova", "image-list"],
        ["nova", "image-list", "--os-endpoint-override", NOVA],
        [
            "nova",
            "--bypass_url",
            NOVA,
            "image-list",
            "--region-name",
            "RegionOne",
            "--os-user-name",
            "u",
        ],
        [
            "nova",
            "--os-auth-system",
            "keystone",
            "image-list",
            "--bypass-url",
            NOVA,
            "--profile",
            "KEY",
        ],
        ["nova", "--volume-service-name", "cinder", "--bypass-url", NOVA, "image-list"],
    ],
)
def test_the_umbrella_has_the_same_commands_and_options_in_any_place(
    program: Callable[..., Result], cloud: RequestsMock, words: list[str]
) -> None:
    cloud.get(f"{NOVA}/v2.1/", json=versions())
    serve_list(cloud, "proxy", SNAPSHOT)
    result = program("glancecli", *words, "-f", "value", "-c", "ID")
    assert (result.code, result.out, result.err) == (0, f"{B}\n", "")


@pytest.mark.parametrize("flag", ["--timings", "--collect-timing"])
def test_timings_that_are_not_measured_are_a_note_and_no_failure(
    program: Callable[..., Result], cloud: RequestsMock, flag: str
) -> None:
    cloud.get(f"{NOVA}/v2.1/", json=versions())
    serve_list(cloud, "proxy", SNAPSHOT)
    result = program(
        "nova", flag, "image-list", "--os-compute-url", NOVA, "-f", "value", "-c", "ID"
    )
    assert (result.code, result.out) == (0, f"{B}\n")
    assert result.err == "nova: --timings is not supported; --debug shows the requests\n"


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (["nova", "list"], "list"),
        (["nova", "boot", "x"], "boot"),
        (["help", "nova", "list"], "list"),
    ],
)
def test_the_umbrella_says_where_novas_other_commands_are(
    program: Callable[..., Result], words: list[str], name: str
) -> None:
    result = program("glancecli", *words)
    assert (result.code, result.out) == (2, "")
    assert result.err == (
        f"glancecli: error: there is no command '{name}'; glancecli has nova's image commands only; "
        "for servers use `openstack server ...` (see glancecli nova --help)\n"
    )


def test_a_token_and_a_fixed_endpoint_need_no_login(
    program: Callable[..., Result], cloud: RequestsMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OS_IMAGE_URL")
    monkeypatch.delenv("OS_AUTH_TOKEN")
    cloud.get(f"{NOVA}/v2.1/p1/images/{A}", json={"image": {"id": A, "name": "x", "links": []}})
    cloud.get(f"{NOVA}/v2.1/", json=versions())
    words = ["--os-auth-token", "T", "--bypass-url", f"{NOVA}/v2.1/p1"]
    result = program("nova", "image-show", A, *words, "-f", "value")
    assert (result.code, result.out, result.err) == (0, f"{A}\nx\n", "")
    assert {c.request.headers["X-Auth-Token"] for c in cloud.calls} == {"T"}
