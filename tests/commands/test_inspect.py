"""image-inspect and image-property-values: their output, without any cloud."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from tests.support.diskfiles import disk
from tests.support.programs import Glance


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a few disk files, which is also the current one."""
    for name in ("v2.qcow2", "backing.qcow2", "flat.vmdk", "fixed.vhd"):
        (tmp_path / name).write_bytes(disk(name))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_one_file_is_shown_as_a_table_of_properties(glance: Glance, folder: Path) -> None:
    result = glance("image-inspect", "v2.qcow2")
    assert (result.code, result.err) == (0, "")
    assert result.out == (
        "+--------------+-----------------+\n"
        "| Property     | Value           |\n"
        "+--------------+-----------------+\n"
        "| compressed   | None            |\n"
        "| content      | qcow2 version 2 |\n"
        "| dangers      | []              |\n"
        "| disk_format  | qcow2           |\n"
        "| file         | v2.qcow2        |\n"
        "| hint         | None            |\n"
        "| problems     | []              |\n"
        "| safe         | True            |\n"
        "| size         | 196768          |\n"
        "| virtual_size | 10737418240     |\n"
        "+--------------+-----------------+\n"
    )


def test_one_file_as_json_has_native_types(glance: Glance, folder: Path) -> None:
    assert json.loads(glance("image-inspect", "-f", "json", "backing.qcow2").out) == {
        "file": "backing.qcow2",
        "disk_format": "qcow2",
        "content": "qcow2 version 3",
        "size": 196616,
        "virtual_size": 1048576,
        "safe": False,
        "dangers": [
            "it needs a backing file, 'plain.raw', which the hosts that use the image would read"
        ],
        "compressed": None,
        "hint": None,
        "problems": [],
    }


@pytest.mark.parametrize(
    ("name", "length", "problems"),
    [
        ("v1.qcow", None, ["Glance refuses it: version 1 is not accepted"]),
        (
            "v3.qcow2",
            700,
            ["it is incomplete: by its header it has 131072 bytes or more, but the file has 700"],
        ),
    ],
)
def test_the_reasons_why_an_upload_is_refused_are_shown(
    glance: Glance, folder: Path, name: str, length: int | None, problems: list[str]
) -> None:
    (folder / "disk").write_bytes(disk(name)[:length])
    result = glance("image-inspect", "disk", "-f", "json")
    assert json.loads(result.out)["problems"] == problems


@pytest.mark.parametrize(
    ("data", "problems", "hint"),
    [
        (
            b"<!DOCTYPE html><html><body>404</body></html>",
            ["Glance has no disk format for it: HTML or XML page"],
            "Look at its first lines (`head 'my disk'`): it may be an error page that was "
            "downloaded in place of the image.",
        ),
        (
            gzip.compress(b"x" * 100, mtime=0),
            ["Glance has no disk format for it: gzip archive"],
            "Use --decompress, or unpack it and upload the content: gunzip --keep 'my disk'",
        ),
        (b"", ["it is empty"], None),
    ],
    ids=["page", "gzip", "empty"],
)
def test_what_image_create_refuses_has_a_problem_and_a_hint_with_its_name(
    glance: Glance, folder: Path, data: bytes, problems: list[str], hint: str | None
) -> None:
    (folder / "my disk").write_bytes(data)
    found = glance("image-inspect", "my disk", "-f", "json").json
    assert (found["problems"], found["hint"]) == (problems, hint)


def test_several_files_are_shown_as_rows_and_one_that_cannot_be_read_is_named(
    glance: Glance, folder: Path
) -> None:
    result = glance("image-inspect", "v2.qcow2", "gone", "flat.vmdk", ".", "-f", "csv")
    assert result.out == (
        "File,Disk Format,Content,Size,Virtual Size,Safe\n"
        "v2.qcow2,qcow2,qcow2 version 2,196768,10737418240,True\n"
        'flat.vmdk,vmdk,"VMDK descriptor (monolithicFlat), a text without disk data",'
        f"{len(disk('flat.vmdk'))},3221225472,False\n"
    )
    assert result.err == (
        "glance: error: cannot read gone: no such file or directory\n"
        "glance: error: . is a folder, not a file\n"
    )
    assert result.code == 1


def test_sizes_are_shown_with_units_when_asked(glance: Glance, folder: Path) -> None:
    result = glance(
        "image-inspect", "--human-readable", "-f", "value", "-c", "virtual_size", "v2.qcow2"
    )
    assert result.out == "10GB\n"


def test_a_single_file_that_cannot_be_read_fails(glance: Glance, folder: Path) -> None:
    result = glance("image-inspect", "gone")
    assert (result.code, result.out) == (1, "")
    assert result.err == "glance: error: cannot read gone: no such file or directory\n"


def test_no_file_is_a_usage_error(glance: Glance) -> None:
    assert glance("image-inspect").code == 2


def test_the_tables_of_one_property_are_printed_by_hypervisor(glance: Glance) -> None:
    result = glance("image-property-values", "hw_disk_bus")
    assert result.out == (
        "+-------------+--------------+------------------------+--------------+\n"
        "| Property    | Libvirt Type | Supported Model Values | Added Later  |\n"
        "+-------------+--------------+------------------------+--------------+\n"
        "| hw_disk_bus | qemu or kvm  | ide/scsi/virtio        | fdc/sata/usb |\n"
        "| hw_disk_bus | xen          | ide/xen                |              |\n"
        "| hw_disk_bus | vmware       |                        | ide/scsi     |\n"
        "| hw_disk_bus | lxc          |                        | lxc          |\n"
        "| hw_disk_bus | uml          |                        | uml          |\n"
        "| hw_disk_bus | parallels    |                        | ide/scsi     |\n"
        "+-------------+--------------+------------------------+--------------+\n"
    )


def test_all_tables_are_printed_for_one_hypervisor(
    glance: Glance, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = (
        "Property,Libvirt Type,Supported Model Values,Added Later\n"
        "hw_disk_bus,xen,ide/xen,\n"
        "hw_cdrom_bus,xen,ide/xen,\n"
        "hw_vif_model,xen,e1000/netfront/ne2k_pci/pcnet/rtl8139,\n"
    )
    assert glance("image-property-values", "--libvirt-type", "xen", "-f", "csv").out == expected
    monkeypatch.setenv("GLANCECLI_LIBVIRT_TYPE", "xen")
    assert glance("image-property-values", "-f", "csv").out == expected


def test_the_tables_as_json_have_the_values_one_by_one(glance: Glance) -> None:
    result = glance("image-property-values", "hw_cdrom_bus", "--libvirt-type", "kvm", "-f", "json")
    assert result.json == [
        {
            "property": "hw_cdrom_bus",
            "libvirt_type": "qemu or kvm",
            "guide": "ide/scsi/virtio",
            "later": "fdc/sata/usb",
            "values": ["ide", "scsi", "virtio", "fdc", "sata", "usb"],
        }
    ]


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (
            ("hw_colour",),
            "property 'hw_colour' has no table of values. "
            "Use one of hw_disk_bus, hw_cdrom_bus, hw_vif_model.",
        ),
        (
            ("--libvirt-type", "bhyve"),
            "unknown libvirt type 'bhyve'. Use one of qemu, kvm, xen, vmware, lxc, uml, parallels.",
        ),
    ],
)
def test_an_unknown_property_or_hypervisor_is_a_usage_error(
    glance: Glance, words: tuple[str, ...], error: str
) -> None:
    result = glance("image-property-values", *words)
    assert (result.code, result.out, result.err) == (2, "", f"glance: error: {error}\n")
