"""Options of every program: which cloud, as which user, over which endpoint."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from glancecli.cli.parameters import Option
from glancecli.cli.types import Seconds
from glancecli.errors import Words

LOGIN, ENDPOINT, TLS = TITLES = ("Cloud and login", "Endpoints and versions", "TLS")


class CloudOption:
    """An option that chooses the cloud, the login or the endpoint.

    help_text: None for an option that is accepted, but not listed in help. also: its other
    spellings. in_hints: commands in hints repeat it; never set for a secret. key: the name of its
    value among the program's options (``os_cloud``). title: what help lists it under.
    """

    def __init__(
        self,
        name: str,
        metavar: str,
        help_text: str | None = None,
        also: tuple[str, ...] = (),
        in_hints: bool = True,
        title: str = LOGIN,
    ) -> None:
        self.name = name
        self.metavar = metavar
        self.help_text = help_text
        self.also = also
        self.in_hints = in_hints
        self.key = name.removeprefix("--").replace("-", "_")
        self.title = title


CLOUD = (
    CloudOption("--os-cloud", "NAME", "Cloud in clouds.yaml (OS_CLOUD)."),
    CloudOption("--os-auth-url", "URL", "Identity (Keystone) endpoint (OS_AUTH_URL)."),
    CloudOption("--os-username", "NAME", "User (OS_USERNAME).", ("--os-user-name",)),
    CloudOption("--os-user-id", "ID"),
    CloudOption(
        "--os-password",
        "PASSWORD",
        "Password (OS_PASSWORD); a terminal asks for a missing one.",
        in_hints=False,
    ),
    CloudOption("--os-project-name", "NAME", "Project (OS_PROJECT_NAME)."),
    CloudOption("--os-project-id", "ID", "Project (OS_PROJECT_ID)."),
    CloudOption("--os-tenant-name", "NAME"),
    CloudOption("--os-tenant-id", "ID"),
    CloudOption("--os-user-domain-name", "NAME", "Domain of the user (OS_USER_DOMAIN_NAME)."),
    CloudOption("--os-user-domain-id", "ID"),
    CloudOption(
        "--os-project-domain-name", "NAME", "Domain of the project (OS_PROJECT_DOMAIN_NAME)."
    ),
    CloudOption("--os-project-domain-id", "ID"),
    CloudOption("--os-domain-name", "NAME"),
    CloudOption("--os-domain-id", "ID"),
    CloudOption("--os-default-domain", "ID"),
    CloudOption("--os-system-scope", "SCOPE"),
    CloudOption("--os-trust-id", "ID"),
    CloudOption(
        "--os-auth-type",
        "TYPE",
        "Authentication type (OS_AUTH_TYPE; default: password): token, "
        "v3applicationcredential, v3oidcpassword ...",
        ("--os-auth-plugin",),
    ),
    CloudOption(
        "--os-auth-token",
        "TOKEN",
        "Token to use instead of a login (OS_AUTH_TOKEN).",
        ("--os-token",),
        in_hints=False,
    ),
    CloudOption(
        "--os-application-credential-id",
        "ID",
        "Application credential (OS_APPLICATION_CREDENTIAL_ID).",
    ),
    CloudOption("--os-application-credential-name", "NAME"),
    CloudOption(
        "--os-application-credential-secret",
        "SECRET",
        "Secret of the application credential (OS_APPLICATION_CREDENTIAL_SECRET).",
        in_hints=False,
    ),
    CloudOption("--os-identity-api-version", "VERSION"),
    CloudOption(
        "--os-region-name",
        "NAME",
        "Region (OS_REGION_NAME; default: the first in the catalog).",
        ("--region-name",),
        title=ENDPOINT,
    ),
    CloudOption(
        "--os-interface",
        "INTERFACE",
        "Endpoint to use: public, internal or admin (OS_INTERFACE, OS_ENDPOINT_TYPE; default: "
        "public).",
        ("--os-endpoint-type", "--endpoint-type"),
        title=ENDPOINT,
    ),
    # Of the Image service for glance and of the Compute service for nova: a hint in nova may name
    # a command of glance, so hints leave it out.
    CloudOption(
        "--os-service-type",
        "TYPE",
        "Service type in the catalog (default: image, for nova compute).",
        ("--service-type",),
        in_hints=False,
        title=ENDPOINT,
    ),
    CloudOption(
        "--os-service-name", "NAME", None, ("--service-name",), in_hints=False, title=ENDPOINT
    ),
    CloudOption(
        "--os-image-url",
        "URL",
        "Image endpoint, instead of the catalog's (OS_IMAGE_URL).",
        title=ENDPOINT,
    ),
    CloudOption(
        "--os-compute-url",
        "URL",
        "Compute endpoint, instead of the catalog's.",
        ("--bypass-url", "--endpoint-override", "--os-endpoint-override"),
        title=ENDPOINT,
    ),
    CloudOption(
        "--os-image-api-version",
        "VERSION",
        "Version of the Images API: 1 or 2 (OS_IMAGE_API_VERSION; default: the newest).",
        in_hints=False,
        title=ENDPOINT,
    ),
    CloudOption(
        "--os-compute-api-version",
        "VERSION",
        "Compute microversion (OS_COMPUTE_API_VERSION; default: the one that each request needs).",
        in_hints=False,
        title=ENDPOINT,
    ),
    CloudOption(
        "--os-cacert",
        "FILE",
        "CA certificates to trust (OS_CACERT; default: the system's).",
        title=TLS,
    ),
    CloudOption("--os-cert", "FILE", "Client certificate (OS_CERT).", title=TLS),
    CloudOption("--os-key", "FILE", "Key of the client certificate (OS_KEY).", title=TLS),
    CloudOption(
        "--tls-min-version",
        "VERSION",
        "Oldest TLS version to accept: 1.2 or 1.3 (OS_TLS_MIN_VERSION; default: the system's).",
        title=TLS,
    ),
    CloudOption(
        "--tls-ciphers",
        "CIPHERS",
        "Ciphers for TLS 1.2, as OpenSSL names them (OS_TLS_CIPHERS; default: the system's).",
        title=TLS,
    ),
)


def program_options() -> list[click.Parameter]:
    """Returns the options of every program."""
    return [*_cloud_options(), *_general_options(), *_old_options()]


def _cloud_options() -> list[click.Parameter]:
    return [
        Option(
            [each.name, *each.also, each.key],
            metavar=each.metavar,
            help=each.help_text,
            hidden=each.help_text is None,
            empty=True,
            title=each.title,
        )
        for each in CLOUD
    ]


def _general_options() -> list[click.Parameter]:
    return [
        Option(
            ["--insecure"],
            is_flag=True,
            title=TLS,
            envvar="NOVACLIENT_INSECURE",
            help="Do not verify TLS certificates (prints a warning).",
        ),
        Option(
            ["--timeout"],
            type=Seconds(),
            metavar="SECONDS",
            help="Abort a request after this many seconds without a response (default, and 0: 30, "
            "and 10 to connect).",
        ),
        Option(
            ["--no-cache", "--os-no-cache"],
            is_flag=True,
            help="Do not use or store cached tokens (GLANCECLI_CACHE=0).",
        ),
        Option(
            ["-d", "--debug"],
            is_flag=True,
            envvar="GLANCECLIENT_DEBUG",
            help="Show requests and responses on stderr.",
        ),
        Option(
            ["--no-pager"],
            is_flag=True,
            is_eager=True,
            help="Do not show long output through the pager (GLANCECLI_PAGER, PAGER; default: "
            "less).",
        ),
        Option(["-v", "--verbose"], count=True, help="Show more details on stderr."),
        Option(["-q", "--quiet"], is_flag=True, help="Show no notes and no progress on stderr."),
    ]


def _old_options() -> list[click.Parameter]:
    """Returns the options that only old scripts pass; most of them do nothing."""
    return [
        Option(["--force", "-f", "force_"], is_flag=True, hidden=True),
        Option(["--os-cache", "--get-schema"], is_flag=True, hidden=True, expose_value=False),
        Option(
            ["--os-auth-system", "--volume-service-name", "--profile", "--os-profile"],
            hidden=True,
            expose_value=False,
        ),
        Option(["--timings", "--collect-timing"], is_flag=True, hidden=True),
        Option(["--os-plugin-option"], multiple=True, hidden=True),  # arrange() makes it
    ]


def named_cloud(flags: Mapping[str, Any], environ: Mapping[str, str]) -> str:
    """Returns what --os-cloud or OS_CLOUD says: a cloud, several with commas between, or ""."""
    return flags.get("os_cloud") or environ.get("OS_CLOUD", "")


def options_for_hints(flags: Mapping[str, Any]) -> Words:
    """Returns the typed options that choose the cloud, for commands in hints; never a secret."""
    words: list[str] = []
    for option in CLOUD:
        value = flags.get(option.key)
        if value and option.in_hints and not _holds_secret(value):
            words += [option.name, value]
    if flags.get("insecure"):
        words.append("--insecure")
    return tuple(words)


def _holds_secret(value: str) -> bool:
    """Whether a value is a URL with a password, which masking changes."""
    if "://" not in value:
        return False
    from glancecli.masking import mask

    return mask(value) != value
