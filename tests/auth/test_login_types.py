"""Logins by an identity provider, by several factors, and by what is not installed."""

from __future__ import annotations

import importlib.util
import json
import os
import socket
import time
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
import requests
import responses

from glancecli.auth.clouds import load
from glancecli.auth.login import Login, log_in
from glancecli.errors import AuthError, ConnectionFailed, GlanceError, UsageError
from glancecli.text import SILENT, Messages
from tests.support.cloudplace import write
from tests.support.fakekeystone import GENERIC, URL, Keystone

needs_web_sso = pytest.mark.skipif(
    importlib.util.find_spec("keystoneauth1.identity.v3.websso") is None,
    reason="this release of keystoneauth1 has no login in the browser",
)

IDP = "https://idp.test"
TOKENS = URL + "/v3/auth/tokens"
FEDERATED = URL + "/v3/OS-FEDERATION/identity_providers/idp/protocols/openid/auth"
SSO = {
    "os_auth_type": "v3oidcclientcredentials",
    "os_auth_url": URL + "/v3",
    "os_identity_provider": "idp",
    "os_protocol": "openid",
    "os_client_id": "c",
    "os_client_secret": "s",
    "os_discovery_endpoint": IDP + "/conf",
    "os_project_id": "p1",
}
MFA = {
    "os_auth_url": URL + "/v3",
    "os_username": "alice",
    "os_password": "secret",
    "os_project_name": "demo",
}
DISCOVERY = {
    "issuer": "x",
    "token_endpoint": IDP + "/token",
    "device_authorization_endpoint": IDP + "/device",
}


class Provider:
    """An identity provider that hands out access tokens, and Keystone's federated login."""

    def __init__(self, mock: responses.RequestsMock, keystone: Keystone) -> None:
        self.mock = mock
        self.asked: list[dict[str, list[str]]] = []
        mock.get(IDP + "/conf", json=DISCOVERY)
        mock.add_callback("POST", IDP + "/token", self.token)
        token = {"token": keystone.token(None)}
        mock.post(FEDERATED, json=token, status=201, headers={"X-Subject-Token": "unscoped"})

    def token(self, request: Any) -> tuple[int, dict[str, str], str]:
        self.asked.append(parse_qs(request.body))
        return 200, {}, json.dumps({"access_token": "AT", "token_type": "Bearer"})


@pytest.fixture
def provider(mock: responses.RequestsMock, keystone: Keystone) -> Provider:
    return Provider(mock, keystone)


def login(messages: Messages = SILENT, ask: Any = None, **flags: Any) -> Login:
    return log_in(load(flags, os.environ), messages, ask)


def failure(kind: type[GlanceError] = AuthError, **flags: Any) -> str:
    with pytest.raises(kind) as caught:
        login(**flags)
    return str(caught.value)


# the identity provider


@pytest.mark.parametrize("place_of_scope", ["flag", "variable", "file"])
def test_the_openid_scope_reaches_the_provider(
    provider: Provider, place: Path, monkeypatch: pytest.MonkeyPatch, place_of_scope: str
) -> None:
    flags = dict(SSO)
    if place_of_scope == "flag":
        flags["os_openid_scope"] = "openid all"
    elif place_of_scope == "variable":
        monkeypatch.setenv("OS_OPENID_SCOPE", "openid all")
    else:
        auth = {key.removeprefix("os_"): value for key, value in SSO.items()}
        entry = {"auth_type": auth.pop("auth_type"), "auth": {**auth, "openid_scope": "openid all"}}
        write(place, {"cwd/clouds.json": json.dumps({"clouds": {"c": entry}})})
        flags = {"os_cloud": "c"}
    login(**flags)
    assert [asked["scope"] for asked in provider.asked] == [["openid all"]]


def test_a_public_client_needs_no_secret(provider: Provider) -> None:
    flags = {**SSO, "os_auth_type": "v3oidcpassword", "os_username": "u", "os_password": "p"}
    login(**{**flags, "os_client_secret": ""})
    assert provider.asked[0]["client_id"] == ["c"]


def test_the_one_time_code_of_a_provider_is_asked_for_by_us(provider: Provider) -> None:
    flags = {**SSO, "os_auth_type": "v3oidcpassword", "os_username": "u", "os_idp_otp_key": "otp"}
    prompts: list[str] = []

    def ask(prompt: str) -> str:
        prompts.append(prompt)
        return "typed"

    login(ask=ask, **flags)
    assert provider.asked[0]["otp"] == ["typed"]
    assert prompts == [
        "Password of u at keystone.test:5000: ",
        "Passcode (one-time code) of u at keystone.test:5000: ",
    ]


def test_the_address_that_the_user_has_to_open_is_told(provider: Provider) -> None:
    answer = {
        "device_code": "d",
        "user_code": "WDJB",
        "verification_uri": "https://idp.example/device",
        "expires_in": 30,
        "interval": 1,
    }
    provider.mock.post(IDP + "/device", json=answer)
    lines: list[str] = []
    login(Messages(instruct=lines.append), **{**SSO, "os_auth_type": "v3oidcdeviceauthz"})
    assert lines == [
        "To authenticate please go to https://idp.example/device and enter the code WDJB"
    ]


@pytest.mark.parametrize(
    ("answer", "kind", "text"),
    [
        (
            {
                "status": 401,
                "json": {"error": "invalid_client", "error_description": "Wrong secret."},
            },
            AuthError,
            "The identity provider at https://idp.test/token refused the login: "
            "Wrong secret (invalid_client) (HTTP 401)",
        ),
        (
            {"status": 400, "json": {"error": "access_denied"}},
            AuthError,
            "The identity provider at https://idp.test/token refused the login: "
            "access_denied (HTTP 400)",
        ),
        (
            {"status": 403, "body": "<html><title>No entry</title></html>"},
            AuthError,
            "The identity provider at https://idp.test/token refused the login: "
            'a web page titled "No entry" (HTTP 403)',
        ),
        (
            {"status": 500, "body": "broken"},
            ConnectionFailed,
            "The identity provider at https://idp.test/token failed: broken (HTTP 500). "
            "Try again later.",
        ),
        (
            {"json": {"id_token": "other"}},
            AuthError,
            "Unexpected response from the identity provider at https://idp.test/token. "
            "Check the endpoints of the identity provider.",
        ),
        (
            {"body": "<html>Sign in</html>"},
            AuthError,
            "Unexpected response from the identity provider at https://idp.test/token. "
            "Check the endpoints of the identity provider.",
        ),
        (
            {"body": requests.exceptions.ConnectionError("[Errno 111] Connection refused")},
            ConnectionFailed,
            "The identity provider at idp.test refused the connection. "
            "Check that it is up, and that the port is right.",
        ),
        (
            {"body": requests.exceptions.ConnectionError("NameResolutionError: 'idp.test'")},
            ConnectionFailed,
            "Cannot resolve host idp.test. "
            "Check the endpoints of the identity provider and the network.",
        ),
    ],
)
def test_a_fault_of_the_provider_is_not_blamed_on_keystone(
    mock: responses.RequestsMock, answer: dict[str, Any], kind: type[GlanceError], text: str
) -> None:
    mock.get(IDP + "/conf", json=DISCOVERY)
    mock.post(IDP + "/token", **answer)
    assert failure(kind, **SSO) == text


@pytest.mark.parametrize("answer", [{"status": 404}, {"body": "<html>"}, {"json": []}])
def test_a_discovery_document_that_cannot_be_read_is_named(
    mock: responses.RequestsMock, answer: dict[str, Any]
) -> None:
    mock.get(IDP + "/conf", **answer)
    assert failure(**SSO).startswith(
        "The discovery document of the identity provider cannot be read: https://idp.test/conf"
    )


def test_a_provider_on_the_host_of_keystone_is_told_apart(mock: responses.RequestsMock) -> None:
    mock.post(URL + "/idp/token", status=401, json={"error": "invalid_client"})
    flags = {**SSO, "os_access_token_endpoint": URL + "/idp/token", "os_discovery_endpoint": ""}
    assert failure(**flags).startswith("The identity provider at https://keystone.test:5000/idp/")


def test_keystone_is_named_when_it_refuses_the_token_of_the_provider(
    mock: responses.RequestsMock, keystone: Keystone
) -> None:
    Provider(mock, keystone)
    mock.replace("POST", FEDERATED, status=401, json={"error": {"message": "No mapping"}})
    assert failure(**SSO) == ("Keystone refused the login for project p1: No mapping (HTTP 401)")


def test_a_federated_user_without_the_project_is_told_so(
    provider: Provider, mock: responses.RequestsMock
) -> None:
    mock.replace("POST", TOKENS, status=401, json={"error": {"message": GENERIC}})
    assert failure(**SSO) == (
        "Keystone accepts the login but denies access to project p1 (HTTP 401). "
        "Check that it exists in this domain and is enabled, and that you have a role on it."
    )


def test_a_secret_of_a_client_that_no_header_can_have_is_named_and_not_shown(
    mock: responses.RequestsMock,
) -> None:
    mock.get(IDP + "/conf", json=DISCOVERY)
    said = failure(**{**SSO, "os_client_secret": "\u201chidden\u201d"})
    assert said == (
        "--os-client-secret has a character that cannot be sent in a header of HTTP. "
        "Type it again; copied text may have typographic quotes or invisible characters."
    )


WEBSSO = {
    "os_auth_type": "v3websso",
    "os_auth_url": URL + "/v3",
    "os_identity_provider": "idp",
    "os_protocol": "openid",
    "os_redirect_host": "127.0.0.1",
    "os_login_timeout": "0.01",
}


@needs_web_sso
def test_a_login_in_the_browser_shows_its_address_and_says_when_nothing_came(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("webbrowser.open", lambda url, new: True)
    lines: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(AuthError) as caught:
        login(Messages(instruct=lines.append), **WEBSSO, os_redirect_port=str(port))
    assert str(caught.value) == (
        "The login in the browser was not completed in time. "
        "Use --os-login-timeout to wait longer (in seconds)."
    )
    path = "auth/OS-FEDERATION/identity_providers/idp/protocols/openid/websso"
    assert lines == [
        f"To authenticate please go to: {URL}/v3/{path}"
        f"?origin=http%3A%2F%2F127.0.0.1%3A{port}%2Fauth%2Fwebsso%2F"
    ]


@needs_web_sso
def test_a_port_that_is_taken_is_named_and_not_keystone() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert failure(**WEBSSO, os_redirect_port=str(port)) == (
            "The login type v3websso cannot wait for the browser: address already in use. "
            "Choose another port with --os-redirect-port."
        )


@needs_web_sso
def test_a_number_that_is_none_is_named_and_not_keystone() -> None:
    assert failure(UsageError, **WEBSSO, os_redirect_port="x") == (
        "--os-redirect-port must be a number, not x."
    )


@pytest.mark.parametrize("fault", [IndexError("one element"), SyntaxError("no XML")])
def test_what_a_plugin_cannot_read_is_no_defect_of_ours(
    mock: responses.RequestsMock, fault: Exception
) -> None:
    mock.get(IDP + "/conf", json=DISCOVERY)
    mock.post(IDP + "/token", body=fault)
    assert failure(**SSO).startswith("Unexpected response from the identity provider at ")


# several factors


@pytest.mark.parametrize("methods", ["password,totp", "v3password, v3totp", ["totp", "password"]])
def test_the_methods_of_a_login_may_be_written_in_any_way(keystone: Keystone, methods: Any) -> None:
    flags = {**MFA, "os_auth_type": "v3multifactor", "os_auth_methods": methods}
    login(**flags, os_passcode="123456", os_openid_scope="not for this login")
    (body,) = keystone.bodies
    assert sorted(body["identity"]["methods"]) == ["password", "totp"]
    assert body["identity"]["totp"]["user"]["passcode"] == "123456"
    assert body["identity"]["password"]["user"]["password"] == "secret"


@pytest.mark.parametrize(
    ("flags", "names"),
    [
        ({"os_auth_type": "v3totp"}, "the passcode (one-time code) is missing."),
        (
            {"os_auth_type": "v3multifactor", "os_auth_methods": "password,totp"},
            "the passcode (one-time code) is missing.",
        ),
        (
            {
                "os_auth_type": "v3multifactor",
                "os_auth_methods": "password,totp",
                "os_passcode": "1",
                "os_password": None,
            },
            "the password is missing.",
        ),
        (
            {"os_auth_type": "v3multifactor"},
            "the methods of the login (such as password,totp) is missing.",
        ),
        (
            {
                "os_auth_type": "v3applicationcredential",
                "os_application_credential_name": "a",
                "os_application_credential_secret": "s",
                "os_username": None,
            },
            "the user name is missing.",
        ),
    ],
)
def test_what_a_login_lacks_is_named_and_nothing_is_sent(
    keystone: Keystone, flags: dict[str, str], names: str
) -> None:
    assert failure(**{**MFA, **flags}).startswith(f"Cannot log in: {names} Give --os-")
    assert keystone.logins == 0


def test_an_unknown_method_is_named(keystone: Keystone) -> None:
    flags = {**MFA, "os_auth_type": "v3multifactor", "os_auth_methods": "password,magic"}
    assert failure(**flags).startswith("The login type v3magic is unknown.")


def receipt(mock: responses.RequestsMock, *rules: list[str]) -> None:
    body = {
        "receipt": {
            "methods": ["password"],
            "user": {"id": "u", "name": "alice", "domain": {"id": "default", "name": "Default"}},
            "expires_at": "2099-01-01T00:00:00.000000Z",
            "issued_at": "2026-01-01T00:00:00.000000Z",
        },
        "required_auth_methods": list(rules),
    }
    headers = {"Openstack-Auth-Receipt": "r", "X-Openstack-Request-Id": "req-1"}
    mock.upsert("POST", TOKENS, json=body, status=401, headers=headers)


@pytest.mark.parametrize(
    ("rules", "also", "hint"),
    [
        (
            [["password", "totp"]],
            "totp",
            "password,totp, and the one-time code as --os-passcode (OS_PASSCODE)",
        ),
        (
            [["password", "kerberos", "mapped"], ["password", "application_credential"]],
            "application_credential or kerberos and mapped",
            "password,application_credential",
        ),
    ],
)
def test_a_receipt_is_understood(
    mock: responses.RequestsMock, rules: list[list[str]], also: str, hint: str
) -> None:
    receipt(mock, *rules)
    assert failure(**MFA) == (
        "Keystone accepts the password of user alice of domain default, and this user also needs: "
        f"{also} (HTTP 401, request req-1). "
        f"Give --os-auth-type v3multifactor and --os-auth-methods {hint}."
    )
    assert len(mock.calls) == 1


@pytest.mark.parametrize("rules", [[], ["totp", None], [["password"]]])
def test_a_receipt_without_a_way_to_log_in_is_an_error_all_the_same(
    mock: responses.RequestsMock, rules: list[Any]
) -> None:
    receipt(mock, *rules)
    assert "this user also needs: another method (HTTP 401" in failure(**MFA)


def test_a_terminal_asks_for_the_code_that_a_receipt_demands(
    mock: responses.RequestsMock, keystone: Keystone
) -> None:
    receipt(mock, ["password", "totp"])
    prompts: list[str] = []

    def ask(prompt: str) -> str:
        prompts.append(prompt)
        mock.remove("POST", TOKENS)
        mock.add_callback("POST", TOKENS, keystone.v3)
        return "123456"

    done = login(ask=ask, **MFA)
    assert prompts == ["Passcode (one-time code) of alice at keystone.test:5000: "]
    assert keystone.bodies[0]["identity"]["totp"]["user"]["passcode"] == "123456"
    assert done.access.token == "token-1"


def test_a_method_that_keystone_does_not_offer_is_named(mock: responses.RequestsMock) -> None:
    text = "Attempted to authenticate with an unsupported method."
    mock.post(TOKENS, json={"error": {"message": text}}, status=401)
    assert failure(**{**MFA, "os_auth_type": "v3totp", "os_passcode": "1"}) == (
        f"Keystone at {URL}/v3 does not offer this login: "
        "Attempted to authenticate with an unsupported method. (v3totp) (HTTP 401)"
    )


# packages


@pytest.mark.parametrize(
    ("kind", "package", "extra"),
    [
        ("v3kerberos", "requests_kerberos", "kerberos"),
        ("v3fedkerb", "requests_kerberos", "kerberos"),
        ("v3samlpassword", "lxml", "saml"),
        ("v3adfspassword", "lxml", "saml"),
        ("v3oauth1", "oauthlib", "oauth1"),
    ],
)
@pytest.mark.parametrize("within", ["alone", "multifactor"])
def test_a_login_type_without_its_packages_names_the_extra(
    kind: str, package: str, extra: str, within: str
) -> None:
    if importlib.util.find_spec(package):
        pytest.skip(f"{package} is installed")
    flags = {**SSO, "os_auth_type": kind}
    if within == "multifactor":
        flags = {**MFA, "os_auth_type": "v3multifactor", "os_auth_methods": f"password,{kind}"}
    assert failure(**flags) == (
        f"The login type {kind} needs packages that are not installed. "
        f"Install them: pip install 'openstack-glancecli[{extra}]'."
    )


# scopes and addresses


@pytest.mark.parametrize(
    ("more", "text"),
    [
        (
            {"OS_SYSTEM_SCOPE": "all"},
            "The login has 2 scopes, and a token has one: "
            "project (OS_PROJECT_NAME) and system (OS_SYSTEM_SCOPE).",
        ),
        (
            {"OS_TRUST_ID": "t", "OS_TENANT_ID": "p"},
            "The login has 2 scopes, and a token has one: "
            "project (OS_TENANT_ID and OS_PROJECT_NAME) and trust (OS_TRUST_ID).",
        ),
        (
            {"OS_SYSTEM_SCOPE": "all", "OS_PROJECT_NAME": "", "OS_DOMAIN_NAME": "d"},
            "The login has 2 scopes, and a token has one: "
            "domain (OS_DOMAIN_NAME) and system (OS_SYSTEM_SCOPE).",
        ),
    ],
)
def test_scopes_that_contradict_each_other_are_named_before_anything_is_sent(
    monkeypatch: pytest.MonkeyPatch, keystone: Keystone, more: dict[str, str], text: str
) -> None:
    for key, value in {**{key.upper(): value for key, value in MFA.items()}, **more}.items():
        monkeypatch.setenv(key, value)
    assert failure() == f"{text} Unset those that are not meant."
    assert keystone.logins == 0


def test_a_file_with_two_scopes_is_named(place: Path) -> None:
    entry = {key.removeprefix("os_"): value for key, value in MFA.items()} | {"trust_id": "t"}
    write(place, {"cwd/clouds.json": json.dumps({"clouds": {"c": {"auth": entry}}})})
    where = f"of cloud c in {place}/cwd/clouds.json"
    assert failure(os_cloud="c") == (
        "The login has 2 scopes, and a token has one: "
        f"project (project_name {where}) and trust (trust_id {where}). "
        "Unset those that are not meant."
    )


@pytest.mark.parametrize("gone", ["Could not find trust: t1.", "Could not find project: p1."])
def test_a_404_of_keystone_about_the_scope_is_not_about_the_address(
    mock: responses.RequestsMock, gone: str
) -> None:
    mock.post(TOKENS, json={"error": {"message": gone, "code": 404}}, status=404)
    flags = {**MFA, "os_project_name": None, "os_trust_id": "t1"}
    assert failure(**flags) == (
        f"Keystone refused user alice of domain default for trust t1: {gone[:-1]} (HTTP 404)"
    )


@pytest.mark.parametrize(
    "text", ["Could not find token: T.", "This is not a recognized Fernet token T"]
)
def test_a_404_of_keystone_about_the_token_is_not_about_the_address(
    mock: responses.RequestsMock, text: str
) -> None:
    mock.post(TOKENS, json={"error": {"message": text, "code": 404}}, status=404)
    assert failure(os_auth_url=URL + "/v3", os_token="T") == (
        "Keystone refused the token: it has expired, was revoked, or belongs to another cloud "
        "(HTTP 404). Get a new token, or log in with a password."
    )


@pytest.mark.parametrize(
    ("end", "too_much", "right"),
    [
        ("/v3/auth/tokens", "/auth/tokens", "/v3"),
        ("/v3/auth/tokens/", "/auth/tokens", "/v3"),
        ("/v3/v3/", "/v3", "/v3"),
        ("/v3/auth/tokens/v3", "/auth/tokens/v3", "/v3"),
        ("/identity/v2.0/tokens", "/tokens", "/identity/v2.0"),
        ("/identity/auth/tokens", "/auth/tokens", "/identity"),
    ],
)
def test_an_auth_url_with_too_much_at_its_end_is_named(end: str, too_much: str, right: str) -> None:
    assert failure(**{**MFA, "os_auth_url": URL + end}) == (
        f"The auth URL {URL}{end} has too much at its end: {too_much} belongs to single requests. "
        f"Use {URL}{right} (--os-auth-url, OS_AUTH_URL or auth_url in clouds.yaml)."
    )


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 404},
        {"status": 403, "body": "<html>CSRF</html>"},
        {"status": 200, "body": "<html>Login</html>"},
        {"status": 302, "headers": {"Location": "/dashboard/auth/login/?next=/"}},
    ],
)
def test_an_auth_url_of_the_dashboard_is_named(
    mock: responses.RequestsMock, answer: dict[str, Any]
) -> None:
    mock.post(URL + "/dashboard/project/v3/auth/tokens", **answer)
    mock.get(URL + "/dashboard/project", status=404)
    mock.get(URL + "/dashboard/project/", status=404)
    assert failure(**{**MFA, "os_auth_url": URL + "/dashboard/project"}).startswith(
        f"{URL}/dashboard/project is not an Identity (Keystone) endpoint; "
        "it looks like a page of the dashboard, Horizon"
    )


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_a_web_page_is_no_refusal_of_keystone(mock: responses.RequestsMock, status: int) -> None:
    mock.post(TOKENS, body="<html><title>Welcome</title></html>", status=status)
    assert failure(**MFA) == (
        f"{URL}/v3 is not an Identity (Keystone) endpoint: it returned "
        f'a web page titled "Welcome" (HTTP {status}). '
        "Check the auth URL, and the proxy if there is one."
    )


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 403, "body": "<html><title>403</title>CSRF verification failed</html>"},
        {"status": 200, "body": "<html><title>Login - OpenStack Dashboard</title></html>"},
        {"status": 302, "headers": {"Location": "/auth/login/?next=/v3/auth/tokens"}},
    ],
)
def test_a_dashboard_at_the_root_is_named(
    mock: responses.RequestsMock, answer: dict[str, Any]
) -> None:
    mock.post(TOKENS, **answer)
    assert "it looks like a page of the dashboard, Horizon" in failure(**MFA)


# a busy Keystone


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    found: list[float] = []
    monkeypatch.setattr(time, "sleep", found.append)
    return found


@pytest.mark.parametrize(("status", "headers"), [(429, {"Retry-After": "3"}), (503, {})])
def test_a_busy_keystone_is_asked_again(
    mock: responses.RequestsMock, pauses: list[float], status: int, headers: dict[str, str]
) -> None:
    keystone = Keystone(mock)
    busy = [(status, headers, "{}")] * 2

    def respond(request: Any) -> tuple[int, dict[str, str], str]:
        return busy.pop() if busy else keystone.v3(request)

    mock.remove("POST", TOKENS)
    mock.add_callback("POST", TOKENS, respond)
    assert login(**MFA).access.token == "token-1"
    assert len(pauses) == 2
    assert min(pauses) >= float(headers.get("Retry-After", 0))


@pytest.mark.parametrize(
    ("status", "message"), [(429, "has too many requests: slow down"), (503, "failed")]
)
def test_a_long_wait_that_keystone_asks_for_is_told(
    mock: responses.RequestsMock, pauses: list[float], status: int, message: str
) -> None:
    body = {"error": {"message": "slow down"}}
    mock.post(TOKENS, json=body, status=status, headers={"Retry-After": "600"})
    assert failure(ConnectionFailed, **MFA) == (
        f"Keystone at {URL}/v3 {message} (HTTP {status}). "
        "Try again in 600 seconds, as the server asks for."
    )
    assert pauses == []
