"""The context of TLS connections that have rules (--tls-min-version, --tls-ciphers)."""

from __future__ import annotations

import ssl

from urllib3.util.ssl_ import create_urllib3_context

from glancecli.errors import UsageError
from glancecli.transport.options import TlsRules

VERSIONS = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}


def tls_context(rules: TlsRules) -> ssl.SSLContext:
    """Returns a context by these rules; urllib3 adds the certificates.

    Raises UsageError for a version or ciphers that do not exist.
    """
    context = create_urllib3_context()
    if rules.min_version:
        if rules.min_version not in VERSIONS:
            raise UsageError(
                f"--tls-min-version: '{rules.min_version}' is not one of {', '.join(VERSIONS)}",
                hint="See also OS_TLS_MIN_VERSION and tls_min_version in clouds.yaml.",
            )
        context.minimum_version = VERSIONS[rules.min_version]
    if rules.ciphers:
        try:
            context.set_ciphers(rules.ciphers)
        except ssl.SSLError:
            raise UsageError(
                f"--tls-ciphers: no cipher is called '{rules.ciphers}'",
                hint="`openssl ciphers` lists those of this machine.",
            ) from None
    return context
