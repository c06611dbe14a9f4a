"""Why a login did not work, in words: what is missing, what Keystone refused, why there was no
answer.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from keystoneauth1 import exceptions as ksa

from glancecli.errors import AuthError, ConnectionFailed, GlanceError, Hint
from glancecli.masking import host_and_port, without_credentials
from glancecli.transport.session import tls_failed

if TYPE_CHECKING:
    from glancecli.auth.settings import Settings

_WORDS = {
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
# Keystone says this for every refusal whose reason it keeps to itself.
_SILENT = ("The request you have made requires authentication.", "Unauthorized", "")


def missing(settings: Settings) -> AuthError | None:
    """The error that names what a login lacks and every way to give it; None when it lacks nothing."""
    auth = settings.auth
    kind = re.sub(r"^v[23](?=password$|token$)", "", settings.auth_type)
    lacks = [
        key
        for key in _NEEDED.get(kind, ("auth_url",))
        if key not in auth and _INSTEAD.get(key) not in auth
    ]
    if not lacks:
        url = urlsplit(str(auth["auth_url"]))
        if url.scheme in ("http", "https") and url.hostname:
            return None
        hint = "It looks like https://cloud.example.com:5000/v3."
        return AuthError(f"The auth URL {shown_url(settings)} is no http or https URL.", hint=hint)
    where = f"For cloud {settings.cloud} of {settings.source}" if settings.source else "To log in"
    what = " and ".join(
        filter(None, [", ".join(_WORDS[key] for key in lacks[:-1]), _WORDS[lacks[-1]]])
    )
    hint = "Give " + "; ".join(_ways(key, settings) for key in lacks)
    if not settings.source:
        hint += "; or choose a cloud of clouds.yaml with --os-cloud or OS_CLOUD"
        if not auth:
            hint += " (`glancecli sandbox up` makes one to try out, --os-cloud sandbox)"
    verb = "is" if len(lacks) == 1 else "are"
    return AuthError(f"{where}, {what} {verb} missing.", hint=hint + ".")


def _ways(key: str, settings: Settings) -> str:
    flag, variable = "--os-" + key.replace("_", "-"), "OS_" + key.upper()
    if settings.source:
        return f"{flag}, or {key} under auth in the file (or in secure.yaml)"
    return f"{flag} or {variable}"


def refused(error: Exception, settings: Settings, logs_in_unscoped: bool | None) -> AuthError:
    """The error for Keystone's 401. logs_in_unscoped: whether the credentials are good without a
    project.
    """
    said = _said(error)
    who, scope = _user(settings), _scope(settings)
    kind, request = settings.auth_type, str(getattr(error, "request_id", "") or "")
    if logs_in_unscoped:
        hint = "It does not exist, is disabled, is in another domain, or you have no role on it."
        return AuthError(
            f"Keystone knows {who} but gives no access to {scope}.", hint=hint, request_id=request
        )
    if said:
        return AuthError(f"Keystone refused {who}: {said}", request_id=request)
    if kind.endswith("token"):
        return _token_refused()
    if kind == "v3applicationcredential":
        return AuthError(
            "Keystone refused the application credential: wrong secret, expired, or deleted.",
            hint="`openstack application credential create` makes a new one.",
        )
    if kind.endswith("password") and (logs_in_unscoped is False or not scope):
        return AuthError(
            f"Keystone refused {who}: the password, the user name or the user's domain is wrong."
        )
    return AuthError(f"Keystone refused {who}: the user, the password or {scope} is wrong.")


def _token_refused() -> AuthError:
    return AuthError(
        "Keystone refused the token: it has expired, was revoked, or is no token of this cloud.",
        hint="Get a new one, or log in with a password.",
    )


def explain(error: Exception, settings: Settings) -> GlanceError:
    """The error for anything else that keystoneauth1 raises."""
    url = shown_url(settings)
    if isinstance(error, ksa.ConnectionError):
        return _no_answer(error, settings)
    if (
        settings.auth_type.endswith("token")
        and isinstance(error, ksa.NotFound)
        and "token" in _said(error)
    ):
        return _token_refused()
    if isinstance(error, ksa.DiscoveryFailure | ksa.NotFound | ksa.MethodNotAllowed):
        hint = "Check the auth URL; it usually ends in /v3."
        return AuthError(f"There is no Identity service at {url}.", hint=hint)
    if isinstance(error, ksa.InvalidResponse):
        return not_keystone(settings, error.response)
    if isinstance(error, ksa.Forbidden):
        return AuthError(
            f"Keystone forbids the login of {_user(settings)} (403): {_said(error) or 'no reason given'}"
        )
    if isinstance(error, ksa.HttpServerError):
        return ConnectionFailed(
            f"Keystone at {url} is out of order ({error.http_status}).", hint="Try again later."
        )
    if isinstance(error, ksa.HttpError):
        return AuthError(
            f"Keystone refused the login ({error.http_status}): {_said(error) or 'no reason given'}"
        )
    if isinstance(error, ksa.NoMatchingPlugin):
        return AuthError(
            f"There is no login type {settings.auth_type}.",
            hint="password, token, v3applicationcredential and none are the usual ones (--os-auth-type).",
        )
    if isinstance(error, ksa.MissingRequiredOptions):
        names = ", ".join("--os-" + option.name for option in error.options)
        return AuthError(f"The login type {settings.auth_type} also needs {names}.")
    return AuthError(f"Logging in at {url} failed: {' '.join(str(error).split())}")


def shown_url(settings: Settings) -> str:
    """The auth URL without credentials."""
    return without_credentials(str(settings.auth.get("auth_url", "")))


def not_keystone(settings: Settings, answer: Any = None) -> AuthError:
    """The error for an answer that is not the Identity API's."""
    url = shown_url(settings)
    target = answer.headers.get("Location", "") if answer is not None and answer.is_redirect else ""
    if target:
        target = without_credentials(target)
        hint = f"If that is the cloud, make it the auth URL: {target.removesuffix('/auth/tokens')}"
        where = host_and_port(target) or target
        return AuthError(f"{url} redirects to {where}; passwords do not follow.", hint=hint)
    hint = "Check the auth URL, and the proxy if there is one."
    return AuthError(f"What answers at {url} is no Identity service.", hint=hint)


def _no_answer(error: Exception, settings: Settings) -> GlanceError:
    """The error for a request to Keystone that had no answer."""
    host = host_and_port(str(settings.auth["auth_url"]))
    text = f"{error} {error.__context__!r}"
    if isinstance(error, ksa.SSLError) or "CERTIFICATE_VERIFY_FAILED" in text:
        return tls_failed(error, f"Keystone at {host}", settings.verify, settings.cert)
    if isinstance(error, ksa.ConnectTimeout):
        return ConnectionFailed(
            f"Keystone at {host} did not answer in time.", hint="--timeout gives it longer."
        )
    if "ProxyError" in text:
        hint = "Check HTTPS_PROXY, HTTP_PROXY and NO_PROXY."
        return ConnectionFailed(
            f"There is no way to Keystone at {host} through the proxy.", hint=hint
        )
    if re.search(
        r"NameResolution|Name or service not known|getaddrinfo|name resolution|nodename", text
    ):
        hint = "Check the auth URL and the network."
        return ConnectionFailed(
            f"Nobody knows the host {host.rpartition(':')[0] or host}.", hint=hint
        )
    if "refused" in text:
        hint: Hint | str = settings.no_answer_hint or "Is it up, and is the port right?"
        return ConnectionFailed(f"Keystone at {host} refused the connection.", hint=hint)
    found = re.findall(r"\[Errno \d+\] ([^'\")]+)", text)
    reason = found[-1].strip().lower() if found else "the connection broke"
    return ConnectionFailed(f"There is no connection to Keystone at {host}: {reason}.")


def _said(error: Exception) -> str:
    """Keystone's own reason on one line, or "" when it keeps it to itself."""
    text = re.sub(
        r"\s*\((HTTP \d+|Request-ID: [^)]*)\)", "", str(getattr(error, "message", "") or "")
    )
    return "" if text in _SILENT else " ".join(text.split())


def _user(settings: Settings) -> str:
    auth = settings.auth
    name = auth.get("username") or auth.get("user_id")
    if not name:
        return "the login"
    domain = auth.get("user_domain_name") or auth.get("user_domain_id") or settings.default_domain
    return f"user {name}" + (f" of domain {domain}" if "username" in auth else "")


def _scope(settings: Settings) -> str:
    auth = settings.auth
    for thing in ("project", "domain"):
        name = auth.get(f"{thing}_name") or auth.get(f"{thing}_id")
        if name:
            domain = (
                auth.get("project_domain_name")
                or auth.get("project_domain_id")
                or settings.default_domain
            )
            return f"{thing} {name}" + (f" of domain {domain}" if "project_name" in auth else "")
    return "the whole system" if "system_scope" in auth else ""
