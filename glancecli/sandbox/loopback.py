"""HTTP on loopback with the standard library alone, past every proxy."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any, NamedTuple

_loopback = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Response(NamedTuple):
    """A response without an error: its JSON body (None: no body) and its headers."""

    body: Any
    headers: Mapping[str, str]


class Refused(Exception):
    """The service answered with an error status."""


def call(method: str, url: str, token: str, body: object = None) -> Response:
    """Sends a request with a token and a JSON body, and reads the response.

    Raises Refused for an error status, OSError when there is no response within a minute.
    """
    data = None
    if body is not None:
        data = json.dumps(body).encode()
    headers = {"Content-Type": "application/json", "X-Auth-Token": token}
    request = urllib.request.Request(url, data, headers, method=method)
    try:
        with _loopback.open(request, timeout=60) as response:
            return Response(json.loads(response.read() or b"null"), response.headers)
    except urllib.error.HTTPError as error:
        error.close()
        raise Refused(f"{error.code} {error.reason}") from error


def answers(url: str, timeout: float, headers: Mapping[str, str] | None = None) -> bool:
    """Whether something speaks HTTP at a URL within so many seconds; any status will do."""
    request = urllib.request.Request(url, headers=dict(headers or {}))
    try:
        _loopback.open(request, timeout=timeout).close()
    except urllib.error.HTTPError as error:
        error.close()
    except OSError:
        return False
    return True
