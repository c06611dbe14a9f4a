"""Takes secrets out of text before it is shown: the only place that removes credentials from URLs.

Standard library only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
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

# Patterns are compiled where they are needed (re keeps them): most runs need none of them.
#
# Image properties come from strangers, so every pattern must be linear in the length of the text: a
# failed attempt never scans what a later attempt will scan as well.

_WORD = r"""[^\s"<>]+"""
# "user:key@" in front of a host. A key may contain a slash, but a port is not a key. To be applied
# only up to the last "@" of a word: then [^@]*@ cannot fail at the end of its scan.
_USERINFO = r"://(?:[^/]*|[^/@:]+:(?!\d+/)[^@]*)@"
_QUERY = (
    r"(?i)([?&#][\w.-]*(?:sig|signature|token|secret|password|passwd|pwd|credential|(?<!sort_)key)=)"
    r"""[^&\s"'<>]*[^&\s"'<>:;,]"""  # what follows the URL in a sentence stays
)
_JSON = (
    r"""(?i)("(?:password|secret|adminPass|token|access_token|passcode)"\s*:\s*")"""
    r"""[^"\\]*(?:\\.[^"\\]*)*(")"""
)

# Secrets of this run, by their values: nothing that is written to stderr holds one of them.
_tokens: set[str] = set()
_settings: list[Mapping[str, Any]] = []
SHORTEST_SECRET = 8  # characters; a shorter one may be a part of any word

_TELLING_KEY = "(?i)pass|secret|token|code|assertion|signature|otp"


def mask(text: str) -> str:
    """Returns the text without credentials in URLs (``swift://***@host/...``), signed queries and
    JSON passwords.
    """
    if "://" in text:
        if "@" in text:
            text = re.sub(_WORD, _mask_userinfo, text)
        if "=" in text:
            text = re.sub(_QUERY, r"\1***", text)
    if '"' in text:
        text = re.sub(_JSON, r"\1***\2", text)
    return text


def remember_token(token: str) -> None:
    """Keeps a token of this run from being written to stderr."""
    _tokens.add(token)


def remember_settings(settings: Mapping[str, Any]) -> None:
    """Keeps the values whose names say that they are secrets from being written to stderr."""
    _settings.append(settings)


def mask_secrets(text: str) -> str:
    """Returns the text as mask() does, and without the secrets of this run."""
    for secret in sorted(_known_secrets(), key=len, reverse=True):
        text = text.replace(secret, "***")
    return mask(text)


def _known_secrets() -> set[str]:
    secrets = set(_tokens)
    for settings in _settings:
        for name, value in settings.items():
            if isinstance(value, str) and _is_secret_setting(name):
                secrets.add(value)
    return {secret for secret in secrets if len(secret) >= SHORTEST_SECRET}


def _is_secret_setting(name: str) -> bool:
    """Whether a setting is a secret; the endpoint at which tokens are issued is none."""
    if name.endswith(("_endpoint", "_url", "_type", "_method", "_methods")):
        return False
    return re.search(_TELLING_KEY, name) is not None


def without_credentials(url: str) -> str:
    """Returns a URL without user, password, query and fragment."""
    without_userinfo = _replace_userinfo(url, "")
    if "://" not in url:
        without_userinfo = url.rpartition("@")[2]
    return re.split("[?#]", without_userinfo, maxsplit=1)[0]


def origin(url: str) -> str:
    """Returns scheme, host and port of a URL: ``https://host:5000``."""
    scheme, mark, rest = without_credentials(url).partition("://")
    return scheme + mark + rest.partition("/")[0]


def host_and_port(url: str) -> str:
    """Returns ``host:5000`` of a URL, "" when it has no host."""
    return origin(url).partition("://")[2]


def has_bare_ipv6(url: str) -> bool:
    """Whether the host of a URL is an IPv6 address without its brackets."""
    host = host_and_port(url)
    return host.count(":") > 1 and not host.startswith("[")


def is_http_url(url: str) -> bool:
    """Whether a URL begins with http or https and has a host, and a port that can be one."""
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def is_loopback(url: str) -> bool:
    """Whether the host of a URL is this machine (RFC 1122 127.0.0.0/8, ::1, localhost)."""
    host = host_and_port(url)
    return re.fullmatch(r"(localhost|\[::1\]|127(\.\d+){3})(:\d+)?", host) is not None


def _mask_userinfo(word: re.Match[str]) -> str:
    return _replace_userinfo(word[0], "***@")


def _replace_userinfo(word: str, replacement: str) -> str:
    """Returns a word without blanks with "user:key@" replaced in each of its URLs."""
    head, at, tail = word.rpartition("@")
    return re.sub(_USERINFO, f"://{replacement}", head + at) + tail


def mask_login(body: bytes | str | None) -> str:
    """Returns a request to Keystone or its response on one line: JSON with every secret as ``***``.

    In anything else the secrets cannot be found, so that only its length is shown.
    """
    import json

    if not body:
        return ""
    try:
        content = _without_secrets(json.loads(body), "")
        return mask(json.dumps(content, ensure_ascii=False))
    except (ValueError, RecursionError):
        return f"({len(body)} bytes that are not JSON)"


def _without_secrets(value: Any, key: str) -> Any:
    """Returns the JSON value that stands under a key, with its secrets masked.

    Secrets are the texts whose keys say so, and the ID of a token, which is the token itself.
    """
    if isinstance(value, list):
        return [_without_secrets(item, key) for item in value]
    if isinstance(value, dict):
        masked = {name: _without_secrets(item, name) for name, item in value.items()}
        if key == "token" and "id" in masked:
            masked["id"] = "***"
        return masked
    if isinstance(value, str) and re.search(_TELLING_KEY, key):
        return "***"
    return value


def mask_header(name: str, value: str) -> str:
    """Returns a header's value with tokens as ``***``."""
    if name.lower() in SECRET_HEADERS:
        return "***"
    return mask(value)
