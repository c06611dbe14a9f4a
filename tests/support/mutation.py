"""Seeded mutations of real disk files: damage, hidden second formats, lines of descriptors."""

import random

from tests.support.diskfiles import DISKS, NAMES, disk

COUNT = 10_000
RECORDS = DISKS.parent / "qemu-mutations.json.xz"
"""What the real qemu-img does with each of them, recorded by tests/data/disks/record.py."""

LARGEST = 10 << 20
# Headers, descriptors, partition tables, CD descriptors, the region table and metadata of a VHDX.
SPOTS = (0, 64, 446, 510, 512, 1024, 0x8000, 64 << 10, 192 << 10, 1 << 20, 2 << 20, 3 << 20)
SIGNATURES = (
    (0, b"QFI\xfb\0\0\0\3"),
    (0, b"QED\0"),
    (0, b"KDMV"),
    (0, b"COWD"),
    (0, b"conectix"),
    (0, b"vhdxfile"),
    (0, b"LUKS\xba\xbe\0\1"),
    (64, b"\x7f\x10\xda\xbe"),
    (257, b"ustar"),
    (510, b"\x55\xaa"),
    (512, b"EFI PART"),
    (0x8000, b"\1CD001\1"),
    (0x8001, b"BEA01"),
    (0x8001, b"NSR02"),
    (0, b"<!DOCTYPE html>\n<html>\n"),
    (0, b"# Disk DescriptorFile\nversion=1\n"),
    (0x10, b"\2\0\0\0\0\xf8"),
    (446, b"\x80\0\2\0\xee\0\0\0\1\0\0\0\xff\xff\0\0"),
    (446, b"\x80\1\1\0\x83\xfe\xff\xff\0\x08\0\0\0\x08\0\0"),
    (0x202, b"HdrS"),
)
LINES = (
    b'parentFileNameHint="/etc/passwd"\n',
    b'# parentFileNameHint="/etc/passwd"\n',
    b"parentCID=0badcafe\n",
    b'RW 63 FLAT "/etc/passwd" 0\n',
    b'rw 63 flat "secret" 0\n',
    b'RW 2048 SPARSE "disk.vmdk"\n',
    b'createType="monolithicFlat"\n',
    b'CREATETYPE="vmfs"\n',
    b'changeTrackPath="/etc/passwd"\n',
    b'ddb.x = "y"\n',
    b"\0",
    b"\r",
    b"nonsense\n",
)
# Of VMDK: version, capacity, descriptor, grain directory; of qcow2: backing name, features; types.
FIELDS = (
    (4, 4), (12, 8), (12, 8), (20, 8), (28, 8), (36, 8), (48, 8), (56, 8), (64, 8),
    (8, 8), (16, 4), (20, 4), (24, 8), (32, 4), (72, 8), (96, 4), (100, 4), (60, 4), (76, 4),
)  # fmt: skip
EDGES = (0, 1, 2, 0x7F, 0x80, 0xFF)
VMDKS = ("sparse.vmdk", "stream.vmdk", "backing.vmdk")
WHOLE = {name: disk(name)[:LARGEST] for name in NAMES}


def mutated(number: int) -> tuple[str, bytes]:
    """Returns the name of a real file, and a mutation of its bytes; the same for the same number."""
    dice = random.Random(number)
    name = dice.choice(dice.choice((NAMES, NAMES, VMDKS)))
    data = bytearray(WHOLE[name])
    mutations = MUTATIONS
    if name in VMDKS:
        mutations = (*MUTATIONS, _describe, _describe, _describe, _aim)
    for _ in range(dice.choice((1, 1, 1, 2, 3, 6))):
        dice.choice(mutations)(dice, data)
    return name, bytes(data)


def _write(data: bytearray, start: int, new: bytes) -> None:
    data[start : start + len(new)] = new[: max(len(data) - start, 0)]


def _damage(dice: random.Random, data: bytearray) -> None:
    start = dice.choice(SPOTS) + dice.randrange(96)
    value = dice.choice((dice.randbytes(dice.randint(1, 8)), bytes([dice.choice(EDGES)])))
    _write(data, start, value)


def _aim(dice: random.Random, data: bytearray) -> None:
    """Writes a small number, or -1, into a field of a header that decides what is read."""
    start, length = dice.choice(FIELDS)
    number = dice.choice((0, 0, 1, 2, 3, 4, 20, 21, 512, 0x200, 0x70, -1))
    order = dice.choice(("big", "little"))
    _write(data, start, number.to_bytes(length, order, signed=True))


def _sign(dice: random.Random, data: bytearray) -> None:
    start, signature = dice.choice(SIGNATURES)
    data.extend(bytes(max(start + len(signature) - len(data), 0)))
    _write(data, start, signature)


def _describe(dice: random.Random, data: bytearray) -> None:
    """Writes a line into the descriptor of a VMDK: before, behind or over its text."""
    area = bytes(data[512 : 21 * 512])
    text, end = area.rstrip(b"\0"), len(area)
    line = dice.choice(LINES)
    lines = text.split(b"\n")
    place = dice.randint(0, len(lines))
    changed = b"\n".join([*lines[:place], line.rstrip(b"\n"), *lines[place:]])
    new = dice.choice((changed, text + line, text + bytes(dice.randint(1, 600)) + line))
    _write(data, 512, new[:end])


def _cut(dice: random.Random, data: bytearray) -> None:
    del data[dice.randint(0, len(data)) :]


def _cut_short(dice: random.Random, data: bytearray) -> None:
    del data[dice.choice((63, 64, 511, 512, 591, 592, 1023, 0x8800, 0x87FF, 256 << 10)) :]


def _splice(dice: random.Random, data: bytearray) -> None:
    other = WHOLE[dice.choice(NAMES)]
    start = dice.choice(SPOTS)
    _write(data, start, other[start : start + 512])


MUTATIONS = (_damage, _damage, _aim, _aim, _sign, _describe, _cut, _cut_short, _splice)
