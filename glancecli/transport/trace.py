"""Requests and responses as --debug shows them, without secrets."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import requests

from glancecli.masking import mask, mask_header

Params = Sequence[tuple[str, Any]]  # the query of a URL

SHOWN_BODY = 4000  # bytes of a response's body that are shown


class Trace:
    """Writes each request and response by write, nothing when write is None."""

    def __init__(self, write: Callable[[str], None] | None) -> None:
        self._write = write

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, Any],
        *,
        params: Params | None = None,
        body: bytes | None = None,
    ) -> None:
        """Shows a request that is about to be sent."""
        if self._write is None:
            return
        sent_url = _sent_url(url, params or ())
        self._write(f"> {method} {sent_url}")
        self._headers("> ", headers)
        if body:
            self._write(f"> {mask(_decode(body))}")

    def response(self, response: requests.Response, body: bytes | None = None) -> None:
        """Shows a response, with the beginning of its body unless that is None."""
        if self._write is None:
            return
        status_line = f"{response.status_code} {response.reason or ''}"
        self._write(f"< {status_line}".rstrip())
        self._headers("< ", response.headers)
        if body is not None:
            beginning = _decode(body[:SHOWN_BODY])
            self._write(f"< {mask(beginning)}")

    def _headers(self, prefix: str, headers: Mapping[str, Any]) -> None:
        assert self._write is not None  # noqa: S101 - for the type checker
        for name, value in headers.items():
            text = str(value)
            if isinstance(value, bytes):
                text = _decode(value)
            shown = mask_header(name, text)
            self._write(f"{prefix}{name}: {shown}")


def _decode(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _sent_url(url: str, params: Params) -> str:
    """Returns the URL as it is sent, with no secret in it, not even an encoded one."""
    masked = [(key, mask(str(value))) for key, value in params]
    request = requests.Request("GET", url, params=masked).prepare()
    sent = request.url or url
    return mask(sent.replace("%2A%2A%2A", "***"))
