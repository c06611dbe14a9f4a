"""Compares what the service and the disk have after a command with what the command said."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.support.waiting import NotInTime, wait_until

PATIENCE = 15  # seconds in which a service must notice that a client has gone


def wrong_upload(
    code: int, said: str, images: list[dict[str, Any]], data: Callable[[str], bytes], sent: bytes
) -> str:
    """Returns what is wrong with the images that an upload of these bytes has left, "" if nothing.

    images are those that did not exist before the command; data reads the data of an image.
    """
    if "Traceback" in said:
        return "there is a traceback"
    if code == 0:
        if len(images) != 1 or images[0]["status"] != "active":
            return (
                f"it said that all is well, and there is {[(i['id'], i['status']) for i in images]}"
            )
        if data(images[0]["id"]) != sent:
            return "it said that all is well, and the image is another"
        return ""
    for image in images:
        if image["id"] not in said:
            return f"image {image['id']} ({image['status']}) is left and not named"
        if image["status"] == "active" and data(image["id"]) != sent:
            return f"image {image['id']} is active and wrong"
    return "" if said.strip() else "it failed in silence"


def wrong_file(code: int, said: str, target: Path, before: bytes | None, data: bytes) -> str:
    """Returns what is wrong with the files that a download has left, "" if nothing."""
    if "Traceback" in said:
        return "there is a traceback"
    now = target.read_bytes() if target.exists() else None
    if now != (data if code == 0 else before):
        return f"it ended with {code}, and the file is not what it should be"
    parts = list(target.parent.glob("*.part"))
    if code == 0 and parts:
        return f"it is done, and {parts} is left"
    unnamed = [p for p in parts if str(p) not in said]
    if unnamed:
        return f"{unnamed} is left and not named"
    return "" if code == 0 or said.strip() else "it failed in silence"


def settled(look: Callable[[], list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """The images once the service no longer works on any of them, or after PATIENCE."""
    images: list[dict[str, Any]] = []

    def is_settled() -> bool:
        images[:] = look()
        return not any(image["status"] == "saving" for image in images)

    with suppress(NotInTime):
        wait_until(is_settled, PATIENCE)
    return images
