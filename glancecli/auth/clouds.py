"""Chooses the cloud, and makes flags, OS_* variables and clouds.yaml into one value of settings.

The cloud is the one that ``--os-cloud`` or OS_CLOUD names in clouds.yaml, else the one that the
OS_* variables describe, else the only cloud of clouds.yaml. Credentials of two clouds are never
mixed; ``auth.beside`` says which variables count beside a cloud of clouds.yaml. Flags override
single values. The results are those of openstacksdk's ``openstack.config``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from glancecli.auth.beside import ADDRESSES, FIXED_URLS, PROJECT, About, beside, none_beside
from glancecli.auth.cloud_files import CloudFiles, sandbox_file
from glancecli.auth.layers import Layer, as_mapping, current_name, merge, read_layer, without
from glancecli.auth.settings import is_yes, make_settings
from glancecli.errors import AuthError, GlanceError, Hint, UsageError
from glancecli.masking import without_credentials
from glancecli.text import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from glancecli.auth.beside import Beside
    from glancecli.auth.settings import Settings

    Environ = Mapping[str, str]

# Variables that choose a cloud or a file, and are not settings of a cloud.
_SELECTORS = (
    "cloud",
    "cloud_name",
    "client_config_file",
    "client_secure_file",
    "client_vendor_file",
)

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


class Region(NamedTuple):
    """A region of a cloud: its name, and its own settings as they are written in the file."""

    name: str
    values: Mapping[str, Any]


class Cloud(NamedTuple):
    """The cloud that was chosen.

    source is the file that defines it, "" for variables. Settings may depend on the region.
    """

    name: str
    source: str
    layer: Layer
    regions: list[Region]


class Tell:
    """How to tell what was decided: a warning, a note, or a line of -v."""

    def __init__(
        self,
        warn: Callable[[str], None],
        note: Callable[[str], None],
        detail: Callable[[str], None],
    ) -> None:
        self.warn = warn
        self.note = note
        self.detail = detail


def _tell_nobody(line: str) -> None:
    """Drops a line."""


SILENT = Tell(_tell_nobody, _tell_nobody, _tell_nobody)


def load(flags: Mapping[str, Any], environ: Environ, tell: Tell = SILENT) -> Settings:
    """Returns the settings for these flags and variables.

    Flags have keys like ``os_cloud``, ``insecure``, ``timeout``, ``no_cache``; a flag that is not
    given is None, False or "". Raises AuthError when the cloud or its region is unknown, a file is
    invalid or a credential cannot be sent, UsageError for an invalid value.
    """
    given = _read_flags(flags)
    variables = _read_variables(environ)
    cloud = _choose_cloud(given, variables, environ, tell)
    also = none_beside()
    if cloud.source:
        also = beside(cloud.layer, _auth_urls(cloud), variables)
        _tell_variables(cloud, also, variables, environ, tell)
    wanted_region = merge(also.adjustments, given).options.get("region_name", "")
    region = _choose_region(cloud, wanted_region)
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
    cloud = _choose_cloud(_read_flags(flags), _read_variables(environ), environ, SILENT)
    return [region.name for region in cloud.regions]


def environ_for_other_cloud(name: str, environ: Environ) -> Environ:
    """Returns the variables that count for a further cloud of the same command.

    The settings in variables are those of the first cloud, so that only the choice of files is
    left; unless the further cloud is the one that the variables describe.
    """
    if name == _name_of_variables(environ):
        return environ
    chosen = {f"OS_{key.upper()}" for key in (*_SELECTORS, "no_cache")}
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


def _has_address(layer: Layer) -> bool:
    """Whether these settings say where a cloud is."""
    has_login_url = not layer.auth.keys().isdisjoint(ADDRESSES)
    has_fixed_url = not layer.options.keys().isdisjoint(FIXED_URLS)
    return has_login_url or has_fixed_url


def _is_cloud(variables: Layer) -> bool:
    """Whether the variables are a cloud of their own."""
    if variables.auth or "auth_type" in variables.options:
        return True
    return _has_address(variables)


def _name_of_variables(environ: Environ) -> str:
    return environ.get("OS_CLOUD_NAME") or "envvars"


def _choose_cloud(given: Layer, variables: Layer, environ: Environ, tell: Tell) -> Cloud:
    """Returns the cloud that is named, else that of the variables, else the only one of the files.

    Raises AuthError when the named cloud is unknown, or none is named and the files have several.
    """
    named = given.options.get("cloud")
    if not named:
        named = environ.get("OS_CLOUD", "")
    name_of_variables = _name_of_variables(environ)
    if _is_cloud(variables) and named in ("", name_of_variables):
        return _cloud_of_variables(name_of_variables, variables)
    if not named and _has_address(given):
        return _cloud_of_variables("", variables)
    files = CloudFiles(environ, tell.warn)
    name = named or _only_cloud(files)
    if not name:
        return _cloud_of_variables("", variables)
    return _cloud_of_files(name, files, environ)


def _cloud_of_variables(name: str, variables: Layer) -> Cloud:
    return Cloud(name, "", without(variables, _SELECTORS), [])


def _only_cloud(files: CloudFiles) -> str:
    """Returns the name of the only cloud of the files, "" when they have none."""
    if len(files.clouds) > 1:
        raise AuthError(
            f"No cloud is chosen; {files.path} has {_listed(files.clouds)}.",
            hint="Choose one with --os-cloud or OS_CLOUD.",
        )
    return next(iter(files.clouds), "")


def _cloud_of_files(name: str, files: CloudFiles, environ: Environ) -> Cloud:
    entry, source = _find_entry(name, files, environ)
    settings = as_mapping(entry, f"In {source}, cloud {name}")
    layer = _with_profile(name, read_layer(settings), files)
    regions = _read_regions(layer)
    return Cloud(name, source, without(layer, ["regions"]), regions)


def _find_entry(name: str, files: CloudFiles, environ: Environ) -> tuple[Any, str]:
    """Returns the entry of a cloud and the file that defines it."""
    clouds = files.clouds
    source = files.path
    if name not in clouds and _is_sandbox(name):
        clouds = files.sandbox()
        source = str(sandbox_file(environ))
    if name not in clouds:
        raise _unknown_cloud(name, files)
    return clouds[name], source


def _is_sandbox(name: str) -> bool:
    return name == "sandbox" or name.startswith("sandbox-")


def _unknown_cloud(name: str, files: CloudFiles) -> GlanceError:
    if "," in name:
        return UsageError(f"several clouds ({name}) are for image-list only; choose one")
    of_sandbox = files.sandbox()
    if _is_sandbox(name) and not of_sandbox:
        hint = Hint("Run {} first.", ("sandbox", "up"))
        return AuthError(f"Cloud {name} does not exist yet.", hint=hint)
    known = [*files.clouds, *of_sandbox]
    meant = did_you_mean(name, map(str, known))
    ending = meant or "."
    if _is_sandbox(name):
        return AuthError(f"The sandbox has no cloud {name}; it has {_listed(of_sandbox)}{ending}")
    if files.path:
        there = _listed(files.clouds) or "no clouds"
        return AuthError(f"Cloud {name} is not in {files.path}, which has {there}{ending}")
    error = AuthError(f"Cloud {name} is unknown: no clouds.yaml was found{ending}")
    if not meant:
        error.hint = "Add it to ~/.config/openstack/clouds.yaml, or set OS_* variables."
    return error


def _listed(clouds: Mapping[str, Any]) -> str:
    return ", ".join(sorted(map(str, clouds)))


def _with_profile(name: str, entry: Layer, files: CloudFiles) -> Layer:
    """Returns a cloud's settings merged with its provider's profile, if it names one."""
    options = entry.options
    profile_name = options.get("profile") or options.get("cloud")
    if not profile_name:
        return entry
    profile = read_layer(files.profile(str(profile_name)))
    chooses_region = "region_name" in options and "regions" not in options
    if chooses_region:
        profile.options.pop("regions", None)
    merged = merge(profile, entry)
    if "auth_url" not in merged.auth:
        hint = f"Set auth_url of cloud {name} in {files.path}."
        raise AuthError(f"Profile {profile_name} of cloud {name} is unknown.", hint=hint)
    return merged


def _read_regions(layer: Layer) -> list[Region]:
    """Returns the regions of a cloud: its list, or a region_name with commas."""
    name = str(layer.options.get("region_name", ""))
    listed = layer.options.get("regions")
    if listed is None and "," in name:
        listed = name.split(",")
    return [_read_region(entry) for entry in listed or []]


def _read_region(entry: Any) -> Region:
    """Returns a region, which is written as its name, or as a mapping with name and values."""
    if not isinstance(entry, dict):
        return Region(str(entry), {})
    unknown = entry.keys() - {"name", "values"}
    if unknown or "name" not in entry:
        keys = ", ".join(map(str, entry))
        raise AuthError(f"In clouds.yaml, a region must have name and values, not {keys}.")
    name = str(entry["name"])
    values = as_mapping(entry.get("values"), f"In clouds.yaml, values of region {name}")
    return Region(name, values)


def _choose_region(cloud: Cloud, wanted: str) -> Layer:
    """Returns the settings of the wanted region, else of the first one."""
    if not cloud.regions:
        return Layer({}, {})
    for region in cloud.regions:
        if wanted in ("", region.name):
            layer = read_layer(region.values)
            layer.options["region_name"] = region.name
            return layer
    names = ", ".join(region.name for region in cloud.regions)
    raise AuthError(f"Cloud {cloud.name} has no region {wanted}; it has {names} (case matters).")


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
    cloud: Cloud, also: Beside, variables: Layer, environ: Environ, tell: Tell
) -> None:
    """Tells which variables count for a cloud of a file, and which do not."""
    used = merge(also.completion, also.scope, also.adjustments)
    where = f"cloud {cloud.name} of {cloud.source}"
    if used.auth or used.options:
        tell.detail(f"{_written(used, environ)}: used with {where}")
    if not also.ignored:
        return
    ignored = _written(Layer(dict.fromkeys(also.ignored), {}), environ)
    reason = " with its own values"
    if also.about is About.OTHER_CLOUD:
        auth_url = without_credentials(str(variables.auth["auth_url"]))
        reason = f", and OS_AUTH_URL is that of another cloud ({auth_url})"
    elif also.about is About.OTHER_USER:
        reason = ", and the variables are those of another user"
    tell.note(f"{where} is used{reason}; ignored: {ignored}")


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
