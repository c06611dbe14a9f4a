"""Errors of an identity provider, in a federated login: OpenID Connect, SAML, Kerberos.

Its refusals are those of OAuth 2.0 (RFC 6749, section 5.2): an error code and a description.
"""

from __future__ import annotations

from typing import Any

from keystoneauth1 import exceptions as ksa

from glancecli.auth.login_words import FailedLogin, Words, error_by_words
from glancecli.errors import ConnectionFailed, GlanceError
from glancecli.masking import mask, without_credentials
from glancecli.transport.responses import beginning
from glancecli.transport.service_messages import describe_page

_REFUSED = Words("The identity provider at {provider} refused the login: {reason}")
_NO_DISCOVERY = Words(
    "The discovery document of the identity provider cannot be read: {provider}",
    "Check --os-discovery-endpoint (OS_DISCOVERY_ENDPOINT, discovery_endpoint in clouds.yaml).",
)
_FAILED = Words("The identity provider at {provider} failed: {reason}", "{when}", ConnectionFailed)
_OTHER_FAILURE = Words("The login with the identity provider at {provider} failed: {text}")
_UNEXPECTED = Words(
    "Unexpected response from the identity provider at {provider}.",
    "Check the endpoints of the identity provider.",
)


def provider_refusal(failed: FailedLogin) -> GlanceError:
    """Returns the error for a login that failed at the identity provider."""
    words = _REFUSED
    if not isinstance(failed.error, ksa.HttpError):
        words = _OTHER_FAILURE
    if failed.url == failed.settings.auth.get("discovery_endpoint"):
        words = _NO_DISCOVERY
    elif isinstance(failed.error, ksa.HttpServerError) or has_too_many_requests(failed.error):
        words = _FAILED
    return _error(words, failed)


def has_too_many_requests(error: Exception) -> bool:
    """Whether the response was HTTP 429; older releases of keystoneauth1 have no class for it."""
    return isinstance(error, ksa.HttpError) and error.http_status == 429


def unexpected_of_provider(failed: FailedLogin) -> GlanceError:
    """Returns the error for a response of the identity provider that is not what was expected."""
    if failed.url == failed.settings.auth.get("discovery_endpoint"):
        return _error(_NO_DISCOVERY, failed)
    return _error(_UNEXPECTED, failed)


def _error(words: Words, failed: FailedLogin) -> GlanceError:
    provider = without_credentials(failed.url)
    return error_by_words(words, failed, provider=provider, reason=_reason(failed.error))


def _reason(error: Any) -> str:
    """Returns the provider's reason on one line: its description and its code."""
    response = getattr(error, "response", None)
    if response is None:
        return "no reason given"
    try:
        document = response.json()
    except ValueError:
        document = None
    if not isinstance(document, dict):
        return describe_page(beginning(response.content))
    code = str(document.get("error") or "")
    description = str(document.get("error_description") or document.get("message") or "")
    text = description or code or "no reason given"
    if description and code:
        text = f"{description.rstrip('.')} ({code})"
    return " ".join(mask(text)[:600].split())
