"""Live tests: the installed programs, as processes, against a real Keystone and Glance (and Nova).

The sandbox is made for the run in a folder of its own and wiped afterwards. GLANCECLI_TEST_DATA=FOLDER keeps
it there instead, so that the next run finds it installed (in a folder for each process of several).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

import pytest

from tests.support.programs import Result

PROGRAMS = Path(sys.executable).parent


class Ran(Result):
    """What one run of a program gave; raw is stdout as bytes."""

    def __init__(self, code: int, raw: bytes, err: bytes) -> None:
        super().__init__(code, raw.decode(errors="replace"), err.decode(errors="replace"))
        self.raw = raw


class Run(Protocol):
    """A program to call: words, and what stands on stdin (bytes: a pipe, Path: a file, None: nothing)."""

    def __call__(
        self,
        *words: str | Path,
        stdin: bytes | Path | None = None,
        cloud: str | None = "sandbox",
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        timeout: float = 120,
    ) -> Ran: ...


def run_program(name: str, *words: str | Path, env: Mapping[str, str], **more: Any) -> Ran:
    """Run an installed program with this environment and nothing else."""
    stdin = more.pop("stdin", None)
    if isinstance(stdin, Path):
        with stdin.open("rb") as source:
            done = subprocess.run(
                [PROGRAMS / name, *words],
                stdin=source,
                capture_output=True,
                env=dict(env),
                check=False,
                **more,
            )
    else:
        how = {"stdin": subprocess.DEVNULL} if stdin is None else {"input": stdin}
        done = subprocess.run(
            [PROGRAMS / name, *words],
            capture_output=True,
            env=dict(env),
            check=False,
            **how,
            **more,
        )
    return Ran(done.returncode, done.stdout, done.stderr)


def environment(home: Path, data: Path) -> dict[str, str]:
    """The variables of somebody who has just logged in, with the sandbox below ``data``."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in ("PATH", "PYTHONPATH") or name.startswith(("PIP_", "UV_", "SSL_", "PYENV_"))
    }
    return {
        **kept,
        "HOME": str(home),
        "XDG_DATA_HOME": str(data),
        "XDG_CACHE_HOME": str(home / ".cache"),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "LANG": "C.UTF-8",
    }


class Sandbox:
    """The running sandbox of this test run: its data folder, and its services for tests to look behind us."""

    def __init__(self, data: Path, home: Path) -> None:
        self.data = data
        self.home = home
        self.folder = data / "glancecli" / "sandbox"
        self._tokens: dict[str, tuple[str, dict[str, str]]] = {}

    def control(self, *words: str) -> Ran:
        """``glancecli sandbox ...``, with the real home: that is where pip's settings and caches are."""
        env = {
            **environment(Path.home(), self.data),
            "XDG_CONFIG_HOME": os.environ.get("XDG_CONFIG_HOME", ""),
        }
        env["PATH"] = f"{PROGRAMS}:{env['PATH']}"
        env["XDG_CACHE_HOME"] = os.environ.get("XDG_CACHE_HOME", "")
        return run_program("glancecli", "sandbox", *words, env=env, timeout=600)

    @property
    def clouds(self) -> dict[str, Any]:
        """clouds.yaml, which is JSON as well."""
        text = (self.folder / "clouds.yaml").read_text().partition("\n")[2]
        clouds: dict[str, Any] = json.loads(text)["clouds"]
        return clouds

    def login(self, cloud: str = "sandbox") -> tuple[str, dict[str, str]]:
        """A token of that cloud's user, and the public endpoint of each type of service."""
        if cloud not in self._tokens:
            auth = self.clouds[cloud]["auth"]
            domain = {"domain": {"name": "Default"}}
            user = {"name": auth["username"], "password": auth["password"], **domain}
            scope = {"project": {"name": auth["project_name"], **domain}}
            identity = {"methods": ["password"], "password": {"user": user}}
            body = {"auth": {"identity": identity, "scope": scope}}
            status, answer, headers = request("POST", f"{auth['auth_url']}/auth/tokens", body)
            assert status == 201, answer
            endpoints = {
                service["type"]: endpoint["url"]
                for service in answer["token"]["catalog"]
                for endpoint in service["endpoints"]
                if endpoint["interface"] == "public"
            }
            self._tokens[cloud] = headers["X-Subject-Token"], endpoints
        return self._tokens[cloud]

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        cloud: str = "sandbox",
        service: str = "image",
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, Any]:
        """Status and JSON of a service's answer, past the programs under test. path begins after the port."""
        token, endpoints = self.login(cloud)
        status, answer, _ = request(
            method, endpoints[service] + path, body, {"X-Auth-Token": token, **(headers or {})}
        )
        return status, answer

    def images(self) -> dict[str, dict[str, Any]]:
        """Every image of every project by ID, hidden ones included."""
        found: dict[str, dict[str, Any]] = {}
        for hidden in ("false", "true"):
            path = f"/v2/images?limit=1000&visibility=all&os_hidden={hidden}"
            while path:
                _, page = self.ask("GET", path)
                found.update({image["id"]: image for image in page["images"]})
                path = page.get("next", "")
        return found

    def remove(self, image: Mapping[str, Any]) -> None:
        """Delete an image whatever protects it."""
        path = f"/v2/images/{image['id']}"
        if image["protected"]:
            kind = {"Content-Type": "application/openstack-images-v2.1-json-patch"}
            self.ask(
                "PATCH",
                path,
                [{"op": "replace", "path": "/protected", "value": False}],
                headers=kind,
            )
        self.ask("DELETE", path)


_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def request(
    method: str, url: str, body: Any = None, headers: Mapping[str, str] | None = None
) -> tuple[int, Any, Any]:
    """Status, decoded body and headers of one HTTP exchange; body goes as bytes or as JSON."""
    data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    kind = "application/octet-stream" if isinstance(body, bytes) else "application/json"
    wanted = urllib.request.Request(
        url, data, {"Content-Type": kind, **(headers or {})}, method=method
    )
    try:
        with _direct.open(wanted, timeout=60) as answer:
            return answer.status, _decoded(answer.read()), answer.headers
    except urllib.error.HTTPError as error:
        with error:
            return error.code, _decoded(error.read()), error.headers


def _decoded(raw: bytes) -> Any:
    try:
        return json.loads(raw) if raw else None
    except ValueError:
        return raw


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """Keystone and Glance, running."""
    kept = os.environ.get("GLANCECLI_TEST_DATA")
    process = os.environ.get("PYTEST_XDIST_WORKER", "")
    data = Path(kept) / process if kept else tmp_path_factory.mktemp("data")
    cloud = Sandbox(data, tmp_path_factory.mktemp("home"))
    up = cloud.control("up")
    assert up.code == 0, up.err
    yield cloud
    down = cloud.control("down", *([] if kept else ["--wipe"]))
    assert down.code == 0, down.err


@pytest.fixture(scope="session")
def compute_sandbox(sandbox: Sandbox) -> Sandbox:
    """The same sandbox with Placement and Nova."""
    up = sandbox.control("up", "--with-nova")
    assert up.code == 0, up.err
    sandbox._tokens.clear()  # their catalogs have no Nova
    return sandbox


@pytest.fixture
def clean_images(sandbox: Sandbox) -> Iterator[None]:
    """Images that the test made are gone after it."""
    before = set(sandbox.images())
    yield
    for identifier, image in sandbox.images().items():
        if identifier not in before:
            sandbox.remove(image)


@pytest.fixture
def live_program(sandbox: Sandbox, tmp_path: Path, clean_images: None) -> Callable[..., Ran]:
    """Run any of the installed programs on the sandbox, with a home of this test alone."""
    home = tmp_path / "home"
    home.mkdir()

    def call(
        name: str,
        *words: str | Path,
        cloud: str | None = "sandbox",
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        timeout: float = 120,
        stdin: bytes | Path | None = None,
    ) -> Ran:
        variables = {
            **environment(home, sandbox.data),
            **({"OS_CLOUD": cloud} if cloud else {}),
            **(env or {}),
        }
        return run_program(
            name, *words, env=variables, cwd=cwd or tmp_path, timeout=timeout, stdin=stdin
        )

    return call


def _named(live_program: Callable[..., Ran], name: str) -> Run:
    def call(*words: str | Path, **more: Any) -> Ran:
        return live_program(name, *words, **more)

    return call


@pytest.fixture
def glance(live_program: Callable[..., Ran]) -> Run:
    """``glance`` on the sandbox, as admin unless cloud= says otherwise (None: no OS_CLOUD at all)."""
    return _named(live_program, "glance")


@pytest.fixture
def nova(live_program: Callable[..., Ran], compute_sandbox: Sandbox) -> Run:
    """``nova`` on the sandbox with Nova."""
    return _named(live_program, "nova")


@pytest.fixture
def glancecli(live_program: Callable[..., Ran]) -> Run:
    """The umbrella program on the sandbox."""
    return _named(live_program, "glancecli")
