"""Makes Nova's databases, cells and flavors, unless they exist. Runs in the servers' own Python."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from nova.cmd import manage  # type: ignore[import-not-found]  # isort: skip  (first: it picks threads, not eventlet)
from nova import conf as nova_conf  # type: ignore[import-not-found]
from nova import config, context, exception, objects

FLAVORS = {"tiny": (1, 64, 1), "small": (1, 512, 5), "large": (4, 4096, 40)}
"""Virtual CPUs, MiB of memory and GiB of disk."""


def _check(code: int | None) -> None:
    if code:
        sys.exit(code)


def main() -> None:
    """Makes them; exits with the code of the first step that fails."""
    folder = Path(os.environ["OS_NOVA_CONFIG_DIR"])
    config.parse_args(["nova-manage"], default_config_files=[str(folder / "nova.conf")])
    objects.register_all()
    connection = nova_conf.CONF.database.connection
    cells = manage.CellV2Commands()
    _check(manage.ApiDbCommands().sync())
    _check(cells.map_cell0(connection.replace("nova.sqlite", "nova-cell0.sqlite")))
    _check(manage.DbCommands().sync())
    admin = context.get_admin_context()
    if len(objects.CellMappingList.get_all(admin)) < 2:
        _check(cells.create_cell("cell1", connection, "fake:/"))
    for name, (cpus, memory, disk) in FLAVORS.items():
        flavor = objects.Flavor(
            admin, name=name, flavorid=name, vcpus=cpus, memory_mb=memory, root_gb=disk
        )
        flavor.update(
            {"ephemeral_gb": 0, "swap": 0, "rxtx_factor": 1.0, "is_public": True, "disabled": False}
        )
        try:
            flavor.create()
        except (exception.FlavorExists, exception.FlavorIdExists):
            continue


main()
