"""The disk buses, CD-ROM buses and network card models that hypervisors support.

These are the values of an image's hw_disk_bus, hw_cdrom_bus and hw_vif_model by Nova's
libvirt_type: the two tables of the OpenStack guide, row by row, and the values that later releases
of Nova added (the device buses and VIF models of release 34.0.0, and the network cards of its
vmware driver).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, NamedTuple

from glancecli.errors import UsageError

KEYS = ("hw_disk_bus", "hw_cdrom_bus", "hw_vif_model")
HYPERVISOR_KEYS = ("hypervisor_type", "img_hv_type")  # properties that name the hypervisor
VIF_KEY = "hw_vif_model"


class Row(NamedTuple):
    """The values that one or more hypervisors ("qemu or kvm") support: those of the guide, and
    those of later releases.
    """

    libvirt_type: str
    guide: tuple[str, ...] = ()
    later: tuple[str, ...] = ()

    @property
    def types(self) -> list[str]:
        """The names of the hypervisors."""
        return self.libvirt_type.split(" or ")

    @property
    def values(self) -> tuple[str, ...]:
        """All values, the guide's first."""
        return self.guide + self.later


BUSES = (
    Row("qemu or kvm", ("ide", "scsi", "virtio"), ("fdc", "sata", "usb")),
    Row("xen", ("ide", "xen")),
    Row("vmware", (), ("ide", "scsi")),
    Row("lxc", (), ("lxc",)),
    Row("uml", (), ("uml",)),
    Row("parallels", (), ("ide", "scsi")),
)
VIF_MODELS = (
    Row(
        "qemu or kvm",
        ("e1000", "ne2k_pci", "pcnet", "rtl8139", "virtio"),
        ("e1000e", "igb", "spapr-vlan", "vmxnet3"),
    ),
    Row("qemu", (), ("lan9118",)),
    Row("xen", ("e1000", "netfront", "ne2k_pci", "pcnet", "rtl8139")),
    Row(
        "vmware",
        ("VirtualE1000", "VirtualPCNet32", "VirtualVmxnet"),
        (
            "VirtualE1000e",
            "VirtualSriovEthernetCard",
            "VirtualVmxnet3",
            "e1000",
            "e1000e",
            "pcnet",
            "sriov",
            "vmxnet",
            "vmxnet3",
        ),
    ),
    Row("parallels", (), ("e1000", "rtl8139", "virtio")),
)
TABLES = {"hw_disk_bus": BUSES, "hw_cdrom_bus": BUSES, "hw_vif_model": VIF_MODELS}


class Problems(NamedTuple):
    """Errors and warnings about the values of an image's properties."""

    errors: list[str]
    warnings: list[str]


def libvirt_types() -> tuple[str, ...]:
    """Returns the hypervisors in the tables, in their order."""
    types = [name for row in BUSES + VIF_MODELS for name in row.types]
    return tuple(dict.fromkeys(types))


def known_type(libvirt_type: str) -> str:
    """Returns the hypervisor's name in the tables. Raises UsageError when it is not in them."""
    name = libvirt_type.strip().lower()
    if name not in libvirt_types():
        raise UsageError(
            f"unknown libvirt type '{libvirt_type}'",
            hint=f"Use one of {', '.join(libvirt_types())}.",
        )
    return name


def table(key: str, libvirt_type: str | None = None) -> list[Row]:
    """Returns the rows for a property, of one hypervisor or of all.

    Raises UsageError for a property without a table, and for an unknown hypervisor.
    """
    if key not in TABLES:
        raise UsageError(
            f"property '{key}' has no table of values", hint=f"Use one of {', '.join(KEYS)}."
        )
    if not libvirt_type:
        return list(TABLES[key])
    name = known_type(libvirt_type)
    return [row for row in TABLES[key] if name in row.types]


def supported(key: str, libvirt_type: str | None = None) -> tuple[str, ...]:
    """Returns the values of a property that a hypervisor supports, or that any of them does.

    Raises UsageError as table does.
    """
    values = [value for row in table(key, libvirt_type) for value in row.values]
    return tuple(dict.fromkeys(values))


def problems(properties: Mapping[str, str], libvirt_type: str | None) -> Problems:
    """Returns errors and warnings about an image's hw_disk_bus, hw_cdrom_bus and hw_vif_model.

    A value that no hypervisor supports, also an empty one, is a warning. With a libvirt_type, a
    value that this hypervisor does not support is an error. Raises UsageError for an unknown
    libvirt_type.
    """
    found = Problems([], [])
    if libvirt_type:
        libvirt_type = known_type(libvirt_type)
    for key in KEYS:
        if key not in properties:
            continue
        value = str(properties[key])
        if libvirt_type and not _is_supported(key, value, libvirt_type):
            values = ", ".join(supported(key, libvirt_type)) or "none"
            found.errors.append(
                f"{key}={value} is not supported with libvirt type {libvirt_type}; "
                f"supported: {values}"
            )
        elif not _is_supported(key, value):
            found.warnings.append(
                f"no hypervisor supports {key}={value}; supported: {', '.join(supported(key))}"
            )
    return found


def check(
    properties: Mapping[str, str], libvirt_type: str | None, warn: Callable[[str], None]
) -> None:
    """Calls warn with every warning of problems(); raises UsageError for its errors."""
    found = problems(properties, libvirt_type)
    for warning in found.warnings:
        warn(warning)
    if found.errors:
        raise UsageError("; ".join(found.errors))


def warn_of_hypervisor(
    image: Mapping[str, Any], changed: Collection[str], warn: Callable[[str], None]
) -> None:
    """Calls warn for buses and models that the image's own hypervisor does not support.

    Only what has been changed counts: one of these properties, or the hypervisor.
    """
    for hypervisor_key in HYPERVISOR_KEYS:
        libvirt_type = str(image.get(hypervisor_key) or "").lower()
        if libvirt_type not in libvirt_types():
            continue
        for key in KEYS:
            value = str(image.get(key) or "")
            if not value or not {key, hypervisor_key}.intersection(changed):
                continue
            if _is_supported(key, value) and not _is_supported(key, value, libvirt_type):
                values = ", ".join(supported(key, libvirt_type)) or "none"
                warn(
                    f"{key}={value} is not supported with {hypervisor_key}={libvirt_type}; "
                    f"supported: {values}"
                )


def _is_supported(key: str, value: str, libvirt_type: str | None = None) -> bool:
    """Returns whether a hypervisor, or any of them, supports the value.

    Nova ignores the case of network card models, but not that of disk buses.
    """
    values = supported(key, libvirt_type)
    if key == VIF_KEY:
        return value.lower() in map(str.lower, values)
    return value in values
