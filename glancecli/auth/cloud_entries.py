"""The clouds that OS_* variables and files describe, each with its settings and its regions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from glancecli.auth.beside import ADDRESSES, FIXED_URLS
from glancecli.auth.cloud_files import CloudFiles, sandbox_file
from glancecli.auth.layers import Layer, as_list, as_mapping, merge, read_layer, without
from glancecli.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Mapping

    Environ = Mapping[str, str]

# Variables that choose a cloud or a file, and are not settings of a cloud.
SELECTORS = (
    "cloud",
    "cloud_name",
    "client_config_file",
    "client_secure_file",
    "client_vendor_file",
)


class Region:
    """A region of a cloud: its name, and its own settings as they are written in the file."""

    def __init__(self, name: str, values: Mapping[str, Any]) -> None:
        self.name = name
        self.values = values


class Cloud:
    """A cloud.

    source is the file that defines it, "" for variables. Settings may depend on the region.
    """

    def __init__(self, name: str, source: str, layer: Layer, regions: list[Region]) -> None:
        self.name = name
        self.source = source
        self.layer = layer
        self.regions = regions


def has_address(layer: Layer) -> bool:
    """Whether these settings say where a cloud is."""
    has_login_url = not layer.auth.keys().isdisjoint(ADDRESSES)
    has_fixed_url = not layer.options.keys().isdisjoint(FIXED_URLS)
    return has_login_url or has_fixed_url


def is_cloud(variables: Layer) -> bool:
    """Whether the variables are a cloud of their own."""
    if variables.auth or "auth_type" in variables.options:
        return True
    return has_address(variables)


def name_of_variables(environ: Environ) -> str:
    """Returns the name of the cloud that the OS_* variables describe."""
    return environ.get("OS_CLOUD_NAME") or "envvars"


def cloud_of_variables(name: str, variables: Layer) -> Cloud:
    """Returns the cloud that the variables describe; name is "" where it has none."""
    return Cloud(name, "", without(variables, SELECTORS), [])


def cloud_of_files(name: str, files: CloudFiles, environ: Environ) -> Cloud | None:
    """Returns the cloud of clouds.yaml with this name, or else the sandbox's; None for neither."""
    clouds, source = files.clouds, files.path
    if name not in clouds and is_of_sandbox(name):
        clouds, source = files.sandbox(), str(sandbox_file(environ))
    if name not in clouds:
        return None
    settings = as_mapping(clouds[name], f"In {source}, cloud {name}")
    layer = _with_profile(name, read_layer(settings), files)
    regions = _read_regions(layer)
    return Cloud(name, source, without(layer, ["regions"]), regions)


def is_of_sandbox(name: str) -> bool:
    """Whether a cloud of this name is one of the sandbox, unless clouds.yaml has it."""
    return name == "sandbox" or name.startswith("sandbox-")


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
        raise SettingsError(f"Profile {profile_name} of cloud {name} is unknown.", hint=hint)
    return merged


def _read_regions(layer: Layer) -> list[Region]:
    """Returns the regions of a cloud: its list, or a region_name with commas."""
    name = str(layer.options.get("region_name", ""))
    listed = as_list(layer.options.get("regions"), "In clouds.yaml, regions")
    if not listed and "," in name:
        listed = name.split(",")
    return [_read_region(entry) for entry in listed]


def _read_region(entry: Any) -> Region:
    """Returns a region, which is written as its name, or as a mapping with name and values."""
    if not isinstance(entry, dict):
        return Region(str(entry), {})
    unknown = entry.keys() - {"name", "values"}
    if unknown or "name" not in entry:
        keys = ", ".join(map(str, entry))
        raise SettingsError(f"In clouds.yaml, a region must have name and values, not {keys}.")
    name = str(entry["name"])
    values = as_mapping(entry.get("values"), f"In clouds.yaml, values of region {name}")
    return Region(name, values)


def choose_region(cloud: Cloud, wanted: str) -> Layer:
    """Returns the settings of the wanted region, else of the first one."""
    if not cloud.regions:
        return Layer({}, {})
    for region in cloud.regions:
        if wanted in ("", region.name):
            layer = read_layer(region.values)
            layer.options["region_name"] = region.name
            return layer
    names = ", ".join(region.name for region in cloud.regions)
    raise SettingsError(
        f"Cloud {cloud.name} has no region {wanted}; it has {names} (case matters)."
    )
