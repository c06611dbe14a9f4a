"""The requests session that every room with HTTP uses, so that all of them connect in the same way."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import requests


class CloudSession(requests.Session):
    """Requests with this cloud's certificates (verify and cert as requests takes them).

    Proxies come from the environment, but nothing on this machine itself is asked for through one.
    Passwords in ~/.netrc are left alone: they are for other programs.
    """

    def __init__(self, verify: bool | str, cert: str | tuple[str, str] | None) -> None:
        super().__init__()
        self.verify, self.cert = verify, cert
        self.auth = _as_it_is
        if verify is False:
            import urllib3

            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)

    def merge_environment_settings(self, url: Any, proxies: Any, stream: Any, verify: Any, cert: Any) -> Any:
        """As requests does it, but without proxies for loopback addresses, and with this cloud's verify.

        Requests prefers REQUESTS_CA_BUNDLE and CURL_CA_BUNDLE to what a session says.
        """
        if on_loopback(url):
            proxies = {**dict.fromkeys(("http", "https", "all")), **(proxies or {})}
        verify = self.verify if verify is None else verify
        return super().merge_environment_settings(url, proxies, stream, verify, cert)


def on_loopback(url: str) -> bool:
    """Whether the host is this machine (RFC 1122 127.0.0.0/8, ::1, localhost)."""
    host = urlsplit(url).hostname or ""
    return host in ("localhost", "::1") or host.startswith("127.")


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request
