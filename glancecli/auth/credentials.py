"""Checks credentials where they enter: what cannot be sent is named by its setting, never shown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from glancecli.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from glancecli.auth.layers import Config

# Credentials that are sent as they are in a header of HTTP. No token has blanks, so that those at
# its ends are those of a file or of a terminal.
_TOKENS = ("token", "access_token")
_SENDABLE_TOKEN = re.compile(r"[\x21-\x7e]+")


def sendable(auth: Mapping[str, Any], origins: Mapping[str, str]) -> Config:
    """Returns the credentials, with tokens and the auth URL without blanks at their ends.

    Raises SettingsError for one that cannot be sent; origins says where each was set.
    """
    checked = dict(auth)
    for key, value in auth.items():
        if not isinstance(value, str):
            continue
        if key in _TOKENS:
            checked[key] = _sendable_token(value.strip(), origin(key, origins))
        elif key == "auth_url":
            checked[key] = value.strip()
        _check_text(value, origin(key, origins))
    return checked


def origin(key: str, origins: Mapping[str, str]) -> str:
    """Returns where a credential was set, as messages name it."""
    return origins.get(key, key)


def _check_text(value: str, where: str) -> None:
    """Raises SettingsError for bytes that are not text in this locale, which JSON cannot hold."""
    try:
        value.encode()
    except UnicodeEncodeError:
        raise SettingsError(
            f"{where} is not UTF-8 text.", hint="Use UTF-8 for it and for the locale."
        ) from None


def _sendable_token(token: str, where: str) -> str:
    if _SENDABLE_TOKEN.fullmatch(token):
        return token
    raise SettingsError(
        f"The token ({where}) is not valid: {_fault(token)}.",
        hint="Copy the token again; it has only ASCII letters, digits and signs.",
    )


def _fault(token: str) -> str:
    """Returns what is wrong with a token, without showing it."""
    import unicodedata

    if not token:
        return "it is blank"
    valid_part = _SENDABLE_TOKEN.match(token)
    position = 0
    if valid_part:
        position = valid_part.end()
    character = token[position]
    name = unicodedata.name(character, "").lower()
    return f"character {position + 1} is U+{ord(character):04X} {name}".rstrip()
