"""Chooses the cloud that a command works on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glancecli.auth.cloud_entries import (
    Cloud,
    cloud_of_files,
    cloud_of_variables,
    has_address,
    is_cloud,
    is_of_sandbox,
    name_of_variables,
)
from glancecli.auth.cloud_files import CloudFiles
from glancecli.auth.layers import Layer
from glancecli.errors import GlanceError, Hint, SettingsError, UsageError
from glancecli.text import Messages, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

    Environ = Mapping[str, str]


def choose_cloud(given: Layer, variables: Layer, environ: Environ, messages: Messages) -> Cloud:
    """Returns the cloud that is named, else that of the variables, else the only one of the files.

    Raises SettingsError when the named cloud is unknown, or none is named and the files have
    several.
    """
    named = given.options.get("cloud")
    if not named:
        named = environ.get("OS_CLOUD", "")
    own_name = name_of_variables(environ)
    if is_cloud(variables) and named in ("", own_name):
        return cloud_of_variables(own_name, variables)
    if not named and has_address(given):
        return cloud_of_variables("", variables)
    files = CloudFiles(environ, messages.warn)
    name = named or _only_cloud(files, environ)
    if not name:
        return cloud_of_variables("", variables)
    cloud = cloud_of_files(name, files, environ)
    if cloud is None:
        raise _unknown_cloud(name, files, environ)
    return cloud


def _only_cloud(files: CloudFiles, environ: Environ) -> str:
    """Returns the name of the only cloud of the files, "" when they have none."""
    if len(files.clouds) > 1:
        from glancecli.auth.known_clouds import clouds_of_files, table

        raise SettingsError(
            f"No cloud is chosen; {files.path} has {len(files.clouds)} clouds.",
            hint="Choose one with --os-cloud or OS_CLOUD.",
            candidates=table(clouds_of_files(files, environ)),
        )
    return next(iter(files.clouds), "")


def _unknown_cloud(name: str, files: CloudFiles, environ: Environ) -> GlanceError:
    from glancecli.auth.known_clouds import clouds_of_files, table

    if "," in name:
        return UsageError(f"several clouds ({name}) are for image-list only; choose one")
    of_sandbox = files.sandbox()
    if is_of_sandbox(name) and not of_sandbox:
        hint = Hint("Run {} first.", ("sandbox", "up"))
        return SettingsError(f"Cloud {name} does not exist yet.", hint=hint)
    known = clouds_of_files(files, environ)
    meant = did_you_mean(name, [cloud.name for cloud in known])
    ending = meant or "."
    message = f"Cloud {name} is unknown: no clouds.yaml was found{ending}"
    if is_of_sandbox(name):
        message = f"The sandbox has no cloud {name}{ending}"
    elif files.clouds:
        message = f"Cloud {name} is not in {files.path}{ending}"
    elif files.path:
        message = f"Cloud {name} is not in {files.path}, which has no clouds{ending}"
    error = SettingsError(message, candidates=table(known))
    if not known and not files.path:
        error.hint = "Add it to ~/.config/openstack/clouds.yaml, or set OS_* variables."
    return error
