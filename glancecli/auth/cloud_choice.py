"""Chooses the cloud that a command works on, and lists those that this machine knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from glancecli.auth.beside import ADDRESSES, FIXED_URLS
from glancecli.auth.cloud_files import CloudFiles, sandbox_file
from glancecli.auth.layers import Layer, as_mapping, merge, read_layer, without
from glancecli.errors import AuthError, GlanceError, Hint, UsageError
from glancecli.masking import without_credentials
from glancecli.text import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Environ = Mapping[str, str]

# Variables that choose a cloud or a file, and are not settings of a cloud.
SELECTORS = (
    "cloud",
    "cloud_name",
    "client_config_file",
    "client_secure_file",
    "client_vendor_file",
)

# What stands for the user in an application credential; neither is a secret.
_APPLICATION = ("application_credential_name", "application_credential_id")


class Region:
    """A region of a cloud: its name, and its own settings as they are written in the file."""

    def __init__(self, name: str, values: Mapping[str, Any]) -> None:
        self.name = name
        self.values = values


class Cloud:
    """The cloud that was chosen.

    source is the file that defines it, "" for variables. Settings may depend on the region.
    """

    def __init__(self, name: str, source: str, layer: Layer, regions: list[Region]) -> None:
        self.name = name
        self.source = source
        self.layer = layer
        self.regions = regions


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


def name_of_variables(environ: Environ) -> str:
    """Returns the name of the cloud that the OS_* variables describe."""
    return environ.get("OS_CLOUD_NAME") or "envvars"


def choose_cloud(given: Layer, variables: Layer, environ: Environ, tell: Tell) -> Cloud:
    """Returns the cloud that is named, else that of the variables, else the only one of the files.

    Raises AuthError when the named cloud is unknown, or none is named and the files have several.
    """
    named = given.options.get("cloud")
    if not named:
        named = environ.get("OS_CLOUD", "")
    own_name = name_of_variables(environ)
    if _is_cloud(variables) and named in ("", own_name):
        return _cloud_of_variables(own_name, variables)
    if not named and _has_address(given):
        return _cloud_of_variables("", variables)
    files = CloudFiles(environ, tell.warn)
    name = named or _only_cloud(files, environ)
    if not name:
        return _cloud_of_variables("", variables)
    return _cloud_of_files(name, files, environ)


def _cloud_of_variables(name: str, variables: Layer) -> Cloud:
    return Cloud(name, "", without(variables, SELECTORS), [])


def _only_cloud(files: CloudFiles, environ: Environ) -> str:
    """Returns the name of the only cloud of the files, "" when they have none."""
    if len(files.clouds) > 1:
        raise AuthError(
            f"No cloud is chosen; {files.path} has {len(files.clouds)} clouds.",
            hint="Choose one with --os-cloud or OS_CLOUD.",
            candidates=_table(_clouds_of_files(files, environ)),
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
        raise _unknown_cloud(name, files, environ)
    return clouds[name], source


def _is_sandbox(name: str) -> bool:
    return name == "sandbox" or name.startswith("sandbox-")


def _unknown_cloud(name: str, files: CloudFiles, environ: Environ) -> GlanceError:
    if "," in name:
        return UsageError(f"several clouds ({name}) are for image-list only; choose one")
    of_sandbox = files.sandbox()
    if _is_sandbox(name) and not of_sandbox:
        hint = Hint("Run {} first.", ("sandbox", "up"))
        return AuthError(f"Cloud {name} does not exist yet.", hint=hint)
    known = _clouds_of_files(files, environ)
    meant = did_you_mean(name, [cloud.name for cloud in known])
    ending = meant or "."
    message = f"Cloud {name} is unknown: no clouds.yaml was found{ending}"
    if _is_sandbox(name):
        message = f"The sandbox has no cloud {name}{ending}"
    elif files.clouds:
        message = f"Cloud {name} is not in {files.path}{ending}"
    elif files.path:
        message = f"Cloud {name} is not in {files.path}, which has no clouds{ending}"
    error = AuthError(message, candidates=_table(known))
    if not known and not files.path:
        error.hint = "Add it to ~/.config/openstack/clouds.yaml, or set OS_* variables."
    return error


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
    raise AuthError(f"Cloud {cloud.name} has no region {wanted}; it has {names} (case matters).")


class KnownCloud(NamedTuple):
    """A cloud that this machine knows, without its secrets. Fields that are not set are ""."""

    name: str
    region: str = ""  # of several the first, as commands use it
    auth_url: str = ""
    user: str = ""
    project: str = ""  # or another scope
    source: str = ""  # the file that defines it, "" for variables
    is_default: bool = False  # the one of a command without --os-cloud
    problem: str = ""  # why its entry cannot be used

    @property
    def title(self) -> str:
        """The name, with a mark at the default."""
        return self.name + " (default)" * self.is_default

    def shown(self) -> dict[str, str | bool]:
        """Returns the fields for a list; the variables have no file as their source."""
        fields = self._asdict()
        fields.pop("problem")
        return {**fields, "source": self.source or "OS_* variables"}


def known_clouds(
    variables: Layer, environ: Environ, warn: Callable[[str], None]
) -> list[KnownCloud]:
    """Returns the cloud of the OS_* variables, those of clouds.yaml, and the sandbox's.

    Raises AuthError when a file is not a valid clouds file.
    """
    files = CloudFiles(environ, warn)
    known = _clouds_of_files(files, environ)
    own_name = name_of_variables(environ)
    if _is_cloud(variables):
        known.insert(0, _described(_cloud_of_variables(own_name, variables)))
    default = environ.get("OS_CLOUD", "")
    if not default and _is_cloud(variables):
        default = own_name
    elif not default and len(files.clouds) == 1:
        default = str(next(iter(files.clouds)))
    return [cloud._replace(is_default=cloud.name == default) for cloud in known]


def _clouds_of_files(files: CloudFiles, environ: Environ) -> list[KnownCloud]:
    """Returns the clouds of clouds.yaml, and those of the sandbox that it does not have itself."""
    of_sandbox = files.sandbox()
    known = []
    for name in dict.fromkeys([*files.clouds, *of_sandbox]):
        try:
            known.append(_described(_cloud_of_files(name, files, environ)))
        except AuthError as error:
            known.append(KnownCloud(str(name), source=files.path, problem=error.message))
    return known


def _described(cloud: Cloud) -> KnownCloud:
    """Returns what may be shown of a cloud."""
    layer = merge(cloud.layer, choose_region(cloud, ""))
    auth = {key: str(value) for key, value in layer.auth.items()}
    region = str(layer.options.get("region_name", ""))
    url = auth.get("auth_url") or auth.get("endpoint") or ""
    return KnownCloud(
        str(cloud.name),
        region,
        without_credentials(url.replace("{region_name}", region)),
        _first(auth, ("username", "user_id", *_APPLICATION)),
        _first(auth, ("project_name", "project_id", "domain_name", "domain_id", "system_scope")),
        cloud.source,
    )


def _first(auth: Mapping[str, str], keys: tuple[str, ...]) -> str:
    """Returns the first of these credentials that is set, "" for none."""
    return next((auth[key] for key in keys if auth.get(key)), "")


def _table(known: list[KnownCloud]) -> list[str]:
    """Returns a line on each cloud, to choose by."""
    width = max((len(cloud.name) for cloud in known), default=0)
    lines = []
    for cloud in known:
        facts = [cloud.auth_url, cloud.user, cloud.project, cloud.region]
        lines.append(f"{cloud.name:{width}}  {cloud.problem or '  '.join(filter(None, facts))}")
    return lines
