"""The requests session that every room with HTTP uses, so that all of them connect in the same way.

And what is said where TLS stands in the way.
"""

from __future__ import annotations

import re
import ssl
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests

from glancecli.errors import ConnectionFailed, GlanceError


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

    def merge_environment_settings(
        self, url: Any, proxies: Any, stream: Any, verify: Any, cert: Any
    ) -> Any:
        """As requests does it, but without proxies for loopback addresses, and with this cloud's
        verify.

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


def innermost(error: BaseException) -> BaseException:
    """The cause that lies deepest in an error of requests or keystoneauth1."""
    while True:
        inner = getattr(error, "reason", None) or error.__cause__ or error.__context__
        inner = inner or next((a for a in error.args if isinstance(a, BaseException)), None)
        if not isinstance(inner, BaseException) or inner is error:
            return error
        error = inner


def tls_failed(
    error: BaseException, peer: str, verify: bool | str, cert: str | tuple[str, str] | None
) -> GlanceError:
    """The error for a TLS handshake that failed: a file of ours, the certificate of peer, or the
    protocol.

    peer names the service; verify and cert are those of the session. Only the last of the three is
    a ConnectionFailed, as another try helps with neither of the others.
    """
    unusable = _unusable(verify, cert)
    if unusable:
        return unusable
    said = str(innermost(error))
    found = re.search(r"verify failed: (.+?)\.?(?: \(_ssl.*)?$", said)
    if not found:
        found = re.search(r"^\[[^]]*\] (.+?)(?: \(_ssl.*)?$", said)
        return ConnectionFailed(
            f"There is no TLS connection to {peer}: {found.group(1) if found else 'the handshake failed'}.",
            hint="Is that an HTTPS port? It may want a client's certificate (--os-cert, --os-key).",
        )
    if "mismatch" in found.group(1):
        return GlanceError(
            f"The certificate of {peer} is for another host: {found.group(1)}.",
            hint="Check the URL.",
        )
    against = verify if isinstance(verify, str) else "the usual CAs"
    return GlanceError(
        f"The certificate of {peer} does not verify against {against}: {found.group(1)}.",
        hint="Name the CA's file, intermediates included, with --os-cacert, OS_CACERT "
        "or cacert in clouds.yaml.",
    )


def _unusable(verify: bool | str, cert: str | tuple[str, str] | None) -> GlanceError | None:
    """The error for a file of ours that TLS cannot use, which OpenSSL's words do not name."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if isinstance(verify, str):
        is_folder = Path(verify).is_dir()
        try:
            context.load_verify_locations(
                None if is_folder else verify, verify if is_folder else None
            )
        except OSError:
            return GlanceError(
                f"{verify} holds no certificates (PEM), and --os-cacert or OS_CACERT names it."
            )
    if not cert:
        return None
    file, key = cert if isinstance(cert, tuple) else (cert, None)
    try:
        context.load_cert_chain(file, key, password="")  # else OpenSSL asks for one
    except OSError:
        what = f"{file} with the key {key}" if key else f"{file} without a file for its key"
        return GlanceError(
            f"The client's certificate {what} cannot be used: not PEM, or not one for the other.",
            hint="--os-cert and --os-key (OS_CERT, OS_KEY) name the files.",
        )
    return None


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request
