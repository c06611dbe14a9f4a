"""Secrets taken out of text before anybody sees it. Standard library only."""

from __future__ import annotations

import re

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
    r"""([?&][\w.-]*(?:sig|signature|token|secret|password|credential|key)=)[^&\s"'<>]+""", re.IGNORECASE
)
_JSON = re.compile(
    r"""("(?:password|secret|adminPass|token|access_token|passcode)"\s*:\s*")(?:[^"\\]|\\.)*(")""",
    re.IGNORECASE,
)


def mask(text: str) -> str:
    """The text without credentials in URLs (``swift://***@host/...``), signed queries and JSON passwords."""
    if "://" in text:
        text = _QUERY.sub(r"\1***", _USERINFO.sub(r"\1***@", text))
    return _JSON.sub(r"\1***\2", text) if '"' in text else text


def mask_header(name: str, value: str) -> str:
    """A header's value as it may be shown: tokens become ``***``."""
    return "***" if name.lower() in SECRET_HEADERS else mask(value)
