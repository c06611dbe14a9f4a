"""Which disk buses, CD-ROM buses and network card models a hypervisor takes.

The values of an image's hw_disk_bus, hw_cdrom_bus and hw_vif_model by Nova's libvirt_type: the two
tables of the OpenStack guide row by row as they were printed, and what Nova has taken up since (its
tables of device buses and VIF models in release 34.0.0, and its vmware driver's names for network
cards).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from glancecli.errors import UsageError

KEYS = ("hw_disk_bus", "hw_cdrom_bus", "hw_vif_model")
VIF_KEY = "hw_vif_model"


class Row(NamedTuple):
    """What one or more hypervisors ("qemu or kvm") take: the guide's values, and those of later
    releases.
    """

    libvirt_type: str
    guide: tuple[str, ...] = ()
    later: tuple[str, ...] = ()

    @property
    def types(self) -> list[str]:
        """The hypervisors, one by one."""
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
    """What is wrong with the values of an image's properties."""

    errors: list[str]
    warnings: list[str]


def libvirt_types() -> tuple[str, ...]:
    """The hypervisors that the tables know, in their order."""
    types = [name for row in BUSES + VIF_MODELS for name in row.types]
    return tuple(dict.fromkeys(types))


def known_type(libvirt_type: str) -> str:
    """The hypervisor's name as the tables have it. Raises UsageError when they do not know it."""
    name = libvirt_type.strip().lower()
    if name not in libvirt_types():
        raise UsageError(
            f"unknown libvirt type '{libvirt_type}'",
            hint=f"Known are {', '.join(libvirt_types())}.",
        )
    return name


def table(key: str, libvirt_type: str | None = None) -> list[Row]:
    """The rows for a property, of one hypervisor or of all.

    Raises UsageError for a property without a table, or a hypervisor that the tables do not know.
    """
    if key not in TABLES:
        raise UsageError(
            f"there is no table of values for '{key}'", hint=f"There is one for {', '.join(KEYS)}."
        )
    if not libvirt_type:
        return list(TABLES[key])
    name = known_type(libvirt_type)
    return [row for row in TABLES[key] if name in row.types]


def supported(key: str, libvirt_type: str | None = None) -> tuple[str, ...]:
    """The values of a property that a hypervisor takes, or any of them; raises as table does."""
    values = [value for row in table(key, libvirt_type) for value in row.values]
    return tuple(dict.fromkeys(values))


def problems(properties: Mapping[str, str], libvirt_type: str | None) -> Problems:
    """Errors and warnings about hw_disk_bus, hw_cdrom_bus and hw_vif_model among an image's
    properties.

    A value that no hypervisor knows, the empty one too, draws a warning that names those that are
    supported. With a libvirt_type a value outside that type's row is an error. Raises UsageError
    for a libvirt_type that the tables do not know.
    """
    found = Problems([], [])
    if libvirt_type:
        libvirt_type = known_type(libvirt_type)
    for key in KEYS:
        if key not in properties:
            continue
        value = str(properties[key])
        if libvirt_type and not _is_supported(key, value, libvirt_type):
            takes = ", ".join(supported(key, libvirt_type)) or "no value of it"
            found.errors.append(
                f"{key}={value} is not supported with libvirt type {libvirt_type}, "
                f"which takes {takes}"
            )
        elif not _is_supported(key, value):
            found.warnings.append(
                f"no hypervisor knows {key}={value}; supported are {', '.join(supported(key))}"
            )
    return found


def check(
    properties: Mapping[str, str], libvirt_type: str | None, warn: Callable[[str], None]
) -> None:
    """Passes every warning of problems() to warn; raises UsageError for its errors."""
    found = problems(properties, libvirt_type)
    for warning in found.warnings:
        warn(warning)
    if found.errors:
        raise UsageError("; ".join(found.errors))


def _is_supported(key: str, value: str, libvirt_type: str | None = None) -> bool:
    """Whether a hypervisor takes the value, or any of them.

    Nova reads network card models regardless of case, but disk buses as they are.
    """
    values = supported(key, libvirt_type)
    if key == VIF_KEY:
        return value.lower() in map(str.lower, values)
    return value in values
