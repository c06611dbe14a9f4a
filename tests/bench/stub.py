"""A fast Keystone v3 and Glance v2 on loopback, for measurements for which the real services are too slow.

    python -m tests.bench.stub IMAGES [PAYLOAD]

Serves IMAGES generated images. With the file PAYLOAD, the first image has its bytes as data. The same number of
bytes can be uploaded to a new image, which then has the hash of the file, because hashing would take longer
than everything else. ``GET /bench`` returns the hash of the data that arrived and all requests since the last
call, and resets the server. Prints the URL, and ends when stdin is closed.
"""

from __future__ import annotations

import hashlib
import json
import mmap
import os
import re
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "token-of-the-stub"
DEFAULT_LIMIT, LARGEST_LIMIT = 25, 1000  # those of Glance
ID = "{:08x}-0000-4000-8000-{:012x}"
IMAGE = (
    '{{"id": "{id}", "name": "image-{i:06d}", "status": "active", "visibility": "{visibility}", '
    '"disk_format": "qcow2", "container_format": "bare", "size": {size}, "virtual_size": 2361393152, '
    '"checksum": "{i:032x}", "os_hash_algo": "sha512", "os_hash_value": "{i:0128x}", "os_hidden": false, '
    '"protected": false, "min_disk": 0, "min_ram": 0, "owner": "8f3e7f3a2c0c4f4d9b9f3c4a7d1e5b60", '
    '"tags": ["tag-{tag}"], "created_at": "2026-01-31T08:15:00Z", "updated_at": "2026-01-31T08:16:40Z", '
    '"os_distro": "debian", "os_version": "12", "hw_disk_bus": "virtio", '
    '"self": "/v2/images/{id}", "file": "/v2/images/{id}/file", "schema": "/v2/schemas/image"}}'
)
TEXT = {"type": ["null", "string"]}
NUMBER = {"type": ["null", "integer"]}
IMAGE_SCHEMA = {
    "name": "image",
    "properties": {
        **dict.fromkeys(
            "id name status visibility checksum os_hash_algo os_hash_value owner".split(), TEXT
        ),
        **dict.fromkeys(
            "disk_format container_format created_at updated_at self file schema".split(), TEXT
        ),
        **dict.fromkeys("size virtual_size min_disk min_ram".split(), NUMBER),
        "protected": {"type": "boolean"},
        "os_hidden": {"type": "boolean"},
        "tags": {"type": "array", "items": {"type": "string"}},
    },
    "additionalProperties": {"type": "string"},
    "links": [{"rel": "self", "href": "{self}"}],
}


UNKNOWN = (
    "size",
    "virtual_size",
    "checksum",
    "os_hash_algo",
    "os_hash_value",
)  # before there is data


def image_id(number: int) -> str:
    """The ID of a generated image."""
    return ID.format(number, number)


def generated(number: int) -> str:
    """A generated image as JSON."""
    visibility = "public" if number % 3 else "private"
    size = 536870912 + number
    return IMAGE.format(
        id=image_id(number), i=number, visibility=visibility, size=size, tag=number % 7
    )


class Store:
    """The state of the server; reset() forgets what clients did."""

    def __init__(self, images: int, payload: str = "") -> None:
        self.images, self.payload = images, Path(payload)
        self.lock = threading.Lock()
        self.data: dict[str, Any] = {}
        if payload:
            size = self.payload.stat().st_size
            self.room = mmap.mmap(-1, size)
            self.data = {"size": size, **self._hashes()}
        self.reset()

    def _hashes(self) -> dict[str, str]:
        """The fields of the image with the payload. Touches the memory that uploads will use."""
        with self.payload.open("rb", buffering=0) as file:
            file.readinto(self.room)
        md5, sha512 = (hashlib.new(name, self.room).hexdigest() for name in ("md5", "sha512"))
        return {"checksum": md5, "os_hash_algo": "sha512", "os_hash_value": sha512}

    def reset(self) -> None:
        """Returns to the initial state."""
        self.asked: list[str] = []
        self.deleted: set[str] = set()
        self.changed: dict[str, dict[str, Any]] = {}
        self.received = -1

    def get(self, wanted: str) -> dict[str, Any] | None:
        """The image with this ID."""
        if wanted in self.changed:
            return self.changed[wanted]
        number = (
            int(wanted[:8], 16)
            if re.fullmatch(r"[0-9a-f]{8}-0000-4000-8000-[0-9a-f]{12}", wanted)
            else -1
        )
        if not 0 <= number < self.images or wanted in self.deleted:
            return None
        return {**json.loads(generated(number)), **(self.data if number == 0 else {})}

    def page(self, query: dict[str, str]) -> str:
        """A page of the list, as JSON."""
        if "name" in query:
            number = int(re.sub(r"\D", "", query["name"]) or self.images)
            found = [generated(number)] if number < self.images and "marker" not in query else []
            return '{"images": [' + ", ".join(found) + "]}"
        limit = min(int(query.get("limit", DEFAULT_LIMIT)), LARGEST_LIMIT)
        start = int(query["marker"][:8], 16) + 1 if "marker" in query else 0
        numbers = range(start, min(start + limit, self.images))
        more = {k: v for k, v in query.items() if k != "marker"}
        following = "&".join(
            f"{k}={v}" for k, v in [*more.items(), ("marker", image_id(start + limit - 1))]
        )
        # Glance promises a next page whenever this one is full.
        end = f'"next": "/v2/images?{following}", ' if len(numbers) == limit else ""
        return f'{{{end}"images": [{", ".join(map(generated, numbers))}], "first": "/v2/images"}}'

    def describe(self) -> dict[str, Any]:
        """Returns what happened since the last call, with the digest of uploaded data."""
        digest = ""
        if self.received >= 0:
            with memoryview(self.room) as whole, whole[: self.received] as view:
                digest = hashlib.sha512(view).hexdigest()
        found = {"requests": self.asked, "deleted": len(self.deleted), "digest": digest}
        self.reset()
        return found


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    rbufsize = 65536
    store: Store
    url: str

    def log_message(self, *args: Any) -> None:
        """Logs nothing."""

    def answer(self, body: Any, status: int = 200, **headers: str) -> None:
        """Sends a complete response; body is JSON text, or a value that becomes JSON."""
        data = (
            (body if isinstance(body, str) else json.dumps(body)).encode()
            if body is not None
            else b""
        )
        self.send_response_only(status)
        if data:  # an empty response of type JSON confuses python-glanceclient
            self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self._headers_buffer.append(b"\r\n" + data)  # type: ignore[attr-defined]  # one packet for all
        self.flush_headers()

    def handle_one_request(self) -> None:
        """Counts the request, then serves it."""
        self.raw_requestline = self.rfile.readline(65537)
        if not self.raw_requestline or not self.parse_request():
            self.close_connection = True
            return
        path = urlsplit(self.path)
        query = {k: v[0] for k, v in parse_qs(path.query).items()}
        if path.path == "/bench":
            self.answer(self.store.describe())
            return
        with self.store.lock:
            self.store.asked.append(f"{self.command} {self.path}")
        parts = path.path.strip("/").split("/")
        if parts[:2] == ["v2", "images"]:
            self.serve_images(parts[2:], query)
        else:
            self.serve_others(parts)

    def serve_others(self, parts: list[str]) -> None:
        """Keystone, versions and schemas."""
        if self.command == "POST" and parts[-2:] == ["auth", "tokens"]:
            self.body()
            self.answer(self.login(), 201, X_Subject_Token=TOKEN)
        elif parts == ["payload"]:
            self.send_payload()
        elif parts == ["v3"]:
            links = [{"rel": "self", "href": f"{self.url}/v3/"}]
            self.answer({"version": {"id": "v3.14", "status": "stable", "links": links}})
        elif parts[:2] == ["v2", "schemas"]:
            images = {
                "name": "images",
                "properties": {"images": {"type": "array", "items": IMAGE_SCHEMA}},
            }
            self.answer({"image": IMAGE_SCHEMA, "images": images}.get(parts[2], {"name": parts[2]}))
        elif parts in ([""], ["versions"]):
            links = [{"rel": "self", "href": f"{self.url}/v2/"}]
            versions = [{"id": "v2.17", "status": "CURRENT", "links": links}]
            self.answer({"versions": versions}, 300 if parts == [""] else 200)
        else:
            self.answer({"message": "not found"}, 404)

    def login(self) -> dict[str, Any]:
        """A token of the password kind."""
        project = {"id": "8f3e7f3a2c0c4f4d9b9f3c4a7d1e5b60", "name": "bench"}
        user = {"id": "u1", "name": "bench", "domain": {"id": "default", "name": "Default"}}
        catalog = [
            {
                "id": kind,
                "type": kind,
                "name": kind,
                "endpoints": [self.endpoint(kind, i, url) for i in "pia"],
            }
            for kind, url in (("image", self.url), ("identity", f"{self.url}/v3"))
        ]
        life = {
            "issued_at": "2026-01-01T00:00:00.000000Z",
            "expires_at": "2099-01-01T00:00:00.000000Z",
        }
        project["domain"] = user["domain"]  # type: ignore[assignment]
        roles = [{"id": "r1", "name": "member"}]
        return {
            "token": {
                "methods": ["password"],
                "user": user,
                "project": project,
                "catalog": catalog,
                "roles": roles,
                **life,
            }
        }

    def endpoint(self, kind: str, letter: str, url: str) -> dict[str, str]:
        """One endpoint of the catalog."""
        interface = {"p": "public", "i": "internal", "a": "admin"}[letter]
        return {
            "id": kind + letter,
            "interface": interface,
            "region": "one",
            "region_id": "one",
            "url": url,
        }

    def serve_images(self, parts: list[str], query: dict[str, str]) -> None:
        """Serves /v2/images and the paths below it."""
        store = self.store
        if not parts:
            if self.command == "GET":
                self.answer(store.page(query))
            else:
                image = {
                    **json.loads(generated(2**28)),
                    **dict.fromkeys(UNKNOWN),
                    "status": "queued",
                }
                image.update(json.loads(self.body()))
                store.changed[image["id"]] = image
                self.answer(image, 201, Location=f"{self.url}/v2/images/{image['id']}")
            return
        image = store.get(parts[0]) or {}
        if not image:
            self.answer({"message": f"No image found with ID {parts[0]}"}, 404)
        elif parts[1:] == ["file"]:
            self.serve_data(image)
        elif self.command == "DELETE":
            with store.lock:
                store.deleted.add(parts[0])
            self.answer(None, 204)
        elif self.command == "PATCH":
            for change in json.loads(self.body()):
                image[change["path"].lstrip("/")] = change.get("value")
            store.changed[parts[0]] = image
            self.answer(image)
        else:
            self.answer(image)

    def serve_data(self, image: dict[str, Any]) -> None:
        """Sends the payload, or receives data."""
        store = self.store
        if self.command == "GET":
            self.send_payload()
            return
        with memoryview(store.room) as view:
            store.received = self.take(view)
        store.changed[image["id"]] = {
            **image,
            **store.data,
            "status": "active",
            "size": store.received,
        }
        self.answer(None, 204)

    def send_payload(self) -> None:
        """Sends the payload, as the data of an image or as a file on the web."""
        store = self.store
        self.send_response_only(200)
        self.send_header("Content-Type", "application/octet-stream")
        self.send_header("Content-Length", str(store.data["size"]))
        self.send_header("Content-MD5", store.data["checksum"])
        self.end_headers()
        with store.payload.open("rb") as file:
            self.connection.sendfile(file)

    def body(self) -> bytes:
        """Returns a short body."""
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def take(self, view: memoryview) -> int:
        """Reads a body, with a length or chunked, into memory; returns its size."""
        if "chunked" not in self.headers.get("Transfer-Encoding", ""):
            return self.fill(view, int(self.headers["Content-Length"]))
        taken = 0
        while size := int(self.rfile.readline().split(b";")[0], 16):
            taken += self.fill(view[taken:], size)
            self.rfile.readline()
        self.rfile.readline()
        return taken

    def fill(self, view: memoryview, size: int) -> int:
        """Reads size bytes into the beginning of view."""
        done = 0
        while done < size:
            count = self.rfile.readinto1(view[done:size])
            if not count:
                break
            done += count
        return done


def main(images: str, payload: str = "") -> None:
    """Serves until stdin is closed."""
    store = Store(int(images), payload)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    Handler.store, Handler.url = store, f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(Handler.url, flush=True)
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
