"""What services answer, and what it means in words for people."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import requests
from urllib3.exceptions import NewConnectionError

from glancecli.errors import (
    BY_STATUS,
    ConnectionFailed,
    GlanceError,
    Hint,
    HttpError,
    Subject,
    Unreachable,
)
from glancecli.masking import mask, origin
from glancecli.transport.policy import explain_refusal
from glancecli.transport.session import innermost, tls_failed

if TYPE_CHECKING:
    from glancecli.transport.options import ClientOptions


class Response(NamedTuple):
    """What a service said: status, headers (case does not matter) and the whole body."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str

    def json(self) -> Any:
        """The body as JSON; a page of HTML with status 200 (a login page, a proxy) is an error."""
        try:
            return json.loads(self.body)
        except ValueError:
            raise GlanceError(
                f"{self.url} did not answer as an OpenStack service: {_describe(self.body)}",
                hint="Check the endpoint and the proxy variables.",
            ) from None

    def object(self, key: str | None = None) -> dict[str, Any]:
        """The body as a JSON object, or the object under key. Any other shape is an error."""
        found = self.json()
        if key is not None and isinstance(found, dict):
            found = found.get(key)
        if not isinstance(found, dict):
            raise GlanceError(f"{self.url} answered JSON of an unexpected shape")
        return found


def failure(answer: Response, subject: Subject | None = None) -> GlanceError:
    """The error that an answer stands for, in words for people."""
    request_id = answer.headers.get("X-Openstack-Request-Id", "") or answer.headers.get(
        "X-Compute-Request-Id", ""
    )
    if 300 <= answer.status < 400 and answer.headers.get("Location"):
        target = mask(answer.headers["Location"])
        return GlanceError(
            f"{answer.url} redirects to {target}, and redirects are not followed with a token",
            hint="If that is the service, name it as the endpoint.",
        )
    service_message = explain(answer)
    message: str = service_message
    hint: str | Hint = ""
    if answer.status == 403:
        message, hint = explain_refusal(service_message, subject)
    error_class = BY_STATUS.get(answer.status, HttpError)
    return error_class(
        message,
        subject=subject,
        status=answer.status,
        hint=hint,
        request_id=request_id,
        service_message=service_message,
        retry_after=retry_after(answer.headers),
    )


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that the service asks us to wait (Retry-After as a number; a date is not used by
    OpenStack).
    """
    value = headers.get("Retry-After", "")
    return float(value) if value.isdigit() else None


_NOISE = re.compile(
    r"^(the server could not comply with the request since it is either malformed or otherwise incorrect\.|"
    r"the resource could not be found\.|access was denied to this resource\.|"
    r"there was a conflict when trying to complete your request\.|"
    r"the request media type \S+ is not supported by this server\.|"
    r"this server could not verify that you are authorized to access the document you requested\..*?browser "
    r"does not understand how to supply the credentials required\.)\s*(?=\S)",
    re.IGNORECASE | re.DOTALL,
)


# How Glance says that a value is not allowed: the value, its whole schema, and at the end whose
# value it is.
_SCHEMA = re.compile(
    r"^Provided object does not match schema '\w+': (.*?) Failed validating (.*) On instance\['(.*?)'\].*"
)


# The page that a service itself writes for whoever takes HTML; a proxy's has other tags, or no <br
# />.
_OWN_PAGE = re.compile(
    r"<title>(?P<title>[^<]*)</title>\s*</head>\s*<body>\s*<h1>(?P=title)</h1>"
    r"(?P<said>[^<]*<br />(?:[^<]|<br />)*)</body>"
)


def _fault(found: re.Match[str]) -> str:
    """What is wrong with whose value, without the notation of schemas and with a long value cut."""
    fault, schema, key = found.groups()
    fault = re.sub(r"^'([^']{40})[^']{10,}'", r"'\1...'", fault)
    listed = re.search(r"(?<= is not one of )\[.*\]$", fault)
    if listed:
        fault = fault[: listed.start()] + ", ".join(re.findall(r"'([^']*)'", listed[0]))
    form = "is no UUID" if "{8}-" in fault else "is not of the form that the service wants"
    fault = re.sub(r"does not match '.*'$", form, fault)
    most = re.search(r"'maxLength': (\d+)", schema)
    return f"{key}: {fault}" + (f", {most[1]} characters are the most" if most else "")


def explain(answer: Response) -> str:
    """The service's own words in an error body (JSON of any OpenStack shape, HTML or text), on one
    line.
    """
    text = answer.body[:65536].decode("utf-8", "replace")
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if isinstance(found, dict):
        if found.keys() & {"versions", "choices"}:
            return "the endpoint's path is wrong, the service answers with the versions that it has"
        nested = next((v for v in found.values() if isinstance(v, dict)), found)
        text = str(
            nested.get("message") or nested.get("title") or nested.get("faultstring") or text
        )
    elif re.search(r"<html|<!doctype", text, re.IGNORECASE):
        own = _OWN_PAGE.search(text)
        if not own:
            return _describe(answer.body) or _phrase(answer.status)
        text = own["said"]
    text = plain(text)
    text = _SCHEMA.sub(_fault, _NOISE.sub("", text))
    return mask(text[:600]) or _phrase(answer.status)


def _phrase(status: int) -> str:
    from http.client import responses

    return responses.get(status, "the service refused")


def plain(markup: str) -> str:
    """Text without HTML tags and entities, on one line."""
    text = re.sub(r"<br\s*/?>|</?p>|</h\d>|</title>", " ", markup, flags=re.IGNORECASE)
    text = re.sub(
        r"<(script|style)\b.*?</\1>|</?[A-Za-z!][^<>]*>", "", text, flags=re.IGNORECASE | re.DOTALL
    )
    if "&" in text:
        from html import unescape

        text = unescape(text)
    return " ".join(text.split())


def _describe(body: bytes) -> str:
    """A page of HTML by its title, other text by its beginning."""
    text = body[:65536].decode("utf-8", "replace")
    title = re.search(r"<title[^>]*>(.*?)</title>", text, re.IGNORECASE | re.DOTALL)
    heading = re.search(r"<h1[^>]*>(.*?)</h1>", text, re.IGNORECASE | re.DOTALL)
    found = plain((title or heading).group(1)) if (title or heading) else ""  # type: ignore[union-attr]
    return mask(
        f'a web page titled "{found[:120]}"' if found else plain(text)[:120] or "an empty answer"
    )


def connection_failed(
    error: Exception, url: str, timeout: float, options: ClientOptions
) -> GlanceError:
    """The sentence for a request that got no answer; ConnectionFailed where another try may get
    one.
    """
    where = origin(url)
    if isinstance(error, ValueError):
        return GlanceError(
            f"{mask(url)} is no http or https URL",
            hint="Check the endpoint: --os-image-url, or the catalog.",
        )
    if isinstance(error, requests.exceptions.SSLError) or "verify failed" in str(error):
        return tls_failed(error, where, options.verify, options.cert)
    if isinstance(error, requests.exceptions.ProxyError):
        return Unreachable(
            f"no connection to {where} through the proxy",
            hint="Check HTTPS_PROXY, HTTP_PROXY and NO_PROXY.",
        )
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return Unreachable(
            f"no connection to {where}: it did not answer in time",
            hint="Is it up, and reachable from here?",
        )
    if isinstance(error, requests.exceptions.Timeout):
        return ConnectionFailed(
            f"{where} did not answer within {timeout:g} seconds", hint="--timeout gives it longer."
        )
    never = isinstance(
        getattr(error.args[0] if error.args else None, "reason", None), NewConnectionError
    )
    return (Unreachable if never else ConnectionFailed)(
        f"no connection to {where}: {reason(error)}",
        hint=options.no_answer_hint or "Is the service up, and reachable from here?",
    )


def reason(error: BaseException) -> str:
    """The innermost cause of a failed connection in plain words."""
    error = innermost(error)
    if isinstance(error, OSError) and error.strerror:
        return re.sub(r"^\[[^]]*\] | \(_ssl.*\)$", "", error.strerror).lower()
    return mask(re.sub(r"^<[^>]*>:?\s*", "", str(error))) or type(error).__name__
