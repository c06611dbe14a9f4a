import gzip

import pytest

from glancecli.diskformat import DiskInfo, Verdict, check, inspect
from glancecli.errors import GlanceError, UsageError
from tests.support.diskfiles import GIB, changed, disk, whole

QCOW2 = whole(disk("v3.qcow2"))
BACKED = whole(disk("backing.qcow2"))
FLAT = whole(disk("flat.vmdk"))
RAW = whole(disk("plain.raw"))
ISO = whole(disk("disc.iso"))
HYBRID = whole(
    changed(disk("disc.iso"), (446, b"\x80\0\1\0\x17"), (458, b"\1"), (510, b"\x55\xaa"))
)
BOOTABLE = whole(
    changed(disk("plain.raw"), (446, b"\x80\0\1\0\x83"), (458, b"\1"), (510, b"\x55\xaa"))
)
NTFS = whole(changed(disk("plain.raw"), (3, b"NTFS    "), (510, b"\x55\xaa")))
KERNEL = whole(changed(disk("plain.raw"), (0x202, b"HdrS"), (510, b"\x55\xaa")))
PAGE = whole(b"<!DOCTYPE html>\n<title>404 Not Found</title>\n")
L2 = whole(disk("extended-l2.qcow2"))
FIXED_VHD = whole(disk("fixed.vhd"))
QED = whole(disk("plain.qed"))
PLOOP = whole(disk("plain.ploop"))
LUKS = whole(disk("plain.luks"))
LUKS2 = whole(changed(disk("plain.luks"), (6, b"\0\2")))
GZIP = whole(gzip.compress(b"x"))
OVA = DiskInfo(
    None, "OVA appliance", hint="Upload it with --container-format ova --disk-format vmdk."
)
PIPE = inspect(bytes(1024))


@pytest.mark.parametrize(
    ("info", "disk_format", "container_format", "expected"),
    [
        (
            QCOW2,
            None,
            None,
            (
                "qcow2",
                "bare",
                "qcow2 version 3; using --disk-format qcow2 --container-format bare",
            ),
        ),
        (QCOW2, None, "bare", ("qcow2", "bare", "qcow2 version 3; using --disk-format qcow2")),
        (QCOW2, "qcow2", None, ("qcow2", "bare", "qcow2 version 3; using --container-format bare")),
        (QCOW2, None, "ovf", ("qcow2", "ovf", "qcow2 version 3; using --disk-format qcow2")),
        (
            RAW,
            None,
            None,
            ("raw", "bare", "raw data; using --disk-format raw --container-format bare"),
        ),
        (RAW, "ami", None, ("ami", "ami", "raw data; using --container-format ami")),
        (RAW, None, "aki", ("aki", "aki", "raw data; using --disk-format aki")),
        (
            PLOOP,
            None,
            None,
            (
                "ploop",
                "bare",
                "Parallels expanding disk; using --disk-format ploop --container-format bare",
            ),
        ),
    ],
)
def test_formats_left_out_are_detected_and_one_line_says_so(
    info, disk_format, container_format, expected
):
    disk_sent, container_sent, note = expected
    verdict = check(info, disk_format, container_format, name="x.img")
    assert verdict == Verdict(disk_sent, container_sent, (f"x.img: detected {note}",), ())


@pytest.mark.parametrize(
    ("info", "disk_format", "container_format"),
    [
        (QCOW2, "qcow2", "bare"),
        (RAW, "raw", "bare"),
        (RAW, "ami", "ami"),
        (RAW, "ami", "bare"),
        (RAW, "aki", "aki"),
        (GZIP, "ari", "bare"),  # a ramdisk is compressed
        (GZIP, "aki", "bare"),
        (GZIP, "qcow2", "compressed"),
        (RAW, "vmdk", "ova"),
        (QCOW2, "vmdk", "ovf"),
        (RAW, "raw", "docker"),
        (RAW, "site-format", "bare"),
        (PLOOP, "ploop", "bare"),
        (BOOTABLE, "raw", "bare"),
        (NTFS, "raw", "ovf"),  # Glance looks into bare containers only
        (KERNEL, "aki", "aki"),
        (HYBRID, "iso", "bare"),
        (FIXED_VHD, "raw", "bare"),
        (LUKS, "raw", "bare"),
        (LUKS, "luks", "bare"),
        (PIPE, "raw", "bare"),
        (RAW, "raw", "site-container"),
    ],
)
def test_formats_that_match_or_cannot_be_checked_are_used_as_given_without_a_message(
    info, disk_format, container_format
):
    assert check(info, disk_format, container_format) == Verdict(disk_format, container_format)


@pytest.mark.parametrize(
    ("info", "disk_format", "message"),
    [
        (QCOW2, "raw", "disk format raw does not match the content of x.img: qcow2 version 3"),
        (QCOW2, "ami", "disk format ami does not match the content of x.img: qcow2 version 3"),
        (QCOW2, "aki", "disk format aki does not match the content of x.img: qcow2 version 3"),
        (QCOW2, "vmdk", "disk format vmdk does not match the content of x.img: qcow2 version 3"),
        (ISO, "qcow2", "disk format qcow2 does not match the content of x.img: ISO 9660 CD image"),
        (ISO, "raw", "disk format raw does not match the content of x.img: ISO 9660 CD image"),
        (
            HYBRID,
            "raw",
            "disk format raw does not match the content of x.img: ISO 9660 CD image, also bootable as a disk",
        ),
    ],
)
def test_a_mismatch_is_an_error_that_names_the_content(info, disk_format, message):
    with pytest.raises(GlanceError) as caught:
        check(info, disk_format, "bare", name="x.img")
    hint = f"Use --disk-format {info.disk_format}, or --force to upload it anyway."
    assert (caught.value.message, caught.value.hint) == (message, hint)
    assert caught.value.exit_code == 1
    assert check(info, disk_format, "bare", force=True) == Verdict(disk_format, "bare")


@pytest.mark.parametrize("disk_format", ["qcow2", "vmdk", "vdi", "vhd", "vhdx", "iso"])
def test_raw_data_is_refused_for_formats_that_have_a_signature(disk_format):
    with pytest.raises(GlanceError) as caught:
        check(RAW, disk_format, None)
    assert (
        caught.value.message
        == f"disk format {disk_format} does not match the content of the file: raw data"
    )


def test_a_compressed_file_is_refused_with_the_command_that_unpacks_it():
    messages = []
    for disk_format in (None, "qcow2", "raw"):
        with pytest.raises(GlanceError) as caught:
            check(GZIP, disk_format, None, name="my disk.gz")
        messages.append(str(caught.value))
    unpack = "Use --decompress, or unpack it and upload the content: gunzip --keep 'my disk.gz'"
    mismatch = (
        "does not match the content of my disk.gz: gzip archive. "
        f"{unpack} (or use --force to upload it as it is)"
    )
    assert messages == [
        f"Glance has no disk format for the content of my disk.gz: gzip archive. {unpack}",
        f"disk format qcow2 {mismatch}",
        f"disk format raw {mismatch}",
    ]


@pytest.mark.parametrize("info", [QED, OVA, GZIP])
def test_force_does_not_invent_a_disk_format(info):
    with pytest.raises(GlanceError, match="Glance has no disk format for the content of the file"):
        check(info, None, None, force=True)


@pytest.mark.parametrize(
    ("info", "container_format"), [(GZIP, "compressed"), (OVA, "ova"), (RAW, "docker")]
)
def test_in_other_containers_a_disk_format_must_be_given(info, container_format):
    with pytest.raises(UsageError) as caught:
        check(info, None, container_format, name="x")
    assert str(caught.value) == "cannot detect the disk format of x. Give it with --disk-format."


@pytest.mark.parametrize(
    ("info", "command"),
    [
        (BACKED, "qemu-img convert -O qcow2 x.img NEW"),
        (FLAT, "qemu-img convert -O vmdk -o subformat=streamOptimized x.img NEW"),
    ],
)
def test_a_dangerous_file_is_uploaded_only_with_allow_unsafe(info, command):
    for container_format in (None, "bare", "ovf", "ami"):
        with pytest.raises(GlanceError) as caught:
            check(info, info.disk_format, container_format, force=True, name="x.img")
        assert caught.value.message == f"x.img is not safe to upload: {info.dangers[0]}"
        assert caught.value.hint == (
            f"If you trust it, convert it to one self-contained file ({command}) or use --allow-unsafe."
        )
    verdict = check(info, info.disk_format, "bare", allow_unsafe=True, name="x.img")
    assert verdict.warnings[0] == f"x.img is not safe: {info.dangers[0]}"
    with pytest.raises(GlanceError, match="does not match the content"):
        check(info, "vdi", "bare", allow_unsafe=True)


@pytest.mark.parametrize(
    ("info", "disk_format", "min_disk", "needed"),
    [
        (QCOW2, "qcow2", 9, 10),
        (QCOW2._replace(virtual_size=10 * GIB + 1), "qcow2", 10, 11),
        (RAW._replace(size=3 * GIB), "raw", 2, 3),
        (RAW._replace(size=3 * GIB), "ami", 1, 3),
    ],
)
def test_a_min_disk_below_the_virtual_size_gives_a_warning(info, disk_format, min_disk, needed):
    assert check(info, disk_format, "bare", min_disk=min_disk, name="x").warnings == (
        f"min_disk is {min_disk} GiB, but the disk in x needs {needed} GiB: "
        f"servers with smaller disks cannot boot from it; use --min-disk {needed}",
    )


@pytest.mark.parametrize(
    ("info", "min_disk"),
    [(QCOW2, 10), (QCOW2, 0), (QCOW2, None), (QCOW2._replace(virtual_size=None), 1)],
)
def test_a_min_disk_that_is_enough_or_left_out_gives_no_warning(info, min_disk):
    assert check(info, "qcow2", "bare", min_disk=min_disk).warnings == ()


OLD_GLANCE = "se --force if your Glance does not check formats"
NTFS_FLAW = "NTFS file system; its boot sector has no valid partition table"


@pytest.mark.parametrize(
    ("info", "disk_format", "reason", "hint"),
    [
        (NTFS, "raw", NTFS_FLAW, f"U{OLD_GLANCE}."),
        (NTFS, None, NTFS_FLAW, f"U{OLD_GLANCE}."),
        (NTFS, "ami", NTFS_FLAW, f"U{OLD_GLANCE}."),
        (
            KERNEL,
            "raw",
            "Linux kernel; its boot sector has no valid partition table",
            f"Upload a kernel with --disk-format aki --container-format aki (or u{OLD_GLANCE})",
        ),
        (BOOTABLE, "ami", "MBR-partitioned raw disk", f"Use --disk-format raw, or u{OLD_GLANCE}."),
        (
            LUKS2,
            "raw",
            "LUKS-encrypted disk, version 2; only version 1 of LUKS is accepted",
            f"U{OLD_GLANCE}.",
        ),
        (
            FIXED_VHD,
            "vhd",
            "VHD, fixed size (raw data with a footer)",
            f"Use --disk-format raw, or u{OLD_GLANCE}.",
        ),
        (
            L2,
            "qcow2",
            "qcow2 version 3; it has extended L2 entries",
            f"Convert it: qemu-img convert -O qcow2 x NEW (or u{OLD_GLANCE})",
        ),
        (QCOW2, "site-format", "qcow2 version 3", f"Use --disk-format qcow2, or u{OLD_GLANCE}."),
    ],
)
def test_content_that_glance_refuses_after_the_upload_is_refused_before_it(
    info, disk_format, reason, hint
):
    with pytest.raises(GlanceError) as caught:
        check(info, disk_format, "bare", name="x")
    shown = disk_format or "raw"
    assert (caught.value.message, caught.value.hint) == (
        f"Glance refuses x as {shown}: {reason}",
        hint,
    )
    forced = check(info, disk_format, "bare", name="x", force=True)
    assert (forced.disk_format, forced.warnings) == (shown, (caught.value.message,))


def test_a_fixed_vhd_goes_as_raw_when_no_format_is_given():
    verdict = check(FIXED_VHD, None, None)
    assert (verdict.disk_format, verdict.container_format) == ("raw", "bare")


@pytest.mark.parametrize("disk_format", ["raw", "qcow2", "iso", "aki", "site-format"])
@pytest.mark.parametrize("container", [None, "bare", "aki", "ovf", "docker"])
def test_a_web_page_is_refused_under_every_format(disk_format, container):
    with pytest.raises(GlanceError) as caught:
        check(PAGE, disk_format, container, name="disk.raw")
    assert str(caught.value) == (
        f"disk format {disk_format} does not match the content of disk.raw: HTML or XML page. "
        "Look at its first lines (`head disk.raw`): it may be an error page that was downloaded in place of the image "
        "(or use --force to upload it as it is)"
    )
    assert check(PAGE, disk_format, container, force=True).disk_format == disk_format


def test_a_file_whose_end_is_missing_is_refused_unless_forced():
    cut = whole(disk("v3.qcow2")[:196608])
    clause = "by its header it has 196609 bytes or more, but the file has 196608"
    for container in (None, "bare", "ovf"):
        with pytest.raises(GlanceError) as caught:
            check(cut, "qcow2", container, name="x")
        assert str(caught.value) == (
            f"x is incomplete: {clause}. Get the file again, or use --force to upload it as it is."
        )
    assert check(cut, "qcow2", "bare", name="x", force=True).warnings == (
        f"x is incomplete: {clause}",
    )


def test_control_characters_in_a_file_name_are_escaped():
    with pytest.raises(GlanceError) as caught:
        check(QCOW2, "raw", "bare", name="a\x1b[2Jb")
    assert (
        caught.value.message
        == "disk format raw does not match the content of a\\x1b[2Jb: qcow2 version 3"
    )
