"""Every example of every help page is accepted: run in a folder with its files, on services that
oblige. Those of the sandbox run in tests/live/nova/test_sandbox.py.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import responses

from tests.support.cloud import IMAGE_URL
from tests.support.fakekeystone import URL, Keystone
from tests.support.images import A, image
from tests.support.novas import NOVA, SERVER, versions
from tests.support.programs import Result, examples

FILES = (
    "debian-12.qcow2 cirros.img debian.qcow2 tools.iso upload.img disk.vmdk example.json"
).split()
CLOUDS = ("eu", "us", "prod")
LOGIN = {
    "auth": {
        "auth_url": URL,
        "username": "alice",
        "password": "secret",
        "project_name": "demo",
        "user_domain_id": "default",
        "project_domain_id": "default",
    }
}
# Words that end a command for a shell: what follows is another program or a file.
ENDS = ("|", ">", "<")


def words_of(example: str) -> list[str]:
    """The words of the first command of an example, as a shell passes them."""
    words = shlex.split(example)
    ends = [number for number, word in enumerate(words) if word in ENDS]
    words = words[: ends[0]] if ends else words
    if words[-2:] == ["--for", "deleted"]:
        words += ["--timeout", "0"]  # no image ever goes
    found: list[str] = []
    for word in words:
        if word == "*.vmdk":
            found += [str(path) for path in Path().glob(word)]
        else:
            found.append(word)
    return found


STORED = image(
    A,
    "x",
    os_version="12",
    locations=[
        {"url": f"http://example.com/{name}", "metadata": {}} for name in ("cirros.img", "y")
    ],
)
QUEUED = {**STORED, "status": "queued", "type": "import"}
MEMBER = {"member_id": "p", "image_id": A, "status": "pending"}
DEFINITION = {
    "namespace": "OS::Compute::Example",
    "name": "x",
    "properties": {"speed": {"title": "Speed", "type": "integer"}},
}
METHODS = ["web-download", "glance-direct", "copy-image", "glance-download"]

# What a service answers that has whatever it is asked for: the first row that fits method and path.
ANSWERS: tuple[tuple[str, int, Any], ...] = (
    ("GET /v2.1/", 200, versions("2.36")),
    ("GET /v2.1/servers", 200, {"servers": [{"id": SERVER, "name": "web1"}]}),
    ("GET /v2.1/servers/detail", 200, {"servers": []}),
    ("GET /v2.1/servers/[^/]*", 200, {"server": {"id": SERVER, "status": "ACTIVE"}}),
    ("POST /v2.1/servers/.*/action", 202, {"image_id": A}),
    ("GET /v2.1/os-aggregates", 200, {"aggregates": [{"id": 1, "name": "edge-hosts"}]}),
    ("POST /v2.1/os-aggregates/1/images", 202, None),
    ("GET /", 300, {"versions": [{"id": "v2.18"}]}),
    ("GET /v2/info/import", 200, {"import-methods": {"value": METHODS}}),
    ("GET /v2/info/usage", 200, {"usage": {}}),
    ("GET /v2/info/stores.*", 200, {"stores": [{"id": "fast"}]}),
    ("GET /v2/schemas/.*", 200, {"properties": {"id": {"description": "ID", "type": "string"}}}),
    ("GET .*/tasks", 200, {"tasks": []}),
    ("POST /v2/(images|tasks)", 201, QUEUED),
    ("POST .*/(import|locations)", 202, None),
    ("GET /v2/images/[^/]*/members", 200, {"members": [MEMBER]}),
    ("(GET|PUT|POST) /v2/images/.*/members.*", 200, MEMBER),
    ("GET /v2/images/.*/file", 204, None),
    (".* /v2/images/.*/(tags|actions|file|stage).*", 204, None),
    ("GET /v2/cache", 200, {"cached_images": [], "queued_images": []}),
    ("GET /v2/cache/nodes/.*", 200, []),
    ("PUT /v2/cache/.*", 202, None),
    ("DELETE .*", 204, None),
    ("GET .*/namespaces", 200, {"namespaces": []}),
    ("GET .*/(objects|tags)", 200, {"objects": [], "tags": []}),
    ("GET .*/resource_types", 200, {"resource_types": [], "resource_type_associations": []}),
    ("POST .*/tags", 201, {"tags": []}),
    ("POST /v2/metadefs/.*", 201, DEFINITION),
    (".* /v2/metadefs/.*", 200, DEFINITION),
    (".*", 200, STORED),
)


def obliging(request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
    """The answer to a request; a list of images has one of the name that was asked for."""
    parts = urlsplit(request.url or "")
    line = f"{request.method} {parts.path}"
    if line == "GET /v3/projects":
        named = {"id": "p2", "name": parse_qs(parts.query)["name"][0]}
        return 200, {}, json.dumps({"projects": [named]})
    if line == "GET /v3/domains":
        return 200, {}, json.dumps({"domains": [{"id": "d1", "name": "acme"}]})
    if line == "GET /v2/images":
        name = parse_qs(parts.query).get("name", ["x"])[0].removeprefix("in:").strip('"')
        return 200, {}, json.dumps({"images": [{**STORED, "name": name}]})
    status, body = next((status, body) for row, status, body in ANSWERS if re.fullmatch(row, line))
    if body is None:
        return status, {}, ""
    return status, {}, json.dumps(body)


@pytest.fixture
def service(
    mock: responses.RequestsMock, keystone: Keystone, monkeypatch: pytest.MonkeyPatch
) -> responses.RequestsMock:
    """Services of the clouds eu, us and prod, which log in to one Keystone."""
    keystone.catalog = [
        ("image", "glance", "one", "public", IMAGE_URL),
        ("image", "glance", "two", "public", IMAGE_URL),
        ("compute", "nova", "one", "public", f"{NOVA}/v2.1"),
    ]
    monkeypatch.setenv("OS_CLOUD", "eu")
    mock.add_callback("GET", re.compile(rf"{URL}/v3/(projects|domains)"), obliging)
    everywhere = re.compile(rf"{IMAGE_URL}/.*|http://node1:9292/.*|http://example.com/.*")
    compute = re.compile(rf"{NOVA}/.*")
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"):
        mock.add_callback(method, everywhere, obliging)
        mock.add_callback(method, compute, obliging)
        mock.add(method, re.compile("https://cloud.example.org/.*"), status=404)
    return mock


@pytest.mark.parametrize(
    ("name", "example"),
    [(name, example) for name in ("glance", "nova") for example in examples(name)],
)
def test_every_example_of_a_help_page_is_accepted(
    program: Callable[..., Result],
    service: responses.RequestsMock,
    name: str,
    example: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    monkeypatch.chdir(folder)
    (folder / "clouds.yaml").write_text(json.dumps({"clouds": dict.fromkeys(CLOUDS, LOGIN)}))
    for file in FILES:
        (folder / file).write_bytes(b'{"namespace": "x"}' if file.endswith("json") else bytes(512))
    stdin = bytes(512) if "<" in example else None
    done = program(name, *words_of(example), stdin=stdin)
    assert done.code in ((0, 1) if moves_data(example) else (0,)), done.err


def moves_data(example: str) -> bool:
    """Whether image data is moved, for which this service has none: then only the line is tested."""
    return bool(
        re.search(
            "--for deleted|--file|<|image-download|image-copy|https://cloud.example.org", example
        )
    )
