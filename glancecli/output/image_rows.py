"""The properties of an image in tables, in the style of Images v2 or v1."""

from __future__ import annotations

from typing import Any

from glancecli.image import (
    API_LINKS,
    V1_ATTRIBUTES,
    V1_OPTIONAL_ATTRIBUTES,
    Image,
    is_custom_property,
)
from glancecli.masking import mask

# What a table shows for null, where that is not None.
NULLS = {"virtual_size": "Not available"}


def with_units(properties: dict[str, Any]) -> dict[str, Any]:
    """Returns the properties with units behind the sizes."""
    from glancecli.text import human_size

    sizes = {key: properties.get(key) for key in ("size", "virtual_size")}
    known = {key: human_size(size) for key, size in sizes.items() if isinstance(size, int)}
    return {**properties, **known}


def v2_properties(image: Image) -> dict[str, Any]:
    """Returns the fields of an image without links of the API."""
    properties = {key: value for key, value in image.items() if key not in API_LINKS}
    if not properties.get("deleted_at"):  # v1 sends these fields for every image
        properties.pop("deleted", None)
        properties.pop("deleted_at", None)
    return properties


def v1_properties(image: Image) -> dict[str, Any]:
    """Returns the rows of v1 and no others: scripts expect a word to match one row."""
    shown = {}
    for key, value in image.items():
        if is_custom_property(key):
            shown[f"Property '{key}'"] = value
    for key in V1_ATTRIBUTES:
        shown[key] = image.get(key)
    shown["deleted"] = bool(image.get("deleted"))
    shown["is_public"] = image.get("visibility") == "public"
    shown["size"] = image.get("size") or 0
    if "deleted" in image:  # the image comes from a v1 server
        for key in V1_OPTIONAL_ATTRIBUTES:
            if image.get(key) is not None:
                shown[key] = image[key]
    for key in ("created_at", "updated_at"):
        shown[key] = _v1_time(image.get(key))
    return shown


def _v1_time(time: Any) -> str | None:
    if not time:
        return None
    return str(time).removesuffix("Z")


def masked(image: Image) -> Image:
    """Returns the image without the credentials in its URLs, at any depth."""
    if "://" not in "".join(map(str, image.values())):
        return image  # most have no URL, and one search in all values is faster than one in each
    return {key: _masked_value(value) for key, value in image.items()}


def _masked_value(value: Any) -> Any:
    if isinstance(value, str) and "://" in value:
        return mask(value)
    if isinstance(value, dict):
        return {key: _masked_value(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_masked_value(inner) for inner in value]
    return value
