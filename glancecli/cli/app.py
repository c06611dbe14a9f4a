"""What a command works with: settings and streams, and, made on first use, the cloud and the
output.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from glancecli.text import say

if TYPE_CHECKING:
    from glancecli.api.compute.images import Compute
    from glancecli.api.interfaces import (
        Images,
        Imports,
        Locations,
        Members,
        Stores,
        Tags,
        Tasks,
    )
    from glancecli.api.negotiation import ImageService
    from glancecli.auth.identity import Identity
    from glancecli.auth.settings import Settings
    from glancecli.errors import GlanceError
    from glancecli.image import Image
    from glancecli.output.columns import ListColumn
    from glancecli.output.progress import Progress
    from glancecli.output.render import ResultWriter
    from glancecli.transfer import Options


class App:
    """One run of a program.

    flags are the program's own options as given; output collects the output options of the command.
    """

    def __init__(self, program: str, flags: Mapping[str, Any]) -> None:
        self.program = program
        self.flags = flags
        self.output: dict[str, Any] = {}
        self.given: tuple[str, list[str]] = (
            "",
            [],
        )  # the command, and those of its options that were given
        self.verbose = int(flags.get("verbose") or 0)
        self.quiet = bool(flags.get("quiet"))
        self.debug = bool(flags.get("debug"))

    @cached_property
    def settings(self) -> Settings:
        """Which cloud, as whom: flags over variables over files."""
        from glancecli.auth.clouds import load

        flags = dict(self.flags)
        flags.update(item.split("=", 1) for item in flags.pop("os_plugin_option", ()) or ())
        return load(flags, os.environ)

    @cached_property
    def identity(self) -> Identity:
        """Login and endpoints of the cloud."""
        from glancecli.auth.identity import Identity

        ask = self.ask_password if self.interactive else None
        return Identity(
            self.settings,
            ask_password=ask,
            warn=self.warn,
            detail=self.detail,
            trace=self.trace if self.debug else None,
        )

    @cached_property
    def image_service(self) -> ImageService:
        """The Image service of the cloud, in the version of its API that the server speaks."""
        from glancecli.api import connect

        return connect(
            self.identity,
            self.settings.image_api_version,
            trace=self.trace if self.debug else None,
            timeout=self.settings.timeout,
            warn=self.warn,
            check=self._check_options,
        )

    def _check_options(self, version: str) -> None:
        """Raises UsageError for an option that this version of the Images API cannot honour."""
        command, options = self.given
        if self.program == "nova" or (version == "2" and not options):
            return
        from glancecli.cli.version_support import check

        check(command, options, version, note=self.note, detail=self.detail)

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

    @cached_property
    def compute(self) -> Compute:
        """The Compute service of the cloud."""
        from glancecli.api.compute.images import connect

        # What nova was told about its service is not about the Image service.
        flags = dict(self.flags)
        flags["os_compute_service_type"] = flags.pop("os_service_type", None)
        flags["os_compute_service_name"] = flags.pop("os_service_name", None)
        flags["os_compute_interface"] = flags.get("os_interface") or os.environ.get(
            "NOVA_ENDPOINT_TYPE"
        )
        self.flags = flags
        return connect(
            self.identity,
            self.settings.compute_api_version,
            images=lambda: self.images,
            trace=self.trace if self.debug else None,
            timeout=self.settings.timeout,
            warn=self.warn,
        )

    def other(self, cloud: str | None, region: str | None = None) -> App:
        """The same run on another cloud of clouds.yaml: its own login, nothing carried over.

        Without a cloud it is another region of the same one.
        """
        kept = {k: v for k, v in self.flags.items() if not (cloud and k.startswith("os_"))}
        named = {"os_cloud": cloud} if cloud else {}
        other = App(self.program, {**kept, **named, "os_region_name": region})
        other.output = self.output
        return other

    def other_program(self, name: str) -> str:
        """How another of our programs is called: by its name where PATH leads to it, else with our
        folder.
        """
        from pathlib import Path
        from shutil import which

        beside = Path(sys.argv[0]).with_name(name)
        found = which(name)
        if not os.access(beside, os.X_OK) or (found and beside.samefile(found)):
            return name
        return str(beside)

    def forget_services(self) -> None:
        """Make the services anew: they have turned out to speak another version."""
        self.__dict__.pop("compute", None)

    @cached_property
    def out(self) -> ResultWriter:
        """Where results go: stdout, in the format that was asked for."""
        from glancecli.output.colours import wants_colour
        from glancecli.output.render import ResultWriter
        from glancecli.text import terminal_width

        terminal = sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
        return ResultWriter(
            sys.stdout,
            terminal=terminal,
            colour=wants_colour(os.environ, terminal),
            width=terminal_width() if terminal else None,
            **self.output,
        )

    def progress(self, mode: bool | None = None) -> Progress:
        """A progress display on stderr; mode None shows it on a terminal only."""
        from glancecli.output.colours import wants_colour
        from glancecli.output.progress import make_progress

        terminal = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
        mode = False if self.quiet and mode is None else mode
        return make_progress(
            mode, sys.stderr, terminal=terminal, colour=wants_colour(os.environ, terminal)
        )

    def transfer(self, given: Mapping[str, Any]) -> Options:
        """How data is moved, out of the transfer options of a command."""
        from glancecli.transfer.options import STALL, Options

        return Options(
            progress=self.progress(given.get("progress")),
            note=self.note,
            warn=self.warn,
            retries=given["retries"],
            stall=given["stall_timeout"] or self.settings.timeout or STALL,
            hash_algo=given.get("hash_algo") or "",
            parallel=given.get("parallel") or 1,
            verify=not given["no_verify"],
            checksum=given.get("checksum") or "",
            size=given.get("size"),
            store=given.get("store") or "",
            prefer=given.get("prefer") or "",
            keep=bool(given.get("keep")),
            wait=(self.settings.timeout or 600.0) if given.get("wait") else None,
        )

    @property
    def stdin(self) -> Any:
        """Standard input, None when it is closed."""
        return sys.stdin

    @property
    def data_out(self) -> Any:
        """Standard output for data, None when it is a terminal or closed."""
        return None if sys.__stdout__ is None or sys.stdout.isatty() else sys.stdout.buffer

    @property
    def old_clothes(self) -> bool:
        """Whether results are shown as Images v1 showed them, because version 1 was asked for."""
        return (self.settings.image_api_version or "").startswith("1")

    def list(self, images: Iterable[Image], columns: Sequence[ListColumn]) -> None:
        """Images as rows; credentials in URLs are masked where a URL can show at all."""
        if self.output.get("columns") or self.output.get("format") in ("json", "yaml"):
            from glancecli.output.image_rows import masked

            images = map(masked, images)
        self.out.write_list(images, columns, self._warn_of_missing_column)

    def show(
        self, image: Image, *, human: bool = False, secrets: bool = False, done: bool = False
    ) -> None:
        """One image as a table of properties, in the clothes of the version that was asked for.

        done: it has been made or changed already, so that a wrong -c may not look like a failure.
        """
        from glancecli.output.image_rows import NULLS, image_properties, masked

        native = image if secrets else masked(image)
        rows = image_properties(native, v1=self.old_clothes, human=human)
        missing = self._warn_of_missing_column if done else None
        self.out.write_properties(rows, nulls=NULLS, native=native, report_missing=missing)

    def _warn_of_missing_column(self, name: str, suggestion: str) -> None:
        from glancecli.image import BASE
        from glancecli.text import normalized_name

        if normalized_name(name) in BASE:
            return  # what any image may have, and this service or an empty list does not tell
        self.warn(f"no image here has {name}, which -c asks for{suggestion}")

    @property
    def interactive(self) -> bool:
        """Whether somebody is there to answer a question."""
        return sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()

    def ask_password(self, prompt: str) -> str:
        """A password typed on the terminal, unseen. Raises AuthError when the input ends instead
        (Ctrl-D).
        """
        from getpass import getpass

        try:
            return getpass(prompt, stream=sys.stderr)
        except EOFError:
            from glancecli.errors import AuthError

            say("")  # the cursor still stands behind the prompt
            hint = "Type it, or give it with --os-password or OS_PASSWORD."
            raise AuthError("No password was given.", hint=hint) from None

    def warn(self, text: str) -> None:
        """One warning on stderr."""
        say(f"{self.program}: warning: {text}")

    def note(self, text: str) -> None:
        """One line on stderr that is good to know; -q leaves it out."""
        if not self.quiet:
            say(f"{self.program}: {text}")

    def detail(self, text: str) -> None:
        """One line on stderr that only -v shows."""
        if self.verbose:
            say(f"{self.program}: {text}")

    def report(self, error: GlanceError) -> None:
        """One failure of several, on stderr; the command goes on."""
        say(f"{self.program}: error: {error}", error.candidates)

    def trace(self, line: str) -> None:
        """One line of --debug."""
        say(line)
