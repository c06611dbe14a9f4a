"""The services of the sandbox: which program, which configuration, which databases."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from glancecli.sandbox import configs
from glancecli.sandbox.configs import Site

Command = tuple[str, ...]  # a program of the service or of ours, and its arguments


class Service(NamedTuple):
    """One service: its WSGI module, its catalog entry, its configuration, and how its databases are
    made.

    ``path`` is what its URL has after the port, and ``first_request`` a path below that at which it
    must look at a token and its policies. ``config_files`` makes their texts, by name.
    ``needs_users`` is true of one that logs in to the others while it starts.
    """

    name: str
    module: str
    catalog_type: str
    path: str
    first_request: str
    config_files: Callable[[Site], dict[str, str]]
    databases: tuple[str, ...]
    setup: tuple[Command, ...] = ()
    needs_users: bool = False

    def url(self, site: Site) -> str:
        """Where clients reach it, as the catalog says."""
        return site.url(self.name) + self.path


KEYSTONE = Service(
    name="keystone",
    module="keystone.wsgi.api",
    catalog_type="identity",
    path="/v3",
    first_request="/auth/tokens",
    config_files=configs.keystone,
    databases=("keystone",),
    setup=(("keystone-manage", "db_sync"), ("keystone-manage", "bootstrap")),
)
GLANCE = Service(
    name="glance",
    module="glance.wsgi.api",
    catalog_type="image",
    path="",
    first_request="/v2/images?limit=1",
    config_files=configs.glance,
    databases=("glance",),
    setup=(("glance-manage", "db_sync"), ("glance-manage", "db_load_metadefs")),
)

PLACEMENT = Service(
    name="placement",
    module="placement.wsgi.api",
    catalog_type="placement",
    path="",
    first_request="/resource_providers",
    config_files=configs.placement,
    databases=("placement",),
)
NOVA = Service(
    name="nova",
    module="sandbox_nova",
    catalog_type="compute",
    path="/v2.1",
    first_request="/servers",
    config_files=configs.nova,
    databases=("nova", "nova-api", "nova-cell0"),
    setup=(("sandbox_nova_setup.py",),),
    needs_users=True,
)

BASE: tuple[Service, ...] = (KEYSTONE, GLANCE)
COMPUTE: tuple[Service, ...] = (PLACEMENT, NOVA)
ALL = BASE + COMPUTE
