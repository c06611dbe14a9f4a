"""The sandbox of the live tests: installed programs as processes, and a real Keystone and Glance."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from tests.support.programs import Result

PROGRAMS = Path(sys.executable).parent


class Run(Protocol):
    """A program to call. stdin: bytes come through a pipe, a Path is opened as a file, None is /dev/null."""

    def __call__(
        self,
        *words: str | Path,
        stdin: bytes | Path | None = None,
        cloud: str | None = "sandbox",
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        timeout: float = 120,
    ) -> Result: ...


def run_program(name: str, *words: str | Path, env: Mapping[str, str], **more: Any) -> Result:
    """Runs an installed program with exactly this environment."""
    stdin = more.pop("stdin", None)
    command = [PROGRAMS / name, *words]
    with Path(stdin if isinstance(stdin, Path) else os.devnull).open("rb") as file:
        feed: dict[str, Any] = {"input": stdin} if isinstance(stdin, bytes) else {"stdin": file}
        done = subprocess.run(
            command, capture_output=True, env=dict(env), check=False, **feed, **more
        )
    return Result(done.returncode, done.stdout, done.stderr.decode(errors="replace"))


def environment(home: Path, data: Path) -> dict[str, str]:
    """Returns the variables of a new login shell with our programs, and the sandbox below ``data``."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name == "PYTHONPATH" or name.startswith(("PIP_", "UV_", "SSL_", "PYENV_"))
    }
    return {
        **kept,
        "PATH": f"{PROGRAMS}:{os.environ['PATH']}",
        "HOME": str(home),
        "XDG_DATA_HOME": str(data),
        "XDG_CACHE_HOME": str(home / ".cache"),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "LANG": "C.UTF-8",
    }


class Sandbox:
    """The running sandbox: its data folder, and its services, which tests ask without glancecli."""

    def __init__(self, data: Path, home: Path) -> None:
        self.data = data
        self.home = home
        self.folder = data / "glancecli" / "sandbox"
        self._tokens: dict[str, tuple[str, dict[str, str]]] = {}

    def control(self, *words: str) -> Result:
        """Runs ``glancecli sandbox ...`` with the real home, which has the settings and caches of pip."""
        env = {
            **environment(Path.home(), self.data),
            "XDG_CONFIG_HOME": os.environ.get("XDG_CONFIG_HOME", ""),
        }
        env["XDG_CACHE_HOME"] = os.environ.get("XDG_CACHE_HOME", "")
        return run_program("glancecli", "sandbox", *words, env=env, timeout=600)

    @property
    def clouds(self) -> dict[str, Any]:
        """The clouds of clouds.yaml, which is also JSON."""
        text = (self.folder / "clouds.yaml").read_text().partition("\n")[2]
        clouds: dict[str, Any] = json.loads(text)["clouds"]
        return clouds

    def login(self, cloud: str = "sandbox") -> tuple[str, dict[str, str]]:
        """Returns a token of the user of a cloud, and the public endpoint of each type of service."""
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

    def forget_tokens(self) -> None:
        """Makes the next login get a new token and a new catalog."""
        self._tokens.clear()

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
        """Sends a request to a service, and returns status and JSON. path begins after the port."""
        token, endpoints = self.login(cloud)
        status, answer, _ = request(
            method, endpoints[service] + path, body, {"X-Auth-Token": token, **(headers or {})}
        )
        return status, answer

    def images(self) -> dict[str, dict[str, Any]]:
        """Returns every image of every project by ID, hidden ones included."""
        found: dict[str, dict[str, Any]] = {}
        for hidden in ("false", "true"):
            path = f"/v2/images?limit=1000&visibility=all&os_hidden={hidden}"
            while path:
                _, page = self.ask("GET", path)
                found.update({image["id"]: image for image in page["images"]})
                path = page.get("next", "")
        return found

    def remove(self, image: Mapping[str, Any]) -> None:
        """Deletes an image, also a protected one."""
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
    """Sends a request with a body of bytes or JSON; returns status, decoded body and headers."""
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
