"""The plugins of keystoneauth1: which one a login takes, what it needs, and how it is made.

The usual ones are made without a search for plugins on disk.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from keystoneauth1.identity import v2, v3

from glancecli.errors import AuthError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from glancecli.auth.settings import Settings

    Auth = Mapping[str, Any]  # credentials by their names in clouds.yaml

_USER = ("username", "user_id", "user_domain_id", "user_domain_name")
SCOPE = (
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

_PASSWORD_NEEDS = ("auth_url", "username", "password")
_TOKEN_NEEDS = ("auth_url", "token")
_NEEDS = {
    "password": _PASSWORD_NEEDS,
    "v2password": _PASSWORD_NEEDS,
    "v3password": _PASSWORD_NEEDS,
    "token": _TOKEN_NEEDS,
    "v2token": _TOKEN_NEEDS,
    "v3token": _TOKEN_NEEDS,
    "v3totp": ("auth_url", "username", "passcode"),
    "v3applicationcredential": (
        "auth_url",
        "application_credential_id",
        "application_credential_secret",
    ),
}
_INSTEAD = {
    "username": "user_id",
    "application_credential_id": "application_credential_name",
    "discovery_endpoint": "access_token_endpoint",
}
# What plugins ask for in their constructor, and can do without (RFC 6749, public clients).
_OPTIONAL = ("client_secret",)

# The extras of our package that bring what a login type imports.
_EXTRAS = {
    "v3kerberos": "kerberos",
    "v3fedkerb": "kerberos",
    "v3samlpassword": "saml",
    "v3adfspassword": "saml",
    "v3oauth1": "oauth1",
}


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
    "v3password": _Plugin(v3.Password, (*_USER, "password", *SCOPE)),
    "v3token": _Plugin(v3.Token, ("token", *SCOPE)),
    "v3totp": _Plugin(v3.TOTP, (*_USER, "passcode", *SCOPE)),
    "v3applicationcredential": _Plugin(v3.ApplicationCredential, (*_USER, *_APPLICATION)),
}


def lacking(settings: Settings) -> list[str]:
    """Returns the keys of the credentials that the login lacks.

    Raises AuthError when packages that the login type needs are not installed.
    """
    auth = settings.auth
    found = []
    for key in _needs(settings.auth_type, auth):
        if key not in auth and _INSTEAD.get(key) not in auth and key not in found:
            found.append(key)
    return found


def make_plugin(settings: Settings) -> Any:
    """Returns the plugin for the login."""
    kind = settings.auth_type
    auth = _with_default_domains(settings)
    if kind in ("password", "token"):
        kind = f"v{_version(settings)}{kind}"
    if kind == "v3multifactor":
        return _multifactor(auth)
    plugin = _USUAL.get(kind)
    if plugin is None:
        return _make_by_loader(kind, auth)
    version = kind[1]
    if version == "2":
        auth = _with_tenant(auth)
    url = _versioned(settings.auth["auth_url"], version)
    return plugin.with_credentials(url, auth)


def discovering_plugin(settings: Settings) -> Any:
    """Returns the plugin that first asks Keystone for its versions."""
    auth = dict(settings.auth)
    # With version 2 a domain is an error; the default domain is used with version 3 only.
    if "default_domain_name" not in auth:
        auth.setdefault("default_domain_id", settings.default_domain)
    else:
        auth.pop("default_domain_id", None)
    return _make_by_loader(settings.auth_type, auth)


def unscoped_token_plugin(settings: Settings) -> Any:
    """Returns the plugin that tries the token of a login without its scope; None for another login.

    A password is never tried twice: Keystone would count it as a second wrong one.
    """
    auth = settings.auth
    if settings.auth_type not in ("token", "v3token") or auth.keys().isdisjoint(SCOPE):
        return None
    return v3.Token(_versioned(auth["auth_url"], "3"), token=auth["token"], unscoped=True)


def methods(auth: Auth) -> list[str]:
    """Returns the login types that a multi-factor login combines: v3password, v3totp ..."""
    written = auth.get("auth_methods", [])
    if isinstance(written, str):
        written = written.split(",")
    found = []
    for method in written:
        name = str(method).strip()
        if name and not name.startswith("v3"):
            name = "v3" + name.replace("_", "")
        if name:
            found.append(name)
    return found


def version_in(url: Any) -> str:
    """Returns the version of the API that a URL ends in: "2", "3" or ""."""
    path = urlsplit(str(url)).path
    _, _, last = path.rstrip("/").rpartition("/")
    return _VERSIONS.get(last, "")


# What a login needs.


def _needs(kind: str, auth: Auth) -> Iterable[str]:
    """Returns the keys of all credentials that a login type needs."""
    if kind == "v3multifactor":
        found = ["auth_url", "auth_methods"]
        for method in methods(auth):
            found += _needs(method, auth)
        return found
    if kind not in _NEEDS:
        return _needs_by_loader(kind, auth)
    by_name = "application_credential_name" in auth and "application_credential_id" not in auth
    if kind == "v3applicationcredential" and by_name:
        return (*_NEEDS[kind], "username")
    return _NEEDS[kind]


def _needs_by_loader(kind: str, auth: Auth) -> list[str]:
    loader = _loader(kind)
    found = [option.dest for option in loader.get_options() if option.required]
    parameters = inspect.signature(loader.plugin_class).parameters.values()
    found += [
        parameter.name
        for parameter in parameters
        if parameter.default is parameter.empty
        and parameter.kind is not parameter.VAR_KEYWORD
        and parameter.name not in _OPTIONAL
    ]
    if kind.startswith("v3oidc") and kind != "v3oidcaccesstoken":
        found.append("discovery_endpoint")
    if "idp_otp_key" in auth and kind == "v3oidcpassword":
        found.append("passcode")
    return [key for key in ("auth_url", *found) if key in ("auth_url", *_taken(loader), "passcode")]


# How plugins are made.


def _loader(kind: str) -> Any:
    """Returns the loader of a plugin. Raises AuthError when it lacks packages."""
    from keystoneauth1 import loading

    try:
        loader: Any = loading.get_plugin_loader(kind)
        is_usable = loader.available
    except (ImportError, AttributeError):  # keystoneauth1 itself cannot load SAML without lxml
        is_usable = False
    if is_usable:
        return loader
    hint = ""
    if kind in _EXTRAS:
        hint = f"Install them: pip install 'openstack-glancecli[{_EXTRAS[kind]}]'."
    raise AuthError(f"The login type {kind} needs packages that are not installed.", hint=hint)


def _taken(loader: Any) -> list[str]:
    return [option.dest for option in loader.get_options()]


def _make_by_loader(kind: str, auth: Auth) -> Any:
    """Returns any installed plugin, with those of the credentials that it takes."""
    loader = _loader(kind)
    given = _selected(auth, _taken(loader))
    for option in loader.get_options():
        if option.dest in given and option.type in (int, float):
            given[option.dest] = _number(option, given[option.dest])
    parameters = inspect.signature(loader.plugin_class).parameters
    for key in _OPTIONAL:
        if key in parameters:
            given.setdefault(key, None)
    return loader.load_from_options(**given)


def _number(option: Any, value: Any) -> Any:
    """Returns the value of an option of a plugin as a number."""
    try:
        return option.type(value)
    except (TypeError, ValueError):
        raise UsageError(f"--os-{option.name} must be a number, not {value}.") from None


def _multifactor(auth: Auth) -> Any:
    """Returns the plugin that combines several methods, each with its own credentials."""
    kinds = methods(auth)
    keys: set[str] = set()
    for kind in kinds:
        keys.update(_taken(_loader(kind)))
    keys.discard("auth_url")
    if "v3applicationcredential" in kinds:
        keys.difference_update(SCOPE)
    return v3.MultiFactor(auth["auth_url"], kinds, **_selected(auth, keys))


def _version(settings: Settings) -> str:
    """Returns the version of the API to log in with: "2" for an old cloud, else "3"."""
    set_version = settings.identity_api_version[:1]
    version_in_url = version_in(settings.auth["auth_url"])
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
    in_url = version_in(url)
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


def _with_tenant(auth: Auth) -> Auth:
    """Returns the credentials under their names in version 2, where a project is a tenant."""
    renamed = {}
    for key, value in auth.items():
        renamed[key.replace("project_", "tenant_")] = value
    return renamed


def _selected(auth: Auth, keys: Iterable[str]) -> dict[str, Any]:
    return {key: auth[key] for key in keys if key in auth}
