"""Options of a transfer: how long it keeps trying, what it verifies, and where it reports."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple, Protocol

from glancecli.errors import Code, GlanceError

if TYPE_CHECKING:
    from glancecli.checksums import Checksum

RETRIES = 3
STALL = 30.0  # seconds without a byte in either direction
PAUSE = 0.5  # seconds before the second attempt, doubled before each further one


class Progress(Protocol):
    """Shows how far a transfer is; it never learns what is transferred."""

    def start(self, label: str, total: int | None, offset: int = 0) -> None:
        """A transfer begins, of total bytes (None: unknown), of which offset are there already."""

    def advance(self, count: int) -> None:
        """So many more bytes have been transferred."""

    def phase(self, text: str) -> None:
        """Something else is done from now on (verifying)."""

    def waits_for(self, end: str) -> None:
        """The transfer waits from now on for one of its ends: the source, or the service."""

    def stop(self) -> None:
        """The transfer has ended."""


class Silent:
    """A progress display that shows nothing."""

    def start(self, label: str, total: int | None, offset: int = 0) -> None:
        """Shows nothing."""

    def advance(self, count: int) -> None:
        """Shows nothing."""

    def phase(self, text: str) -> None:
        """Shows nothing."""

    def waits_for(self, end: str) -> None:
        """Shows nothing."""

    def stop(self) -> None:
        """Shows nothing."""


SILENT = Silent()


def _ignore(_text: str) -> None:
    """Writes nothing."""


class Expectation(NamedTuple):
    """The checksum that some data must have, and who says so: ``--checksum``, or a list."""

    checksum: Checksum
    said_by: str = "--checksum"

    def check(self, name: str, digest: str) -> None:
        """Raises GlanceError when the data that name calls has another digest."""
        algorithm, expected = self.checksum
        if digest == expected:
            return
        raise GlanceError(
            f"{name} has the {algorithm} {digest}, not {expected} as {self.said_by} says",
            hint=f"Get the file again, or correct {self.said_by}.",
            code=Code.WRONG_DATA,
        )


class Reading(NamedTuple):
    """How the data of an upload is read, and what has been published about it.

    decompress is "" or "none", the name of a compression, or "auto". cacert is a file of CA
    certificates for web servers. checksums is the URL or the path of a published list, in which
    checksums_name is the name of the data ("": that of its file); keyring has the keys that the
    list must be signed with.
    """

    allow_empty: bool = False
    decompress: str = ""
    cacert: str = ""
    checksums: str = ""
    checksums_name: str = ""
    keyring: str = ""
    trace: Callable[[str], None] | None = None
    only_beginning: int | None = None  # bytes, for an inspection


class Options(NamedTuple):
    """How a transfer is done.

    checksum is the one that the data must have, as checksum_origin says. max_size is how many bytes
    may be sent at most. size is how many bytes the source of an upload must
    have. hash_algo is the algorithm by which the service hashes, for services that differ from the
    rule (SHA-512; MD5 before Rocky).
    """

    progress: Progress = SILENT
    note: Callable[[str], None] = _ignore  # writes what is good to know
    warn: Callable[[str], None] = _ignore  # writes what is not as safe as it should be
    retries: int = RETRIES
    stall: float = STALL
    pause: float = PAUSE
    verify: bool = True
    checksum: Checksum | None = None
    checksum_origin: str = "--checksum"
    size: int | None = None
    max_size: int | None = None
    hash_algo: str = ""
    parallel: int = 1  # connections of a download
    store: str = ""  # where an upload goes
    prefer: str = ""  # stores to download from first, separated by commas
    keep: bool = False  # a new image stays when its data cannot be sent
    wait: float | None = None  # seconds in which an upload must become active; None: stall
