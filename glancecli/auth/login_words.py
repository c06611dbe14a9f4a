"""The words of errors about logins, and the facts that they are filled with."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from keystoneauth1 import exceptions as ksa

from glancecli.auth.credentials import origin
from glancecli.errors import AuthError, ConnectionFailed, GlanceError, Hint, code_of_status
from glancecli.masking import host_and_port, mask, without_credentials
from glancecli.text import counted
from glancecli.transport.responses import foreign_page, retry_after

if TYPE_CHECKING:
    from glancecli.auth.settings import Settings

# Keystone's words for a refusal when it does not tell the reason.
_NO_REASON = ("The request you have made requires authentication.", "Unauthorized")

# The paths of Keystone that a login requests, behind the auth URL without its version.
_PATH_OF_KEYSTONE = re.compile(r"/*(v\d[\d.]*/+)?((OS-FEDERATION|auth|OS-OAUTH2)/.*|tokens)?")


_FEDERATED = ("v3oidc", "v3saml", "v3adfs", "v3fedkerb", "v3websso")


class FailedLogin(NamedTuple):
    """A login that failed: its exception, its settings, and the URL of its last request."""

    error: Exception
    settings: Settings
    url: str = ""


class Words(NamedTuple):
    """The words of an error: templates, whose {names} are filled in by ``error_by_words``.

    shows is what a command of ours shows, behind the hint.
    """

    message: str
    hint: str = ""
    kind: type[GlanceError] = AuthError
    shows: Hint | None = None


def error_by_words(words: Words, failed: FailedLogin, **more: str) -> GlanceError:
    """Returns the error of the words, with the status and request ID of the response.

    more are facts beyond the common ones.
    """
    error, settings = failed.error, failed.settings
    facts = {
        "url": shown_url(settings),
        "peer": peer(failed),
        "user": user_of(settings),
        "scope": scope_of(settings),
        "auth_type": settings.auth_type,
        "missing_plugin": str(getattr(error, "name", settings.auth_type)),
        "reason": keystone_reason(error) or "no reason given",
        "when": when_to_try_again(error),
        "text": " ".join(mask(str(error)).split()),
        **more,
    }
    hint = words.hint.format(**facts)
    failure = words.kind(words.message.format(**facts), hint=hint)
    if words.shows:
        failure.hint = Hint("{} " + words.shows.text, hint, *words.shows.values)
    if isinstance(error, ksa.HttpError):
        failure.status = error.http_status
        failure.request_id = error.request_id or ""
        if isinstance(failure, ConnectionFailed):
            failure.code = code_of_status(error.http_status) or failure.code
    return failure


def peer(failed: FailedLogin) -> str:
    """Returns whom the last request was for: Keystone or the identity provider, with its host."""
    if is_of_provider(failed):
        return f"the identity provider at {host_and_port(failed.url)}"
    return f"Keystone at {host_and_port(str(failed.settings.auth.get('auth_url', '')))}"


def is_of_provider(failed: FailedLogin) -> bool:
    """Whether the last request was one to the identity provider of a federated login."""
    auth = failed.settings.auth
    if not failed.url or not is_federated(failed.settings):
        return False
    base = re.sub(r"/+(v\d[\d.]*)?/*$", "", without_credentials(str(auth.get("auth_url", ""))))
    path = without_credentials(failed.url).removeprefix(base)
    return _PATH_OF_KEYSTONE.fullmatch(path) is None


def is_federated(settings: Settings) -> bool:
    """Whether an identity provider logs the user in, and Keystone believes it."""
    return settings.auth_type.startswith(_FEDERATED)


def when_to_try_again(error: Exception) -> str:
    """Returns what a hint says about another try, with the time that the server asks for."""
    response = getattr(error, "response", None)
    seconds = None
    if response is not None:
        seconds = retry_after(response.headers)
    if seconds is None:
        return "Try again later."
    return f"Try again in {counted(seconds, 'second')}, as the server asks for."


def shown_url(settings: Settings) -> str:
    """Returns the auth URL as messages show it."""
    return without_credentials(str(settings.auth.get("auth_url", "")))


def keystone_reason(error: Exception) -> str:
    """Returns Keystone's reason on one line, "" when it does not tell one."""
    message = str(getattr(error, "message", "") or "")
    text = re.sub(r"\s*\((HTTP \d+|Request-ID: [^)]*)\)", "", message)
    if text in _NO_REASON:
        return ""
    return " ".join(mask(text).split())


def user_of(settings: Settings) -> str:
    """Returns the user of the login as in "user alice of domain default"."""
    auth = settings.auth
    if "user_id" in auth:
        return f"user {auth['user_id']}"
    if "username" in auth:
        return f"user {auth['username']} of domain {_domain(settings, 'user')}"
    return "the login"


def scope_of(settings: Settings) -> str:
    """Returns the scope as it was sent, as in "project demo of domain default", "" for none.

    An ID is sent where both ID and name are given.
    """
    auth = settings.auth
    for kind in ("domain", "project"):
        by_id, by_name = f"{kind}_id", f"{kind}_name"
        if by_id in auth and by_name in auth:
            ignored = origin(by_name, settings.origins)
            used = origin(by_id, settings.origins)
            return f"{kind} {auth[by_id]} ({used}; {ignored} is not sent)"
        if by_id in auth:
            return f"{kind} {auth[by_id]}"
        if by_name in auth and kind == "domain":
            return f"domain {auth[by_name]}"
    if "project_name" in auth:
        return f"project {auth['project_name']} of domain {_domain(settings, 'project')}"
    if "trust_id" in auth:
        return f"trust {auth['trust_id']}"
    if "system_scope" in auth:
        return "the whole system"
    return ""


def web_page(failed: FailedLogin) -> str:
    """Returns a description of the web page that came instead of Keystone's JSON with a status such
    as 403, else "". Where a web server in front of Keystone asks for a login of its own, it may be
    that one's page.
    """
    response = getattr(failed.error, "response", None)
    is_by_web_server = is_federated(failed.settings) or "kerb" in failed.settings.auth_type
    if response is None or is_by_web_server or response.status_code >= 500:
        return ""
    return foreign_page(response.headers, response.content)


def is_dashboard(url: str) -> bool:
    """Whether a URL looks like a page of the dashboard (Horizon)."""
    path = urlsplit(url).path
    return re.search(r"/(horizon|dashboard|auth/login|project|api_access)(/|$)", path) is not None


def _domain(settings: Settings, whose: str) -> Any:
    """Returns the domain of the user or the project, by its ID where both are given."""
    by_id = settings.auth.get(f"{whose}_domain_id")
    by_name = settings.auth.get(f"{whose}_domain_name")
    default = settings.auth.get("default_domain_id") or settings.auth.get("default_domain_name")
    return by_id or by_name or default or settings.default_domain
