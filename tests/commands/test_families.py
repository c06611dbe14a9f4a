"""Families of images by name, and groups by other keys."""

from __future__ import annotations

import pytest

from glancecli.commands.shared.families import Grouping, family
from tests.support.images import A, B, image

C, D, E = "c", "d", "e"

# Names of images as distributors publish them and clouds offer them, and their families.
NAMES = {
    # Ubuntu
    "ubuntu-24.04-20250115-amd64": "ubuntu-24.04-amd64",
    "ubuntu-22.04-server-cloudimg-amd64-20231211.1": "ubuntu-22.04-server-cloudimg-amd64",
    "noble-server-cloudimg-amd64": "noble-server-cloudimg-amd64",
    "ubuntu/images/hvm-ssd/ubuntu-jammy-22.04-amd64-server-20240101": (
        "ubuntu/images/hvm-ssd/ubuntu-jammy-22.04-amd64-server"
    ),
    "auto-sync/ubuntu-noble-24.04-amd64-server-20250115.1-disk1.img": (
        "auto-sync/ubuntu-noble-24.04-amd64-server-disk1.img"
    ),
    # Debian
    "debian-12-generic-amd64-20250115-1993.qcow2": "debian-12-generic-amd64.qcow2",
    "debian-12-genericcloud-amd64-daily-20250115-1993": "debian-12-genericcloud-amd64-daily",
    "debian-12-generic-arm64": "debian-12-generic-arm64",
    "debian-10.13.22-20230320-openstack-amd64": "debian-10.13.22-openstack-amd64",
    # Fedora, and what is built from it
    "Fedora-Cloud-Base-39-1.5.x86_64": "Fedora-Cloud-Base-39.x86_64",
    "Fedora-Cloud-Base-Generic-41-1.4.aarch64": "Fedora-Cloud-Base-Generic-41.aarch64",
    "Fedora-Cloud-Base-Rawhide-20250115.n.0.x86_64": "Fedora-Cloud-Base-Rawhide.x86_64",
    "fedora-coreos-41.20250105.3.0-openstack.x86_64": "fedora-coreos-41-openstack.x86_64",
    "rhcos-417.94.202501301529-0-openstack.x86_64": "rhcos-417.94-0-openstack.x86_64",
    "rhel-guest-image-8.10-1362.x86_64": "rhel-guest-image-8.10.x86_64",
    "rhel-9.5-x86_64-kvm": "rhel-9.5-x86_64-kvm",
    # CentOS, Rocky, AlmaLinux, Oracle
    "CentOS-7-x86_64-GenericCloud-20150628_01": "CentOS-7-x86_64-GenericCloud",
    "CentOS-7-x86_64-GenericCloud-2009": "CentOS-7-x86_64-GenericCloud-2009",
    "CentOS-8-GenericCloud-8.4.2105-20210603.0.x86_64": "CentOS-8-GenericCloud-8.4.2105.x86_64",
    "CentOS-Stream-GenericCloud-9-20250114.0.x86_64": "CentOS-Stream-GenericCloud-9.x86_64",
    "CentOS-Stream-GenericCloud-8-latest.x86_64": "CentOS-Stream-GenericCloud-8.x86_64",
    "Rocky-9-GenericCloud-Base-9.5-20241118.0.x86_64": "Rocky-9-GenericCloud-Base-9.5.x86_64",
    "Rocky-8-GenericCloud-Base-8.10-20240528.0.x86_64": "Rocky-8-GenericCloud-Base-8.10.x86_64",
    "Rocky-9-GenericCloud.latest.x86_64": "Rocky-9-GenericCloud.x86_64",
    "AlmaLinux-9-GenericCloud-9.5-20241120.x86_64": "AlmaLinux-9-GenericCloud-9.5.x86_64",
    "AlmaLinux-10-GenericCloud-10.0-20250528.0.x86_64_v2": (
        "AlmaLinux-10-GenericCloud-10.0.x86_64_v2"
    ),
    "OL9U5_x86_64-kvm-b259": "OL9U5_x86_64-kvm",
    # Other distributors
    "openSUSE-Leap-15.6.x86_64-1.0.1-NoCloud-Build1.129": "openSUSE-Leap-15.6.x86_64-1.0.1-NoCloud",
    "openSUSE-Tumbleweed-Minimal-VM.x86_64-1.0.0-OpenStack-Cloud-Snapshot20250115": (
        "openSUSE-Tumbleweed-Minimal-VM.x86_64-1.0.0-OpenStack-Cloud"
    ),
    "SLES15-SP6-Minimal-VM.x86_64-OpenStack-Cloud-GM": (
        "SLES15-SP6-Minimal-VM.x86_64-OpenStack-Cloud-GM"
    ),
    "Arch-Linux-x86_64-cloudimg-20250115.298160.qcow2": "Arch-Linux-x86_64-cloudimg.qcow2",
    "di-amd64-cloudinit-20250112T170324Z.qcow2": "di-amd64-cloudinit.qcow2",
    "amzn2-kvm-2.0.20241217.0-x86_64.xfs.gpt": "amzn2-kvm-2.0-x86_64.xfs.gpt",
    "al2023-kvm-2023.6.20250115.0-kernel-6.1-x86_64.xfs.gpt": (
        "al2023-kvm-2023.6-kernel-6.1-x86_64.xfs.gpt"
    ),
    "nocloud_alpine-3.21.2-x86_64-bios-cloudinit-r0": (
        "nocloud_alpine-3.21.2-x86_64-bios-cloudinit-r0"
    ),
    "FreeBSD-14.2-RELEASE-amd64-BASIC-CLOUDINIT-zfs": (
        "FreeBSD-14.2-RELEASE-amd64-BASIC-CLOUDINIT-zfs"
    ),
    "freebsd-13.1-zfs-2022-12-08": "freebsd-13.1-zfs",
    "flatcar-stable-4081.2.1": "flatcar-stable-4081.2.1",
    "vyos-1.4-rolling-202401010317": "vyos-1.4-rolling",
    "cirros-0.6.2-x86_64-disk": "cirros-0.6.2-x86_64-disk",
    "cirros-0.6.3-x86_64-disk": "cirros-0.6.3-x86_64-disk",
    "windows_server_2012_r2_standard_eval_kvm_20170321": "windows_server_2012_r2_standard_eval_kvm",
    # Clouds
    "CC7 - x86_64 [2018-12-03]": "CC7 - x86_64",
    "ALMA9 - x86_64 [2024-05-02]": "ALMA9 - x86_64",
    "CC7 TEST - x86_64 [2018-10-02]": "CC7 TEST - x86_64",
    "Ubuntu 22.04 (20240101)": "Ubuntu 22.04",
    "Ubuntu 20.04.2 LTS (x86_64) [2021-05-14]": "Ubuntu 20.04.2 LTS (x86_64)",
    "NeCTAR Ubuntu 22.04 LTS (Jammy) amd64 (2024.05)": "NeCTAR Ubuntu 22.04 LTS (Jammy) amd64",
    "ubuntu22-04 de.NBI (2024-04-14)": "ubuntu22-04 de.NBI",
    "CC-Ubuntu22.04-20240115": "CC-Ubuntu22.04",
    "CC-Ubuntu22.04": "CC-Ubuntu22.04",
    "JS-API-Featured-Ubuntu20-Latest": "JS-API-Featured-Ubuntu20",
    "Standard_Debian_12_amd64_bios_latest": "Standard_Debian_12_amd64_bios",
    "Windows Server 2019 Standard (Desktop)": "Windows Server 2019 Standard (Desktop)",
    "Windows Server 2022 Standard (Desktop)": "Windows Server 2022 Standard (Desktop)",
    "AlmaLinux 8": "AlmaLinux 8",
    "AlmaLinux 9": "AlmaLinux 9",
    "Debian 12.5 bookworm": "Debian 12.5 bookworm",
    "GOLD Rocky Linux 9": "GOLD Rocky Linux 9",
    # Builds for OpenStack services, and one's own
    "amphora-x64-haproxy-2024.1": "amphora-x64-haproxy-2024.1",
    "amphora-x64-haproxy-20240101": "amphora-x64-haproxy",
    "ubuntu-jammy-kube-v1.27.14-240530-1413": "ubuntu-jammy-kube-v1.27.14",
    "overcloud-rocky-9-2024.1-20241115T093000": "overcloud-rocky-9-2024.1",
    "packer-ubuntu-1694096374": "packer-ubuntu",
}
# What only looks like a stamp, and stamps at other places.
OTHERS = {
    "latest": "latest",
    "20250115": "20250115",
    "2024-05-14 backup": "2024-05-14 backup",
    "backup 2024-05-14 12:30": "backup",
    "db-20241301": "db-20241301",  # no month has this number
    "customer-10001": "customer-10001",
    "web-001": "web-001",
    "golden-build-142": "golden",
    "golden v20240101": "golden",
    "esxi-7.0.3-19193900": "esxi-7.0.3-19193900",
    "latestone-latests": "latestone-latests",
    "Grüße 日本 (latest)": "Grüße 日本",
    "": "",
}


def test_the_table_has_60_names() -> None:
    assert len(NAMES) >= 60


@pytest.mark.parametrize(("name", "expected"), [*NAMES.items(), *OTHERS.items()])
def test_a_family_is_the_name_without_its_build_stamps(name: str, expected: str) -> None:
    assert family(name) == expected
    assert family(expected) == expected


@pytest.mark.parametrize(
    "piece", ["-", " [", "-20240101", "-000", ".1", "-2024-01-01_00", "build1."]
)
def test_names_made_to_be_slow_come_to_an_end(piece: str) -> None:
    """With an expression that tries all ways to read them, this would take for ever."""
    for name in ("a" + piece * 300, "a-20240101" + piece * 300):
        assert family(f"{name[:254]}x").startswith("a")
        assert family(name * 1000) == name * 1000


def test_images_that_lack_a_key_are_a_group_of_their_own_each() -> None:
    images = [
        image(A, os_distro="debian"),
        image(B, os_distro="debian"),
        image(C, os_distro=""),
        image(D),
        image(E, os_distro="ubuntu"),
    ]
    newest = Grouping(["os_distro"]).newest(images)
    assert [found["id"] for found in newest] == [A, C, D, E]


def test_images_without_a_date_are_listed_and_do_not_count() -> None:
    images = [
        image(A, "x-20250115", created_at=None),
        image(B, "x-20250114", created_at="2025-01-14T00:00:00Z"),
        image(C, "x-20250113", created_at=""),
        image(D, "x-20250112", created_at="2025-01-12T00:00:00Z"),
    ]
    assert [found["id"] for found in Grouping().newest(images)] == [A, B, C]


def test_groups_can_be_made_by_several_keys() -> None:
    images = [
        image(A, "x-20250115", owner="p"),
        image(B, "x-20250114", owner="q"),
        image(C, "x-20250113", owner="p"),
        image(D, "x-20250112", owner="p"),
    ]
    newest = Grouping(["owner", "name~"]).newest(images, 2)
    assert [found["id"] for found in newest] == [A, B, C]


def test_a_key_that_no_image_has_is_reported_with_the_nearest() -> None:
    told: list[str] = []
    grouping = Grouping(["os_distr", "name"])
    assert len(list(grouping.newest([image(A, os_distro="debian"), image(B)]))) == 2
    grouping.report_unknown(told.append)
    assert told == [
        "no image has os_distr (--per): each is a group of its own; did you mean os_distro?"
    ]
