"""Images as people see them: v2's table of properties, and the one that Images v1 had."""

from __future__ import annotations

from typing import Any

from glancecli.api import BASE, Image
from glancecli.masking import mask

# What says nothing to people: links within the API.
NOT_SHOWN = frozenset({"self", "file", "schema", "access"})

# The rows of v1's table that are the image's own.
V1_ROWS = (
    "checksum",
    "container_format",
    "created_at",
    "deleted",
    "deleted_at",
    "disk_format",
    "id",
    "is_public",
    "min_disk",
    "min_ram",
    "name",
    "owner",
    "protected",
    "size",
    "status",
    "updated_at",
)

# Attributes that are no rows of their own in v1's table, and no properties either.
V1_UNKNOWN = BASE - frozenset(V1_ROWS)


def record(image: Image, *, v1: bool = False, human: bool = False) -> dict[str, Any]:
    """The rows of image-show, image-create and image-update.

    v1: ``Property 'k'`` rows, is_public, deleted, as scripts for Images v1 read them. human: sizes with
    units.
    """
    rows = _v1(image) if v1 else _v2(image)
    if human:
        from glancecli.text import human_size

        rows.update(
            (k, human_size(rows[k])) for k in ("size", "virtual_size") if isinstance(rows.get(k), int)
        )
    return rows


def _v2(image: Image) -> dict[str, Any]:
    rows = {k: v for k, v in image.items() if k not in NOT_SHOWN}
    if "virtual_size" in rows and rows["virtual_size"] is None:
        rows["virtual_size"] = "Not available"
    return rows


def _v1(image: Image) -> dict[str, Any]:
    public = {"is_public": image.get("visibility") == "public", "deleted": False, "size": 0}
    known = {**public, **{k: v for k, v in image.items() if v is not None or k not in public}}
    rows = {k: known[k] for k in V1_ROWS if k in known}
    for key in ("created_at", "updated_at", "deleted_at"):
        if isinstance(rows.get(key), str):
            rows[key] = rows[key].removesuffix("Z")
    rows.update({f"Property '{k}'": v for k, v in image.items() if k not in V1_UNKNOWN and k not in V1_ROWS})
    return rows


def masked(image: Image) -> Image:
    """The image without credentials in URLs (locations, direct_url, properties), however deep they stand."""
    return {k: _masked(v) for k, v in image.items()}


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return mask(value) if "://" in value else value
    if isinstance(value, dict):
        return {k: _masked(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_masked(v) for v in value]
    return value
