"""Options about image data and its transfer, and the settings that they become."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from glancecli.cli.parameters import into, option, together
from glancecli.cli.types import Count

if TYPE_CHECKING:
    from glancecli.cli.app import App
    from glancecli.transfer import Options


class TransferOptions(NamedTuple):
    """How image data is moved."""

    progress: bool | None  # None: on a terminal
    retries: int
    stall_timeout: int | None  # seconds
    no_verify: bool


class DataOptions(NamedTuple):
    """Which data comes with a command, and what is allowed of it."""

    file: str | None
    allow_empty: bool
    force: bool
    allow_unsafe: bool
    hash_algo: str | None = None
    wait: bool = False


transfer_options = into(
    "transfer",
    TransferOptions,
    option(
        "--progress/--no-progress",
        default=None,
        help="Show progress on stderr (default: on a terminal).",
    ),
    option(
        "--retries", type=Count("NUMBER"), default=3, help="Retries after a failure (default: 3)."
    ),
    option(
        "--stall-timeout",
        type=Count("SECONDS"),
        help="Abort after this many seconds without data (default: --timeout, else 30).",
    ),
    option("--no-verify", is_flag=True, help="Skip the final hash check (prints a warning)."),
)

_file_options = together(
    option(
        "--file",
        metavar="FILE",
        help="File with the image data (default: standard input, if data comes in there).",
    ),
    option("--allow-empty", is_flag=True, help="Accept an empty file."),
    option("--force", is_flag=True, help="Accept a file whose format differs from --disk-format."),
    option(
        "--allow-unsafe",
        is_flag=True,
        help="Accept a file that refers to other files (such as a backing file).",
    ),
)
file_options = into("data", DataOptions, _file_options)
data_options = into(
    "data",
    DataOptions,
    _file_options,
    option(
        "--hash-algo",
        metavar="NAME",
        help="Hash algorithm of the service (default: sha512); matters for data from a pipe.",
    ),
    option(
        "--wait",
        is_flag=True,
        help="Wait until the image is active (at most --timeout, else 600 seconds).",
    ),
)

keep = option("--keep", is_flag=True, help="Keep the new image if its data cannot be sent.")


def transfer_settings(app: App, options: TransferOptions) -> Options:
    """Returns how data is moved, as the transfer room takes it."""
    from glancecli.transfer.options import STALL, Options

    return Options(
        progress=app.console.progress(options.progress),
        note=app.console.note,
        warn=app.console.warn,
        retries=options.retries,
        stall=options.stall_timeout or app.settings.timeout or STALL,
        verify=not options.no_verify,
    )
