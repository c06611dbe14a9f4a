"""Options about image data and its transfer, and the settings that they become."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from glancecli.cli.parameters import into, option, together
from glancecli.cli.types import SIZE, Choice, Count
from glancecli.errors import UsageError

if TYPE_CHECKING:
    from glancecli.cli.app import App
    from glancecli.transfer import Options, Reading

COMPRESSIONS = ("auto", "gz", "xz", "bz2", "zst", "none")  # those of transfer/compression.py


class TransferOptions(NamedTuple):
    """How image data is moved."""

    progress: bool | None  # None: on a terminal
    retries: int
    stall_timeout: int | None  # seconds
    no_verify: bool


class SourceOptions(NamedTuple):
    """How the data that comes with a command is read, and what was published about it."""

    checksums: str | None
    checksums_name: str | None
    keyring: str | None
    decompress: str | None
    max_size: int | None  # bytes
    source_cacert: str | None
    no_source_properties: bool


class DataOptions(NamedTuple):
    """Which data comes with a command, and what is allowed of it."""

    file: str | None
    allow_empty: bool
    force: bool
    allow_unsafe: bool
    source: SourceOptions
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
    title="Transfer",
)

_file_options = together(
    option(
        "--file",
        metavar="FILE",
        help="File or http(s) URL with the image data; - is standard input, which is also the "
        "default if data comes in there.",
    ),
    option("--allow-empty", is_flag=True, help="Accept empty data."),
    option(
        "--force",
        is_flag=True,
        help="Accept a file whose format differs from --disk-format, that is incomplete, or that "
        "Glance refuses.",
    ),
    option(
        "--allow-unsafe",
        is_flag=True,
        help="Accept a file that refers to other files (such as a backing file).",
    ),
)
source_cacert = option(
    "--source-cacert", metavar="FILE", help="CA certificates for a --file URL (default: system)."
)
_source_options = into(
    "source",
    SourceOptions,
    option(
        "--checksums",
        metavar="URL|FILE",
        help="Published list of checksums (SHA256SUMS, CHECKSUM ...) that has the file.",
    ),
    option(
        "--checksums-name",
        metavar="NAME",
        help="Name of the file in the list (default: the last part of --file).",
    ),
    option(
        "--keyring",
        metavar="FILE",
        help="OpenPGP keys that the list must be signed with (verified by gpgv).",
    ),
    option(
        "--decompress",
        type=Choice(COMPRESSIONS),
        optional_value="auto",
        metavar="[auto|gz|xz|bz2|zst|none]",
        help="Decompress the data on the way (default: as it is; alone: by its content).",
    ),
    option(
        "--max-size",
        type=SIZE,
        help="Refuse to send more than this, such as 20G (default: no limit).",
    ),
    source_cacert,
    option(
        "--no-source-properties",
        is_flag=True,
        help="Do not set the properties source_url and source_checksum.",
    ),
    title="Published checksums, compressed data",
)
file_options = into("data", DataOptions, _file_options, _source_options, title="Data")
data_options = into(
    "data",
    DataOptions,
    _file_options,
    _source_options,
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
    title="Data",
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


def reading_settings(app: App, data: DataOptions) -> Reading:
    """Returns how the data of an upload is read, as the transfer room takes it."""
    from glancecli.transfer.options import Reading

    source = data.source
    if source.keyring and not source.checksums:
        raise UsageError("--keyring needs --checksums: the list is what is signed")
    if source.checksums_name and not source.checksums:
        raise UsageError("--checksums-name needs --checksums")
    return Reading(
        allow_empty=data.allow_empty,
        decompress=source.decompress or "",
        cacert=source.source_cacert or "",
        checksums=source.checksums or "",
        checksums_name=source.checksums_name or "",
        keyring=source.keyring or "",
        trace=app.console.trace,
    )
