"""Make the disk files that the tests look at, with the real qemu-img, mkfs.ext4 and pycdlib.

    python tests/data/disks/make.py

Each file is kept whole as NAME.xz (most are nearly all zeros), a LUKS disk as its first 4096 bytes because
its key slots are noise. qemu-img.json keeps what `qemu-img info --output=json` says of each. The committed
files were made with qemu-img 7.2.
"""

import json
import lzma
import subprocess
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
SECRET = "--object secret,id=s,data=abc"
# Name of the file -> arguments of `qemu-img create -q`, in the order in which they are made.
DISKS = {
    "plain.raw": "-f raw plain.raw 1M",
    "v3.qcow2": "-f qcow2 v3.qcow2 10G",
    "v2.qcow2": "-f qcow2 -o compat=0.10 v2.qcow2 10G",
    "zstd.qcow2": "-f qcow2 -o compression_type=zstd zstd.qcow2 1G",
    "backing.qcow2": "-f qcow2 -b plain.raw -F raw backing.qcow2",
    "backing-v2.qcow2": "-f qcow2 -o compat=0.10 -b plain.raw -F raw backing-v2.qcow2",
    "data-file.qcow2": "-f qcow2 -o data_file=data.raw,data_file_raw=on data-file.qcow2 1M",
    "extended-l2.qcow2": "-f qcow2 -o extended_l2=on,cluster_size=128k extended-l2.qcow2 1G",
    "aes.qcow2": f"-f qcow2 {SECRET} -o encrypt.format=aes,encrypt.key-secret=s aes.qcow2 1M",
    "v1.qcow": "-f qcow v1.qcow 1G",
    "backing.qcow": "-f qcow -b plain.raw -F raw backing.qcow",
    "plain.qed": "-f qed plain.qed 1G",
    "backing.qed": "-f qed -b plain.raw -F raw backing.qed",
    "sparse.vmdk": "-f vmdk -o subformat=monolithicSparse sparse.vmdk 3G",
    "stream.vmdk": "-f vmdk -o subformat=streamOptimized stream.vmdk 3G",
    "flat.vmdk": "-f vmdk -o subformat=monolithicFlat flat.vmdk 3G",
    "split-flat.vmdk": "-f vmdk -o subformat=twoGbMaxExtentFlat split-flat.vmdk 3G",
    "split-sparse.vmdk": "-f vmdk -o subformat=twoGbMaxExtentSparse split-sparse.vmdk 3G",
    "backing.vmdk": "-f vmdk -b sparse.vmdk -F vmdk backing.vmdk",
    "dynamic.vdi": "-f vdi dynamic.vdi 1G",
    "static.vdi": "-f vdi -o static=on static.vdi 1M",
    "dynamic.vhd": "-f vpc dynamic.vhd 1G",
    "fixed.vhd": "-f vpc -o subformat=fixed fixed.vhd 1M",
    "dynamic.vhdx": "-f vhdx dynamic.vhdx 1G",
    "fixed.vhdx": "-f vhdx -o subformat=fixed,block_size=1M fixed.vhdx 1M",
    "plain.luks": f"-f luks {SECRET} -o key-secret=s,iter-time=2000 plain.luks 1M",
    "plain.ploop": "-f parallels plain.ploop 1G",
}
BESIDE = ("split-sparse-s001.vmdk",)
NO_DISKS = ("ext4.raw", "disc.iso")


def make(folder: Path, leave_out: tuple[str, ...] = ()) -> dict[str, dict]:
    """Make the disks in a folder with qemu-img, and collect what it says of each."""
    wanted = [name for name in DISKS if name not in leave_out]
    for name in wanted:
        subprocess.run(["qemu-img", "create", "-q", *DISKS[name].split()], cwd=folder, check=True)
    return {name: info(folder / name) for name in wanted}


def info(path: Path) -> dict:
    """What qemu-img says of a file, as far as the tests compare it."""
    command = ["qemu-img", "info", "--output=json", path.name]
    said = json.loads(
        subprocess.run(command, cwd=path.parent, check=True, capture_output=True).stdout
    )
    specific = said.get("format-specific", {}).get("data", {})
    return {
        "format": said["format"],
        "virtual-size": said["virtual-size"],
        "backing-filename": said.get("backing-filename"),
        "data-file": specific.get("data-file"),
    }


def main() -> None:
    """Make the committed files anew."""
    import pycdlib  # pip install pycdlib; needed here alone, no test imports it

    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        said = make(folder)
        subprocess.run(["truncate", "-s", "1M", "ext4.raw"], cwd=folder, check=True)
        subprocess.run(["mkfs.ext4", "-q", "ext4.raw"], cwd=folder, check=True)
        disc = pycdlib.PyCdlib()
        disc.new(vol_ident="SAMPLE")
        disc.write(str(folder / "disc.iso"))
        for name in (*DISKS, *BESIDE, *NO_DISKS):
            data = (folder / name).read_bytes()[: 4096 if name == "plain.luks" else None]
            (HERE / f"{name}.xz").write_bytes(lzma.compress(data, preset=9))
        (HERE / "qemu-img.json").write_text(json.dumps(said, indent=1) + "\n")


if __name__ == "__main__":
    main()
