"""Which cloud, which user, which project: flags, OS_* variables and clouds.yaml made into one
value.

One cloud is chosen: the one that ``--os-cloud`` or OS_CLOUD names in clouds.yaml, else the OS_*
variables as a cloud of their own, else the only cloud of clouds.yaml. The credentials of one are
never mixed with another's. Flags then override single values. The results are those of
openstacksdk's ``openstack.config``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from glancecli.auth.cloud_files import CloudFiles, sandbox_file
from glancecli.auth.settings import Service, Settings, settled, true
from glancecli.errors import AuthError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from glancecli.auth.settings import Config

_FEDERATION = (
    "identity_provider", "protocol", "client_id", "client_secret", "scope", "access_token",
    "access_token_endpoint", "access_token_type", "discovery_endpoint", "device_authorization_endpoint",
    "code_challenge_method", "redirect_uri", "redirect_host", "redirect_port", "code", "idp_otp_key",
    "login_timeout", "identity_provider_url", "service_provider_endpoint", "service_provider_entity_id",
    "mutual_auth", "consumer_key", "consumer_secret", "access_key", "access_secret", "oauth2_endpoint",
    "oauth2_client_id", "oauth2_client_secret", "passcode", "auth_methods",
)  # fmt: skip

__all__ = ["PLUGIN_FLAGS", "Service", "Settings", "load"]

#: Flags that keystoneauth's built-in plugins take beyond the common ones.
PLUGIN_FLAGS = tuple(
    "os_" + name for name in (*_FEDERATION, "endpoint", "default_domain_id", "default_domain_name")
)

_AUTH_KEYS = frozenset((
    "auth_url", "username", "user_id", "password", "token", "trust_id", "system_scope", "endpoint",
    "project_name", "project_id", "project_domain_name", "project_domain_id",
    "user_domain_name", "user_domain_id", "domain_name", "domain_id",
    "default_domain_id", "default_domain_name",
    "application_credential_id", "application_credential_name", "application_credential_secret",
    *_FEDERATION,
))  # fmt: skip

# These count outside "auth" before they count inside it.
_OUTSIDE_WINS = frozenset((
    "project_id", "project_name", "project_domain_id", "project_domain_name", "user_domain_id",
    "user_domain_name", "domain_id", "domain_name", "token", "passcode",
))  # fmt: skip

_OLD_SPELLINGS = {
    "tenant_id": "project_id",
    "tenant_name": "project_name",
    "auth_token": "token",
    "user_name": "username",
    "auth_plugin": "auth_type",
    "authorization_code": "code",
    "url": "endpoint",
    "image_url": "image_endpoint_override",
    "image_endpoint": "image_endpoint_override",
    "compute_url": "compute_endpoint_override",
    "compute_endpoint": "compute_endpoint_override",
    "service_type": "image_service_type",
    "service_name": "image_service_name",
}

# Variables that say how to talk to a cloud, not which one: they also adjust a cloud of clouds.yaml.
_ADJUSTERS = frozenset((
    "region_name", "interface", "cacert", "cert", "key", "insecure", "api_timeout", "default_domain",
    "image_api_version", "compute_api_version",
))  # fmt: skip

_NOT_SETTINGS = (
    "cloud",
    "cloud_name",
    "client_config_file",
    "client_secure_file",
    "client_vendor_file",
)
_RIVALS = {
    "username": "user_id",
    "project_name": "project_id",
    "domain_name": "domain_id",
    "user_domain_name": "user_domain_id",
    "project_domain_name": "project_domain_id",
}


def load(flags: Mapping[str, Any], environ: Mapping[str, str]) -> Settings:
    """The settings for these flags and variables.

    flags are keyed like ``os_cloud``, ``insecure``, ``timeout``, ``no_cache``; None and "" count as
    not given. Raises AuthError when the cloud or its region is unknown or a file is broken,
    UsageError for a value that makes no sense.
    """
    given = _canonical({key.removeprefix("os_"): value for key, value in flags.items()})
    if "timeout" in given:
        given["api_timeout"] = given.pop("timeout")
    variables = _canonical(
        {key[3:].lower(): value for key, value in environ.items() if key.startswith("OS_")}
    )
    name, source, config, regions = _choose(given, variables, environ)
    if source and not _names_a_place(variables):
        given = _merge({key: variables[key] for key in _ADJUSTERS.intersection(variables)}, given)
    config = _merge(config, _region(regions, given.get("region_name", ""), name))
    _drop_rivals(config, given)
    config = _merge(config, given)
    no_cache = given.get("no_cache") or true(environ.get("OS_NO_CACHE", ""))
    return settled(
        config, name, source, cache=not no_cache and environ.get("GLANCECLI_CACHE") != "0"
    )


def _canonical(raw: Mapping[str, Any]) -> Config:
    """One layer of settings with one spelling for each, credentials under "auth", empty ones left
    out.
    """
    layer = _spelled(raw)
    inner = layer.pop("auth", None) or {}
    if not isinstance(inner, dict):
        raise AuthError(
            f"In clouds.yaml, auth must hold names and values, not {type(inner).__name__}."
        )
    auth = _spelled(inner)
    for key in _AUTH_KEYS.intersection(layer):
        value = layer.pop(key)
        if key in _OUTSIDE_WINS or key not in auth:
            auth[key] = value
    layer["auth"] = auth
    return layer


def _spelled(raw: Mapping[str, Any]) -> Config:
    """Keys with underscores and in today's spelling (which wins over an old one); numbers as text."""
    found: Config = {}
    for old in (True, False):
        for key, value in raw.items():
            key = str(key).replace("-", "_")
            today = _today(key)
            if value is None or value == "" or (today != key) is not old:
                continue
            number = isinstance(value, (int, float)) and not isinstance(value, bool)
            found[today] = str(value) if number and today != "api_timeout" else value
    return found


def _today(key: str) -> str:
    """Today's spelling of a setting."""
    if key.endswith("endpoint_type"):
        return key.removesuffix("endpoint_type") + "interface"
    if key.endswith("timeout") and key not in ("timeout", "login_timeout"):
        return "api_timeout"
    return _OLD_SPELLINGS.get(key, key)


def _names_a_place(layer: Config) -> bool:
    """Whether these settings say where a cloud is, so that they are a cloud of their own."""
    fixed = {"image_endpoint_override", "compute_endpoint_override"}
    return bool({"auth_url", "endpoint"}.intersection(layer["auth"]) or fixed.intersection(layer))


def _choose(
    given: Config, variables: Config, environ: Mapping[str, str]
) -> tuple[str, str, Config, list[Config]]:
    """The cloud's name, the file it stands in ("" for variables), its settings and its regions."""
    own_name = environ.get("OS_CLOUD_NAME") or "envvars"
    own = bool(variables["auth"]) or "auth_type" in variables or _names_a_place(variables)
    name = given.get("cloud") or environ.get("OS_CLOUD") or (own_name if own else "")
    if (name == own_name and own) or (not name and _names_a_place(given)):
        return name, "", _without(variables, _NOT_SETTINGS), []
    files = CloudFiles(environ)
    if not name and len(files.clouds) == 1:
        name = next(iter(files.clouds))
    if not name and files.clouds:
        known = ", ".join(sorted(map(str, files.clouds)))
        raise AuthError(
            f"No cloud is chosen; {files.path} has {known}.",
            hint="Choose with --os-cloud or OS_CLOUD.",
        )
    if not name:
        return "", "", _without(variables, _NOT_SETTINGS), []
    clouds, source = files.clouds, files.path
    if name not in clouds and (name == "sandbox" or name.startswith("sandbox-")):
        clouds, source = files.sandbox(), str(sandbox_file(environ))
    if name not in clouds:
        raise _unknown_cloud(name, files)
    entry = clouds[name] or {}
    if not isinstance(entry, dict):
        raise AuthError(
            f"In {source}, cloud {name} must hold names and values, not {type(entry).__name__}."
        )
    config, regions = _with_profile(name, _canonical(entry), files)
    return name, source, config, regions


def _unknown_cloud(name: str, files: CloudFiles) -> AuthError:
    if name == "sandbox" or name.startswith("sandbox-"):
        return AuthError(f"There is no cloud {name} yet.", hint="Run `glancecli sandbox up` first.")
    import difflib

    near = difflib.get_close_matches(
        name, [*map(str, files.clouds), *files.sandbox()], n=1, cutoff=0.75
    )
    hint = f"Did you mean {near[0]}?" if near else ""
    if not files.path:
        hint = hint or "Write it into ~/.config/openstack/clouds.yaml, or set OS_* variables."
        return AuthError(f"There is no cloud {name}: no clouds.yaml was found.", hint=hint)
    known = ", ".join(sorted(map(str, files.clouds))) or "no cloud at all"
    return AuthError(f"There is no cloud {name} in {files.path}, which has {known}.", hint=hint)


def _with_profile(name: str, entry: Config, files: CloudFiles) -> tuple[Config, list[Config]]:
    """A cloud laid over its provider's profile, and the regions to choose from."""
    profile_name = entry.pop("profile", None) or entry.pop("cloud", None)
    profile = _canonical(files.profile(str(profile_name)) if profile_name else {})
    if "region_name" in entry and "regions" not in entry:
        profile.pop("regions", None)
    config = _merge(profile, entry)
    if profile_name and "auth_url" not in config["auth"]:
        hint = f"Give cloud {name} an auth_url in {files.path}."
        raise AuthError(f"The profile {profile_name} of cloud {name} is not known here.", hint=hint)
    if "," in str(config.get("region_name", "")):
        config.setdefault("regions", str(config["region_name"]).split(","))
    return config, _region_list(config.pop("regions", []))


def _region_list(regions: list[Any]) -> list[Config]:
    """Regions as ``{"name": ..., "values": {...}}``, whether they were written so or as bare names."""
    found = [region if isinstance(region, dict) else {"name": str(region)} for region in regions]
    for region in found:
        if "name" not in region or not set(region) <= {"name", "values"}:
            raise AuthError(
                f"In clouds.yaml, a region has name and values, not {', '.join(map(str, region))}."
            )
    return found


def _region(regions: list[Config], wanted: str, cloud: str) -> Config:
    """The settings of the region that is wanted, else of the first."""
    if not regions:
        return {}
    for region in regions:
        if not wanted or region["name"] == wanted:
            return {**_canonical(region.get("values") or {}), "region_name": region["name"]}
    names = ", ".join(region["name"] for region in regions)
    raise AuthError(f"Cloud {cloud} has no region {wanted}; it has {names} (case matters).")


def _merge(*layers: Config) -> Config:
    """The layers laid over each other, the last on top; their "auth" value by value."""
    merged: Config = {}
    auth: Config = {}
    for layer in layers:
        merged.update(layer)
        auth.update(layer.get("auth", {}))
    merged["auth"] = auth
    return merged


def _drop_rivals(config: Config, given: Config) -> None:
    """Put aside what a file says and a flag contradicts: an ID against a name, a password against a
    token.
    """
    auth, flags = config["auth"], given["auth"].keys()
    for name, rival in (*_RIVALS.items(), *((rival, name) for name, rival in _RIVALS.items())):
        if name in flags and rival not in flags:
            auth.pop(rival, None)
    if flags & {"system_scope", "trust_id"}:
        for key in ("project_id", "project_name", "project_domain_id", "project_domain_name"):
            auth.pop(key, None)
    if "token" in flags and "token" not in str(config.get("auth_type")):
        config.pop("auth_type", None)


def _without(config: Config, keys: Iterable[str]) -> Config:
    return {key: value for key, value in config.items() if key not in keys}
