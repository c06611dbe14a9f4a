"""An image as Images v1 writes it, in ``x-image-meta-*`` headers or JSON, and as we speak of it.

Values are raw UTF-8 in both directions: no v1 server decodes percent signs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from glancecli.errors import GlanceError, UsageError
from glancecli.image import BASE, Image

META = "x-image-meta-"
PROPERTY = "x-image-meta-property-"
PURGE = "x-glance-registry-purge-props"
COPY_FROM = "x-glance-api-copy-from"

# The longest header line that a v1 server takes, in bytes; a longer one is answered without a word.
MAX_LINE = 16384

TEXTS = ("id", "name", "status", "owner", "checksum", "container_format", "disk_format")
TIMES = ("created_at", "updated_at", "deleted_at")
NUMBERS = ("size", "virtual_size", "min_disk", "min_ram")
BOOLEANS = ("is_public", "protected", "deleted")

# What a request may say of an image, besides its properties.
SENT = frozenset(
    "id name owner store size checksum container_format disk_format min_disk min_ram protected "
    "visibility location copy_from".split()
)

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # a header's name (RFC 9110, 5.1)
_BLANKS = " \t\v\f"


class Record(NamedTuple):
    """An image as v1 knows it: its own attributes, and its properties apart from them."""

    base: dict[str, Any]
    properties: dict[str, str | None]

    @property
    def image(self) -> Image:
        """The image in the vocabulary of Images v2; is_public False is visibility shared."""
        base = dict(self.base)
        base["visibility"] = "public" if base.pop("is_public", False) else "shared"
        return {**self.properties, **base}


def from_headers(headers: Mapping[str, str]) -> Record:
    """The image that an answer's headers describe; what has no header is null.

    Property names come in title case, so they are taken in lower case, as v1 stores them.
    """
    found = {k.lower(): v for k, v in headers.items() if k.lower().startswith(META)}
    properties: dict[str, str | None] = {
        key[len(PROPERTY) :].replace("-", "_"): _utf8(value)
        for key, value in found.items()
        if key.startswith(PROPERTY)
    }
    base: dict[str, Any] = {}
    for key in (*TEXTS, *TIMES):
        value = found.get(META + key)
        base[key] = None if value is None else _utf8(value)
    for key in NUMBERS:
        value = found.get(META + key, "")
        base[key] = int(value) if value.isascii() and value.isdigit() else None
    for key in BOOLEANS:
        base[key] = found.get(META + key, "").lower() == "true"
    return Record(base, properties)


def from_json(image: Mapping[str, Any]) -> Record:
    """The image that a JSON body describes, as lists and the answers to POST and PUT hold it."""
    properties = image.get("properties") or {}
    return Record(
        {k: image.get(k) for k in (*TEXTS, *TIMES, *NUMBERS)}
        | {k: bool(image.get(k)) for k in BOOLEANS},
        dict(properties),
    )


def _utf8(value: str) -> str:
    """What the server sent: http.client reads headers as Latin-1, a v1 server writes UTF-8."""
    try:
        return value.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return value


def to_headers(fields: Mapping[str, Any], warn: Callable[[str], None]) -> dict[str, bytes]:
    """Headers that carry these fields.

    Raises UsageError for what v1 has no word for or would store changed; warns of property names
    that the server changes, with what they become.
    """
    if "copy_from" in fields or "location" in fields:
        from glancecli.api.sources import check_url

        for key, option in (("copy_from", "--copy-from"), ("location", "--location")):
            if key in fields:
                check_url(fields[key], option)
    headers: dict[str, bytes] = {}
    for key, value in fields.items():
        if key in ("tags", "os_hidden") and not value:
            continue  # what v1 has not is what is asked for
        name, text = (
            _base_header(key, value) if key in SENT else (_property_header(key, warn), _text(value))
        )
        if name in headers:
            raise UsageError(f"property '{key}' is given twice, as Images v1 spells it")
        headers[name] = _value(key, name, text)
    return headers


def restored(image_id: str, properties: Mapping[str, str | None]) -> dict[str, bytes]:
    """Headers that keep these properties of an image as they are when everything else is purged.

    Raises GlanceError for one that cannot pass through a v1 header unchanged.
    """
    headers = {}
    for key, value in properties.items():
        text = _text(value)
        named = _TOKEN.fullmatch(key) and stored_name(key) == key
        wrong = _wrong(PROPERTY + key, text) if named else "Images v1 would change its name"
        if wrong:
            raise GlanceError(
                f"image {image_id}: no property is removed, since the others have to be sent again, "
                f"and '{key}' cannot be ({wrong})",
                hint="Use the Images v2 API for this image.",
            )
        headers[PROPERTY + key] = text.encode()
    return headers


def stored_name(key: str) -> str:
    """What a v1 server makes of a property's name."""
    return key.lower().replace("-", "_")


def _base_header(key: str, value: Any) -> tuple[str, str]:
    if key == "visibility":
        if value not in ("public", "private", "shared"):
            raise UsageError(
                f"visibility '{value}' needs Images v2: v1 knows public, and private or shared"
            )
        return META + "is_public", str(value == "public")
    if key == "checksum":
        # The server compares text: capitals would count as another checksum.
        value = _md5_digest(str(value))
    return (COPY_FROM if key == "copy_from" else META + key), _text(value)


def _md5_digest(text: str) -> str:
    from glancecli.checksums import parse_checksum

    algorithm, digest = parse_checksum(text)
    if algorithm != "md5":
        raise UsageError("Images v1 keeps an MD5 checksum, which has 32 hexadecimal digits")
    return digest


def _property_header(key: str, warn: Callable[[str], None]) -> str:
    if key in BASE:
        raise UsageError(f"Images v1 has no {key}")
    if not _TOKEN.fullmatch(key):
        raise UsageError(
            f"property '{key}': Images v1 sends property names as header names, "
            "which are ASCII letters, digits and !#$%&'*+-.^_`|~"
        )
    stored = stored_name(key)
    if stored != key:
        warn(f"Images v1 stores property '{key}' as '{stored}'")
    return PROPERTY + stored


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _value(key: str, header: str, text: str) -> bytes:
    """The bytes of a header's value; what would arrive changed is refused."""
    wrong = _wrong(header, text)
    if wrong:
        raise UsageError(f"{key}: {wrong}")
    return text.encode()


def _wrong(header: str, text: str) -> str:
    """Why a value would not arrive as it is, else ""."""
    if text != text.strip(_BLANKS):
        return "Images v1 would lose the blanks at its ends"
    if any(c in text for c in "\r\n\0"):
        return "Images v1 cannot store line breaks"
    try:
        size = len(text.encode())
    except UnicodeEncodeError:
        return "it is not valid UTF-8"
    if len(header) + size + 2 > MAX_LINE:
        return f"it is {size} bytes long, and an Images v1 server takes {MAX_LINE} in a header line"
    return ""
