"""Errors for TLS handshakes that fail."""

from __future__ import annotations

import ssl
from pathlib import Path

from glancecli.errors import ConnectionFailed, GlanceError
from glancecli.transport.causes import find_cause
from glancecli.transport.options import ClientCertificate

# Codes of OpenSSL (X509_V_ERR_...): host name, mail address or IP address differs.
ANOTHER_HOST = frozenset({62, 63, 64})


def tls_error(
    error: BaseException, peer: str, verify: bool | str, cert: ClientCertificate
) -> GlanceError:
    """Returns the error for a handshake that failed: because of a file of ours, of the certificate
    of peer, or of the protocol.

    peer names the service; verify and cert are those of the session. Only an error of the protocol
    is a ConnectionFailed, since another try helps with neither of the others.
    """
    unusable = unusable_file(verify, cert)
    if unusable is not None:
        return unusable
    refused = find_cause(error, ssl.SSLCertVerificationError)
    if refused is not None:
        return _certificate_error(refused, peer, verify)
    return ConnectionFailed(
        f"cannot set up TLS with {peer}: {handshake_reason(error)}",
        hint="Is that an HTTPS port? It may require a client certificate (--os-cert, --os-key).",
    )


def handshake_reason(error: BaseException) -> str:
    """Returns OpenSSL's reason in words: ``wrong version number``."""
    cause = find_cause(error, ssl.SSLError)
    reason = getattr(cause, "reason", None)  # exceptions not made by OpenSSL have none
    if not reason:
        return "the handshake failed"
    return str(reason).replace("_", " ").lower()


def _certificate_error(
    refused: ssl.SSLCertVerificationError, peer: str, verify: bool | str
) -> GlanceError:
    reason = refused.verify_message.rstrip(".")
    if refused.verify_code in ANOTHER_HOST:
        return GlanceError(
            f"the certificate of {peer} is for another host: {reason}", hint="Check the URL."
        )
    authorities = "the system's CA certificates"
    if isinstance(verify, str):
        authorities = verify
    return GlanceError(
        f"cannot verify the certificate of {peer} with {authorities}: {reason}",
        hint="Give the CA's file, with its intermediate certificates, by --os-cacert, OS_CACERT "
        "or cacert in clouds.yaml.",
    )


def unusable_file(verify: bool | str, cert: ClientCertificate) -> GlanceError | None:
    """Returns the error for a file of ours that TLS cannot use, None when it can use all.

    OpenSSL does not name the file.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if isinstance(verify, str) and not _loads_authorities(context, verify):
        return GlanceError(
            f"{verify} contains no certificates in PEM format",
            hint="Correct --os-cacert, OS_CACERT or cacert in clouds.yaml.",
        )
    if cert is None:
        return None
    certificate, key = _files(cert)
    try:
        context.load_cert_chain(certificate, key, password="")  # else OpenSSL asks for one
    except OSError:
        return _unusable_client_certificate(certificate, key)
    return None


def _loads_authorities(context: ssl.SSLContext, path: str) -> bool:
    """Returns whether TLS can use the CA certificates in a file or folder."""
    try:
        if Path(path).is_dir():
            context.load_verify_locations(capath=path)
        else:
            context.load_verify_locations(cafile=path)
    except OSError:
        return False
    return True


def _files(cert: str | tuple[str, str]) -> tuple[str, str | None]:
    """Returns the files of the certificate and of its key, which may be in the first as well."""
    if isinstance(cert, str):
        return cert, None
    return cert


def _unusable_client_certificate(certificate: str, key: str | None) -> GlanceError:
    files = f"{certificate} without a key file"
    if key:
        files = f"{certificate} with the key {key}"
    return GlanceError(
        f"cannot use the client certificate {files}: not in PEM format, or the key is not its own",
        hint="Correct --os-cert and --os-key (OS_CERT, OS_KEY).",
    )
