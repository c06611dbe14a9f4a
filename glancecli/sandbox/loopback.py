"""HTTP requests to services on loopback, by the standard library and without proxies."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any, NamedTuple

_loopback = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Response(NamedTuple):
    """A successful response: its JSON body (None without a body) and its headers."""

    body: Any
    headers: Mapping[str, str]


class Refused(Exception):
    """A response with an error status, such as 404."""


def call(method: str, url: str, token: str, body: object = None) -> Response:
    """Sends a request with a token and a JSON body; returns the response.

    Raises Refused for an error status, OSError when no response comes within a minute.
    """
    data = None
    if body is not None:
        data = json.dumps(body).encode()
    headers = {"Content-Type": "application/json", "X-Auth-Token": token}
    request = urllib.request.Request(url, data, headers, method=method)
    try:
        with _loopback.open(request, timeout=60) as response:
            text = response.read() or b"null"
            return Response(json.loads(text), response.headers)
    except urllib.error.HTTPError as error:
        error.close()
        raise Refused(f"{error.code} {error.reason}") from error


def answers(url: str, timeout: float, headers: Mapping[str, str] | None = None) -> bool:
    """Returns whether an HTTP response, of any status, comes within so many seconds."""
    request = urllib.request.Request(url, headers=dict(headers or {}))
    try:
        _loopback.open(request, timeout=timeout).close()
    except urllib.error.HTTPError as error:
        error.close()
    except OSError:
        return False
    return True
