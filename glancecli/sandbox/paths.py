"""The folder of the sandbox, found by environment variables alone."""

from __future__ import annotations

import os
from collections.abc import Mapping

NO_HOME = "/nonexistent"


def user_home(environ: Mapping[str, str] = os.environ) -> str:
    """Returns the user's home: HOME, else that of the account. A user without an account, as in a
    container with any user ID, has one that does not exist.
    """
    found = environ.get("HOME") or os.path.expanduser("~")  # noqa: PTH111 (os only)
    if found == "~":
        return NO_HOME
    return found


def home(environ: Mapping[str, str] = os.environ) -> str:
    """Returns the sandbox's folder: ``glancecli/sandbox`` below the user's data folder.

    The data folder is ``$XDG_DATA_HOME`` when it is an absolute path, else ``~/.local/share`` (XDG
    Base Directory Specification).
    """
    data = environ.get("XDG_DATA_HOME", "")
    if not data.startswith("/"):
        data = f"{user_home(environ)}/.local/share"
    return f"{data}/glancecli/sandbox"


def clouds_file(environ: Mapping[str, str] = os.environ) -> str:
    """Returns the path of the clouds.yaml with the clouds ``sandbox*``, written by ``up``."""
    return f"{home(environ)}/clouds.yaml"
