"""The settings of all connections: proxies, certificates and authentication."""

from __future__ import annotations

from pathlib import Path

import pytest
import requests

from glancecli.masking import is_loopback
from glancecli.transport.session import CloudSession


def proxies(url: str) -> dict[str, str]:
    found = CloudSession(True, None).merge_environment_settings(url, {}, False, None, None)
    return {k: v for k, v in found["proxies"].items() if v}


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:9292/v2", "http://127.8.8.8/", "https://localhost/", "http://[::1]:80/"],
)
def test_requests_to_this_machine_use_no_proxy(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://proxy.test:3128")
    assert is_loopback(url)
    assert proxies(url) == {}


def test_requests_to_other_hosts_use_the_proxy_of_the_environment_unless_no_proxy_names_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("https_proxy", "http://proxy.test:3128")
    monkeypatch.setenv("no_proxy", "inside.test")
    assert proxies("https://glance.test/")["https"] == "http://proxy.test:3128"
    assert proxies("https://glance.inside.test/") == {}


def test_passwords_in_netrc_are_not_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine glance.test login l password p\n")
    monkeypatch.setenv("NETRC", str(netrc))
    session = CloudSession(True, None)
    assert (
        "Authorization"
        not in session.prepare_request(requests.Request("GET", "http://glance.test/")).headers
    )


@pytest.mark.parametrize(
    ("verify", "used"),
    [(True, "/etc/bundle.pem"), (False, False), ("/home/me/ca.pem", "/home/me/ca.pem")],
)
def test_the_ca_bundle_of_the_environment_replaces_only_the_default(
    verify: bool | str, used: bool | str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/etc/bundle.pem")
    session = CloudSession(verify, None)
    found = session.merge_environment_settings("https://glance.test/", {}, False, None, None)
    assert found["verify"] == used
