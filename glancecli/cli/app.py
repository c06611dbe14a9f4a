"""What a command works with: what was typed, the console, and services made on first use."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from glancecli.cli.cloud_options import options_for_hints
from glancecli.cli.console import Console
from glancecli.errors import Words

if TYPE_CHECKING:
    from glancecli.api.compute.images import Compute
    from glancecli.api.interfaces import (
        Images,
        Imports,
        Locations,
        Members,
        Metadefs,
        Schemas,
        Stores,
        Tags,
        Tasks,
    )
    from glancecli.api.negotiation import ImageService
    from glancecli.api.projects import Projects
    from glancecli.api.usage import Usage
    from glancecli.auth.identity import Identity
    from glancecli.auth.settings import Settings
    from glancecli.output.styles import Style


class CommandLine(NamedTuple):
    """What was typed: the program, the command, and which of the command's options were given."""

    program: str
    command: str = ""  # "image-list"; "nova image-list" in the program glancecli
    options: tuple[str, ...] = ()  # long names, typed or from variables
    words: Words = ()  # all that was typed behind the program
    only_reads: bool = False  # the command changes nothing

    @property
    def is_of_nova(self) -> bool:
        """Whether it is one of nova's commands, which work on the Compute service."""
        return self.program == "nova" or self.command.startswith("nova ")


class App:
    """One run of a program on one cloud.

    flags are the program's own options; environ has the variables, by default this process's.
    """

    def __init__(
        self, line: CommandLine, flags: Mapping[str, Any], environ: Mapping[str, str] = os.environ
    ) -> None:
        self.line = line
        self.flags = flags
        self.environ = environ
        self.cloud_options = options_for_hints(flags)
        self.console = Console(
            line.program,
            verbose=bool(flags.get("verbose")),
            quiet=bool(flags.get("quiet")),
            debug=bool(flags.get("debug")),
            cloud_options=self.cloud_options,
            may_page=not flags.get("no_pager"),
            words=line.words,
        )

    @cached_property
    def settings(self) -> Settings:
        """Which cloud, as which user: flags over variables over files."""
        from glancecli.auth.clouds import load

        flags = dict(self.flags)
        plugin_options = flags.pop("os_plugin_option", None) or ()
        flags.update(item.split("=", 1) for item in plugin_options)
        if self.line.is_of_nova:
            flags = as_compute_flags(flags, self.environ)
        return load(flags, self.environ, self.console.messages)

    @cached_property
    def identity(self) -> Identity:
        """The login and the endpoints of the cloud."""
        return self.identity_with(self.settings)

    def identity_with(self, settings: Settings) -> Identity:
        """Returns the login and the endpoints that these settings stand for."""
        from glancecli.auth.identity import Identity

        return Identity(settings, self.console.messages, self.console.ask_password)

    @cached_property
    def image_service(self) -> ImageService:
        """The Image service of the cloud, in the version of its API that the server speaks."""
        return self.image_service_at("")

    def image_service_at(self, node: str) -> ImageService:
        """Returns the Image service at the URL of one glance-api, "" for the endpoint."""
        from glancecli.api import connect

        return connect(
            self.identity,
            self.settings.image_api_version,
            check=self._check_options,
            node=node,
        )

    def _check_options(self, version: str) -> None:
        """Raises UsageError for an option that this version of the Images API cannot honour."""
        line = self.line
        if line.is_of_nova or (version == "2" and not line.options):
            return
        from glancecli.cli.version_support import check

        check(line.command, line.options, version, self.console)

    @property
    def images(self) -> Images:
        """Images: their records and their data."""
        return self.image_service.images

    @property
    def members(self) -> Members:
        """Projects that images are shared with."""
        return self.image_service.members

    @property
    def tags(self) -> Tags:
        """Single tags of images."""
        return self.image_service.tags

    @property
    def locations(self) -> Locations:
        """URLs at which the data of images is stored."""
        return self.image_service.locations

    @property
    def imports(self) -> Imports:
        """Imports of image data by the service."""
        return self.image_service.imports

    @property
    def tasks(self) -> Tasks:
        """Tasks of the service on images."""
        return self.image_service.tasks

    @property
    def stores(self) -> Stores:
        """Stores of the service, and quotas."""
        return self.image_service.stores

    @property
    def metadefs(self) -> Metadefs:
        """Metadata definitions."""
        return self.image_service.metadefs

    @property
    def schemas(self) -> Schemas:
        """Descriptions of the service's models."""
        return self.image_service.schemas

    @cached_property
    def compute(self) -> Compute:
        """The Compute service of the cloud."""
        from glancecli.api.compute.images import connect

        return connect(
            self.identity,
            self.settings.compute_api_version,
            images=lambda: self.images,
        )

    @cached_property
    def usage(self) -> Usage:
        """The users of images on the cloud: servers, volumes, other images."""
        from glancecli.api.usage import Usage
        from glancecli.api.volumes import Volumes
        from glancecli.transport.client import ServiceClient

        volumes = Volumes(ServiceClient(self.identity, "volume"))
        return Usage(self.identity, self.images, self.compute.servers, volumes)

    @cached_property
    def projects(self) -> Projects:
        """The projects of the cloud, as Identity knows them."""
        from glancecli.api.projects import connect

        return connect(self.identity)

    def other(self, cloud: str | None, region: str | None = None) -> App:
        """Returns the same run on another cloud of clouds.yaml, or in another region of this one.

        Another cloud has its own login and its own certificates: no cloud option and no setting of
        a variable is carried over.
        """
        flags = dict(self.flags)
        environ = self.environ
        if cloud:
            from glancecli.auth.clouds import environ_for_other_cloud

            flags = {key: value for key, value in flags.items() if not key.startswith("os_")}
            flags.pop("insecure", None)
            flags["os_cloud"] = cloud
            environ = environ_for_other_cloud(cloud, environ)
        flags["os_region_name"] = region
        line = CommandLine(self.line.program, words=self.line.words)
        return App(line, flags, environ)

    @property
    def known_values(self) -> dict[str, tuple[str, ...]]:
        """The known values of attributes: those that the service has told, else the usual ones."""
        from glancecli.image import KNOWN_VALUES, KNOWN_VALUES_FACT

        told: dict[str, list[str]] = self.identity.fact(KNOWN_VALUES_FACT) or {}
        return {key: tuple(told.get(key) or usual) for key, usual in KNOWN_VALUES.items()}

    @property
    def wait_seconds(self) -> float:
        """How long --wait waits for an image."""
        from glancecli.api.waiting import WAIT

        return self.settings.timeout or WAIT

    @property
    def style(self) -> Style:
        """How results look: as in Images v1 where that version was asked for."""
        from glancecli.output.styles import style_of

        return style_of(self.settings.image_api_version)


def as_compute_flags(flags: Mapping[str, Any], environ: Mapping[str, str]) -> dict[str, Any]:
    """Returns nova's options as settings of the Compute service.

    nova's options about its service do not concern the Image service.
    """
    found = dict(flags)
    found["os_compute_service_type"] = found.pop("os_service_type", None)
    found["os_compute_service_name"] = found.pop("os_service_name", None)
    interface = found.get("os_interface") or environ.get("NOVA_ENDPOINT_TYPE")
    found["os_compute_interface"] = interface
    return found
