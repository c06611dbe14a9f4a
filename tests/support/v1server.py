"""An Images v1 server in this process, which behaves like Glance 15.0.2 (Pike), traps included.

    with V1Server() as server:
        ...                       # server.url; server.images; server.seen, a list of Seen

Tokens: "admin" is an administrator of project admin-project; any other token TOKEN is an ordinary user
of TOKEN-project; none, or "bad", is a 401.
"""

from __future__ import annotations

import hashlib
import sys
import threading
import uuid
from collections.abc import Iterator
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

FORMATS = {
    "disk_format": "ami ari aki vhd vhdx vmdk raw qcow2 vdi iso ploop".split(),
    "container_format": "ami ari aki bare ovf ova docker".split(),
}
SORT_KEYS = "name status container_format disk_format size id created_at updated_at".split()
NUMBERS = ("size", "min_disk", "min_ram")
BASE = {
    "id": None, "name": None, "status": "queued", "owner": None, "is_public": False, "protected": False,
    "deleted": False, "size": 0, "checksum": None, "container_format": None, "disk_format": None,
    "min_disk": 0, "min_ram": 0, "virtual_size": None, "created_at": None, "updated_at": None,
    "deleted_at": None,
}  # fmt: skip
HEADERS = {*BASE, "store", "location"}
MAX_LINE = 16384


class Seen(NamedTuple):
    """A request: names of headers in lower case, values decoded as UTF-8."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Refused(Exception):
    """The response is an error."""

    def __init__(self, status: int, text: str = "") -> None:
        self.status, self.text = status, text


class User(NamedTuple):
    project: str
    admin: bool


class _Http(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignores clients that close the connection, which is part of these tests."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class V1Server:
    """The server. max_page is the largest page (api_limit_max); v2 says whether it also offers v2.

    sources is the data at URLs to which it does not have to connect.
    """

    def __init__(
        self, *, max_page: int = 1000, v2: bool = True, sources: dict[str, bytes] | None = None
    ) -> None:
        self.max_page = max_page
        self.v2 = v2
        self.sources = sources or {}
        self.images: dict[str, dict[str, Any]] = {}
        self.seen: list[Seen] = []
        self._http = _Http(("127.0.0.1", 0), _handler(self))
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_port}"

    def __enter__(self) -> V1Server:
        threading.Thread(
            target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        ).start()
        return self

    def __exit__(self, *error: object) -> None:
        self._http.shutdown()
        self._http.server_close()

    def add(self, data: bytes | None = None, **more: Any) -> dict[str, Any]:
        """Adds an image, which is active when it has data."""
        image = {
            **BASE,
            "id": str(uuid.uuid4()),
            "owner": "demo-project",
            "created_at": now(),
            "updated_at": now(),
        }
        image |= {"properties": {}, "members": {}, "data": data or b""}
        if data is not None:
            image |= {
                "status": "active",
                "size": len(data),
                "checksum": md5(data),
                "disk_format": "raw",
            }
            image |= {"container_format": "bare"}
        image |= more
        self.images[image["id"]] = image
        return image

    # What a user may see ------------------------------------------------------------

    def visible(self, user: User, image_id: str) -> dict[str, Any]:
        image = self.images.get(image_id)
        if image is None or not (user.admin or (not image["deleted"] and self.reads(user, image))):
            raise Refused(404, f"Image with identifier {image_id} not found")
        return image

    def reads(self, user: User, image: dict[str, Any]) -> bool:
        return (
            image["is_public"] or image["owner"] == user.project or user.project in image["members"]
        )

    def writable(self, user: User, image_id: str, verb: str) -> dict[str, Any]:
        image = self.visible(user, image_id)
        if not user.admin and image["owner"] != user.project:
            if image["is_public"]:
                raise Refused(403, f"Forbidden to {verb} image: 403 Forbidden")
            # The API does not handle the exception that the 404 of the registry raises.
            raise Refused(
                500,
                "The server has either erred or is incapable of performing the requested operation.",
            )
        return image

    # Lists ------------------------------------------------------------

    def listed(self, user: User, query: dict[str, str]) -> list[dict[str, Any]]:
        found = [i for i in self.images.values() if self._in_scope(user, i, query.get("is_public"))]
        if "changes-since" in query:
            since = _time(query["changes-since"])
            found = [i for i in found if i["updated_at"] >= since]
        else:
            found = [i for i in found if not i["deleted"] and i["status"] != "killed"]
        for key in ("name", "status", "container_format", "disk_format"):
            found = [i for i in found if key not in query or i[key] == query[key]]
        for key in ("min_disk", "min_ram"):
            found = [i for i in found if key not in query or str(i[key]) == query[key]]
        if "protected" in query:
            found = [i for i in found if i["protected"] == _strict(query["protected"], "protected")]
        for key in (k for k in query if k.startswith("property-")):
            found = [i for i in found if i["properties"].get(key[9:]) == query[key]]
        found = [
            i
            for i in found
            if _number(query, "size_min", 0) <= i["size"] <= _number(query, "size_max", 1 << 60)
        ]
        return self._page(found, query)

    def _in_scope(self, user: User, image: dict[str, Any], is_public: str | None) -> bool:
        """is_public has an effect for administrators only; without it they list as ordinary users."""
        wish = (is_public or "").lower() if user.admin else "true"
        if user.admin and is_public is not None and wish not in ("true", "false", "none"):
            raise Refused(400, "is_public must be None, or parseable as a boolean")
        if wish == "none":
            return True
        return not image["is_public"] if wish == "false" else self.reads(user, image)

    def _page(self, found: list[dict[str, Any]], query: dict[str, str]) -> list[dict[str, Any]]:
        key, way = query.get("sort_key", "created_at"), query.get("sort_dir", "desc")
        if key not in SORT_KEYS or way not in ("asc", "desc"):
            raise Refused(400, "Unsupported sort")
        found.sort(
            key=lambda i: (str(i[key] or "") if key != "size" else f"{i[key]:020}", i["id"]),
            reverse=way == "desc",
        )
        limit = query.get("limit", "25")
        if not limit.isdigit():
            raise Refused(400, "The server could not comply ...\n\n limit param must be an integer")
        marker = query.get("marker")
        if marker is not None:
            ids = [i["id"] for i in found]
            if marker not in ids:
                raise Refused(400, "Invalid marker. Image could not be found.")
            found = found[ids.index(marker) + 1 :]
        return found[: min(int(limit), self.max_page)]

    # Metadata from headers ------------------------------------------------------------

    def meta(
        self, user: User, headers: dict[str, str]
    ) -> tuple[dict[str, Any], dict[str, str | None]]:
        """Returns the attributes and properties of a request, checked by the rules of the server."""
        base, properties = _from_headers(headers)
        for key in ("is_public", "protected"):
            if key in base:
                base[key] = str(base[key]).lower() in ("true", "1", "on", "yes", "t", "y")
        _read_numbers(base)
        for key, known in FORMATS.items():
            if key in base and base[key] not in known:
                raise Refused(400, f"Invalid {key.replace('_', ' ')} '{base[key]}' for image.")
        if base.get("name") and len(base["name"]) > 255:
            raise Refused(400, f"Image name too long: {len(base['name'])}")
        if base.get("is_public") and not user.admin:
            raise Refused(403, "Access was denied to this resource.")
        if len(properties) > 128:
            raise Refused(
                413,
                "The limit has been exceeded on the number of allowed image properties. "
                f"Attempted: {len(properties)}, Maximum: 128",
            )
        base.pop("status", None)
        return base, properties

    # Data ------------------------------------------------------------

    def fill(
        self,
        image: dict[str, Any],
        headers: dict[str, str],
        body: bytes | None,
        base: dict[str, Any],
    ) -> None:
        """Stores the data of an image from the body, a location or a source to copy; None is no body."""
        sources = [
            bool(base.get("location")),
            "x-glance-api-copy-from" in headers,
            body is not None,
        ]
        if sum(sources) > 1:
            raise Refused(400, "It's invalid to provide multiple image sources.")
        if body is not None:
            self._upload(image, headers, body)
        elif base.get("location"):
            self._need_formats(image)
            size = self._source_size(base["location"])
            if base.get("size") not in (None, size):
                raise Refused(
                    409,
                    "Provided image size must match the stored image size. "
                    f"(provided size: {base['size']}, stored size: {size})",
                )
            image |= {
                "status": "active",
                "size": size,
                "data": self._fetch(base["location"]),
                "checksum": None,
            }
        elif "x-glance-api-copy-from" in headers:
            url = headers["x-glance-api-copy-from"]
            image["size"] = self._source_size(url)
            image["copying"] = url

    def _need_formats(self, image: dict[str, Any]) -> None:
        for key, words in (("disk_format", "Disk"), ("container_format", "Container")):
            if not image[key]:
                raise Refused(400, f"{words} format is not specified.")

    def _upload(self, image: dict[str, Any], headers: dict[str, str], body: bytes) -> None:
        if headers.get("content-type") != "application/octet-stream":
            image["status"] = "killed"
            raise Refused(400, "Content-Type must be application/octet-stream")
        self._need_formats(image)
        for key, found in (("size", len(body)), ("checksum", md5(body))):
            if image[key] and image[key] != found:
                wrong = image[key]
                image |= {"status": "killed", "size": 0}
                what = (
                    "uploaded image" if key == "checksum" else "size generated from uploaded image"
                )
                raise Refused(
                    400,
                    f"Supplied {key} ({wrong}) and {what} ({found}) did not match. "
                    "Setting image status to 'killed'.",
                )
        image |= {"status": "active", "size": len(body), "checksum": md5(body), "data": body}

    def copy_on(self, image: dict[str, Any]) -> None:
        """Moves a copy one step at each look at the image: queued, saving, active."""
        if "copying" not in image:
            return
        if image["status"] == "queued":
            image["status"] = "saving"
        elif image["status"] == "saving":
            data = self._fetch(image.pop("copying"))
            wrong = image["checksum"] not in (None, md5(data))
            image |= (
                {"status": "killed"}
                if wrong
                else {"status": "active", "size": len(data), "checksum": md5(data), "data": data}
            )

    def _source_size(self, url: str) -> int:
        if url in self.sources:
            return len(self.sources[url])
        if urlsplit(url).scheme not in ("http", "https"):
            raise Refused(400, f"External sources are not supported: '{url}'")
        try:
            with urlopen(Request(url, method="HEAD"), timeout=5) as answer:
                return int(answer.headers.get("Content-Length") or 0)
        except OSError as error:
            if getattr(error, "code", 0) == 404:
                raise Refused(404, "HTTP datastore could not find image at URI.") from None
            raise Refused(400, f"The HTTP URL is invalid: {error}") from None

    def _fetch(self, url: str) -> bytes:
        if url in self.sources:
            return self.sources[url]
        with urlopen(url, timeout=5) as answer:
            return bytes(answer.read())


def now() -> str:
    return datetime.now(timezone.utc).replace(tzinfo=None).isoformat(timespec="microseconds")


def md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def shown(image: dict[str, Any]) -> dict[str, Any]:
    """Returns the image as in the JSON of a detailed list."""
    return {**{k: image[k] for k in BASE}, "properties": image["properties"]}


def meta_headers(image: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yields the headers of HEAD and GET; null has none."""
    for key in BASE:
        if image[key] is not None:
            yield f"X-Image-Meta-{key.capitalize()}", str(image[key])
    for key, value in image["properties"].items():
        if value is not None:
            yield f"X-Image-Meta-Property-{key.capitalize()}", value


def _from_headers(headers: dict[str, str]) -> tuple[dict[str, Any], dict[str, str | None]]:
    base: dict[str, Any] = {}
    properties: dict[str, str | None] = {}
    for name, value in headers.items():
        key = name.replace("-", "_")
        if key.startswith("x_image_meta_property_"):
            properties[key[22:]] = value or None
        elif key.startswith("x_image_meta_"):
            if key[13:] not in HEADERS:
                raise Refused(400, f"Bad header: {name}")
            base[key[13:]] = value or None
    return base, properties


def _read_numbers(base: dict[str, Any]) -> None:
    for key in NUMBERS:
        if base.get(key) is None:
            continue
        if not base[key].isdigit():
            raise Refused(
                400,
                f"Invalid value '{base[key]}' for parameter '{key}': "
                f"Cannot convert image {key} '{base[key]}' to an integer.",
            )
        base[key] = int(base[key])


def _strict(value: str, key: str) -> bool:
    if value.lower() not in ("true", "false"):
        raise Refused(400, f"Bad value passed to filter {key} got {value}")
    return value.lower() == "true"


def _number(query: dict[str, str], key: str, default: int) -> int:
    if key not in query:
        return default
    if not query[key].isdigit():
        raise Refused(400, f"Bad value passed to filter {key} got {query[key]}")
    return int(query[key])


def _time(text: str) -> str:
    try:
        return datetime.fromisoformat(text.replace("Z", "+00:00")).replace(tzinfo=None).isoformat()
    except ValueError:
        raise Refused(400, f"Unrecognized changes-since value {text}") from None


def _handler(server: V1Server) -> type[BaseHTTPRequestHandler]:
    from tests.support.v1handler import Handler

    return type("Bound", (Handler,), {"server_state": server})
