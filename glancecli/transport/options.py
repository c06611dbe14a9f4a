"""How to connect to a cloud. A file of its own, so that reading it does not import requests."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from glancecli.errors import Hint


ClientCertificate = str | tuple[str, str] | None  # a file, or a file and the file of its key


class TlsRules(NamedTuple):
    """What TLS connections must have; "" leaves it to the TLS library of the system."""

    min_version: str = ""  # "1.2" or "1.3"
    ciphers: str = ""  # in OpenSSL's notation, for TLS 1.2 and older


ANY_TLS = TlsRules()


class ClientOptions(NamedTuple):
    """How to connect: verify and cert as requests takes them, timeout in seconds or None.

    no_answer_hint says what to do when the service does not respond, where that is known.
    """

    verify: bool | str
    cert: ClientCertificate
    timeout: float | None
    no_answer_hint: Hint | str
    tls: TlsRules = ANY_TLS
