"""The servers of the cases: none, the test server, and the Glance of the sandbox."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.bench.programs import ROOT
from tests.bench.stub import TOKEN, image_id

IMAGES = {"short": 60, "ten": 10_000, "hundred": 100_000, "data": 1}
NEW = {"disk_format": "raw", "container_format": "bare", "name": "bench-new"}


class Server:
    """No server.

    environ has the variables by which clients find the server. before() and after() are called around each run.
    """

    def __init__(self) -> None:
        self.environ: dict[str, str] = {}

    def before(self, words: str) -> dict[str, str]:
        """Makes what the words of a run need, and returns the values of their placeholders."""
        return {}

    def after(self) -> dict[str, Any]:
        """Returns what the run has done, and cleans up."""
        return {}


class Service(Server):
    """A service that speaks Images v2."""

    url = ""
    token = ""

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Sends a request whose body is a file, or becomes JSON; returns the JSON of the response, if any."""
        parts = urlsplit(self.url + path)
        connection = HTTPConnection(parts.netloc, timeout=600)
        is_data = hasattr(body, "read")
        kind = "application/octet-stream" if is_data else "application/json"
        data = body if is_data or body is None else json.dumps(body)
        headers = {"X-Auth-Token": self.token, "Content-Type": kind, **headers}
        with contextlib.closing(connection):
            connection.request(method, f"{parts.path}?{parts.query}", data, headers)
            answer = connection.getresponse()
            if answer.status >= 400:
                raise OSError(f"{method} {path}: {answer.status} {answer.read(300)!r}")
            found = answer.read()
        return json.loads(found) if found else None

    def queued(self) -> str:
        """Creates an image without data and returns its ID."""
        return str(self.call("POST", "/v2/images", NEW)["id"])


class Quick(Service):
    """The test server, in its own process."""

    def __init__(self, images: int, payload: Path | None) -> None:
        super().__init__()
        command = [sys.executable, "-m", "tests.bench.stub", str(images)]
        self.process = subprocess.Popen(
            [*command, *([str(payload)] if payload else [])],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout
        self.url, self.token = self.process.stdout.readline().strip(), TOKEN
        self.environ = {
            "OS_AUTH_URL": f"{self.url}/v3",
            **{f"OS_{key}": "bench" for key in ("USERNAME", "PASSWORD", "PROJECT_NAME")},
            **{f"OS_{key}_DOMAIN_ID": "default" for key in ("USER", "PROJECT")},
            "OS_IDENTITY_API_VERSION": "3",
        }

    def before(self, words: str) -> dict[str, str]:
        """Resets the server; all runs use the same generated images."""
        queued = self.queued() if "{queued}" in words else ""
        self.call("GET", "/bench")
        if queued:
            queued = self.queued()
        ids = " ".join(map(image_id, range(60)))
        names = {"id": image_id(7), "name": "image-000007", "ids": ids, "data": image_id(0)}
        return {
            **names,
            "queued": queued,
            "url": self.url,
            "web": f"{self.url}/payload",
            "token": self.token,
        }

    def after(self) -> dict[str, Any]:
        """Returns what the test server reports."""
        found: dict[str, Any] = self.call("GET", "/bench")
        return found

    def close(self) -> None:
        """Stops the server."""
        self.process.communicate()  # closes its standard input


class Glance(Service):
    """Keystone and Glance of the sandbox, which is started unless it is running."""

    def __init__(self, payload: Path) -> None:
        super().__init__()
        from glancecli.sandbox import control as cloud

        cloud.up(report=lambda line: print(line, file=sys.stderr))
        self.environ = cloud.env()
        self._log_in()
        self.clean()
        self.data = str(self.call("POST", "/v2/images", {**NEW, "name": "bench-data"})["id"])
        with payload.open("rb") as file:
            self.call("PUT", f"/v2/images/{self.data}/file", file)
        self.sixty: list[str] = []
        self.web = self._serve(payload)

    def _serve(self, payload: Path) -> str:
        """Starts a web server with the payload, and returns the payload's URL there."""
        command = [sys.executable, "-u", "-m", "http.server", "--bind", "127.0.0.1", "0"]
        self.server = subprocess.Popen(
            command,
            cwd=payload.parent,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self.server.stdout
        port = self.server.stdout.readline().partition(" port ")[2].split()[0]
        return f"http://127.0.0.1:{port}/{payload.name}"

    def _log_in(self) -> None:
        environ, self.url = self.environ, self.environ["OS_AUTH_URL"].removesuffix("/v3")
        domain = {"domain": {"id": environ.get("OS_USER_DOMAIN_ID", "default")}}
        user = {"name": environ["OS_USERNAME"], "password": environ["OS_PASSWORD"], **domain}
        identity = {"methods": ["password"], "password": {"user": user}}
        scope = {"project": {"name": environ["OS_PROJECT_NAME"], **domain}}
        parts = urlsplit(self.url)
        connection = HTTPConnection(parts.netloc, timeout=60)
        body = json.dumps({"auth": {"identity": identity, "scope": scope}})
        with contextlib.closing(connection):
            connection.request(
                "POST", "/v3/auth/tokens", body, {"Content-Type": "application/json"}
            )
            answer = connection.getresponse()
            self.token = answer.headers["X-Subject-Token"]
            catalog = json.load(answer)["token"]["catalog"]
        self.url = next(
            e["url"].rstrip("/")
            for service in catalog
            for e in service["endpoints"]
            if service["type"] == "image" and e["interface"] == "public"
        )

    def before(self, words: str) -> dict[str, str]:
        """Creates sixty images, or one."""
        self.sixty = [self.queued() for _ in range(60)] if "{ids}" in words else []
        queued = self.queued() if "{queued}" in words else ""
        names = {"ids": " ".join(self.sixty), "data": self.data, "queued": queued}
        return {**names, "url": self.url, "web": self.web, "token": self.token}

    def after(self) -> dict[str, Any]:
        """Returns how many of the sixty images were deleted, and the hash of the uploaded data."""
        left = self.call("GET", "/v2/images?name=bench-new&limit=1000")["images"]
        digest = next((image["os_hash_value"] for image in left if image["status"] == "active"), "")
        gone = set(self.sixty) - {image["id"] for image in left}
        self.clean("bench-new")
        return {"deleted": len(gone), "digest": digest}

    def clean(self, *names: str) -> None:
        """Deletes the images with these names, or all images of the benchmark."""
        for name in names or ("bench-new", "bench-data"):
            for image in self.call("GET", f"/v2/images?name={name}&limit=1000")["images"]:
                self.call("DELETE", f"/v2/images/{image['id']}")

    def close(self) -> None:
        """Deletes the images; the sandbox keeps running."""
        self.clean()
        self.server.terminate()
        self.server.communicate()


@contextlib.contextmanager
def serving(kind: str, payload: Path) -> Iterator[Server]:
    """Starts a server of this kind, and stops it afterwards."""
    if kind == "none":
        yield Server()
        return
    server = (
        Glance(payload)
        if kind == "glance"
        else Quick(IMAGES[kind], payload if kind == "data" else None)
    )
    try:
        yield server
    finally:
        server.close()
