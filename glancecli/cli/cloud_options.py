"""Options of every program: which cloud, as whom, over which endpoint."""

from __future__ import annotations

import click

from glancecli.cli.program import Option
from glancecli.cli.types import Seconds

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
    (
        "--os-application-credential-id",
        "ID",
        "Application credential (OS_APPLICATION_CREDENTIAL_ID).",
    ),
    ("--os-application-credential-name", "NAME", None),
    (
        "--os-application-credential-secret",
        "SECRET",
        "Its secret (OS_APPLICATION_CREDENTIAL_SECRET).",
    ),
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
            ["--insecure"],
            is_flag=True,
            envvar="NOVACLIENT_INSECURE",
            help="Trust any certificate; warns.",
        ),
        Option(
            ["--timeout"], type=Seconds(), metavar="SECONDS", help="How long to wait for an answer."
        ),
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
        Option(
            ["--os-auth-system", "--volume-service-name", "--profile"],
            hidden=True,
            expose_value=False,
        ),
        Option(["--timings", "--collect-timing"], is_flag=True, hidden=True),
        Option(["--os-plugin-option"], multiple=True, hidden=True),
    ]
    return found
