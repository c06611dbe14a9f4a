"""Nothing that goes to stderr holds a secret of the run or acts on the terminal."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import responses

from glancecli.masking import mask, mask_secrets, remember_settings, remember_token
from tests.support.cloud import IMAGE_URL, TOKEN
from tests.support.programs import Result

IMAGE = f"{IMAGE_URL}/v2/images/10000000-0000-4000-8000-000000000001"
SHOW = ("image-show", "10000000-0000-4000-8000-000000000001")


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://user:pa@ss@host/x", "https://***@host/x"),
        ("s3://key:sec/ret+1/2@bucket.example/x", "s3://***@bucket.example/x"),
        ("https://host/x#access_token=0123", "https://host/x#access_token=***"),
        ("https://host/x?passwd=0123&a=b", "https://host/x?passwd=***&a=b"),
        ("https://host/x?pwd=0123", "https://host/x?pwd=***"),
    ],
)
def test_a_url_is_shown_without_its_credentials(url: str, shown: str) -> None:
    assert mask(f"see {url} .") == f"see {shown} ."


def test_secrets_of_the_run_are_masked_by_their_value() -> None:
    remember_token("token-0123456789")
    remember_settings({"password": "correct horse", "username": "somebody-else", "passcode": "123"})
    said = mask_secrets("token-0123456789 of somebody-else with correct horse, 123")
    assert said == "*** of somebody-else with ***, 123"


def test_the_endpoint_at_which_tokens_are_issued_is_no_secret() -> None:
    endpoint = "https://idp.test/token-issuer"
    remember_settings({"access_token_endpoint": endpoint, "access_token_type": "access_token"})
    said = f"{endpoint} issued no access_token"
    assert mask_secrets(said) == said


def test_a_service_that_repeats_the_token_does_not_get_it_printed(
    cloud: responses.RequestsMock, glance: Callable[..., Result]
) -> None:
    cloud.get(IMAGE, json={"message": f"the token {TOKEN} is no good"}, status=400)
    shown = glance(*SHOW)
    assert shown.err == f"glance: error: image {SHOW[1]}: the token *** is no good (HTTP 400)\n"


def test_the_traceback_of_debug_holds_neither_the_token_nor_control_characters(
    cloud: responses.RequestsMock, glance: Callable[..., Result]
) -> None:
    cloud.get(IMAGE, json={"message": f"{TOKEN} \x1b]0;title\x07"}, status=400)
    shown = glance("--debug", *SHOW)
    assert "Traceback (most recent call last):" in shown.err
    assert TOKEN not in shown.err
    assert "\x1b" not in shown.err


def test_a_credential_at_which_a_long_message_is_cut_is_masked_first(
    cloud: responses.RequestsMock, glance: Callable[..., Result]
) -> None:
    message = "x" * 580 + " https://user:correct-horse@host/path"
    cloud.get(IMAGE, json={"message": message}, status=400)
    shown = glance(*SHOW)
    assert "user" not in shown.err
    assert "correct" not in shown.err
