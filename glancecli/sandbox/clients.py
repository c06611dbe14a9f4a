"""Logins for clients of the sandbox: a clouds.yaml, and variables for a shell."""

from __future__ import annotations

import json
import os
import shlex
from typing import Any

from glancecli.sandbox.configs import REGION, Site
from glancecli.sandbox.files import private_folder
from glancecli.sandbox.keystone import PROJECT_BY_USER
from glancecli.sandbox.provision import without_proxy

CLOUDS_FILE = "clouds.yaml"
USER_BY_CLOUD = {
    "sandbox": "admin",
    "sandbox-demo": "demo",
    "sandbox-reader": "reader",
    "sandbox-other": "other",
}
WHO = {
    "sandbox": "the administrator",
    "sandbox-demo": "a member of project demo",
    "sandbox-reader": "who may only read in project demo",
    "sandbox-other": "a member of another project",
}
"""Who each cloud logs in as, for people."""

IDENTITY_API_VERSION = "3"
PROXY_VARIABLES = ("http_proxy", "all_proxy")  # in lower case


def clouds(site: Site) -> dict[str, dict[str, Any]]:
    """Returns the entries of a clouds.yaml, with a cloud for each user."""
    found = {}
    for cloud, user in USER_BY_CLOUD.items():
        found[cloud] = {
            "auth": _login(site, user),
            "region_name": REGION,
            "identity_api_version": IDENTITY_API_VERSION,
        }
    return found


def write_clouds_file(site: Site) -> None:
    """Writes the clouds.yaml (0600), with a cloud for each user."""
    # JSON is YAML, and needs no library.
    text = json.dumps({"clouds": clouds(site)}, indent=2)
    with private_folder(site.home) as folder:
        folder.write(CLOUDS_FILE, f"# Written by `glancecli sandbox up`.\n{text}\n".encode())


def yaml_lines(site: Site) -> list[str]:
    """Returns the same entries as lines of YAML, for the clouds.yaml of any OpenStack program."""
    lines = ["clouds:"]
    for cloud, entry in clouds(site).items():
        lines += [f"  {cloud}:  # {WHO[cloud]}", "    auth:"]
        lines += [f"      {key}: {json.dumps(value)}" for key, value in entry["auth"].items()]
        others = [key for key in entry if key != "auth"]
        lines += [f"    {key}: {json.dumps(entry[key])}" for key in others]
    return lines


def login_variables(site: Site, user: str) -> dict[str, str]:
    """Returns the OS_* variables with which any OpenStack program logs in as the user."""
    variables = {}
    for name, value in _login(site, user).items():
        variables[f"OS_{name.upper()}"] = value
    variables["OS_REGION_NAME"] = REGION
    variables["OS_IDENTITY_API_VERSION"] = IDENTITY_API_VERSION
    return variables


def shell_lines(variables: dict[str, str]) -> list[str]:
    """Returns lines for a POSIX shell: they export the variables and unset all other OS_*."""
    exported = dict(variables)
    if any(name.lower() in PROXY_VARIABLES for name in os.environ):
        direct = without_proxy(os.environ)
        exported["no_proxy"] = direct
        exported["NO_PROXY"] = direct
    lines = []
    others = [name for name in os.environ if name.startswith("OS_") and name not in exported]
    if others:
        lines.append(f"unset {' '.join(sorted(others))}")
    for name, value in exported.items():
        lines.append(f"export {name}={shlex.quote(value)}")
    return lines


def _login(site: Site, user: str) -> dict[str, str]:
    return {
        "auth_url": site.url("keystone") + "/v3",
        "username": user,
        "password": site.passwords[user],
        "project_name": PROJECT_BY_USER[user],
        "user_domain_name": "Default",
        "project_domain_name": "Default",
    }
