"""The fields of an image, as options name them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from glancecli import hardware
from glancecli.changes import RemoteData
from glancecli.cli.app import App
from glancecli.cli.options import libvirt_type, project_domain
from glancecli.cli.parameters import argument, into, option
from glancecli.cli.types import HASH, KEY_VALUE, TRUE_FALSE, Converted, Size
from glancecli.commands.shared.image_data import ExpectedData
from glancecli.errors import UsageError
from glancecli.image import check_properties, warn_of_unknown_values

if TYPE_CHECKING:
    from glancecli.checksums import Checksum


class Attributes(NamedTuple):
    """Attributes and properties of an image; None: not given."""

    name: str | None
    disk_format: str | None
    container_format: str | None
    owner: str | None
    project_domain: str
    size: int | None  # bytes
    min_disk: int | None  # GiB
    min_ram: int | None  # MiB
    checksum: Checksum | None
    visibility: str | None
    is_public: bool | None
    protected: bool | None
    os_hidden: bool | None
    architecture: str | None
    os_distro: str | None
    os_version: str | None
    instance_uuid: str | None
    kernel_id: str | None
    ramdisk_id: str | None
    properties: tuple[tuple[str, str], ...]
    libvirt_type: str | None

    @property
    def expected(self) -> ExpectedData:
        """What the image's data must be."""
        return ExpectedData(self.size, self.checksum)


# Options that are not fields of the image under their own names.
NOT_FIELDS = ("is_public", "properties", "libvirt_type", "size", "checksum", "project_domain")


class RemoteSource(NamedTuple):
    """Where the service finds the data of an image."""

    location: str | None = None
    copy_from: str | None = None

    def __bool__(self) -> bool:
        """Whether one is given."""
        return bool(self.location or self.copy_from)


class NewImage(NamedTuple):
    """What a new image is to be."""

    image_name: str | None
    id_: str | None
    attributes: Attributes
    tags: tuple[str, ...]


attribute_options = into(
    "attributes",
    Attributes,
    option("--name", metavar="NAME", empty=True, help="Name of the image."),
    option(
        "--disk-format",
        metavar="FORMAT",
        help="Disk format: ami, ari, aki, vhd, vhdx, vmdk, raw, qcow2, vdi, iso, ploop "
        "... (default: the format of the file).",
    ),
    option(
        "--container-format",
        metavar="FORMAT",
        help="Container format: ami, ari, aki, bare, ovf, ova, docker, compressed "
        "... (default for data: bare).",
    ),
    option(
        "--owner",
        metavar="PROJECT",
        help="Project that owns the image (name or ID; administrators; new images: your own).",
    ),
    project_domain,
    option(
        "--size", type=Size("BYTES"), help="Size of the data; compared with the data that is sent."
    ),
    option(
        "--min-disk",
        type=Size("GiB", "G"),
        metavar="DISK_GB",
        help="Minimum disk size to boot the image, in GiB or with a unit (1TiB; new images: 0).",
    ),
    option(
        "--min-ram",
        type=Size("MiB", "M"),
        metavar="DISK_RAM",
        help="Minimum memory to boot the image, in MiB or with a unit (2GiB; new images: 0).",
    ),
    option(
        "--checksum",
        type=HASH,
        help="Expected hash of the data: MD5, SHA-256 or SHA-512, or ALGORITHM:HEX.",
    ),
    option(
        "--visibility",
        metavar="VISIBILITY",
        help="Visibility: public, private, shared or community (new images: shared).",
    ),
    option(
        "--is-public",
        type=TRUE_FALSE,
        help="True: public. False: shared, which only its members see.",
    ),
    option(
        "--protected",
        "--is-protected",
        type=TRUE_FALSE,
        help="Protect the image from deletion (new images: False).",
    ),
    option(
        "--hidden",
        "os_hidden",
        type=TRUE_FALSE,
        help="Hide the image from default lists (new images: False).",
    ),
    option(
        "--architecture", metavar="ARCH", empty=True, help="Processor architecture, such as x86_64."
    ),
    option(
        "--os-distro",
        metavar="NAME",
        empty=True,
        help="Name of the operating system, such as debian.",
    ),
    option("--os-version", metavar="VERSION", empty=True, help="Version of the operating system."),
    option("--instance-uuid", metavar="ID", help="Server that the image is a snapshot of."),
    option("--kernel-id", metavar="ID", help="Image with the kernel (for ami images)."),
    option("--ramdisk-id", metavar="ID", help="Image with the ramdisk (for ami images)."),
    option(
        "--property",
        "properties",
        type=KEY_VALUE,
        multiple=True,
        help="Property to set; repeatable.",
    ),
    libvirt_type,
    title="Image",
)

remote_source_options = into(
    "remote",
    RemoteSource,
    option(
        "--location",
        metavar="IMAGE_URL",
        help="URL where the data is; it is registered, not copied.",
    ),
    option("--copy-from", metavar="IMAGE_URL", help="URL from which the service copies the data."),
    title="Data",
)

new_image_options = into(
    "image",
    NewImage,
    argument(
        "image_name", metavar="NAME", required=False, help="Name of the image (the same as --name)."
    ),
    option("--id", "id_", metavar="ID", help="ID of the image (default: a new one)."),
    attribute_options,
    option(
        "--tag",
        "--tags",
        "tags",
        multiple=True,
        greedy="--tags",
        metavar="TAG",
        help="Tag to add; repeatable. --tags takes every word up to the next option.",
    ),
    title="Image",
)


def new_image_fields(
    app: App, image: NewImage, remote: RemoteSource, file: str | None
) -> dict[str, Any]:
    """Returns the fields of a new image. Raises UsageError for options that contradict."""
    attributes = image.attributes
    name = image.image_name or attributes.name
    if attributes.name not in (None, name):
        raise UsageError("two different names were given")
    fields = image_fields(app, attributes._replace(name=name), remote, file)
    hardware.warn_of_hypervisor(fields, fields, app.console.warn)
    if image.id_:
        fields["id"] = image.id_
    if image.tags:
        fields["tags"] = list(dict.fromkeys(image.tags))
    return fields


def remote_data(
    attributes: Attributes, remote: RemoteSource, store: str | None = None
) -> RemoteData:
    """Returns what the options say about data that this program does not send."""
    return RemoteData(
        copy_from=remote.copy_from,
        location=remote.location,
        store=store,
        size=attributes.size,
        checksum=attributes.checksum,
    )


def image_fields(
    app: App, attributes: Attributes, remote: RemoteSource, file: str | None
) -> dict[str, Any]:
    """Returns the attributes and properties that were given, in the words of Images v2."""
    _refuse_several_sources(remote, file)
    fields = {
        key: value
        for key, value in attributes._asdict().items()
        if value is not None and key not in NOT_FIELDS
    }
    if attributes.is_public is not None:
        fields["visibility"] = _visibility(attributes.is_public, attributes.visibility)
    properties = dict(attributes.properties)
    check_properties(properties)
    for key, value in properties.items():
        if fields.setdefault(key, value) != value:
            raise UsageError(
                f"--{key.replace('_', '-')} and --property {key} contradict each other"
            )
    if attributes.owner:
        fields["owner"] = app.projects.checked_id(attributes.owner, attributes.project_domain)
    hardware.check(fields, attributes.libvirt_type, app.console.warn)
    warn_of_unknown_values(fields, app.console.warn, app.known_values)
    _note_conversions(app, fields)
    return fields


def _note_conversions(app: App, fields: Mapping[str, Any]) -> None:
    """Notes what sizes with units have become."""
    for key, unit in (("min_disk", "GiB"), ("min_ram", "MiB")):
        value = fields.get(key)
        if isinstance(value, Converted):
            app.console.note(f"--{key.replace('_', '-')} {value.typed} is {value} {unit}")


def _refuse_several_sources(remote: RemoteSource, file: str | None) -> None:
    given = {"--file": file, "--location": remote.location, "--copy-from": remote.copy_from}
    sources = [name for name, value in given.items() if value]
    if len(sources) > 1:
        names = " and ".join(sources)
        raise UsageError(f"{names} cannot be used together: the data has one source")


def _visibility(is_public: bool, asked: str | None) -> str:
    """Returns the visibility that --is-public stands for."""
    visibility = "shared"
    if is_public:
        visibility = "public"
    if asked not in (None, visibility):
        raise UsageError(f"--is-public {is_public} and --visibility {asked} contradict each other")
    return visibility
