"""A real Nova for tests: servers to take snapshots of, and a proxy that hides its image API."""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.support.sandbox import Sandbox
from tests.support.waiting import wait_until

NEW = {"X-OpenStack-Nova-API-Version": "2.37"}  # the first with servers without networks
DATA = b"not much of a disk".ljust(2048)


class RaisedFloor(ThreadingHTTPServer):
    """The Compute service as a later release may be: its oldest microversion has no image API."""

    def __init__(self, real: str) -> None:
        super().__init__(("127.0.0.1", 0), Forward)
        self.real = real.removesuffix("/v2.1")
        self.url = f"http://127.0.0.1:{self.server_port}/v2.1"
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Forward(BaseHTTPRequestHandler):
    """Forwards requests; in the version document, 2.40 is the oldest microversion."""

    server: RaisedFloor

    def forward(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        wanted = urllib.request.Request(
            self.server.real + self.path, body or None, method=self.command
        )
        for name, value in self.headers.items():
            if name.lower() not in ("host", "content-length", "connection", "accept-encoding"):
                wanted.add_header(name, value)
        try:
            answer = urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
                wanted, timeout=60
            )
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            content = answer.read()
        if self.path == "/v2.1/":
            document = json.loads(content)
            document["version"]["min_version"] = "2.40"
            content = json.dumps(document).encode()
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            if name.lower() not in (
                "content-length",
                "transfer-encoding",
                "connection",
                "date",
                "server",
            ):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_DELETE = forward  # noqa: N815 - http.server asks for these names

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's own word
        """Logs nothing."""


class Site:
    """An image to boot from and servers, on the sandbox."""

    def __init__(self, sandbox: Sandbox, cloud: str = "sandbox") -> None:
        self.sandbox = sandbox
        self.cloud = cloud
        self.image = self.new_image("nova-base", DATA)
        self.servers: list[str] = []

    def glance(self, method: str, path: str, body: Any = None) -> Any:
        status, answer = self.sandbox.ask(method, path, body, cloud=self.cloud)
        assert status < 300, answer
        return answer

    def compute(self, method: str, path: str, body: Any = None) -> Any:
        status, answer = self.sandbox.ask(
            method, path, body, cloud=self.cloud, service="compute", headers=NEW
        )
        assert status < 300 or (method, status) == ("DELETE", 404), answer
        return answer

    def new_image(self, name: str | None, data: bytes | None = None, **more: Any) -> str:
        body = {"name": name, "disk_format": "raw", "container_format": "bare", **more}
        image_id: str = self.glance("POST", "/v2/images", body)["id"]
        if data is not None:
            self.glance("PUT", f"/v2/images/{image_id}/file", data)
        return image_id

    def server(self, name: str, image: str = "") -> str:
        """Creates a server, waits until it is active, and returns its ID."""
        body = {
            "name": name,
            "imageRef": image or self.image,
            "flavorRef": "tiny",
            "networks": "none",
        }
        server_id: str = self.compute("POST", "/servers", {"server": body})["server"]["id"]
        self.servers.append(server_id)
        wait_until(lambda: self.is_active(server_id))
        return server_id

    def is_active(self, server_id: str) -> bool:
        """False while the server is being built; a server in any other state fails the test."""
        server = self.compute("GET", f"/servers/{server_id}")["server"]
        assert server["status"] in ("ACTIVE", "BUILD"), server.get("fault")
        return bool(server["status"] == "ACTIVE")

    def task(self, server_id: str) -> str | None:
        found: str | None = self.compute("GET", f"/servers/{server_id}")["server"][
            "OS-EXT-STS:task_state"
        ]
        return found

    def delete_servers(self, but: str = "") -> None:
        for server_id in self.servers:
            if server_id != but:
                self.compute("DELETE", f"/servers/{server_id}")
        self.servers = [but] if but else []

    def close(self) -> None:
        self.delete_servers()
        self.glance("DELETE", f"/v2/images/{self.image}")
