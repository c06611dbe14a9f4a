"""Errors for requests that got no response, or only a part of it, by the kind of failure."""

from __future__ import annotations

import http.client
import re
import socket
import ssl
from collections.abc import Sequence
from enum import Enum, auto
from typing import NamedTuple

import requests
import urllib3

from glancecli.errors import Code, ConnectionFailed, GlanceError, Hint, Stalled, Unreachable
from glancecli.masking import host_and_port, mask, origin
from glancecli.text import counted
from glancecli.transport.causes import causes
from glancecli.transport.limits import TooLarge, TooSlow
from glancecli.transport.options import ClientOptions
from glancecli.transport.proxies import proxy_failure, proxy_for
from glancecli.transport.tls_errors import handshake_reason, tls_error

Exceptions = tuple[type[BaseException], ...]


class Failure(Enum):
    """How a request failed before there was a response."""

    TOO_LARGE = auto()
    TOO_SLOW = auto()
    INVALID_URL = auto()
    INVALID_HEADER = auto()
    TLS = auto()
    PROXY = auto()
    CONNECT_TIMEOUT = auto()
    TIMEOUT = auto()
    UNKNOWN_HOST = auto()
    NOT_CONNECTED = auto()
    BROKEN = auto()


# The exceptions that a kind of failure is known by, the first match counts. They may be anywhere
# among the causes. A failure with none of them is BROKEN.
_KINDS: Sequence[tuple[Failure, Exceptions]] = (
    (Failure.TOO_LARGE, (TooLarge,)),
    (Failure.TOO_SLOW, (TooSlow,)),
    (Failure.TLS, (requests.exceptions.SSLError, ssl.SSLCertVerificationError)),
    (
        Failure.PROXY,
        (requests.exceptions.ProxyError, requests.exceptions.InvalidProxyURL),
    ),
    (
        Failure.INVALID_URL,
        (
            requests.exceptions.InvalidURL,
            requests.exceptions.InvalidSchema,
            requests.exceptions.MissingSchema,
        ),
    ),
    (Failure.INVALID_HEADER, (requests.exceptions.InvalidHeader,)),
    (Failure.CONNECT_TIMEOUT, (requests.exceptions.ConnectTimeout,)),
    (Failure.UNKNOWN_HOST, (socket.gaierror,)),
    (Failure.NOT_CONNECTED, (urllib3.exceptions.NewConnectionError,)),
    (Failure.TIMEOUT, (requests.exceptions.Timeout, TimeoutError)),
)


class _Text(NamedTuple):
    """The error for a kind of failure, with places for url, server, host, time and cause."""

    error_class: type[GlanceError]
    message: str
    hint: str = ""
    code: Code | None = None  # where it is another than that of the class


_REACHABLE = "Check that the service is up and reachable from here."

_TEXTS = {
    Failure.TOO_LARGE: _Text(
        GlanceError,
        "the response of {server} is too large to be an OpenStack service's",
        "Check the endpoint.",
        Code.SERVICE,
    ),
    Failure.TOO_SLOW: _Text(
        ConnectionFailed,
        "the response of {server} did not end within {time}",
        "Use --timeout to wait longer.",
        Code.TIMEOUT,
    ),
    Failure.INVALID_URL: _Text(
        GlanceError,
        "{url} is not an http or https URL",
        "Check the endpoint (--os-image-url, or the service catalog).",
        Code.INVALID,
    ),
    Failure.INVALID_HEADER: _Text(
        GlanceError,
        "HTTP does not allow a header of the request to {server}",
        "Check the token (--os-auth-token, OS_AUTH_TOKEN).",
        Code.INVALID,
    ),
    Failure.CONNECT_TIMEOUT: _Text(
        Unreachable, "cannot connect to {server}: connection timed out", _REACHABLE
    ),
    Failure.TIMEOUT: _Text(
        ConnectionFailed,
        "{server} did not respond within {time}",
        "Use --timeout to wait longer.",
        Code.TIMEOUT,
    ),
    Failure.UNKNOWN_HOST: _Text(
        Unreachable, "cannot resolve host {host}", "Check the endpoint and the network."
    ),
    Failure.NOT_CONNECTED: _Text(Unreachable, "cannot connect to {server}{cause}", _REACHABLE),
    Failure.BROKEN: _Text(ConnectionFailed, "the connection to {server} broke{cause}", _REACHABLE),
}

# The kinds that are a proxy's where there is one: a SOCKS proxy shows itself by no other.
_NO_CONNECTION = frozenset({Failure.CONNECT_TIMEOUT, Failure.UNKNOWN_HOST, Failure.NOT_CONNECTED})

# The kinds that have the same words whatever the request was for.
NOT_OF_THE_SERVER = frozenset({Failure.PROXY, Failure.TOO_LARGE, Failure.TOO_SLOW})

# The kinds that a service which is not running shows itself by.
_DOWN = frozenset({Failure.NOT_CONNECTED, Failure.BROKEN})

# No connection existed when one of these happened.
_BEFORE_DATA = frozenset(
    {
        Failure.INVALID_URL,
        Failure.INVALID_HEADER,
        Failure.TLS,
        Failure.PROXY,
        Failure.CONNECT_TIMEOUT,
        Failure.UNKNOWN_HOST,
        Failure.NOT_CONNECTED,
    }
)

# Exceptions that have no text from the operating system -> words, the most special first.
_CAUSES: Sequence[tuple[type[BaseException], str]] = (
    (http.client.RemoteDisconnected, "the server closed it without a response"),
    (http.client.IncompleteRead, "the response ended early"),
    (http.client.HTTPException, "the response is not valid HTTP"),
    (urllib3.exceptions.DecodeError, "the response cannot be decompressed"),
    (requests.exceptions.ContentDecodingError, "the response cannot be decompressed"),
    (BrokenPipeError, "the server closed it while data was sent"),
)


def kind_of_failure(error: BaseException) -> Failure:
    """Returns how the request failed that raised this exception."""
    found = causes(error)
    for kind, exceptions in _KINDS:
        if any(isinstance(cause, exceptions) for cause in found):
            return kind
    return Failure.BROKEN


def connection_error(
    error: BaseException, url: str, seconds: float, options: ClientOptions
) -> GlanceError:
    """Returns the error for a request that got no response.

    A ConnectionFailed, where another try may get one. seconds is the timeout of the request.
    """
    kind = kind_of_failure(error)
    if kind is Failure.TLS:
        return tls_error(error, origin(url), options.verify, options.cert)
    if kind is Failure.PROXY or (kind in _NO_CONNECTION and proxy_for(url)):
        return proxy_failure(error, url, describe_cause(error))
    text = _TEXTS[kind]
    message = text.message.format(
        url=mask(url),
        server=origin(url),
        host=_host(url),
        time=counted(seconds, "second"),
        cause=describe_cause(error),
    )
    hint: Hint | str = text.hint
    if kind in _DOWN and options.no_answer_hint:
        hint = options.no_answer_hint
    return text.error_class(message, hint=hint, code=text.code)


def transfer_error(
    error: BaseException, url: str, seconds: float, options: ClientOptions
) -> GlanceError:
    """Returns the error for a transfer that failed, at the beginning or while data was moving.

    seconds is how long it may stall.
    """
    if kind_of_failure(error) in _BEFORE_DATA:
        return connection_error(error, url, seconds, options)
    return interruption(error, url, seconds)


def interruption(error: BaseException, url: str, seconds: float) -> GlanceError:
    """Returns the error for a connection that broke while data was moving."""
    if kind_of_failure(error) is Failure.TIMEOUT:
        return Stalled(
            f"no data to or from {mask(url)} for {seconds:g} s",
            hint="Use --stall-timeout to wait longer.",
        )
    if isinstance(error, http.client.IncompleteRead):
        return ConnectionFailed(
            f"the connection to {mask(url)} was closed with {_missing(error)} missing"
        )
    return ConnectionFailed(f"the connection to {mask(url)} broke{describe_cause(error)}")


def describe_cause(error: BaseException) -> str:
    """Returns the innermost cause that has words as the end of a sentence, "" without any."""
    for cause in reversed(causes(error)):
        words = _cause_in_words(cause)
        if words:
            return f": {words}"
    return ""


def _cause_in_words(cause: BaseException) -> str:
    if isinstance(cause, ssl.SSLError):
        return handshake_reason(cause)
    for kind, words in _CAUSES:
        if isinstance(cause, kind) and not getattr(cause, "strerror", None):
            return words
    if isinstance(cause, OSError) and cause.strerror:
        return cause.strerror.lower()
    return ""


def _missing(error: http.client.IncompleteRead) -> str:
    if error.expected:
        return counted(error.expected, "byte")
    return "data"


def _host(url: str) -> str:
    """Returns the host of a URL without its port."""
    return re.sub(r":\d*$", "", host_and_port(url))
