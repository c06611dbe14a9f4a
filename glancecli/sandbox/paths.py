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
        user_home = environ.get("HOME") or os.path.expanduser("~")  # noqa: PTH111 (os only)
        data = f"{user_home}/.local/share"
    return f"{data}/glancecli/sandbox"


def clouds_file(environ: Mapping[str, str] = os.environ) -> str:
    """The clouds.yaml (0600) of the clouds ``sandbox*``, which exists once the sandbox was up."""
    return f"{home(environ)}/clouds.yaml"
