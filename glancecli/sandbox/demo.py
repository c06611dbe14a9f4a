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

SHORT = ["-c", "name", "-c", "status", "-c", "size"]

# A program of ours, wherever this package is: also in the one file, which Python does not find.
RUN = "import sys; sys.path.insert(0, {root!r}); from glancecli.cli.start import glance; glance()"


def _commands(image: str) -> list[list[str]]:
    changes = ["--min-ram", "512", "--property", "hw_disk_bus=virtio"]
    return [
        ["image-create", image, "--file", "demo.raw", *SHORT],
        ["image-list"],
        ["image-show", image, *SHORT, "-c", "os_hash_algo", "-c", "visibility"],
        ["image-update", image, *changes, "-c", "min_ram", "-c", "hw_disk_bus"],
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
    run = [sys.executable, "-c", RUN.format(root=str(Path(__file__).parents[2]))]
    with tempfile.TemporaryDirectory() as folder:
        show("$ truncate -s 1M demo.raw")
        Path(folder, "demo.raw").write_bytes(bytes(1 << 20))
        for words in _commands(name):
            arguments = ["--os-cloud", "sandbox-demo", *words]
            show(f"$ {shlex.join([program, *arguments])}")
            done = subprocess.run(
                [*run, *arguments],
                stdin=subprocess.DEVNULL,
                cwd=folder,
                env=environment,
                check=False,
            )
            if done.returncode != 0:
                raise GlanceError(f"The demo stopped: `{words[0]}` failed.")
