"""Image data that comes with a command."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

from glancecli.cli.app import App
from glancecli.errors import GlanceError, UsageError
from glancecli.image import Changes, Image, has_data

if TYPE_CHECKING:
    from glancecli.api.interfaces import Images
    from glancecli.transfer import Options, Source


WAIT = 600.0  # seconds


def send_data(
    app: App,
    image: Image,
    changes: Changes,
    source: Source,
    given: Mapping[str, Any],
    how: Callable[[Images, Image, Source, Options], Image] | None = None,
) -> Image:
    """Data for a queued image, after its changes; any other is refused before anything is sent.

    how it is sent: transfer.upload unless said otherwise.
    """
    if image.get("status") != "queued":
        raise _has_data(image)
    found = formats(app, source, given, {**image, **changes.fields})
    missing = {k: v for k, v in found.items() if image.get(k) != v}
    wanted = changes._replace(fields=without_promises({**changes.fields, **missing}))
    if wanted:
        image = app.images.update(image["id"], wanted)
    from glancecli.transfer import upload

    with changes.made_before(image["id"]):
        return (how or upload)(app.images, image, source, app.transfer(given))


def _has_data(image: Image) -> GlanceError:
    image_id, status = image["id"], image.get("status")
    if status in ("saving", "importing"):
        hint = f"'image-show {image_id}' tells how it goes on."
        return GlanceError(
            f"image {image_id} is {status}: it is being given data already", hint=hint
        )
    if status == "uploading":
        hint = f"'image-import {image_id}' takes it in."
        return GlanceError(f"image {image_id} is uploading: it has staged data already", hint=hint)
    return GlanceError(
        f"image {image_id} is {status}: images cannot be changed once they are uploaded",
        hint="Create a new image from the data, then delete or hide this one.",
    )


def without_promises(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields without what the transfer itself compares with the data."""
    return {k: v for k, v in fields.items() if k not in ("size", "checksum")}


def data_source(
    app: App, given: Mapping[str, Any], stdin: Any
) -> AbstractContextManager[Source | None]:
    """The data that comes with the command, None when there is none."""
    if not given["file"] and stdin is None:
        return nullcontext()
    from glancecli.transfer import source

    return source(given["file"], stdin, note=app.note, allow_empty=given["allow_empty"])


def no_data() -> UsageError:
    """The error for a command that is nothing without data."""
    return UsageError(
        "there is no data", hint="Give --file FILE, or bring it in on standard input."
    )


def _may_hold_data(stdin: Any) -> bool:
    """Whether standard input is a file, a pipe, a socket or a disk, told without reading from it."""
    mode = _mode(stdin)
    return bool(mode) and not stat.S_ISCHR(mode) and not stat.S_ISDIR(mode)


def _mode(stdin: Any) -> int:
    """The file mode of standard input; 0 where there is none."""
    try:
        return os.fstat(stdin.fileno()).st_mode
    except (AttributeError, OSError, ValueError):
        return 0


def formats(
    app: App, source: Source, given: Mapping[str, Any], fields: Mapping[str, Any]
) -> dict[str, str]:
    """The formats under which the data goes out: those asked for, else what the data is."""
    from glancecli import diskformat

    verdict = diskformat.check(
        diskformat.inspect(
            source.head(diskformat.HEAD_SIZE),
            size=source.size,
            tail=source.tail(diskformat.TAIL_SIZE),
            read_at=source.read_at,
        ),
        fields.get("disk_format"),
        fields.get("container_format"),
        force=given["force"],
        allow_unsafe=given["allow_unsafe"],
        min_disk=fields.get("min_disk"),
        name=source.name,
    )
    for note in verdict.notes:
        app.note(note)
    for warning in verdict.warnings:
        app.warn(warning)
    return {"disk_format": verdict.disk_format, "container_format": verdict.container_format}


def waited(app: App, image: Image, given: Mapping[str, Any]) -> Image:
    """The image, active if it was asked to wait for that."""
    if not given["wait"] or has_data(image):
        return image
    return app.images.wait(image["id"], app.settings.timeout or WAIT)
