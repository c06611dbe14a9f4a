"""The checks of doctor: versions, programs, settings, answers. No secret is in their words."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from enum import Enum
from importlib import metadata
from shutil import which
from typing import TYPE_CHECKING, NamedTuple

from glancecli import __version__
from glancecli.cli.app import App
from glancecli.cli.cloud_options import named_cloud
from glancecli.cli.neighbours import PROGRAMS, module_of, neighbours
from glancecli.errors import GlanceError
from glancecli.masking import is_loopback, without_credentials
from glancecli.text import counted

if TYPE_CHECKING:
    from glancecli.auth.identity import Identity
    from glancecli.auth.settings import Settings

PACKAGES = ("click", "requests", "urllib3", "keystoneauth1", "rich", "PyYAML", "wcwidth")
EXTRAS = ("backports.zstd", "PySocks", "requests-kerberos", "lxml", "oauthlib")
TIMEOUT = 20.0  # seconds for a service to answer, unless --timeout says another time


class State(Enum):
    """Whether a fact is as it should be."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


class Check(NamedTuple):
    """One fact, and whether it is as it should be."""

    check: str
    state: State
    detail: str

    def shown(self) -> dict[str, str]:
        """Returns the fields for a list."""
        return {"check": self.check, "state": self.state.value, "detail": self.detail}


def checks(app: App) -> Iterator[Check]:
    """Yields all checks, those that ask the cloud last."""
    yield from _versions()
    yield from _programs()
    yield from _environment()
    yield from _clouds(app)
    yield _cache(app)
    yield from _cloud(app)


def _versions() -> Iterator[Check]:
    import platform
    import ssl

    yield Check("glancecli", State.OK, f"{__version__} ({sys.argv[0]})")
    python = f"{platform.python_version()} ({sys.executable}), {platform.platform()}"
    yield Check("Python", State.OK, f"{python}, {ssl.OPENSSL_VERSION}")
    missing = [name for name in PACKAGES if not _version(name)]
    installed = [f"{name} {_version(name)}" for name in (*PACKAGES, *EXTRAS) if _version(name)]
    yield Check("packages", State.OK, ", ".join(installed))
    if missing:
        yield Check("packages", State.WARNING, f"not installed by a package: {', '.join(missing)}")


def _version(package: str) -> str:
    """Returns the version of a package, "" if it is not installed."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def _programs() -> Iterator[Check]:
    """Yields what the names of the programs lead to."""
    for program in (*PROGRAMS, "openstack"):
        path = which(program)
        if path is None:
            yield Check("PATH", State.OK, f"{program} is not on it")
            continue
        module = module_of(path)
        detail = f"{program} is {path}"
        if module:
            detail = f"{detail}, of the Python package {module}"
        state = State.OK
        if program in PROGRAMS and module != "glancecli":
            state = State.WARNING
        yield Check("PATH", state, detail)


def _environment() -> Iterator[Check]:
    """Yields the packages of this environment that have programs of our names."""
    found = list(neighbours(*PROGRAMS))
    for neighbour in found:
        detail = (
            f"{neighbour} has a program {neighbour.program} too, in the same environment: the one "
            f"installed later replaces the other. {neighbour.how_to_have_both}"
        )
        yield Check("conflicts", State.ERROR, detail)
    if not found:
        yield Check("conflicts", State.OK, f"{sys.prefix}: no other package has our programs")


def _clouds(app: App) -> Iterator[Check]:
    """Yields the clouds that are known, file by file."""
    from glancecli.auth.cloud_files import folders
    from glancecli.auth.clouds import listed_clouds

    ignored: list[str] = []
    try:
        known = listed_clouds(app.environ, ignored.append)
    except GlanceError as error:
        yield Check("clouds", State.ERROR, app.console.describe(error))
        return
    yield from (Check("clouds", State.WARNING, line) for line in ignored)
    for source in dict.fromkeys(cloud.source for cloud in known):
        names = ", ".join(cloud.title for cloud in known if cloud.source == source)
        yield Check("clouds", State.OK, f"{names} ({source or 'OS_* variables'})")
    for cloud in known:
        if cloud.problem:
            yield Check("clouds", State.WARNING, f"{cloud.name}: {cloud.problem}")
    if not known:
        places = ", ".join(map(str, folders(app.environ)))
        yield Check("clouds", State.WARNING, f"no OS_* variables, and no clouds.yaml in {places}")


def _cache(app: App) -> Check:
    from glancecli.auth.tokens import cache_folder, count_logins

    folder = cache_folder(app.environ)
    try:
        count = count_logins(folder)
    except FileNotFoundError:
        return Check("cache", State.OK, f"{folder}: empty")
    except OSError as error:
        return Check("cache", State.WARNING, f"{folder} is not used: {error.strerror}")
    return Check("cache", State.OK, f"{folder}: {counted(count, 'login')}")


def _cloud(app: App) -> Iterator[Check]:
    """Yields what is in force for the chosen cloud, and whether it answers."""
    try:
        settings = app.settings
    except GlanceError as error:
        state = State.WARNING
        if named_cloud(app.flags, app.environ):
            state = State.ERROR
        yield Check("settings", state, app.console.describe(error))
        return
    url = str(settings.auth.get("auth_url", "")) or settings.image_url
    if not url:
        yield Check("settings", State.WARNING, "no cloud is chosen: give --os-cloud or OS_CLOUD")
        return
    name = f"cloud {settings.cloud}"
    if not settings.cloud:
        name = "a cloud given by options"
    cached = "its login is not cached"
    if settings.cache:
        cached = "its login is cached"
    yield Check("settings", State.OK, f"{name}, login {settings.auth_type}, {cached}")
    yield _tls(settings, url)
    yield _proxy(url)
    anew = settings._replace(cache=False, timeout=settings.timeout or TIMEOUT)
    identity = app.identity_with(anew)
    if "auth_url" in settings.auth:
        login = _answer(app, "Keystone", lambda: _login(identity))
        yield login
        if login.state is State.ERROR:
            yield Check("Glance", State.WARNING, "not asked, as the login failed")
            return
    yield _answer(app, "Glance", lambda: _image_service(identity))


def _tls(settings: Settings, url: str) -> Check:
    if url.startswith("http://"):
        state = State.WARNING
        if is_loopback(url):
            state = State.OK
        return Check("TLS", state, "none: the URL begins with http:")
    if settings.insecure:
        return Check("TLS", State.WARNING, "certificates are not verified (insecure)")
    facts = ["verified with the CA certificates of the package certifi"]
    if isinstance(settings.verify, str):
        facts = [f"verified with the CA certificates in {settings.verify}"]
    if settings.cert:
        facts.append("with a client certificate")
    if settings.tls.min_version:
        facts.append(f"TLS {settings.tls.min_version} or newer")
    if settings.tls.ciphers:
        facts.append(f"ciphers {settings.tls.ciphers}")
    return Check("TLS", State.OK, ", ".join(facts))


def _proxy(url: str) -> Check:
    from glancecli.transport.proxies import proxy_for

    return Check("proxy", State.OK, str(proxy_for(url) or "none"))


def _answer(app: App, service: str, ask: Callable[[], str]) -> Check:
    """Returns whether a service answers, or what is wrong."""
    try:
        return Check(service, State.OK, ask())
    except GlanceError as error:
        return Check(service, State.ERROR, app.console.describe(error))


def _login(identity: Identity) -> str:
    """Logs in; returns where and as whom."""
    identity.token()
    url = without_credentials(str(identity.settings.auth["auth_url"]))
    roles = ", ".join(identity.roles or ["unknown"])
    return (
        f"{url} answers: user {identity.user_id}, project {identity.project_id or 'none'}, "
        f"roles {roles}"
    )


def _image_service(identity: Identity) -> str:
    """Asks the Image service for its versions; returns where it is and the newest version."""
    from glancecli.api.versions import newest_version
    from glancecli.transport.client import ServiceClient

    http = ServiceClient(identity, "image")
    return f"{without_credentials(http.base)} answers: Images API {newest_version(http)}"
