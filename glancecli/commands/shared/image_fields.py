"""An image's fields, as options name them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from glancecli import hardware
from glancecli.cli.app import App
from glancecli.cli.options import (
    family,
    libvirt_type,
)
from glancecli.cli.program import argument, option
from glancecli.cli.types import KEY_VALUE, TRUE_FALSE, Count
from glancecli.errors import UsageError
from glancecli.image import check_properties

if TYPE_CHECKING:
    pass


attributes = family(
    option("--name", metavar="NAME", empty=True, help="Name of the image."),
    option(
        "--disk-format",
        metavar="FORMAT",
        help="ami, ari, aki, vhd, vhdx, vmdk, raw, qcow2, vdi, iso, ploop ...",
    ),
    option(
        "--container-format",
        metavar="FORMAT",
        help="ami, ari, aki, bare, ovf, ova, docker, compressed ...",
    ),
    option("--owner", metavar="PROJECT_ID", help="Project that owns the image (administrators)."),
    option("--size", type=Count("BYTES"), help="Size of the data; checked against what is sent."),
    option(
        "--min-disk",
        type=Count("GIB"),
        metavar="DISK_GB",
        help="Smallest disk that can boot it, in GiB.",
    ),
    option(
        "--min-ram",
        type=Count("MIB"),
        metavar="DISK_RAM",
        help="Least memory that can boot it, in MiB.",
    ),
    option(
        "--checksum",
        metavar="HASH",
        help="Hash of the data (MD5, or SHA-256/512 by its length); checked.",
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
    option(
        "--property", "properties", type=KEY_VALUE, multiple=True, help="A property; repeatable."
    ),
    libvirt_type,
)


remote_source = family(
    option(
        "--location", metavar="IMAGE_URL", help="Where the data lies; it is registered, not copied."
    ),
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


def _fields(app: App, given: Mapping[str, Any]) -> dict[str, Any]:
    """The image's attributes and properties as the options name them, in v2's words."""
    sources = [
        f"--{k.replace('_', '-')}" for k in ("file", "location", "copy_from") if given.get(k)
    ]
    if len(sources) > 1:
        raise UsageError(
            f"{' and '.join(sources)} exclude each other: the data comes from one place"
        )
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
