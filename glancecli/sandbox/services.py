"""The parts of the sandbox: which service, which program, which configuration, which database."""

from __future__ import annotations

import base64
import os
import secrets
import sqlite3
import subprocess
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from glancecli.errors import GlanceError
from glancecli.sandbox import configs as settings
from glancecli.sandbox.configs import Site
from glancecli.sandbox.packages import SERVERS


class Part:
    """One service: its WSGI module, its catalog entry, its configuration and how its database is
    made.

    ``kind`` is its type in the catalog, ``path`` what its URL has after the port, and ``visit`` a
    path below that at which it must look at a token and its policies.
    """

    def __init__(
        self,
        name: str,
        *,
        module: str,
        kind: str,
        path: str,
        visit: str,
        render: Callable[[Site], dict[str, str]],
        databases: tuple[str, ...],
        prepare: tuple[tuple[str, ...], ...],
    ) -> None:
        self.name = name
        self.module = module
        self.kind = kind
        self.path = path
        self.visit = visit
        self.render = render
        self.databases = databases
        self.prepare = prepare

    def url(self, site: Site) -> str:
        """Where clients reach it, as the catalog says."""
        return site.url(self.name) + self.path


KEYSTONE = Part(
    "keystone",
    module="keystone.wsgi.api",
    kind="identity",
    path="/v3",
    visit="/auth/tokens",
    render=settings.keystone,
    databases=("keystone",),
    prepare=(("keystone-manage", "db_sync"), ("keystone-manage", "bootstrap")),
)
GLANCE = Part(
    "glance",
    module="glance.wsgi.api",
    kind="image",
    path="",
    visit="/v2/images?limit=1",
    render=settings.glance,
    databases=("glance",),
    prepare=(("glance-manage", "db_sync"), ("glance-manage", "db_load_metadefs")),
)

PLACEMENT = Part(
    "placement",
    module="placement.wsgi.api",
    kind="placement",
    path="",
    visit="/resource_providers",
    render=settings.placement,
    databases=("placement",),
    prepare=(),
)
NOVA = Part(
    "nova",
    module="sandbox_nova",
    kind="compute",
    path="/v2.1",
    visit="/servers",
    render=settings.nova,
    databases=("nova", "nova-api", "nova-cell0"),
    prepare=(("sandbox_nova_setup.py",),),
)

BASE = (KEYSTONE, GLANCE)
COMPUTE = (PLACEMENT, NOVA)
LAST = (NOVA,)
"""What talks to the others while it starts, as a user that must be there by then."""


def without_proxy(environ: Mapping[str, str]) -> str:
    """The value of no_proxy, with loopback added."""
    return ",".join(filter(None, ["127.0.0.1", environ.get("no_proxy") or environ.get("NO_PROXY")]))


def server_environment(site: Site) -> dict[str, str]:
    """The environment of every server and set-up command.

    Proxies are kept for images from elsewhere, but never asked for the services' talk among
    themselves.
    """
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("OS_", "PYTHON"))
    }
    direct = without_proxy(environment)
    for part in ("keystone", "glance", "placement", "nova"):
        environment[f"OS_{part.upper()}_CONFIG_DIR"] = str(site.home / "etc" / part)
    return {
        **environment,
        "no_proxy": direct,
        "NO_PROXY": direct,
        "OS_NOVA_DISABLE_EVENTLET_PATCHING": "1",  # threads, as in the other services
        "PYTHONUTF8": "1",
        "PYTHONUNBUFFERED": "1",
        "OS_BOOTSTRAP_PASSWORD": site.passwords["admin"],
    }


def configure(part: Part, site: Site) -> bool:
    """Write a part's configuration (0600); whether that changed anything."""
    folder = site.home / "etc" / part.name
    folder.mkdir(exist_ok=True)
    changed = False
    for name, text in part.render(site).items():
        path = folder / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.touch(mode=0o600)
            path.write_text(text, encoding="utf-8")
            changed = True
    return changed


def make_folders(site: Site) -> None:
    """The folders and keys that the services expect to find."""
    images = [f"images/{name}" for name in ("fast", "slow", "staging", "tasks", "cache")]
    for name in ("db", "etc", "logs", "locks", "nova", *images):
        (site.home / name).mkdir(parents=True, mode=0o700, exist_ok=True)
    for repository in ("fernet", "credential"):
        folder = site.home / "etc" / "keystone" / repository
        folder.mkdir(parents=True, mode=0o700, exist_ok=True)
        for name in ("0", "1"):  # Fernet keys: 32 bytes each, staged and primary
            key = folder / name
            if not key.exists():
                key.touch(mode=0o600)
                key.write_bytes(base64.urlsafe_b64encode(secrets.token_bytes(32)))


def prepare(parts: list[Part], site: Site, say: Callable[[str], None]) -> None:
    """Make the databases of several parts, side by side; say is told each step. Raises GlanceError."""
    with ThreadPoolExecutor(len(parts)) as pool:
        list(pool.map(lambda part: _prepare(part, site, say), parts))


def _prepare(part: Part, site: Site, say: Callable[[str], None]) -> None:
    for name in part.databases:
        # The journal mode stays with the file: readers and a writer do not wait for each other.
        with sqlite3.connect(site.home / "db" / f"{name}.sqlite") as database:
            database.execute("PRAGMA journal_mode=WAL")
        database.close()
    for step in part.prepare:
        say(f"  {' '.join(step)} ...")
        _manage(step, part, site)


def _manage(step: tuple[str, ...], part: Part, site: Site) -> None:
    """Run a set-up program of the service or of ours; its output goes to a log. Raises GlanceError."""
    log = site.home / "logs" / f"{part.name}-setup.log"
    scripts = site.home / "venv" / "bin"
    program = SERVERS / step[0] if step[0].endswith(".py") else scripts / step[0]
    options: list[str | Path] = []
    if program.parent == scripts:
        options = ["--config-dir", site.home / "etc" / part.name]
    with log.open("ab") as output:
        done = subprocess.run(
            # Through Python, because a script's first line cannot name a path with blanks.
            [scripts / "python", program, *options, *step[1:]],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=server_environment(site),
            check=False,
        )
    if done.returncode != 0:
        raise GlanceError(
            f"`{' '.join(step)}` failed.",
            hint=f"See {log}; `glancecli sandbox down --wipe` starts anew.",
        )
