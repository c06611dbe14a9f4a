import bz2
import gzip
import io
import json
import lzma
import runpy
import shutil
import struct
import tarfile
import zipfile
from pathlib import Path

import pytest

from glancecli.diskformat import HEAD_SIZE, DiskInfo, inspect, inspect_file
from tests.support.diskfiles import DISKS, GIB, NAMES, changed, disk, whole

PARENT = "it holds only the differences from a parent disk"
BACKING = "it needs a backing file, 'plain.raw', which the hosts that use the image would read"
CONVERT = "Convert it: qemu-img convert -O qcow2 FILE NEW"
ONE_FILE = "Make one file of it: qemu-img convert -O vmdk -o subformat=streamOptimized FILE NEW"
TEXT = "a text without disk data"
PART = "it is one part of a disk in several files and has no descriptor"
NO_TABLE = "its boot sector has no valid partition table"
KERNEL = "Upload a kernel with --disk-format aki --container-format aki."


FOUND = {
    "aes.qcow2": ("qcow2", "qcow2 version 3, encrypted (AES)", 1 << 20, (), ""),
    "backing-v2.qcow2": ("qcow2", "qcow2 version 2", 1 << 20, (BACKING,), ""),
    "backing.qcow": (None, "qcow version 1", 1 << 20, (BACKING,), CONVERT),
    "backing.qcow2": ("qcow2", "qcow2 version 3", 1 << 20, (BACKING,), ""),
    "backing.qed": (None, "QED", 1 << 20, (BACKING,), CONVERT),
    "backing.vmdk": (
        "vmdk",
        "VMDK, monolithicSparse",
        3 * GIB,
        (f"{PARENT}, 'sparse.vmdk'",),
        "",
    ),
    "data-file.qcow2": (
        "qcow2",
        "qcow2 version 3",
        1 << 20,
        ("its data is in another file, 'data.raw'",),
        "",
    ),
    "disc.iso": ("iso", "ISO 9660 CD image", 49152, (), ""),
    "dynamic.vdi": ("vdi", "VDI, dynamic", GIB, (), ""),
    "dynamic.vhd": ("vhd", "VHD, dynamic", 1073995776, (), ""),
    "dynamic.vhdx": ("vhdx", "VHDX", GIB, (), ""),
    "ext4.raw": ("raw", "ext2, ext3 or ext4 file system", 1 << 20, (), ""),
    "extended-l2.qcow2": (
        "qcow2",
        "qcow2 version 3",
        GIB,
        (),
        CONVERT,
    ),
    "fixed.vhd": ("raw", "VHD, fixed size (raw data with a footer)", 1079296, (), ""),
    "fixed.vhdx": ("vhdx", "VHDX", 1 << 20, (), ""),
    "flat.vmdk": (
        "vmdk",
        f"VMDK descriptor (monolithicFlat), {TEXT}",
        3 * GIB,
        ("its data is in other files: 'flat-flat.vmdk'",),
        ONE_FILE,
    ),
    "plain.luks": ("raw", "LUKS-encrypted disk, version 1", 4096, (), ""),
    "plain.ploop": ("ploop", "Parallels expanding disk", GIB, (), ""),
    "plain.qed": (None, "QED", GIB, (), CONVERT),
    "plain.raw": ("raw", "raw data", 1 << 20, (), ""),
    "sparse.vmdk": ("vmdk", "VMDK, monolithicSparse", 3 * GIB, (), ""),
    "split-flat.vmdk": (
        "vmdk",
        f"VMDK descriptor (twoGbMaxExtentFlat), {TEXT}",
        3 * GIB,
        ("its data is in other files: 'split-flat-f001.vmdk', 'split-flat-f002.vmdk'",),
        ONE_FILE,
    ),
    "split-sparse-s001.vmdk": ("vmdk", "VMDK, sparse extent", 2 * GIB, (PART,), ""),
    "split-sparse.vmdk": (
        "vmdk",
        f"VMDK descriptor (twoGbMaxExtentSparse), {TEXT}",
        3 * GIB,
        ("its data is in other files: 'split-sparse-s001.vmdk', 'split-sparse-s002.vmdk'",),
        ONE_FILE,
    ),
    "static.vdi": ("vdi", "VDI, fixed size", 1 << 20, (), ""),
    "stream.vmdk": ("vmdk", "VMDK, streamOptimized", 3 * GIB, (), ""),
    "v1.qcow": (None, "qcow version 1", GIB, (), CONVERT),
    "v2.qcow2": ("qcow2", "qcow2 version 2", 10 * GIB, (), ""),
    "v3.qcow2": ("qcow2", "qcow2 version 3", 10 * GIB, (), ""),
    "zstd.qcow2": ("qcow2", "qcow2 version 3", GIB, (), ""),
}


@pytest.mark.parametrize("name", NAMES)
def test_a_file_made_by_a_real_program_is_recognized_with_its_size_and_dangers(name):
    data = disk(name)
    info = whole(data)
    assert (info.disk_format, info.detail, info.virtual_size, info.dangers, info.hint) == FOUND[
        name
    ]
    assert (info.size, info.compressed, info.incomplete) == (len(data), None, "")


QEMU_NAMES = {"vpc": "vhd", "parallels": "ploop", "qed": None, "qcow": None, "luks": "raw"}


def results(source: str, tmp_path: Path) -> dict[str, tuple[DiskInfo, dict]]:
    """The results of our inspection and of qemu-img for each disk."""
    if source == "recorded":
        said = json.loads((DISKS / "qemu-img.json").read_text())
        return {name: (whole(disk(name)), said[name]) for name in said}
    make = runpy.run_path(str(DISKS / "make.py"))["make"]
    said = make(tmp_path, leave_out=("plain.luks",))
    return {name: (inspect_file(tmp_path / name), said[name]) for name in said}


@pytest.mark.parametrize(
    "source", ["recorded", *(["installed"] if shutil.which("qemu-img") else [])]
)
def test_formats_sizes_and_linked_files_are_those_that_qemu_img_reports(source, tmp_path):
    ours, theirs = {}, {}
    for name, (info, said) in results(source, tmp_path).items():
        if name == "fixed.vhd":  # qemu-img takes a fixed VHD for raw, so it counts the footer
            said["virtual-size"] -= 512
        if said["format"] == "luks":  # Glance stores it as raw, header included
            said["virtual-size"] = info.size
        linked = said["backing-filename"] or said["data-file"]
        named = [danger.split("'")[1] for danger in info.dangers if "other files" not in danger]
        ours[name] = (info.disk_format, info.virtual_size, named)
        theirs[name] = (
            QEMU_NAMES.get(said["format"], said["format"]),
            said["virtual-size"],
            [linked] if linked else [],
        )
    assert ours == theirs


@pytest.mark.parametrize("name", NAMES)
def test_the_head_alone_gives_the_same_result_except_for_facts_behind_it(name):
    info, head = whole(disk(name)), inspect(disk(name)[:HEAD_SIZE])
    if name == "fixed.vhd":
        expected = DiskInfo("raw", "raw data")
    elif name.endswith(".vhdx") or info.disk_format == "raw":
        expected = info._replace(size=None, virtual_size=None)
    else:
        expected = info._replace(size=None)
    assert head == expected


def mbr(*entries: tuple[int, int], first: bytes = b"\0\2\0") -> bytes:
    """A boot sector with these partitions (boot flag, type), first is the cylinder-head-sector of each."""
    table = b"".join(struct.pack("<B3sB3xII", flag, first, kind, 1, 2048) for flag, kind in entries)
    return bytes(446) + table.ljust(64, b"\0") + b"\x55\xaa"


GPT = (0, 0xEE)
FAT = (0x10, b"\2\0\2\0\0\xf8")  # two tables, on a fixed disk


@pytest.mark.parametrize(
    ("start", "detail", "flaw"),
    [
        (b"", "empty file", ""),
        (b"word", "raw data", ""),
        (bytes(510), "raw data", ""),
        (mbr((0x80, 0x83)), "MBR-partitioned raw disk", ""),
        (mbr(GPT) + b"EFI PART", "GPT-partitioned raw disk", ""),
        (
            mbr(GPT).ljust(4096, b"\0") + b"EFI PART".ljust(4096, b"\0"),
            "GPT-partitioned raw disk",
            "",
        ),
        (mbr(GPT, first=b"\0\1\0") + b"EFI PART", "GPT-partitioned raw disk", NO_TABLE),
        (mbr(GPT, (0, 0x83)) + b"EFI PART", "GPT-partitioned raw disk", NO_TABLE),
        (mbr(), "raw disk with a boot sector", NO_TABLE),
        (mbr((0x17, 0x83)), "raw disk with a boot sector", NO_TABLE),
        (changed(mbr(), (0x52, b"FAT32   ")), "FAT file system", NO_TABLE),
        (changed(mbr(), (0x52, b"FAT32   "), FAT), "FAT file system", ""),
        (changed(mbr(), (0x36, b"FAT16   "), FAT), "FAT file system", ""),
        (changed(mbr(), (3, b"NTFS    ")), "NTFS file system", NO_TABLE),
        (b"\x7fELF", "ELF program or kernel", ""),
        (b"070701", "cpio archive (ramdisk)", ""),
        (b"XFSB", "XFS file system", ""),
        (bytes(0x10040) + b"_BHRfS_M", "Btrfs file system", ""),
        (
            changed(mbr(), (444, b"\0")) + bytes(0x238) + b"\x53\xef",
            "ext2, ext3 or ext4 file system",
            NO_TABLE,
        ),
    ],
)
def test_raw_data_is_described_by_its_first_bytes_with_the_reason_why_glance_refuses_it(
    start, detail, flaw
):
    data = start.ljust(1024, b"\0") if b"EFI PART" in start else start
    seen = ("gpt",) if data[510:512] == b"\x55\xaa" and data[0x10:0x11] != b"\2" else ()
    assert whole(data) == DiskInfo("raw", detail, len(data), len(data), flaw=flaw, seen=seen)


def test_a_kernel_with_a_boot_sector_comes_with_the_formats_under_which_glance_takes_it():
    kernel = mbr() + b"\0\0HdrS"
    assert whole(kernel) == DiskInfo(
        "raw", "Linux kernel", 518, 518, hint=KERNEL, flaw=NO_TABLE, seen=("gpt",)
    )


def test_a_cd_image_that_boots_as_a_disk_is_iso():
    hybrid = changed(disk("disc.iso"), (0, mbr((0x80, 0x17))))
    detail = "ISO 9660 CD image, also bootable as a disk"
    assert whole(hybrid) == DiskInfo("iso", detail, len(hybrid), 49152, seen=("iso", "gpt"))


def test_a_udf_image_is_raw_for_glance_unless_it_begins_like_a_cd():
    data = bytes(0x8001) + b"BEA01".ljust(2047, b"\0")
    size = len(data)
    assert whole(data) == DiskInfo("raw", "UDF CD image", size, size, accepts=("iso",))
    bridge = changed(data, (0x8001, b"NSR02"))
    assert whole(bridge) == DiskInfo("iso", "UDF CD image", size, size, seen=("iso",))


def archived(kind: str) -> bytes:
    target = io.BytesIO()
    if kind == "zip":
        with zipfile.ZipFile(target, "w") as archive:
            archive.writestr("disk.img", b"data")
    else:
        with tarfile.open(fileobj=target, mode="w") as archive:
            archive.addfile(tarfile.TarInfo("box.ovf" if kind == "ova" else "disk.img"))
    return target.getvalue()


@pytest.mark.parametrize(
    ("data", "detail", "compressed", "hint"),
    [
        (gzip.compress(b"x"), "gzip archive", "gzip", "gunzip --keep FILE"),
        (lzma.compress(b"x"), "xz archive", "xz", "unxz --keep FILE"),
        (bz2.compress(b"x"), "bzip2 archive", "bzip2", "bunzip2 --keep FILE"),
        (
            bytes.fromhex("28b52ffd0458110000787a6f9f4b"),
            "zstd archive",
            "zstd",
            "unzstd --keep FILE",
        ),
        (bytes.fromhex("04224d186440a701000080780000"), "lz4 archive", "lz4", "unlz4 --keep FILE"),
        (archived("zip"), "zip archive", None, "unzip FILE"),
        (bytes.fromhex("377abcaf271c0004"), "7z archive", None, "7z x FILE"),
        (archived("tar"), "tar archive", None, "tar -xf FILE"),
        (bytes.fromhex("3aff26ed01000000"), "simg archive", None, "simg2img FILE NEW"),
    ],
    ids=["gzip", "xz", "bzip2", "zstd", "lz4", "zip", "7z", "tar", "simg"],
)
def test_an_archive_is_not_a_disk_and_comes_with_the_command_that_unpacks_it(
    data, detail, compressed, hint
):
    hint = f"unpack it and upload the content: {hint}"
    if compressed in ("gzip", "xz", "bzip2", "zstd"):
        hint = f"Use --decompress, or {hint}"
    else:
        hint = hint[0].upper() + hint[1:]
    assert whole(data) == DiskInfo(None, detail, len(data), compressed=compressed, hint=hint)


def test_an_appliance_is_recognized_by_its_first_file():
    data = archived("ova")
    detail = "OVA appliance (tar archive with 'box.ovf')"
    hint = "Upload it with --container-format ova --disk-format vmdk."
    assert whole(data) == DiskInfo(None, detail, len(data), hint=hint)


def described(*lines: str, kind: str = "monolithicSparse") -> bytes:
    """A sparse VMDK whose embedded descriptor has these lines."""
    text = "\n".join(["# Disk DescriptorFile", "version=1", f'createType="{kind}"', *lines])
    return changed(disk("sparse.vmdk"), (512, text.encode().ljust(20 * 512, b"\0")))


OTHER_FILES = "its descriptor names other files or devices: "


@pytest.mark.parametrize(
    ("data", "dangers"),
    [
        (described('RW 2048 SPARSE "any-name.vmdk"'), ()),
        (described('RDONLY 2048 SPARSE "a.vmdk"', kind="streamOptimized"), ()),
        (described('RW 2048 SPARSE "/etc/x"'), (f"{OTHER_FILES}'/etc/x'",)),
        (described('RW 2048 SPARSE "..\\x"'), (f"{OTHER_FILES}'..\\x'",)),
        (described('RW 2048 FLAT "a.raw" 0'), (f"{OTHER_FILES}'a.raw'",)),
        (described('RW 1 SPARSE "a"', 'RW 1 SPARSE "b"'), (f"{OTHER_FILES}'a', 'b'",)),
        (
            described(*(f'RW 1 FLAT "{n}" 0' for n in range(9))),
            (f"{OTHER_FILES}'0', '1', '2', '3' and 5 more",),
        ),
        (described("RW 1 ZERO"), (f"{OTHER_FILES}none named",)),
        (described(), (f"{OTHER_FILES}none named",)),
        (
            described('RW 1 SPARSE "a"', kind="vmfs\x1b[31m"),
            ("its type, 'vmfs\\x1b[31m', does not keep all data in one file",),
        ),
        (described('RW 1 SPARSE "a"', "parentCID=0badcafe"), (PARENT,)),
        (changed(disk("sparse.vmdk"), (28, bytes(16))), (PART,)),
        (b"COWD".ljust(2048, b"\0"), (PART,)),
        (
            b'# a comment\n\nversion=1\nRW 1 FLAT "/dev/sda" 0\n',
            ("its data is in other files: '/dev/sda'",),
        ),
    ],
)
def test_a_vmdk_is_safe_only_as_one_sparse_file_that_names_itself(data, dangers):
    info = whole(data)
    assert (info.disk_format, info.dangers) == ("vmdk", dangers)


def test_differencing_disks_are_dangerous():
    vhd = changed(
        disk("dynamic.vhd"), (60, b"\0\0\0\4"), (512 + 64, "base.vhd\0".encode("utf-16-be"))
    )
    assert whole(vhd).dangers == (f"{PARENT}, 'base.vhd'",)
    assert whole(changed(disk("dynamic.vdi"), (76, b"\4"))).dangers == (PARENT,)
    vhdx = disk("dynamic.vhdx")
    parameters = vhdx.index(bytes.fromhex("3767a1ca36fa434db3b633f0aa44e76b"))
    region = vhdx.rindex(b"metadata", 0, parameters)
    flags = region + int.from_bytes(vhdx[parameters + 16 : parameters + 20], "little") + 4
    assert whole(changed(vhdx, (flags, b"\2"))).dangers == (PARENT,)


NOT_CLOSED = "It was not closed cleanly; is a server still using it? Check it: qemu-img check FILE"
CORRUPT = "It is marked as corrupt; repair it: qemu-img check -r all FILE"


@pytest.mark.parametrize(
    ("change", "hint", "flaw"),
    [
        ((79, b"\x01"), NOT_CLOSED, ""),
        ((79, b"\x02"), CORRUPT, ""),
        ((79, b"\x10"), CONVERT, "it has extended L2 entries"),
        ((78, b"\x01"), CONVERT, "it was made by a newer program"),
        ((7, b"\x09"), CONVERT, "it was made by a newer program"),
    ],
)
def test_a_qcow2_that_glance_or_a_hypervisor_refuses_comes_with_advice(change, hint, flaw):
    info = whole(changed(disk("v3.qcow2"), change))
    assert (info.hint, info.flaw) == (hint, flaw)


@pytest.mark.parametrize(
    ("name", "flaw"),
    [
        ("v1.qcow", "version 1 is not accepted"),
        ("plain.qed", "QED is not accepted"),
        ("extended-l2.qcow2", "it has extended L2 entries"),
        ("v2.qcow2", ""),
        ("zstd.qcow2", ""),
        ("plain.luks", ""),
    ],
)
def test_a_format_that_glance_refuses_comes_with_the_reason(name, flaw):
    assert whole(disk(name)).flaw == flaw


def test_control_characters_in_names_from_a_file_are_escaped():
    data = disk("backing.qcow2")
    renamed = data.replace(b"plain.raw", b"\x1b[2J\n.iso")
    assert whole(renamed).dangers == (BACKING.replace("plain.raw", "\\x1b[2J\\n.iso"),)
