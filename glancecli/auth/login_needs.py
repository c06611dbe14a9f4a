"""What a login needs before anything is sent: a complete set of credentials, one scope, and an auth
URL that can be one.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from glancecli.auth.credentials import origin
from glancecli.errors import AuthError, Hint, SettingsError
from glancecli.masking import (
    has_bare_ipv6,
    host_and_port,
    is_http_url,
    remember_settings,
    without_credentials,
)
from glancecli.text import listed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from glancecli.auth.settings import Settings

Ask = Callable[[str], str]  # asks with a prompt; returns what was typed

_NAMES = {
    "auth_url": "the auth URL of the cloud",
    "username": "the user name",
    "passcode": "the passcode (one-time code)",
    "application_credential_id": "the ID of the application credential",
    "application_credential_secret": "the secret of the application credential",
    "auth_methods": "the methods of the login (such as password,totp)",
}

# What a terminal asks for when nothing else is missing.
_PROMPTS = {
    "password": "Password of {user} at {host}: ",
    "passcode": "Passcode (one-time code) of {user} at {host}: ",
    "application_credential_secret": "Secret of the application credential at {host}: ",
}

_SCOPES = {
    "project": ("project_id", "project_name"),
    "domain": ("domain_id", "domain_name"),
    "trust": ("trust_id",),
    "system": ("system_scope",),
}


def check_address(settings: Settings) -> None:
    """Raises AuthError for an auth URL that cannot be the URL of a Keystone."""
    if "auth_url" not in settings.auth:
        return
    url = str(settings.auth["auth_url"])
    shown = without_credentials(url)
    if has_bare_ipv6(url):
        raise SettingsError(
            f"The auth URL {shown} is not valid: an IPv6 address in it needs brackets.",
            hint="It should look like http://[2001:db8::1]:5000/v3.",
        )
    if not is_http_url(url):
        raise SettingsError(
            f"The auth URL {shown} is not an http or https URL.",
            hint="It should look like https://cloud.example.com:5000/v3.",
        )
    beginning = re.match(r"(.*?/v\d[\d.]*)/.*(tokens|v\d[\d.]*)/*$", shown)
    if beginning is None:
        beginning = re.match(r"(.*)/auth/tokens/*$", shown)
    if beginning is not None:
        raise SettingsError(
            f"The auth URL {shown} has too much at its end: "
            f"{shown.removeprefix(beginning[1]).rstrip('/')} belongs to single requests.",
            hint=f"Use {beginning[1]} (--os-auth-url, OS_AUTH_URL or auth_url in clouds.yaml).",
        )


def check_scope(settings: Settings) -> None:
    """Raises AuthError for a login with several scopes, and names where each was set.

    An application credential belongs to one project, and is sent without a scope.
    """
    methods = str(settings.auth.get("auth_methods", ""))
    by_application = "application" in settings.auth_type or "application" in methods
    if by_application or settings.auth_type.startswith("v2"):
        return
    found = []
    for scope, keys in _SCOPES.items():
        given = [origin(key, settings.origins) for key in keys if key in settings.auth]
        if given:
            found.append(f"{scope} ({' and '.join(given)})")
    if len(found) > 1:
        raise SettingsError(
            f"The login has {len(found)} scopes, and a token has one: {listed(found)}.",
            hint="Unset those that are not meant.",
        )


def completed(settings: Settings, lacking: Sequence[str], ask: Ask | None) -> Settings:
    """Returns the settings with the missing credentials as they were typed on a terminal.

    Raises AuthError, which names what is missing, where there is no terminal or it cannot be asked.
    """
    if ask is None or not set(lacking) <= _PROMPTS.keys():
        raise incomplete(lacking, settings)
    auth = dict(settings.auth)
    for key in lacking:
        user = auth.get("username") or auth.get("user_id") or "the user"
        host = host_and_port(str(auth.get("auth_url", "")))
        auth[key] = ask(_PROMPTS[key].format(user=user, host=host))
    remember_settings(auth)
    return settings._replace(auth=auth)


def incomplete(lacking: Sequence[str], settings: Settings) -> AuthError:
    """Returns the error that names what a login lacks and how to give it."""
    names = listed([_NAMES.get(key, f"the {key.replace('_', ' ')}") for key in lacking])
    verb = "are"
    if len(lacking) == 1:
        verb = "is"
    if settings.source:
        ways = "; ".join(map(_way_beside_file, lacking))
        cloud = f"cloud {settings.cloud} of {settings.source}"
        return AuthError(f"Cannot log in to {cloud}: {names} {verb} missing.", hint=f"Give {ways}.")
    ways = "; ".join(map(_way_by_variable, lacking))
    ways += "; or choose a cloud of clouds.yaml with --os-cloud or OS_CLOUD"
    error = AuthError(f"Cannot log in: {names} {verb} missing.", hint=f"Give {ways}.")
    if not settings.auth:
        sandbox = "({} creates one to try out, --os-cloud sandbox)"
        error.hint = Hint(f"Give {ways} {sandbox}.", ("sandbox", "up"))
    return error


def _flag(key: str) -> str:
    return "--os-" + key.replace("_", "-")


def _way_beside_file(key: str) -> str:
    return f"{_flag(key)} or OS_{key.upper()}, or {key} under auth in the file (or in secure.yaml)"


def _way_by_variable(key: str) -> str:
    return f"{_flag(key)} or OS_{key.upper()}"
