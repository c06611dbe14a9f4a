"""Logging in to a real Keystone: every usual kind of login, the cache between commands, and what goes wrong."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.support.sandbox import PROGRAMS, Run, Sandbox, environment, request

LIST = ("image-list", "-f", "value")


@pytest.fixture
def demo(sandbox: Sandbox) -> dict[str, str]:
    """OS_* variables of the user demo, as in an openrc file."""
    auth = sandbox.clouds["sandbox-demo"]["auth"]
    return {f"OS_{key.upper()}": value for key, value in auth.items()}


@pytest.fixture
def credential(sandbox: Sandbox) -> dict[str, Any]:
    """An application credential of demo."""
    token, _ = sandbox.login("sandbox-demo")
    url = sandbox.clouds["sandbox-demo"]["auth"]["auth_url"]
    headers = {"X-Auth-Token": token}
    _, answer, _ = request(
        "GET", f"{url}/auth/tokens", headers={**headers, "X-Subject-Token": token}
    )
    where = f"{url}/users/{answer['token']['user']['id']}/application_credentials"
    for old in request("GET", where, headers=headers)[1]["application_credentials"]:
        request("DELETE", f"{where}/{old['id']}", headers=headers)
    _, made, _ = request("POST", where, {"application_credential": {"name": "tests"}}, headers)
    found: dict[str, Any] = made["application_credential"]
    return found


def requests_of(err: str) -> list[str]:
    """Method and path of the requests that --debug shows."""
    return re.findall(r"^> ([A-Z]+) https?://[^/]+(/[^?\s]*)", err, re.MULTILINE)


def record(tmp_path: Path) -> Path:
    """The only file with a token in this test's cache."""
    (path,) = (tmp_path / "home" / ".cache" / "glancecli").glob("*.json")
    return path


@pytest.mark.parametrize("cloud", ["sandbox", "sandbox-demo", "sandbox-reader", "sandbox-other"])
def test_every_cloud_of_the_sandbox_works_by_name(glance: Run, cloud: str) -> None:
    assert glance("--os-cloud", cloud, *LIST, cloud=None).code == 0


def test_a_cold_command_sends_login_and_list_and_a_warm_one_the_list_alone(
    glance: Run, tmp_path: Path
) -> None:
    glance(*LIST, cloud="sandbox-demo")  # what the service can do is learnt once
    path = record(tmp_path)
    known = json.loads(path.read_text())
    path.write_text(json.dumps({**known, "expires": 0}))
    cold, warm = (glance("--debug", *LIST, cloud="sandbox-demo") for _ in range(2))
    assert requests_of(cold.err) == [("POST", "/v3/auth/tokens"), ("GET", "/v2/images")]
    assert requests_of(warm.err) == [("GET", "/v2/images")]


def test_debug_shows_neither_password_nor_token(
    glance: Run, demo: dict[str, str], tmp_path: Path
) -> None:
    err = glance("--debug", *LIST, cloud=None, env=demo).err
    token = json.loads(record(tmp_path).read_text())["token"]
    assert [secret for secret in (token, demo["OS_PASSWORD"]) if secret in err] == []


@pytest.mark.parametrize("url", ["{base}", "{base}/", "{base}/v3", "{base}/v3/", "{base}/v2.0"])
def test_the_auth_url_may_have_a_version_or_none(
    glance: Run, demo: dict[str, str], url: str
) -> None:
    base = demo["OS_AUTH_URL"].removesuffix("/v3")
    env = {**demo, "OS_AUTH_URL": url.format(base=base), "OS_IDENTITY_API_VERSION": "3"}
    assert glance(*LIST, cloud=None, env=env).code == 0


def test_flags_in_both_spellings_log_in(glance: Run, demo: dict[str, str]) -> None:
    for dash in "-_":
        flags = [
            word
            for name, value in demo.items()
            for word in (f"--{name.lower().replace('_', dash)}", value)
        ]
        assert glance(*flags, *LIST, cloud=None).code == 0


def test_old_names_and_no_domains_log_in(glance: Run, demo: dict[str, str]) -> None:
    env = {name: demo[name] for name in ("OS_AUTH_URL", "OS_USERNAME", "OS_PASSWORD")}
    assert glance(*LIST, cloud=None, env={**env, "OS_TENANT_NAME": "demo"}).code == 0


def test_a_token_logs_in(glance: Run, sandbox: Sandbox, demo: dict[str, str]) -> None:
    token, endpoints = sandbox.login("sandbox-demo")
    where = {"OS_AUTH_URL": demo["OS_AUTH_URL"], "OS_PROJECT_NAME": "demo"}
    assert glance("--os-auth-token", token, *LIST, cloud=None, env=where).code == 0
    ran = glance(
        "--debug",
        "--os-token",
        token,
        "--os-image-url",
        endpoints["image"] + "/v2/",
        *LIST,
        cloud=None,
    )
    assert (ran.code, {path for _, path in requests_of(ran.err)} - {"/versions", "/"}) == (
        0,
        {"/v2/images"},
    )


def without_request_ids(text: str) -> str:
    return re.sub(r"req-[0-9a-f-]+", "REQ", text)


def test_an_application_credential_logs_in(
    glance: Run, demo: dict[str, str], credential: dict[str, Any]
) -> None:
    env = {
        "OS_AUTH_URL": demo["OS_AUTH_URL"],
        "OS_APPLICATION_CREDENTIAL_ID": credential["id"],
        "OS_APPLICATION_CREDENTIAL_SECRET": credential["secret"],
    }
    assert glance(*LIST, cloud=None, env=env).code == 0
    assert (
        glance(*LIST, cloud=None, env={**env, "OS_AUTH_TYPE": "v3applicationcredential"}).code == 0
    )
    ran = glance(*LIST, cloud=None, env={**env, "OS_APPLICATION_CREDENTIAL_SECRET": "wrong"})
    assert (ran.code, without_request_ids(ran.err)) == (
        1,
        "glance: error: Keystone refused the application credential: wrong secret, expired, or deleted "
        "(HTTP 401, request REQ). "
        "Create a new one with `openstack application credential create`.\n",
    )


def test_any_other_plugin_logs_in_by_its_name(glance: Run, demo: dict[str, str]) -> None:
    env = {**demo, "OS_AUTH_TYPE": "v3multifactor", "OS_AUTH_METHODS": "v3password"}
    assert glance(*LIST, cloud=None, env=env).code == 0


REFUSED = (
    "Keystone refused user {user} of domain Default for project {project} of domain Default: "
    "the password, the user name or the user's domain is wrong, or the user has no role on this "
    "project, or it does not exist (HTTP 401, request REQ). "
    "Keystone does not say which of them, and counts wrong passwords: check before you try again. "
    "`glancecli clouds` shows the user and the project that are set."
)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        (
            {"OS_PASSWORD": "wrong"},
            REFUSED.format(user="demo", project="demo"),
        ),
        (
            {"OS_USERNAME": "nobody"},
            REFUSED.format(user="nobody", project="demo"),
        ),
        (
            {"OS_PROJECT_NAME": "other"},
            REFUSED.format(user="demo", project="other"),
        ),
        (
            {"OS_PROJECT_NAME": ""},
            "The token is unscoped, so it has no service catalog. Set a project: "
            "--os-project-name, OS_PROJECT_NAME or project_name in clouds.yaml.",
        ),
        (
            {"OS_AUTH_TYPE": "token", "OS_TOKEN": "gAAAAAB-no-token-of-this-cloud"},
            "Keystone refused the token: it has expired, was revoked, or belongs to another cloud "
            "(HTTP 404, request REQ). Get a new token, or log in with a password.",
        ),
        (
            {"OS_SYSTEM_SCOPE": "all"},
            "The login has 2 scopes, and a token has one: "
            "project (OS_PROJECT_NAME) and system (OS_SYSTEM_SCOPE). "
            "Unset those that are not meant.",
        ),
        (
            {"OS_PROJECT_NAME": "", "OS_TRUST_ID": "0123"},
            "Keystone refused user demo of domain Default for trust 0123: the password, the user "
            "name or the user's domain is wrong, or the trust has expired, was deleted, or is for "
            "another user (HTTP 401, request REQ). Keystone does not say which of them, and counts "
            "wrong passwords: check before you try again. "
            "`glancecli clouds` shows the user and the project that are set.",
        ),
        (
            {"OS_AUTH_TYPE": "v3totp", "OS_PASSCODE": "123456"},
            "Keystone at AUTH_URL does not offer this login: Attempted to authenticate with an "
            "unsupported method. (v3totp) (HTTP 401, request REQ)",
        ),
        (
            {"OS_AUTH_URL": "http://127.0.0.1:1/v3"},
            "Keystone at 127.0.0.1:1 refused the connection. Check that it is up, and that the port is right.",
        ),
    ],
)
def test_a_login_that_fails_says_what_is_wrong(
    glance: Run, demo: dict[str, str], changes: dict[str, str], text: str
) -> None:
    ran = glance(*LIST, cloud=None, env={**demo, **changes})
    assert (ran.code, ran.out) == (1, "")
    text = text.replace("AUTH_URL", demo["OS_AUTH_URL"])
    assert without_request_ids(ran.err) == f"glance: error: {text}\n"


def test_a_system_scoped_token_cannot_list_images(glance: Run) -> None:
    ran = glance(*LIST, cloud="sandbox", env={"OS_SYSTEM_SCOPE": "all"})
    assert without_request_ids(ran.err) == (
        "glance: error: policy forbids listing images (get_images); images belong to projects: "
        "a system-scoped token cannot list or change them (HTTP 403, request REQ). "
        "Choose a project: --os-project-name or OS_PROJECT_NAME.\n"
    )


def test_variables_choose_the_project_and_complete_a_cloud_of_a_file(
    glance: Run, demo: dict[str, str], tmp_path: Path
) -> None:
    entry = {"auth": {"auth_url": demo["OS_AUTH_URL"], "username": "demo"}}
    file = tmp_path / "clouds.json"
    file.write_text(json.dumps({"clouds": {"c": entry}}))
    env = {
        "OS_CLIENT_CONFIG_FILE": str(file),
        "OS_PASSWORD": demo["OS_PASSWORD"],
        "OS_PROJECT_NAME": "demo",
    }
    ran = glance("-v", *LIST, cloud="c", env=env)
    assert ran.code == 0
    assert f"glance: OS_PASSWORD, OS_PROJECT_NAME: used with cloud c of {file}\n" in ran.err


def test_several_factors_are_one_request(glance: Run, demo: dict[str, str]) -> None:
    env = {**demo, "OS_AUTH_TYPE": "v3multifactor", "OS_AUTH_METHODS": "password, totp"}
    ran = glance(*LIST, cloud=None, env={**env, "OS_PASSCODE": "123456"})
    assert ran.err.count("(v3password, v3totp)") == 1


def test_a_token_that_the_service_refuses_is_replaced_quietly(glance: Run, tmp_path: Path) -> None:
    glance(*LIST)
    path = record(tmp_path)
    path.write_text(json.dumps({**json.loads(path.read_text()), "token": "gAAAAAB-dead"}))
    ran = glance("--debug", *LIST)
    assert ran.code == 0
    assert requests_of(ran.err) == [
        ("GET", "/v2/images"),
        ("POST", "/v3/auth/tokens"),
        ("GET", "/v2/images"),
    ]
    assert requests_of(glance("--debug", *LIST).err) == [("GET", "/v2/images")]


def test_the_cache_is_private_and_can_be_forgotten_or_left_out(
    glance: Run, glancecli: Run, tmp_path: Path
) -> None:
    folder = tmp_path / "home" / ".cache" / "glancecli"
    assert glance("--no-cache", *LIST).code == 0
    assert glance(*LIST, env={"GLANCECLI_CACHE": "0"}).code == 0
    assert not folder.exists()
    glance(*LIST)
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    assert folder.stat().st_mode & 0o777 == 0o700
    assert glancecli("cache-forget").code == 0
    assert list(folder.iterdir()) == []


def test_many_commands_that_start_at_once_all_succeed_and_leave_one_record(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    home = tmp_path / "busy"
    home.mkdir()
    env = {**environment(home, sandbox.data), "OS_CLOUD": "sandbox-demo"}
    running = [
        subprocess.Popen(
            [PROGRAMS / "glance", *LIST], env=env, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        for _ in range(50)
    ]
    assert [program.communicate(timeout=120)[1] for program in running] == [b""] * 50
    assert [program.returncode for program in running] == [0] * 50
    assert sorted(path.suffix for path in (home / ".cache" / "glancecli").iterdir()) == [
        "",
        ".json",
        ".names",
    ]
