"""Which content a real Glance accepts: it must be what we send, and refuse what we refuse."""

from pathlib import Path

import pytest

from tests.support.diskfiles import changed, disk
from tests.support.glancejudge import Judgement
from tests.support.sandbox import Run

SIGNED = (510, b"\x55\xaa")
TABLE = (446, b"\x80\0\1\0\x83\xfe\xff\xff\0\x08\0\0\0\x08\0\0")
RAW = disk("plain.raw")
FILES = {
    "plain": RAW,
    "partitioned": changed(RAW, SIGNED, TABLE),
    "boot-sector": changed(RAW, SIGNED),
    "fat": changed(RAW, SIGNED, (0x52, b"FAT32   ")),
    "fat-with-fields": changed(RAW, SIGNED, (0x52, b"FAT32   "), (0x10, b"\2\0\2\0\0\xf8")),
    "ntfs": changed(RAW, SIGNED, (3, b"NTFS    ")),
    "kernel": changed(RAW, SIGNED, (0x202, b"HdrS")),
    "iso": disk("disc.iso"),
    "hybrid": changed(disk("disc.iso"), SIGNED, TABLE),
    "udf": bytes(0x8001) + b"BEA01".ljust(2047, b"\0"),
    "fixed-vhd": disk("fixed.vhd"),
    "dynamic-vhd": disk("dynamic.vhd"),
    "qcow2": disk("v3.qcow2"),
    "extended-l2": disk("extended-l2.qcow2"),
    "two-formats": changed(disk("v3.qcow2"), SIGNED),
    "qcow": disk("v1.qcow"),
    "qed": disk("plain.qed"),
    "vmdk": disk("sparse.vmdk"),
    "stream": disk("stream.vmdk"),
    "differencing": disk("backing.vmdk"),
    "luks-2": changed(disk("plain.luks"), (6, b"\0\2")),
}
OWN_NAMES = {
    "iso": "iso", "hybrid": "iso", "udf": "iso", "fixed-vhd": "vhd", "dynamic-vhd": "vhd", "qcow2": "qcow2",
    "extended-l2": "qcow2", "two-formats": "qcow2", "qcow": "qcow2", "vmdk": "vmdk", "stream": "vmdk",
    "differencing": "vmdk",
}  # fmt: skip
SENT_ANYWAY = ("--force", "--allow-unsafe", "--retries", "0")


@pytest.mark.parametrize("name", FILES)
def test_glance_accepts_what_we_send_and_what_its_inspectors_accept(
    glance: Run, tmp_path: Path, name: str
) -> None:
    data = FILES[name]
    (tmp_path / name).write_bytes(data)
    judgement = Judgement(data)
    expected, found, wasted = {}, {}, []
    for disk_format in ("raw", OWN_NAMES.get(name, "aki")):
        words = ("--disk-format", disk_format, "--container-format", "bare", "--file", name)
        sent = glance("image-create", "x", *words, cwd=tmp_path)
        forced = sent
        if sent.code:
            forced = glance("image-create", "x", *words, *SENT_ANYWAY, cwd=tmp_path)
        expected[disk_format] = judgement.accepts(disk_format)
        found[disk_format] = forced.code == 0
        if sent.code and "(HTTP" in sent.err:
            wasted.append((disk_format, sent.err))
    assert (found, wasted) == (expected, [])
