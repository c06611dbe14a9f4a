"""image-copy: an image from one cloud or region into another."""

from __future__ import annotations

from typing import Any

from glancecli.api import find
from glancecli.cli.app import App
from glancecli.cli.options import (
    human_readable,
    keep,
    pass_app,
    show_output_options,
    transfer_options,
)
from glancecli.cli.program import argument, command, option
from glancecli.errors import ReportedError, UsageError, describe_hint


@command(
    "image-copy",
    examples=[
        "image-copy debian-12 --to-os-cloud backup",
        "image-copy debian-12 --to-region RegionTwo --name debian-12-copy",
    ],
)
@argument("image", metavar="IMAGE", help="Name or ID of the image here.")
@option("--to-os-cloud", metavar="CLOUD", help="Cloud of clouds.yaml to copy to.")
@option("--to-region", metavar="REGION", help="Region to copy to; alone: of the same cloud.")
@option("--name", metavar="NAME", help="Name of the copy; by default the same.")
@option("--store", metavar="STORE", help="Store for the data there.")
@keep
@transfer_options
@human_readable
@show_output_options
@pass_app
def image_copy(
    app: App,
    image: str,
    to_os_cloud: str | None,
    to_region: str | None,
    name: str | None,
    human_readable: bool,
    **given: Any,
) -> None:
    """Copy an image to another cloud or region, streaming, with its properties and tags.

    The data is held against the hash on both sides. Visibility, protection and sharing are not
    copied.
    """
    if not (to_os_cloud or to_region):
        raise UsageError(
            "nowhere to copy to", hint="Give --to-os-cloud CLOUD or --to-region REGION."
        )
    from glancecli.transfer import copy

    there = app.other(to_os_cloud, to_region)
    fields = {"name": name} if name else {}
    found = find(app.images, image)
    try:
        copied = copy(app.images, found, there.images, fields, app.transfer(given))
    except ReportedError as error:
        if str(found["id"]) not in describe_hint(error):  # it is about the other cloud
            options = _options(to_os_cloud, to_region)
            error.cloud_options = options
            if isinstance(error.hint, str):
                error.hint = error.hint.replace("'image-", f"'{' '.join(options)} image-")
        raise
    there.show(copied, human=human_readable)


def _options(cloud: str | None, region: str | None) -> tuple[str, ...]:
    """What a command needs to speak to that cloud."""
    given = {"--os-cloud": cloud, "--os-region-name": region}
    return tuple(word for option in given.items() if option[1] for word in option if word)
