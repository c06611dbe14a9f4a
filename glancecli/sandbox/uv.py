"""The environment of pip and of uv: pip's settings, and one index."""

from __future__ import annotations

import ast
import os

# A setting of pip -> the variable of uv with the same meaning
UV_NAMES = {
    "index-url": "UV_DEFAULT_INDEX",
    "find-links": "UV_FIND_LINKS",
    "trusted-host": "UV_INSECURE_HOST",
    "no-index": "UV_NO_INDEX",
    "cert": "SSL_CERT_FILE",
    "proxy": "ALL_PROXY",
}
PYPI = "https://pypi.org/simple"
SCOPES = ("global", "install", ":env:")  # a later one wins


def uv_environment(pip_settings: str) -> dict[str, str]:
    """Returns the environment for uv: pip's settings, unless uv has settings of its own.

    pip_settings is the output of ``pip config list``, with lines such as
    ``global.index-url='...'``; the section of a command overrides ``global``, the environment
    overrides both. Packages come from one index: extra ones are left out.
    """
    settings = _parse(pip_settings)
    environment = dict(os.environ)
    for pip_name, uv_name in UV_NAMES.items():
        if pip_name not in settings:
            continue
        values = settings[pip_name].split()
        if pip_name == "find-links":
            environment.setdefault(uv_name, ",".join(values))
        else:
            environment.setdefault(uv_name, " ".join(values))
    return environment


def pip_environment(pip_settings: str) -> dict[str, str]:
    """Returns the environment for pip: its one index is named in place of extra ones, too, since an
    empty variable does not override a file with settings.
    """
    settings = _parse(pip_settings)
    environment = dict(os.environ)
    if "extra-index-url" in settings:
        environment["PIP_EXTRA_INDEX_URL"] = settings.get("index-url", PYPI)
    return environment


def _parse(pip_settings: str) -> dict[str, str]:
    """Returns pip's settings for ``pip install``, by name."""
    settings: dict[str, str] = {}
    for scope in SCOPES:
        for line in pip_settings.splitlines():
            name, _, value = line.partition("=")
            if name.startswith(f"{scope}."):
                settings[name.removeprefix(f"{scope}.")] = str(ast.literal_eval(value))
    return settings
