"""Secrets are not shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glancecli.masking import (
    host_and_port,
    mask,
    mask_header,
    mask_login,
    origin,
    without_credentials,
)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("swift://account:key@example.com/container/obj", "swift://***@example.com/container/obj"),
        ("swift+https://t%3Au:p/ss@auth.example/v1/c/o", "swift+https://***@auth.example/v1/c/o"),
        ("http://user:p@ss@host/x", "http://***@host/x"),
        ("http://token@host/x", "http://***@host/x"),
        ("http://host:8080/path@x", "http://host:8080/path@x"),
        ("rbd://fsid/images/id/snap", "rbd://fsid/images/id/snap"),
        ("https://s3/b/k?X-Amz-Signature=abc&x=1", "https://s3/b/k?X-Amz-Signature=***&x=1"),
        (
            "https://h/o?temp_url_sig=abc&temp_url_expires=5",
            "https://h/o?temp_url_sig=***&temp_url_expires=5",
        ),
        ("http://h/v1/images?sort_key=name&key=abc", "http://h/v1/images?sort_key=name&key=***"),
        ("http://h/x?sig=abc: not found", "http://h/x?sig=***: not found"),
        ("http://h/x?sig=a:b;c, http://h/y", "http://h/x?sig=***, http://h/y"),
        ("no URL here: a@b", "no URL here: a@b"),
        ('{"auth": {"password": "s\\"3"}}', '{"auth": {"password": "***"}}'),
        ("one,swift://a:b@h/c,swift://d:e@h/f", "one,swift://***@h/c,swift://***@h/f"),
        ("swift://a:b/c://d@h/e", "swift://***@h/e"),
        ('{"url": "http://u:p@h/"}', '{"url": "http://***@h/"}'),
        ('{"password": "s3', '{"password": "s3'),
        ("two swift://a:b@h/c and swift://d:e@h/f", "two swift://***@h/c and swift://***@h/f"),
    ],
)
def test_only_credentials_are_masked(text: str, shown: str) -> None:
    assert mask(text) == shown


@given(
    st.text("abcXYZ019%.-_~!$&'()*+,;=:", min_size=1),
    st.text("abcXYZ019%.-_~!$/", min_size=8, max_size=20),
)
def test_no_key_in_a_url_is_shown(user: str, key: str) -> None:
    secret = f"SECRET{key}"
    assert secret not in mask(
        f"swift://{user.replace(':', '') or 'u'}:{secret}@example.com/container/obj"
    )


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a" * 1_000_000 + "://", "a" * 1_000_000 + "://"),
        ("http://u:x" * 100_000, "http://u:x" * 100_000),
        ("http://u:x" * 100_000 + " @", "http://u:x" * 100_000 + " @"),
        ("http://u:x" * 100_000 + "@", "http://***@"),
        ("http://1:1/" * 100_000 + "@", "http://1:1/" * 100_000 + "@"),
        ("://" + "@" * 1_000_000, "://***@"),
        ("://" + "?a.sig" * 200_000, "://" + "?a.sig" * 200_000),
        ("://?" + "token" * 200_000, "://?" + "token" * 200_000),
        ("://?sig=" + ":" * 1_000_000, "://?sig=" + ":" * 1_000_000),
        ('"password":"' * 100_000, '"password":"***"password":"' * 50_000),
        ('"password"' + " " * 1_000_000, '"password"' + " " * 1_000_000),
        ('"password":"' + '\\"' * 500_000, '"password":"' + '\\"' * 500_000),
    ],
    ids=range(12),
)
def test_long_texts_that_would_be_slow_for_a_quadratic_pattern_are_masked(
    text: str, shown: str
) -> None:
    assert mask(text) == shown


@pytest.mark.parametrize(
    ("url", "shown", "site", "host"),
    [
        ("https://k.test:5000/v3", "https://k.test:5000/v3", "https://k.test:5000", "k.test:5000"),
        (
            "https://u:p@k.test:5000/v3",
            "https://k.test:5000/v3",
            "https://k.test:5000",
            "k.test:5000",
        ),
        ("https://u:p@ss@k/v3", "https://k/v3", "https://k", "k"),
        ("https://u:p/s@k/v3", "https://k/v3", "https://k", "k"),
        ("https://u:p?s#s s@k/v3", "https://k/v3", "https://k", "k"),
        ("https://k/v3?code=1#x", "https://k/v3", "https://k", "k"),
        ("https://k?code=1", "https://k", "https://k", "k"),
        ("https://[::1]:5000", "https://[::1]:5000", "https://[::1]:5000", "[::1]:5000"),
        ("https://[::1", "https://[::1", "https://[::1", "[::1"),
        ("https://k:99999999/v3", "https://k:99999999/v3", "https://k:99999999", "k:99999999"),
        ("u:p@k:5000/v3", "k:5000/v3", "k:5000/v3", ""),
        ("/v3", "/v3", "/v3", ""),
        ("", "", "", ""),
    ],
)
def test_a_url_is_shown_without_user_password_and_query(
    url: str, shown: str, site: str, host: str
) -> None:
    assert (without_credentials(url), origin(url), host_and_port(url)) == (shown, site, host)


def test_a_response_nested_too_deeply_is_not_shown() -> None:
    assert mask_login("[" * 100_000) == "(100000 bytes that are not JSON)"


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (
            b'{"auth": {"identity": {"methods": ["password"], "password": {"user": {"name": "J\xc3\xb6", '
            b'"password": "s3"}}}}}',
            '{"auth": {"identity": {"methods": ["password"], "password": {"user": {"name": "J\u00f6", '
            '"password": "***"}}}}}',
        ),
        (
            '{"auth": {"token": {"id": "T"}, "tenantId": "p"}}',
            '{"auth": {"token": {"id": "***"}, "tenantId": "p"}}',
        ),
        (
            '{"application_credential": {"id": "a", "secret": "s"}, "totp": {"user": {"passcode": "1"}}}',
            '{"application_credential": {"id": "a", "secret": "***"}, "totp": {"user": {"passcode": "***"}}}',
        ),
        (
            '{"access_token": "x", "tokens": ["y"], "url": "http://u:p@h/"}',
            '{"access_token": "***", "tokens": ["***"], "url": "http://***@h/"}',
        ),
        (
            '{"token": {"user": {"id": "u1"}, "catalog": [{"type": "image", "id": "c"}]}}',
            '{"token": {"user": {"id": "u1"}, "catalog": [{"type": "image", "id": "c"}]}}',
        ),
        (b"client_secret=s&password=p", "(26 bytes that are not JSON)"),
        (None, ""),
    ],
)
def test_the_body_of_a_login_is_shown_without_its_secrets(
    body: bytes | str | None, shown: str
) -> None:
    assert mask_login(body) == shown


@pytest.mark.parametrize("name", ["X-Auth-Token", "x-subject-token", "Authorization", "Set-Cookie"])
def test_headers_with_tokens_are_masked(name: str) -> None:
    assert mask_header(name, "gAAAA") == "***"
