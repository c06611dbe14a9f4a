"""Explains why a login failed: what Keystone or the identity provider refused, or why it did not
answer.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import TYPE_CHECKING, Any

from keystoneauth1 import exceptions as ksa

from glancecli.auth.credentials import origin
from glancecli.auth.login_connection import no_response
from glancecli.auth.login_needs import incomplete
from glancecli.auth.login_plugins import methods
from glancecli.auth.login_provider import (
    has_too_many_requests,
    provider_refusal,
    unexpected_of_provider,
)
from glancecli.auth.login_words import (
    FailedLogin,
    Words,
    error_by_words,
    is_dashboard,
    is_federated,
    is_of_provider,
    keystone_reason,
    scope_of,
    shown_url,
    web_page,
)
from glancecli.errors import AuthError, ConnectionFailed, GlanceError, Hint, SettingsError
from glancecli.masking import host_and_port, without_credentials
from glancecli.text import listed
from glancecli.transport.responses import (
    foreign_page,
    join_hints,
    proxy_hint,
    request_id,
)

if TYPE_CHECKING:
    from glancecli.auth.settings import Settings


class Unscoped(Enum):
    """The result of a login with the same token and without a project."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNKNOWN = "unknown"


# What Keystone refused.

_NO_ACCESS = Words(
    "Keystone accepts {user} but denies access to {scope}.",
    "Check that it exists in this domain and is enabled, and that you have a role on it.",
)
_REFUSED_WITH_REASON = Words("Keystone refused {user}{for_scope}: {reason}")
_METHOD_REFUSED = Words("Keystone at {url} does not offer this login: {reason} ({methods}).")
_TOKEN_REFUSED = Words(
    "Keystone refused the token: it has expired, was revoked, or belongs to another cloud.",
    "Get a new token, or log in with a password.",
)
_APPLICATION_REFUSED = Words(
    "Keystone refused the application credential: wrong secret, expired, or deleted.",
    "Create a new one with `openstack application credential create`.",
)
_CREDENTIALS_REFUSED = Words("Keystone refused {user}: {secrets} is wrong.")
_REFUSED = Words(
    "Keystone refused {user} for {scope}: {secrets} is wrong, {no_scope}.",
    "Keystone does not say which of them, and counts wrong passwords: check before you try again.",
    shows=Hint("{} shows the user and the project that are set.", ("clouds",)),
)


def refused(failed: FailedLogin, unscoped: Unscoped) -> GlanceError:
    """Returns the error for a 401."""
    if is_of_provider(failed):
        return provider_refusal(failed)
    words = _page_words(failed) or _refusal(failed, unscoped)
    return error_by_words(words, failed, **_facts(failed))


def _refusal(failed: FailedLogin, unscoped: Unscoped) -> Words:
    settings = failed.settings
    kind = settings.auth_type
    if unscoped is Unscoped.ACCEPTED or _is_rescoping(failed):
        return _NO_ACCESS
    reason = keystone_reason(failed.error)
    if "unsupported method" in reason:
        return _METHOD_REFUSED
    if reason:
        return _REFUSED_WITH_REASON
    if kind.endswith("token"):
        return _TOKEN_REFUSED
    if kind == "v3applicationcredential":
        return _APPLICATION_REFUSED
    if scope_of(settings):
        return _REFUSED
    return _CREDENTIALS_REFUSED


def _is_rescoping(failed: FailedLogin) -> bool:
    """Whether a federated user was accepted already, and the scope was refused."""
    settings = failed.settings
    is_of_tokens = failed.url.endswith("/auth/tokens")
    return is_federated(settings) and bool(scope_of(settings)) and is_of_tokens


_NO_SCOPE = {
    "project": "or the user has no role on this project, or it does not exist",
    "domain": "or the user has no role on this domain, or it does not exist",
    "the whole system": "or the user has no role on the system",
    "trust": "or the trust has expired, was deleted, or is for another user",
}


def _facts(failed: FailedLogin) -> dict[str, str]:
    """Returns what only the words of a refusal contain."""
    scope = scope_of(failed.settings)
    for_scope = ""
    if scope:
        for_scope = f" for {scope}"
    no_scope = ""
    for beginning, words in _NO_SCOPE.items():
        if scope.startswith(beginning):
            no_scope = words
    return {
        "secrets": _secrets(failed.settings),
        "for_scope": for_scope,
        "no_scope": no_scope,
        "methods": ", ".join(_login_types(failed.settings)),
        "page": web_page(failed),
    }


def _login_types(settings: Settings) -> list[str]:
    """Returns the login types whose credentials were sent."""
    if settings.auth_type == "v3multifactor":
        return methods(settings.auth)
    return [settings.auth_type]


def _secrets(settings: Settings) -> str:
    """Returns what was sent and may be wrong: "the password, the user name or ..."."""
    auth = settings.auth
    kinds = _login_types(settings)
    known = {"password": "the password", "totp": "the passcode", "token": "the token"}
    found = [words for ending, words in known.items() if any(k.endswith(ending) for k in kinds)]
    found = found or ["a credential"]
    if "user_id" in auth:
        found.append("the user ID")
    elif "username" in auth:
        found += ["the user name", "the user's domain"]
    return listed(found, "or")


# Other responses of Keystone, and failures of keystoneauth1: the first row that fits.
_BY_KIND: tuple[tuple[tuple[type[Exception], ...], Words], ...] = (
    (
        (ksa.DiscoveryFailure, ksa.NotFound, ksa.MethodNotAllowed),
        Words(
            "{url} is not an Identity (Keystone) endpoint.",
            "Check the auth URL; it usually ends in /v3.",
        ),
    ),
    ((ksa.Forbidden,), Words("Keystone forbids the login of {user}{for_scope}: {reason}")),
    ((ksa.HttpServerError,), Words("Keystone at {url} failed.", "{when}", ConnectionFailed)),
    ((ksa.HttpError,), Words("Keystone refused the login: {reason}")),
    (
        (ksa.NoMatchingPlugin,),
        Words(
            "The login type {missing_plugin} is unknown.",
            "Usual types are password, token, v3applicationcredential and none (--os-auth-type).",
            SettingsError,
        ),
    ),
    (
        (ksa.OptionError,),
        Words("The login type {auth_type} cannot be used: {text}", kind=SettingsError),
    ),
)
_TOO_MANY_REQUESTS = Words(
    "Keystone at {url} has too many requests: {reason}", "{when}", ConnectionFailed
)
_OTHER_FAILURE = Words("The login at {url} failed: {text}")
_NOT_IN_TIME = Words(
    "The login in the browser was not completed in time.",
    "Use --os-login-timeout to wait longer (in seconds).",
)
_GONE = Words("Keystone refused {user}{for_scope}: {reason}")
_DASHBOARD = Words(
    "{url} is not an Identity (Keystone) endpoint; it looks like a page of the dashboard, Horizon.",
    'The page "API Access" of the dashboard shows the auth URL, which usually ends in /v3.',
)
_WEB_PAGE = Words(
    "{url} is not an Identity (Keystone) endpoint: it returned {page}.",
    "Check the auth URL, and the proxy if there is one.",
)
_MORE_FACTORS = Words("Keystone accepts the {sent} of {user}, and this user also needs: {also}.")


def explain(failed: FailedLogin) -> GlanceError:
    """Returns the error for anything else that keystoneauth1 raises; names the proxy in front of a
    server that sent a page that is not Keystone's.
    """
    failure = _explanation(failed)
    response = getattr(failed.error, "response", None)
    is_page = response is not None and foreign_page(response.headers, response.content)
    if is_page and isinstance(failure.hint, str):
        failure.hint = join_hints(failure.hint, proxy_hint(failed.url))
    return failure


def _explanation(failed: FailedLogin) -> GlanceError:
    error, settings = failed.error, failed.settings
    if isinstance(error, ksa.ConnectionError):
        return no_response(failed)
    if isinstance(error, ksa.MissingAuthMethods):
        return _more_factors(failed)
    if isinstance(error, ksa.MissingRequiredOptions):
        return incomplete([option.dest for option in error.options], settings)
    if is_of_provider(failed) and not isinstance(error, ksa.InvalidResponse):
        return provider_refusal(failed)
    if isinstance(error, ksa.InvalidResponse):
        return unexpected(failed, error.response)
    return error_by_words(_words(failed), failed, **_facts(failed))


def _words(failed: FailedLogin) -> Words:
    """Returns the words for a failure that has no function of its own."""
    error, settings = failed.error, failed.settings
    page = _page_words(failed)
    if page is not None:
        return page
    if isinstance(error, ksa.NotFound) and _is_dead_token(failed):
        return _TOKEN_REFUSED
    if isinstance(error, ksa.NotFound) and keystone_reason(error).startswith("Could not find"):
        return _GONE
    if has_too_many_requests(error):
        return _TOO_MANY_REQUESTS
    for kinds, words in _BY_KIND:
        if isinstance(error, kinds):
            return words
    if settings.auth_type == "v3websso" and isinstance(error, ksa.AuthPluginException):
        return _NOT_IN_TIME
    return _OTHER_FAILURE


def _page_words(failed: FailedLogin) -> Words | None:
    """Returns the words for a web page instead of an answer of Keystone, None for its answer."""
    error: Any = failed.error
    may_be_page = isinstance(error, ksa.HttpError | ksa.DiscoveryFailure)
    page = web_page(failed)
    if may_be_page and is_dashboard(shown_url(failed.settings)):
        return _DASHBOARD
    if page and re.search(rb"Dashboard|Horizon|CSRF", error.response.content):
        return _DASHBOARD
    if page:
        return _WEB_PAGE
    return None


def _is_dead_token(failed: FailedLogin) -> bool:
    """Whether Keystone does not know the token of the login, for which its status is 404."""
    is_by_token = failed.settings.auth_type.endswith("token")
    return is_by_token and "token" in keystone_reason(failed.error)


def _more_factors(failed: FailedLogin) -> GlanceError:
    """Returns the error for a receipt: what was sent is right, and is not enough."""
    receipt: Any = failed.error
    sent = [str(method) for method in receipt.methods or ["credentials"]]
    ways = missing_factors(receipt)
    also = " or ".join(listed(way) for way in ways) or "another method"
    wanted = [*sent]
    if ways:
        wanted += ways[0]
    failure = error_by_words(_MORE_FACTORS, failed, sent=listed(sent), also=also)
    failure.hint = f"Give --os-auth-type v3multifactor and --os-auth-methods {','.join(wanted)}"
    if "totp" in wanted:
        failure.hint += ", and the one-time code as --os-passcode (OS_PASSCODE)"
    failure.hint += "."
    failure.status = 401
    failure.request_id = request_id(receipt.response.headers)
    return failure


def missing_factors(receipt: Any) -> list[list[str]]:
    """Returns the methods that a user also needs, in each way to log in that Keystone names."""
    ways = []
    rules = [rule for rule in receipt.required_auth_methods or () if isinstance(rule, list)]
    for rule in rules:
        missing = [str(method) for method in rule if method not in receipt.methods]
        if missing:
            ways.append(missing)
    return sorted(ways, key=len)


def unexpected(failed: FailedLogin, response: Any = None) -> GlanceError:
    """Returns the error for a response that comes neither from the Identity API nor, where there is
    one, from an identity provider.
    """
    settings = failed.settings
    url = shown_url(settings)
    target = ""
    if response is not None and response.is_redirect:
        target = without_credentials(response.headers["Location"])
    if is_of_provider(failed):
        return unexpected_of_provider(failed)
    body = getattr(response, "content", b"")
    if is_dashboard(url) or is_dashboard(target) or b"OpenStack Dashboard" in body:
        return error_by_words(_DASHBOARD, failed)
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


def not_sendable(error: UnicodeEncodeError, settings: Settings) -> SettingsError:
    """Returns the error for a credential that no header of HTTP can have; it is not shown."""
    where = "a credential"
    for key, value in settings.auth.items():
        if value == error.object:
            where = origin(key, settings.origins)
    return SettingsError(
        f"{where} has a character that cannot be sent in a header of HTTP.",
        hint="Type it again; copied text may have typographic quotes or invisible characters.",
    )


def cannot_listen(error: OSError, settings: Settings) -> AuthError:
    """Returns the error for a port of this machine at which a login cannot wait for a browser."""
    reason = (error.strerror or "the port is not free").lower()
    return AuthError(
        f"The login type {settings.auth_type} cannot wait for the browser: {reason}.",
        hint="Choose another port with --os-redirect-port.",
    )
