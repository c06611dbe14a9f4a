"""image-create and image-update: flags become fields, a file becomes data."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from glancecli import hardware
from glancecli.api import GivenAway, find, find_id
from glancecli.cli.app import App
from glancecli.cli.options import (
    data_options,
    family,
    human_readable,
    keep,
    libvirt_type,
    pass_app,
    show_output_options,
)
from glancecli.cli.program import argument, command, option
from glancecli.cli.types import KEY_VALUE, TRUE_FALSE, Count
from glancecli.errors import GlanceError, UsageError
from glancecli.image import Changes, Image, check_properties, has_data

if TYPE_CHECKING:
    from glancecli.api import Images
    from glancecli.transfer import Options, Source

attributes = family(
    option("--name", metavar="NAME", empty=True, help="Name of the image."),
    option(
        "--disk-format",
        metavar="FORMAT",
        help="ami, ari, aki, vhd, vhdx, vmdk, raw, qcow2, vdi, iso, ploop ...",
    ),
    option(
        "--container-format", metavar="FORMAT", help="ami, ari, aki, bare, ovf, ova, docker, compressed ..."
    ),
    option("--owner", metavar="PROJECT_ID", help="Project that owns the image (administrators)."),
    option("--size", type=Count("BYTES"), help="Size of the data; checked against what is sent."),
    option(
        "--min-disk", type=Count("GIB"), metavar="DISK_GB", help="Smallest disk that can boot it, in GiB."
    ),
    option("--min-ram", type=Count("MIB"), metavar="DISK_RAM", help="Least memory that can boot it, in MiB."),
    option(
        "--checksum", metavar="HASH", help="Hash of the data (MD5, or SHA-256/512 by its length); checked."
    ),
    option("--visibility", metavar="VISIBILITY", help="public, private, shared or community."),
    option("--is-public", type=TRUE_FALSE, help="True: public; False: shared with whom you add."),
    option(
        "--protected",
        "--is-protected",
        type=TRUE_FALSE,
        help="Whether it cannot be deleted.",
    ),
    option("--hidden", "os_hidden", type=TRUE_FALSE, help="Whether lists leave it out."),
    option("--architecture", metavar="ARCH", empty=True, help="Processor architecture, as x86_64."),
    option("--os-distro", metavar="NAME", empty=True, help="Operating system's name, as debian."),
    option("--os-version", metavar="VERSION", empty=True, help="Operating system's version."),
    option("--instance-uuid", metavar="ID", help="Server that this is a snapshot of."),
    option("--kernel-id", metavar="ID", help="Image with the kernel, for an ami image."),
    option("--ramdisk-id", metavar="ID", help="Image with the ramdisk, for an ami image."),
    option("--property", "properties", type=KEY_VALUE, multiple=True, help="A property; repeatable."),
    libvirt_type,
)

remote_source = family(
    option("--location", metavar="IMAGE_URL", help="Where the data lies; it is registered, not copied."),
    option("--copy-from", metavar="IMAGE_URL", help="Have the service copy the data from there."),
)

new_image = family(
    argument("image_name", metavar="NAME", required=False, help="Name of the image (--name)."),
    option("--id", "id_", metavar="ID", help="ID of the image; by default a new one."),
    attributes,
    option(
        "--tag",
        "--tags",
        "tags",
        multiple=True,
        greedy="--tags",
        metavar="TAG",
        help="A tag; repeatable. --tags takes every word up to the next option.",
    ),
)

# Options that go to the service under their own names.
PLAIN = (
    "name disk_format container_format owner size min_disk min_ram checksum location copy_from visibility "
    "protected os_hidden architecture os_distro os_version instance_uuid kernel_id ramdisk_id"
).split()

WAIT = 600.0  # seconds

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
@option("--store", metavar="STORE", envvar="OS_IMAGE_STORE", help="Store for the data (OS_IMAGE_STORE).")
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
            from glancecli.transfer.create import record

            image = record(app.images, {**fields, **_store(given)}, app.transfer(given))
        else:
            fields.update(formats(app, source, given, fields))
            from glancecli.transfer import create

            image = create(app.images, without_promises(fields), source, app.transfer(given))
    show_new(app, waited(app, image, given), given)


def new_fields(app: App, given: Mapping[str, Any]) -> dict[str, Any]:
    """What the options say of a new image."""
    name = given["image_name"] or given["name"]
    if given["name"] not in (None, name):
        raise UsageError("the name is given twice, and differs")
    fields = _fields(app, {**given, "name": name})
    if given["id_"]:
        fields["id"] = given["id_"]
    if given["tags"]:
        fields["tags"] = list(dict.fromkeys(given["tags"]))
    return fields


def show_new(app: App, image: Image, given: Mapping[str, Any]) -> None:
    """The image that has been made, without a name perhaps because a tag took it."""
    if len(given["tags"]) > 1 and not image.get("name"):
        app.note(NAMELESS)
    app.show(image, human=given["human_readable"], done=True)


def _store(given: Mapping[str, Any]) -> dict[str, str]:
    """The store for what the service is to copy; without data only if typed, and the service may refuse."""
    typed = click.get_current_context().get_parameter_source("store") is ParameterSource.COMMANDLINE
    if typed and given["location"]:
        raise UsageError("--store does not go with --location: the data stays where it lies")
    return {"store": given["store"]} if given["store"] and (typed or given["copy_from"]) else {}


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
@option("--remove-property", "remove", multiple=True, metavar="KEY", help="Remove this property; repeatable.")
@option("--purge-props", is_flag=True, help="Remove every property that this call does not set.")
@data_options
@human_readable
@show_output_options
@pass_app
def image_update(app: App, image: str, human_readable: bool, **given: Any) -> None:
    """Change an image, and give a queued one its data, from --file or standard input.

    Data cannot be changed once it is uploaded: create a new image instead. Standard input is looked at only
    if the image is queued.
    """
    fields = _fields(app, given)
    changes = Changes(fields, given["remove"], given["purge_props"])
    both = sorted(set(given["remove"]) & fields.keys())
    if both:
        raise UsageError(f"property {both[0]} is to be set and to be removed")
    try:
        found = _updated(app, image, changes, given)
    except GivenAway as done:
        app.note(str(done))
        return
    app.show(waited(app, found, given), human=human_readable, done=True)


def _updated(app: App, ref: str, changes: Changes, given: Mapping[str, Any]) -> Image:
    """The image after the changes, and with the data that came with the command if it waits for data."""
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
        return GlanceError(f"image {image_id} is {status}: it is being given data already", hint=hint)
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


def data_source(app: App, given: Mapping[str, Any], stdin: Any) -> AbstractContextManager[Source | None]:
    """The data that comes with the command, None when there is none."""
    if not given["file"] and stdin is None:
        return nullcontext()
    from glancecli.transfer import source

    if _flows(given["file"], stdin):
        # What a pipe has given is gone, should the server turn out to speak the other version.
        app.images.confirm_version()
    return source(given["file"], stdin, note=app.note, allow_empty=given["allow_empty"])


def no_data() -> UsageError:
    """The error for a command that is nothing without data."""
    return UsageError("there is no data", hint="Give --file FILE, or bring it in on standard input.")


def _flows(path: str | None, stdin: Any) -> bool:
    """Whether the data comes from a pipe or a socket."""
    mode = _mode(path, stdin)
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)


def _may_hold_data(stdin: Any) -> bool:
    """Whether standard input is a file, a pipe, a socket or a disk, told without reading from it."""
    mode = _mode(None, stdin)
    return bool(mode) and not stat.S_ISCHR(mode) and not stat.S_ISDIR(mode)


def _mode(path: str | None, stdin: Any) -> int:
    """What kind of file it is; 0 for none."""
    try:
        return (os.stat(path) if path else os.fstat(stdin.fileno())).st_mode  # noqa: PTH116
    except (AttributeError, OSError, ValueError):
        return 0


def _fields(app: App, given: Mapping[str, Any]) -> dict[str, Any]:
    """The image's attributes and properties as the options name them, in v2's words."""
    sources = [f"--{k.replace('_', '-')}" for k in ("file", "location", "copy_from") if given.get(k)]
    if len(sources) > 1:
        raise UsageError(f"{' and '.join(sources)} exclude each other: the data comes from one place")
    fields = {k: given[k] for k in PLAIN if given.get(k) is not None}
    if given["is_public"] is not None:
        visibility = "public" if given["is_public"] else "shared"
        if given["visibility"] not in (None, visibility):
            raise UsageError(
                f"--is-public {given['is_public']} and --visibility {given['visibility']} do not agree"
            )
        fields["visibility"] = visibility
    properties = dict(given["properties"])
    check_properties(properties)
    for key, value in properties.items():
        if fields.setdefault(key, value) != value:
            raise UsageError(f"--{key.replace('_', '-')} and --property {key} do not agree")
    hardware.check(fields, given["libvirt_type"], app.warn)
    return fields


def formats(app: App, source: Source, given: Mapping[str, Any], fields: Mapping[str, Any]) -> dict[str, str]:
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
