"""OS_* variables beside a cloud of clouds.yaml, where the rule is ours: what counts is told, and no
secret goes to another cloud.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from glancecli.auth.clouds import environ_for_other_cloud, load
from glancecli.auth.settings import Settings
from glancecli.text import Messages
from tests.support.cloudplace import write

FILE = """\
clouds:
  c:
    auth: {auth_url: https://k.example:5000/v3, username: u, password: p, project_id: p7, project_domain_id: d}
  half:
    auth: {auth_url: https://k.example:5000/v3, username: u, project_name: a}
  regions:
    auth: {auth_url: "https://{region_name}.example/v3", username: u, project_name: a}
    regions: [one, two]
  system: {auth: {auth_url: https://k.example:5000/v3, username: u, password: p, system_scope: all}}
  app: {auth: {auth_url: https://k.example:5000/v3, application_credential_id: a, application_credential_secret: s}}
  nowhere: {auth: {username: u, password: p}}
"""


@pytest.fixture
def told(place: Path) -> dict[str, list[str]]:
    write(place, {"cwd/clouds.yaml": FILE})
    return {"warn": [], "note": [], "detail": []}


def load_beside(told: dict[str, list[str]], environ: dict[str, str], **flags: Any) -> Settings:
    messages = Messages(told["warn"].append, told["note"].append, told["detail"].append)
    return load(flags, {"HOME": os.environ["HOME"], **environ}, messages)


def test_a_chosen_project_replaces_the_id_of_the_file_and_verbose_says_so(
    told: dict[str, list[str]], place: Path
) -> None:
    settings = load_beside(told, {"OS_CLOUD": "c", "OS_PROJECT_NAME": "other"})
    assert settings.auth == {
        "auth_url": "https://k.example:5000/v3",
        "username": "u",
        "password": "p",
        "project_name": "other",
        "project_domain_id": "d",
    }
    assert told == {
        "warn": [],
        "note": [],
        "detail": [f"OS_PROJECT_NAME: used with cloud c of {place}/cwd/clouds.yaml"],
    }


@pytest.mark.parametrize(
    ("cloud", "variables", "scope"),
    [
        ("c", {"OS_SYSTEM_SCOPE": "all"}, {"system_scope": "all"}),
        ("c", {"OS_TRUST_ID": "t"}, {"trust_id": "t"}),
        ("system", {"OS_PROJECT_NAME": "a"}, {"project_name": "a"}),
        ("system", {"OS_DOMAIN_ID": "d"}, {"domain_id": "d"}),
    ],
)
def test_a_chosen_scope_replaces_that_of_the_file(
    told: dict[str, list[str]], cloud: str, variables: dict[str, str], scope: dict[str, str]
) -> None:
    auth = load_beside(told, {"OS_CLOUD": cloud, **variables}).auth
    rest = ("auth_url", "username", "password")
    assert {key: value for key, value in auth.items() if key not in rest} == scope


def test_an_option_counts_before_a_variable(told: dict[str, list[str]]) -> None:
    variables = {"OS_CLOUD": "c", "OS_TRUST_ID": "t", "OS_PASSWORD": "variable"}
    auth = load_beside(told, variables, os_project_name="typed", os_password="typed").auth
    assert (auth["project_name"], auth["password"]) == ("typed", "typed")
    assert "trust_id" not in auth


@pytest.mark.parametrize(
    "url",
    [
        "https://k.example:5000",
        "https://k.example:5000/v3/",
        "https://K.example:5000/v2.0",
    ],
)
def test_a_variable_completes_the_cloud_whose_address_is_written_differently(
    told: dict[str, list[str]], url: str
) -> None:
    environ = {"OS_CLOUD": "half", "OS_AUTH_URL": url, "OS_PASSWORD": "variable"}
    settings = load_beside(told, environ)
    assert settings.auth["password"] == "variable"
    assert settings.auth["auth_url"] == "https://k.example:5000/v3"
    assert told["note"] == []


def test_the_address_of_any_region_is_the_clouds(told: dict[str, list[str]]) -> None:
    environ = {"OS_CLOUD": "regions", "OS_AUTH_URL": "https://two.example/v3", "OS_PASSWORD": "v"}
    assert load_beside(told, environ).auth["password"] == "v"


@pytest.mark.parametrize("cloud", ["half", "nowhere", "c"])
def test_no_variable_of_another_cloud_counts_and_one_note_says_so(
    told: dict[str, list[str]], place: Path, cloud: str
) -> None:
    alone = load_beside(told, {"OS_CLOUD": cloud})
    environ = {
        "OS_CLOUD": cloud,
        "OS_AUTH_URL": "https://me:key@other.example/v3",
        "OS_PASSWORD": "of the other",
        "OS_PASSCODE": "1",
        "OS_TOKEN": "t",
        "OS_PROJECT_NAME": "other",
        "OS_REGION_NAME": "S",
        "OS_CACERT": "/other/ca",
        "OS_AUTH_TYPE": "v3totp",
        "OS_IMAGE_URL": "http://other",
        "OS_DISTRO": "debian",
    }
    settings = load_beside(told, environ)
    assert settings._replace(origins={}) == alone._replace(origins={})
    names = "OS_AUTH_TYPE, OS_AUTH_URL, OS_CACERT, OS_IMAGE_URL, OS_PASSCODE, OS_PASSWORD, "
    names += "OS_PROJECT_NAME, OS_REGION_NAME, OS_TOKEN"
    assert told == {
        "warn": [],
        "note": [
            f"cloud {cloud} of {place}/cwd/clouds.yaml is used, and OS_AUTH_URL is that of another "
            f"cloud (https://other.example/v3); ignored: {names}"
        ],
        "detail": [],
    }


def test_a_file_keeps_its_user_its_secret_and_its_login_type(
    told: dict[str, list[str]], place: Path
) -> None:
    environ = {
        "OS_CLOUD": "c",
        "OS_USERNAME": "other",
        "OS_PASSWORD": "of the other",
        "OS_TOKEN": "t",
        "OS_APPLICATION_CREDENTIAL_ID": "a",
        "OS_IMAGE_URL": "http://other",
    }
    settings = load_beside(told, environ)
    assert (settings.auth_type, settings.auth["username"]) == ("password", "u")
    assert (settings.auth["password"], settings.image_url) == ("p", "")
    assert told["note"] == [
        f"cloud c of {place}/cwd/clouds.yaml is used with its own values; ignored: "
        "OS_APPLICATION_CREDENTIAL_ID, OS_IMAGE_URL, OS_PASSWORD, OS_TOKEN, OS_USERNAME"
    ]


def test_the_password_of_another_user_is_not_used(told: dict[str, list[str]]) -> None:
    environ = {"OS_CLOUD": "half", "OS_USERNAME": "other", "OS_PASSWORD": "of the other"}
    assert "password" not in load_beside(told, environ).auth
    assert "OS_PASSWORD" in told["note"][0]


def test_a_sourced_openrc_file_of_another_user_of_the_same_cloud_does_not_count(
    told: dict[str, list[str]], place: Path
) -> None:
    environ = {
        "OS_CLOUD": "half",
        "OS_AUTH_URL": "https://k.example:5000/v3",
        "OS_USERNAME": "admin",
        "OS_PASSWORD": "of the admin",
        "OS_PROJECT_NAME": "admin",
    }
    auth = load_beside(told, environ).auth
    assert auth == {
        "auth_url": "https://k.example:5000/v3",
        "username": "u",
        "project_name": "a",
    }
    assert told["note"] == [
        f"cloud half of {place}/cwd/clouds.yaml is used, and the variables are those of another "
        "user; ignored: OS_AUTH_URL, OS_PASSWORD, OS_PROJECT_NAME, OS_USERNAME"
    ]


def test_an_application_credential_keeps_its_project_and_its_login_type(
    told: dict[str, list[str]], place: Path
) -> None:
    environ = {"OS_CLOUD": "app", "OS_PROJECT_NAME": "other", "OS_AUTH_TYPE": "password"}
    settings = load_beside(told, environ)
    assert settings.auth_type == "v3applicationcredential"
    assert "project_name" not in settings.auth
    assert told["note"] == [
        f"cloud app of {place}/cwd/clouds.yaml is used with its own values; "
        "ignored: OS_AUTH_TYPE, OS_PROJECT_NAME"
    ]


def test_a_token_completes_a_cloud_without_any_secret(told: dict[str, list[str]]) -> None:
    settings = load_beside(told, {"OS_CLOUD": "half", "OS_TOKEN": "t"})
    assert (settings.auth_type, settings.auth["token"]) == ("token", "t")


def test_equal_values_are_not_worth_a_note(told: dict[str, list[str]]) -> None:
    environ = {"OS_CLOUD": "c", "OS_USERNAME": "u", "OS_PASSWORD": "p"}
    load_beside(told, environ)
    assert told["note"] == []


def test_the_variables_of_the_first_cloud_do_not_count_for_a_further_one() -> None:
    environ = {
        "OS_CLOUD": "a",
        "OS_PASSWORD": "of a",
        "OS_PROJECT_NAME": "of a",
        "OS_INSECURE": "1",
        "OS_CACERT": "/a",
        "OS_CLIENT_CONFIG_FILE": "/clouds.yaml",
        "HOME": "/home/me",
    }
    kept = {"OS_CLOUD": "a", "OS_CLIENT_CONFIG_FILE": "/clouds.yaml", "HOME": "/home/me"}
    assert environ_for_other_cloud("b", environ) == kept
    assert environ_for_other_cloud("envvars", environ) == environ
