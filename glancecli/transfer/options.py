"""What a transfer is told: how patient, how careful, and whom to keep informed."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Protocol

RETRIES = 3
STALL = 30.0  # seconds without a byte in either direction
PAUSE = 0.5  # seconds before the second attempt, doubled before each further one


class Progress(Protocol):
    """What shows how far a transfer is; it never learns what is transferred."""

    def start(self, label: str, total: int | None, at: int = 0) -> None:
        """Bytes begin to move: total of them (None: not known), at of them moved already."""

    def advance(self, count: int) -> None:
        """So many bytes more."""

    def phase(self, text: str) -> None:
        """Something else is done now (verifying)."""

    def stop(self) -> None:
        """Nothing moves any more."""


class Silent:
    """Progress that nobody sees."""

    def start(self, label: str, total: int | None, at: int = 0) -> None:
        """Nothing."""

    def advance(self, count: int) -> None:
        """Nothing."""

    def phase(self, text: str) -> None:
        """Nothing."""

    def stop(self) -> None:
        """Nothing."""


def _nobody(_text: str) -> None:
    """Says nothing."""


class Options(NamedTuple):
    """How a transfer is done. retries, stall and progress count for every kind, the rest for
    uploads.

    checksum is what the data must hash to: hex digits (MD5, SHA-1, SHA-256, SHA-384 or SHA-512 by
    their number) or ALGORITHM:HEX. size is how many bytes the source must have. hash_algo is the
    algorithm by which the service hashes, for services that differ from the rule (SHA-512; MD5
    before Rocky).
    """

    progress: Progress = Silent()
    note: Callable[[str], None] = _nobody  # good to know
    warn: Callable[[str], None] = _nobody  # something is not as safe as it should be
    retries: int = RETRIES  # attempts after the first one
    stall: float = STALL  # seconds
    pause: float = PAUSE  # seconds
    verify: bool = True
    checksum: str = ""
    size: int | None = None
    hash_algo: str = ""
    parallel: int = 1  # connections of a download
    store: str = ""  # where an upload goes
    prefer: str = ""  # stores to download from first, separated by commas
    keep: bool = False  # a record that we made stays when its data cannot be sent
    wait: float | None = None  # seconds until the image must be active, when the service works on
