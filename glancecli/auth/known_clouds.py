"""Describes the clouds that this machine knows, without their secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from glancecli.auth.cloud_entries import (
    Cloud,
    choose_region,
    cloud_of_files,
    cloud_of_variables,
    is_cloud,
    name_of_variables,
)
from glancecli.auth.cloud_files import CloudFiles
from glancecli.auth.layers import Layer, merge
from glancecli.errors import AuthError
from glancecli.masking import without_credentials

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Environ = Mapping[str, str]

# What stands for the user in an application credential; neither is a secret.
_APPLICATION = ("application_credential_name", "application_credential_id")


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
        if self.is_default:
            return f"{self.name} (default)"
        return self.name

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
    known = clouds_of_files(files, environ)
    own_name = name_of_variables(environ)
    if is_cloud(variables):
        known.insert(0, _described(cloud_of_variables(own_name, variables)))
    default = environ.get("OS_CLOUD", "")
    if not default and is_cloud(variables):
        default = own_name
    elif not default and len(files.clouds) == 1:
        default = str(next(iter(files.clouds)))
    return [cloud._replace(is_default=cloud.name == default) for cloud in known]


def clouds_of_files(files: CloudFiles, environ: Environ) -> list[KnownCloud]:
    """Returns the clouds of clouds.yaml, and those of the sandbox that it does not have itself."""
    of_sandbox = files.sandbox()
    known = []
    for name in dict.fromkeys([*files.clouds, *of_sandbox]):
        try:
            cloud = cloud_of_files(name, files, environ)
            if cloud:
                known.append(_described(cloud))
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


def table(known: list[KnownCloud]) -> list[str]:
    """Returns a line on each cloud, to choose by."""
    width = max((len(cloud.name) for cloud in known), default=0)
    lines = []
    for cloud in known:
        facts = [cloud.auth_url, cloud.user, cloud.project, cloud.region]
        lines.append(f"{cloud.name:{width}}  {cloud.problem or '  '.join(filter(None, facts))}")
    return lines
