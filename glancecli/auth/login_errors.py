"""Explains why a login failed: what is missing, what Keystone refused, why it did not answer."""

from __future__ import annotations

import re
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from keystoneauth1 import exceptions as ksa

from glancecli.errors import AuthError, ConnectionFailed, GlanceError, Hint
from glancecli.masking import host_and_port, without_credentials
from glancecli.transport.tls_errors import tls_error

if TYPE_CHECKING:
    from collections.abc import Sequence

    from glancecli.auth.settings import Settings


class Unscoped(Enum):
    """The result of a login with the same credentials and without a project."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNKNOWN = "unknown"


class Words(NamedTuple):
    """The words of an error: templates, whose {names} are filled in by ``_error``."""

    message: str
    hint: str = ""
    kind: type[GlanceError] = AuthError


# What is missing.

_NAMES = {
    "auth_url": "the auth URL of the cloud",
    "username": "the user name",
    "password": "the password",
    "token": "the token",
    "application_credential_id": "the ID of the application credential",
    "application_credential_secret": "the secret of the application credential",
}
_NEEDED = {
    "password": ("auth_url", "username", "password"),
    "token": ("auth_url", "token"),
    "v3applicationcredential": (
        "auth_url",
        "application_credential_id",
        "application_credential_secret",
    ),
}
_INSTEAD = {"username": "user_id", "application_credential_id": "application_credential_name"}


def missing(settings: Settings) -> AuthError | None:
    """Returns the error that names what a login lacks and how to give it, None for nothing."""
    lacking = _lacking(settings)
    if lacking:
        return _incomplete(lacking, settings)
    if not _is_http_url(str(settings.auth["auth_url"])):
        return AuthError(
            f"The auth URL {_shown_url(settings)} is not an http or https URL.",
            hint="It should look like https://cloud.example.com:5000/v3.",
        )
    return None


def _lacking(settings: Settings) -> list[str]:
    """Returns the keys of the credentials that the login lacks."""
    kind = settings.auth_type
    if kind in ("v2password", "v3password", "v2token", "v3token"):
        kind = kind[2:]
    given = settings.auth.keys()
    needed = _NEEDED.get(kind, ("auth_url",))
    return [key for key in needed if key not in given and _INSTEAD.get(key) not in given]


def _is_http_url(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _incomplete(lacking: Sequence[str], settings: Settings) -> AuthError:
    names = _enumerated([_NAMES[key] for key in lacking])
    verb = "is" if len(lacking) == 1 else "are"
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


def _enumerated(names: Sequence[str]) -> str:
    """Returns names as "a, b and c"."""
    *first, last = names
    if not first:
        return last
    return f"{', '.join(first)} and {last}"


def _flag(key: str) -> str:
    return "--os-" + key.replace("_", "-")


def _way_beside_file(key: str) -> str:
    return f"{_flag(key)}, or {key} under auth in the file (or in secure.yaml)"


def _way_by_variable(key: str) -> str:
    return f"{_flag(key)} or OS_{key.upper()}"


# What Keystone refused.

_NO_ACCESS = Words(
    "Keystone accepts {user} but denies access to {scope}.",
    "Check that it exists in this domain and is enabled, and that you have a role on it.",
)
_REFUSED_WITH_REASON = Words("Keystone refused {user}: {reason}")
_TOKEN_REFUSED = Words(
    "Keystone refused the token: it has expired, was revoked, or belongs to another cloud.",
    "Get a new token, or log in with a password.",
)
_APPLICATION_REFUSED = Words(
    "Keystone refused the application credential: wrong secret, expired, or deleted.",
    "Create a new one with `openstack application credential create`.",
)
_PASSWORD_REFUSED = Words(
    "Keystone refused {user}: the password, the user name or the user's domain is wrong."
)
_CREDENTIALS_REFUSED = Words("Keystone refused {user}: the credentials are wrong.")
_REFUSED = Words("Keystone refused {user}: the credentials or {scope} are wrong.")

# Keystone's words for a refusal when it does not tell the reason.
_NO_REASON = ("The request you have made requires authentication.", "Unauthorized")


def refused(error: Exception, settings: Settings, unscoped: Unscoped) -> GlanceError:
    """Returns the error for Keystone's 401."""
    words = _refusal(error, settings, unscoped)
    return _error(words, error, settings)


def _refusal(error: Exception, settings: Settings, unscoped: Unscoped) -> Words:
    kind = settings.auth_type
    if unscoped is Unscoped.ACCEPTED:
        return _NO_ACCESS
    if _reason(error):
        return _REFUSED_WITH_REASON
    if kind.endswith("token"):
        return _TOKEN_REFUSED
    if kind == "v3applicationcredential":
        return _APPLICATION_REFUSED
    if _scope(settings) and unscoped is Unscoped.UNKNOWN:
        return _REFUSED
    if kind.endswith("password"):
        return _PASSWORD_REFUSED
    return _CREDENTIALS_REFUSED


# Other responses of Keystone, and failures of keystoneauth1: the first row that fits.
_BY_KIND: tuple[tuple[tuple[type[Exception], ...], Words], ...] = (
    (
        (ksa.DiscoveryFailure, ksa.NotFound, ksa.MethodNotAllowed),
        Words(
            "{url} is not an Identity (Keystone) endpoint.",
            "Check the auth URL; it usually ends in /v3.",
        ),
    ),
    ((ksa.Forbidden,), Words("Keystone forbids the login of {user}: {reason}")),
    (
        (ksa.HttpServerError,),
        Words("Keystone at {url} failed.", "Try again later.", ConnectionFailed),
    ),
    ((ksa.HttpError,), Words("Keystone refused the login: {reason}")),
    (
        (ksa.NoMatchingPlugin,),
        Words(
            "The login type {auth_type} is unknown.",
            "Usual types are password, token, v3applicationcredential and none (--os-auth-type).",
        ),
    ),
    ((ksa.MissingRequiredOptions,), Words("The login type {auth_type} also needs {options}.")),
)
_OTHER_FAILURE = Words("The login at {url} failed: {text}")


def explain(error: Exception, settings: Settings) -> GlanceError:
    """Returns the error for anything else that keystoneauth1 raises."""
    if isinstance(error, ksa.ConnectionError):
        return _no_response(error, settings)
    if isinstance(error, ksa.InvalidResponse):
        return not_keystone(settings, error.response)
    if _is_dead_token(error, settings):
        return _error(_TOKEN_REFUSED, error, settings)
    for kinds, words in _BY_KIND:
        if isinstance(error, kinds):
            return _error(words, error, settings)
    return _error(_OTHER_FAILURE, error, settings)


def _is_dead_token(error: Exception, settings: Settings) -> bool:
    """Whether Keystone does not find the token of the login, for which its status is 404."""
    is_by_token = settings.auth_type.endswith("token")
    return is_by_token and isinstance(error, ksa.NotFound) and "token" in _reason(error)


def not_keystone(settings: Settings, response: Any = None) -> AuthError:
    """Returns the error for a response that does not come from the Identity API."""
    url = _shown_url(settings)
    target = ""
    if response is not None and response.is_redirect:
        target = without_credentials(response.headers["Location"])
    if target:
        elsewhere = host_and_port(target) or target
        auth_url = target.removesuffix("/auth/tokens")
        return AuthError(
            f"{url} redirects to {elsewhere}, and logins do not follow redirects.",
            hint=f"If that is the cloud, use it as the auth URL: {auth_url}",
        )
    return AuthError(
        f"{url} is not an Identity (Keystone) endpoint.",
        hint="Check the auth URL, and the proxy if there is one.",
    )


# Why there was no response.

_TIMED_OUT = Words(
    "Keystone at {host} did not answer in time.",
    "Use --timeout to wait longer.",
    ConnectionFailed,
)
_REFUSED_CONNECTION = Words(
    "Keystone at {host} refused the connection.",
    "Check that it is up, and that the port is right.",
    ConnectionFailed,
)
_NO_CONNECTION = Words("Cannot connect to Keystone at {host}: {cause}.", kind=ConnectionFailed)

# What the error's text contains: the first row that fits.
_BY_TEXT = (
    (
        "ProxyError",
        Words(
            "Cannot connect to Keystone at {host} through the proxy.",
            "Check HTTPS_PROXY, HTTP_PROXY and NO_PROXY.",
            ConnectionFailed,
        ),
    ),
    (
        "NameResolution|Name or service not known|getaddrinfo|name resolution|nodename",
        Words(
            "Cannot resolve host {host_name}.",
            "Check the auth URL and the network.",
            ConnectionFailed,
        ),
    ),
    ("refused", _REFUSED_CONNECTION),
    ("", _NO_CONNECTION),
)


def _no_response(error: Exception, settings: Settings) -> GlanceError:
    """Returns the error for a request to Keystone that got no response."""
    text = f"{error} {error.__context__!r}"
    if isinstance(error, ksa.SSLError) or "CERTIFICATE_VERIFY_FAILED" in text:
        peer = f"Keystone at {_host(settings)}"
        return tls_error(error, peer, settings.verify, settings.cert)
    if isinstance(error, ksa.ConnectTimeout):
        return _error(_TIMED_OUT, error, settings)
    words = next(words for pattern, words in _BY_TEXT if re.search(pattern, text))
    failure = _error(words, error, settings)
    if words is _REFUSED_CONNECTION and settings.no_answer_hint:
        failure.hint = settings.no_answer_hint
    return failure


def _cause(error: Exception) -> str:
    """Returns the operating system's words for a failed connection."""
    text = f"{error} {error.__context__!r}"
    found = re.findall(r"\[Errno \d+\] ([^'\")]+)", text)
    if not found:
        return "the connection broke"
    return str(found[-1]).strip().lower()


# What the words are filled with.


def _error(words: Words, error: Exception, settings: Settings) -> GlanceError:
    """Returns the error of the words, with the status and request ID of Keystone's response."""
    facts = {
        "url": _shown_url(settings),
        "host": _host(settings),
        "host_name": re.sub(r":\d+$", "", _host(settings)),
        "user": _user(settings),
        "scope": _scope(settings),
        "auth_type": settings.auth_type,
        "reason": _reason(error) or "no reason given",
        "options": _missing_options(error),
        "cause": _cause(error),
        "text": " ".join(str(error).split()),
    }
    failure = words.kind(words.message.format(**facts), hint=words.hint)
    if isinstance(error, ksa.HttpError):
        failure.status = error.http_status
        failure.request_id = error.request_id or ""
    return failure


def _missing_options(error: Exception) -> str:
    """Returns the flags that a plugin lacks, "" for other errors."""
    options = getattr(error, "options", ())
    return ", ".join(f"--os-{option.name}" for option in options)


def _shown_url(settings: Settings) -> str:
    return without_credentials(str(settings.auth.get("auth_url", "")))


def _host(settings: Settings) -> str:
    return host_and_port(str(settings.auth.get("auth_url", "")))


def _reason(error: Exception) -> str:
    """Returns Keystone's reason on one line, "" when it does not tell one."""
    message = str(getattr(error, "message", "") or "")
    text = re.sub(r"\s*\((HTTP \d+|Request-ID: [^)]*)\)", "", message)
    if text in _NO_REASON:
        return ""
    return " ".join(text.split())


def _user(settings: Settings) -> str:
    """Returns the user of the login as in "user alice of domain default"."""
    auth = settings.auth
    if "username" in auth:
        return f"user {auth['username']} of domain {_domain(settings, 'user')}"
    if "user_id" in auth:
        return f"user {auth['user_id']}"
    return "the login"


def _scope(settings: Settings) -> str:
    """Returns the scope of the login as in "project demo of domain default", "" for none."""
    auth = settings.auth
    if "project_name" in auth:
        return f"project {auth['project_name']} of domain {_domain(settings, 'project')}"
    for key, what in _OTHER_SCOPES.items():
        if key in auth:
            return what.format(auth[key])
    return ""


_OTHER_SCOPES = {
    "project_id": "project {}",
    "domain_name": "domain {}",
    "domain_id": "domain {}",
    "system_scope": "the whole system",
    "trust_id": "trust {}",
}


def _domain(settings: Settings, whose: str) -> Any:
    """Returns the domain of the user or the project."""
    by_name = settings.auth.get(f"{whose}_domain_name")
    by_id = settings.auth.get(f"{whose}_domain_id")
    return by_name or by_id or settings.default_domain
