"""One login at Keystone, by keystoneauth1; imported only when no cached token will do.

Identity API: https://docs.openstack.org/api-ref/identity/v3/#authentication-and-token-management
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from keystoneauth1 import exceptions as ksa
from keystoneauth1.identity import v2, v3
from keystoneauth1.session import Session

from glancecli.auth.login_errors import explain, missing, not_keystone, refused
from glancecli.errors import AuthError
from glancecli.masking import mask_login, without_credentials
from glancecli.transport.session import CloudSession

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from glancecli.auth.settings import Settings

PATIENCE = 30.0  # seconds that Keystone gets for an answer unless --timeout says otherwise

_SCOPE = (
    "project_id", "project_name", "project_domain_id", "project_domain_name",
    "domain_id", "domain_name", "system_scope", "trust_id",
)  # fmt: skip
_USER = ("username", "user_id", "user_domain_id", "user_domain_name")
_APPLICATION = (
    "application_credential_id",
    "application_credential_name",
    "application_credential_secret",
)

# keystoneauth logs what it raises as well; without a handler Python would print that on stderr.
logging.getLogger("keystoneauth").addHandler(logging.NullHandler())


def log_in(settings: Settings, *, trace: Callable[[str], None] | None = None) -> dict[str, Any]:
    """A new token and what came with it.

    The record holds token, expires (seconds since 1970), life (seconds from now), user_id,
    project_id, roles (names), and catalog: a list of type, name, region, interface, URL.

    Redirects are not followed, as the password would go with them. A refusal is followed by one
    login without a project, which tells a wrong password from a project that is out of reach; that
    counts as a second wrong password where Keystone counts them.

    Raises AuthError when something is missing or refused, ConnectionFailed when Keystone gives no
    answer.
    """
    gap = missing(settings)
    if gap:
        raise gap
    session = _session(settings, trace)
    try:
        return _record_of(_plugin(settings), session, settings)
    except ksa.Unauthorized as error:
        raise refused(error, settings, _logs_in_unscoped(session, settings)) from error
    except (ksa.ClientException, ksa.AuthPluginException) as error:
        raise explain(error, settings) from error


def _session(settings: Settings, trace: Callable[[str], None] | None) -> Session:
    session = Session(
        session=CloudSession(settings.verify, settings.cert),
        verify=settings.verify,
        cert=settings.cert,
        timeout=settings.timeout or PATIENCE,
        redirect=False,
        user_agent="glancecli",
    )
    if trace:

        def show(answer: Any, *_: Any, **__: Any) -> None:
            trace(f"> {answer.request.method} {without_credentials(answer.request.url)}")
            if answer.request.body:
                trace(f"> {mask_login(answer.request.body)}")
            took = answer.elapsed.total_seconds()
            trace(
                f"< {answer.status_code} {answer.reason} ({len(answer.content)} bytes, {took:.2f} s)"
            )
            if answer.content:
                trace(f"< {mask_login(answer.content)}")

        session.session.hooks["response"].append(show)
    return session


def _record_of(plugin: Any, session: Session, settings: Settings) -> dict[str, Any]:
    """The record of the token that the plugin gets."""
    if not hasattr(plugin, "get_access"):
        raise AuthError(
            f"The login type {settings.auth_type} brings no token, and images need one."
        )
    try:
        return _record(plugin.get_access(session))
    except ksa.NotFound:
        # Where /v3 was a guess of ours, Keystone may be asked what versions it has.
        if settings.auth_type not in ("password", "token") or _version_in(
            settings.auth["auth_url"]
        ):
            raise
        # A domain of our own choice would rule out version 2; a default one counts for version 3
        # alone.
        auth = {"default_domain_id": settings.default_domain, **settings.auth}
        if "default_domain_name" in settings.auth:
            auth.pop("default_domain_id")
        return _record(_by_loader(settings.auth_type, auth).get_access(session))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        # keystoneauth1 takes any JSON for a token.
        raise not_keystone(settings) from error


def _plugin(settings: Settings) -> Any:
    """The plugin for the login; the frequent kinds without looking for plugins on the disk."""
    kind = settings.auth_type
    auth = _with_default_domains(settings)
    if kind in ("password", "token"):
        kind = f"v{_version(settings)}{kind}"
    url = _versioned(str(auth.get("auth_url", "")), kind[1:2])
    if kind == "v3password":
        return v3.Password(url, password=auth["password"], **_of(auth, *_USER, *_SCOPE))
    if kind == "v3token":
        return v3.Token(url, auth["token"], **_of(auth, *_SCOPE))
    if kind == "v3applicationcredential":
        # A credential is for one project; naming any is an error for Keystone.
        return v3.ApplicationCredential(url, **_of(auth, *_USER, *_APPLICATION))
    tenant = {
        key.replace("project", "tenant"): value
        for key, value in _of(auth, "project_id", "project_name").items()
    }
    if kind == "v2password":
        return v2.Password(
            url, password=auth["password"], **_of(auth, "username", "user_id", "trust_id"), **tenant
        )
    if kind == "v2token":
        return v2.Token(url, auth["token"], **_of(auth, "trust_id"), **tenant)
    return _by_loader(kind, auth)


def _by_loader(kind: str, auth: Mapping[str, Any]) -> Any:
    """Any plugin that is installed, by its name, with those of the settings that it takes."""
    from keystoneauth1 import loading

    loader: Any = loading.get_plugin_loader(kind)
    options = {option.dest for option in loader.get_options()}
    if kind == "v3multifactor":
        # Which options it takes depends on its methods; it picks them itself.
        methods = auth.get("auth_methods", [])
        methods = methods.split(",") if isinstance(methods, str) else methods
        return loader.load_from_options(**{**auth, "auth_methods": methods})
    return loader.load_from_options(**{key: value for key, value in auth.items() if key in options})


def _version_in(url: str) -> str:
    """The API version that a URL ends in: "2", "3" or ""."""
    last = urlsplit(str(url)).path.rstrip("/").rpartition("/")[2]
    return {"v3": "3", "v2.0": "2", "v2": "2"}.get(last, "")


def _version(settings: Settings) -> str:
    """The API version to log in with: "2" for an old cloud, else "3"."""
    named = settings.identity_api_version[:1]
    in_url = _version_in(settings.auth["auth_url"])
    if in_url == "2":
        # An old URL in a file that has been brought up to version 3 otherwise.
        knows_domains = any(key.endswith(("domain_id", "domain_name")) for key in settings.auth)
        return "3" if named == "3" or knows_domains else "2"
    return in_url or ("2" if named == "2" else "3")


def _versioned(url: str, version: str) -> str:
    """The URL that ends in the API version."""
    url = url.rstrip("/")
    if version not in ("2", "3") or _version_in(url) == version:
        return url
    base = url.rpartition("/")[0] if _version_in(url) else url
    return base + {"2": "/v2.0", "3": "/v3"}[version]


def _with_default_domains(settings: Settings) -> dict[str, Any]:
    """The credentials, with the default domain for a user or project given by name alone."""
    auth = dict(settings.auth)
    default = {f"default_domain_{end}": auth.get(f"default_domain_{end}") for end in ("id", "name")}
    for name, thing in (("username", "user"), ("project_name", "project")):
        if name not in auth or auth.keys() & {f"{thing}_domain_id", f"{thing}_domain_name"}:
            continue
        if default["default_domain_name"] and not default["default_domain_id"]:
            auth[f"{thing}_domain_name"] = default["default_domain_name"]
        else:
            auth[f"{thing}_domain_id"] = default["default_domain_id"] or settings.default_domain
    return auth


def _logs_in_unscoped(session: Session, settings: Settings) -> bool | None:
    """Whether the same credentials are accepted without a project; None where that cannot be known."""
    auth = _with_default_domains(settings)
    if settings.auth_type not in ("password", "v3password", "token", "v3token") or not _of(
        auth, *_SCOPE
    ):
        return None
    url = _versioned(str(auth["auth_url"]), "3")
    plugin: Any
    if "token" in settings.auth_type:
        plugin = v3.Token(url, auth["token"], unscoped=True)
    else:
        plugin = v3.Password(url, password=auth["password"], unscoped=True, **_of(auth, *_USER))
    try:
        plugin.get_access(session)
    except ksa.Unauthorized:
        return False
    except ksa.ClientException:
        return None
    return True


def _record(access: Any) -> dict[str, Any]:
    """What is kept of a login."""
    now = time.time()
    expires = access.expires.timestamp() if access.expires else now + 300
    return {
        "token": access.auth_token,
        "expires": expires,
        "life": expires - now,
        "user_id": access.user_id,
        "project_id": access.project_id,
        "roles": list(access.role_names or []),
        "catalog": _endpoints(access) if access.has_service_catalog() else [],
    }


def _endpoints(access: Any) -> list[list[str]]:
    """The catalog as rows of type, name, region, interface, URL."""
    return [
        [
            service["type"],
            service.get("name") or "",
            endpoint.get("region_name") or "",
            str(endpoint.get("interface") or "").removesuffix("URL"),
            endpoint["url"],
        ]
        for service in access.service_catalog.normalize_catalog()
        for endpoint in service["endpoints"]
        if endpoint.get("url")
    ]


def _of(auth: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    return {key: auth[key] for key in keys if key in auth}
