"""Options that several commands share, as decorators, and the types of their values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from glancecli.cli.app import App
from glancecli.cli.program import Option, option

F = TypeVar("F", bound=Callable[..., Any])


def pass_app(function: Callable[..., Any]) -> Callable[..., Any]:
    """The command gets the App as its first argument."""
    return click.make_pass_decorator(App)(function)


_TRUE = frozenset({"true", "1", "yes", "on", "t", "y"})
_FALSE = frozenset({"false", "0", "no", "off", "f", "n"})


class TrueFalse(click.ParamType):  # type: ignore[type-arg]  # generic since click 8.5 only
    """True or False in any of the spellings that the services take."""

    name = "boolean"

    def get_metavar(self, param: click.Parameter, ctx: click.Context | None = None) -> str:
        """How help shows the value."""
        return "[True|False]"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> bool:
        """The boolean, or a usage error: nothing is guessed."""
        if isinstance(value, bool):
            return value
        word = str(value).lower()
        if word not in _TRUE | _FALSE:
            self.fail(f"'{value}' is neither True nor False", param, ctx)
        return word in _TRUE


class KeyValue(click.ParamType):  # type: ignore[type-arg]  # generic since click 8.5 only
    """KEY=VALUE, split at the first equals sign."""

    name = "KEY=VALUE"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        """Key and value, both as written."""
        if isinstance(value, tuple):
            return value
        key, equals, rest = value.partition("=")
        if not equals or not key:
            self.fail(f"'{value}' is not of the form KEY=VALUE", param, ctx)
        return key, rest


class Count(click.ParamType):  # type: ignore[type-arg]  # generic since click 8.5 only
    """A whole number, not negative (bytes, GiB, MiB, rows)."""

    def __init__(self, name: str = "NUMBER") -> None:
        self.name = name

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The number; signs, fractions and units are usage errors."""
        if isinstance(value, int):
            return value
        if not (value.isascii() and value.isdigit()):
            self.fail(f"'{value}' is not a whole number of 0 or more", param, ctx)
        return int(value)


class Seconds(click.ParamType):  # type: ignore[type-arg]  # generic since click 8.5 only
    """A time in seconds, not negative; a fraction is fine."""

    name = "SECONDS"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The number; anything else is a usage error, infinity too."""
        try:
            seconds = float(value)
        except ValueError:
            seconds = -1
        if not 0 <= seconds < float("inf"):
            self.fail(f"'{value}' is not a number of seconds", param, ctx)
        return seconds


class Time(click.ParamType):  # type: ignore[type-arg]  # generic since click 8.5 only
    """A date, or a date and a time, as ISO 8601 writes them and Glance reads them."""

    name = "TIME"
    FORM = (
        r"(\d{4})(?:-?(\d\d)(?:-?(\d\d)(?:[T ](\d\d)(?::?(\d\d)(?::?(\d\d)(?:[.,]\d+)?)?)?"
        r"(?:Z|[+-]\d\d(?::?\d\d)?)?)?)?)?"
    )

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The time as written; what is none is a usage error."""
        import re
        from datetime import datetime

        found = re.fullmatch(self.FORM, value)
        parts = zip(found.groups(), (1, 1, 1, 0, 0, 0), strict=True) if found else ()
        try:
            year, month, day, hour, minute, second = [int(given or least) for given, least in parts]
            datetime(year, month, day, hour, minute, second)
        except ValueError:
            self.fail(f"'{value}' is no time such as 2026-01-31 or 2026-01-31T12:00:00Z", param, ctx)
        return str(value)


TRUE_FALSE = TrueFalse()
KEY_VALUE = KeyValue()


def family(*decorators: Callable[[Any], Any]) -> Callable[[F], F]:
    """Several options as one decorator, in the order in which help shows them."""

    def decorate(function: F) -> F:
        for decorator in reversed(decorators):
            function = decorator(function)
        return function

    return decorate


def _output(*names: str, **more: Any) -> Callable[[F], F]:
    """An option whose value goes to the App's output and not to the command."""

    def keep(ctx: click.Context, param: click.Parameter, value: Any) -> None:
        app = ctx.find_object(App)
        if app is not None and value is not None and param.name:
            app.output[param.name] = value

    return option(*names, expose_value=False, callback=keep, **more)


output_options = family(
    _output(
        "-f",
        "--format",
        type=click.Choice(["table", "json", "yaml", "csv", "value"], case_sensitive=False),
        envvar="GLANCECLI_FORMAT",
        metavar="FORMAT",
        help="table, json, yaml, csv or value (GLANCECLI_FORMAT).",
    ),
    _output(
        "-c", "--column", "columns", multiple=True, metavar="COLUMN", help="Only this column; repeatable."
    ),
    _output("--noindent", is_flag=True, help="JSON on one line."),
)

list_output_options = family(
    output_options,
    _output("--sort-column", metavar="COLUMN", help="Sort what is shown by this column."),
)

show_output_options = family(
    output_options,
    _output(
        "--max-column-width",
        type=Count("WIDTH"),
        metavar="WIDTH",
        help="Wrap values at this width (80); 0 wraps nothing.",
    ),
)

transfer_options = family(
    option(
        "--progress/--no-progress", default=None, help="Show progress on stderr; by default on a terminal."
    ),
    option("--retries", type=Count("NUMBER"), default=3, help="Attempts after the first one (3)."),
    option(
        "--stall-timeout",
        type=Count("SECONDS"),
        help="Give up when nothing moves for so long (--timeout, else 30).",
    ),
    option("--no-verify", is_flag=True, help="Do not compare the hash in the end; warns."),
)

hash_algo = option(
    "--hash-algo", metavar="NAME", help="How the service hashes, where it is not SHA-512; matters for pipes."
)

keep = option("--keep", is_flag=True, help="Keep the new record when its data cannot be sent.")

file_options = family(
    option(
        "--file",
        metavar="FILE",
        help="File with the data; left out: standard input, when data comes in there.",
    ),
    option("--allow-empty", is_flag=True, help="Take an empty file."),
    option("--force", is_flag=True, help="Take a file that is not what --disk-format says."),
    option(
        "--allow-unsafe", is_flag=True, help="Take a file that names other files (backing file and the like)."
    ),
)

data_options = family(
    file_options,
    hash_algo,
    transfer_options,
    option("--wait", is_flag=True, help="Wait until the image is active (--timeout; 600 seconds)."),
)

libvirt_type = option(
    "--libvirt-type",
    metavar="TYPE",
    envvar="GLANCECLI_LIBVIRT_TYPE",
    help="Check hw_* properties for it (kvm, xen ...).",
)

human_readable = option("--human-readable", is_flag=True, help="Show sizes with units (14.2MB).")


# Option, value and help of what says which cloud it is; None as help: known, but not shown.
CLOUD = (
    ("--os-cloud", "NAME", "Cloud of clouds.yaml (OS_CLOUD)."),
    ("--os-auth-url", "URL", "Identity service (OS_AUTH_URL)."),
    ("--os-username", "NAME", "User (OS_USERNAME)."),
    ("--os-user-id", "ID", None),
    ("--os-password", "PASSWORD", "Password (OS_PASSWORD); asked for on a terminal when missing."),
    ("--os-project-name", "NAME", "Project (OS_PROJECT_NAME)."),
    ("--os-project-id", "ID", "Project (OS_PROJECT_ID)."),
    ("--os-tenant-name", "NAME", None),
    ("--os-tenant-id", "ID", None),
    ("--os-user-domain-name", "NAME", "Domain of the user (OS_USER_DOMAIN_NAME)."),
    ("--os-user-domain-id", "ID", None),
    ("--os-project-domain-name", "NAME", "Domain of the project (OS_PROJECT_DOMAIN_NAME)."),
    ("--os-project-domain-id", "ID", None),
    ("--os-domain-name", "NAME", None),
    ("--os-domain-id", "ID", None),
    ("--os-default-domain", "ID", None),
    ("--os-system-scope", "SCOPE", None),
    ("--os-trust-id", "ID", None),
    (
        "--os-auth-type",
        "TYPE",
        "Kind of login (OS_AUTH_TYPE): password, token, v3applicationcredential ...",
    ),
    ("--os-auth-token", "TOKEN", "Token to use instead of a login (OS_AUTH_TOKEN)."),
    ("--os-application-credential-id", "ID", "Application credential (OS_APPLICATION_CREDENTIAL_ID)."),
    ("--os-application-credential-name", "NAME", None),
    ("--os-application-credential-secret", "SECRET", "Its secret (OS_APPLICATION_CREDENTIAL_SECRET)."),
    ("--os-identity-api-version", "VERSION", None),
    ("--os-region-name", "NAME", "Region (OS_REGION_NAME)."),
    (
        "--os-interface",
        "INTERFACE",
        "public, internal or admin endpoint (OS_INTERFACE, OS_ENDPOINT_TYPE).",
    ),
    ("--os-service-type", "TYPE", "Service type in the catalog (image; nova's commands: compute)."),
    ("--os-service-name", "NAME", None),
    ("--os-image-url", "URL", "Image endpoint, past the catalog (OS_IMAGE_URL)."),
    ("--os-compute-url", "URL", "Compute endpoint, past the catalog."),
    (
        "--os-image-api-version",
        "VERSION",
        "1 or 2 (OS_IMAGE_API_VERSION); left out: the newest there is.",
    ),
    ("--os-compute-api-version", "VERSION", "Compute microversion (OS_COMPUTE_API_VERSION)."),
    ("--os-cacert", "FILE", "CA certificates to trust (OS_CACERT)."),
    ("--os-cert", "FILE", "Client certificate (OS_CERT)."),
    ("--os-key", "FILE", "Its key (OS_KEY)."),
)

# Their other spellings.
ALSO = {
    "--os-username": ("--os-user-name",),
    "--os-region-name": ("--region-name",),
    "--os-interface": (
        "--os-endpoint-type",
        "--endpoint-type",
    ),
    "--os-service-type": ("--service-type",),
    "--os-service-name": ("--service-name",),
    "--os-auth-token": ("--os-token",),
    "--os-compute-url": (
        "--bypass-url",
        "--endpoint-override",
        "--os-endpoint-override",
    ),
}


def cloud_options() -> list[click.Parameter]:
    """Options of every program: which cloud, as whom, over which endpoint."""
    found: list[click.Parameter] = [
        Option(
            [flag, *ALSO.get(flag, ()), flag[2:].replace("-", "_")],
            metavar=metavar,
            help=help_,
            hidden=help_ is None,
            empty=True,
        )
        for flag, metavar, help_ in CLOUD
    ]
    found += [
        Option(
            ["--insecure"], is_flag=True, envvar="NOVACLIENT_INSECURE", help="Trust any certificate; warns."
        ),
        Option(["--timeout"], type=Seconds(), metavar="SECONDS", help="How long to wait for an answer."),
        Option(
            ["--no-cache", "--os-no-cache"],
            is_flag=True,
            help="Neither use nor keep cached tokens (GLANCECLI_CACHE=0).",
        ),
        Option(
            ["-d", "--debug"],
            is_flag=True,
            envvar="GLANCECLIENT_DEBUG",
            help="Show requests and answers on stderr.",
        ),
        Option(["-v", "--verbose"], count=True, help="Say more."),
        Option(["-q", "--quiet"], is_flag=True, help="No notes and no progress on stderr."),
        Option(["--force", "-f", "force_"], is_flag=True, hidden=True),
        # What old scripts pass and nothing has to be done for.
        Option(["--os-cache", "--get-schema"], is_flag=True, hidden=True, expose_value=False),
        Option(["--os-auth-system", "--volume-service-name", "--profile"], hidden=True, expose_value=False),
        Option(["--timings", "--collect-timing"], is_flag=True, hidden=True),
        Option(["--os-plugin-option"], multiple=True, hidden=True),
    ]
    return found
