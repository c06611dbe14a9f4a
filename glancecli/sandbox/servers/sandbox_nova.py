"""Nova in one process: API, conductor, scheduler and compute, and an empty Neutron.

Runs in the servers' own Python, as the ``application`` that serve.py serves. Messages between the
services stay in memory (``transport_url = fake:/``), so no message broker is needed.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from typing import Any

from nova.wsgi import osapi_compute  # type: ignore[import-not-found]  # isort: skip  (first: picks threads)
import os_brick  # type: ignore[import-not-found]
import os_vif  # type: ignore[import-not-found]
import sandbox_driver  # type: ignore[import-not-found,unused-ignore]
from nova import conf as nova_conf  # type: ignore[import-not-found]
from nova import context, service
from nova.compute import rpcapi as compute_rpcapi  # type: ignore[import-not-found]
from nova.conductor import rpcapi as conductor_rpcapi  # type: ignore[import-not-found]
from nova.objects import host_mapping  # type: ignore[import-not-found]
from nova.scheduler import rpcapi as scheduler_rpcapi  # type: ignore[import-not-found]

Start = Callable[[str, list[tuple[str, str]]], Any]

EMPTY = {"extensions", "floatingips", "networks", "ports", "routers", "security-groups", "subnets"}


def neutron(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
    """Answers Nova's requests to Neutron for a server without networks by empty lists."""
    kind = environ["PATH_INFO"].rpartition("/")[2]
    status = "404 Not Found"
    body: dict[str, Any] = {"NeutronError": {"message": "not in this sandbox"}}
    if kind in EMPTY and environ["REQUEST_METHOD"] == "GET":
        status = "200 OK"
        body = {kind.replace("-", "_"): []}
    start(status, [("Content-Type", "application/json")])
    return [json.dumps(body).encode()]


def application(environ: dict[str, Any], start: Start) -> Any:
    """Sends requests below /neutron to Neutron, all others to Nova."""
    if environ["PATH_INFO"].startswith("/neutron/"):
        return neutron(environ, start)
    return osapi_compute.application(environ, start)


def _start_services() -> None:
    os_brick.setup(nova_conf.CONF)
    os_vif.initialize()
    sys.modules["nova.virt.sandbox_driver"] = (
        sandbox_driver  # Nova looks for drivers in its own package only
    )
    _start("nova-conductor", conductor_rpcapi.RPC_TOPIC)
    _start("nova-scheduler", scheduler_rpcapi.RPC_TOPIC)
    _start("nova-compute", compute_rpcapi.RPC_TOPIC, compute_rpcapi.RPC_TOPIC_ALT)
    host_mapping.discover_hosts(context.get_admin_context())


def _start(binary: str, topic: str, topic_alt: str | None = None) -> None:
    """Starts a service, and reports it at once: Nova does so after 5 s, and until then finds no
    host for a server when the services were down for a minute.
    """
    started = service.Service.create(binary=binary, topic=topic, topic_alt=topic_alt)
    started.start()
    started.service_ref.report_count += 1
    started.service_ref.save()


_start_services()
