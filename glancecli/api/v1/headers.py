"""An image as Images v1 writes it, in ``x-image-meta-*`` headers or JSON, and as this program does.

Values are raw UTF-8 in both directions: no v1 server decodes percent signs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from glancecli.api import decoding
from glancecli.changes import RemoteData
from glancecli.errors import Code, GlanceError, UsageError
from glancecli.image import ATTRIBUTES, Fields, Image

if TYPE_CHECKING:
    from glancecli.checksums import Checksum

META = "x-image-meta-"
PROPERTY = "x-image-meta-property-"
PURGE = "x-glance-registry-purge-props"
COPY_FROM = "x-glance-api-copy-from"

Headers = dict[str, bytes]
Warn = Callable[[str], None]

# The longest header line that a v1 server takes, in bytes; a longer one gets an empty response.
MAX_LINE = 16384

# Attributes by the type of their values.
TEXTS = ("id", "name", "status", "owner", "checksum", "container_format", "disk_format")
TIMES = ("created_at", "updated_at", "deleted_at")
NUMBERS = ("size", "virtual_size", "min_disk", "min_ram")
BOOLEANS = ("is_public", "protected", "deleted")

# What a request may say about an image, besides its properties and its data (RemoteData).
REQUEST_ATTRIBUTES = frozenset(
    "id name owner container_format disk_format min_disk min_ram protected visibility".split()
)
# Attributes that v1 does not have; their empty value is what a v1 image has anyway.
ABSENT_IF_EMPTY = ("tags", "os_hidden")

_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, 5.1
_BLANKS = " \t\v\f"


class ImageV1(NamedTuple):
    """An image as v1 knows it: its own attributes, and its properties apart from them."""

    base: dict[str, Any]
    properties: dict[str, str | None]

    @property
    def image(self) -> Image:
        """The image in the vocabulary of Images v2; is_public False is visibility shared."""
        base = dict(self.base)
        base["visibility"] = "shared"
        if base.pop("is_public", False):
            base["visibility"] = "public"
        return {**self.properties, **base}


def from_headers(headers: Mapping[str, str], url: str) -> ImageV1:
    """The image that the headers of a response describe; what has no header is None.

    Property names come in title case; v1 stores them in lower case.
    """
    values = {name.lower(): _utf8(value) for name, value in headers.items()}
    properties: dict[str, str | None] = {}
    for name, value in values.items():
        if name.startswith(PROPERTY):
            key = stored_name(name.removeprefix(PROPERTY))
            properties[key] = value
    base: dict[str, Any] = {}
    for key in (*TEXTS, *TIMES):
        base[key] = values.get(META + key)
    for key in (*NUMBERS, *BOOLEANS):
        base[key] = values.get(META + key)
    return _typed(base, properties, url)


def from_json(image: Mapping[str, Any], url: str) -> ImageV1:
    """The image that a JSON body describes: a row of a list, a response to POST or PUT."""
    base = {key: image.get(key) for key in (*TEXTS, *TIMES, *NUMBERS, *BOOLEANS)}
    found = image.get("properties")
    properties = {}
    if isinstance(found, dict):
        properties = {key: decoding.text(value) for key, value in found.items()}
    return _typed(base, properties, url)


def _typed(base: dict[str, Any], properties: dict[str, str | None], url: str) -> ImageV1:
    """The image with its attributes in their types. Raises GlanceError for one without an ID."""
    base["id"] = decoding.image_id(base["id"], url)
    for key in (*TEXTS, *TIMES):
        base[key] = decoding.text(base[key])
    base["status"] = base["status"] or decoding.UNKNOWN
    for key in NUMBERS:
        base[key] = decoding.number(base[key])
    for key in BOOLEANS:
        base[key] = decoding.truth(base[key])
    return ImageV1(base, properties)


def _utf8(value: str) -> str:
    """The text that the server sent: http.client decodes headers as Latin-1, v1 writes UTF-8."""
    try:
        return value.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return value


def to_headers(fields: Fields, data: RemoteData, warn: Warn) -> Headers:
    """Headers that carry these fields, and those of data.

    Raises UsageError for what v1 does not have or would store changed. Warns of property names that
    the server changes.
    """
    if data.has_source:
        _check_urls(data)
    headers: Headers = {}
    for key, value in _with_md5(data, warn).given().items():
        name, text = _attribute_header(key, value)
        headers[name] = _encoded(key, name, text)
    for key, value in fields.items():
        if key in ABSENT_IF_EMPTY and not value:
            continue
        if key in REQUEST_ATTRIBUTES:
            name, text = _attribute_header(key, value)
        else:
            name = _property_name(key, warn)
            text = _text(value)
        if name in headers:
            raise UsageError(
                f"property '{key}' is given twice: Images v1 ignores case and takes - for _"
            )
        headers[name] = _encoded(key, name, text)
    return headers


def property_headers(image_id: str, properties: Mapping[str, str | None]) -> Headers:
    """Headers that keep these properties of an image as they are when everything else is purged.

    Raises GlanceError for one that cannot pass through a v1 header unchanged.
    """
    headers = {}
    for key, value in properties.items():
        text = _text(value)
        obstacle = _obstacle_to_property(key, text)
        if obstacle:
            raise GlanceError(
                f"image {image_id}: no property was removed, because Images v1 needs all others "
                f"again, and '{key}' cannot be sent ({obstacle})",
                hint="Use the Images v2 API for this image.",
                code=Code.UNSUPPORTED,
            )
        headers[PROPERTY + key] = text.encode()
    return headers


def stored_name(key: str) -> str:
    """The name under which a v1 server stores a property."""
    return key.lower().replace("-", "_")


def _with_md5(data: RemoteData, warn: Warn) -> RemoteData:
    """The data with the MD5 among its published checksums, the only one that v1 compares."""
    if not data.published:
        return data
    by_algorithm = dict(data.published)
    if "md5" not in by_algorithm:
        warn("the data is not verified: Images v1 compares an MD5 checksum, and none is published")
        return data._replace(published=None)
    checksum = next(each for each in data.published if each.algorithm == "md5")
    return data._replace(checksum=checksum, published=None)


def _check_urls(data: RemoteData) -> None:
    from glancecli.api.sources import check_url

    if data.copy_from is not None:
        check_url(data.copy_from, "--copy-from")
    if data.location is not None:
        check_url(data.location, "--location")


def _attribute_header(key: str, value: Any) -> tuple[str, str]:
    """The header of an attribute, and its text."""
    if key == "visibility":
        return f"{META}is_public", str(_is_public(value))
    if key == "checksum":
        return META + key, _md5_digest(value)
    if key == "copy_from":
        return COPY_FROM, _text(value)
    return META + key, _text(value)


def _is_public(visibility: str) -> bool:
    if visibility not in ("public", "private", "shared"):
        raise UsageError(
            f"visibility '{visibility}' needs Images v2: v1 has public, private and shared"
        )
    return visibility == "public"


def _md5_digest(checksum: Checksum) -> str:
    if checksum.algorithm != "md5":
        raise UsageError("Images v1 keeps an MD5 checksum, which has 32 hexadecimal digits")
    return checksum.digest


def _property_name(key: str, warn: Warn) -> str:
    """The name of a property's header."""
    if key in ATTRIBUTES:
        raise UsageError(f"Images v1 has no {key}")
    if not _HEADER_NAME.fullmatch(key):
        raise UsageError(
            f"property '{key}': Images v1 sends property names as header names, "
            "which are ASCII letters, digits and !#$%&'*+-.^_`|~"
        )
    stored = stored_name(key)
    if stored != key:
        warn(f"Images v1 stores property '{key}' as '{stored}'")
    return PROPERTY + stored


def _text(value: Any) -> str:
    if value is None:
        return ""
    return str(value)


def _encoded(key: str, header: str, text: str) -> bytes:
    """The bytes of a header's value. Raises UsageError for a value that would arrive changed."""
    obstacle = _obstacle(header, text)
    if obstacle:
        raise UsageError(f"{key}: {obstacle}")
    return text.encode()


def _obstacle_to_property(key: str, text: str) -> str:
    """Why a property would not arrive as it is, else ""."""
    if not _HEADER_NAME.fullmatch(key) or stored_name(key) != key:
        return "Images v1 would change its name"
    return _obstacle(PROPERTY + key, text)


def _obstacle(header: str, text: str) -> str:
    """Why a value would not arrive as it is, else ""."""
    if text != text.strip(_BLANKS):
        return "Images v1 would strip the spaces around it"
    if not set("\r\n\0").isdisjoint(text):
        return "Images v1 cannot store line breaks"
    try:
        size = len(text.encode())
    except UnicodeEncodeError:
        return "it is not valid UTF-8"
    if len(header) + size + 2 > MAX_LINE:
        return (
            f"it is {size} bytes long, and an Images v1 server accepts {MAX_LINE} in a header line"
        )
    return ""
