"""The commands that ``sandbox demo`` runs on the sandbox."""

from __future__ import annotations

import os
import secrets
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from glancecli.errors import GlanceError

DATA = b"A disk image for the demo.\n".ljust(1 << 20, b"\0")


def _commands(image: str) -> list[list[str]]:
    return [
        ["image-create", "--name", image, "--file", "demo.raw", "--disk-format", "raw"],
        ["image-list"],
        ["image-show", image],
        ["image-update", image, "--min-ram", "512", "--property", "hw_disk_bus=virtio"],
        ["image-delete", image],
        ["image-list"],
    ]


def demo(program: str, show: Callable[[str], None]) -> None:
    """Creates, lists, shows, updates and deletes an image, as user demo, in a temporary folder.

    show is called with each command before it runs, in a form that can be pasted (program is how
    glance is called). The output of the commands goes to stdout. OS_* variables are not passed to
    the commands. Raises GlanceError when a command fails.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OS_")}
    name = f"demo-{secrets.token_hex(2)}"
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "demo.raw").write_bytes(DATA)
        for words in _commands(name):
            arguments = ["--os-cloud", "sandbox-demo", *words]
            show(f"$ {shlex.join([program, *arguments])}")
            done = subprocess.run(
                [sys.executable, "-m", "glancecli", *arguments],
                stdin=subprocess.DEVNULL,
                cwd=folder,
                env=environment,
                check=False,
            )
            if done.returncode != 0:
                raise GlanceError(f"The demo stopped: `{words[0]}` failed.")
