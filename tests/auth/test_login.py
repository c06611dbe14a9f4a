"""The requests of every type of login, and the errors of failed logins."""

from __future__ import annotations

import os
import ssl
from typing import Any

import pytest
import requests
import responses

from glancecli.auth.access import Access, Endpoint
from glancecli.auth.clouds import load
from glancecli.auth.login import log_in
from glancecli.errors import AuthError, ConnectionFailed, GlanceError
from glancecli.text import Messages
from tests.support.fakekeystone import GENERIC, URL, Keystone
from tests.transport.test_client import TLS

V3 = {
    "os_auth_url": URL + "/v3",
    "os_username": "alice",
    "os_password": "secret",
    "os_project_name": "demo",
}
TOKENS = URL + "/v3/auth/tokens"


def login(**flags: Any) -> Access:
    return log_in(load(flags, os.environ)).access


def failure(kind: type[GlanceError] = AuthError, **flags: Any) -> str:
    """Returns the error of a failed login as one line."""
    with pytest.raises(kind) as caught:
        login(**flags)
    return str(caught.value)


def handshake_error(reason: str) -> requests.exceptions.SSLError:
    """The exception of a handshake that fails, as OpenSSL and requests build it."""
    cause = ssl.SSLError(1, f"[SSL: {reason}] (_ssl.c:1006)")
    cause.reason = reason
    return requests.exceptions.SSLError(cause)


def certificate_error(code: int, message: str) -> requests.exceptions.SSLError:
    """The exception for a certificate that OpenSSL refuses."""
    cause = ssl.SSLCertVerificationError(1, f"certificate verify failed: {message} (_ssl.c:1006)")
    cause.verify_code = code
    cause.verify_message = message
    return requests.exceptions.SSLError(cause)


def urls(mock: responses.RequestsMock) -> list[str]:
    return [f"{call.request.method} {call.request.url}" for call in mock.calls]


# requests


def test_a_password_login_is_one_request(mock, keystone):
    access = login(**V3)
    assert urls(mock) == [f"POST {TOKENS}"]
    assert keystone.bodies == [
        {
            "identity": {
                "methods": ["password"],
                "password": {
                    "user": {"password": "secret", "name": "alice", "domain": {"id": "default"}}
                },
            },
            "scope": {"project": {"name": "demo", "domain": {"id": "default"}}},
        }
    ]
    assert (access.token, access.project_id, access.user_id, access.roles) == (
        "token-1",
        "p1",
        "u1",
        ["member"],
    )
    assert access.catalog[0] == Endpoint(
        type="image",
        name="glance",
        region="one",
        interface="public",
        url="https://image.one.test/v2/",
    )
    assert 3590 < access.life <= 3600


@pytest.mark.parametrize("url", [URL, URL + "/", URL + "/v3/", URL + "/v3"])
def test_version_3_is_tried_first_with_any_url(mock, keystone, url):
    login(**{**V3, "os_auth_url": url})
    assert urls(mock) == [f"POST {TOKENS}"]


@pytest.mark.parametrize(
    ("more", "user", "project"),
    [
        ({"os_user_domain_name": "d", "os_project_domain_id": "e"}, {"name": "d"}, {"id": "e"}),
        ({"os_domain_name": "d"}, {"name": "d"}, {"name": "d"}),
        ({"os_default_domain": "d"}, {"id": "d"}, {"id": "d"}),
        ({"os_default_domain_name": "d"}, {"name": "d"}, {"name": "d"}),
        ({"os_default_domain_id": "d"}, {"id": "d"}, {"id": "d"}),
    ],
)
def test_given_domains_override_the_default_domain(keystone, more, user, project):
    login(**V3, **more)
    (body,) = keystone.bodies
    assert body["identity"]["password"]["user"]["domain"] == user
    assert body["scope"]["project"]["domain"] == project


def test_user_and_project_by_id_need_no_domain(keystone):
    login(os_auth_url=URL, os_user_id="u1", os_password="secret", os_project_id="p1")
    (body,) = keystone.bodies
    assert body["identity"]["password"]["user"] == {"id": "u1", "password": "secret"}
    assert body["scope"] == {"project": {"id": "p1"}}


@pytest.mark.parametrize(
    ("more", "scope"),
    [
        ({"os_system_scope": "all"}, {"system": {"all": True}}),
        ({"os_domain_id": "d"}, {"domain": {"id": "d"}}),
        ({"os_trust_id": "t"}, {"OS-TRUST:trust": {"id": "t"}}),
    ],
)
def test_other_scopes_than_projects(keystone, more, scope):
    login(**{**V3, "os_project_name": None}, **more)
    assert keystone.bodies[0]["scope"] == scope


def test_a_token_login_gets_a_token_for_the_project(mock, keystone):
    login(os_auth_url=URL, os_token="T", os_project_name="demo")
    assert urls(mock) == [f"POST {TOKENS}"]
    assert keystone.bodies[0]["identity"] == {"methods": ["token"], "token": {"id": "T"}}


def test_an_application_credential_never_names_a_project(keystone):
    login(
        os_auth_url=URL,
        os_application_credential_id="a1",
        os_application_credential_secret="s",
        os_project_name="left over",
    )
    assert keystone.bodies == [
        {
            "identity": {
                "methods": ["application_credential"],
                "application_credential": {"id": "a1", "secret": "s"},
            }
        }
    ]


@pytest.mark.parametrize(
    "flags",
    [
        {"os_auth_url": URL + "/v2.0"},
        {"os_auth_url": URL + "/v2.0/"},
        {"os_auth_url": URL, "os_identity_api_version": "2.0"},
        {"os_auth_url": URL, "os_auth_type": "v2password"},
    ],
)
def test_an_old_cloud_gets_a_login_of_version_2(mock, keystone, flags):
    access = login(os_username="alice", os_password="secret", os_tenant_name="demo", **flags)
    assert urls(mock) == [f"POST {URL}/v2.0/tokens"]
    assert keystone.bodies == [
        {"passwordCredentials": {"username": "alice", "password": "secret"}, "tenantName": "demo"}
    ]
    assert (access.token, access.project_id) == ("token-1", "p1")
    assert access.catalog == [
        ("image", "glance", "one", "public", "http://image.old.test:9292"),
        ("image", "glance", "one", "internal", "http://image.old.internal:9292"),
    ]


def test_a_token_of_an_old_cloud(keystone):
    login(os_auth_url=URL + "/v2.0", os_token="T", os_tenant_id="p1")
    assert keystone.bodies == [{"token": {"id": "T"}, "tenantId": "p1"}]


@pytest.mark.parametrize(
    "more", [{"os_identity_api_version": "3"}, {"os_user_domain_name": "Default"}]
)
def test_an_old_url_with_new_settings_means_version_3(mock, keystone, more):
    login(**{**V3, "os_auth_url": URL + "/v2.0"}, **more)
    assert urls(mock) == [f"POST {TOKENS}"]


def test_keystone_is_asked_for_its_versions_when_the_guess_was_wrong(mock):
    elsewhere = URL + "/identity/three"
    keystone = Keystone(mock)
    mock.add("POST", URL + "/identity/v3/auth/tokens", status=404)
    version = {
        "id": "v3.14",
        "status": "stable",
        "links": [{"rel": "self", "href": elsewhere + "/v3"}],
    }
    mock.add("GET", URL + "/identity", json={"versions": {"values": [version]}}, status=300)
    mock.add_callback("POST", elsewhere + "/v3/auth/tokens", keystone.v3)
    assert login(**{**V3, "os_auth_url": URL + "/identity"}).token == "token-1"


@pytest.mark.parametrize("kind", ["password", "token"])
def test_a_keystone_with_only_version_2_gets_a_login_of_version_2_with_any_url(mock, kind):
    keystone = Keystone(mock)
    mock.replace("POST", TOKENS, status=404)
    version = {"id": "v2.0", "status": "stable", "links": [{"rel": "self", "href": URL + "/v2.0/"}]}
    mock.add("GET", URL, json={"versions": {"values": [version]}}, status=300)
    how = (
        {"os_token": "T"} if kind == "token" else {"os_username": "alice", "os_password": "secret"}
    )
    access = login(os_auth_url=URL, os_tenant_name="demo", **how)
    assert (access.token, access.project_id) == ("token-1", "p1")
    given = (
        {"token": {"id": "T"}}
        if kind == "token"
        else {"passwordCredentials": {"username": "alice", "password": "secret"}}
    )
    assert keystone.bodies == [{**given, "tenantName": "demo"}]


def test_any_plugin_of_keystoneauth1_can_log_in(mock, keystone):
    login(**V3, os_auth_type="v3multifactor", os_auth_methods="v3password")
    assert urls(mock) == [f"POST {TOKENS}"]


def test_trace_shows_requests_without_secrets(mock, keystone):
    lines: list[str] = []
    url = URL.replace("://", "://me:hidden@")
    mock.add_callback("POST", url + "/v3/auth/tokens", keystone.v3)
    log_in(load({**V3, "os_auth_url": url}, os.environ), Messages(trace=lines.append))
    assert lines[:2] == [
        f"> POST {TOKENS}",
        '> {"auth": {"identity": {"methods": ["password"], "password": {"user": {"password": "***", "name": '
        '"alice", "domain": {"id": "default"}}}}, "scope": {"project": {"name": "demo", "domain": {"id": '
        '"default"}}}}}',
    ]
    assert lines[2].startswith("< 201 Created (")
    assert '"url": "https://image.one.test/v2/"' in lines[3]
    assert not [line for line in lines for word in ("secret", "token-1", "hidden") if word in line]


# what is missing


def test_everything_missing_is_named_with_every_way_to_give_it():
    assert failure() == (
        "Cannot log in: the auth URL of the cloud, the user name and the password are missing. "
        "Give --os-auth-url or OS_AUTH_URL; --os-username or OS_USERNAME; --os-password or OS_PASSWORD; "
        "or choose a cloud of clouds.yaml with --os-cloud or OS_CLOUD "
        "(`glancecli sandbox up` creates one to try out, --os-cloud sandbox)."
    )


def test_for_a_named_cloud_only_ways_that_work_are_listed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "clouds.yaml").write_text(
        f"clouds: {{c: {{auth: {{auth_url: '{URL}', username: alice}}}}}}"
    )
    assert failure(os_cloud="c") == (
        f"Cannot log in to cloud c of {tmp_path}/clouds.yaml: the password is missing. "
        "Give --os-password or OS_PASSWORD, or password under auth in the file (or in secure.yaml)."
    )


def test_a_missing_secret_of_an_application_credential():
    assert failure(os_auth_url=URL, os_application_credential_id="a1") == (
        "Cannot log in: the secret of the application credential is missing. "
        "Give --os-application-credential-secret or OS_APPLICATION_CREDENTIAL_SECRET; "
        "or choose a cloud of clouds.yaml with --os-cloud or OS_CLOUD."
    )


@pytest.mark.parametrize("url", ["keystone:5000/v3", "/v3", "ftp://keystone/v3", "https:///v3"])
def test_an_auth_url_must_be_a_url(url):
    assert failure(**{**V3, "os_auth_url": url}) == (
        f"The auth URL {url} is not an http or https URL. It should look like https://cloud.example.com:5000/v3."
    )


def test_a_plugins_own_options_are_named_when_they_are_missing():
    flags = {"os_auth_url": URL, "os_auth_type": "v3oidcpassword", "os_identity_provider": "idp"}
    assert failure(**flags, os_username="u", os_password="p") == (
        "Cannot log in: the protocol, the client id and the discovery endpoint are missing. "
        "Give --os-protocol or OS_PROTOCOL; --os-client-id or OS_CLIENT_ID; "
        "--os-discovery-endpoint or OS_DISCOVERY_ENDPOINT; "
        "or choose a cloud of clouds.yaml with --os-cloud or OS_CLOUD."
    )


def test_an_unknown_login_type():
    assert failure(**V3, os_auth_type="magic") == (
        "The login type magic is unknown. "
        "Usual types are password, token, v3applicationcredential and none (--os-auth-type)."
    )


def test_a_login_without_a_token_is_an_error():
    assert failure(**V3, os_auth_type="http_basic", os_endpoint="http://g") == (
        "The login type http_basic gives no token, and the Image service needs one."
    )


# what Keystone refuses


def test_a_refused_password_is_sent_once_and_the_project_is_named_as_well(keystone):
    refusals = [
        failure(**{**V3, "os_password": "wrong"}),
        failure(**{**V3, "os_project_name": "other"}),
    ]
    assert refusals == [
        f"Keystone refused user alice of domain default for project {project} of domain default: "
        "the password, the user name or the user's domain is wrong, or the user has no role on this "
        "project, or it does not exist (HTTP 401, request req-1). "
        "Keystone does not say which of them, and counts wrong passwords: check before you try again. "
        "`glancecli clouds` shows the user and the project that are set."
        for project in ("demo", "other")
    ]
    assert keystone.logins == 2


@pytest.mark.parametrize(
    ("more", "scope"),
    [
        (
            {"os_project_name": "demo", "os_project_id": "p7"},
            "project p7 (--os-project-id; --os-project-name is not sent)",
        ),
        ({"os_project_id": "p7"}, "project p7"),
        ({"os_domain_id": "d7"}, "domain d7"),
        ({"os_domain_name": "d"}, "domain d"),
        ({"os_system_scope": "all"}, "the whole system"),
        ({"os_trust_id": "t7"}, "trust t7"),
    ],
)
def test_a_refused_scope_is_named_as_it_was_sent(keystone, more, scope):
    flags = {"os_auth_url": URL, "os_user_id": "u7", "os_username": "a", "os_password": "wrong"}
    assert failure(**flags, **more).startswith(
        f"Keystone refused user u7 for {scope}: the password or the user ID is wrong, or "
    )


def test_a_wrong_password_without_a_project_is_sent_once(keystone):
    assert failure(os_auth_url=URL, os_username="alice", os_password="wrong") == (
        "Keystone refused user alice of domain default: "
        "the password, the user name or the user's domain is wrong (HTTP 401, request req-1)"
    )
    assert keystone.logins == 1


def test_another_refused_login_names_its_own_secret(mock):
    mock.add("POST", TOKENS, json={"error": {"message": GENERIC}}, status=401)
    flags = {"os_auth_type": "v3totp", "os_username": "alice", "os_passcode": "123456"}
    assert failure(os_auth_url=URL + "/v3", **flags) == (
        "Keystone refused user alice of domain default: "
        "the passcode, the user name or the user's domain is wrong (HTTP 401)"
    )
    assert failure(os_auth_url=URL + "/v3", **flags, os_trust_id="t1") == (
        "Keystone refused user alice of domain default for trust t1: the passcode, the user name or "
        "the user's domain is wrong, or the trust has expired, was deleted, or is for another user "
        "(HTTP 401). Keystone does not say which of them, and counts wrong passwords: "
        "check before you try again. "
        "`glancecli clouds` shows the user and the project that are set."
    )


def test_an_expired_token(keystone):
    keystone.revoked = {"T"}
    assert failure(os_auth_url=URL + "/v3", os_token="T", os_project_name="demo") == (
        "Keystone refused the token: it has expired, was revoked, or belongs to another cloud (HTTP 404, request req-1). "
        "Get a new token, or log in with a password."
    )


def test_a_token_without_access_to_the_project(keystone):
    assert failure(os_auth_url=URL, os_token="T", os_project_name="other") == (
        "Keystone accepts the login but denies access to project other of domain default (HTTP 401, request req-1). "
        "Check that it exists in this domain and is enabled, and that you have a role on it."
    )


def test_a_wrong_secret_of_an_application_credential(mock):
    mock.add("POST", TOKENS, json={"error": {"message": GENERIC}}, status=401)
    flags = {"os_application_credential_id": "a1", "os_application_credential_secret": "s"}
    assert failure(os_auth_url=URL, **flags) == (
        "Keystone refused the application credential: wrong secret, expired, or deleted (HTTP 401). "
        "Create a new one with `openstack application credential create`."
    )


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (400, "Keystone refused the login: Invalid input (HTTP 400)"),
        (
            401,
            "Keystone refused user alice of domain default for project demo of domain default: "
            "Invalid input (HTTP 401)",
        ),
        (
            403,
            "Keystone forbids the login of user alice of domain default "
            "for project demo of domain default: Invalid input (HTTP 403)",
        ),
        (
            404,
            f"{URL}/v3 is not an Identity (Keystone) endpoint (HTTP 404). "
            "Check the auth URL; it usually ends in /v3.",
        ),
        (413, "Keystone refused the login: Invalid input (HTTP 413)"),
    ],
)
def test_the_reason_of_keystone_is_shown(mock, status, text):
    mock.add("POST", TOKENS, json={"error": {"message": "Invalid\ninput."}}, status=status)
    assert failure(**V3) == text


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_failure_of_keystone(mock, status):
    mock.add("POST", TOKENS, body="<html><title>Bad Gateway</title></html>", status=status)
    assert failure(ConnectionFailed, **V3) == (
        f"Keystone at {URL}/v3 failed (HTTP {status}). Try again later."
    )


def test_a_login_never_follows_a_redirect(mock):
    mock.add("POST", TOKENS, status=307, headers={"Location": "https://thief.test/v3/auth/tokens"})
    mock.add("POST", "https://thief.test/v3/auth/tokens", status=201)
    assert failure(**V3) == (
        f"{URL}/v3 redirects to thief.test, and logins do not follow redirects. "
        "If that is the cloud, use it as the auth URL: https://thief.test/v3"
    )
    assert urls(mock) == [f"POST {TOKENS}"]


@pytest.mark.parametrize(
    "body", ["<html>Sign in</html>", "[]", '{"hello": 1}', "null", '"text"', '{"token": {}}']
)
def test_an_endpoint_that_is_not_keystone(mock, body):
    mock.add("POST", TOKENS, body=body, status=200)
    assert failure(**V3) == (
        f"{URL}/v3 is not an Identity (Keystone) endpoint. Check the auth URL, and the proxy if there is one."
    )


# no response


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (
            requests.exceptions.ConnectionError("[Errno 111] Connection refused"),
            "Keystone at keystone.test:5000 refused the connection. Check that it is up, and that the port is right.",
        ),
        (
            requests.exceptions.ConnectionError(
                "NameResolutionError: Failed to resolve 'keystone.test'"
            ),
            "Cannot resolve host keystone.test. Check the auth URL and the network.",
        ),
        (
            requests.exceptions.ConnectionError("[Errno 113] No route to host"),
            "Cannot connect to Keystone at keystone.test:5000: no route to host.",
        ),
        (
            requests.exceptions.ConnectTimeout("slow"),
            "Keystone at keystone.test:5000 did not answer in time. Use --timeout to wait longer.",
        ),
        (
            requests.exceptions.ReadTimeout("slow"),
            "Keystone at keystone.test:5000 did not answer in time. Use --timeout to wait longer.",
        ),
        (
            requests.exceptions.ProxyError("Unable to connect to proxy"),
            "cannot connect to https://keystone.test:5000 through the proxy. "
            "Check HTTPS_PROXY, HTTP_PROXY and NO_PROXY.",
        ),
        (
            handshake_error("WRONG_VERSION_NUMBER"),
            "cannot set up TLS with Keystone at keystone.test:5000: wrong version number. "
            "Is that an HTTPS port? It may require a client certificate (--os-cert, --os-key).",
        ),
        (
            certificate_error(
                62, "Hostname mismatch, certificate is not valid for 'keystone.test'."
            ),
            "the certificate of Keystone at keystone.test:5000 is for another host: Hostname mismatch, "
            "certificate is not valid for 'keystone.test'. Check the URL.",
        ),
        (
            certificate_error(18, "self-signed certificate"),
            "cannot verify the certificate of Keystone at keystone.test:5000 with the system's CA "
            "certificates: self-signed certificate. Give the CA's file, with its intermediate certificates, "
            "by --os-cacert, OS_CACERT or cacert in clouds.yaml.",
        ),
    ],
)
def test_a_missing_response_is_explained(mock, error, text):
    mock.add("POST", TOKENS, body=error)
    assert failure(GlanceError, **V3) == text


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (requests.exceptions.ConnectionError("[Errno 111] Connection refused"), "unreachable"),
        (requests.exceptions.ConnectionError("NameResolutionError: keystone"), "unreachable"),
        (requests.exceptions.ConnectionError("NewConnectionError: no route"), "unreachable"),
        (requests.exceptions.ConnectionError("[Errno 104] Connection reset"), "connection"),
        (requests.exceptions.ConnectTimeout("slow"), "timeout"),
    ],
)
def test_a_missing_response_has_the_code_of_its_cause(mock, error, code):
    mock.add("POST", TOKENS, body=error)
    with pytest.raises(GlanceError) as caught:
        login(**V3)
    assert caught.value.code.value == code


def test_a_certificate_that_fails_verification_names_the_file_of_the_cas(mock):
    error = certificate_error(20, "unable to get local issuer certificate")
    mock.add("POST", TOKENS, body=error)
    assert failure(GlanceError, **V3, os_cacert=str(TLS / "cert.pem")).startswith(
        f"cannot verify the certificate of Keystone at keystone.test:5000 with {TLS}/cert.pem: "
        "unable to get local issuer certificate."
    )
