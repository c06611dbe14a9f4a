"""Image data that comes with a command."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any, NamedTuple

from glancecli.changes import Changes, RemoteData
from glancecli.cli.app import App
from glancecli.cli.parameters import into, option
from glancecli.cli.transfer_options import (
    DataOptions,
    TransferOptions,
    reading_settings,
    transfer_settings,
)
from glancecli.cli.types import HASH, Size
from glancecli.errors import Code, GlanceError, Hint, UsageError
from glancecli.image import Image, has_data

if TYPE_CHECKING:
    from glancecli.api.interfaces import Images
    from glancecli.checksums import Checksum
    from glancecli.transfer import OpenedData, Options, Source


class ExpectedData(NamedTuple):
    """What the data must be; the transfer compares it with what is sent."""

    size: int | None = None  # bytes
    checksum: Checksum | None = None


expected_data_options = into(
    "expected",
    ExpectedData,
    option(
        "--size", type=Size("BYTES"), help="Size of the data; compared with the data that is sent."
    ),
    option(
        "--checksum",
        type=HASH,
        help="Expected hash of the data: MD5, SHA-256 or SHA-512, or ALGORITHM:HEX.",
    ),
    title="Data",
)


def upload_settings(
    app: App,
    data: DataOptions,
    transfer: TransferOptions,
    expected: ExpectedData,
    *,
    store: str | None = None,
    keep: bool = False,
) -> Options:
    """Returns how data is sent."""
    settings = transfer_settings(app, transfer)._replace(
        size=expected.size,
        checksum=expected.checksum,
        max_size=data.source.max_size,
        hash_algo=data.hash_algo or "",
        store=store or "",
        keep=keep,
    )
    if data.wait:
        return settings._replace(wait=app.wait_seconds)
    return settings


def send_data(
    app: App,
    image: Image,
    changes: Changes,
    opened: OpenedData,
    data: DataOptions,
    how: Callable[[Images, Image, Source, Options], Image] | None = None,
) -> Image:
    """Makes the changes to a queued image and sends its data; returns the image.

    how sends the data: transfer.upload unless another is given. Raises GlanceError before anything
    is sent when the image is not queued.
    """
    if image.get("status") != "queued":
        raise not_queued(image)
    formats = checked_fields(app, opened, data, {**image, **changes.fields})
    missing = {key: value for key, value in formats.items() if image.get(key) != value}
    # Size and checksum are compared with the data by the transfer.
    asked = changes._replace(data=RemoteData())
    wanted = asked._replace(fields={**changes.fields, **missing})
    if wanted:
        image = app.images.update(image["id"], wanted)
    from glancecli.transfer import upload

    send = how or upload
    with asked.made_before():
        return send(app.images, image, opened.source, opened.options)


def not_queued(image: Image) -> GlanceError:
    """Returns the error for data for an image that already has data, or gets it."""
    image_id, status = image["id"], image.get("status")
    if status in ("saving", "importing"):
        return GlanceError(
            f"image {image_id} is {status}: its data is already on the way",
            hint=Hint("{} shows its state.", ("image-show", image_id)),
            code=Code.CONFLICT,
        )
    if status == "uploading":
        return GlanceError(
            f"image {image_id} is uploading: it already has staged data",
            hint=Hint("{} imports it.", ("image-import", image_id)),
            code=Code.CONFLICT,
        )
    return GlanceError(
        f"image {image_id} is {status}: the data of an image cannot be changed once it is uploaded",
        hint="Create a new image from the data, then delete or hide this one.",
        code=Code.CONFLICT,
    )


def open_data(
    app: App, data: DataOptions, settings: Options, stdin: Any
) -> AbstractContextManager[OpenedData | None]:
    """Opens the data that comes with the command: --file, else stdin, else None."""
    if settings.checksum and data.source.checksums:
        raise UsageError("--checksum and --checksums cannot be used together")
    reading = reading_settings(app, data)
    if not data.file and stdin is None:
        return nullcontext()
    from glancecli import transfer

    return transfer.open_data(data.file, stdin, reading, settings)


def no_data() -> UsageError:
    """Returns the error for a command that is useless without data."""
    return UsageError(
        "no data was given", hint="Give --file FILE, or send the data to standard input."
    )


def may_hold_data(stdin: Any) -> bool:
    """Whether stdin is a file, a pipe, a socket or a disk; nothing is read from it."""
    mode = _mode(stdin)
    return bool(mode) and not stat.S_ISCHR(mode) and not stat.S_ISDIR(mode)


def _mode(stdin: Any) -> int:
    """Returns the file mode of stdin; 0 where there is none."""
    try:
        return os.fstat(stdin.fileno()).st_mode
    except (AttributeError, OSError, ValueError):
        return 0


def checked_fields(
    app: App, opened: OpenedData, data: DataOptions, fields: Mapping[str, Any]
) -> dict[str, str]:
    """Returns the fields that follow from the data: the formats (those asked for, else its own),
    and the properties that say where it is from.

    Raises UsageError for data that is dangerous or not what was asked for.
    """
    from glancecli import diskformat

    source = opened.source
    info = diskformat.inspect(
        source.head(diskformat.HEAD_SIZE),
        size=source.size,
        read_at=source.read_at,
    )
    verdict = diskformat.check(
        info,
        fields.get("disk_format"),
        fields.get("container_format"),
        force=data.force,
        allow_unsafe=data.allow_unsafe,
        min_disk=fields.get("min_disk"),
        name=source.name,
    )
    for note in verdict.notes:
        app.console.note(note)
    for warning in verdict.warnings:
        app.console.warn(warning)
    found = {"disk_format": verdict.disk_format, "container_format": verdict.container_format}
    if data.source.no_source_properties:
        return found
    return {**opened.properties, **found}


def waited(app: App, image: Image, data: DataOptions) -> Image:
    """Returns the image, once it is active if --wait asks for that."""
    if not data.wait or has_data(image):
        return image
    return app.images.wait(image["id"], app.wait_seconds)


def note_unfinished(app: App, image: Image) -> None:
    """Says of an image without its data that the service is still copying it."""
    if not has_data(image):
        note_running(app, image)


def note_running(app: App, image: Image) -> None:
    """Writes that the service is not done with the image's data, and how to follow it."""
    image_id = str(image["id"])
    waits = app.console.pasteable("image-wait", image_id)
    app.console.note(
        f"the service is still copying the data of image {image_id}: {waits} waits until it is "
        "active"
    )


def note_without_data(app: App, image: Image) -> None:
    """Notes on a terminal that a new image has no data, and everywhere if its name is a file here:
    --file may have been forgotten.
    """
    name, image_id = str(image.get("name") or ""), str(image["id"])
    if os.path.isfile(name):  # noqa: PTH113 - a name may be no path at all
        sends = app.console.pasteable("image-upload", image_id, "--file", name)
        app.console.note(
            f"image {name} has no data: the file {name} was not sent, as there is no --file. "
            f"{sends} sends it"
        )
    else:
        sends = app.console.pasteable("image-upload", image_id, "--file", "FILE")
        app.console.advise(f"image {name or image_id} has no data yet: {sends} sends it")
