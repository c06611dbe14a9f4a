"""Where the sandbox keeps its things: one folder, found by the environment alone."""

from __future__ import annotations

import os
from collections.abc import Mapping


def home(environ: Mapping[str, str] = os.environ) -> str:
    """The sandbox's folder: ``glancecli/sandbox`` below the user's data folder.

    That is ``$XDG_DATA_HOME`` when it is an absolute path, else ``~/.local/share``, as the XDG Base
    Directory Specification has it.
    """
    data = environ.get("XDG_DATA_HOME", "")
    if not data.startswith("/"):
        data = (environ.get("HOME") or os.path.expanduser("~")) + "/.local/share"  # noqa: PTH111 (os only)
    return f"{data}/glancecli/sandbox"


def clouds_file(environ: Mapping[str, str] = os.environ) -> str:
    """The clouds.yaml (0600) with the clouds ``sandbox*``. It exists once the sandbox has been up."""
    return f"{home(environ)}/clouds.yaml"
