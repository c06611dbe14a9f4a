"""Reading from web servers: redirects, credentials, certificates, proxies."""

from __future__ import annotations

import base64
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from glancecli.errors import GlanceError, HttpError
from glancecli.transport.web import WebClient
from tests.support.webserver import Handler, WebServer, refused

DATA = b"the data of an image"
TLS = Path(__file__).parent.parent / "data" / "tls"


def redirect(target: str, status: int = 302) -> object:
    return refused(status, Location=target)


def read(url: str, client: WebClient | None = None) -> bytes:
    stream = (client or WebClient()).open(url, 5)
    buffer = bytearray(1000)
    count = stream.readinto(memoryview(buffer))
    stream.close()
    return bytes(buffer[:count])


def failure(url: str) -> str:
    with pytest.raises(GlanceError) as caught:
        read(url)
    return str(caught.value)


@pytest.fixture
def other(web: WebServer) -> WebServer:
    """A second server: another port is another host."""
    made = WebServer()
    made.files["/there"] = DATA
    yield made  # type: ignore[misc]
    made.close()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_followed(web: WebServer, status: int) -> None:
    web.files |= {"/here": b"", "/there": DATA}
    web.faults = [redirect("/there", status)]  # type: ignore[list-item]
    assert read(web.url("/here")) == DATA


def test_redirects_that_lead_in_a_circle_end(web: WebServer) -> None:
    web.files["/here"] = b""
    web.faults = [redirect("/here")] * 20  # type: ignore[list-item]
    assert failure(web.url("/here")) == f"{web.url('/here')} redirects more than 10 times"
    assert len(web.seen) == 11


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("ftp://h/x", "ftp://h/x cannot be read: only http and https URLs can"),
        (
            "file:///etc/passwd",
            "file:///etc/passwd cannot be read: only http and https URLs can. "
            "Give the path of the file instead.",
        ),
        ("http://[", "http://[ is not a valid URL. Check the URL."),
    ],
)
def test_a_redirect_to_anything_else_than_http_is_refused(
    web: WebServer, target: str, reason: str
) -> None:
    web.files["/here"] = b""
    web.faults = [redirect(target)]  # type: ignore[list-item]
    assert failure(web.url("/here")) == reason


def test_user_and_password_go_to_their_own_host_alone(web: WebServer, other: WebServer) -> None:
    web.files["/here"] = b""
    web.faults = [redirect("/again"), redirect(other.url("/there"))]  # type: ignore[list-item]
    web.files["/again"] = b""
    url = web.url("/here", login="me:p%40ss@")
    assert read(url) == DATA
    expected = "Basic " + base64.b64encode(b"me:p@ss").decode()
    assert [headers.get("authorization") for _, headers in web.seen] == [expected, expected]
    assert [headers.get("authorization") for _, headers in other.seen] == [None]


def test_passwords_of_netrc_and_tokens_of_the_cloud_are_not_sent(
    web: WebServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("OS_AUTH_TOKEN", "secret")
    web.files["/x"] = DATA
    assert read(web.url("/x")) == DATA
    sent = web.seen[0][1]
    assert sorted(sent) == ["accept", "accept-encoding", "connection", "host", "user-agent"]


def test_an_error_names_the_url_without_its_password(web: WebServer) -> None:
    assert failure(web.url("/gone?sig=abc", login="me:secret@")) == (
        f"cannot read {web.url('/gone')}: not found (HTTP 404). Check the URL."
    )


@pytest.mark.parametrize("status", [408, 429, 500, 503])
def test_only_what_may_pass_is_worth_another_try(web: WebServer, status: int) -> None:
    web.files["/x"] = b""
    web.faults = [refused(status), refused(403)]
    with pytest.raises(HttpError):
        read(web.url("/x"))
    with pytest.raises(GlanceError) as caught:
        read(web.url("/x"))
    assert not isinstance(caught.value, HttpError)


def test_the_trace_has_no_secrets(web: WebServer) -> None:
    lines: list[str] = []

    def answer(handler: Handler) -> None:
        handler.answer(Set_Cookie="session=secret")

    web.files["/x"] = DATA
    web.faults = [answer]
    read(web.url("/x?token=secret", login="me:secret@"), WebClient(trace=lines.append))
    assert lines[0] == f"> GET {web.url('/x?token=***')}"
    assert not [line for line in lines if "secret" in line]


def test_a_file_of_certificates_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("nothing")
    client = WebClient(str(tmp_path / "ca.pem"))
    with pytest.raises(GlanceError) as caught:
        client.open("https://localhost:1/", 1)
    assert "--os-cacert" not in str(caught.value)


@pytest.fixture
def secure() -> Iterator[WebServer]:
    """A server with TLS, whose certificate is its own authority."""
    made = WebServer()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(TLS / "cert.pem", TLS / "key.pem")
    made.socket = context.wrap_socket(made.socket, server_side=True)
    yield made
    made.close()


def test_a_private_mirror_is_verified_by_its_own_authority(
    secure: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    secure.files["/x"] = DATA
    url = f"https://localhost:{secure.server_port}/x"
    assert read(url, WebClient(str(TLS / "cert.pem"))) == DATA
    monkeypatch.setenv("OS_CACERT", str(TLS / "cert.pem"))
    said = failure(url)
    assert said.startswith(
        f"cannot verify the certificate of https://localhost:{secure.server_port}"
    )
    assert said.endswith("by --source-cacert or REQUESTS_CA_BUNDLE.")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(TLS / "cert.pem"))
    assert read(url) == DATA


def test_certificates_that_are_missing_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    said = "CA certificates nowhere.pem: no such file or directory"
    with pytest.raises(GlanceError, match=said):
        WebClient("nowhere.pem")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "nowhere.pem")
    with pytest.raises(GlanceError, match=said):
        WebClient()


def test_a_redirect_from_https_to_http_is_not_followed(secure: WebServer, web: WebServer) -> None:
    secure.files["/x"] = b""
    secure.faults = [redirect(web.url("/there"))]  # type: ignore[list-item]
    url = f"https://localhost:{secure.server_port}/x"
    with pytest.raises(GlanceError) as caught:
        read(url, WebClient(str(TLS / "cert.pem")))
    assert caught.value.message == f"{url} redirects from https to http: {web.url('/there')}"
    assert web.seen == []


def test_the_proxy_variables_count(monkeypatch: pytest.MonkeyPatch, web: WebServer) -> None:
    """The proxy gets the whole URL; this one answers by itself."""
    monkeypatch.setenv("HTTP_PROXY", web.url(""))
    web.files["http://mirror.example/x"] = DATA
    assert read("http://mirror.example/x") == DATA
