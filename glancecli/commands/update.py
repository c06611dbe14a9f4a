"""image-update."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from glancecli.api import find, find_id
from glancecli.api.errors import OwnerChanged
from glancecli.cli.app import App
from glancecli.cli.options import (
    data_options,
    human_readable,
    pass_app,
    show_output_options,
)
from glancecli.cli.program import argument, command, option
from glancecli.commands.shared.image_data import (
    _has_data,
    _may_hold_data,
    data_source,
    send_data,
    waited,
    without_promises,
)
from glancecli.commands.shared.image_fields import _fields, attributes, remote_source
from glancecli.errors import UsageError
from glancecli.image import Changes, Image

if TYPE_CHECKING:
    pass


@command(
    "image-update",
    examples=[
        "image-update cirros --name cirros-0.6 --min-ram 512",
        "image-update --property hw_disk_bus=scsi --property hw_vif_model=e1000 f16-x86_64-openstack-sda",
        "image-update cirros --remove-property os_version",
    ],
)
@argument("image", metavar="IMAGE", help="Name or ID of the image.")
@attributes
@remote_source
@option(
    "--remove-property",
    "remove",
    multiple=True,
    metavar="KEY",
    help="Remove this property; repeatable.",
)
@option("--purge-props", is_flag=True, help="Remove every property that this call does not set.")
@data_options
@human_readable
@show_output_options
@pass_app
def image_update(app: App, image: str, human_readable: bool, **given: Any) -> None:
    """Change an image, and give a queued one its data, from --file or standard input.

    Data cannot be changed once it is uploaded: create a new image instead. Standard input is looked
    at only if the image is queued.
    """
    fields = _fields(app, given)
    changes = Changes(fields, given["remove"], given["purge_props"])
    both = sorted(set(given["remove"]) & fields.keys())
    if both:
        raise UsageError(f"property {both[0]} is to be set and to be removed")
    try:
        found = _updated(app, image, changes, given)
    except OwnerChanged as done:
        app.note(str(done))
        return
    app.show(waited(app, found, given), human=human_readable, done=True)


def _updated(app: App, ref: str, changes: Changes, given: Mapping[str, Any]) -> Image:
    """The image after the changes, and with the data that came with the command if it waits for
    data.
    """
    if given["file"]:
        with data_source(app, given, None) as source:
            assert source  # noqa: S101 - told to the type checker
            return send_data(app, find(app.images, ref), changes, source, given)
    remote = "copy_from" in changes.fields or "location" in changes.fields
    if not remote and _may_hold_data(app.stdin):
        return _update_or_send(app, ref, changes, given)
    if not changes:
        raise _nothing()
    return app.images.update(find_id(app.images, ref), changes)


def _nothing() -> UsageError:
    return UsageError("nothing to change: give an attribute, a property or data")


def _update_or_send(app: App, ref: str, changes: Changes, given: Mapping[str, Any]) -> Image:
    """The image after the changes, and after standard input's data if it waits for data."""
    # Promises of data (--size, --checksum) depend on whether there is to be data.
    promised = without_promises(changes.fields) != changes.fields
    now, later = (Changes(), changes) if promised else (changes, Changes())
    image = app.images.update(find_id(app.images, ref), now) if now else find(app.images, ref)
    if image.get("status") != "queued" and not changes:
        raise _has_data(image)
    with data_source(app, given, app.stdin if image.get("status") == "queued" else None) as source:
        if source is not None:
            with now.made_before(image["id"]):
                return send_data(app, image, later, source, given)
    if not changes:
        raise _nothing()
    return app.images.update(image["id"], later) if later else image
