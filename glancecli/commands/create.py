"""image-create and image-update: flags become fields, a file becomes data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from glancecli.cli.app import App
from glancecli.cli.options import (
    data_options,
    human_readable,
    keep,
    pass_app,
    show_output_options,
)
from glancecli.cli.program import command, option
from glancecli.commands.shared.image_data import data_source, formats, waited, without_promises
from glancecli.commands.shared.image_fields import new_fields, new_image, remote_source
from glancecli.errors import UsageError
from glancecli.image import Image

if TYPE_CHECKING:
    pass

# Said where a name may have been meant, since glance's own --tags takes it too.
NAMELESS = "the image gets no name: --tags takes every word up to the next option, so a name goes before it"


@command(
    "image-create",
    examples=[
        "image-create debian-12 --file debian-12.qcow2",
        "image-create --name cirros --disk-format qcow2 --container-format bare < cirros.img",
        "image-create --name cirros --copy-from http://example.com/cirros.img --disk-format qcow2 --wait",
        "image-create --name tools --file tools.iso --is-public True --property os_distro=alpine",
    ],
)
@new_image
@remote_source
@option(
    "--store", metavar="STORE", envvar="OS_IMAGE_STORE", help="Store for the data (OS_IMAGE_STORE)."
)
@data_options
@keep
@human_readable
@show_output_options
@pass_app
def image_create(app: App, **given: Any) -> None:
    """Create an image. Data comes from --file or stdin, --copy-from or --location, or later."""
    fields = new_fields(app, given)
    remote = "copy_from" in fields or "location" in fields
    with data_source(app, given, None if remote else app.stdin) as source:
        if source is None:
            from glancecli.transfer import create_without_upload

            image = create_without_upload(
                app.images, {**fields, **_store(given)}, app.transfer(given)
            )
        else:
            fields.update(formats(app, source, given, fields))
            from glancecli.transfer import create

            image = create(app.images, without_promises(fields), source, app.transfer(given))
    show_new(app, waited(app, image, given), given)


def show_new(app: App, image: Image, given: Mapping[str, Any]) -> None:
    """The image that has been made, without a name perhaps because a tag took it."""
    if len(given["tags"]) > 1 and not image.get("name"):
        app.note(NAMELESS)
    app.show(image, human=given["human_readable"], done=True)


def _store(given: Mapping[str, Any]) -> dict[str, str]:
    """The store for what the service is to copy; without data only if typed, and the service may
    refuse.
    """
    typed = click.get_current_context().get_parameter_source("store") is ParameterSource.COMMANDLINE
    if typed and given["location"]:
        raise UsageError("--store does not go with --location: the data stays where it lies")
    return {"store": given["store"]} if given["store"] and (typed or given["copy_from"]) else {}
