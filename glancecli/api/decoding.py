"""What services answer, with the fields and types that this program works with: one decoder for
each kind of answer.

Services of 2014, and services that are not OpenStack's, leave out fields and give others another
type. A decoder gives each field its type, or its default. It raises GlanceError where an answer
cannot be used at all: without an ID, or with one that would be something else in a path.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from glancecli.image import IMAGE_ID, Image
from glancecli.transport.responses import unexpected_response

if TYPE_CHECKING:
    from glancecli.api.interfaces import Definition, Info, Member

Row = Mapping[str, Any]  # a JSON object of an answer

LARGEST_NUMBER = 2**63 - 1
DEEPEST = 8  # levels of lists and objects in an answer that is shown as it is
UNKNOWN = "unknown"  # the status of an image whose service shows none
TRUE_WORDS = frozenset({"true", "1", "yes", "on", "t", "y"})


# Single values ------------------------------------------------------------------------------------


def text(value: Any) -> str | None:
    """The value as a text: numbers and booleans as Python writes them, lists and objects as JSON.

    Properties are texts, and a service takes them as nothing else. None stays None.
    """
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, list | dict):
        return _json_text(value)
    return str(value)


def number(value: Any) -> int | None:
    """The value as a number that is not negative, which may be written as a text; else None."""
    if type(value) is int and 0 <= value <= LARGEST_NUMBER:
        return value  # the usual case, of which a list has tens of thousands
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    if not 0 <= value <= LARGEST_NUMBER:
        return None
    return value


def truth(value: Any) -> bool:
    """The value as a boolean, which may be written as a text or a number."""
    if value is True or value is False:
        return value
    return str(value).lower() in TRUE_WORDS


def texts(value: Any) -> list[str]:
    """The value as a list of texts, none for anything that is not a list."""
    if not isinstance(value, list):
        return []
    for item in value:
        if type(item) is not str:
            return [text(each) or "" for each in value]
    return value


def bounded(value: Any, depth: int = DEEPEST) -> Any:
    """A JSON value as it is, but for what lies deeper than this: that becomes a text."""
    if not isinstance(value, list | dict):
        return value
    if not depth:
        return _json_text(value)
    if isinstance(value, list):
        return [bounded(item, depth - 1) for item in value]
    return {key: bounded(item, depth - 1) for key, item in value.items()}


def _json_text(value: Any) -> str:
    try:
        return json.dumps(value, ensure_ascii=False)
    except RecursionError:
        return ""


def _count(value: Any) -> int:
    return number(value) or 0


def _locations(value: Any) -> list[dict[str, Any]] | None:
    """Locations: each has a URL and metadata; anything else is left out. None for no list."""
    if not isinstance(value, list):
        return None
    found = []
    for location in value:
        if isinstance(location, dict) and isinstance(location.get("url"), str):
            metadata = location.get("metadata")
            if not isinstance(metadata, dict):
                metadata = {}
            found.append({**bounded(location), "metadata": bounded(metadata)})
    return found


# Images -------------------------------------------------------------------------------------------

# Attributes of an image that are not texts.
CONVERTERS: Mapping[str, Callable[[Any], Any]] = {
    "size": number,
    "virtual_size": number,
    "min_disk": _count,
    "min_ram": _count,
    "protected": truth,
    "os_hidden": truth,
    "deleted": truth,
    "is_public": truth,
    "tags": texts,
    "locations": _locations,
}

Converters = list[tuple[str, Callable[[Any], Any]]]  # of the fields with these keys

# Types whose values a converter leaves as they are.
UNCHANGED: Mapping[Callable[[Any], Any], tuple[type, ...]] = {
    text: (str, type(None)),
    truth: (bool,),
    number: (type(None),),
}


def image(row: dict[str, Any], url: str) -> Image:
    """The row of an answer as an image of Images v2. url is named in the error for one without a
    usable ID.
    """
    [found] = images([row], url)
    return found


def images(rows: list[dict[str, Any]], url: str) -> list[Image]:
    """The rows of a list as images.

    The rows themselves become the images: a list may have a hundred thousand, most of them right.
    """
    is_id = re.compile(IMAGE_ID).fullmatch
    keys: list[str] = []
    types: list[type] = []
    converters: Converters = []
    for row in rows:
        own_keys = [*row]
        own_types = [*map(type, row.values())]
        if own_keys != keys or own_types != types:
            keys, types = own_keys, own_types
            converters = _converters(tuple(keys), tuple(types))
        for key, convert in converters:
            row[key] = convert(row[key])
        value = row.get("id")
        if type(value) is not str or not is_id(value):
            row["id"] = image_id(value, url)
        _complete(row)
    return rows


def _complete(row: Image) -> None:
    """Adds every attribute that an image must have."""
    row.setdefault("name", None)
    row["status"] = row.get("status") or UNKNOWN
    row.setdefault("tags", [])
    if "locations" in row and row["locations"] is None:
        del row["locations"]  # as where the cloud shows none


@lru_cache(maxsize=256)
def _converters(keys: tuple[str, ...], types: tuple[type, ...]) -> Converters:
    """Returns the fields of such a row that have to be converted. Most rows of a list have the same
    fields, with values of the same types.
    """
    found = []
    for key, kind in zip(keys, types, strict=True):
        convert: Callable[[Any], Any] = CONVERTERS.get(key, text)
        if kind not in UNCHANGED.get(convert, ()):
            found.append((key, convert))
    return found


def image_id(value: Any, url: str) -> str:
    """The ID of an image. Raises GlanceError for what cannot be one: it becomes a part of paths,
    file names and commands.
    """
    if isinstance(value, int):
        value = str(value)
    if not isinstance(value, str) or not re.fullmatch(IMAGE_ID, value):
        raise unexpected_response(url, "an image with a valid ID")
    return value


def nova_image(row: Row, url: str) -> Image:
    """An image as Nova's proxy shows it."""
    found = {key: bounded(value) for key, value in row.items() if key != "links"}
    found["id"] = image_id(row.get("id"), url)
    found["name"] = text(row.get("name"))
    for key in ("status", "created", "updated"):
        if key in row:
            found[key] = text(row[key])
    for key in ("minDisk", "minRam", "progress", "OS-EXT-IMG-SIZE:size"):
        if key in row:
            found[key] = _count(row[key])
    metadata = found.pop("metadata", None)
    if isinstance(metadata, dict):
        found["metadata"] = {key: text(value) for key, value in metadata.items()}
    server = found.pop("server", None)
    if isinstance(server, dict):
        found["server"] = {"id": text(server.get("id"))}
    return found


# Everything else ----------------------------------------------------------------------------------


def member(row: Row, **known: str) -> Member:
    """A member of an image; known is what the request says about it."""
    found = {key: bounded(value) for key, value in row.items()}
    for key in ("member_id", "image_id"):
        found[key] = known.get(key) or text(row.get(key)) or ""
    if "can_share" in row:
        found["can_share"] = truth(row["can_share"])
    return found


def info(row: Row) -> Info:
    """What a service says about itself, a task or a store: shown as it is."""
    return {key: bounded(value) for key, value in row.items()}


def task(row: Row) -> Info:
    """A task of the service."""
    found = info(row)
    for key in ("id", "status", "created_at", "message"):
        if key in row:
            found[key] = text(row[key])
    return found


def definition(row: Row) -> Definition:
    """A metadata definition, and the definitions in it."""
    found = info(row)
    for key in ("namespace", "name"):
        if key in row:
            found[key] = text(row[key]) or ""
    for key in ("objects", "tags", "resource_type_associations"):
        if key in row:
            found[key] = definitions(row[key])
    properties = found.get("properties")
    if properties is not None and not isinstance(properties, dict):
        del found["properties"]
    return found


def definitions(rows: Any) -> list[Definition]:
    """Metadata definitions that are objects with a name; anything else is left out."""
    if not isinstance(rows, list):
        return []
    return [definition(row) for row in rows if isinstance(row, dict) and "name" in row]


def server(row: Row) -> Info:
    """A server of the Compute service."""
    found = info(row)
    for key in ("id", "name", "status"):
        found[key] = text(row.get(key)) or ""
    return found


def project(row: Row) -> dict[str, str]:
    """A project or a domain of the Identity service: id, name, domain_id."""
    return {key: text(row.get(key)) or "" for key in ("id", "name", "domain_id")}
