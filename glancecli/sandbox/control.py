"""The sandbox as a whole: ``up``, ``status``, ``env``, ``down``."""

from __future__ import annotations

import errno
import json
import os
import shlex
import shutil
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from glancecli.errors import GlanceError
from glancecli.sandbox import keystone as identity
from glancecli.sandbox import processes
from glancecli.sandbox import services as parts
from glancecli.sandbox.configs import REGION, Site
from glancecli.sandbox.packages import SERVERS, Environment
from glancecli.sandbox.paths import home as home_folder
from glancecli.sandbox.services import Part
from glancecli.sandbox.state import Record, locked, write_private

Say = Callable[[str], None]

CLOUDS = {
    "sandbox": "admin",
    "sandbox-demo": "demo",
    "sandbox-reader": "reader",
    "sandbox-other": "other",
}
"""The clouds that clouds.yaml gets, and whose they are."""

START_SECONDS = 120.0
"""How long a service may take to give its first answer."""

PATIENCE = 10.0
"""How many seconds a service that runs may take for an answer before ``up`` starts it anew."""

OURS = ("venv", "etc", "db", "images", "locks", "logs", "nova", "clouds.yaml", "cloud.json", "lock")
"""All that the folder may hold of ours, and so all that a wipe takes away."""


class PartStatus(NamedTuple):
    """How one part is: ``state`` is up, down, or no answer."""

    name: str
    state: str
    url: str
    pid: int | None
    log: str


class Risen(NamedTuple):
    """What ``up`` did: the names of the parts that it started, and whether the catalog is not what
    it was.
    """

    started: list[str]
    moved: bool


def up(*, with_nova: bool = False, say: Say = lambda line: None) -> Risen:
    """Have the sandbox run: install, set up and start what is missing, and nothing else.

    A part that died, or gives no answer, is started anew; the others go on. say is told what
    happens. Raises GlanceError: no Python, no room, no network for the packages, a service that
    fails.
    """
    home = Path(home_folder())
    with _disk_errors(home), locked(home, say):
        record = Record(home)
        with_nova = with_nova or any(record.alive(part.name) for part in parts.COMPUTE)
        wanted = (*parts.BASE, *parts.COMPUTE) if with_nova else parts.BASE
        record.make_passwords()
        environment = Environment(home / "venv", home / "logs" / "install.log")
        if not environment.has(nova=with_nova):
            environment.install(say, nova=with_nova)
        return _Start(home, record, wanted, say).run()


class _Start:
    """One ``up``: the way from what runs to what shall run."""

    def __init__(self, home: Path, record: Record, wanted: Sequence[Part], say: Say) -> None:
        self.home = home
        self.record = record
        self.wanted = wanted
        self.say = say
        self.site = Site(home, record.ports, record.passwords)
        self.listeners: dict[str, socket.socket] = {}

    def run(self) -> Risen:
        """Start what is not running, or not as it should."""
        known = self.record.seeded
        try:
            self._end_what_hangs()
            for part in self.wanted:
                if not self.record.alive(part.name):
                    self._listen(part)
            self._configure()
            self._prepare()
            starting = [part for part in self.wanted if part.name in self.listeners]
            self._start([part for part in starting if part not in parts.LAST])
            self._seed()
            self._start([part for part in starting if part in parts.LAST])
        finally:
            for listener in self.listeners.values():
                listener.close()
        return Risen([part.name for part in starting], moved=known not in ("", self.record.seeded))

    def _end_what_hangs(self) -> None:
        for part in self.wanted:
            if self.record.alive(part.name) and not identity.answers(
                self.site.url(part.name), PATIENCE
            ):
                self.say(f"{part.name} gives no answer: starting it anew.")
                processes.stop([self.record.processes[part.name]])

    def _start(self, starting: Sequence[Part]) -> None:
        for part in starting:
            self._spawn(part)
        for part in starting:
            self._await(part)
        if starting:
            identity.warm_up(self.site, starting)

    def _listen(self, part: Part) -> None:
        port = self.record.ports.get(part.name, 0)
        # A part that was killed a moment ago may have a worker that has not noticed yet.
        listener = processes.listen(
            port, patience=3.0 if part.name in self.record.processes else 0.0
        )
        if listener is None:
            listener = processes.listen(0)
            self.say(f"Port {port} of {part.name} is taken by another program: choosing a new one.")
        if listener is None:
            raise GlanceError("There is no free port on 127.0.0.1.")
        self.listeners[part.name] = listener
        self.record.ports[part.name] = listener.getsockname()[1]

    def _configure(self) -> None:
        """Write every configuration; a running part whose own has changed is stopped, to be started
        anew.
        """
        parts.make_folders(self.site)
        changed = [part for part in self.wanted if parts.configure(part, self.site)]
        restart = [part for part in changed if part.name not in self.listeners]
        processes.stop([self.record.processes[part.name] for part in restart])
        for part in restart:
            self._listen(part)

    def _prepare(self) -> None:
        fresh = [part for part in self.wanted if part.name not in self.record.prepared]
        if fresh:
            self.say("Setting up the databases ...")
            parts.prepare(fresh, self.site, self.say)
            self.record.prepared += [part.name for part in fresh]
            self.record.save()

    def _spawn(self, part: Part) -> None:
        self.say(f"Starting {part.name} ...")
        listener = self.listeners.pop(part.name)
        command = [
            str(self.home / "venv" / "bin" / "python"),
            str(SERVERS / "serve.py"),
            part.module,
        ]
        self.record.processes[part.name] = processes.spawn(
            [*command, str(listener.fileno())],
            log=_log(self.home, part.name),
            environment=parts.server_environment(self.site),
            listener=listener,
        )
        listener.close()  # else a request to a server that died would wait for us
        try:
            self.record.save()
        except BaseException:
            processes.stop([self.record.processes[part.name]])  # nobody would know of it
            raise

    def _await(self, part: Part) -> None:
        """Until it answers. The socket listens already, so a first request waits for the service in
        there.
        """
        end = time.monotonic() + START_SECONDS
        while not identity.answers(
            self.site.url(part.name), timeout=max(1.0, end - time.monotonic())
        ):
            if not self.record.alive(part.name):
                raise GlanceError(
                    f"{part.name} ended while it started: {_last_line(self.home, part.name)}"
                )
            if time.monotonic() > end:
                raise GlanceError(
                    f"{part.name} has given no answer for {START_SECONDS:.0f} s.",
                    hint=f"Its log is {_log(self.home, part.name)}.",
                )
            time.sleep(0.05)

    def _seed(self) -> None:
        """Users, catalog and clouds.yaml, when they are not as they shall be."""
        seeded = json.dumps(
            [identity.USERS, [[part.name, part.url(self.site)] for part in self.wanted]]
        )
        if self.record.seeded != seeded:
            self.say("Setting up users and catalog ...")
            identity.seed(self.site, self.wanted)
            self.record.seeded = seeded
            self.record.save()
        write_private(self.home / "clouds.yaml", _clouds_yaml(self.site))


def running() -> bool:
    """Whether Keystone and Glance run, as far as their processes show. Raises GlanceError."""
    record = Record(Path(home_folder()))
    return all(record.alive(part.name) for part in parts.BASE)


def status() -> list[PartStatus]:
    """Every part that has ever been started here, and how it is. Empty when there is no sandbox.

    Raises GlanceError.
    """
    home = Path(home_folder())
    record = Record(home)
    site = Site(home, record.ports, record.passwords)
    return [
        PartStatus(
            name=part.name,
            state=_state(record, site, part.name),
            url=part.url(site),
            pid=record.processes[part.name].pid if record.alive(part.name) else None,
            log=str(_log(home, part.name)),
        )
        for part in (*parts.BASE, *parts.COMPUTE)
        if part.name in record.prepared
    ]


def _state(record: Record, site: Site, name: str) -> str:
    if not record.alive(name):
        return "down"
    return "up" if identity.answers(site.url(name), timeout=5.0) else "no answer"


def env(user: str = "admin") -> dict[str, str]:
    """The OS_* variables by which any OpenStack program reaches the sandbox as admin, demo, reader
    or other.

    Raises GlanceError when there is no sandbox.
    """
    home = Path(home_folder())
    record = Record(home)
    if not record.seeded:
        raise GlanceError("There is no sandbox.", hint="`glancecli sandbox up` makes one.")
    login = _login(Site(home, record.ports, record.passwords), user)
    return {
        **{f"OS_{name.upper()}": value for name, value in login.items()},
        "OS_REGION_NAME": REGION,
        "OS_IDENTITY_API_VERSION": "3",
    }


def exports(user: str = "admin") -> list[str]:
    """``env`` as lines for a POSIX shell, after which nothing of another cloud is left in it.

    Raises GlanceError when there is no sandbox.
    """
    wanted = env(user)
    if any(name.lower() in ("http_proxy", "all_proxy") for name in os.environ):
        wanted["no_proxy"] = wanted["NO_PROXY"] = parts.without_proxy(os.environ)
    others = sorted(name for name in os.environ if name.startswith("OS_") and name not in wanted)
    unset = [f"unset {' '.join(others)}"] if others else []
    return unset + [f"export {name}={shlex.quote(value)}" for name, value in wanted.items()]


def down(*, wipe: bool = False, say: Say = lambda line: None) -> list[str]:
    """Stop what ``up`` has started and still runs, by process number and start time; the names
    stopped.

    ``wipe`` removes packages, images, databases and logs as well. Raises GlanceError.
    """
    home = Path(home_folder())
    if not home.exists():
        return []
    with _disk_errors(home), locked(home, say):
        record = Record(home)
        running = [name for name in record.processes if record.alive(name)]
        processes.stop([record.processes[name] for name in running])
        record.processes.clear()
        if wipe:
            _wipe(home)
        elif record.ports:
            record.save()
    return running


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


def _login(site: Site, user: str) -> dict[str, str]:
    return {
        "auth_url": site.url("keystone") + "/v3",
        "username": user,
        "password": site.passwords[user],
        "project_name": identity.PROJECT_OF[user],
        "user_domain_name": "Default",
        "project_domain_name": "Default",
    }


def _clouds_yaml(site: Site) -> str:
    clouds = {
        name: {"auth": _login(site, user), "region_name": REGION, "identity_api_version": "3"}
        for name, user in CLOUDS.items()
    }
    # JSON is YAML, and needs no library.
    return (
        "# Written by `glancecli sandbox up`.\n" + json.dumps({"clouds": clouds}, indent=2) + "\n"
    )


def _log(home: Path, name: str) -> Path:
    return home / "logs" / f"{name}.log"


def _last_line(home: Path, name: str) -> str:
    lines = _log(home, name).read_text(errors="replace").strip().splitlines()
    # gunicorn's own lines are in brackets and only say that it stops; the cause stands before them.
    causes = [line for line in lines[-50:] if line and not line.startswith((" ", "["))]
    return f"{causes[-1] if causes else 'no output'} (whole log: {_log(home, name)})"


@contextmanager
def _disk_errors(home: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise GlanceError(
                f"The disk that holds {home} is full.", hint="Make room and try again."
            ) from error
        refused = error.errno in (
            errno.EACCES,
            errno.EPERM,
            errno.EROFS,
            errno.ENOTDIR,
            errno.EEXIST,
        )
        if refused or not os.access(home, os.F_OK):
            raise GlanceError(
                f"The sandbox cannot use {error.filename or home}: {error.strerror}.",
                hint="Point XDG_DATA_HOME at a folder that you may write to.",
            ) from error
        raise
