"""Starts the services that do not run: the work of ``sandbox up``."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Sequence
from typing import NamedTuple

from glancecli.errors import GlanceError
from glancecli.sandbox import keystone, loopback, processes, provision
from glancecli.sandbox.clients import write_clouds_file
from glancecli.sandbox.configs import Site
from glancecli.sandbox.files import Report
from glancecli.sandbox.packages import SERVERS
from glancecli.sandbox.polling import poll
from glancecli.sandbox.services import Service
from glancecli.sandbox.state import State

START_TIMEOUT = 120.0
"""Seconds until the first response of a service that was started."""

ANSWER_TIMEOUT = 10.0
"""Seconds until a service that runs, and does not answer, is restarted."""

PORT_PATIENCE = 3.0
"""Seconds to wait for a port: a worker of a service that was killed may still hold it."""

LOG_LINES = 50
"""Lines at the end of a log that are searched for the cause of a failure."""


class UpResult(NamedTuple):
    """The services that ``up`` started, and whether it changed an earlier catalog."""

    started: list[str]
    catalog_changed: bool


class Startup:
    """Starts the services that do not run or do not answer, and leaves the others alone."""

    def __init__(self, site: Site, state: State, wanted: Sequence[Service], report: Report) -> None:
        self._site = site
        self._state = state
        self._wanted = wanted
        self._report = report
        self._listeners: dict[str, socket.socket] = {}  # of the services to be started

    def run(self) -> UpResult:
        """Starts the services and waits for them. Raises GlanceError."""
        catalog_before = self._state.seeded
        try:
            started = self._start_missing()
        finally:
            for listener in self._listeners.values():
                listener.close()
        changed = catalog_before not in ("", self._state.seeded)
        return UpResult(started, changed)

    def _start_missing(self) -> list[str]:
        self._stop_hanging_services()
        for service in self._wanted:
            if not self._state.is_alive(service.name):
                self._listen(service)
        self._write_configs()
        self._make_databases()
        starting = [service for service in self._wanted if service.name in self._listeners]
        first = [service for service in starting if not service.needs_users]
        others = [service for service in starting if service.needs_users]
        self._start(first)
        # A service keeps the catalog of its first request with a token: it must be right by then.
        self._ensure_users_and_catalog()
        keystone.warm_up(self._site, first)
        self._start(others)
        keystone.warm_up(self._site, others)
        return [service.name for service in starting]

    def _stop_hanging_services(self) -> None:
        for service in self._wanted:
            if not self._state.is_alive(service.name):
                continue
            url = self._site.url(service.name)
            if not loopback.answers(url, ANSWER_TIMEOUT):
                self._report(f"{service.name} does not answer: restarting it.")
                self._stop([service])

    def _stop(self, stopping: Sequence[Service]) -> None:
        names = [service.name for service in stopping]
        self._state.stop(names)

    def _listen(self, service: Service) -> None:
        """Listens on the service's port, or on a free one when the port is in use."""
        port = self._state.ports.get(service.name, 0)
        patience = 0.0
        if service.name in self._state.processes:
            patience = PORT_PATIENCE
        listener = processes.listen(port, patience=patience)
        if listener is None:
            listener = processes.listen(0)
            self._report(
                f"Port {port} of {service.name} is in use by another program: choosing a new one."
            )
        if listener is None:
            raise GlanceError("No port is free on 127.0.0.1.")
        self._listeners[service.name] = listener
        self._state.ports[service.name] = listener.getsockname()[1]

    def _write_configs(self) -> None:
        """Writes every configuration; stops services that run with an old one."""
        provision.make_folders(self._site)
        outdated = []
        for service in self._wanted:
            changed = provision.write_config(service, self._site)
            is_running = service.name not in self._listeners
            if changed and is_running:
                outdated.append(service)
        self._stop(outdated)
        for service in outdated:
            self._listen(service)

    def _make_databases(self) -> None:
        state = self._state
        missing = [service for service in self._wanted if service.name not in state.prepared]
        if missing:
            self._report("Setting up the databases ...")
            provision.make_databases(missing, self._site, self._report)
            state.prepared += [service.name for service in missing]
            state.save()

    def _start(self, starting: Sequence[Service]) -> None:
        for service in starting:
            self._spawn(service)
        for service in starting:
            self._wait_for_first_answer(service)

    def _spawn(self, service: Service) -> None:
        self._report(f"Starting {service.name} ...")
        listener = self._listeners.pop(service.name)
        command = [
            self._site.venv / "bin" / "python",
            SERVERS / "serve.py",
            service.module,
            listener.fileno(),
        ]
        process = processes.spawn(
            list(map(str, command)),
            log=self._site.log(service.name),
            environment=provision.server_environment(self._site),
            listener=listener,
        )
        self._state.processes[service.name] = process
        listener.close()  # else a request to a server that died would wait for this process
        try:
            self._state.save()
        except BaseException:
            self._stop([service])  # without the state, no later command could find it
            raise

    def _wait_for_first_answer(self, service: Service) -> None:
        """Waits until the service answers. Raises GlanceError when it ends or takes too long.

        The socket listens already, so the first request waits in it until the service reads it.
        """
        end = time.monotonic() + START_TIMEOUT
        url = self._site.url(service.name)

        def answers() -> bool:
            remaining = end - time.monotonic()
            if loopback.answers(url, timeout=max(1.0, remaining)):
                return True
            if not self._state.is_alive(service.name):
                cause = self._cause(service)
                raise GlanceError(f"{service.name} stopped while starting: {cause}")
            return False

        if not poll(answers, timeout=START_TIMEOUT, interval=0.05):
            log = self._site.log(service.name)
            raise GlanceError(
                f"{service.name} did not answer within {START_TIMEOUT:.0f} s.",
                hint=f"See its log: {log}",
            )

    def _cause(self, service: Service) -> str:
        """Returns the last line of the service's log that names a cause, and the log's path."""
        log = self._site.log(service.name)
        lines = log.read_text(errors="replace").splitlines()
        for line in reversed(lines[-LOG_LINES:]):
            # gunicorn's own lines, which only say that it stops, begin with a bracket; the lines of
            # a traceback are indented.
            if line and not line.startswith((" ", "[")):
                return f"{line} (log: {log})"
        return f"no output (log: {log})"

    def _ensure_users_and_catalog(self) -> None:
        """Sets up users and catalog, unless Keystone has them, and writes clouds.yaml."""
        catalog = []
        for service in self._wanted:
            url = service.url(self._site)
            catalog.append((service.name, url))
        seeded = json.dumps((keystone.USERS, catalog))
        if self._state.seeded != seeded:
            self._report("Setting up users and catalog ...")
            keystone.ensure_users_and_catalog(self._site, self._wanted)
            self._state.seeded = seeded
            self._state.save()
        write_clouds_file(self._site)
