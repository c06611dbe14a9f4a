"""Errors of logins without a response: Keystone or the identity provider cannot be reached."""

from __future__ import annotations

import re
from typing import Any

from keystoneauth1 import exceptions as ksa

from glancecli.auth.login_session import TIMEOUT
from glancecli.auth.login_words import FailedLogin, Words, error_by_words, is_of_provider, peer
from glancecli.errors import Code, ConnectionFailed, GlanceError, Unreachable
from glancecli.masking import host_and_port
from glancecli.transport.failures import (
    NOT_OF_THE_SERVER,
    connection_error,
    kind_of_failure,
)
from glancecli.transport.options import ClientOptions
from glancecli.transport.tls_errors import tls_error

_TIMED_OUT = Words(
    "{peer} did not answer in time.", "Use --timeout to wait longer.", ConnectionFailed
)
_REFUSED_CONNECTION = Words(
    "{peer} refused the connection.",
    "Check that it is up, and that the port is right.",
    Unreachable,
)
_NOT_CONNECTED = Words("Cannot connect to {peer}: {cause}.", kind=Unreachable)
_BROKEN = _NOT_CONNECTED._replace(kind=ConnectionFailed)

# What the error's text contains: the first row that fits.
_BY_TEXT = (
    (
        "NameResolution|Name or service not known|getaddrinfo|name resolution|nodename",
        Words(
            "Cannot resolve host {host_name}.",
            "Check the {setting} and the network.",
            Unreachable,
        ),
    ),
    ("refused", _REFUSED_CONNECTION),
    ("NewConnectionError", _NOT_CONNECTED),
    ("", _BROKEN),
)


def no_response(failed: FailedLogin) -> GlanceError:
    """Returns the error for a request of a login that got no response."""
    error, settings = failed.error, failed.settings
    text = f"{error} {error.__context__!r}"
    if isinstance(error, ksa.SSLError) or "CERTIFICATE_VERIFY_FAILED" in text:
        return tls_error(error, peer(failed), settings.verify, settings.cert)
    if kind_of_failure(error) in NOT_OF_THE_SERVER:
        options = ClientOptions(settings.verify, settings.cert, settings.timeout, "")
        return connection_error(error, failed.url, settings.timeout or TIMEOUT, options)
    if isinstance(error, ksa.ConnectTimeout):
        failure = _error(_TIMED_OUT, failed)
        failure.code = Code.TIMEOUT
        return failure
    words = next(words for pattern, words in _BY_TEXT if re.search(pattern, text))
    failure = _error(words, failed)
    if words is _REFUSED_CONNECTION and settings.no_answer_hint:
        failure.hint = settings.no_answer_hint
    return failure


def _error(words: Words, failed: FailedLogin) -> GlanceError:
    url: Any = failed.settings.auth.get("auth_url", "")
    setting = "auth URL"
    if is_of_provider(failed):
        url = failed.url
        setting = "endpoints of the identity provider"
    host_name = re.sub(r":\d+$", "", host_and_port(str(url)))
    error = error_by_words(
        words, failed, cause=_cause(failed.error), host_name=host_name, setting=setting
    )
    error.message = error.message[:1].upper() + error.message[1:]
    return error


def _cause(error: Exception) -> str:
    """Returns the operating system's words for a failed connection."""
    text = f"{error} {error.__context__!r}"
    found = re.findall(r"\[Errno \d+\] ([^'\")]+)", text)
    if not found:
        return "the connection broke"
    return str(found[-1]).strip().lower()
