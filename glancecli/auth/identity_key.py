"""Which logins are cached, and what tells two of them apart.

Everything that decides whom we believe belongs to the key: a catalog that came through a proxy, or
with certificates of another authority, is not used without them.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from glancecli.auth.settings import Settings

# Of no use for a second login, so they are not kept.
_ONE_TIME_CODES = ("passcode", "code")

# Login types whose secret is in the settings or is typed by the user. The others take it from
# elsewhere (a Kerberos ticket, a client certificate, the environment of a plugin), where another
# user's may be by the next command.
_CACHED = frozenset(
    (
        *("none", "admin_token", "password", "token", "v2password", "v2token"),
        *("v3password", "v3token", "v3applicationcredential", "v3totp", "v3multifactor"),
        *("v3oidcpassword", "v3oidcclientcredentials", "v3oidcauthcode", "v3oidcaccesstoken"),
        *("v3oidcdeviceauthz", "v3websso", "v3samlpassword", "v3adfspassword"),
        *("v3oauth1", "v3oauth2clientcredential"),
    )
)

_PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


def may_be_cached(settings: Settings) -> bool:
    """Whether the login may be kept for later commands."""
    if settings.insecure:
        return False
    by_ticket = "kerberos" in str(settings.auth.get("auth_methods", "")).lower()
    return settings.auth_type in _CACHED and not by_ticket


def identity_key(settings: Settings, environ: Mapping[str, str] = os.environ) -> str:
    """Returns a text that is different for another cloud, user, scope, secret, or way to connect.

    One-time codes are left out, as they change with every login.
    """
    auth = {key: str(value) for key, value in settings.auth.items()}
    for key in _ONE_TIME_CODES:
        auth.pop(key, None)
    parts = [
        settings.auth_type,
        settings.identity_api_version,
        settings.default_domain,
        auth,
        _trust(settings),
        _proxies(environ),
    ]
    return json.dumps(parts, sort_keys=True)


def without_one_time_codes(before: Settings, after: Settings) -> Settings:
    """Returns the settings with what the user typed for a login, except what works only once."""
    auth = dict(after.auth)
    for key in _ONE_TIME_CODES:
        if key not in before.auth:
            auth.pop(key, None)
    return after._replace(auth=auth)


def _trust(settings: Settings) -> list[Any]:
    """Returns what decides which servers are believed, and as whom we connect."""
    paths = []
    if isinstance(settings.verify, str):
        paths.append(settings.verify)
    if isinstance(settings.cert, tuple):
        paths += settings.cert
    elif settings.cert:
        paths.append(settings.cert)
    return [settings.verify is not False, [[path, _digest(Path(path))] for path in paths]]


def _digest(path: Path) -> str:
    """Returns a hash of a file, or of the names and times of a folder of CA certificates."""
    digest = hashlib.sha256()
    try:
        if path.is_dir():
            entries = sorted((each.name, each.stat().st_mtime_ns) for each in path.iterdir())
            digest.update(repr(entries).encode())
        else:
            digest.update(path.read_bytes())
    except OSError:
        return ""
    return digest.hexdigest()


def _proxies(environ: Mapping[str, str]) -> list[str]:
    """Returns the proxy variables; the names in small letters count before the others."""
    found = []
    for name in _PROXIES:
        value = environ.get(name) or environ.get(name.upper()) or ""
        found.append(f"{name}={value}")
    return found
