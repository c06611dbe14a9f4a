"""Images as Nova's API describes them, and the interface of whatever serves them so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple, Protocol

from glancecli.image import ATTRIBUTES, Image

# Nova's words for the statuses of the Image service; any other is UNKNOWN.
STATUS = {
    "active": "ACTIVE",
    "queued": "SAVING",
    "saving": "SAVING",
    "deleted": "DELETED",
    "pending_delete": "DELETED",
    "killed": "ERROR",
}
PROGRESS = {"queued": 25, "saving": 50, "active": 100}

# The order of an image's fields; what a server has beyond them comes last.
FIELDS = (
    "id",
    "name",
    "status",
    "created",
    "updated",
    "minDisk",
    "minRam",
    "progress",
    "OS-EXT-IMG-SIZE:size",
    "OS-DCF:diskConfig",
    "metadata",
    "server",
)
TRUE_WORDS = frozenset({"1", "t", "true", "on", "y", "yes"})


class Conditions(NamedTuple):
    """Conditions that all hold for an image; "" and None match any image."""

    name: str = ""
    status: str = ""  # in Nova's words
    server_id: str = ""
    limit: int | None = None

    @property
    def are_filters_exact(self) -> bool:
        """Whether the services' own filters leave exactly the images that match.

        Nova's filter for SAVING leaves out queued images, and a database may find names in the
        wrong case.
        """
        return not self.name and self.status in ("", "ACTIVE")

    def match(self, image: Image) -> bool:
        """Returns whether the image matches. Needed after any filter, as services differ."""
        return (
            self.name in ("", image.get("name"))
            and self.status in ("", image.get("status"))
            and self.server_id in ("", _server_id(image))
        )

    def select(self, images: Iterator[Image]) -> list[Image]:
        """Returns the first matching images, as many as the limit allows."""
        matching = filter(self.match, images)
        return list(islice(matching, self.limit))


class NovaImages(Protocol):
    """Images in Nova's words. Every method raises HttpError, and ConnectionFailed when there is no
    response.
    """

    def list(self, conditions: Conditions) -> Iterator[Image]:
        """Returns images newest first. Not all of them need to meet the conditions."""

    def get(self, image_id: str) -> Image:
        """Returns the image with this ID."""

    def delete(self, image_id: str) -> None:
        """Deletes the image with this ID."""

    def set_metadata(self, image_id: str, pairs: Mapping[str, str]) -> None:
        """Sets these properties of an image, and leaves all others."""

    def delete_metadata(self, image_id: str, keys: Sequence[str]) -> None:
        """Deletes these properties of an image."""


def nova_status(status: str) -> str:
    """Returns a status in Nova's words, given in those or in the Image service's."""
    return STATUS.get(status.lower(), status.upper())


def as_nova(image: Image) -> Image:
    """Returns an image of the Image service as Nova's proxy shows it."""
    status = str(image.get("status"))
    metadata = {key: value for key, value in image.items() if key not in ATTRIBUTES}
    found: Image = {
        "id": image.get("id"),
        "name": image.get("name"),
        "status": STATUS.get(status, "UNKNOWN"),
        "created": image.get("created_at"),
        "updated": image.get("updated_at"),
        "minDisk": image.get("min_disk"),
        "minRam": image.get("min_ram"),
        "progress": PROGRESS.get(status, 0),
        "OS-EXT-IMG-SIZE:size": image.get("size") or 0,
        "metadata": metadata,
    }
    if metadata.get("instance_uuid") is not None:
        found["server"] = {"id": metadata["instance_uuid"]}
    if metadata.get("auto_disk_config") is not None:
        found["OS-DCF:diskConfig"] = _disk_config(metadata["auto_disk_config"])
    return in_order(found)


def _disk_config(auto_disk_config: object) -> str:
    if str(auto_disk_config).lower() in TRUE_WORDS:
        return "AUTO"
    return "MANUAL"


def in_order(image: Image) -> Image:
    """Returns an image with its fields in the usual order, and its metadata sorted."""
    if isinstance(image.get("metadata"), dict):
        image["metadata"] = dict(sorted(image["metadata"].items()))
    known = {key: image[key] for key in FIELDS if key in image}
    return {**known, **image}


def _server_id(image: Image) -> str:
    server = image.get("server") or {}
    return str(server.get("id") or "")
