"""Files that were made to deceive: judged by Glance's own inspectors and by what the real QEMU opens."""

import hashlib
import json
import lzma
import re
from functools import cache

import pytest

from glancecli.diskformat import DiskInfo, check
from glancecli.errors import GlanceError
from tests.support.diskfiles import NAMES, changed, disk, whole
from tests.support.glancejudge import Judgement
from tests.support.mutation import COUNT, RECORDS, mutated

FORMATS = ("raw", "qcow2", "vmdk", "vdi", "vhd", "vhdx", "iso", "ami", "aki", "ploop", "luks")
BATCH = 1000
BATCHES = range(0, COUNT, BATCH)

# Why we refuse what Glance accepts: what the error says, and the reason.
OUR_REFUSALS = {
    "does not match the content": "under this name servers see the bytes of the container, or a text",
    "is incomplete": "the end of the file is missing; Glance does not look for it",
    "it needs a backing file": "under raw, Glance accepts a qcow1 that it cannot read",
    "it holds only the differences from a parent disk": "Glance does not look for parents of VHD, VHDX, VDI and VMDK",
    "its data is in": "a VMDK descriptor without createType is a text for Glance, but QEMU follows it",
    "a text stands behind the end of its descriptor": "QEMU reads it; Glance stops at the first NUL",
    "and has no descriptor": "Glance knows no ESX extents (COWD), and QEMU opens them",
    "its descriptor names other files": "Glance refuses slashes only",
    "its descriptor has the word": "QEMU and VMware may take different ones",
    "its descriptor has a line of an unknown form": "Glance accepts every setting that has no spaces",
    "it has no capacity": "QEMU then reads the descriptor like one in a file of its own",
    "two formats at once": "Glance knows fewer formats",
    "its metadata is damaged": "Glance stores a VHDX whose tables have no size of the disk",
    "Glance refuses the file as ploop": "QED and qcow need 512 bytes for Glance; QEMU needs less",
}


def refusal(info: DiskInfo, disk_format: str) -> str:
    """The error for this file in a bare container, "" when it is sent."""
    try:
        check(info, disk_format, "bare")
    except GlanceError as error:
        return error.message
    return ""


@cache
def records() -> list[dict]:
    return json.loads(lzma.decompress(RECORDS.read_bytes()))


@pytest.mark.parametrize("start", BATCHES)
def test_what_is_sent_is_what_glance_accepts_and_every_stricter_refusal_has_a_reason(start):
    unexpected, unexplained = [], set()
    for number in range(start, start + BATCH):
        _, data = mutated(number)
        info, glance = whole(data), Judgement(data)
        assert tuple(sorted(info.seen)) == glance.formats, number
        for disk_format in FORMATS:
            message, accepted = refusal(info, disk_format), glance.accepts(disk_format)
            if not message and not accepted:
                unexpected.append((number, disk_format))
            if message and accepted and not any(words in message for words in OUR_REFUSALS):
                unexplained.add(message)
    assert (unexpected, unexplained) == ([], set())


# What QEMU calls a format, and what we do; where both differ, the reason.
QEMU_NAMES = {"vpc": "vhd", "parallels": "ploop", "qcow": None, "qed": None}
OTHER_NAMES = {
    ("raw", "iso"): "a CD image is raw for QEMU",
    ("raw", "ploop"): "QEMU wants version 2",
    ("raw", "qcow2"): "QEMU wants a version from 1 to 3",
    ("raw", None): "archives and texts are raw for QEMU",
}


@pytest.mark.parametrize("start", BATCHES)
def test_no_file_that_makes_the_real_qemu_open_another_file_counts_as_safe(start):
    unsafe, misnamed = [], set()
    for number in range(start, start + BATCH):
        _, data = mutated(number)
        said = records()[number]
        assert hashlib.sha256(data).hexdigest()[:16] == said["sha256"], (
            "run tests/data/disks/record.py"
        )
        info = whole(data)
        if said["opened"] and not info.dangers:
            unsafe.append((number, said["opened"]))
        named = (QEMU_NAMES.get(said["format"], said["format"]), info.disk_format)
        agree = named[0] == named[1] or named in OTHER_NAMES or not said["format"]
        if not agree and not info.dangers:
            misnamed.add((number, named))
    assert (unsafe, misnamed) == ([], set())


RAW, KERNEL = ("raw",), ("ami", "aki")
AS_RAW = "a server would see the container, not the disk"
PARENT = "it needs its parent disk"
DIFFERENCES = {
    "aes.qcow2": (RAW, AS_RAW),
    "backing.vmdk": (("raw", "vmdk"), PARENT),
    "disc.iso": (RAW, "CD images have a name of their own"),
    "dynamic.vdi": (RAW, AS_RAW),
    "dynamic.vhd": (RAW, AS_RAW),
    "dynamic.vhdx": (RAW, AS_RAW),
    "fixed.vhdx": (RAW, AS_RAW),
    "plain.ploop": ((*RAW, *KERNEL), AS_RAW),
    "sparse.vmdk": (RAW, AS_RAW),
    "static.vdi": (RAW, AS_RAW),
    "stream.vmdk": (RAW, AS_RAW),
    "v2.qcow2": (RAW, AS_RAW),
    "v3.qcow2": (RAW, AS_RAW),
    "zstd.qcow2": (RAW, AS_RAW),
}


@pytest.mark.parametrize("name", NAMES)
def test_the_table_of_differences_has_every_real_file_that_glance_would_accept(name):
    info, glance = whole(disk(name)), Judgement(disk(name))
    stricter, looser = [], []
    for disk_format in FORMATS:
        message, accepted = refusal(info, disk_format), glance.accepts(disk_format)
        if message and accepted:
            stricter.append(disk_format)
        if accepted is False and not message:
            looser.append(disk_format)
    expected, _ = DIFFERENCES.get(name, ((), ""))
    assert (tuple(stricter), looser) == (expected, [])


TEXT = re.sub(rb"\0.*", b"", disk("sparse.vmdk")[512:], flags=re.DOTALL)
EXTENT = b'RW 6291456 SPARSE "sparse.vmdk"'
HINT = b'parentFileNameHint="/etc/passwd"\n'
PARENT_DANGER = "it holds only the differences from a parent disk"
NAMED_PARENT = f"{PARENT_DANGER}, '/etc/passwd'"
BEHIND = "a text stands behind the end of its descriptor"
NO_CAPACITY = "it has no capacity, so that QEMU reads its descriptor like a file of its own"


def described(text: bytes, *changes: tuple[int, bytes]) -> bytes:
    """A sparse VMDK with this descriptor, and these bytes of its header changed."""
    return changed(disk("sparse.vmdk"), (512, text.ljust(20 * 512, b"\0")), *changes)


def unknown(line: str) -> str:
    return f"its descriptor has a line of an unknown form, '{line}'"


@pytest.mark.parametrize(
    ("data", "dangers"),
    [
        (described(TEXT), ()),
        # A parent, in every way to hide it
        (described(TEXT + HINT), (NAMED_PARENT,)),
        (
            described(TEXT + HINT.upper()),
            (NAMED_PARENT.upper().replace(PARENT_DANGER.upper(), PARENT_DANGER),),
        ),
        (described(TEXT + b"# " + HINT), (PARENT_DANGER,)),
        (described(TEXT + b'ddb.x = "' + HINT.replace(b'"', b"") + b'"\n'), (PARENT_DANGER,)),
        (described(TEXT + b" \t" + HINT), (NAMED_PARENT,)),
        (described(TEXT + HINT, (36, b"\2\0")), (NAMED_PARENT,)),
        (described(TEXT + b"\0" + HINT), (BEHIND,)),
        (described(TEXT.ljust(1024, b"\0") + HINT, (36, b"\2\0")), (BEHIND,)),
        (described(TEXT.ljust(3000, b"\n"), (36, b"\2\0")), (BEHIND,)),
        (described(TEXT.replace(b"parentCID=ffffffff", b"parentCID=00000000")), (PARENT_DANGER,)),
        (
            described(TEXT + b"parentCID=00000000\n"),
            ("its descriptor has the word parentcid more than once",),
        ),
        # Another descriptor than the one that is looked at
        (
            changed(described(TEXT, (28, b"\x16")), (22 * 512, TEXT)),
            ("its descriptor is not in the sector behind the header",),
        ),
        (described(TEXT, (12, bytes(8))), (NO_CAPACITY,)),
        (described(TEXT + HINT, (12, bytes(8))), (NO_CAPACITY, NAMED_PARENT)),
        # Other files
        (
            described(TEXT + b'RW 63 FLAT "/etc/passwd" 0\n'),
            ("its descriptor names other files or devices: 'sparse.vmdk', '/etc/passwd'",),
        ),
        (
            described(TEXT.replace(EXTENT, b'rw 63 flat "/etc/passwd" 0')),
            ("its descriptor names other files or devices: '/etc/passwd'",),
        ),
        (
            described(TEXT.replace(EXTENT, b'RW 63 SPARSE "json:{}" 0')),
            ("its descriptor names other files or devices: 'json:{}'",),
        ),
        (
            described(TEXT + b'changeTrackPath="/etc/passwd"\n'),
            (unknown('changeTrackPath="/etc/passwd"'),),
        ),
        # What programs may read differently
        (
            described(TEXT + b'createType="monolithicFlat"\n'),
            ("its descriptor has the word createtype more than once",),
        ),
        (
            described(TEXT + b'# CREATETYPE="vmfs"\n'),
            ("its descriptor has the word createtype more than once",),
        ),
        (
            described(TEXT.replace(b"monolithicSparse", b"custom")),
            ("its type, 'custom', does not keep all data in one file",),
        ),
        (described(TEXT + b"a line\n"), (unknown("a line"),)),
        (described(TEXT + b"# a\rb\n"), (unknown("# a\\rb"),)),
        (described(TEXT + "# \u2028é\n".encode()), (unknown("# â\\x80¨Ã©"),)),
    ],
)
def test_a_sparse_vmdk_is_safe_only_when_every_program_reads_it_the_same_way(data, dangers):
    assert whole(data).dangers == dangers


VMWARE = b"""# Disk DescriptorFile
version=1
encoding="windows-1252"
CID=7d3c5d4e
parentCID=ffffffff
isNativeSnapshot="no"
createType="streamOptimized"

# Extent description
RW 8388608 SPARSE "generated-stream.vmdk"

# The Disk Data Base\x20
#DDB

ddb.adapterType = "lsilogic"
ddb.geometry.cylinders = "522"
ddb.longContentID = "0123456789abcdef0123456789abcdef"
ddb.uuid = "60 00 C2 9b 3f 4d"
"""
VIRTUALBOX = b"""# Disk DescriptorFile
version=1
CID=4bb1d5b0
parentCID=ffffffff
createType="streamOptimized"

# Extent description
RDONLY 81920000 SPARSE "box-disk001.vmdk"

# The disk Data Base
#DDB

ddb.virtualHWVersion = "4"
ddb.uuid.image="6a6b5a0a-4a5e-4c1c-9b0b-0123456789ab"
ddb.uuid.parent="00000000-0000-0000-0000-000000000000"
ddb.comment=""
"""


@pytest.mark.parametrize("text", [VMWARE, VIRTUALBOX, VMWARE.replace(b"\n", b"\r\n")])
def test_the_descriptors_that_vmware_and_virtualbox_write_are_safe(text):
    assert whole(described(text)).dangers == ()


def stream(*changes: tuple[int, bytes]) -> bytes:
    """A stream with a footer: marker, footer, end marker; changes count from the marker."""
    header = changed(disk("stream.vmdk"), (56, b"\xff" * 8))
    footer = changed(header[:512], (56, disk("stream.vmdk")[56:64]))
    marker = bytes(12) + b"\3" + bytes(499)
    return header + changed(marker + footer + bytes(512), *changes)


@pytest.mark.parametrize(
    ("data", "dangers", "incomplete"),
    [
        (stream(), (), ""),
        (stream((512 + 28, b"\x09")), ("its footer differs from its header",), ""),
        (stream((512 + 12, bytes(8))), ("its footer differs from its header",), ""),
        (stream((512 + 56, b"\xff" * 8)), ("its footer differs from its header",), ""),
        (stream((12, b"\1")), ("the markers around its footer are not valid",), ""),
        (stream((1024, b"\1")), ("the markers around its footer are not valid",), ""),
        (stream()[:-512], (), "it does not end with a footer"),
        (stream()[:-2048], (), "it does not end with a footer"),
    ],
)
def test_the_footer_of_a_stream_must_be_there_and_agree_with_its_header(data, dangers, incomplete):
    info = whole(data)
    assert (info.dangers, info.incomplete) == (dangers, incomplete)


BOOT = "disk with a boot sector"
SIGNED = (510, b"\x55\xaa")
VDI = (64, b"\x7f\x10\xda\xbe")


@pytest.mark.parametrize(
    ("name", "change", "other"),
    [
        ("v3.qcow2", SIGNED, BOOT),
        ("sparse.vmdk", SIGNED, BOOT),
        ("dynamic.vhd", SIGNED, BOOT),
        ("dynamic.vdi", SIGNED, BOOT),
        ("dynamic.vhdx", SIGNED, BOOT),
        ("plain.luks", SIGNED, BOOT),
        ("plain.ploop", SIGNED, BOOT),
        ("v3.qcow2", (0x8000, b"\1CD001\1"), "ISO 9660 CD image"),
        ("dynamic.vhdx", (0x8001, b"NSR03"), "UDF CD image"),
        ("v3.qcow2", VDI, "VDI"),
        ("disc.iso", VDI, "VDI, dynamic"),
    ],
)
def test_two_formats_in_one_file_are_a_danger_that_names_both(name, change, other):
    first = whole(disk(name)).detail
    if name == "disc.iso":
        first, other = "VDI", "ISO 9660 CD image"
    info = whole(changed(disk(name), change))
    assert info.dangers == (
        f"it is two formats at once, {first} and {other}, and programs read it differently",
    )


def test_a_cd_image_with_the_footer_of_a_vhd_is_two_formats():
    info = whole(disk("disc.iso") + disk("fixed.vhd")[-512:])
    assert info.dangers == (
        "it is two formats at once, ISO 9660 CD image and VHD, fixed size, and programs read it differently",
    )


@pytest.mark.parametrize(
    "name",
    [
        "aes.qcow2", "disc.iso", "plain.luks", "sparse.vmdk", "static.vdi",
        "stream.vmdk", "v2.qcow2", "v3.qcow2", "zstd.qcow2",
    ],
)  # fmt: skip
def test_a_file_without_its_last_quarter_is_incomplete(name):
    data = disk(name)
    if name == "plain.luks":
        data = data[:600]
    assert whole(data).incomplete == ""
    cut = whole(data[: len(data) * 3 // 4])
    assert re.fullmatch(
        r"by its header it has \d+ bytes or more, but the file has \d+", cut.incomplete
    ), cut


@pytest.mark.parametrize(
    ("name", "entry", "least"),
    [
        ("fixed.vhdx", (2 << 20, ((100 << 20) + 6).to_bytes(8, "little")), 101 << 20),
        ("dynamic.vhd", (1536, (1000).to_bytes(4, "big")), 1000 * 512 + (2 << 20)),
        ("dynamic.vdi", (388, (3).to_bytes(4, "little")), 4608 + (3 << 20)),
        ("sparse.vmdk", (407 * 512, (5000).to_bytes(4, "little")), 5000 * 512),
    ],
)
def test_a_file_without_a_block_that_its_table_names_is_incomplete(name, entry, least):
    info = whole(changed(disk(name), entry))
    assert info.incomplete == (
        f"by its header it has {least} bytes or more, but the file has {info.size}"
    )


def test_a_disk_without_the_copy_of_its_gpt_at_the_end_is_incomplete():
    sectors = 2048
    table = (446, b"\0\0\2\0\xee\xff\xff\xff\1\0\0\0\xff\xff\0\0")
    header = (512, b"EFI PART".ljust(32, b"\0") + (sectors - 1).to_bytes(8, "little"))
    data = changed(bytes(sectors * 512), table, SIGNED, header)
    assert whole(data).incomplete == ""
    assert whole(data[:-1]).incomplete == (
        "by its header it has 1048576 bytes or more, but the file has 1048575"
    )
