"""Makes flags, OS_* variables and clouds.yaml into one value of settings.

The cloud is the one that ``--os-cloud`` or OS_CLOUD names in clouds.yaml, else the one that the
OS_* variables describe, else the only cloud of clouds.yaml. Credentials of two clouds are never
mixed; ``auth.beside`` says which variables count beside a cloud of clouds.yaml. Flags override
single values. The results are those of openstacksdk's ``openstack.config``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from glancecli.auth.beside import PROJECT, About, beside, none_beside
from glancecli.auth.cloud_choice import choose_cloud
from glancecli.auth.cloud_entries import (
    SELECTORS,
    Cloud,
    Region,
    choose_region,
    name_of_variables,
)
from glancecli.auth.layers import Layer, current_name, merge, read_layer, without
from glancecli.auth.settings import is_yes, make_settings
from glancecli.masking import without_credentials
from glancecli.text import SILENT, Messages

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from glancecli.auth.beside import Beside
    from glancecli.auth.known_clouds import KnownCloud
    from glancecli.auth.settings import Settings

    Environ = Mapping[str, str]

_OTHER_SCOPES = ("system_scope", "trust_id")

# For a credential that a flag or a variable gives, those of the cloud that contradict it.
_CONTRADICTED = {
    "username": ("user_id",),
    "user_id": ("username",),
    "project_name": ("project_id", *_OTHER_SCOPES),
    "project_id": ("project_name", *_OTHER_SCOPES),
    "domain_name": ("domain_id", *_OTHER_SCOPES),
    "domain_id": ("domain_name", *_OTHER_SCOPES),
    "user_domain_name": ("user_domain_id",),
    "user_domain_id": ("user_domain_name",),
    "project_domain_name": ("project_domain_id",),
    "project_domain_id": ("project_domain_name",),
    "system_scope": (*PROJECT, "domain_id", "domain_name", "trust_id"),
    "trust_id": (*PROJECT, "domain_id", "domain_name", "system_scope"),
}


def load(flags: Mapping[str, Any], environ: Environ, messages: Messages = SILENT) -> Settings:
    """Returns the settings for these flags and variables.

    Flags have keys like ``os_cloud``, ``insecure``, ``timeout``, ``no_cache``; a flag that is not
    given is None, False or "". Raises AuthError when the cloud or its region is unknown, a file is
    invalid or a credential cannot be sent, UsageError for an invalid value.
    """
    given = _read_flags(flags)
    variables = _read_variables(environ)
    cloud = choose_cloud(given, variables, environ, messages)
    also = none_beside()
    if cloud.source:
        also = beside(cloud.layer, _auth_urls(cloud), variables)
        _tell_variables(cloud, also, variables, environ, messages)
    wanted_region = merge(also.adjustments, given).options.get("region_name", "")
    region = choose_region(cloud, wanted_region)
    own = merge(also.completion, cloud.layer, region, also.adjustments)
    scoped = merge(_without_contradicted(own, also.scope), also.scope)
    layer = merge(_without_contradicted(scoped, given), given)
    origins = {
        **_origins_in_cloud(cloud, environ),
        **_names_of_variables(merge(also.completion, also.scope), environ),
        **_names_of_flags(flags),
    }
    cache = _wants_cache(given, environ)
    return make_settings(layer, cloud.name, cloud.source, origins=origins, cache=cache)


def region_names(flags: Mapping[str, Any], environ: Environ) -> list[str]:
    """Returns the regions that a file lists for the cloud, in its order. Raises as load does."""
    cloud = choose_cloud(_read_flags(flags), _read_variables(environ), environ, SILENT)
    return [region.name for region in cloud.regions]


def listed_clouds(environ: Environ, warn: Callable[[str], None]) -> list[KnownCloud]:
    """Returns the clouds that this machine knows. Raises AuthError for an invalid clouds file."""
    from glancecli.auth.known_clouds import known_clouds

    return known_clouds(_read_variables(environ), environ, warn)


def environ_for_other_cloud(name: str, environ: Environ) -> Environ:
    """Returns the variables that count for a further cloud of the same command.

    The settings in variables are those of the first cloud, so that only the choice of files is
    left; unless the further cloud is the one that the variables describe.
    """
    if name == name_of_variables(environ):
        return environ
    chosen = {f"OS_{key.upper()}" for key in (*SELECTORS, "no_cache")}
    return {
        key: value for key, value in environ.items() if not key.startswith("OS_") or key in chosen
    }


def _read_flags(flags: Mapping[str, Any]) -> Layer:
    raw = {}
    for flag, value in flags.items():
        if value is not False:  # a switch that is not given
            raw[flag.removeprefix("os_")] = value
    layer = read_layer(raw)
    options = layer.options
    if "timeout" in options:
        options["api_timeout"] = options.pop("timeout")
    return layer


def _read_variables(environ: Environ) -> Layer:
    raw = {}
    for name, value in environ.items():
        if name.startswith("OS_"):
            key = name.removeprefix("OS_")
            raw[key.lower()] = value
    return read_layer(raw)


def _wants_cache(given: Layer, environ: Environ) -> bool:
    if given.options.get("no_cache"):
        return False
    if is_yes(environ.get("OS_NO_CACHE", "")):
        return False
    return environ.get("GLANCECLI_CACHE") != "0"


def _without_contradicted(layer: Layer, given: Layer) -> Layer:
    """Returns a cloud's settings without those that the given ones contradict.

    An ID contradicts a name, and a token contradicts a login with a password.
    """
    auth = dict(layer.auth)
    for flag in given.auth:
        for contradicted in _CONTRADICTED.get(flag, ()):
            auth.pop(contradicted, None)
    auth_type = str(layer.options.get("auth_type"))
    if "token" in given.auth and "token" not in auth_type:
        layer = without(layer, ["auth_type"])
    return Layer(auth, layer.options)


# Where settings come from, for messages.


def _tell_variables(
    cloud: Cloud, also: Beside, variables: Layer, environ: Environ, messages: Messages
) -> None:
    """Tells which variables count for a cloud of a file, and which do not."""
    used = merge(also.completion, also.scope, also.adjustments)
    where = f"cloud {cloud.name} of {cloud.source}"
    if used.auth or used.options:
        messages.detail(f"{_written(used, environ)}: used with {where}")
    if not also.ignored:
        return
    ignored = _written(Layer(dict.fromkeys(also.ignored), {}), environ)
    reason = " with its own values"
    if also.about is About.OTHER_CLOUD:
        auth_url = without_credentials(str(variables.auth["auth_url"]))
        reason = f", and OS_AUTH_URL is that of another cloud ({auth_url})"
    elif also.about is About.OTHER_USER:
        reason = ", and the variables are those of another user"
    messages.note(f"{where} is used{reason}; ignored: {ignored}")


def _written(layer: Layer, environ: Environ) -> str:
    """Returns the variables of these settings, by their names."""
    return ", ".join(sorted(_names_of_variables(layer, environ).values()))


def _names_of_variables(layer: Layer, environ: Environ) -> dict[str, str]:
    """Returns the variables that set these settings, by the keys of the settings."""
    names = {}
    for variable in sorted(environ):
        if variable.startswith("OS_") and environ[variable]:
            key = current_name(variable.removeprefix("OS_").lower())
            if key in layer.auth or key in layer.options:
                names[key] = variable
    return names


def _names_of_flags(flags: Mapping[str, Any]) -> dict[str, str]:
    names = {}
    for flag, value in flags.items():
        if value:
            names[current_name(flag.removeprefix("os_"))] = "--" + flag.replace("_", "-")
    return names


def _origins_in_cloud(cloud: Cloud, environ: Environ) -> dict[str, str]:
    """Returns where each credential of the cloud is set: a variable, or a key of its file."""
    if not cloud.source:
        return _names_of_variables(cloud.layer, environ)
    return {key: f"{key} of cloud {cloud.name} in {cloud.source}" for key in cloud.layer.auth}


def _auth_urls(cloud: Cloud) -> Iterator[str]:
    """Yields the auth URLs that the cloud has in any of its regions."""
    plain = str(cloud.layer.options.get("region_name", ""))
    for region in [Region(plain, {}), *cloud.regions]:
        layer = merge(cloud.layer, read_layer(region.values))
        if "auth_url" in layer.auth:
            yield str(layer.auth["auth_url"]).replace("{region_name}", region.name)
