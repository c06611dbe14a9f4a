"""The HTTP side of tests/support/v1server.py: routes, bodies, and the form of its errors."""

from __future__ import annotations

import json
import re
import uuid
from http.client import responses as phrases
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qsl, unquote

from tests.support.v1server import (
    BASE,
    MAX_LINE,
    Refused,
    Seen,
    User,
    V1Server,
    meta_headers,
    now,
    shown,
)

INDEX = ("id", "name", "container_format", "disk_format", "checksum", "size")
METHODS = {
    "images": ("GET", "POST"),
    "detail": ("GET",),
    "image": ("GET", "HEAD", "PUT", "DELETE"),
    "members": ("GET", "PUT"),
    "member": ("PUT", "DELETE"),
    "shared": ("GET",),
}


class Handler(BaseHTTPRequestHandler):
    """Serves one connection."""

    server_state: V1Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Logs nothing."""

    def do(self) -> None:
        self.path, _, query = self.path.partition("?")
        try:
            body = self._body()
            self.sent = self._headers()
            self.server_state.seen.append(
                Seen(
                    self.command, self.path + ("?" + query if query else ""), self.sent, body or b""
                )
            )
            self._route(dict(parse_qsl(query, keep_blank_values=True)), body)
        except Refused as error:
            self._refuse(error)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_PATCH = do  # noqa: N815 - http.server calls them so

    # Reading ------------------------------------------------------------

    def _headers(self) -> dict[str, str]:
        """Returns the headers: names in lower case, values as UTF-8 without spaces at their ends."""
        found: dict[str, str] = {}
        for name, value in self.headers.items():
            raw = value.encode("latin-1")
            if len(name) + len(raw) + 2 > MAX_LINE:
                self.close_connection = True
                self.wfile.write(b"HTTP/1.0 400 Header Line Too Long\r\n\r\n")
                raise ConnectionAbortedError
            try:
                text = raw.strip().decode()
            except UnicodeDecodeError:
                raise Refused(
                    400,
                    "Error decoding your request. Either the URL or the request body contained characters "
                    "that could not be decoded by Glance",
                ) from None
            key = name.lower()
            found[key] = f"{found[key]},{text}" if key in found else text
        return found

    def _body(self) -> bytes | None:
        """Reads the whole body; None if there is none, or if Content-Length is 0."""
        if self.headers.get("Expect", "").lower() == "100-continue":
            self.send_response_only(100)
            self.end_headers()
        if "chunked" not in self.headers.get("Transfer-Encoding", ""):
            length = int(self.headers.get("Content-Length") or 0)
            return self.rfile.read(length) if length else None
        parts = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def _user(self) -> User:
        token = self.sent.get("x-auth-token", "bad")
        if token == "bad":
            raise Refused(
                401,
                "This server could not verify that you are authorized to access the document you requested.",
            )
        return User(f"{token}-project", token == "admin")

    # Routing ------------------------------------------------------------

    def _route(self, query: dict[str, str], body: bytes | None) -> None:
        if self.path in ("/", "/versions"):
            return self._versions(300 if self.path == "/" else 200)
        if self.path == "/v1":
            self._answer(302, b"", [("Location", f"{self.server_state.url}/v1/")])
            return None
        match = re.fullmatch(r"/v1(?:\.[01])?(/.*)", self.path)
        if match is None:
            return self._versions(300)
        parts = [unquote(p) for p in match.group(1).split("/")[1:]]
        what = self._resource(parts)
        if self.command not in METHODS[what]:
            raise Refused(405, "The method is not allowed for this resource.")
        getattr(self, f"_{what}")(self._user(), parts, query, body)
        return None

    def _resource(self, parts: list[str]) -> str:
        if parts in ([""], ["images"]):
            return "images"
        if parts == ["images", "detail"]:
            return "detail"
        if parts[0] == "images" and "" not in parts:
            kind = {2: "image", 3: "members", 4: "member"}.get(len(parts))
            if kind and (len(parts) == 2 or parts[2] == "members"):
                return kind
        if parts[0] == "shared-images" and len(parts) == 2:
            return "shared"
        raise Refused(404, "The resource could not be found.")

    def _versions(self, status: int) -> None:
        base = self.server_state.url
        found = [("v1.1", "DEPRECATED", "v1"), ("v1.0", "DEPRECATED", "v1")]
        if self.server_state.v2:
            found = [("v2.5", "CURRENT", "v2"), ("v2.0", "SUPPORTED", "v2"), *found]
        rows = [
            {"id": i, "status": s, "links": [{"href": f"{base}/{p}/", "rel": "self"}]}
            for i, s, p in found
        ]
        self._json(status, {"versions": rows})

    # Images ------------------------------------------------------------

    def _images(
        self, user: User, parts: list[str], query: dict[str, str], body: bytes | None
    ) -> None:
        if self.command == "POST":
            return self._create(user, body)
        rows = self.server_state.listed(user, query)
        return self._json(200, {"images": [{k: i[k] for k in INDEX} for i in rows]})

    def _detail(
        self, user: User, parts: list[str], query: dict[str, str], body: bytes | None
    ) -> None:
        self._json(200, {"images": [shown(i) for i in self.server_state.listed(user, query)]})

    def _create(self, user: User, body: bytes | None) -> None:
        state = self.server_state
        base, properties = state.meta(user, self.sent)
        image_id = base.get("id") or str(uuid.uuid4())
        if image_id in state.images:
            raise Refused(409, f"An image with identifier {image_id} already exists")
        if base.get("store") not in (None, "file"):
            raise Refused(400, f"Required store {base['store']} is invalid")
        if not user.admin or not base.get("owner"):
            base["owner"] = user.project
        known = {k: v for k, v in base.items() if k in BASE}
        if known.get("disk_format") in ("ami", "ari", "aki"):
            known.setdefault("container_format", known["disk_format"])
        image = state.add(**{**known, "id": image_id, "properties": properties})
        if base.get("size") == 0:
            image["status"] = "active"
        state.fill(image, self.sent, body, base)
        extra = [("Location", f"{state.url}/v1/images/{image_id}")]
        if image["checksum"]:
            extra.append(("Etag", image["checksum"]))
        self._json(201, {"image": shown(image)}, extra)

    def _image(
        self, user: User, parts: list[str], query: dict[str, str], body: bytes | None
    ) -> None:
        state, image_id = self.server_state, parts[1]
        if self.command == "PUT":
            return self._update(user, image_id, body)
        if self.command == "DELETE":
            return self._delete(user, image_id)
        image = state.visible(user, image_id)
        state.copy_on(image)
        headers = list(meta_headers(image))
        if self.command == "HEAD":
            return self._answer(200, b"", headers, "text/html; charset=UTF-8")
        if image["deleted"]:
            raise Refused(404, f"Image with identifier {image_id} not found")
        if image["status"] == "deactivated":
            raise Refused(403, f"Image {image_id} is deactivated")
        if image["status"] != "active":
            raise Refused(404, f"Image {image_id} is not active")
        return self._answer(200, image["data"], headers, "application/octet-stream")

    def _update(self, user: User, image_id: str, body: bytes | None) -> None:
        state = self.server_state
        image = state.writable(user, image_id, "update")
        if image["deleted"]:
            raise Refused(403, "Forbidden to update deleted image.")
        base, properties = state.meta(user, self.sent)
        queued = image["status"] == "queued"
        if body is not None and not queued:
            raise Refused(409, "Cannot upload to an unqueued image")
        if (base.get("location") or "x-glance-api-copy-from" in self.sent) and not queued:
            raise Refused(
                400, "Attempted to update Location field for an image not in queued status."
            )
        if not queued and not user.admin and {"size", "checksum"} & base.keys():
            raise Refused(403, "Forbidden to modify 'size' of active image.")
        image |= {k: v for k, v in base.items() if k in BASE and k != "id"}
        keep = (
            body is not None
            or self.sent.get("x-glance-registry-purge-props", "true").lower() == "false"
        )
        image["properties"] = {**(image["properties"] if keep else {}), **properties}
        image["updated_at"] = now()
        state.fill(image, self.sent, body, base)
        self._json(
            200, {"image": shown(image)}, [("Etag", image["checksum"])] if image["checksum"] else []
        )

    def _delete(self, user: User, image_id: str) -> None:
        image = self.server_state.writable(user, image_id, "delete")
        if image["deleted"]:
            raise Refused(404, f"Image {image_id} not found.")
        if image["protected"]:
            raise Refused(403, "Image is protected")
        image |= {"deleted": True, "status": "deleted", "deleted_at": now(), "updated_at": now()}
        self._answer(200, b"", [], "text/html; charset=UTF-8")

    # Members ------------------------------------------------------------

    def _members(
        self, user: User, parts: list[str], query: dict[str, str], body: bytes | None
    ) -> None:
        image = self.server_state.visible(user, parts[1])
        if self.command == "PUT":
            rows = json.loads(body or b"{}").get("memberships")
            if rows is None:
                raise Refused(400, "Invalid membership association: 'member_id'")
            image["members"] = {r["member_id"]: bool(r.get("can_share")) for r in rows}
            return self._answer(204, b"", [])
        ours = user.admin or image["owner"] == user.project
        rows = [
            {"member_id": m, "can_share": c}
            for m, c in image["members"].items()
            if ours or m == user.project
        ]
        return self._json(200, {"members": rows})

    def _member(
        self, user: User, parts: list[str], query: dict[str, str], body: bytes | None
    ) -> None:
        image, project = self.server_state.visible(user, parts[1]), parts[3]
        if (
            not user.admin
            and image["owner"] != user.project
            and not image["members"].get(user.project)
        ):
            raise Refused(404, "Image not found.")
        if self.command == "DELETE":
            if image["members"].pop(project, None) is None:
                raise Refused(404, "Membership could not be found.")
        else:
            wish: dict[str, Any] = json.loads(body).get("member", {}) if body else {}
            image["members"][project] = bool(
                wish.get("can_share", image["members"].get(project, False))
            )
        self._answer(204, b"", [])

    def _shared(
        self, user: User, parts: list[str], query: dict[str, str], body: bytes | None
    ) -> None:
        rows = [
            {"image_id": i["id"], "can_share": i["members"][parts[1]]}
            for i in self.server_state.images.values()
            if parts[1] in i["members"] and not i["deleted"]
        ]
        self._json(200, {"shared_images": rows})

    # Answering ------------------------------------------------------------

    def _json(self, status: int, body: Any, headers: list[tuple[str, str]] | None = None) -> None:
        self._answer(status, json.dumps(body).encode(), headers or [], "application/json")

    def _answer(
        self,
        status: int,
        body: bytes,
        headers: list[tuple[str, str]],
        kind: str = "text/html; charset=UTF-8",
    ) -> None:
        self.send_response_only(status)
        for name, value in [("Content-Type", kind), *headers, ("X-Openstack-Request-Id", "req-1")]:
            # Raw UTF-8, which send_header would refuse.
            self._headers_buffer.append(f"{name}: {value}\r\n".encode())
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _refuse(self, error: Refused) -> None:
        """Sends the error in the format that Accept asks for, HTML if it accepts anything."""
        title = f"{error.status} {phrases[error.status]}"
        headers = (
            [("Www-Authenticate", "Keystone uri='http://127.0.0.1:5000'")]
            if error.status == 401
            else []
        )
        accept = self.headers.get("Accept", "")
        if error.status == 401 or "*/*" in accept:
            head = f"<html>\n <head>\n  <title>{title}</title>\n </head>\n <body>\n  <h1>{title}</h1>\n"
            page = f"{head}  {error.text}<br /><br />\n </body>\n</html>"
            self._answer(error.status, page.encode(), headers)
        elif "json" in accept:
            self._json(
                error.status,
                {
                    "message": f"{error.text}<br /><br />\n\n\n",
                    "code": title,
                    "title": phrases[error.status],
                },
            )
        else:
            self._answer(
                error.status,
                f"{title}\n\n{error.text}\n\n   ".encode(),
                headers,
                "text/plain; charset=UTF-8",
            )
