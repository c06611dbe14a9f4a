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
HYBRID = ISO._replace(accepts=("raw",))
FIXED_VHD = whole(disk("fixed.vhd"))
QED = whole(disk("plain.qed"))
PLOOP = whole(disk("plain.ploop"))
LUKS = whole(disk("plain.luks"))
LUKS2 = whole(changed(disk("plain.luks"), (6, b"\0\2")))
GZIP = whole(gzip.compress(b"x"))
OVA = DiskInfo(None, "OVA appliance", hint="Send it with --container-format ova --disk-format vmdk")
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
                "qcow2 version 3: taking disk format qcow2 and container format bare",
            ),
        ),
        (QCOW2, None, "bare", ("qcow2", "bare", "qcow2 version 3: taking disk format qcow2")),
        (QCOW2, "qcow2", None, ("qcow2", "bare", "qcow2 version 3: taking container format bare")),
        (QCOW2, None, "ovf", ("qcow2", "ovf", "qcow2 version 3: taking disk format qcow2")),
        (
            RAW,
            None,
            None,
            ("raw", "bare", "raw data: taking disk format raw and container format bare"),
        ),
        (RAW, "ami", None, ("ami", "ami", "raw data: taking container format ami")),
        (RAW, None, "aki", ("aki", "aki", "raw data: taking disk format aki")),
        (
            PLOOP,
            None,
            None,
            (
                "ploop",
                "bare",
                "Parallels expanding disk: taking disk format ploop and container format bare",
            ),
        ),
    ],
)
def test_formats_left_out_are_filled_in_from_the_content_and_one_line_says_so(
    info, disk_format, container_format, expected
):
    disk_sent, container_sent, note = expected
    verdict = check(info, disk_format, container_format, name="x.img")
    assert verdict == Verdict(disk_sent, container_sent, (f"x.img holds {note}",), ())


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
        (QCOW2, "ploop", "bare"),
        (QCOW2, "site-format", "bare"),
        (PLOOP, "ploop", "bare"),
        (HYBRID, "raw", "bare"),
        (HYBRID, "iso", "bare"),
        (FIXED_VHD, "raw", "bare"),
        (LUKS, "raw", "bare"),
        (LUKS, "luks", "bare"),
        (PIPE, "vhd", "bare"),  # the footer of a fixed VHD is not seen in a pipe
        (RAW, "raw", "site-container"),
    ],
)
def test_what_fits_or_cannot_be_told_goes_out_as_asked_without_a_word(
    info, disk_format, container_format
):
    assert check(info, disk_format, container_format) == Verdict(disk_format, container_format)


@pytest.mark.parametrize(
    ("info", "disk_format", "message"),
    [
        (QCOW2, "raw", "disk format is raw, but x.img holds something else: qcow2 version 3"),
        (QCOW2, "ami", "disk format is ami, but x.img holds something else: qcow2 version 3"),
        (QCOW2, "aki", "disk format is aki, but x.img holds something else: qcow2 version 3"),
        (QCOW2, "vmdk", "disk format is vmdk, but x.img holds something else: qcow2 version 3"),
        (ISO, "qcow2", "disk format is qcow2, but x.img holds something else: ISO 9660 CD image"),
        (ISO, "raw", "disk format is raw, but x.img holds something else: ISO 9660 CD image"),
    ],
)
def test_a_mismatch_is_an_error_that_says_what_the_file_is(info, disk_format, message):
    with pytest.raises(GlanceError) as caught:
        check(info, disk_format, "bare", name="x.img")
    hint = f"Say --disk-format {info.disk_format}, or --force to send it nevertheless"
    assert (caught.value.message, caught.value.hint) == (message, hint)
    assert caught.value.exit_code == 1
    assert check(info, disk_format, "bare", force=True) == Verdict(disk_format, "bare")


@pytest.mark.parametrize("disk_format", ["qcow2", "vmdk", "vdi", "vhd", "vhdx", "iso"])
def test_plain_data_is_none_of_the_formats_that_have_a_signature(disk_format):
    with pytest.raises(GlanceError) as caught:
        check(RAW, disk_format, None)
    assert (
        caught.value.message
        == f"disk format is {disk_format}, but the file holds something else: raw data"
    )


def test_a_compressed_file_is_refused_with_the_command_that_unpacks_it():
    sayings = []
    for disk_format in (None, "qcow2", "raw"):
        with pytest.raises(GlanceError) as caught:
            check(GZIP, disk_format, None, name="my disk.gz")
        sayings.append(str(caught.value))
    unpack = "Unpack it and send what is in it: gunzip --keep 'my disk.gz'"
    something = (
        f"my disk.gz holds something else: gzip archive. {unpack}; --force sends it as it is"
    )
    assert sayings == [
        f"Glance has no disk format for what my disk.gz holds: gzip archive. {unpack}",
        f"disk format is qcow2, but {something}",
        f"disk format is raw, but {something}",
    ]


@pytest.mark.parametrize("info", [QED, OVA, GZIP])
def test_force_does_not_invent_a_disk_format(info):
    with pytest.raises(GlanceError, match="Glance has no disk format for what the file holds"):
        check(info, None, None, force=True)


@pytest.mark.parametrize(
    ("info", "container_format"), [(GZIP, "compressed"), (OVA, "ova"), (RAW, "docker")]
)
def test_in_other_containers_a_disk_format_must_be_said(info, container_format):
    with pytest.raises(UsageError) as caught:
        check(info, None, container_format, name="x")
    assert (
        str(caught.value)
        == "the content of x does not tell its disk format. Say it with --disk-format"
    )


@pytest.mark.parametrize(
    ("info", "command"),
    [
        (BACKED, "qemu-img convert -O qcow2 x.img NEW"),
        (FLAT, "qemu-img convert -O vmdk -o subformat=streamOptimized x.img NEW"),
    ],
)
def test_a_dangerous_file_goes_out_with_allow_unsafe_alone(info, command):
    for container_format in (None, "bare", "ovf", "ami"):
        with pytest.raises(GlanceError) as caught:
            check(info, info.disk_format, container_format, force=True, name="x.img")
        assert caught.value.message == f"x.img is not safe to send: {info.dangers[0]}"
        assert caught.value.hint == (
            f"If you trust it, make one self-contained file of it ({command}), or say --allow-unsafe"
        )
    verdict = check(info, info.disk_format, "bare", allow_unsafe=True, name="x.img")
    assert verdict.warnings[0] == f"x.img is not safe: {info.dangers[0]}"
    with pytest.raises(GlanceError, match="holds something else"):
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
def test_a_min_disk_below_the_virtual_size_draws_a_warning(info, disk_format, min_disk, needed):
    assert check(info, disk_format, "bare", min_disk=min_disk, name="x").warnings == (
        f"min_disk is {min_disk} GiB, but the disk in x takes {needed} GiB: "
        f"servers with less cannot boot from it; --min-disk {needed} says so",
    )


@pytest.mark.parametrize(
    ("info", "min_disk"),
    [(QCOW2, 10), (QCOW2, 0), (QCOW2, None), (QCOW2._replace(virtual_size=None), 1)],
)
def test_a_min_disk_that_is_enough_or_left_out_draws_none(info, min_disk):
    assert check(info, "qcow2", "bare", min_disk=min_disk).warnings == ()


def test_what_glance_would_refuse_is_warned_of_before_it_is_sent():
    assert check(LUKS2, "raw", "bare", name="x").warnings == (
        "x: LUKS-encrypted disk, version 2. A Glance that checks formats refuses LUKS other than version 1",
    )
    assert check(FIXED_VHD, "vhd", "bare", name="x").warnings == (
        "x: VHD, fixed size. A Glance that checks formats takes a fixed VHD only as raw (--disk-format raw)",
    )


def test_control_characters_in_a_file_name_are_not_repeated():
    with pytest.raises(GlanceError) as caught:
        check(QCOW2, "raw", "bare", name="a\x1b[2Jb")
    assert (
        caught.value.message
        == "disk format is raw, but a\\x1b[2Jb holds something else: qcow2 version 3"
    )
