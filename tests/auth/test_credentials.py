"""Credentials that cannot be sent are named by their setting, and are never shown."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from glancecli.auth.clouds import load
from glancecli.errors import AuthError
from tests.support.cloudplace import write

SECRET = "gAAAAABsecretsecret"


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n", " ", "\t"])
@pytest.mark.parametrize("name", ["OS_TOKEN", "OS_AUTH_TOKEN", "OS_ACCESS_TOKEN"])
def test_blanks_at_the_ends_of_a_token_are_not_sent(place: Path, name: str, end: str) -> None:
    environ = {"OS_AUTH_URL": "https://k.example/v3\r", name: end + SECRET + end}
    auth = load({}, environ).auth
    assert SECRET in auth.values()
    assert auth["auth_url"] == "https://k.example/v3"


@pytest.mark.parametrize(
    ("token", "fault"),
    [
        (f"\u201c{SECRET}\u201d", "character 1 is U+201C left double quotation mark"),
        (f"{SECRET}\u200b", "character 20 is U+200B zero width space"),
        (f"{SECRET}\r\n{SECRET}", "character 20 is U+000D"),
        (f"{SECRET} {SECRET}", "character 20 is U+0020 space"),
        (f"{SECRET}\xe9", "character 20 is U+00E9 latin small letter e with acute"),
        ("\n", "it is blank"),
    ],
)
@pytest.mark.parametrize(
    ("flags", "name", "origin"),
    [
        ({}, "OS_TOKEN", "OS_TOKEN"),
        ({}, "OS_AUTH_TOKEN", "OS_AUTH_TOKEN"),
        ({}, "OS_ACCESS_TOKEN", "OS_ACCESS_TOKEN"),
        ({"os_auth_token": True}, "", "--os-auth-token"),
        ({"os_access_token": True}, "", "--os-access-token"),
    ],
)
def test_a_token_that_no_header_can_have_is_named_and_not_shown(
    place: Path, token: str, fault: str, flags: dict[str, bool], name: str, origin: str
) -> None:
    environ = {"OS_AUTH_URL": "https://k.example/v3"}
    if name:
        environ[name] = token
    with pytest.raises(AuthError) as caught:
        load(dict.fromkeys(flags, token), environ)
    assert str(caught.value) == (
        f"The token ({origin}) is not valid: {fault}. "
        "Copy the token again; it has only ASCII letters, digits and signs."
    )


def test_a_token_of_a_file_is_named_with_the_file(place: Path) -> None:
    write(place, {"cwd/clouds.yaml": "clouds: {c: {auth: {auth_url: http://k, token: a b}}}"})
    with pytest.raises(AuthError) as caught:
        load({"os_cloud": "c"}, os.environ)
    assert str(caught.value) == (
        f"The token (token of cloud c in {place}/cwd/clouds.yaml) is not valid: "
        "character 2 is U+0020 space. "
        "Copy the token again; it has only ASCII letters, digits and signs."
    )


@pytest.mark.parametrize("name", ["OS_PASSWORD", "OS_USERNAME", "OS_PROJECT_NAME", "OS_PASSCODE"])
def test_bytes_that_are_not_text_are_named_by_their_variable(place: Path, name: str) -> None:
    with pytest.raises(AuthError) as caught:
        load({}, {"OS_AUTH_URL": "http://k/v3", name: f"{SECRET}\udcff"})
    assert str(caught.value) == (f"{name} is not UTF-8 text. Use UTF-8 for it and for the locale.")
