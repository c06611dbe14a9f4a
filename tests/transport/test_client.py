"""The client of a service: retries, logins, redirects, endpoints and TLS."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests
from responses import RequestsMock

from glancecli.sandbox import clouds_file
from tests.support.images import LIST, A, image
from tests.support.programs import Glance, Result

TLS = Path(__file__).parent.parent / "data" / "tls"
KEYSTONE = "http://keystone.test:5000/v3"


@pytest.fixture
def keystone(cloud: RequestsMock, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Accepts password logins, each with a new token; returns the list of these tokens."""
    monkeypatch.delenv("OS_AUTH_TOKEN")
    for name, value in {
        "AUTH_URL": KEYSTONE,
        "USERNAME": "u",
        "PASSWORD": "secret",
        "PROJECT_NAME": "p",
        "USER_DOMAIN_ID": "default",
        "PROJECT_DOMAIN_ID": "default",
    }.items():
        monkeypatch.setenv(f"OS_{name}", value)
    given: list[str] = []

    def login(request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        given.append(f"token-{len(given)}")
        body = (
            '{"token": {"methods": ["password"], "expires_at": "2999-01-01T00:00:00.000000Z", "issued_at": '
            '"2026-01-01T00:00:00.000000Z", "user": {"id": "u", "name": "u", "domain": {"id": "default", "name": '
            '"d"}}, "project": {"id": "p", "name": "p", "domain": {"id": "default", "name": "d"}}, "roles": [], '
            '"catalog": []}}'
        )
        return 201, {"X-Subject-Token": given[-1], "Content-Type": "application/json"}, body

    cloud.add_callback("POST", f"{KEYSTONE}/auth/tokens", login)
    return given


def calls(cloud: RequestsMock) -> list[str]:
    return [f"{c.request.method} {(c.request.url or '').partition('?')[0]}" for c in cloud.calls]


def test_a_cold_list_is_a_login_and_a_list_and_a_warm_one_the_list_alone(
    glance: Glance, cloud: RequestsMock, keystone: list[str]
) -> None:
    cloud.get(LIST, json={"images": []})
    assert glance("image-list").code == 0
    assert calls(cloud) == [f"POST {KEYSTONE}/auth/tokens", f"GET {LIST}"]
    assert glance("image-list").code == 0
    assert calls(cloud)[2:] == [f"GET {LIST}"]
    assert cloud.calls[2].request.headers["X-Auth-Token"] == "token-0"


def test_a_refused_cached_token_costs_one_login_and_no_message(
    glance: Glance, cloud: RequestsMock, keystone: list[str]
) -> None:
    refused: set[str] = set()

    def respond(request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        return (
            (401, {}, "no")
            if request.headers["X-Auth-Token"] in refused
            else (200, {}, '{"images": []}')
        )

    cloud.add_callback("GET", LIST, respond)
    glance("image-list")
    refused.add("token-0")
    result = glance("image-list")
    assert (result.code, result.err) == (0, "")
    assert keystone == ["token-0", "token-1"]
    assert glance("image-list").code == 0
    assert keystone == ["token-0", "token-1"]


def test_a_token_that_is_refused_right_after_the_login_is_an_error_of_one_line(
    glance: Glance, cloud: RequestsMock, keystone: list[str]
) -> None:
    cloud.get(LIST, status=401, json={"message": "no"}, headers={"X-Openstack-Request-Id": "req-1"})
    for logins in (1, 2):  # without a cached token, and with one
        result = glance("image-list")
        assert (result.code, result.out, len(keystone)) == (1, "", logins)
        assert result.err == (
            "glance: error: The service refused a token that Keystone has just issued "
            "(HTTP 401, request req-1). The service may not reach Keystone, or ask another one: "
            "a cloud administrator can see why.\n"
        )


@pytest.mark.parametrize(
    ("variable", "scope"), [("OS_SYSTEM_SCOPE", "system"), ("OS_DOMAIN_ID", "domain")]
)
def test_a_403_for_a_token_without_a_project_says_that_images_belong_to_projects(
    glance: Glance,
    cloud: RequestsMock,
    keystone: list[str],
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
    scope: str,
) -> None:
    cloud.get(LIST, status=403, json={"message": "no"})
    monkeypatch.delenv("OS_PROJECT_NAME")
    monkeypatch.delenv("OS_PROJECT_DOMAIN_ID")
    monkeypatch.setenv(variable, "all")
    assert glance("image-list").err == (
        f"glance: error: no; images belong to projects: a {scope}-scoped token cannot list or "
        "change them (HTTP 403). Choose a project: --os-project-name or OS_PROJECT_NAME.\n"
    )


@pytest.mark.parametrize("status", [429, 503])
def test_a_long_wait_that_the_service_asks_for_is_told(
    glance: Glance, cloud: RequestsMock, status: int
) -> None:
    cloud.get(LIST, status=status, json={"message": "busy"}, headers={"Retry-After": "3600"})
    result = glance("image-list")
    assert result.err == (
        f"glance: error: busy; the service asks to wait 3600 seconds (HTTP {status})\n"
    )
    assert len(cloud.calls) == 1


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_list_is_requested_again_when_the_service_is_busy(
    glance: Glance, cloud: RequestsMock, status: int
) -> None:
    cloud.get(LIST, status=status, headers={"Retry-After": "0"})
    cloud.get(LIST, json={"images": []})
    assert glance("image-list").code == 0
    assert len(cloud.calls) == 2


def test_the_error_of_a_service_that_stays_busy_is_reported(
    glance: Glance, cloud: RequestsMock
) -> None:
    cloud.get(LIST, status=503, body="<html><title>503 Service Unavailable</title></html>")
    result = glance("image-list")
    assert (result.code, len(cloud.calls)) == (1, 3)
    assert result.err == 'glance: error: a web page titled "503 Service Unavailable" (HTTP 503)\n'


@pytest.mark.parametrize(("status", "sent"), [(502, 1), (504, 1), (503, 3), (429, 3)])
def test_a_change_is_retried_only_when_the_service_did_nothing(
    glance: Glance, cloud: RequestsMock, status: int, sent: int
) -> None:
    cloud.patch(f"{LIST}/{A}", status=status)
    assert glance("image-update", A, "--name", "x").code == 1
    assert len(cloud.calls) == sent


def test_a_service_that_does_not_respond_is_given_up_after_the_timeout(
    glance: Callable[..., Result],
) -> None:
    asked: list[str] = []
    over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            over.wait(20)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        result = glance("--os-image-url", url, "--timeout", "0.5", "image-list")
        over.set()
        server.shutdown()
    assert (result.code, result.err) == (
        1,
        f"glance: error: {url} did not respond within 0.5 seconds. Use --timeout to wait longer.\n",
    )
    assert len(asked) == 1


def test_a_list_is_retried_after_a_lost_response_and_a_change_is_not(
    glance: Glance, cloud: RequestsMock
) -> None:
    cloud.get(LIST, body=requests.ConnectionError("reset"))
    cloud.get(LIST, json={"images": []})
    assert glance("image-list").code == 0
    cloud.patch(f"{LIST}/{A}", body=requests.ConnectionError("reset"))
    assert glance("image-update", A, "--name", "x").code == 1
    assert len(cloud.calls) == 3


@pytest.mark.parametrize(
    "words",
    [["image-list"], ["image-show", A], ["image-delete", A], ["image-update", A, "--name", "x"]],
)
def test_a_redirect_is_never_followed(
    glance: Glance, cloud: RequestsMock, words: list[str]
) -> None:
    for method, url in (
        ("GET", LIST),
        ("GET", f"{LIST}/{A}"),
        ("DELETE", f"{LIST}/{A}"),
        ("PATCH", f"{LIST}/{A}"),
    ):
        cloud.add(method, url, status=302, headers={"Location": "https://evil.test/"})
    cloud.assert_all_requests_are_fired = False
    result = glance(*words)
    assert (result.code, result.out, len(cloud.calls)) == (1, "", 1)
    assert "redirects to https://evil.test/" in result.err


@pytest.mark.parametrize(
    "url",
    [
        "http://g.test/v2",
        "http://g.test/v2/",
        "http://g.test/",
        "http://g.test",
        "http://g.test/v2.9/",
    ],
)
def test_an_endpoint_may_contain_a_version_or_end_with_a_slash(glance: Glance, url: str) -> None:
    with RequestsMock() as mock:
        mock.get("http://g.test/v2/images", json={"images": []})
        assert glance("--os-image-url", url, "--os-auth-token", "t", "image-list").code == 0


def test_a_cloud_without_keystone_gets_no_token(glance: Glance) -> None:
    with RequestsMock() as mock:
        mock.get("http://g.test/v2/images", json={"images": []})
        assert glance("--os-image-url", "http://g.test", "image-list").code == 0
        assert "X-Auth-Token" not in mock.calls[0].request.headers


def test_a_path_before_the_version_is_kept_for_every_page(glance: Glance) -> None:
    with RequestsMock() as mock:
        mock.get(
            "http://g.test/image/v2/images",
            json={"images": [image()], "next": "/v2/images?marker=m"},
        )
        mock.get("http://g.test/image/v2/images", json={"images": []})
        assert glance("--os-image-url", "http://g.test/image", "image-list").code == 0
        assert (mock.calls[1].request.url or "").endswith("/image/v2/images?marker=m")


@contextmanager
def tls_server(newest: ssl.TLSVersion = ssl.TLSVersion.MAXIMUM_SUPPORTED) -> Iterator[str]:
    """The URL of a server with a self-signed certificate (valid for a hundred years)."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = b'{"images": []}'
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    class Server(HTTPServer):
        def handle_error(self, *_: Any) -> None:
            pass

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.maximum_version = newest
    context.load_cert_chain(TLS / "cert.pem", TLS / "key.pem")
    with Server(("127.0.0.1", 0), Handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"https://localhost:{server.server_port}"
        server.shutdown()


@pytest.fixture
def https() -> Iterator[str]:
    """The URL of such a server."""
    with tls_server() as url:
        yield url


RULES = {
    ("--tls-min-version", "1.2"): 0,
    ("--tls-min-version", "1.3"): 1,
    ("--tls-ciphers", "ECDHE-RSA-AES256-GCM-SHA384"): 0,
    ("--tls-ciphers", "PSK-AES256-CBC-SHA"): 1,
}


@pytest.mark.parametrize(("words", "code"), RULES.items())
@pytest.mark.parametrize("service", ["Glance", "Keystone"])
def test_rules_for_tls_hold_for_every_service(
    glance: Callable[..., Result], words: tuple[str, ...], code: int, service: str
) -> None:
    with tls_server(ssl.TLSVersion.TLSv1_2) as url:
        trust = ("--os-cacert", str(TLS / "cert.pem"))
        login = ("--os-image-url", url, "--os-auth-token", "t")
        if service == "Keystone":
            login = ("--os-auth-url", f"{url}/v3", "--os-username", "u", "--os-password", "p")
        done = glance(*login, *trust, *words, "image-list")
        untrusted = glance(*login, *words, "image-list")
    refused = "TLS" in done.err or "SSL" in done.err or "handshake" in done.err
    assert refused is bool(code), done.err
    assert untrusted.code == 1
    if not code:
        assert "cannot verify the certificate" in untrusted.err.replace("Cannot", "cannot")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--tls-min-version", "1.1"], "--tls-min-version: '1.1' is not one of 1.2, 1.3"),
        (["--tls-ciphers", "none"], "--tls-ciphers: no cipher is called 'none'"),
    ],
)
def test_rules_for_tls_that_do_not_exist_are_a_usage_error(
    glance: Callable[..., Result], https: str, words: list[str], said: str
) -> None:
    done = glance("--os-image-url", https, *words, "image-list")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"glance: error: {said}")


@pytest.mark.parametrize("bundle", ["", requests.certs.where()])
def test_a_certificate_that_cannot_be_verified_names_the_options_for_the_ca(
    glance: Callable[..., Result], https: str, monkeypatch: pytest.MonkeyPatch, bundle: str
) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.setenv(name, bundle)
    result = glance("--os-image-url", https, "image-list")
    assert (result.code, result.out) == (1, "")
    assert result.err == (
        f"glance: error: cannot verify the certificate of {https} with the system's CA certificates: "
        "self-signed certificate. Give the CA's file, with its intermediate certificates, by --os-cacert, "
        "OS_CACERT or cacert in clouds.yaml.\n"
    )
    assert (
        glance("--os-image-url", https, "--os-cacert", str(TLS / "cert.pem"), "image-list").code
        == 0
    )
    insecure = glance("--os-image-url", https, "--insecure", "image-list")
    assert insecure.code == 0
    assert insecure.err.startswith("glance: warning: certificates are not verified")
    assert insecure.err.count("\n") == 1


@pytest.mark.parametrize("keystone", [False, True])
@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["--os-cacert", "junk"],
            "junk contains no certificates in PEM format. Correct --os-cacert, OS_CACERT or cacert in clouds.yaml.",
        ),
        (
            ["--os-cacert", "cert.pem", "--os-cert", "cert.pem", "--os-key", "junk"],
            "cannot use the client certificate cert.pem with the key junk: not in PEM format, or the key is not "
            "its own. Correct --os-cert and --os-key (OS_CERT, OS_KEY).",
        ),
        (
            ["--os-cacert", "cert.pem", "--os-cert", "cert.pem"],
            "cannot use the client certificate cert.pem without a key file: not in PEM format, or the key is not "
            "its own. Correct --os-cert and --os-key (OS_CERT, OS_KEY).",
        ),
        (
            ["--os-cacert", "cert.pem"],
            "the certificate of {} is for another host: IP address mismatch, certificate is not valid for "
            "'127.0.0.1'. Check the URL.",
        ),
    ],
)
def test_an_unusable_certificate_file_and_a_certificate_for_another_host_are_named(
    glance: Callable[..., Result],
    https: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    words: list[str],
    message: str,
    keystone: bool,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "junk").write_text("not PEM")
    (tmp_path / "cert.pem").write_bytes((TLS / "cert.pem").read_bytes())
    url = https.replace("localhost", "127.0.0.1")
    login = ["--os-auth-url", url, "--os-username", "u", "--os-password", "p"]
    result = glance(*(login if keystone else ["--os-image-url", url]), *words, "image-list")
    peer = f"Keystone at {url.partition('://')[2]}" if keystone else url
    assert (result.code, result.out, result.err) == (
        1,
        "",
        f"glance: error: {message.format(peer)}\n",
    )


@pytest.mark.parametrize(
    ("cloud", "message"),
    [
        (
            {"auth_type": "none", "image_endpoint_override": "http://127.0.0.1:9"},
            "cannot connect to http://127.0.0.1:9: connection refused.",
        ),
        (
            {"auth": {"auth_url": "http://127.0.0.1:9/v3", "username": "u", "password": "p"}},
            "Keystone at 127.0.0.1:9 refused the connection.",
        ),
    ],
)
def test_a_sandbox_that_does_not_respond_names_the_command_that_starts_it(
    glance: Callable[..., Result], cloud: dict[str, Any], message: str
) -> None:
    file = Path(clouds_file())
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps({"clouds": {"sandbox": cloud}}))
    result = glance("--os-cloud", "sandbox", "--timeout", "1", "image-list")
    assert (result.code, result.err) == (
        1,
        f"glance: error: {message} `glancecli sandbox up` starts the sandbox.\n",
    )


def test_a_server_without_tls_is_not_reported_as_an_untrusted_certificate(
    glance: Callable[..., Result],
) -> None:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"https://127.0.0.1:{server.server_port}"
        result = glance("--os-image-url", url, "image-list")
        server.shutdown()
    assert (result.code, result.out) == (1, "")
    assert result.err.startswith(f"glance: error: cannot set up TLS with {url}: ")
    assert result.err.endswith(
        " Is that an HTTPS port? It may require a client certificate (--os-cert, --os-key).\n"
    )
    assert "[" not in result.err


def test_an_endpoint_that_is_not_a_url_is_an_error_without_a_request(
    glance: Callable[..., Result],
) -> None:
    result = glance("--os-image-url", "nonsense", "image-list")
    assert (result.code, result.out) == (1, "")
    assert result.err == (
        "glance: error: nonsense/v2/images is not an http or https URL. "
        "Check the endpoint (--os-image-url, or the service catalog).\n"
    )
