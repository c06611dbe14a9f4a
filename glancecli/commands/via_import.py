"""image-create-via-import."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from glancecli.changes import RemoteData
from glancecli.cli.app import App
from glancecli.cli.command import command, pass_app
from glancecli.cli.options import ShowOptions, image_show_options
from glancecli.cli.transfer_options import (
    DataOptions,
    TransferOptions,
    data_options,
    keep,
    transfer_options,
)
from glancecli.commands.create import show_new_image
from glancecli.commands.shared.image_data import (
    checked_fields,
    no_data,
    note_unfinished,
    open_data,
    upload_settings,
    waited,
)
from glancecli.commands.shared.image_fields import (
    NewImage,
    RemoteSource,
    new_image_fields,
    new_image_options,
)
from glancecli.commands.shared.import_options import (
    ImportSource,
    ImportStores,
    import_body,
    import_source_options,
    import_store_options,
    warn_of_missed_stores,
)
from glancecli.commands.shared.precautions import with_published
from glancecli.errors import UsageError
from glancecli.image import Image

if TYPE_CHECKING:
    from glancecli.transfer import Options

NOTHING = RemoteData()


@command(
    "image-create-via-import",
    examples=[
        "image-create-via-import debian-12 --file debian-12.qcow2 --stores fast,slow --wait",
        "image-create-via-import debian-12 --import-method web-download "
        "--uri https://example.com/debian.qcow2 --disk-format qcow2 --container-format bare",
        "image-create-via-import mine --import-method glance-download --remote-region two "
        "--remote-image-id cirros --disk-format qcow2 --container-format bare",
    ],
)
@new_image_options
@import_source_options
@import_store_options
@data_options
@transfer_options
@keep
@image_show_options
@pass_app
def image_create_via_import(
    app: App,
    image: NewImage,
    source: ImportSource,
    stores: ImportStores,
    data: DataOptions,
    transfer: TransferOptions,
    keep: bool,
    show: ShowOptions,
) -> None:
    """Create an image whose data the service imports.

    The data comes from --file or standard input (glance-direct), from a URL, or from another
    region. Without --wait the command only starts the import; image-tasks shows its progress.
    Without data and --import-method the new image stays queued.
    """
    _check_method(source, data)
    fields = new_image_fields(app, image, RemoteSource(), data.file)
    if source.import_method != "glance-direct":
        from glancecli.api.sources import with_formats

        fields = with_formats(fields, source.uri or "")
    body = import_body(app, source, stores)
    expected = image.attributes.expected
    settings = upload_settings(app, data, transfer, expected, store=stores.store, keep=keep)
    if source.import_method != "glance-direct":
        wanted = _expectations(settings)._replace(copy_from=source.uri)
        wanted = with_published(app, data, settings, wanted)
        created = _imported_from_elsewhere(app, fields, body, settings, wanted)
    else:
        about_data = source.typed or stores.typed
        created = _staged_and_imported(app, fields, body, data, settings, bool(about_data))
    created = waited(app, created, data)
    has_import = source.import_method != "glance-direct" or created["status"] != "queued"
    if has_import:
        note_unfinished(app, created)
    missed = str(created.get("os_glance_failed_import") or "")
    warn_of_missed_stores(app, created, [name for name in missed.split(",") if name])
    show_new_image(app, created, image.tags, show)


def _check_method(source: ImportSource, data: DataOptions) -> None:
    """Raises UsageError for a method that does not go with a new image or with --file."""
    method = source.import_method
    if method == "copy-image":
        raise UsageError(
            "--import-method copy-image needs an image that has data: use image-import"
        )
    if data.file and method != "glance-direct":
        raise UsageError(f"--file needs --import-method glance-direct, not {method}")


def _imported_from_elsewhere(
    app: App,
    fields: Mapping[str, Any],
    body: Mapping[str, Any],
    settings: Options,
    expected: RemoteData,
) -> Image:
    """Returns the new image whose data the service fetches; waits for it to verify it."""
    from glancecli.transfer import create_without_upload

    return create_without_upload(
        app.images,
        fields,
        settings,
        start_import=_start_import(app, body, expected),
    )


def _staged_and_imported(
    app: App,
    fields: dict[str, Any],
    body: Mapping[str, Any],
    data: DataOptions,
    settings: Options,
    about_data: bool,
) -> Image:
    """Returns the new image with the data that comes with the command.

    Without data the image waits for both, unless an option about the data was typed (about_data).
    """
    with open_data(app, data, settings, app.console.stdin) as opened:
        if opened is not None:
            from glancecli.transfer import create

            wanted = {**checked_fields(app, opened, data, fields), **fields}
            return create(
                app.images,
                wanted,
                opened.source,
                opened.options,
                start_import=_start_import(app, body),
            )
    if about_data:
        raise no_data()
    from glancecli.transfer import create_without_upload

    later = with_published(app, data, settings, _expectations(settings))
    return create_without_upload(app.images, fields, settings, data=later)


def _expectations(settings: Options) -> RemoteData:
    """Returns what is said about data that does not come with the command."""
    return RemoteData(size=settings.size, checksum=settings.checksum)


def _start_import(
    app: App, body: Mapping[str, Any], expected: RemoteData = NOTHING
) -> Callable[[Image], Image]:
    """Returns what starts the import, and verifies its data if something is expected of it."""

    def start(image: Image) -> Image:
        if not expected.has_expectations:
            return app.imports.start(image["id"], body)
        from glancecli.api.expected import check_data

        imported = app.imports.run(image["id"], body, app.wait_seconds)
        return check_data(imported.image, expected, app.console.warn)

    return start
