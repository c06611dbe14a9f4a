"""pip's settings for uv, which does not read them."""

from __future__ import annotations

import ast
import os

# A setting of pip, and the variable by which uv is told the same.
UV_NAMES = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "trusted-host": "UV_INSECURE_HOST",
    "no-index": "UV_NO_INDEX",
    "cert": "SSL_CERT_FILE",
    "proxy": "ALL_PROXY",
}
SCOPES = ("global", "install", ":env:")  # a later one wins


def uv_environment(pip_settings: str) -> dict[str, str]:
    """The environment for uv: what pip is told by its files and variables, unless uv is told
    itself.

    pip_settings is what ``pip config list`` prints: ``global.index-url='...'`` and the like, one a
    line; a command's own section wins over ``global``, the environment over both.
    """
    settings = _parse(pip_settings)
    environment = dict(os.environ)
    # pip takes the best version from all indexes; uv by default only looks into the first that has
    # the name.
    environment.setdefault("UV_INDEX_STRATEGY", "unsafe-best-match")
    for pip_name, uv_name in UV_NAMES.items():
        if pip_name not in settings:
            continue
        values = settings[pip_name].split()
        if pip_name == "find-links":
            environment.setdefault(uv_name, ",".join(values))
        else:
            environment.setdefault(uv_name, " ".join(values))
    return environment


def _parse(pip_settings: str) -> dict[str, str]:
    """Pip's settings for ``pip install``, by name."""
    settings: dict[str, str] = {}
    for scope in SCOPES:
        for line in pip_settings.splitlines():
            name, _, value = line.partition("=")
            if name.startswith(f"{scope}."):
                settings[name.removeprefix(f"{scope}.")] = str(ast.literal_eval(value))
    return settings
