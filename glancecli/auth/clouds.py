"""Which cloud, which user, which project: flags, OS_* variables and clouds.yaml made into one
value.

One cloud is chosen: the one that ``--os-cloud`` or OS_CLOUD names in clouds.yaml, else the OS_*
variables as a cloud of their own, else the only cloud of clouds.yaml. The credentials of one are
never mixed with another's. Flags then override single values. The results are those of
openstacksdk's ``openstack.config``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from glancecli.auth.cloud_files import CloudFiles, sandbox_file
from glancecli.auth.layers import Layer, merge, only, read_layer, without
from glancecli.auth.settings import is_yes, make_settings
from glancecli.errors import AuthError, Hint
from glancecli.text import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from glancecli.auth.settings import Settings

# Variables that say how to talk to a cloud, not which one: they also adjust a cloud of clouds.yaml.
_ADJUSTERS = (
    "region_name", "interface", "cacert", "cert", "key", "insecure", "api_timeout",
    "default_domain", "image_api_version", "compute_api_version",
)  # fmt: skip

# Variables that choose a cloud or a file, and are not settings of a cloud.
_SELECTORS = (
    "cloud",
    "cloud_name",
    "client_config_file",
    "client_secure_file",
    "client_vendor_file",
)

_PROJECT = ("project_id", "project_name", "project_domain_id", "project_domain_name")

# A credential that is given by a flag, and those of the cloud that it contradicts.
_CONTRADICTED = {
    "username": ("user_id",),
    "user_id": ("username",),
    "project_name": ("project_id",),
    "project_id": ("project_name",),
    "domain_name": ("domain_id",),
    "domain_id": ("domain_name",),
    "user_domain_name": ("user_domain_id",),
    "user_domain_id": ("user_domain_name",),
    "project_domain_name": ("project_domain_id",),
    "project_domain_id": ("project_domain_name",),
    "system_scope": _PROJECT,
    "trust_id": _PROJECT,
}


class Region(NamedTuple):
    """A region of a cloud: its name, and the settings that it has of its own, as written."""

    name: str
    values: Mapping[str, Any]


class Cloud(NamedTuple):
    """The cloud that was chosen.

    source is the file that holds it, "" for variables. Its settings may depend on a region.
    """

    name: str
    source: str
    layer: Layer
    regions: list[Region]


def load(flags: Mapping[str, Any], environ: Mapping[str, str]) -> Settings:
    """The settings for these flags and variables.

    flags are keyed like ``os_cloud``, ``insecure``, ``timeout``, ``no_cache``; None and "" count as
    not given. Raises AuthError when the cloud or its region is unknown or a file is broken,
    UsageError for a value that makes no sense.
    """
    given = _read_flags(flags)
    variables = _read_variables(environ)
    cloud = _choose_cloud(given, variables, environ)
    if cloud.source and not _has_address(variables):
        given = merge(only(variables, _ADJUSTERS), given)
    region = _choose_region(cloud, given.options.get("region_name", ""))
    layer = _without_contradicted(merge(cloud.layer, region), given)
    return make_settings(
        merge(layer, given), cloud.name, cloud.source, cache=_wants_cache(given, environ)
    )


def _read_flags(flags: Mapping[str, Any]) -> Layer:
    layer = read_layer({key.removeprefix("os_"): value for key, value in flags.items()})
    if "timeout" in layer.options:
        layer.options["api_timeout"] = layer.options.pop("timeout")
    return layer


def _read_variables(environ: Mapping[str, str]) -> Layer:
    prefix = "OS_"
    return read_layer(
        {
            key.removeprefix(prefix).lower(): value
            for key, value in environ.items()
            if key.startswith(prefix)
        }
    )


def _wants_cache(given: Layer, environ: Mapping[str, str]) -> bool:
    if given.options.get("no_cache") or is_yes(environ.get("OS_NO_CACHE", "")):
        return False
    return environ.get("GLANCECLI_CACHE") != "0"


def _has_address(layer: Layer) -> bool:
    """Whether these settings say where a cloud is."""
    if "auth_url" in layer.auth or "endpoint" in layer.auth:
        return True
    return (
        "image_endpoint_override" in layer.options or "compute_endpoint_override" in layer.options
    )


def _is_cloud(variables: Layer) -> bool:
    """Whether the variables are a cloud of their own."""
    return bool(variables.auth) or "auth_type" in variables.options or _has_address(variables)


def _choose_cloud(given: Layer, variables: Layer, environ: Mapping[str, str]) -> Cloud:
    """Returns the cloud that is named, else that of the variables, else the only one of the files.

    Raises AuthError when the named cloud is unknown, or none is named and the files have several.
    """
    named = given.options.get("cloud") or environ.get("OS_CLOUD", "")
    name_of_variables = environ.get("OS_CLOUD_NAME") or "envvars"
    if _is_cloud(variables) and named in ("", name_of_variables):
        return _cloud_of_variables(name_of_variables, variables)
    if not named and _has_address(given):
        return _cloud_of_variables("", variables)
    files = CloudFiles(environ)
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
            hint="Choose with --os-cloud or OS_CLOUD.",
        )
    return next(iter(files.clouds), "")


def _cloud_of_files(name: str, files: CloudFiles, environ: Mapping[str, str]) -> Cloud:
    entry, source = _find_entry(name, files, environ)
    if not isinstance(entry, dict):
        kind = type(entry).__name__
        raise AuthError(f"In {source}, cloud {name} must hold names and values, not {kind}.")
    layer = _with_profile(name, read_layer(entry), files)
    regions = _read_regions(layer)
    return Cloud(name, source, without(layer, ["regions"]), regions)


def _find_entry(name: str, files: CloudFiles, environ: Mapping[str, str]) -> tuple[Any, str]:
    """Returns the entry of a cloud and the file that holds it."""
    if name in files.clouds:
        return files.clouds[name] or {}, files.path
    if _is_sandbox(name):
        sandbox = files.sandbox()
        if name in sandbox:
            return sandbox[name] or {}, str(sandbox_file(environ))
    raise _unknown_cloud(name, files)


def _is_sandbox(name: str) -> bool:
    return name == "sandbox" or name.startswith("sandbox-")


def _unknown_cloud(name: str, files: CloudFiles) -> AuthError:
    if _is_sandbox(name):
        hint = Hint("Run {} first.", ("sandbox", "up"))
        return AuthError(f"There is no cloud {name} yet.", hint=hint)
    meant = did_you_mean(name, [*map(str, files.clouds), *files.sandbox()])
    ending = meant or "."
    if files.path:
        known = _listed(files.clouds) or "no cloud at all"
        return AuthError(f"There is no cloud {name} in {files.path}, which has {known}{ending}")
    error = AuthError(f"There is no cloud {name}: no clouds.yaml was found{ending}")
    if not meant:
        error.hint = "Write it into ~/.config/openstack/clouds.yaml, or set OS_* variables."
    return error


def _listed(clouds: Mapping[str, Any]) -> str:
    return ", ".join(sorted(map(str, clouds)))


def _with_profile(name: str, entry: Layer, files: CloudFiles) -> Layer:
    """Returns a cloud's settings laid over those of its provider's profile, if it names one."""
    profile_name = entry.options.pop("profile", None) or entry.options.pop("cloud", None)
    if not profile_name:
        return entry
    profile = read_layer(files.profile(str(profile_name)))
    if "region_name" in entry.options and "regions" not in entry.options:
        profile.options.pop("regions", None)
    merged = merge(profile, entry)
    if "auth_url" not in merged.auth:
        hint = f"Give cloud {name} an auth_url in {files.path}."
        raise AuthError(f"The profile {profile_name} of cloud {name} is not known here.", hint=hint)
    return merged


def _read_regions(layer: Layer) -> list[Region]:
    """Returns the regions that a cloud lists, or that its region_name lists with commas."""
    name = str(layer.options.get("region_name", ""))
    listed = layer.options.get("regions")
    if listed is None and "," in name:
        listed = name.split(",")
    return [_read_region(entry) for entry in listed or []]


def _read_region(entry: Any) -> Region:
    """Returns a region that is written as a name, or with "name" and "values"."""
    if not isinstance(entry, dict):
        return Region(str(entry), {})
    if "name" not in entry or not entry.keys() <= {"name", "values"}:
        keys = ", ".join(map(str, entry))
        raise AuthError(f"In clouds.yaml, a region has name and values, not {keys}.")
    return Region(str(entry["name"]), entry.get("values") or {})


def _choose_region(cloud: Cloud, wanted: str) -> Layer:
    """Returns the settings of the region that is wanted, else of the first."""
    if not cloud.regions:
        return Layer({}, {})
    for region in cloud.regions:
        if wanted in ("", region.name):
            return merge(read_layer(region.values), Layer({}, {"region_name": region.name}))
    names = ", ".join(region.name for region in cloud.regions)
    raise AuthError(f"Cloud {cloud.name} has no region {wanted}; it has {names} (case matters).")


def _without_contradicted(layer: Layer, given: Layer) -> Layer:
    """Returns a cloud's settings without those that a flag contradicts: an ID contradicts a name,
    a token a login with a password.
    """
    auth, options = dict(layer.auth), dict(layer.options)
    for key in _CONTRADICTED.keys() & given.auth:
        for contradicted in _CONTRADICTED[key]:
            auth.pop(contradicted, None)
    if "token" in given.auth and "token" not in str(options.get("auth_type")):
        options.pop("auth_type", None)
    return Layer(auth, options)
