"""A small well-behaved Images v2 service in this process, for transfers on loopback."""

from __future__ import annotations

import hashlib
import json
import re
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOKEN = "good-token"


class FakeGlance(ThreadingHTTPServer):
    """images and data are by ID, staged is the data that waits for an import, seen has every request."""

    daemon_threads = True
    algorithm: str | None = "sha512"  # None: a service older than Rocky
    request_id = ""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.images: dict[str, dict[str, Any]] = {}
        self.data: dict[str, bytes] = {}
        self.staged: dict[str, bytes] = {}
        self.seen: list[tuple[str, str, dict[str, str]]] = []
        self.queries: list[str] = []
        self.lock = threading.Lock()
        self._thread = threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def close(self) -> None:
        self.shutdown()
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignores clients that close the connection, which is part of these tests."""

    def record(self, fields: dict[str, Any]) -> dict[str, Any]:
        image = {
            "name": None,
            "status": "queued",
            "size": None,
            "checksum": None,
            "tags": [],
            **fields,
        }
        image |= {
            "disk_format": fields.get("disk_format"),
            "container_format": fields.get("container_format"),
        }
        if self.algorithm:
            image |= {"os_hash_algo": None, "os_hash_value": None}
        self.images[image["id"]] = image
        return image

    def add(self, image_id: str, data: bytes | None = None, **fields: Any) -> dict[str, Any]:
        """Adds an image before the test begins."""
        image = self.record({"id": image_id, **fields})
        if data is not None:
            self.store(image, data)
        return image

    def store(self, image: dict[str, Any], data: bytes) -> None:
        self.data[image["id"]] = data
        image |= {"status": "active", "size": len(data)}
        image["checksum"] = hashlib.md5(data, usedforsecurity=False).hexdigest()
        if self.algorithm:
            image["os_hash_algo"] = self.algorithm
            image["os_hash_value"] = hashlib.new(self.algorithm, data).hexdigest()

    def requests(self, method: str, ending: str = "") -> list[dict[str, str]]:
        """Returns the headers of every request with this method and this end of its path."""
        return [headers for m, path, headers in self.seen if m == method and path.endswith(ending)]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: FakeGlance

    def log_message(self, *args: Any) -> None:
        """Logs nothing."""

    def _any(self) -> None:
        self.server.queries.append(self.path.partition("?")[2])
        self.server.seen.append(
            (self.command, self.path.split("?")[0], {k.lower(): v for k, v in self.headers.items()})
        )
        if self.path == "/":
            versions = [{"id": "v2.18", "status": "CURRENT"}]
            return self._answer(300, {"versions": versions})
        if self.headers.get("X-Auth-Token") != TOKEN:
            return self._answer(401, {"message": "token refused"})
        found = re.fullmatch(
            r"/v2/images(?:/([^/]+)(?:/(file|stage|actions/deactivate))?)?", self.path.split("?")[0]
        )
        if not found:
            return self._answer(404, {"message": "no such path"})
        image = self.server.images.get(found[1] or "")
        if found[1] and image is None:
            return self._answer(404, {"message": f"No image found with ID {found[1]}"})
        what = {"actions/deactivate": "deactivate"}.get(found[2] or "", found[2] or "")
        getattr(self, f"{self.command.lower()}_{what or ('image' if image else 'images')}")(image)
        return None

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = _any  # noqa: N815 - names that http.server calls

    def _answer(self, status: int, body: Any = None, **headers: str) -> None:
        data = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        if self.server.request_id:
            self.send_header("X-Openstack-Request-Id", self.server.request_id)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(data)

    def _body(self) -> bytes | None:
        """Reads the whole body; None when the client closed the connection before its end."""
        try:
            return self._whole_body()
        except OSError:
            return None

    def _whole_body(self) -> bytes | None:
        if self.headers.get("Transfer-Encoding"):
            parts = []
            while True:
                line = self.rfile.readline()
                if not line.strip():
                    return None
                size = int(line, 16)
                part = self.rfile.read(size + 2)
                if len(part) < size + 2:
                    return None
                if not size:
                    return b"".join(parts)
                parts.append(part[:-2])
        length = int(self.headers.get("Content-Length", 0))
        data = self.rfile.read(length)
        return data if len(data) == length else None

    def post_images(self, _image: None) -> None:
        fields = json.loads(self._body() or b"{}")
        with self.server.lock:
            if fields["id"] in self.server.images:
                return self._answer(409, {"message": f"Image ID {fields['id']} already exists!"})
            return self._answer(201, self.server.record(fields))

    def get_images(self, _image: None) -> None:
        self._answer(200, {"images": list(self.server.images.values())})

    def get_image(self, image: dict[str, Any]) -> None:
        self._answer(200, image)

    def patch_image(self, image: dict[str, Any]) -> None:
        for change in json.loads(self._body() or b"[]"):
            image[change["path"][1:]] = change.get("value")
        self._answer(200, image)

    def delete_image(self, image: dict[str, Any]) -> None:
        if image.get("protected"):
            return self._answer(
                403, {"message": f"Image {image['id']} is protected and cannot be deleted."}
            )
        del self.server.images[image["id"]]
        self.server.data.pop(image["id"], None)
        return self._answer(204)

    def post_deactivate(self, image: dict[str, Any]) -> None:
        image["status"] = "deactivated"
        self._answer(204)

    def put_file(self, image: dict[str, Any]) -> None:
        if image["status"] != "queued":
            data = self._body()
            return self._answer(
                409, {"message": f"Image status transition from {image['status']} to saving"}
            )
        image["status"] = "saving"
        data = self._body()
        if data is None:
            image["status"] = "queued"
            self.close_connection = True
            return None
        promised = self.headers.get("x-openstack-image-size")
        if promised is not None and int(promised) != len(data):
            image["status"] = "queued"
            return self._answer(400, {"message": f"Image size {promised} differs"})
        self.server.store(image, data)
        return self._answer(204)

    def put_stage(self, image: dict[str, Any]) -> None:
        data = self._body()
        if data is not None:
            self.server.staged[image["id"]] = data
            image |= {"status": "uploading", "size": len(data)}
            self._answer(204)

    def get_file(self, image: dict[str, Any]) -> None:
        data = self.server.data.get(image["id"])
        if data is None:
            return self._answer(204)
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        first, last = (
            (int(asked[1]), int(asked[2] or len(data) - 1)) if asked else (0, len(data) - 1)
        )
        if asked and first >= len(data):
            return self._answer(416, {"message": "out of range"})
        part = data[first : last + 1]
        self.send_response(206 if asked else 200)
        self.send_header("Content-Type", "application/octet-stream")
        self.send_header("Content-Length", str(len(part)))
        if asked:
            self.send_header("Content-Range", f"bytes {first}-{first + len(part) - 1}/{len(data)}")
        self.end_headers()
        self.wfile.write(part)
        return None


def reset(sock: socket.socket) -> None:
    """Closes a connection with a reset."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
    sock.close()
