"""image-inspect, image-property-values: commands that ask no cloud."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from glancecli import hardware
from glancecli.cli.app import App
from glancecli.cli.command import command, pass_app
from glancecli.cli.options import ListOptions, file_list_options, list_options
from glancecli.cli.parameters import argument, option
from glancecli.cli.transfer_options import source_cacert
from glancecli.commands.shared.in_parallel import report_all
from glancecli.errors import GlanceError
from glancecli.masking import mask
from glancecli.output.columns import ListColumn
from glancecli.text import human_size

if TYPE_CHECKING:
    from glancecli.diskformat import DiskInfo

FOUND = (
    ListColumn("file", "File"),
    ListColumn("disk_format", "Disk Format"),
    ListColumn("content", "Content", prose=True),
    ListColumn("size", "Size"),
    ListColumn("virtual_size", "Virtual Size"),
    ListColumn("safe", "Safe"),
)
VALUES = (
    ListColumn("property", "Property"),
    ListColumn("libvirt_type", "Libvirt Type"),
    ListColumn("guide", "Supported Model Values", prose=True, break_after="/"),
    ListColumn("later", "Added Later", prose=True, break_after="/"),
)

ShowSize = Callable[[Any], Any]
Inspect = Callable[[str], "DiskInfo"]


@command(
    "image-inspect",
    examples=[
        "image-inspect debian.qcow2",
        "image-inspect -f json *.vmdk",
        "image-inspect -c safe upload.img",
        "image-inspect https://cloud.example.org/debian-12.qcow2",
    ],
)
@argument("files", nargs=-1, required=True, metavar="FILE", help="Files, disks or http(s) URLs.")
@source_cacert
@file_list_options
@pass_app
def image_inspect(
    app: App, files: tuple[str, ...], source_cacert: str | None, listing: ListOptions
) -> None:
    """Inspect files: disk format, virtual size, dangers.

    The files are read, never changed, and no cloud is asked. Of a URL only the parts that matter
    are read. disk_format is what image-create sends without --disk-format. Dangers are ways in
    which the file makes a host read other files (a backing file, an external data file, a VMDK that
    refers to other files), or a second format. Problems are why Glance refuses the data, or has no
    disk format for it, and how one knows that its end is missing. image-create refuses files with
    either.
    """
    show_size: ShowSize = _in_bytes
    if listing.human_readable:
        show_size = human_size
    inspect = _inspection(app, source_cacert)
    out = app.console.out(listing)
    if len(files) == 1:
        out.write_properties(_inspected(files[0], inspect, show_size))
        return
    failures: list[GlanceError] = []
    out.write_list(_inspected_all(files, inspect, show_size, failures), FOUND)
    report_all(app, failures)


def _in_bytes(size: int | None) -> int | None:
    return size


def _inspected_all(
    files: tuple[str, ...], inspect: Inspect, show_size: ShowSize, failures: list[GlanceError]
) -> Iterator[dict[str, Any]]:
    for file in files:
        try:
            yield _inspected(file, inspect, show_size)
        except GlanceError as error:
            failures.append(error)


def _inspection(app: App, cacert: str | None) -> Inspect:
    """Returns what inspects a file."""
    from glancecli import transfer

    reading = transfer.Reading(cacert=cacert or "", trace=app.console.trace)
    options = transfer.Options(note=app.console.note, warn=app.console.warn)
    return lambda file: transfer.inspect(file, reading, options)


def _inspected(file: str, inspect: Inspect, show_size: ShowSize) -> dict[str, Any]:
    from glancecli.diskformat import with_file_name

    info = inspect(file)
    name = mask(file)
    return {
        "file": name,
        "disk_format": info.disk_format,
        "content": info.detail,
        "size": show_size(info.size),
        "virtual_size": show_size(info.virtual_size),
        "safe": not info.dangers,
        "dangers": list(info.dangers),
        "problems": info.problems,
        "compressed": info.compressed,
        "hint": with_file_name(info.hint, name) or None,
    }


@command(
    "image-property-values",
    examples=["image-property-values", "image-property-values hw_vif_model --libvirt-type kvm"],
)
@argument(
    "key",
    required=False,
    metavar="KEY",
    help="hw_disk_bus, hw_cdrom_bus or hw_vif_model (default: all).",
)
@option(
    "--libvirt-type",
    metavar="TYPE",
    envvar="GLANCECLI_LIBVIRT_TYPE",
    help="Only values for this hypervisor: qemu, kvm, xen, vmware ... "
    "(GLANCECLI_LIBVIRT_TYPE; default: all).",
)
@list_options
@pass_app
def image_property_values(
    app: App, key: str | None, libvirt_type: str | None, listing: ListOptions
) -> None:
    """Show the values of hw_disk_bus, hw_cdrom_bus and hw_vif_model, by hypervisor.

    The first column of values is from the OpenStack guide; the second has those that later releases
    of Nova added.
    """
    keys: tuple[str, ...] = hardware.KEYS
    if key:
        keys = (key,)
    rows = [row for name in keys for row in _value_rows(name, libvirt_type)]
    app.console.out(listing).write_list(rows, VALUES)


def _value_rows(key: str, libvirt_type: str | None) -> Iterator[dict[str, Any]]:
    for row in hardware.table(key, libvirt_type):
        yield {
            "property": key,
            "libvirt_type": row.libvirt_type,
            "guide": "/".join(row.guide),
            "later": "/".join(row.later),
            "values": row.values,
        }
