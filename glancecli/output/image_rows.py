"""Images as people see them: v2's table of properties, and the one that Images v1 had."""

from __future__ import annotations

from typing import Any

from glancecli.image import BASE, RESERVED, Image
from glancecli.masking import mask

# What says nothing to people: links within the API.
NOT_SHOWN = frozenset({"self", "file", "schema", "access"})

# What a table says for null, where that is not None.
NULLS = {"virtual_size": "Not available"}

# The rows of v1's table that are the image's own.
V1_ROWS = (
    "checksum container_format created_at deleted disk_format id is_public min_disk min_ram name owner "
    "protected size status updated_at"
).split()

# Rows that v1's table had where there was something to tell.
V1_SOMETIMES = ("deleted_at", "virtual_size")


def image_properties(image: Image, *, v1: bool = False, human: bool = False) -> dict[str, Any]:
    """The rows of image-show, image-create and image-update.

    v1: ``Property 'k'`` rows, is_public, deleted, as scripts for Images v1 read them. human: sizes
    with units.
    """
    rows = _v1(image) if v1 else _v2(image)
    if human:
        from glancecli.text import human_size

        rows.update(
            (k, human_size(rows[k]))
            for k in ("size", "virtual_size")
            if isinstance(rows.get(k), int)
        )
    return rows


def _v2(image: Image) -> dict[str, Any]:
    rows = {k: v for k, v in image.items() if k not in NOT_SHOWN}
    if not rows.get("deleted_at"):  # v1 tells of every image that it is not deleted
        rows.pop("deleted", None)
        rows.pop("deleted_at", None)
    return rows


def _v1(image: Image) -> dict[str, Any]:
    """v1's rows; what v2 alone knows of an image is none of them, for scripts that count on one
    hit.
    """
    rows = {k: image.get(k) for k in V1_ROWS}
    rows["deleted"] = bool(image.get("deleted"))
    rows["is_public"] = image.get("visibility") == "public"
    rows["size"] = image.get("size") or 0
    if "deleted" in image:  # v1 has been on the wire
        rows.update((k, image[k]) for k in V1_SOMETIMES if image.get(k) is not None)
    for key in ("created_at", "updated_at"):
        rows[key] = str(rows[key] or "").removesuffix("Z") or None
    properties = {k: v for k, v in image.items() if k not in BASE and not RESERVED.match(k)}
    return {**{f"Property '{k}'": v for k, v in properties.items()}, **rows}


def masked(image: Image) -> Image:
    """The image without credentials in URLs (locations, direct_url, properties), however deep they
    stand.
    """
    if "://" not in "".join(map(str, image.values())):
        return image  # most have no URL, and one look over all values is quicker than one at each
    return {k: _masked(v) for k, v in image.items()}


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return mask(value) if "://" in value else value
    if isinstance(value, dict):
        return {k: _masked(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_masked(v) for v in value]
    return value
