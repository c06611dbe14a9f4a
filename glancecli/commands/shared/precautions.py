"""What can be known about a new image before anything is created."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from glancecli.changes import RemoteData
from glancecli.cli.app import App
from glancecli.cli.options import ShowOptions
from glancecli.cli.transfer_options import DataOptions, reading_settings
from glancecli.commands.shared.image_data import checked_fields, no_data, open_data
from glancecli.commands.shared.image_fields import RemoteSource
from glancecli.errors import UsageError
from glancecli.image import Image

if TYPE_CHECKING:
    from glancecli.transfer import OpenedData, Options

NO_DECOMPRESSION = "--decompress needs data that this program sends: give it with --file"
NO_LIMIT = "--max-size needs data that this program sends: give it with --file"


def show_plan(
    app: App,
    fields: Mapping[str, Any],
    data: DataOptions,
    settings: Options,
    remote: RemoteSource,
    show: ShowOptions,
) -> None:
    """Writes what would be sent. The data is opened and inspected, and the list is read."""
    if remote:
        raise UsageError("--dry-run needs data that this program sends: give it with --file")
    with open_data(app, data, settings, app.console.stdin) as opened:
        if opened is None:
            raise no_data()
        found = checked_fields(app, opened, data, fields)
        plan = {**found, **fields, **_described(opened)}
    app.console.out(show).write_properties(plan)


def _described(opened: OpenedData) -> dict[str, Any]:
    """Returns the data, its checksum and its signature as rows of the plan."""
    rows: dict[str, Any] = {"data": opened.source.name, "size": opened.source.size}
    published = opened.published
    if published:
        rows["checksum"] = str(published.checksum)
        rows["checksum_from"] = published.said_by
        rows["checksum_of"] = published.file_name or None
        rows["signature"] = published.signature or None
    return rows


def existing_image(
    app: App,
    fields: Mapping[str, Any],
    data: DataOptions,
    settings: Options,
    remote: RemoteSource,
) -> Image | None:
    """Returns an active image that has the name and the data of the new one, with a note.

    Nothing is fetched where the checksum is known. Raises UsageError where it cannot be known.
    """
    if not fields.get("name"):
        raise UsageError("--skip-existing needs a name")
    path = data.file or remote.copy_from or ""
    existing = _find_existing(app, fields, data, settings, path)
    if existing:
        app.console.note(
            f"image {fields['name']} is there already ({existing['id']}); nothing is sent"
        )
    return existing


def _find_existing(
    app: App, fields: Mapping[str, Any], data: DataOptions, settings: Options, path: str
) -> Image | None:
    from glancecli.transfer import find_existing
    from glancecli.transfer.published import published_before

    project = app.identity.project_id
    published = None
    if path:
        # The list is read once more with the data, and then warns.
        quiet = settings._replace(warn=app.console.detail)
        published = published_before(path, reading_settings(app, data), quiet)
    if published:
        return find_existing(app.images, fields, project, published.checksum)
    if not data.file:
        raise UsageError("--skip-existing needs --checksum, --checksums, or --file with a file")
    with open_data(app, data, settings, None) as opened:
        assert opened  # noqa: S101 - for the type checker
        if opened.published:
            return find_existing(app.images, fields, project, opened.published.checksum)
        if not opened.source.is_local:
            raise UsageError("--skip-existing needs --checksum or --checksums for this data")
        progress = settings.progress
        return find_existing(app.images, fields, project, None, opened.source, progress)


def with_published(
    app: App, data: DataOptions, settings: Options, remote: RemoteData
) -> RemoteData:
    """Returns data that the service fetches, with the checksums that a list has of it."""
    if data.source.decompress not in (None, "none"):
        raise UsageError(NO_DECOMPRESSION)
    if data.source.max_size is not None:
        raise UsageError(NO_LIMIT)
    if not data.source.checksums:
        return remote
    if settings.checksum:
        raise UsageError("--checksum and --checksums cannot be used together")
    if not remote.copy_from:
        raise UsageError("--checksums needs --file, --copy-from or a web-download")
    from glancecli.transfer.published import find_published
    from glancecli.transfer.source import file_name

    names = (file_name(remote.copy_from),)
    published = find_published(names, reading_settings(app, data), settings)
    assert published  # noqa: S101 - for the type checker
    return remote._replace(published=published.every)
