"""Token, endpoints and facts come from the cache or from one login."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from glancecli.auth.clouds import load
from glancecli.auth.identity import Identity
from glancecli.errors import AuthError, GlanceError
from glancecli.text import Messages
from glancecli.transport.options import ANY_TLS
from tests.support.fakekeystone import URL

ALICE = {
    "os_auth_url": URL + "/v3",
    "os_username": "alice",
    "os_password": "secret",
    "os_project_name": "demo",
    "os_user_domain_id": "default",
    "os_project_domain_id": "default",
    "os_region_name": "one",
}


@pytest.fixture
def warnings() -> list[str]:
    return []


@pytest.fixture
def minutes_later(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """minutes_later() lets some minutes pass: a new login may bring a better token then."""
    passed = [0.0]
    now = time.monotonic
    monkeypatch.setattr(time, "monotonic", lambda: now() + passed[0])

    def pass_time() -> None:
        passed[0] += 300

    return pass_time


@pytest.fixture
def identity(warnings: list[str]) -> Callable[..., Identity]:
    """identity(os_project_name=...) is alice with these flags changed; None takes one away."""

    def make(ask: Any = None, trace: Any = None, only: bool = False, **flags: Any) -> Identity:
        settings = load(flags if only else {**ALICE, **flags}, os.environ)
        return Identity(settings, Messages(warn=warnings.append, trace=trace), ask)

    return make


# the cache


def test_a_cold_command_logs_in_once_and_a_warm_one_not_at_all(keystone, identity):
    cold = identity()
    assert (cold.endpoint(), cold.token()) == ("https://image.one.test/v2", "token-1")
    warm = identity()
    assert (warm.endpoint(), warm.token()) == ("https://image.one.test/v2", "token-1")
    assert (warm.project_id, warm.user_id, warm.roles) == ("p1", "u1", ["member"])
    assert keystone.logins == 1


def test_a_warm_command_does_not_import_keystoneauth1(keystone, identity):
    identity().token()
    code = (
        "import os, sys\n"
        "from glancecli.auth.identity import Identity\n"
        "from glancecli.auth.clouds import load\n"
        f"me = Identity(load({ALICE!r}, os.environ))\n"
        "print(me.token(), me.endpoint(), 'keystoneauth1' in sys.modules, 'requests' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "token-1 https://image.one.test/v2 False False\n"


@pytest.mark.parametrize(
    "other",
    [
        {"os_password": "Secret"},
        {"os_username": "bob"},
        {"os_project_name": "other"},
        {"os_user_domain_id": "d2"},
        {"os_auth_url": URL + "/other/v3"},
        {"os_auth_type": "v3password"},
        {"os_system_scope": "all", "os_project_name": None},
    ],
)
def test_another_user_project_cloud_or_password_does_not_get_the_cached_token(
    keystone, identity, other
):
    identity().token()
    keystone.project = other.get("os_project_name", "demo")
    got = None
    with suppress(GlanceError):
        got = identity(**other).token()
    assert got != "token-1"


def test_regions_and_interfaces_share_one_login(keystone, identity):
    assert identity().endpoint() == "https://image.one.test/v2"
    assert identity(os_region_name="two").endpoint() == "https://image.two.test"
    assert identity(os_endpoint_type="internalURL").endpoint() == "http://image.internal:9292"
    assert keystone.logins == 1


@pytest.mark.parametrize("off", [{"no_cache": True}, "GLANCECLI_CACHE", "OS_NO_CACHE"])
def test_without_cache_nothing_is_saved(keystone, identity, monkeypatch, off):
    if isinstance(off, str):
        monkeypatch.setenv(off, "0" if off == "GLANCECLI_CACHE" else "1")
        off = {}
    me = identity(**off)
    me.token()
    me.remember("image_version", "2.18")
    assert me.fact("image_version") == "2.18"
    assert not Path(os.environ["HOME"], ".cache").exists()


def test_a_cached_token_that_expires_within_half_a_minute_is_not_used(keystone, identity):
    keystone.life = 29
    identity().token()
    keystone.life = 3600
    assert identity().token() == "token-2"


def test_a_transfer_gets_a_token_that_lives_long_enough(keystone, identity, monkeypatch):
    keystone.life = 3600
    me = identity()
    me.token()
    later = time.time() + 3100
    monkeypatch.setattr(time, "time", lambda: later)
    assert (me.token(), me.token(min_life=600)) == ("token-1", "token-2")


def test_where_tokens_are_short_lived_half_a_lifetime_is_enough_for_a_transfer(keystone, identity):
    keystone.life = 300
    me = identity()
    assert [me.token(min_life=600) for _ in range(3)] == ["token-1"] * 3


def test_a_refused_token_is_replaced_by_one_login_for_all_that_use_it(
    keystone, identity, minutes_later
):
    one, two = identity(), identity()
    assert one.token() == "token-1"
    assert two.token() == "token-2"  # both were created before the cache
    minutes_later()
    assert one.renew("token-1") == "token-2"  # the token of the other's login
    assert one.renew("token-2") == "token-3"
    assert one.renew("token-2") == "token-3"  # a second thread with the same old token
    assert identity().token() == "token-3"
    assert keystone.logins == 3


def test_a_refused_token_is_removed_from_the_cache_even_if_the_login_fails(
    keystone, identity, minutes_later
):
    me = identity()
    me.token()
    minutes_later()
    keystone.project = "gone"
    with pytest.raises(AuthError):
        me.renew("token-1")
    keystone.project = "demo"
    assert identity().token() == "token-3"


@pytest.mark.parametrize(
    ("flags", "hint"),
    [
        (
            {},
            "The service may not reach Keystone, or ask another one: "
            "a cloud administrator can see why.",
        ),
        (
            {
                "os_application_credential_id": "a",
                "os_application_credential_secret": "s",
                "os_auth_type": "v3applicationcredential",
            },
            "The access rules of the application credential may not allow this request; "
            "else the service cannot verify tokens with Keystone.",
        ),
    ],
)
def test_a_token_that_was_just_issued_is_not_replaced_by_another(keystone, identity, flags, hint):
    me = identity(**flags)
    me.token()
    for _ in range(2):
        with pytest.raises(AuthError) as caught:
            me.renew("token-1")
        assert str(caught.value) == (
            f"The service refused a token that Keystone has just issued (HTTP 401). {hint}"
        )
    assert keystone.logins == 1


def test_a_refused_password_is_never_sent_again(keystone, identity):
    me = identity(os_password="wrong")
    said = set()
    for _ in range(3):
        with pytest.raises(AuthError) as caught:
            me.token()
        said.add(str(caught.value.with_context("once")))
    assert (len(said), keystone.logins) == (1, 1)


def test_a_login_that_cannot_be_cached_is_reported_with_verbose(keystone, tmp_path):
    lines: list[str] = []
    folder = Path(os.environ["HOME"], ".cache", "glancecli")
    Identity(load(ALICE, os.environ), Messages(detail=lines.append)).token()
    assert lines == []
    folder.rename(tmp_path / "elsewhere")
    folder.symlink_to(tmp_path / "elsewhere")
    Identity(load(ALICE, os.environ), Messages(detail=lines.append)).token()
    assert lines == [f"the login is not cached: {folder} is not a folder of yours, or not writable"]


def test_a_cached_login_of_another_format_is_replaced_by_a_login(keystone, identity):
    identity().token()
    folder = Path(os.environ["HOME"], ".cache", "glancecli")
    (path,) = folder.glob("*.json")
    path.write_text('{"token": "x", "expires": "tomorrow", "catalog": 7, "format": 0}')
    assert identity().token() == "token-2"


# facts


def test_a_fact_is_remembered_for_the_next_command_on_the_same_endpoints(keystone, identity):
    me = identity()
    me.token()
    me.remember("compute_microversions", ["2.1", "2.96"])
    assert identity().fact("compute_microversions") == ["2.1", "2.96"]
    assert identity(os_region_name="two").fact("compute_microversions") is None
    assert identity(os_image_url="http://elsewhere").fact("compute_microversions") is None
    assert identity().fact("image_version") is None


def test_a_fact_is_remembered_without_a_login(identity):
    flags = {"os_image_url": "http://glance.test:9292"}
    identity(only=True, **flags).remember("image_version", "2.9")
    assert identity(only=True, **flags).fact("image_version") == "2.9"


def test_a_fact_survives_the_next_login(keystone, identity, minutes_later):
    me = identity()
    me.token()
    minutes_later()
    me.remember("image_version", "2.18")
    me.renew("token-1")
    assert identity().fact("image_version") == "2.18"


def test_a_fact_is_used_for_a_day(keystone, identity, monkeypatch):
    me = identity()
    me.remember("image_version", "2.18")
    later = time.time() + 86401
    monkeypatch.setattr(time, "time", lambda: later)
    assert me.fact("image_version") is None
    me.remember("image_version", "2.19")
    assert me.fact("image_version") == "2.19"


# endpoints


def test_a_fixed_url_overrides_the_catalog_and_needs_no_login(keystone, identity):
    assert identity(os_image_url="http://fixed:9292/v2/").endpoint() == "http://fixed:9292/v2"
    assert keystone.logins == 0


def test_a_fixed_url_may_contain_the_project(keystone, identity):
    me = identity(os_compute_url="http://nova/v2/%(project_id)s")
    assert me.endpoint("compute") == "http://nova/v2/p1"


def test_other_services_are_found_by_any_of_their_types(keystone, identity):
    me = identity()
    assert me.endpoint("compute") == "https://compute.one.test/v2.1"
    assert me.endpoint("volume") == "https://volume.one.test/v3/p1"
    assert me.endpoint("identity") == URL


def test_a_new_service_in_the_catalog_is_found_after_one_more_login(keystone, identity):
    whole, keystone.catalog = keystone.catalog, keystone.catalog[:1]
    identity().token()
    keystone.catalog = whole
    assert identity().endpoint("compute") == "https://compute.one.test/v2.1"
    assert keystone.logins == 2


@pytest.mark.parametrize(
    ("interfaces", "url"),
    [
        (["admin", "public"], "https://image.one.test/v2"),
        (["admin", "internalURL", "public"], "http://image.internal:9292"),
        (["public", "internal"], "https://image.one.test/v2"),
    ],
)
def test_the_first_interface_of_a_list_that_the_catalog_has_is_used(
    keystone, identity, interfaces, url
):
    assert identity(os_interface=interfaces).endpoint() == url


@pytest.mark.parametrize(
    ("flags", "text"),
    [
        (
            {"os_interface": ["admin", "private"]},
            "The image service has no admin or private endpoint in region one; it has "
            "internal in one, public in one, public in two. "
            "Choose with --os-region-name and --os-interface.",
        ),
        (
            {"os_region_name": "mars"},
            "The image service has no public endpoint in region mars; it has internal in one, public in one, "
            "public in two. Choose with --os-region-name and --os-interface.",
        ),
        (
            {"os_interface": "admin", "os_region_name": None},
            "The image service has no admin endpoint; it has internal in one, public in one, public in two. "
            "Choose with --os-region-name and --os-interface.",
        ),
        (
            {"os_service_type": "picture"},
            "The catalog has no picture service; it has compute, identity, image, volumev3.",
        ),
        (
            {"os_project_name": None},
            "The token is unscoped, so it has no service catalog. Set a project: "
            "--os-project-name, OS_PROJECT_NAME or project_name in clouds.yaml.",
        ),
    ],
)
def test_a_missing_endpoint_is_an_error_that_lists_existing_ones(keystone, identity, flags, text):
    with pytest.raises(AuthError) as caught:
        identity(**flags).endpoint()
    assert str(caught.value) == text


# without Keystone


def test_url_and_token_are_enough(identity):
    me = identity(only=True, os_image_url="http://g:9292/v2/", os_auth_token="T")
    assert (me.endpoint(), me.token(), me.project_id, me.roles) == (
        "http://g:9292/v2",
        "T",
        None,
        None,
    )


def test_a_url_alone_is_a_cloud_without_login(identity):
    me = identity(only=True, os_image_url="http://g:9292/v1")
    assert (me.endpoint(), me.token()) == ("http://g:9292/v1", None)


def test_a_given_token_cannot_be_renewed(identity):
    with pytest.raises(AuthError) as caught:
        identity(only=True, os_image_url="http://g", os_auth_token="T").renew("T")
    assert str(caught.value) == (
        "The service refused the given token: it has expired or was revoked. "
        "Get a new token, or log in with a password."
    )


def test_a_service_that_requires_a_login_is_an_error_without_credentials(identity):
    with pytest.raises(AuthError) as caught:
        identity(only=True, os_image_url="http://g").renew("")
    assert str(caught.value) == (
        "The service requires a login, and no credentials are given. "
        "Give --os-auth-url and credentials, or choose a cloud with --os-cloud."
    )


def test_another_service_without_login_needs_its_url(identity):
    with pytest.raises(AuthError) as caught:
        identity(only=True, os_image_url="http://g").endpoint("compute")
    assert str(caught.value) == (
        "The compute endpoint is unknown. "
        "Give --os-compute-url or OS_COMPUTE_URL, or log in with --os-auth-url."
    )


# passwords from the terminal


def test_a_missing_password_is_asked_for_once_and_its_token_is_cached(
    keystone, identity, minutes_later
):
    prompts = []

    def ask(prompt):
        prompts.append(prompt)
        return "secret"

    me = identity(ask=ask, os_password=None)
    assert me.token() == "token-1"
    minutes_later()
    assert me.renew("token-1") == "token-2"
    assert identity(ask=ask, os_password=None).token() == "token-2"
    assert prompts == ["Password of alice at keystone.test:5000: "]


def test_a_one_time_code_is_asked_for_at_every_login(keystone, identity, minutes_later):
    prompts = []

    def ask(prompt):
        prompts.append(prompt)
        return "secret" if "Password" in prompt else f"{len(prompts)}23456"

    flags = {"os_auth_type": "v3multifactor", "os_auth_methods": "password, totp"}
    me = identity(ask=ask, **flags, os_password=None)
    me.token()
    minutes_later()
    me.renew("token-1")
    at = "of alice at keystone.test:5000: "
    assert prompts == [
        f"Password {at}",
        f"Passcode (one-time code) {at}",
        f"Passcode (one-time code) {at}",
    ]
    sent = [body["identity"]["totp"]["user"]["passcode"] for body in keystone.bodies]
    assert sent == ["223456", "323456"]


@pytest.mark.parametrize(
    ("stop", "code", "ending"),
    [
        (
            lambda run, terminal: os.write(terminal, b"\x04"),
            1,
            "error: No password was given.\n"
            "hint: Type it, or give it with --os-password or OS_PASSWORD.\n",
        ),
        (lambda run, terminal: run.send_signal(signal.SIGINT), 130, "interrupted\n"),
    ],
    ids=["end of input", "interruption"],
)
def test_without_an_answer_the_password_prompt_ends_with_a_line_of_its_own(stop, code, ending):
    ours, theirs = pty.openpty()
    words = [
        item
        for flag, value in ALICE.items()
        if flag != "os_password"
        for item in (f"--{flag}", value)
    ]
    with subprocess.Popen(
        [sys.executable, "-m", "glancecli", *words, "image-list"],
        stdin=theirs,
        stderr=theirs,
        stdout=subprocess.DEVNULL,
        env={**os.environ, "NO_COLOR": "1"},
        start_new_session=True,  # no /dev/tty, which would be asked first
    ) as run:
        os.close(theirs)
        seen = os.read(ours, 65536)
        while not seen.endswith(b": "):
            seen += os.read(ours, 65536)
        stop(run, ours)
        with suppress(OSError):  # the terminal's end
            while chunk := os.read(ours, 65536):
                seen += chunk
        ended = run.wait(20)
    os.close(ours)
    shown = seen.decode().replace("\r", "")
    assert (ended, shown) == (code, f"Password of alice at keystone.test:5000: \n{ending}")


# connecting


def test_insecure_warns_once(keystone, identity, warnings):
    me = identity(insecure=True)
    me.token()
    assert me.client_options.verify is False
    assert warnings == [
        "certificates are not verified (--insecure): others on the network can read and change the data."
    ]


def test_certificates_and_timeout_are_options_of_the_connection(identity, tmp_path, warnings):
    for name in ("ca.pem", "me.crt", "me.key"):
        (tmp_path / name).write_text("")
    flags = {
        f"os_{key}": str(tmp_path / name)
        for key, name in (("cacert", "ca.pem"), ("cert", "me.crt"), ("key", "me.key"))
    }
    options = identity(timeout=7, **flags).client_options
    pair = (str(tmp_path / "me.crt"), str(tmp_path / "me.key"))
    assert options == (str(tmp_path / "ca.pem"), pair, 7.0, "", ANY_TLS)
    assert warnings == []


@pytest.mark.parametrize("flag", ["cacert", "cert", "key"])
def test_a_missing_certificate_file_is_named(identity, flag):
    with pytest.raises(AuthError) as caught:
        identity(**{"os_cert": os.devnull, f"os_{flag}": "/no/such.pem"})
    assert str(caught.value) == (
        f"File /no/such.pem does not exist. It is set by --os-{flag}, OS_{flag.upper()} or {flag} in clouds.yaml."
    )
