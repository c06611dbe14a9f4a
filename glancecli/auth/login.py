"""Logs in to Keystone with keystoneauth1. Imported only when the cache has no valid token.

Identity API: https://docs.openstack.org/api-ref/identity/v3/#authentication-and-token-management
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from keystoneauth1 import exceptions as ksa
from keystoneauth1.identity import v2, v3
from keystoneauth1.session import Session

from glancecli.auth.access import Access, Endpoint
from glancecli.auth.login_errors import Unscoped, explain, missing, not_keystone, refused
from glancecli.errors import AuthError
from glancecli.masking import mask_login, without_credentials
from glancecli.transport.session import CloudSession

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from glancecli.auth.settings import Settings

    Auth = Mapping[str, Any]  # credentials by their names in clouds.yaml
    Trace = Callable[[str], None]

TIMEOUT = 30.0  # seconds to wait for Keystone, unless --timeout is given
_LIFE_IF_UNKNOWN = 300.0  # seconds that a token is used whose end is unknown

_USER = ("username", "user_id", "user_domain_id", "user_domain_name")
_SCOPE = (
    "project_id",
    "project_name",
    "project_domain_id",
    "project_domain_name",
    "domain_id",
    "domain_name",
    "system_scope",
    "trust_id",
)
_V2_SCOPE = ("tenant_id", "tenant_name", "trust_id")
_APPLICATION = (
    "application_credential_id",
    "application_credential_name",
    "application_credential_secret",
)
_PATHS = {"2": "/v2.0", "3": "/v3"}
_VERSIONS = {"v2": "2", "v2.0": "2", "v3": "3"}

# keystoneauth1 also logs what it raises; without a handler Python would print it on stderr.
logging.getLogger("keystoneauth").addHandler(logging.NullHandler())


def log_in(settings: Settings, *, trace: Trace | None = None) -> Access:
    """Gets a new token.

    Redirects are not followed, because the password would be sent to the new address. After a
    refusal there is one login without a project, to distinguish a wrong password from a project
    without access; Keystone counts it as a second wrong password where it counts them.

    Raises AuthError when something is missing or refused, ConnectionFailed when Keystone does not
    respond.
    """
    incomplete = missing(settings)
    if incomplete:
        raise incomplete
    session = _session(settings, trace)
    try:
        return _get_access(_plugin(settings), session, settings)
    except ksa.Unauthorized as error:
        raise refused(error, settings, _log_in_unscoped(session, settings)) from error
    except (ksa.ClientException, ksa.AuthPluginException) as error:
        raise explain(error, settings) from error


def _session(settings: Settings, trace: Trace | None) -> Session:
    session = Session(
        session=CloudSession(settings.verify, settings.cert),
        verify=settings.verify,
        cert=settings.cert,
        timeout=settings.timeout or TIMEOUT,
        redirect=False,
        user_agent="glancecli",
    )
    if trace:

        def show(response: Any, *_: Any, **__: Any) -> None:
            for line in _exchange(response):
                trace(line)

        session.session.hooks["response"].append(show)
    return session


def _exchange(response: Any) -> Iterator[str]:
    """Yields the lines of --debug for a request and its response, without secrets."""
    request = response.request
    yield f"> {request.method} {without_credentials(request.url)}"
    if request.body:
        yield f"> {mask_login(request.body)}"
    size = len(response.content)
    seconds = response.elapsed.total_seconds()
    yield f"< {response.status_code} {response.reason} ({size} bytes, {seconds:.2f} s)"
    if response.content:
        yield f"< {mask_login(response.content)}"


def _get_access(plugin: Any, session: Session, settings: Settings) -> Access:
    """Gets a token with the plugin."""
    if not hasattr(plugin, "get_access"):
        raise AuthError(
            f"The login type {settings.auth_type} gives no token, and the Image service needs one."
        )
    try:
        return _read_access(plugin.get_access(session))
    except ksa.NotFound:
        is_guess = settings.auth_type in ("password", "token")
        if not is_guess or _version_in(settings.auth["auth_url"]):
            raise
        # The path /v3 was a guess: ask Keystone for its versions.
        return _read_access(_discovering_plugin(settings).get_access(session))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        # keystoneauth1 accepts any JSON as a token.
        raise not_keystone(settings) from error


def _discovering_plugin(settings: Settings) -> Any:
    """Returns the plugin that first asks Keystone for its versions."""
    auth = dict(settings.auth)
    # With version 2 a domain is an error; the default domain is used with version 3 only.
    if "default_domain_name" not in auth:
        auth.setdefault("default_domain_id", settings.default_domain)
    else:
        auth.pop("default_domain_id", None)
    return _load_plugin(settings.auth_type, auth)


class _Plugin(NamedTuple):
    """A plugin of keystoneauth1, and the keys of the credentials that it takes."""

    make: Any
    keys: tuple[str, ...]

    def with_credentials(self, url: str, auth: Auth, **more: Any) -> Any:
        """Returns the plugin for a login with these credentials."""
        return self.make(url, **_selected(auth, self.keys), **more)


# An application credential belongs to one project; Keystone refuses it with a scope.
_USUAL = {
    "v2password": _Plugin(v2.Password, ("username", "user_id", "password", *_V2_SCOPE)),
    "v2token": _Plugin(v2.Token, ("token", *_V2_SCOPE)),
    "v3password": _Plugin(v3.Password, (*_USER, "password", *_SCOPE)),
    "v3token": _Plugin(v3.Token, ("token", *_SCOPE)),
    "v3applicationcredential": _Plugin(v3.ApplicationCredential, (*_USER, *_APPLICATION)),
}
_UNSCOPED_PASSWORD = _Plugin(v3.Password, (*_USER, "password"))
_UNSCOPED_TOKEN = _Plugin(v3.Token, ("token",))
_UNSCOPED = {
    "password": _UNSCOPED_PASSWORD,
    "v3password": _UNSCOPED_PASSWORD,
    "token": _UNSCOPED_TOKEN,
    "v3token": _UNSCOPED_TOKEN,
}


def _plugin(settings: Settings) -> Any:
    """Returns the plugin for the login; for usual types without a search for plugins on disk."""
    kind = settings.auth_type
    auth = _with_default_domains(settings)
    if kind in ("password", "token"):
        kind = f"v{_version(settings)}{kind}"
    plugin = _USUAL.get(kind)
    if plugin is None:
        return _load_plugin(kind, auth)
    version = kind[1]
    if version == "2":
        auth = _with_tenant(auth)
    url = _versioned(settings.auth["auth_url"], version)
    return plugin.with_credentials(url, auth)


def _load_plugin(kind: str, auth: Auth) -> Any:
    """Returns any installed plugin, with those of the credentials that it takes."""
    from keystoneauth1 import loading

    loader: Any = loading.get_plugin_loader(kind)
    if kind == "v3multifactor":
        # Its options depend on its methods; it selects them itself.
        return loader.load_from_options(**{**auth, "auth_methods": _methods(auth)})
    options = [option.dest for option in loader.get_options()]
    return loader.load_from_options(**_selected(auth, options))


def _methods(auth: Auth) -> list[str]:
    methods = auth.get("auth_methods", [])
    if isinstance(methods, str):
        return methods.split(",")
    return list(methods)


def _version_in(url: Any) -> str:
    """Returns the version of the API that a URL ends in: "2", "3" or ""."""
    path = urlsplit(str(url)).path
    _, _, last = path.rstrip("/").rpartition("/")
    return _VERSIONS.get(last, "")


def _version(settings: Settings) -> str:
    """Returns the version of the API to log in with: "2" for an old cloud, else "3"."""
    set_version = settings.identity_api_version[:1]
    version_in_url = _version_in(settings.auth["auth_url"])
    if version_in_url == "3":
        return "3"
    if version_in_url == "2":
        # The file may be up to date except for the URL.
        is_file_new = set_version == "3" or _names_domain(settings.auth)
        return "3" if is_file_new else "2"
    return "2" if set_version == "2" else "3"


def _names_domain(auth: Auth) -> bool:
    endings = ("domain_id", "domain_name")
    return any(key.endswith(endings) for key in auth)


def _versioned(auth_url: Any, version: str) -> str:
    """Returns the auth URL with this version of the API at its end."""
    url = str(auth_url).rstrip("/")
    in_url = _version_in(url)
    if in_url == version:
        return url
    if in_url:
        url = url.rpartition("/")[0]
    return url + _PATHS[version]


def _default_domain(settings: Settings) -> tuple[str, Any]:
    """Returns the default domain: "id" or "name", and which one."""
    for suffix in ("id", "name"):
        domain = settings.auth.get(f"default_domain_{suffix}")
        if domain:
            return suffix, domain
    return "id", settings.default_domain


def _with_default_domains(settings: Settings) -> Auth:
    """Returns the credentials with the default domain for a user or project without a domain."""
    auth = dict(settings.auth)
    suffix, default = _default_domain(settings)
    for name, domain in (("username", "user_domain"), ("project_name", "project_domain")):
        has_domain = f"{domain}_id" in auth or f"{domain}_name" in auth
        if name in auth and not has_domain:
            auth[f"{domain}_{suffix}"] = default
    return auth


def _log_in_unscoped(session: Session, settings: Settings) -> Unscoped:
    """Logs in with the same credentials and without a scope."""
    plugin = _UNSCOPED.get(settings.auth_type)
    auth = _with_default_domains(settings)
    is_scoped = not auth.keys().isdisjoint(_SCOPE)
    if plugin is None or not is_scoped:
        return Unscoped.UNKNOWN
    url = _versioned(settings.auth["auth_url"], "3")
    try:
        plugin.with_credentials(url, auth, unscoped=True).get_access(session)
    except ksa.Unauthorized:
        return Unscoped.REFUSED
    except ksa.ClientException:
        return Unscoped.UNKNOWN
    return Unscoped.ACCEPTED


def _read_access(access: Any) -> Access:
    """Returns the parts that we use of keystoneauth1's access information."""
    now = time.time()
    expires = now + _LIFE_IF_UNKNOWN
    if access.expires:
        expires = access.expires.timestamp()
    return Access(
        token=access.auth_token,
        expires=expires,
        life=expires - now,
        user_id=access.user_id,
        project_id=access.project_id,
        roles=list(access.role_names or []),
        catalog=list(_read_catalog(access)),
    )


def _read_catalog(access: Any) -> Iterator[Endpoint]:
    if not access.has_service_catalog():
        return
    for service in access.service_catalog.normalize_catalog():
        for endpoint in service["endpoints"]:
            if endpoint.get("url"):
                yield Endpoint(
                    type=service["type"],
                    name=service.get("name") or "",
                    region=endpoint.get("region_name") or "",
                    interface=str(endpoint.get("interface") or "").removesuffix("URL"),
                    url=endpoint["url"],
                )


def _with_tenant(auth: Auth) -> Auth:
    """Returns the credentials under their names in version 2, where a project is a tenant."""
    renamed = {}
    for key, value in auth.items():
        renamed[key.replace("project_", "tenant_")] = value
    return renamed


def _selected(auth: Auth, keys: Iterable[str]) -> dict[str, Any]:
    return {key: auth[key] for key in keys if key in auth}
