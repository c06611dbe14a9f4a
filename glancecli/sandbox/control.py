"""The sandbox as a whole: ``up``, ``status``, ``env``, ``down``."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from enum import Enum
from pathlib import Path
from typing import NamedTuple

from glancecli.errors import GlanceError, Hint
from glancecli.sandbox import clients, loopback, services
from glancecli.sandbox.configs import Site
from glancecli.sandbox.files import Report, disk_errors, locked
from glancecli.sandbox.packages import WITH_NOVA, WITHOUT_NOVA, Environment
from glancecli.sandbox.paths import home as home_folder
from glancecli.sandbox.services import Service
from glancecli.sandbox.startup import Startup, UpResult
from glancecli.sandbox.state import FILE, State

OURS = (
    "venv", "etc", "db", "images", "locks", "logs", "nova", clients.CLOUDS_FILE, FILE, "lock",
)  # fmt: skip
"""All that the folder may hold of ours, and so all that a wipe takes away."""


class ServiceState(Enum):
    """How a service is, in the words of ``sandbox status``."""

    UP = "up"
    DOWN = "down"
    NO_ANSWER = "no answer"


class ServiceStatus(NamedTuple):
    """A service, how it is, and where it is."""

    name: str
    state: ServiceState
    url: str
    pid: int | None
    log: str


def silent(line: str) -> None:
    """Report to nobody."""


def up(*, with_nova: bool = False, report: Report = silent) -> UpResult:
    """Have the sandbox run: install, set up and start what is missing, and nothing else.

    A service that died, or gives no answer, is started anew; the others go on. report is told what
    happens. Raises GlanceError: no Python, no room, no network for the packages, a service that
    fails.
    """
    home = Path(home_folder())
    with disk_errors(home), locked(home, report):
        state = State(home)
        state.make_passwords()
        site = _site(home, state)
        wanted = services.BASE
        packages = WITHOUT_NOVA
        if with_nova or _any_alive(state, services.COMPUTE):
            wanted = services.ALL
            packages = WITH_NOVA
        environment = Environment(home / "venv", site.log("install"))
        environment.ensure(packages, report)
        return Startup(site, state, wanted, report).run()


def _any_alive(state: State, candidates: Iterable[Service]) -> bool:
    return any(state.is_alive(service.name) for service in candidates)


def running() -> bool:
    """Whether Keystone and Glance run, as far as their processes show. Raises GlanceError."""
    state = State(Path(home_folder()))
    return all(state.is_alive(service.name) for service in services.BASE)


def status() -> list[ServiceStatus]:
    """Every service that has ever been started here, and how it is. Empty when there is no sandbox.

    Raises GlanceError.
    """
    home = Path(home_folder())
    state = State(home)
    site = _site(home, state)
    prepared = [service for service in services.ALL if service.name in state.prepared]
    return [_service_status(service, state, site) for service in prepared]


def _service_status(service: Service, state: State, site: Site) -> ServiceStatus:
    name = service.name
    found = ServiceStatus(
        name=name,
        state=ServiceState.DOWN,
        url=service.url(site),
        pid=None,
        log=str(site.log(name)),
    )
    if not state.is_alive(name):
        return found
    pid = state.processes[name].pid
    if loopback.answers(site.url(name), timeout=5.0):
        return found._replace(state=ServiceState.UP, pid=pid)
    return found._replace(state=ServiceState.NO_ANSWER, pid=pid)


def env(user: str = "admin") -> dict[str, str]:
    """The OS_* variables by which any OpenStack program reaches the sandbox as admin, demo, reader
    or other.

    Raises GlanceError when there is no sandbox.
    """
    home = Path(home_folder())
    state = State(home)
    if not state.seeded:
        raise GlanceError("There is no sandbox.", hint=Hint("{} makes one.", ("sandbox", "up")))
    return clients.login_variables(_site(home, state), user)


def exports(user: str = "admin") -> list[str]:
    """``env`` as lines for a POSIX shell. Raises GlanceError when there is no sandbox."""
    return clients.shell_lines(env(user))


def down(*, wipe: bool = False, report: Report = silent) -> list[str]:
    """Stop what ``up`` has started and still runs; the names of the services stopped.

    ``wipe`` removes packages, images, databases and logs as well. Raises GlanceError.
    """
    home = Path(home_folder())
    if not home.exists():
        return []
    with disk_errors(home), locked(home, report):
        state = State(home)
        stopped = [name for name in state.processes if state.is_alive(name)]
        state.stop(stopped)
        state.processes.clear()
        if wipe:
            _wipe(home)
        elif state.ports:
            state.save()
    return stopped


def _wipe(home: Path) -> None:
    """Remove what is ours; a folder that holds anything else stays, with that."""
    for name in OURS:
        path = home / name
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    if not any(home.iterdir()):
        home.rmdir()


def _site(home: Path, state: State) -> Site:
    return Site(home, state.ports, state.passwords)
