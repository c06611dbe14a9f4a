"""Responses of services, and the errors that they stand for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, NamedTuple

from glancecli.errors import BY_STATUS, Code, GlanceError, Hint, HttpError, Subject
from glancecli.masking import mask
from glancecli.text import counted

READ_BODY = 65536  # bytes of an error's body that are looked at
LONGEST_NUMBER = 20  # digits
FOREIGN_PAGE = "The page is not the service's: a firewall or gateway on the way may have sent it."

# The codec utf-8-sig, which removes it too, costs an import.
BYTE_ORDER_MARK = b"\xef\xbb\xbf"

MISSING = object()

# Headers by which a service names the request in its logs.
REQUEST_ID_HEADERS = ("X-Openstack-Request-Id", "X-Compute-Request-Id")


class Response(NamedTuple):
    """A service's response: status, headers (case does not matter) and the whole body."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str

    def json(self) -> Any:
        """Returns the body as JSON. Raises GlanceError for anything else, such as a login page."""
        try:
            return parse_json(self.body)
        except ValueError:
            if self.body.lstrip()[:1] in (b"{", b"["):
                raise unexpected_response(self.url, "valid JSON") from None
            raise self._not_openstack() from None

    def _not_openstack(self) -> GlanceError:
        """Returns the error for a body of something else than an OpenStack service."""
        from glancecli.transport.service_messages import describe_page

        page = describe_page(beginning(self.body))
        return GlanceError(
            f"{self.url} is not an OpenStack service: it returned {page}",
            hint=join_hints("Check the endpoint.", proxy_hint(self.url)),
            code=Code.SERVICE,
        )

    def object(self, key: str | None = None) -> dict[str, Any]:
        """Returns the body as a JSON object, or the object under key. Raises GlanceError for any
        other shape.
        """
        document = self.json()
        if key is not None and isinstance(document, dict):
            document = document.get(key)
        if isinstance(document, dict):
            return document
        expected = "a JSON object"
        if key is not None:
            expected = f'a JSON object with "{key}"'
        raise unexpected_response(self.url, expected)

    def rows(self, key: str) -> list[dict[str, Any]]:
        """Returns the list of JSON objects under key. Raises GlanceError for any other shape."""
        return rows_under(key, self.object(), self.url)


def rows_under(key: str, document: Mapping[str, Any], url: str) -> list[dict[str, Any]]:
    """Returns the list of JSON objects under key; null is a list without any. Raises GlanceError
    for any other shape.
    """
    rows = document.get(key, MISSING)
    if rows is None:
        return []
    if isinstance(rows, list) and all(isinstance(row, dict) for row in rows):
        return rows
    raise unexpected_response(url, f"a list of {key}")


def parse_json(body: bytes) -> Any:
    """Returns the JSON value in a body, in which every text can be encoded again. Raises ValueError
    for anything else, such as values that are nested too deep.
    """
    text = body.removeprefix(BYTE_ORDER_MARK).decode()
    try:
        document = json.loads(text, parse_constant=_refuse_constant)
        if "\\u" in text and ("\\ud" in text or "\\uD" in text):
            document = _without_surrogates(document)
    except RecursionError:
        raise ValueError("nested too deep") from None
    return document


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _without_surrogates(value: Any) -> Any:
    """Returns a JSON value with halves of surrogate pairs, which no text may have, replaced."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_without_surrogates(item) for item in value]
    if isinstance(value, dict):
        return {_without_surrogates(key): _without_surrogates(item) for key, item in value.items()}
    return value


def unexpected_response(url: str, expected: str) -> GlanceError:
    """Returns the error for a response that is not what was expected."""
    return GlanceError(f"unexpected response from {url}: not {expected}", code=Code.SERVICE)


def http_error(response: Response, subject: Subject | None = None) -> GlanceError:
    """Returns the error that a response stands for."""
    target = response.headers.get("Location")
    if 300 <= response.status < 400 and target:
        return GlanceError(
            f"{response.url} redirects to {mask(target)}; tokens are not sent to another address",
            hint=join_hints(
                "If that is the service, give it as the endpoint.", proxy_hint(response.url)
            ),
            code=Code.SERVICE,
        )
    text = service_message(response)
    message, hint, code = _explain(response, text, subject)
    error_class = BY_STATUS.get(response.status, HttpError)
    error = error_class(
        message,
        subject=subject,
        status=response.status,
        hint=hint,
        request_id=request_id(response.headers),
        service_message=text,
        retry_after=retry_after(response.headers),
        code=code,
    )
    if error.retry_after:
        error.with_context(f"the service asks to wait {counted(error.retry_after, 'second')}")
    return error


def service_message(response: Response) -> str:
    """Returns the service's own words for an error, on one line."""
    from glancecli.transport.service_messages import own_words

    text = beginning(response.body)
    try:
        document = parse_json(text.encode())
    except ValueError:
        document = None
    return own_words(response.status, text, document)


def _explain(
    response: Response, text: str, subject: Subject | None
) -> tuple[str, Hint | str, Code | None]:
    """Returns what a service's message means, what to do, and a code where the message decides."""
    is_foreign = bool(foreign_page(response.headers, response.body))
    if response.status != HTTPStatus.FORBIDDEN:
        if is_foreign:
            return text, proxy_hint(response.url), None
        return text, "", None
    from glancecli.transport.policy import ADMINISTRATOR, explain_refusal

    refusal = explain_refusal(text, subject)
    if refusal.hint == ADMINISTRATOR and is_foreign:
        return text, proxy_hint(response.url) or FOREIGN_PAGE, None
    return refusal


def proxy_hint(url: str) -> str:
    """Returns what names the proxy in front of a service, "" where there is none."""
    from glancecli.transport.proxies import proxy_for

    proxy = proxy_for(url)
    if proxy is None:
        return ""
    return f"The request went through the proxy {proxy}, which may have sent this response."


def join_hints(*hints: str) -> str:
    """Returns the hints that say something, as one text."""
    return " ".join(filter(None, hints))


def request_id(headers: Mapping[str, str]) -> str:
    """Returns the service's name for a request, "" when it has none."""
    for name in REQUEST_ID_HEADERS:
        if headers.get(name):
            return headers[name]
    return ""


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Returns the delay in seconds that the service asks for, None when it asks for none.

    Retry-After may also be a date (RFC 9110), which OpenStack does not use.
    """
    seconds = parse_count(headers.get("Retry-After", ""))
    if seconds is None:
        return None
    return float(seconds)


def parse_count(text: str) -> int | None:
    """Returns the number of seconds or bytes in a header, None for anything else."""
    if text.isascii() and text.isdigit() and len(text) < LONGEST_NUMBER:
        return int(text)
    return None


def is_from_elsewhere(response: Response) -> bool:
    """Returns whether a response cannot be the service's: a redirect or a foreign web page."""
    if 300 <= response.status < 400 and response.headers.get("Location"):
        return True
    return bool(foreign_page(response.headers, response.body))


def foreign_page(headers: Mapping[str, str], body: bytes) -> str:
    """Returns a description of a web page that an OpenStack service does not send, "" for anything
    else.
    """
    text = beginning(body)
    if not text.lstrip().startswith("<") or request_id(headers):
        return ""
    from glancecli.transport.service_messages import describe_page, is_foreign_page

    if not is_foreign_page(text):
        return ""
    return describe_page(text)


def beginning(body: bytes) -> str:
    """Returns the part of an error's body that is looked at, as text."""
    return body[:READ_BODY].decode("utf-8", "replace")
