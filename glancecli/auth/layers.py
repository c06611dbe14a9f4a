"""Settings of one source (flags, variables, an entry of a file) under one name for each setting."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from glancecli.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Config = dict[str, Any]

FEDERATION = (
    "identity_provider",
    "protocol",
    "client_id",
    "client_secret",
    "scope",
    "access_token",
    "access_token_endpoint",
    "access_token_type",
    "discovery_endpoint",
    "device_authorization_endpoint",
    "code_challenge_method",
    "redirect_uri",
    "redirect_host",
    "redirect_port",
    "code",
    "idp_otp_key",
    "login_timeout",
    "identity_provider_url",
    "service_provider_endpoint",
    "service_provider_entity_id",
    "mutual_auth",
    "consumer_key",
    "consumer_secret",
    "access_key",
    "access_secret",
    "oauth2_endpoint",
    "oauth2_client_id",
    "oauth2_client_secret",
    "passcode",
    "auth_methods",
)

#: Flags that keystoneauth's built-in plugins take beyond the common ones.
PLUGIN_FLAGS = tuple(
    "os_" + name
    for name in (
        *FEDERATION,
        "openid_scope",
        "endpoint",
        "default_domain_id",
        "default_domain_name",
    )
)

_AUTH_KEYS = frozenset(
    (
        "auth_url",
        "username",
        "user_id",
        "password",
        "token",
        "trust_id",
        "system_scope",
        "endpoint",
        "project_name",
        "project_id",
        "project_domain_name",
        "project_domain_id",
        "user_domain_name",
        "user_domain_id",
        "domain_name",
        "domain_id",
        "default_domain_id",
        "default_domain_name",
        "application_credential_id",
        "application_credential_name",
        "application_credential_secret",
        *FEDERATION,
    )
)

# For these keys, the value beside "auth" wins over the value inside it; for all others it loses.
_OUTER_KEY_WINS = frozenset(
    (
        "project_id",
        "project_name",
        "project_domain_id",
        "project_domain_name",
        "user_domain_id",
        "user_domain_name",
        "domain_id",
        "domain_name",
        "token",
        "passcode",
    )
)

_CURRENT_NAMES = {
    "tenant_id": "project_id",
    "tenant_name": "project_name",
    "auth_token": "token",
    "user_name": "username",
    "auth_plugin": "auth_type",
    "authorization_code": "code",
    "openid_scope": "scope",
    "url": "endpoint",
    "image_url": "image_endpoint_override",
    "image_endpoint": "image_endpoint_override",
    "compute_url": "compute_endpoint_override",
    "compute_endpoint": "compute_endpoint_override",
    "service_type": "image_service_type",
    "service_name": "image_service_name",
}
_KINDS = {
    dict: "a mapping",
    str: "text",
    list: "a list",
    int: "a number",
    float: "a number",
    bool: "true or false",
}

_TIMEOUTS_OF_THEIR_OWN = ("timeout", "login_timeout")


class Layer(NamedTuple):
    """Settings of one source: the credentials in auth, everything else in options.

    A setting that is missing or empty has no key.
    """

    auth: Config
    options: Config


def read_layer(raw: Mapping[str, Any]) -> Layer:
    """Returns the settings of one source under their current names.

    Raises SettingsError when "auth" is not a mapping.
    """
    options = _with_current_names(raw)
    nested = as_mapping(options.pop("auth", None), "In clouds.yaml, auth")
    auth = _with_current_names(nested)
    for key in _AUTH_KEYS.intersection(options):
        value = options.pop(key)
        if key in _OUTER_KEY_WINS or key not in auth:
            auth[key] = value
    return Layer(auth, options)


def as_mapping(value: Any, what: str) -> Config:
    """Returns a value of a file that must be a mapping; what is empty or missing is one.

    Raises SettingsError otherwise; what names the value in the message.
    """
    if not value:
        return {}
    if not isinstance(value, dict):
        raise SettingsError(f"{what} must be a mapping, not {_kind(value)}.")
    return value


def as_list(value: Any, what: str) -> list[Any]:
    """Returns a value of a file that must be a list; what is empty or missing is one.

    Raises SettingsError otherwise; what names the value in the message.
    """
    if not value:
        return []
    if not isinstance(value, list):
        raise SettingsError(f"{what} must be a list, not {_kind(value)}.")
    return value


def _kind(value: Any) -> str:
    python_type = type(value)
    return _KINDS.get(python_type, python_type.__name__)


def merge(*layers: Layer) -> Layer:
    """Returns one layer in which later layers override earlier ones, value by value."""
    merged = Layer({}, {})
    for layer in layers:
        merged.auth.update(layer.auth)
        merged.options.update(layer.options)
    return merged


def without(layer: Layer, keys: Iterable[str]) -> Layer:
    """Returns the layer without these options."""
    dropped = set(keys)
    kept = {key: value for key, value in layer.options.items() if key not in dropped}
    return Layer(layer.auth, kept)


def _with_current_names(raw: Mapping[str, Any]) -> Config:
    """Returns the settings by their current names, which win over old names of the same setting."""
    by_old_name: Config = {}
    by_current_name: Config = {}
    for written, value in raw.items():
        if value is None or value == "":
            continue
        key = str(written).replace("-", "_")
        name = current_name(key)
        found = by_current_name
        if name != key:
            found = by_old_name
        found[name] = _number_as_text(name, value)
    return {**by_old_name, **by_current_name}


def current_name(key: str) -> str:
    """Returns the name under which a setting is kept, for any name that it is written by."""
    if key.endswith("endpoint_type"):
        return key.removesuffix("endpoint_type") + "interface"
    if key.endswith("timeout") and key not in _TIMEOUTS_OF_THEIR_OWN:
        return "api_timeout"
    return _CURRENT_NAMES.get(key, key)


def _number_as_text(name: str, value: Any) -> Any:
    """Returns a number as text, as an ID or a password may consist of digits."""
    if isinstance(value, bool) or name == "api_timeout":
        return value
    if isinstance(value, int | float):
        return str(value)
    return value
