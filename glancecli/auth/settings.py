"""The settings of one cloud, typed and checked: where it is, who logs in, how to connect."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from glancecli.auth.credentials import sendable
from glancecli.errors import Hint, UsageError
from glancecli.transport.options import TlsRules

if TYPE_CHECKING:
    from collections.abc import Mapping

    from glancecli.auth.layers import Config, Layer

# What the names of a service's settings begin with.
_SETTING_PREFIXES = {"image": "image", "compute": "compute", "volume": "block_storage"}

_YES = ("1", "true", "yes", "on", "t", "y")
_NO = ("false", "no", "off", "0")

_AUTH_TYPES_BY_OTHER_NAMES = {"None": "none", "token_endpoint": "admin_token"}


class Service(NamedTuple):
    """How to find one service: by its fixed URL, else by type, name, region and interfaces in the
    catalog.
    """

    url: str = ""
    type: str = ""
    name: str = ""
    region: str = ""
    interfaces: tuple[str, ...] = ("public",)  # the first that the catalog has is used


class Settings(NamedTuple):
    """The settings of the cloud that was chosen.

    source is the file that defines the cloud, "" for variables and flags. auth holds the
    credentials by their names in clouds.yaml; one that is missing has no key. origins says where
    each credential was set, for messages: OS_TOKEN, --os-token, or token in a file. verify is True,
    False, or the path of a CA bundle; cert is None, a path, or (certificate, key); timeout is in
    seconds, None when it is not set.
    """

    cloud: str
    source: str
    auth_type: str
    auth: Mapping[str, Any]
    origins: Mapping[str, str]
    services: Mapping[str, Service]
    region: str
    interfaces: tuple[str, ...]
    verify: bool | str
    cert: str | tuple[str, str] | None
    tls: TlsRules
    timeout: float | None
    identity_api_version: str
    image_api_version: str
    compute_api_version: str
    default_domain: str
    cache: bool

    @property
    def insecure(self) -> bool:
        """Whether certificates are not verified."""
        return self.verify is False

    @property
    def is_sandbox(self) -> bool:
        """Whether the cloud is the sandbox."""
        return self.source.endswith("/glancecli/sandbox/clouds.yaml")

    @property
    def no_answer_hint(self) -> Hint | str:
        """What to do when the cloud does not answer: start it, for the sandbox; else ""."""
        if self.is_sandbox:
            return Hint("{} starts the sandbox.", ("sandbox", "up"))
        return ""

    def missing_hint(self, service: str) -> Hint | str:
        """What to do when the catalog lacks a service: start Nova in the sandbox; else ""."""
        if service == "compute" and (self.is_sandbox or self._has_url_of_sandbox()):
            return Hint("{} starts Nova in the sandbox.", ("sandbox", "up", "--with-nova"))
        return ""

    def _has_url_of_sandbox(self) -> bool:
        """Whether the login is that of `sandbox env`: variables that name no cloud."""
        from glancecli.sandbox import clouds_file

        url = self.auth.get("auth_url")
        try:
            return bool(url) and json.dumps(url) in Path(clouds_file()).read_text("utf-8")
        except (OSError, ValueError):
            return False

    @property
    def image_url(self) -> str:
        """The URL of the Image service when the settings fix it, else ""."""
        return self.services["image"].url


def make_settings(
    layer: Layer, cloud: str, source: str, *, origins: Mapping[str, str], cache: bool
) -> Settings:
    """Returns the merged settings of a cloud, checked and typed.

    Raises UsageError for a timeout that is not a number of seconds, AuthError for a credential that
    cannot be sent.
    """
    options = layer.options
    region = _text(options, "region_name")
    auth = _with_domains(sendable(layer.auth, origins))
    if "auth_url" in auth:
        auth["auth_url"] = _in_region(auth["auth_url"], region)
    services = {}
    for service, prefix in _SETTING_PREFIXES.items():
        services[service] = _service(options, prefix, region)
    return Settings(
        cloud=cloud,
        source=source,
        auth_type=_auth_type(options, auth, services),
        auth=auth,
        origins=origins,
        services=services,
        region=region,
        interfaces=_interfaces(options.get("interface", "public")),
        verify=_verify(options),
        cert=_cert(options),
        tls=TlsRules(_text(options, "tls_min_version"), _text(options, "tls_ciphers")),
        timeout=_seconds(options.get("api_timeout")),
        identity_api_version=_text(options, "identity_api_version"),
        image_api_version=_text(options, "image_api_version"),
        compute_api_version=_text(options, "compute_api_version"),
        default_domain=_text(options, "default_domain", "default"),
        cache=cache,
    )


def scope_without_project(auth: Mapping[str, Any]) -> str:
    """Returns the scope of a login that has no project: "system" or "domain"; else ""."""
    if "project_id" in auth or "project_name" in auth or "trust_id" in auth:
        return ""
    if "domain_id" in auth or "domain_name" in auth:
        return "domain"
    if "system_scope" in auth:
        return "system"
    return ""


def is_yes(value: Any) -> bool:
    """Whether a value, as text, means yes."""
    text = str(value).strip()
    return text.lower() in _YES


def _is_no(value: Any) -> bool:
    return str(value).lower() in _NO


def _text(options: Config, key: str, default: str = "") -> str:
    return str(options.get(key, default))


def _in_region(url: Any, region: str) -> str:
    """Returns a URL with {region_name} replaced by the region."""
    return str(url).replace("{region_name}", region)


def _with_domains(auth: Config) -> Config:
    """Returns the credentials with the domain as the domain of user and project.

    Without a project the domain stays the scope of the token.
    """
    completed = dict(auth)
    if "project_id" not in auth and "project_name" not in auth:
        return completed
    for end in ("id", "name"):
        domain = completed.pop(f"domain_{end}", None)
        if domain is not None:
            completed.setdefault(f"user_domain_{end}", domain)
            completed.setdefault(f"project_domain_{end}", domain)
    return completed


def _auth_type(options: Config, auth: Config, services: Mapping[str, Service]) -> str:
    """Returns the type of the login: the given one, else one that suits the credentials."""
    given = options.get("auth_type")
    if given:
        return _AUTH_TYPES_BY_OTHER_NAMES.get(str(given), str(given))
    needs_no_catalog = "endpoint" in auth or _has_fixed_url(auth, services)
    if "token" in auth and needs_no_catalog:
        return "admin_token"
    if "token" in auth:
        return "token"
    if "auth_url" not in auth and _has_fixed_url(auth, services):
        return "none"
    if "application_credential_id" in auth or "application_credential_name" in auth:
        return "v3applicationcredential"
    return "password"


def _has_fixed_url(auth: Config, services: Mapping[str, Service]) -> bool:
    """Whether the settings fix the URL of a service, so that it is found without a catalog.

    The URL of Compute counts only without an auth URL, as its images are found in the catalog.
    """
    if services["image"].url:
        return True
    return "auth_url" not in auth and bool(services["compute"].url)


def _service(options: Config, prefix: str, region: str) -> Service:
    """Returns the settings of one service; the cloud's region and interface are the defaults."""
    url = options.get(f"{prefix}_endpoint_override", "")
    interface = options.get("interface", "public")
    own_interface = options.get(f"{prefix}_interface", interface)
    return Service(
        url=_in_region(url, region).rstrip("/"),
        type=_text(options, f"{prefix}_service_type"),
        name=_text(options, f"{prefix}_service_name"),
        region=_text(options, f"{prefix}_region_name", region),
        interfaces=_interfaces(own_interface),
    )


def _interfaces(value: Any) -> tuple[str, ...]:
    """Returns public, internal or admin, also for ``internalURL``; of a list, each of them."""
    listed = value
    if not isinstance(value, list) or not value:
        listed = [value]
    return tuple(str(each).removesuffix("URL") for each in listed)


def _verify(options: Config) -> bool | str:
    """Returns False for no verification, the path of a CA bundle, or True for the default CAs."""
    verify = options.get("verify", True)
    insecure = options.get("insecure", False)
    if is_yes(insecure) or _is_no(verify):
        return False
    bundle = options.get("cacert")
    if bundle:
        return _expanded(bundle)
    if isinstance(verify, str) and os.sep in verify:
        return _expanded(verify)
    return True


def _cert(options: Config) -> str | tuple[str, str] | None:
    """Returns the client certificate, with its key when the key has a file of its own."""
    cert = options.get("cert")
    key = options.get("key")
    if not cert:
        return None
    if not key:
        return _expanded(cert)
    return _expanded(cert), _expanded(key)


def _seconds(value: Any) -> float | None:
    """Returns a timeout in seconds, None for no timeout, which 0 means as well."""
    if value is None:
        return None
    try:
        seconds = float(value)
    except (TypeError, ValueError):
        seconds = -1.0
    if not 0 <= seconds < float("inf"):
        raise UsageError(f"The timeout must be a number of seconds, not {value}.")
    return seconds or None


def _expanded(path: Any) -> str:
    return os.path.expanduser(str(path))  # noqa: PTH111 - leaves ~ as it is for an unknown user
