"""What a service says in the body of an error: its own words, or a web page's."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Any

from glancecli.masking import mask

LONGEST_MESSAGE = 600  # characters of a service's message that are shown
LONGEST_TITLE = 120
LONGEST_SCHEMA_ERROR = 16384  # characters of a message that names a schema

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


def own_words(status: int, text: str, document: Any) -> str:
    """Returns the service's own words in an error's body, on one line.

    The text of the body may be JSON of any OpenStack service, HTML or anything else. document is
    its JSON value, None for what is none.
    """
    if isinstance(document, dict):
        if document.keys() & {"versions", "choices"}:
            return "the path of the endpoint is wrong: the service returned its list of versions"
        text = _message_in(document) or text
    elif re.search(r"<html|<!doctype", text, re.IGNORECASE):
        page = _PAGE_OF_SERVICE.search(text)
        if page is None:
            return describe_page(text)
        text = page["message"]
    text = _NOISE.sub("", text_of_markup(text))
    text = _SCHEMA_ERROR.sub(_explain_schema_error, text[:LONGEST_SCHEMA_ERROR])
    return mask(text)[:LONGEST_MESSAGE] or _reason_phrase(status)


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


def is_foreign_page(text: str) -> bool:
    """Returns whether a text is a web page that no OpenStack service writes."""
    is_page = re.search(r"<html|<!doctype", text, re.IGNORECASE) is not None
    return is_page and _PAGE_OF_SERVICE.search(text) is None


def describe_page(text: str) -> str:
    """Returns a web page by its title, other text by its beginning."""
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
