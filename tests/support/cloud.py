"""Plug-in: a cloud whose responses come from a table (the responses package)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import responses

IMAGE_URL = "http://glance.test:9292"
TOKEN = "token-of-the-tests"


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[responses.RequestsMock]:
    """The table of responses. The environment has the endpoint and a token, so no login is needed."""
    monkeypatch.setenv("OS_IMAGE_URL", IMAGE_URL)
    monkeypatch.setenv("OS_AUTH_TOKEN", TOKEN)
    with responses.RequestsMock() as mock:
        yield mock
