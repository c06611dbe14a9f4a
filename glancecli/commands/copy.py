"""image-copy: an image from one cloud or region into another."""

from __future__ import annotations

from typing import NamedTuple

from glancecli.api import find
from glancecli.auth.catalog import NoEndpoint, NoService
from glancecli.cli.app import App
from glancecli.cli.command import command, pass_app
from glancecli.cli.options import ShowOptions, image_show_options
from glancecli.cli.parameters import argument, into, option
from glancecli.cli.transfer_options import (
    TransferOptions,
    keep,
    transfer_options,
    transfer_settings,
)
from glancecli.commands.shared.results import show_changed_image
from glancecli.errors import Hint, ReportedError, UsageError


class CopyTarget(NamedTuple):
    """Where the copy goes, and its name there."""

    to_os_cloud: str | None
    to_region: str | None
    name: str | None
    store: str | None


@command(
    "image-copy",
    examples=[
        "image-copy debian-12 --to-os-cloud backup",
        "image-copy debian-12 --to-region RegionTwo --name debian-12-copy",
    ],
)
@argument("image", metavar="IMAGE", help="Name or ID of the image.")
@into(
    "target",
    CopyTarget,
    option(
        "--to-os-cloud",
        metavar="CLOUD",
        help="Cloud in clouds.yaml to copy to (default: this one).",
    ),
    option(
        "--to-region",
        metavar="REGION",
        help="Region to copy to; without --to-os-cloud in the same cloud.",
    ),
    option("--name", metavar="NAME", help="Name of the copy (default: the same)."),
    option(
        "--store",
        metavar="STORE",
        help="Store for the data in the other cloud (default: its default store).",
    ),
    title="Copy",
)
@keep
@option(
    "--force",
    is_flag=True,
    help="Copy an encrypted image, without its key; it is of no use until its key is there.",
)
@transfer_options
@image_show_options
@pass_app
def image_copy(
    app: App,
    image: str,
    target: CopyTarget,
    keep: bool,
    force: bool,
    transfer: TransferOptions,
    show: ShowOptions,
) -> None:
    """Copy an image to another cloud or region, with its properties and tags.

    The data is streamed through this machine, and its hash is verified on both sides. Visibility,
    protection and members are not copied, nor properties that name keys, servers or volumes of the
    first cloud.
    """
    if not (target.to_os_cloud or target.to_region):
        raise UsageError(
            "no target was given", hint="Give --to-os-cloud CLOUD or --to-region REGION."
        )
    from glancecli.transfer import copy

    there = app.other(target.to_os_cloud, target.to_region)
    settings = transfer_settings(app, transfer)._replace(store=target.store or "", keep=keep)
    fields = {}
    if target.name:
        fields["name"] = target.name
    found = find(app.images, image)
    try:
        copied = copy(app.images, found, there.images, fields, settings, without_key=force)
    except ReportedError as error:
        if not _hint_is_about(error, found["id"]):
            error.cloud_options = there.cloud_options
        if target.to_region and isinstance(error, (NoEndpoint, NoService)):
            error.hint = "Choose another region with --to-region."
        raise
    show_changed_image(there, copied, show)


def _hint_is_about(error: ReportedError, image_id: str) -> bool:
    """Whether the hint has a command on this image."""
    return isinstance(error.hint, Hint) and error.hint.names(image_id)
