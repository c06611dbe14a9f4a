"""Proxies that cannot be used, and refusals that are a proxy's: its name and variable are told."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.support.programs import Result

PLAIN = ["--os-image-url", "http://images.test:9292"]
TLS = ["--os-image-url", "https://images.test:9292"]
LOGIN = [
    "--os-auth-url",
    "http://keystone.test:5000/v3",
    "--os-username",
    "u",
    "--os-password",
    "p",
]
WAYS = [pytest.param(PLAIN, id="service"), pytest.param(LOGIN, id="login")]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("ftp://u:secret@proxy.test:1", "ftp://proxy.test:1"),
        ("http://", "http://"),
        ("http://u:secret@proxy.test:port", "http://proxy.test:port"),
        ("u:secret@:80", ":80"),
        ("http://[::1", "http://[::1"),
    ],
)
def test_a_variable_that_names_no_proxy_is_named_without_its_password(
    glance: Callable[..., Result],
    monkeypatch: pytest.MonkeyPatch,
    way: list[str],
    value: str,
    shown: str,
) -> None:
    monkeypatch.setenv("HTTP_PROXY", value)
    result = glance(*way, "image-list")
    assert (result.code, result.out, result.err) == (
        1,
        "",
        f"glance: error: HTTP_PROXY does not name a proxy: '{shown}'. It should look like "
        "http://proxy.example.com:3128; unset it to use no proxy.\n",
    )


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("scheme", ["socks5", "socks5h", "socks4", "socks4a"])
def test_a_socks_proxy_without_its_package_names_the_package(
    glance: Callable[..., Result], monkeypatch: pytest.MonkeyPatch, way: list[str], scheme: str
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setenv("ALL_PROXY", f"{scheme}://u:secret@127.0.0.1:9")
    result = glance(*way, "image-list")
    assert (result.code, result.err) == (
        1,
        f"glance: error: the proxy {scheme}://127.0.0.1:9 (ALL_PROXY) is a SOCKS proxy, and the package "
        "for it is not installed. Install it: pip install 'openstack-glancecli[socks]'.\n",
    )


@pytest.fixture
def proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int, str], str]]:
    """Starts a proxy that refuses everything with a status and a page; returns its URL."""
    servers: list[ThreadingHTTPServer] = []

    def start(status: int, page: str) -> str:
        class Handler(BaseHTTPRequestHandler):
            def refuse(self) -> None:
                self.send_response(status)
                self.send_header("Content-Type", "text/html")
                self.send_header("Content-Length", str(len(page)))
                self.end_headers()
                self.wfile.write(page.encode())

            do_GET = do_POST = do_CONNECT = do_PUT = refuse  # noqa: N815

            def log_message(self, *_: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        monkeypatch.setenv("http_proxy", url.replace("//", "//u:secret@"))
        monkeypatch.setenv("https_proxy", url.replace("//", "//u:secret@"))
        return url

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


PAGE = "<html><head><title>Access Denied</title></head></html>"


@pytest.mark.parametrize("way", [*WAYS, pytest.param(TLS, id="tls")])
def test_a_proxy_that_requires_a_login_is_named(
    glance: Callable[..., Result], proxy: Callable[[int, str], str], way: list[str]
) -> None:
    url = proxy(407, PAGE)
    result = glance(*way, "image-list")
    variable = "https_proxy" if way is TLS else "http_proxy"
    assert result.err == (
        f"glance: error: the proxy {url} ({variable}) requires a login (HTTP 407). "
        f"Write user and password in front of the host in {variable}, with : and @.\n"
    )


@pytest.mark.parametrize(
    ("way", "server"), [(PLAIN, "http://images.test:9292"), (LOGIN, "http://keystone.test:5000")]
)
def test_a_page_of_a_proxy_that_refuses_is_the_proxys(
    glance: Callable[..., Result], proxy: Callable[[int, str], str], way: list[str], server: str
) -> None:
    url = proxy(403, PAGE)
    result = glance(*way, "image-list")
    assert result.err == (
        f"glance: error: the proxy {url} (http_proxy) refused the request to {server}: a web page titled "
        '"Access Denied" (HTTP 403). Name the host in NO_PROXY if it can be reached without the proxy.\n'
    )


def test_a_proxy_that_refuses_to_connect_is_named(
    glance: Callable[..., Result], proxy: Callable[[int, str], str]
) -> None:
    url = proxy(403, PAGE)
    result = glance(*TLS, "image-list")
    assert result.err == (
        f"glance: error: the proxy {url} (https_proxy) refused to connect to https://images.test:9292 "
        "(HTTP 403). Name the host in NO_PROXY if it can be reached without the proxy.\n"
    )


def test_an_upload_that_a_proxy_refuses_names_the_proxy(
    glance: Callable[..., Result], proxy: Callable[[int, str], str]
) -> None:
    url = proxy(403, PAGE)
    result = glance(*PLAIN, "image-stage", "11111111-2222-3333-4444-555555555555", stdin=b"abc")
    assert (result.code, f"the proxy {url} (http_proxy) refused the request" in result.err) == (
        1,
        True,
    )


def test_a_refusal_of_the_service_stays_the_services(
    glance: Callable[..., Result], proxy: Callable[[int, str], str]
) -> None:
    proxy(403, '{"message": "You are not authorized to complete get_images action."}')
    result = glance(*PLAIN, "image-list")
    assert result.err == (
        "glance: error: policy forbids listing images (get_images) (HTTP 403). "
        "A cloud administrator can allow it.\n"
    )


def test_a_page_without_a_proxy_is_not_a_matter_for_the_clouds_administrator(
    glance: Callable[..., Result], cloud: object
) -> None:
    cloud.get("http://glance.test:9292/v2/images", status=403, body=PAGE)  # type: ignore[attr-defined]
    result = glance("image-list")
    assert result.err == (
        'glance: error: a web page titled "Access Denied" (HTTP 403). The page is not the service\'s: '
        "a firewall or gateway on the way may have sent it.\n"
    )


def test_a_proxy_that_is_down_is_named(
    glance: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{port}")
    result = glance(*PLAIN, "--timeout", "1", "image-list")
    assert result.err == (
        "glance: error: cannot connect to http://images.test:9292 through the proxy "
        f"http://127.0.0.1:{port} (http_proxy): connection refused. "
        "Check HTTPS_PROXY, HTTP_PROXY and NO_PROXY.\n"
    )


@pytest.mark.parametrize(
    ("way", "message"),
    [
        (
            ["--os-image-url", "http://2001:db8::1:9292"],
            "http://2001:db8::1:9292/v2/images is not a valid URL: an IPv6 address in it needs brackets. "
            "It should look like http://[2001:db8::1]:9292.",
        ),
        (
            [*LOGIN, "--os-auth-url", "http://2001:db8::1:5000/v3"],
            "The auth URL http://2001:db8::1:5000/v3 is not valid: an IPv6 address in it needs brackets. "
            "It should look like http://[2001:db8::1]:5000/v3.",
        ),
        (
            ["--os-image-url", "http://[::1]:9"],
            "cannot connect to http://[::1]:9: connection refused. "
            "Check that the service is up and reachable from here.",
        ),
        (
            ["--os-image-url", "http://[::1"],
            "http://[::1/v2/images is not an http or https URL. "
            "Check the endpoint (--os-image-url, or the service catalog).",
        ),
        (
            ["--os-image-url", "http://host:port"],
            "http://host:port/v2/images is not an http or https URL. "
            "Check the endpoint (--os-image-url, or the service catalog).",
        ),
    ],
)
def test_an_ipv6_address_keeps_its_brackets_and_needs_them(
    glance: Callable[..., Result], way: list[str], message: str
) -> None:
    result = glance(*way, "--timeout", "1", "image-list")
    assert (result.code, result.err) == (1, f"glance: error: {message}\n")


@pytest.mark.parametrize("status", [200, 404, 500, 503])
@pytest.mark.parametrize("way", WAYS)
def test_the_proxy_that_may_have_sent_a_page_is_named(
    glance: Callable[..., Result], proxy: Callable[[int, str], str], way: list[str], status: int
) -> None:
    url = proxy(status, PAGE)
    result = glance(*way, "--timeout", "0.1", "image-list")
    assert result.code == 1
    if way is PLAIN or status != 200:
        assert result.err.endswith(
            f"The request went through the proxy {url} (http_proxy), which may have sent this response.\n"
        )
    else:
        assert "and the proxy" in result.err
