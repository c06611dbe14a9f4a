"""image-create: options become the fields of an image, a file or a stream its data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from glancecli.changes import RemoteData
from glancecli.cli.app import App
from glancecli.cli.command import command, pass_app
from glancecli.cli.options import ShowOptions, image_show_options
from glancecli.cli.parameters import into, option
from glancecli.cli.transfer_options import (
    DataOptions,
    TransferOptions,
    data_options,
    keep,
    transfer_options,
)
from glancecli.commands.shared.image_data import (
    checked_fields,
    note_unfinished,
    note_without_data,
    open_data,
    upload_settings,
    waited,
)
from glancecli.commands.shared.image_fields import (
    NewImage,
    RemoteSource,
    new_image_fields,
    new_image_options,
    remote_data,
    remote_source_options,
)
from glancecli.commands.shared.precautions import existing_image, show_plan, with_published
from glancecli.commands.shared.results import show_changed_image
from glancecli.image import Image, has_data

if TYPE_CHECKING:
    from glancecli.transfer import Options


class Destination(NamedTuple):
    """Where the data goes."""

    store: str | None
    typed: frozenset[str]  # "store" if it stood on the command line


class Mode(NamedTuple):
    """When nothing is created."""

    skip_existing: bool
    dry_run: bool


# --tags of python-glanceclient takes a name behind it as well.
NAMELESS = (
    "the image has no name: --tags takes every word up to the next option; "
    "put the name before --tags"
)


@command(
    "image-create",
    examples=[
        "image-create debian-12 --file debian-12.qcow2",
        "image-create --name cirros --disk-format qcow2 --container-format bare < cirros.img",
        "image-create --name cirros --copy-from http://example.com/cirros.img "
        "--disk-format qcow2 --wait",
        "image-create --name tools --file tools.iso --is-public True --property os_distro=alpine",
        "image-create debian-12 --file https://cloud.example.org/debian-12.qcow2 "
        "--checksums https://cloud.example.org/SHA512SUMS",
    ],
)
@new_image_options
@remote_source_options
@into(
    "destination",
    Destination,
    option(
        "--store",
        metavar="STORE",
        envvar="OS_IMAGE_STORE",
        help="Store for the data (OS_IMAGE_STORE; default: the cloud's default store).",
    ),
    title="Data",
)
@into(
    "mode",
    Mode,
    option(
        "--skip-existing",
        is_flag=True,
        help="Do nothing if an active image has this name and the same data.",
    ),
    option("--dry-run", is_flag=True, help="Show what would be sent; create nothing."),
)
@data_options
@transfer_options
@keep
@image_show_options
@pass_app
def image_create(
    app: App,
    image: NewImage,
    remote: RemoteSource,
    destination: Destination,
    mode: Mode,
    data: DataOptions,
    transfer: TransferOptions,
    keep: bool,
    show: ShowOptions,
) -> None:
    """Create an image.

    Its data comes from --file or standard input, from --copy-from or --location, or later.
    """
    fields = new_image_fields(app, image, remote, data.file)
    expected = image.attributes.expected
    settings = upload_settings(app, data, transfer, expected, store=destination.store, keep=keep)
    if mode.skip_existing:
        existing = existing_image(app, fields, data, settings, remote)
        if existing:
            show_changed_image(app, existing, show)
            return
    if mode.dry_run:
        show_plan(app, fields, data, settings, remote, show)
        return
    store = _store_of_remote_data(destination, remote)
    elsewhere = remote_data(image.attributes, remote, store)
    if remote:
        elsewhere = with_published(app, data, settings, elsewhere)
        created = _create_without_upload(app, fields, settings, elsewhere)
    else:
        created = _create(app, fields, data, settings, elsewhere)
    created = waited(app, created, data)
    if remote:
        note_unfinished(app, created)
    elif not has_data(created):
        note_without_data(app, created)
    show_new_image(app, created, image.tags, show)


def _create(
    app: App,
    fields: dict[str, Any],
    data: DataOptions,
    settings: Options,
    elsewhere: RemoteData,
) -> Image:
    """Returns the new image, with the data that comes with the command if there is any."""
    with open_data(app, data, settings, app.console.stdin) as opened:
        if opened is None:
            elsewhere = with_published(app, data, settings, elsewhere)
            return _create_without_upload(app, fields, settings, elsewhere)
        from glancecli.transfer import create

        wanted = {**checked_fields(app, opened, data, fields), **fields}
        return create(app.images, wanted, opened.source, opened.options)


def _create_without_upload(
    app: App, fields: dict[str, Any], settings: Options, elsewhere: RemoteData
) -> Image:
    """Returns the new image, whose data comes from elsewhere or later."""
    from glancecli.transfer import create_without_upload

    return create_without_upload(app.images, fields, settings, data=elsewhere)


def show_new_image(app: App, image: Image, tags: tuple[str, ...], show: ShowOptions) -> None:
    """Writes the new image; notes that --tags may have taken its name."""
    if len(tags) > 1 and not image.get("name"):
        app.console.note(NAMELESS)
    show_changed_image(app, image, show)


def _store_of_remote_data(destination: Destination, remote: RemoteSource) -> str | None:
    """Returns the store into which the service is to copy data.

    A store from a variable counts only where there is data to copy. A typed one always goes to the
    service, which may refuse it.
    """
    wanted = "store" in destination.typed or remote.copy_from
    if not wanted:
        return None
    return destination.store or None
