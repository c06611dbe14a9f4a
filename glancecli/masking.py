"""Secrets taken out of text before anybody sees it. Standard library only."""

from __future__ import annotations

import re
from typing import Any

SECRET_HEADERS = frozenset(
    {
        "x-auth-token",
        "x-subject-token",
        "x-service-token",
        "authorization",
        "cookie",
        "set-cookie",
        "proxy-authorization",
    }
)

# user:key@ in front of a host. A key may hold a slash; a port may not be taken for one.
_USERINFO = re.compile(r"""([A-Za-z][\w+.-]*://)(?:[^/\s"<>]*|[^/\s@:"<>]+:(?!\d+/)[^\s@"<>]*)@""")
_QUERY = re.compile(
    r"""([?&][\w.-]*(?:sig|signature|token|secret|password|credential|key)=)[^&\s"'<>]+""",
    re.IGNORECASE,
)
_JSON = re.compile(
    r"""("(?:password|secret|adminPass|token|access_token|passcode)"\s*:\s*")(?:[^"\\]|\\.)*(")""",
    re.IGNORECASE,
)

_SECRET_NAME = re.compile(r"pass|secret|token|code|assertion|signature|otp", re.IGNORECASE)


def mask(text: str) -> str:
    """The text without credentials in URLs (``swift://***@host/...``), signed queries and JSON
    passwords.
    """
    if "://" in text:
        text = _QUERY.sub(r"\1***", _USERINFO.sub(r"\1***@", text))
    return _JSON.sub(r"\1***\2", text) if '"' in text else text


def mask_login(body: bytes | str | None) -> str:
    """What goes to Keystone or comes from it, on one line: JSON with every secret as ``***``.

    Of anything else nobody knows where its secrets stand: only its length is told.
    """
    import json

    try:
        found = json.loads(body or "null")
    except ValueError:
        return f"({len(body or '')} bytes that are no JSON)"
    return (
        mask(json.dumps(_without_secrets(found, ""), ensure_ascii=False))
        if found is not None
        else ""
    )


def _without_secrets(value: Any, within: str) -> Any:
    """The value with the texts under telling names masked, and a token's ID, which is the token
    itself.
    """
    if isinstance(value, list):
        return [_without_secrets(item, within) for item in value]
    if not isinstance(value, dict):
        return "***" if isinstance(value, str) and _SECRET_NAME.search(within) else value
    return {
        key: "***" if (within, key) == ("token", "id") else _without_secrets(item, key)
        for key, item in value.items()
    }


def mask_header(name: str, value: str) -> str:
    """A header's value as it may be shown: tokens become ``***``."""
    return "***" if name.lower() in SECRET_HEADERS else mask(value)
