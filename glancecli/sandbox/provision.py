"""Makes what services need on the disk: folders, keys, configurations, databases."""

from __future__ import annotations

import base64
import os
import secrets
import sqlite3
import subprocess
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from glancecli.errors import GlanceError, Hint
from glancecli.sandbox import services
from glancecli.sandbox.configs import Site
from glancecli.sandbox.files import Report, private_folder
from glancecli.sandbox.packages import SERVERS
from glancecli.sandbox.services import Command, Service

FOLDERS = ("etc", "db", "logs", "locks", "nova", "images")
IMAGE_FOLDERS = ("fast", "slow", "staging", "tasks", "cache")
KEY_REPOSITORIES = ("fernet", "credential")
KEYS = ("0", "1")  # staged and primary
FERNET_KEY_LENGTH = 32
LARGEST_CONFIG = 1 << 20


def without_proxy(environ: Mapping[str, str]) -> str:
    """Returns the value of no_proxy, with loopback added."""
    given = environ.get("no_proxy") or environ.get("NO_PROXY")
    if not given:
        return "127.0.0.1"
    return f"127.0.0.1,{given}"


def server_environment(site: Site) -> dict[str, str]:
    """Returns the environment of every server and set-up program.

    Proxies are kept, for images from the internet; requests between the services bypass them.
    """
    environment = {}
    for name, value in os.environ.items():
        if not name.startswith(("OS_", "PYTHON")):
            environment[name] = value
    for service in services.ALL:
        folder = site.config_folder(service.name)
        environment[f"OS_{service.name.upper()}_CONFIG_DIR"] = str(folder)
    direct = without_proxy(environment)
    return {
        **environment,
        "no_proxy": direct,
        "NO_PROXY": direct,
        "OS_NOVA_DISABLE_EVENTLET_PATCHING": "1",  # threads, as in the other services
        "PYTHONUTF8": "1",
        "PYTHONUNBUFFERED": "1",
        "OS_BOOTSTRAP_PASSWORD": site.passwords["admin"],
    }


def make_folders(site: Site) -> None:
    """Makes the folders and Fernet keys that the services need."""
    images = site.home / "images"
    for name in FOLDERS:
        path = site.home / name
        path.mkdir(mode=0o700, exist_ok=True)
    for name in IMAGE_FOLDERS:
        path = images / name
        path.mkdir(mode=0o700, exist_ok=True)
    keystone = site.config_folder("keystone")
    for repository in KEY_REPOSITORIES:
        with private_folder(keystone / repository) as folder:
            missing = set(KEYS).difference(folder.names())
            for name in missing:
                key = secrets.token_bytes(FERNET_KEY_LENGTH)
                folder.write(name, base64.urlsafe_b64encode(key))


def write_config(service: Service, site: Site) -> bool:
    """Writes the configuration of a service (0600); returns whether it changed."""
    changed = False
    with private_folder(site.config_folder(service.name)) as folder:
        for name, text in service.config_files(site).items():
            content = text.encode()
            if folder.read(name, LARGEST_CONFIG) != content:
                folder.write(name, content)
                changed = True
    return changed


def make_databases(wanted: Sequence[Service], site: Site, report: Report) -> None:
    """Makes the databases of several services in parallel. Raises GlanceError."""
    with ThreadPoolExecutor(len(wanted)) as pool:
        jobs = [pool.submit(_make_databases, service, site, report) for service in wanted]
    for job in jobs:
        job.result()


def _make_databases(service: Service, site: Site, report: Report) -> None:
    for name in service.databases:
        path = site.home / "db" / f"{name}.sqlite"
        # The file keeps this journal mode, in which readers and a writer do not block each other.
        with sqlite3.connect(path) as database:
            database.execute("PRAGMA journal_mode=WAL")
        database.close()
    for command in service.setup:
        report(f"  {' '.join(command)} ...")
        _run_setup(command, service, site)


def _run_setup(command: Command, service: Service, site: Site) -> None:
    """Runs a set-up program, with its output in a log. Raises GlanceError when it fails."""
    log = site.log(f"{service.name}-setup")
    with log.open("ab") as output:
        done = subprocess.run(
            _setup_arguments(command, service, site),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=server_environment(site),
            check=False,
        )
    if done.returncode != 0:
        raise GlanceError(
            f"`{' '.join(command)}` failed.",
            hint=Hint("See {}. To start over, use {}.", str(log), ("sandbox", "down", "--wipe")),
        )


def _setup_arguments(command: Command, service: Service, site: Site) -> list[str]:
    """Returns the command line of a set-up program, of the sandbox (``*.py``) or of the service.

    It is run by the name of the Python, because the first line of a script cannot have a path with
    spaces.
    """
    scripts = site.venv / "bin"
    python = str(scripts / "python")
    name, *arguments = command
    if name.endswith(".py"):
        return [python, str(SERVERS / name), *arguments]
    options = ["--config-dir", str(site.config_folder(service.name))]
    return [python, str(scripts / name), *options, *arguments]
