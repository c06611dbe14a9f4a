"""The functions behind the commands ``sandbox up``, ``status``, ``env`` and ``down``."""

from __future__ import annotations

import shutil
from enum import Enum
from pathlib import Path
from typing import NamedTuple

from glancecli.errors import GlanceError, Hint
from glancecli.sandbox import clients, loopback, services
from glancecli.sandbox.configs import Site
from glancecli.sandbox.files import Report, disk_errors, is_locked, locked
from glancecli.sandbox.packages import CACHE, WITH_NOVA, WITHOUT_NOVA, Environment
from glancecli.sandbox.paths import home as home_folder
from glancecli.sandbox.services import Service
from glancecli.sandbox.startup import Startup, UpResult
from glancecli.sandbox.state import FILE, State

OWN_FILES = (
    "venv", CACHE, "etc", "db", "images", "locks", "logs", "nova",
    clients.CLOUDS_FILE, FILE, "lock",
)  # fmt: skip
"""Everything that the sandbox puts into its folder, and that a wipe removes."""


class ServiceState(Enum):
    """The state of a service, as ``sandbox status`` shows it."""

    UP = "up"
    DOWN = "down"
    NO_ANSWER = "no answer"


class ServiceStatus(NamedTuple):
    """A service: its state, its URL, its process, and its log."""

    name: str
    state: ServiceState
    url: str
    pid: int | None
    log: str


def silent(line: str) -> None:
    """Reports nothing."""


def up(*, with_nova: bool = False, report: Report = silent) -> UpResult:
    """Installs, sets up and starts the services that do not run; leaves the others alone.

    A service that died or does not answer is restarted, and Nova starts again if it was there
    before. report is called with progress lines.
    Raises GlanceError: no Python, no disk space, no network for the packages, a service that fails.
    """
    home = Path(home_folder())
    with disk_errors(home), locked(home, report):
        state = State(home)
        state.make_passwords()
        site = _site(home, state)
        wanted = wanted_services(state, with_nova=with_nova)
        packages = WITHOUT_NOVA
        if wanted == services.ALL:
            packages = WITH_NOVA
        environment = Environment(site.venv, site.log("install"))
        environment.ensure(packages, report)
        return Startup(site, state, wanted, report).run()


def wanted_services(state: State, *, with_nova: bool) -> tuple[Service, ...]:
    """Returns the services to start: with Nova if that is wanted, or was started here before."""
    if with_nova or any(service.name in state.prepared for service in services.COMPUTE):
        return services.ALL
    return services.BASE


def running() -> bool:
    """Returns whether the processes of Keystone and Glance run. Raises GlanceError."""
    state = State(Path(home_folder()))
    return all(state.is_alive(service.name) for service in services.BASE)


def status() -> list[ServiceStatus]:
    """Returns the status of every service that was ever started; [] when there is no sandbox.

    Raises GlanceError.
    """
    home = Path(home_folder())
    state = State(home)
    site = _site(home, state)
    prepared = [service for service in services.ALL if service.name in state.prepared]
    return [_service_status(service, state, site) for service in prepared]


def is_busy() -> bool:
    """Returns whether another command, such as `up`, is at work on the sandbox."""
    return is_locked(Path(home_folder()))


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
    """Returns the OS_* variables of a user (admin, demo, reader or other).

    Raises GlanceError when there is no sandbox.
    """
    return clients.login_variables(_made_site(), user)


def exports(user: str = "admin") -> list[str]:
    """Returns ``env`` as lines for a POSIX shell. Raises GlanceError when there is no sandbox."""
    return clients.shell_lines(env(user))


def clouds_yaml() -> list[str]:
    """Returns a clouds.yaml with a cloud for each user, as lines.

    Raises GlanceError when there is no sandbox.
    """
    return clients.yaml_lines(_made_site())


def _made_site() -> Site:
    home = Path(home_folder())
    state = State(home)
    if not state.seeded:
        raise GlanceError("There is no sandbox.", hint=Hint("{} creates one.", ("sandbox", "up")))
    return _site(home, state)


def down(*, wipe: bool = False, report: Report = silent) -> list[str]:
    """Stops the services that ``up`` started; returns the names of those that ran.

    wipe: remove packages, images, databases and logs as well. Raises GlanceError.
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


def uses_the_users_uv() -> bool:
    """Returns whether packages come through a uv that is not the sandbox's own."""
    return shutil.which("uv") is not None


def _wipe(home: Path) -> None:
    """Removes the sandbox's files, and its folder unless it has other files."""
    for name in OWN_FILES:
        path = home / name
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    if not any(home.iterdir()):
        home.rmdir()


def _site(home: Path, state: State) -> Site:
    return Site(home, state.ports, state.passwords)
