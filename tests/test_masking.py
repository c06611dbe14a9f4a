"""Secrets never reach a screen, a log or a file."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glancecli.masking import mask, mask_header, mask_login


@pytest.mark.parametrize(
    ("said", "shown"),
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
        ("no URL here: a@b", "no URL here: a@b"),
        ('{"auth": {"password": "s\\"3"}}', '{"auth": {"password": "***"}}'),
        ("two swift://a:b@h/c and swift://d:e@h/f", "two swift://***@h/c and swift://***@h/f"),
    ],
)
def test_credentials_are_masked_and_nothing_else(said: str, shown: str) -> None:
    assert mask(said) == shown


@given(
    st.text("abcXYZ019%.-_~!$&'()*+,;=:", min_size=1),
    st.text("abcXYZ019%.-_~!$/", min_size=8, max_size=20),
)
def test_no_key_in_a_url_survives(user: str, key: str) -> None:
    secret = f"SECRET{key}"
    assert secret not in mask(
        f"swift://{user.replace(':', '') or 'u'}:{secret}@example.com/container/obj"
    )


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
        (b"client_secret=s&password=p", "(26 bytes that are no JSON)"),
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
