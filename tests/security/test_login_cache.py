"""The cache believes nothing that a command would not believe which verifies more, or connects
otherwise.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from glancecli.auth.clouds import load
from glancecli.auth.identity import Identity
from glancecli.text import Messages
from tests.support.fakekeystone import CATALOG, URL, Keystone

ALICE = {
    "os_auth_url": URL + "/v3",
    "os_username": "alice",
    "os_password": "secret",
    "os_project_name": "demo",
}


@pytest.fixture
def identity() -> Callable[..., Identity]:
    def make(warn: Any = lambda line: None, **flags: Any) -> Identity:
        return Identity(load({**ALICE, **flags}, os.environ), Messages(warn=warn))

    return make


def cached_files() -> list[Path]:
    return list(Path(os.environ["HOME"], ".cache", "glancecli").glob("*.json"))


@pytest.mark.parametrize("how", ["flag", "variable"])
def test_an_insecure_login_is_not_kept(
    keystone: Keystone, identity: Any, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    flags = {"insecure": how == "flag"}
    if how == "variable":
        monkeypatch.setenv("OS_INSECURE", "true")
    me = identity(**flags)
    assert me.settings.insecure
    me.token()
    me.remember("image_version", "2.9")
    assert cached_files() == []
    monkeypatch.delenv("OS_INSECURE", raising=False)
    assert identity().token() == "token-2"


def test_a_login_is_not_shared_by_certificates_of_other_authorities(
    keystone: Keystone, identity: Any, tmp_path: Path
) -> None:
    one, two = tmp_path / "one.pem", tmp_path / "two.pem"
    one.write_text("A")
    two.write_text("A")
    tokens = [identity().token()]
    tokens += [identity(os_cacert=str(path)).token() for path in (one, two, one)]
    one.write_text("B")
    tokens.append(identity(os_cacert=str(one)).token())
    assert tokens == ["token-1", "token-2", "token-3", "token-2", "token-4"]


def test_a_login_is_not_shared_by_client_certificates_and_keys(
    keystone: Keystone, identity: Any, tmp_path: Path
) -> None:
    for name in ("a.crt", "b.crt", "a.key"):
        (tmp_path / name).write_text(name)
    tokens = [
        identity().token(),
        identity(os_cert=str(tmp_path / "a.crt")).token(),
        identity(os_cert=str(tmp_path / "b.crt")).token(),
        identity(os_cert=str(tmp_path / "a.crt"), os_key=str(tmp_path / "a.key")).token(),
    ]
    (tmp_path / "a.key").write_text("another key")
    last = identity(os_cert=str(tmp_path / "a.crt"), os_key=str(tmp_path / "a.key"))
    assert [*tokens, last.token()] == [f"token-{number}" for number in range(1, 6)]


@pytest.mark.parametrize("name", ["https_proxy", "HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"])
def test_a_login_is_not_shared_by_proxies(
    keystone: Keystone, identity: Any, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    identity().token()
    monkeypatch.setenv(name, "http://proxy.example:3128")
    assert identity().token() == "token-2"


def test_a_login_is_used_for_a_day_at_most(
    keystone: Keystone, identity: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    keystone.life = 30 * 86400.0
    me = identity()
    assert me.token() == "token-1"
    (path,) = cached_files()
    assert json.loads(path.read_text())["expires"] <= time.time() + 86400
    later = time.time() + 86400 - 29
    monkeypatch.setattr(time, "time", lambda: later)
    assert identity().token() == "token-2"


def test_a_record_that_is_valid_for_longer_than_a_day_is_not_ours(
    keystone: Keystone, identity: Any
) -> None:
    identity().token()
    (path,) = cached_files()
    path.write_text(json.dumps({**json.loads(path.read_text()), "expires": time.time() + 90000}))
    assert identity().token() == "token-2"


@pytest.mark.parametrize(
    "flags",
    [
        {"os_auth_type": "v3kerberos"},
        {"os_auth_type": "v3fedkerb"},
        {"os_auth_type": "v3oauth2mtlsclientcredential"},
        {"os_auth_type": "v3tokenlessauth"},
        {"os_auth_type": "external"},
        {"os_auth_type": "v3multifactor", "os_auth_methods": "kerberos,totp"},
    ],
)
def test_a_login_whose_secret_is_not_in_the_settings_is_not_kept(
    identity: Any, flags: dict[str, str]
) -> None:
    identity(**flags).remember("image_version", "2.9")
    assert cached_files() == []


def test_an_unencrypted_endpoint_of_an_encrypted_keystone_is_told_once(
    keystone: Keystone, identity: Any
) -> None:
    keystone.catalog = [
        *CATALOG,
        ("dns", "designate", "one", "public", "http://127.0.0.1:9001"),
        ("dns6", "designate", "one", "public", "http://[::1]:9001"),
    ]
    warnings: list[str] = []
    me = identity(warnings.append, os_endpoint_type="internalURL")
    assert [me.endpoint(), me.endpoint()] == ["http://image.internal:9292"] * 2
    assert warnings == [
        "the image endpoint http://image.internal:9292 is not encrypted, though Keystone is: "
        "others on the network can read the token and the data."
    ]
    there = identity(warnings.append)
    assert there.endpoint() == "https://image.one.test/v2"
    assert there.endpoint("dns") == "http://127.0.0.1:9001"
    assert there.endpoint("dns6") == "http://[::1]:9001"
    assert len(warnings) == 1
