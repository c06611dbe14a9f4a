"""image-update."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from glancecli import hardware
from glancecli.api import find, find_id
from glancecli.api.errors import OwnerChanged
from glancecli.changes import Changes, RemoteData
from glancecli.cli.app import App
from glancecli.cli.command import command, pass_app
from glancecli.cli.options import ShowOptions, image_argument, image_show_options
from glancecli.cli.parameters import into, option
from glancecli.cli.transfer_options import (
    DataOptions,
    TransferOptions,
    data_options,
    transfer_options,
)
from glancecli.commands.shared.image_data import (
    may_hold_data,
    not_queued,
    note_unfinished,
    open_data,
    send_data,
    upload_settings,
    waited,
)
from glancecli.commands.shared.image_fields import (
    Attributes,
    RemoteSource,
    attribute_options,
    image_fields,
    remote_data,
    remote_source_options,
)
from glancecli.commands.shared.precautions import with_published
from glancecli.commands.shared.results import show_changed_image
from glancecli.errors import UsageError
from glancecli.image import Image

if TYPE_CHECKING:
    from glancecli.transfer import Options


class Removal(NamedTuple):
    """Which properties to remove, and which tags to add and to remove."""

    remove: tuple[str, ...]
    purge_props: bool
    add_tags: tuple[str, ...]
    remove_tags: tuple[str, ...]


removal_options = into(
    "removal",
    Removal,
    option(
        "--remove-property",
        "remove",
        multiple=True,
        metavar="KEY",
        help="Remove this property; repeatable.",
    ),
    option(
        "--purge-props", is_flag=True, help="Remove every property that this call does not set."
    ),
    option("--tag", "add_tags", multiple=True, metavar="TAG", help="Add this tag; repeatable."),
    option(
        "--remove-tag",
        "remove_tags",
        multiple=True,
        metavar="TAG",
        help="Remove this tag; repeatable.",
    ),
    title="Image",
)


class Plan(NamedTuple):
    """What image-update does, decided before anything is sent.

    Data on stdin is for a queued image only, and the service alone knows whether the image is
    queued. --size and --checksum are sent as attributes only where there is no data, so that
    changes with one of them are made after the image has been looked up.
    """

    now: Changes  # made at once
    later: Changes  # made after the image has been looked up
    file: bool = False  # --file is the image's data
    stdin: bool = False  # stdin is the image's data if the image is queued

    @property
    def has_changes(self) -> bool:
        """Whether anything is to be changed."""
        return bool(self.now or self.later)


@command(
    "image-update",
    examples=[
        "image-update cirros --name cirros-0.6 --min-ram 512",
        "image-update --property hw_disk_bus=scsi --property hw_vif_model=e1000 "
        "f16-x86_64-openstack-sda",
        "image-update cirros --remove-property os_version --tag stable --remove-tag testing",
    ],
)
@image_argument
@attribute_options
@remote_source_options
@removal_options
@data_options
@transfer_options
@image_show_options
@pass_app
def image_update(
    app: App,
    image: str,
    attributes: Attributes,
    remote: RemoteSource,
    removal: Removal,
    data: DataOptions,
    transfer: TransferOptions,
    show: ShowOptions,
) -> None:
    """Change an image, and upload data for a queued one from --file or standard input.

    Uploaded data cannot be changed: create a new image instead. Standard input is read only if the
    image is queued.
    """
    fields = image_fields(app, attributes, remote, data.file)
    settings = upload_settings(app, data, transfer, attributes.expected)
    stdin = not remote and may_hold_data(app.console.stdin)
    elsewhere = remote_data(attributes, remote)
    if not data.file and not stdin:
        elsewhere = with_published(app, data, settings, elsewhere)
    plan = _plan(_changes(fields, removal, elsewhere), data, stdin=stdin)
    try:
        updated = _carry_out(plan, app, image, data, settings)
    except OwnerChanged as done:
        app.console.note(app.console.describe(done))
        return
    updated = waited(app, updated, data)
    if remote:
        note_unfinished(app, updated)
    hardware.warn_of_hypervisor({**updated, **fields}, fields, app.console.warn)
    show_changed_image(app, updated, show)


def _changes(fields: dict[str, Any], removal: Removal, data: RemoteData) -> Changes:
    both = sorted(fields.keys() & set(removal.remove))
    if both:
        raise UsageError(f"property {both[0]} cannot be both set and removed")
    both = sorted(set(removal.add_tags) & set(removal.remove_tags))
    if both:
        raise UsageError(f"tag {both[0]} cannot be both added and removed")
    return Changes(
        fields,
        removal.remove,
        removal.purge_props,
        data,
        add_tags=removal.add_tags,
        remove_tags=removal.remove_tags,
    )


def _plan(changes: Changes, data: DataOptions, *, stdin: bool) -> Plan:
    """Returns what to do."""
    if data.file:
        return Plan(Changes(), changes, file=True)
    if not stdin:
        return Plan(changes, Changes())
    if changes.data.has_expectations:
        return Plan(Changes(), changes, stdin=True)
    return Plan(changes, Changes(), stdin=True)


def _carry_out(plan: Plan, app: App, ref: str, data: DataOptions, settings: Options) -> Image:
    """Returns the image after the changes, and with its data if there is any."""
    if plan.stdin:
        return _change_or_fill(plan, app, ref, data, settings)
    if not plan.file:
        return _change(app, ref, plan.now)
    with open_data(app, data, settings, app.console.stdin) as opened:
        assert opened  # noqa: S101 - for the type checker
        return send_data(app, find(app.images, ref), plan.later, opened, data)


def _change(app: App, ref: str, changes: Changes) -> Image:
    """Returns the image after the changes; notes that there are none."""
    if changes:
        return app.images.update(find_id(app.images, ref), changes)
    image = find(app.images, ref)
    note_no_change(app, image)
    return image


def _change_or_fill(plan: Plan, app: App, ref: str, data: DataOptions, settings: Options) -> Image:
    """Returns the image after the changes, and with the data on stdin if it is queued."""
    if plan.now:
        image = app.images.update(find_id(app.images, ref), plan.now)
    else:
        image = find(app.images, ref)
    stdin = None
    if image.get("status") == "queued":
        stdin = app.console.stdin
    elif not plan.has_changes:
        raise not_queued(image)
    with plan.now.made_before(), open_data(app, data, settings, stdin) as opened:
        if opened is not None:
            return send_data(app, image, plan.later, opened, data)
    if not plan.has_changes:
        note_no_change(app, image)
    if plan.later:
        return app.images.update(image["id"], plan.later)
    return image


def note_no_change(app: App, image: Image) -> None:
    """Writes that image-update had nothing to do."""
    app.console.note(f"nothing to change: image {image['id']} is as before")
