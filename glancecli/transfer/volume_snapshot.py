"""Images without data of their own: snapshots of servers that boot from volumes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from glancecli.errors import Code, GlanceError
from glancecli.image import is_uuid

if TYPE_CHECKING:
    from glancecli.image import Image

MAPPINGS = ("block_device_mapping", "img_block_device_mapping")  # properties that Nova reads
ADVICE = (
    "Make a volume from it (openstack volume create --snapshot {} VOLUME), and an image from the "
    "volume (openstack image create --volume VOLUME NAME)."
)


def refuse_volume_snapshot(image: Image) -> None:
    """Raises GlanceError for an image whose data lies in volume snapshots, where it says so."""
    mapping = next((image[key] for key in MAPPINGS if image.get(key)), None)
    if image.get("size") or not has_devices(mapping):
        return
    ids = snapshot_ids(mapping)
    place = f"volume snapshots {', '.join(ids)}"
    if not ids:
        place = "volumes, which its property block_device_mapping names"
    elif len(ids) == 1:
        place = f"volume snapshot {ids[0]}"
    raise GlanceError(
        f"image {image['id']} has no data of its own: it is the snapshot of a server that boots "
        f"from a volume, and its data is in {place}",
        hint=ADVICE.format(next(iter(ids), "SNAPSHOT")),
        image_id=str(image["id"]),
        code=Code.CONFLICT,
    )


def has_devices(mapping: Any) -> bool:
    """Whether a block device mapping names any device; an image with data may have an empty one."""
    return bool(mapping) and devices(mapping) != []


def snapshot_ids(mapping: Any) -> list[str]:
    """Returns the IDs of the volume snapshots in a block device mapping."""
    found = []
    for device in devices(mapping) or []:
        snapshot = device.get("snapshot_id")
        if isinstance(snapshot, str) and is_uuid(snapshot):
            found.append(snapshot)
    return found


def devices(mapping: Any) -> list[dict[str, Any]] | None:
    """Returns the devices of a block device mapping, None where it cannot be read."""
    try:
        found = json.loads(str(mapping))
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, list):
        return None
    return [device for device in found if isinstance(device, dict)]
