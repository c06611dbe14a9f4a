"""The services of the sandbox: their programs, configurations and databases."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from glancecli.sandbox import configs
from glancecli.sandbox.configs import Site

Command = tuple[str, ...]  # a program of the service or of the sandbox, and its arguments


class Service(NamedTuple):
    """A service: its WSGI module, its catalog entry, its configuration, and its databases.

    path is the part of its URL after the port, first_request a path below it at which the service
    checks a token and reads its policies. config_files returns the text of each configuration file
    by name. setup are the programs that make the databases. needs_users: the service logs in to
    others while it starts.
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
        """Returns the URL of the service in the catalog."""
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
