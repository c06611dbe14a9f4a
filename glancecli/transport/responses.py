"""Responses of services, and the errors that they stand for."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, NamedTuple

from glancecli.errors import BY_STATUS, GlanceError, Hint, HttpError, Subject
from glancecli.masking import mask

READ_BODY = 65536  # bytes of an error's body that are looked at
LONGEST_MESSAGE = 600  # characters of a service's message that are shown
LONGEST_TITLE = 120
LONGEST_NUMBER = 20  # digits
LONGEST_SCHEMA_ERROR = 16384  # characters of a message that names a schema
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
            raise GlanceError(
                f"{self.url} is not an OpenStack service: it returned {describe_page(self.body)}",
                hint=join_hints("Check the endpoint.", proxy_hint(self.url)),
            ) from None

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
        if "\\ud" in text or "\\uD" in text:
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
    return GlanceError(f"unexpected response from {url}: not {expected}")


def http_error(response: Response, subject: Subject | None = None) -> GlanceError:
    """Returns the error that a response stands for."""
    target = response.headers.get("Location")
    if 300 <= response.status < 400 and target:
        return GlanceError(
            f"{response.url} redirects to {mask(target)}; tokens are not sent to another address",
            hint=join_hints(
                "If that is the service, give it as the endpoint.", proxy_hint(response.url)
            ),
        )
    text = service_message(response)
    message, hint = _explain(response, text, subject)
    error_class = BY_STATUS.get(response.status, HttpError)
    error = error_class(
        message,
        subject=subject,
        status=response.status,
        hint=hint,
        request_id=request_id(response.headers),
        service_message=text,
        retry_after=retry_after(response.headers),
    )
    if error.retry_after:
        error.with_context(f"the service asks to wait {error.retry_after:g} seconds")
    return error


def _explain(response: Response, text: str, subject: Subject | None) -> tuple[str, Hint | str]:
    """Returns what a service's message means, and what to do."""
    is_foreign = bool(foreign_page(response.headers, response.body))
    if response.status != HTTPStatus.FORBIDDEN:
        if is_foreign:
            return text, proxy_hint(response.url)
        return text, ""
    from glancecli.transport.policy import ADMINISTRATOR, explain_refusal

    refusal = explain_refusal(text, subject)
    if refusal.hint == ADMINISTRATOR and is_foreign:
        return text, proxy_hint(response.url) or FOREIGN_PAGE
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


_ASCII_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}

# Sentences of webob that say nothing beyond the status, when another sentence follows.
_NOISE = re.compile(
    r"^(the server could not comply with the request since it is either malformed"
    r" or otherwise incorrect\."
    r"|the resource could not be found\."
    r"|access was denied to this resource\."
    r"|there was a conflict when trying to complete your request\."
    r"|the request media type \S+ is not supported by this server\."
    r"|this server could not verify that you are authorized to access the document you requested\."
    r".*?browser does not understand how to supply the credentials required\."
    r")\s*(?=\S)",
    re.IGNORECASE | re.DOTALL,
)

# How Glance says that a value is not allowed: the value, its whole schema, and at the end where it
# is: ``['properties']['disk']['type']``, nothing for the whole.
_SCHEMA_ERROR = re.compile(
    r"^Provided object does not match schema '\w+': (?P<fault>.*?)"
    r" Failed validating '(?P<rule>\w+)' (?P<schema>.*) On instance(?P<place>(?:\[[^\]]*\])*):.*"
)

# The error page that a service itself writes for clients that accept HTML. A page of a proxy has
# other tags, or no <br />.
_PAGE_OF_SERVICE = re.compile(
    r"<title>(?P<title>[^<]*)</title>\s*</head>\s*<body>\s*<h1>(?P=title)</h1>"
    r"(?P<message>[^<]*<br />(?:[^<]|<br />)*)</body>"
)


def service_message(response: Response) -> str:
    """Returns the service's own words in an error's body, on one line.

    The body may be JSON of any OpenStack service, HTML or text.
    """
    text = _decode(response.body)
    document = _json_object(text)
    if document is not None:
        if document.keys() & {"versions", "choices"}:
            return "the path of the endpoint is wrong: the service returned its list of versions"
        text = _message_in(document) or text
    elif re.search(r"<html|<!doctype", text, re.IGNORECASE):
        page = _PAGE_OF_SERVICE.search(text)
        if page is None:
            return describe_page(response.body)
        text = page["message"]
    text = _NOISE.sub("", text_of_markup(text))
    text = _SCHEMA_ERROR.sub(_explain_schema_error, text[:LONGEST_SCHEMA_ERROR])
    return mask(text)[:LONGEST_MESSAGE] or _reason_phrase(response.status)


def _decode(body: bytes) -> str:
    return body[:READ_BODY].decode("utf-8", "replace")


def _json_object(text: str) -> dict[str, Any] | None:
    """Returns the text as a JSON object, None when it is not one."""
    try:
        document = parse_json(text.encode())
    except ValueError:
        return None
    if not isinstance(document, dict):
        return None
    return document


def _message_in(document: dict[str, Any]) -> str:
    """Returns the message in an error document, which Nova and Keystone wrap in one more object."""
    fault = document
    for value in document.values():
        if isinstance(value, dict):
            fault = value
            break
    for key in ("message", "title", "faultstring"):
        if fault.get(key):
            return str(fault[key])
    return ""


def _explain_schema_error(found: re.Match[str]) -> str:
    """Returns which attribute has which wrong value, in words and with a long value shortened."""
    fault = re.sub(r"^'([^']{40})[^']{10,}'", r"'\1...'", found["fault"])
    fault = _without_list_notation(fault)
    if "{8}-" in fault:
        fault = re.sub(r"does not match '.*'$", "is not a UUID", fault)
    else:
        fault = re.sub(r"does not match '.*'$", "does not have the required form", fault)
    longest = re.search(r"'maxLength': (\d+)", found["schema"])
    if longest is not None and found["rule"] == "maxLength":
        fault += f" (at most {longest[1]} characters)"
    place = re.sub(r"\]\[", ".", found["place"].strip("[]")).replace("'", "")
    if not place:
        return fault
    return f"{place}: {fault}"


def _without_list_notation(fault: str) -> str:
    """Returns a fault with the allowed values separated by commas, and not as a Python list."""
    allowed = re.search(r"(?<= is not one of )\[.*\]$", fault)
    if allowed is None:
        return fault
    values = re.findall(r"'([^']*)'", allowed[0])
    return fault[: allowed.start()] + ", ".join(values)


def _reason_phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "the service refused"


def text_of_markup(markup: str) -> str:
    """Returns text without HTML tags and entities, on one line."""
    for tag in ("script", "style"):
        markup = _without_elements(markup, tag)
    text = re.sub(r"<br\s*/?>|</?p>|</h\d>|</title>", " ", markup, flags=re.IGNORECASE)
    text = re.sub(r"</?[A-Za-z!][^<>]*>", "", text)
    if "&" in text:
        from html import unescape

        text = unescape(text)
    return " ".join(text.split())


def _without_elements(markup: str, tag: str) -> str:
    """Returns markup without these elements; one without an end reaches to the end of the text."""
    begin, end = f"<{tag}", f"</{tag}>"
    lower = _lower(markup)
    kept = []
    position = 0
    while (start := lower.find(begin, position)) >= 0:
        kept.append(markup[position:start])
        stop = lower.find(end, start)
        if stop < 0:
            return "".join(kept)
        position = stop + len(end)
    kept.append(markup[position:])
    return "".join(kept)


def _lower(text: str) -> str:
    """Returns text in lower case, of the same length."""
    return text.translate(_ASCII_LOWER)


def is_from_elsewhere(response: Response) -> bool:
    """Returns whether a response cannot be the service's: a redirect or a foreign web page."""
    if 300 <= response.status < 400 and response.headers.get("Location"):
        return True
    return bool(foreign_page(response.headers, response.body))


def foreign_page(headers: Mapping[str, str], body: bytes) -> str:
    """Returns a description of a web page that an OpenStack service does not send, "" for anything
    else.
    """
    if not body[:READ_BODY].lstrip().startswith(b"<"):
        return ""
    text = _decode(body)
    is_page = re.search(r"<html|<!doctype", text, re.IGNORECASE) is not None
    if not is_page or request_id(headers) or _PAGE_OF_SERVICE.search(text):
        return ""
    return describe_page(body)


def describe_page(body: bytes) -> str:
    """Returns a web page by its title, other text by its beginning."""
    text = _decode(body)
    title = _element(text, "title") or _element(text, "h1")
    if title:
        return f'a web page titled "{mask(title)[:LONGEST_TITLE]}"'
    beginning = text_of_markup(text)[:LONGEST_TITLE]
    return mask(beginning) or "an empty response"


def _element(page: str, tag: str) -> str:
    """Returns the text of the first such element of a web page, "" without one."""
    lower = _lower(page)
    start = lower.find(f"<{tag}")
    begin = page.find(">", start)
    end = lower.find(f"</{tag}>", begin)
    if -1 in (start, begin, end):
        return ""
    return text_of_markup(page[begin + 1 : end])
