"""Options of a transfer: how long it keeps trying, what it verifies, and where it reports."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple, Protocol

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

    def stop(self) -> None:
        """Shows nothing."""


def _ignore(_text: str) -> None:
    """Writes nothing."""


class Options(NamedTuple):
    """How a transfer is done.

    checksum is the one that the data must have. size is how many bytes the source of an upload must
    have. hash_algo is the algorithm by which the service hashes, for services that differ from the
    rule (SHA-512; MD5 before Rocky).
    """

    progress: Progress = Silent()
    note: Callable[[str], None] = _ignore  # writes what is good to know
    warn: Callable[[str], None] = _ignore  # writes what is not as safe as it should be
    retries: int = RETRIES
    stall: float = STALL
    pause: float = PAUSE
    verify: bool = True
    checksum: Checksum | None = None
    size: int | None = None
    hash_algo: str = ""
    parallel: int = 1  # connections of a download
    store: str = ""  # where an upload goes
    prefer: str = ""  # stores to download from first, separated by commas
    keep: bool = False  # a new image stays when its data cannot be sent
    wait: float | None = None  # seconds in which an upload must become active; None: stall
