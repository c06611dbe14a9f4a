"""Record what the real qemu-img does with the mutated files of tests/support/mutation.py.

    python tests/data/disks/record.py

tests/data/qemu-mutations.json.xz keeps, for each number: the format that `qemu-img info --backing-chain` tells ("" when
it fails), and the names of all other files that it opened or tried to open. Needs Linux with qemu-img and
strace. The committed file was made with qemu-img 7.2.
"""

import hashlib
import json
import lzma
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent.parent.parent))

from tests.support.mutation import COUNT, RECORDS, mutated  # noqa: E402

NAME = "image"
OWN = re.compile(r"/(lib|usr|proc|sys)/|/dev/(urandom|null)$|/etc/ld\.so\.cache$")
OPENED = re.compile(r'open(?:at)?\((?:AT_FDCWD, )?"((?:[^"\\]|\\.)*)"')


def record(number: int) -> dict:
    """What qemu-img does with one mutated file."""
    _, data = mutated(number)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        (folder / NAME).write_bytes(data)
        trace = ["strace", "-f", "-qq", "-e", "trace=open,openat", "-o", "trace"]
        info = ["qemu-img", "info", "--backing-chain", "--output=json", NAME]
        command = ["timeout", "20", *trace, *info]
        done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
        said = json.loads(done.stdout) if done.returncode == 0 else [{"format": ""}]
        names = OPENED.findall((folder / "trace").read_text(errors="replace"))
    others = {name for name in names if name != NAME and not OWN.match(name)}
    return {
        "sha256": hashlib.sha256(data).hexdigest()[:16],
        "format": said[0]["format"],
        "opened": sorted(others),
    }


def main() -> None:
    """Make the committed file anew."""
    with ThreadPoolExecutor(3) as threads:
        records = list(threads.map(record, range(COUNT)))
    RECORDS.write_bytes(lzma.compress(json.dumps(records).encode(), preset=9))


if __name__ == "__main__":
    main()
