"""How to connect to a cloud. A file of its own, so that reading it does not import requests."""

from __future__ import annotations

from typing import NamedTuple


class ClientOptions(NamedTuple):
    """How to connect: verify and cert as requests takes them, timeout in seconds or None.

    way_up says what to do when nothing answers, where that is known.
    """

    verify: bool | str
    cert: str | tuple[str, str] | None
    timeout: float | None
    way_up: str
