"""image-inspect, image-property-values: what can be told without any cloud."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from glancecli import hardware
from glancecli.cli.app import App
from glancecli.cli.options import human_readable, list_output_options, pass_app
from glancecli.cli.program import argument, command, option
from glancecli.errors import GlanceError, SomeFailed
from glancecli.output.columns import ListColumn
from glancecli.text import human_size

FOUND = (
    ListColumn("file", "File"),
    ListColumn("disk_format", "Disk Format"),
    ListColumn("content", "Content"),
    ListColumn("size", "Size"),
    ListColumn("virtual_size", "Virtual Size"),
    ListColumn("safe", "Safe"),
)
VALUES = (
    ListColumn("property", "Property"),
    ListColumn("libvirt_type", "Libvirt Type"),
    ListColumn("guide", "Supported Model Values", break_after="/"),
    ListColumn("later", "Added Later", break_after="/"),
)


@command(
    "image-inspect",
    examples=[
        "image-inspect debian.qcow2",
        "image-inspect -f json *.vmdk",
        "image-inspect -c safe upload.img",
    ],
)
@argument("files", nargs=-1, required=True, metavar="FILE", help="Local files or disks.")
@human_readable
@list_output_options
@pass_app
def image_inspect(app: App, files: tuple[str, ...], human_readable: bool) -> None:
    """Tell what local files really are: disk format, virtual size, dangers.

    The files are read, never changed, and no cloud is asked. disk_format is what image-create sends
    when --disk-format is left out. Dangers are what it would refuse: a backing file, an external
    data file, a VMDK that names other files.
    """
    if len(files) == 1:
        app.out.write_properties(_look(files[0], human_readable))
        return
    failures: list[GlanceError] = []
    app.out.write_list(_look_at_all(files, human_readable, failures), FOUND)
    for error in failures:
        app.report(error)
    if failures:
        raise SomeFailed


def _look_at_all(
    files: tuple[str, ...], human: bool, failures: list[GlanceError]
) -> Iterator[dict[str, Any]]:
    for file in files:
        try:
            yield _look(file, human)
        except GlanceError as error:
            failures.append(error)


def _look(file: str, human: bool) -> dict[str, Any]:
    from glancecli import diskformat

    info = diskformat.inspect_file(file)
    shown = human_size if human else (lambda size: size)
    return {
        "file": file,
        "disk_format": info.disk_format,
        "content": info.detail,
        "size": shown(info.size),
        "virtual_size": shown(info.virtual_size),
        "safe": not info.dangers,
        "dangers": list(info.dangers),
        "compressed": info.compressed,
        "hint": info.hint or None,
    }


@command(
    "image-property-values",
    examples=["image-property-values", "image-property-values hw_vif_model --libvirt-type kvm"],
)
@argument(
    "key",
    required=False,
    metavar="KEY",
    help="hw_disk_bus, hw_cdrom_bus or hw_vif_model; all when left out.",
)
@option(
    "--libvirt-type",
    metavar="TYPE",
    envvar="GLANCECLI_LIBVIRT_TYPE",
    help="Only what it takes: qemu, kvm, xen, vmware ... (GLANCECLI_LIBVIRT_TYPE).",
)
@list_output_options
@pass_app
def image_property_values(app: App, key: str | None, libvirt_type: str | None) -> None:
    """Show which values hw_disk_bus, hw_cdrom_bus and hw_vif_model may have, by hypervisor.

    The values of the OpenStack guide's tables, and beside them those that later releases of Nova
    added.
    """
    rows = [
        {
            "property": name,
            "libvirt_type": row.libvirt_type,
            "guide": "/".join(row.guide),
            "later": "/".join(row.later),
            "values": row.values,
        }
        for name in ([key] if key else hardware.KEYS)
        for row in hardware.table(name, libvirt_type)
    ]
    app.out.write_list(rows, VALUES)
