import pytest

from glancecli import hardware
from glancecli.errors import UsageError

# The guide's two tables, as printed: libvirt_type setting, supported model values.
GUIDE_BUSES = {"qemu or kvm": "ide/scsi/virtio", "xen": "ide/xen"}
GUIDE_VIF_MODELS = {
    "qemu or kvm": "e1000/ne2k_pci/pcnet/rtl8139/virtio",
    "xen": "e1000/netfront/ne2k_pci/pcnet/rtl8139",
    "vmware": "VirtualE1000/VirtualPCNet32/VirtualVmxnet",
}


@pytest.mark.parametrize(
    ("key", "printed"),
    [
        ("hw_disk_bus", GUIDE_BUSES),
        ("hw_cdrom_bus", GUIDE_BUSES),
        ("hw_vif_model", GUIDE_VIF_MODELS),
    ],
)
def test_the_guides_tables_are_complete(key, printed):
    assert {
        row.libvirt_type: "/".join(row.guide) for row in hardware.table(key) if row.guide
    } == printed


def test_the_hypervisors_are_those_of_the_guide_and_of_nova():
    assert hardware.libvirt_types() == ("qemu", "kvm", "xen", "vmware", "lxc", "uml", "parallels")


@pytest.mark.parametrize(
    ("key", "libvirt_type", "values"),
    [
        ("hw_disk_bus", "qemu", "ide scsi virtio fdc sata usb"),
        ("hw_disk_bus", "kvm", "ide scsi virtio fdc sata usb"),
        ("hw_cdrom_bus", "kvm", "ide scsi virtio fdc sata usb"),
        ("hw_disk_bus", "xen", "ide xen"),
        ("hw_disk_bus", "vmware", "ide scsi"),
        ("hw_disk_bus", "lxc", "lxc"),
        ("hw_disk_bus", "uml", "uml"),
        ("hw_disk_bus", "parallels", "ide scsi"),
        ("hw_disk_bus", None, "ide scsi virtio fdc sata usb xen lxc uml"),
        (
            "hw_vif_model",
            "KVM",
            "e1000 ne2k_pci pcnet rtl8139 virtio e1000e igb spapr-vlan vmxnet3",
        ),
        (
            "hw_vif_model",
            "qemu",
            "e1000 ne2k_pci pcnet rtl8139 virtio e1000e igb spapr-vlan vmxnet3 lan9118",
        ),
        ("hw_vif_model", "xen", "e1000 netfront ne2k_pci pcnet rtl8139"),
        ("hw_vif_model", "lxc", ""),
        ("hw_vif_model", "parallels", "e1000 rtl8139 virtio"),
        (
            "hw_vif_model",
            "vmware",
            "VirtualE1000 VirtualPCNet32 VirtualVmxnet VirtualE1000e VirtualSriovEthernetCard VirtualVmxnet3 "
            "e1000 e1000e pcnet sriov vmxnet vmxnet3",
        ),
    ],
)
def test_a_hypervisor_supports_the_guides_values_and_those_added_later(key, libvirt_type, values):
    assert hardware.supported(key, libvirt_type) == tuple(values.split())


@pytest.mark.parametrize("libvirt_type", [None, "kvm", "qemu"])
def test_the_guides_own_example_has_no_problems(libvirt_type):
    properties = {
        "hw_disk_bus": "scsi",
        "hw_cdrom_bus": "ide",
        "hw_vif_model": "e1000",
        "os_distro": "debian",
    }
    assert hardware.problems(properties, libvirt_type) == ([], [])


def test_a_value_that_no_hypervisor_supports_gives_a_warning_with_the_supported_ones():
    errors, warnings = hardware.problems({"hw_disk_bus": "nvme", "hw_vif_model": "e1001"}, None)
    assert errors == []
    assert warnings == [
        "no hypervisor supports hw_disk_bus=nvme; supported: ide, scsi, virtio, fdc, sata, usb, xen, lxc, uml",
        "no hypervisor supports hw_vif_model=e1001; supported: e1000, ne2k_pci, pcnet, rtl8139, virtio, e1000e, "
        "igb, spapr-vlan, vmxnet3, lan9118, netfront, VirtualE1000, VirtualPCNet32, VirtualVmxnet, VirtualE1000e, "
        "VirtualSriovEthernetCard, VirtualVmxnet3, sriov, vmxnet",
    ]


def test_with_a_libvirt_type_a_value_that_it_does_not_support_is_an_error():
    properties = {"hw_disk_bus": "virtio", "hw_cdrom_bus": "nvme", "hw_vif_model": "netfront"}
    assert hardware.problems(properties, "Xen") == (
        [
            "hw_disk_bus=virtio is not supported with libvirt type xen; supported: ide, xen",
            "hw_cdrom_bus=nvme is not supported with libvirt type xen; supported: ide, xen",
        ],
        [],
    )
    assert hardware.problems({"hw_vif_model": "virtio"}, "lxc")[0] == [
        "hw_vif_model=virtio is not supported with libvirt type lxc; supported: none"
    ]


def test_case_matters_for_buses_and_not_for_network_cards():
    assert hardware.problems({"hw_vif_model": "VIRTUALE1000"}, "vmware") == ([], [])
    assert len(hardware.problems({"hw_disk_bus": "SCSI"}, "kvm")[0]) == 1
    assert len(hardware.problems({"hw_disk_bus": "SCSI"}, None)[1]) == 1


def test_a_value_that_some_hypervisor_supports_passes_without_a_libvirt_type():
    assert hardware.problems({"hw_disk_bus": "xen", "hw_vif_model": "lan9118"}, "") == ([], [])


def test_an_empty_value_is_not_supported():
    assert hardware.problems({"hw_disk_bus": ""}, None) == (
        [],
        [
            "no hypervisor supports hw_disk_bus=; supported: ide, scsi, virtio, fdc, sata, usb, xen, lxc, uml"
        ],
    )
    assert hardware.problems({"hw_disk_bus": ""}, "xen")[0] == [
        "hw_disk_bus= is not supported with libvirt type xen; supported: ide, xen"
    ]


def test_an_unknown_hypervisor_is_a_usage_error_that_lists_the_known_ones():
    for ask in (
        lambda: hardware.problems({}, "bhyve"),
        lambda: hardware.table("hw_disk_bus", "bhyve"),
    ):
        with pytest.raises(UsageError) as caught:
            ask()
        assert str(caught.value) == (
            "unknown libvirt type 'bhyve'. Use one of qemu, kvm, xen, vmware, lxc, uml, parallels."
        )


def test_a_property_without_a_table_is_a_usage_error_that_lists_those_with_one():
    with pytest.raises(UsageError) as caught:
        hardware.table("hw_video_model")
    assert str(caught.value) == (
        "property 'hw_video_model' has no table of values. "
        "Use one of hw_disk_bus, hw_cdrom_bus, hw_vif_model."
    )
