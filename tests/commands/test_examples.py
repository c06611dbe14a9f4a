"""Every example of every help page is accepted: run in a folder with its files, on a service that obliges."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import click
import pytest
import requests
import responses

from glancecli.cli.argv import arrange
from glancecli.cli.main import build
from glancecli.cli.program import Program
from tests.support.cloud import IMAGE_URL
from tests.support.images import A, image
from tests.support.programs import Result

FILES = (
    "debian-12.qcow2 cirros.img debian.qcow2 tools.iso upload.img disk.vmdk example.json"
).split()
# Words that end a command for a shell: what follows is another program or a file.
ENDS = ("|", ">", "<")


def examples(*path: str) -> Iterator[str]:
    """The examples of a program, or of a group of its commands."""
    program = build(path[0])
    context = click.Context(program, info_name=path[0])
    for word in path[1:]:
        group = program.get_command(context, word)
        assert isinstance(group, Program)
        program = group
    for word in program.entries:
        yield from getattr(program.get_command(context, word), "examples", ())


def words_of(example: str) -> list[str]:
    """The words of the first command of an example, as a shell passes them."""
    words = shlex.split(example)
    ends = [number for number, word in enumerate(words) if word in ENDS]
    words = words[: ends[0]] if ends else words
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
    if line == "GET /v2/images":
        name = parse_qs(parts.query).get("name", ["x"])[0].removeprefix("in:").strip('"')
        return 200, {}, json.dumps({"images": [{**STORED, "name": name}]})
    status, body = next((status, body) for row, status, body in ANSWERS if re.fullmatch(row, line))
    if body is None:
        return status, {}, ""
    return status, {}, json.dumps(body)


@pytest.fixture
def service(cloud: responses.RequestsMock) -> responses.RequestsMock:
    cloud.assert_all_requests_are_fired = False
    everywhere = re.compile(rf"{IMAGE_URL}/.*|http://node1:9292/.*|http://example.com/.*")
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"):
        cloud.add_callback(method, everywhere, obliging)
        cloud.add(method, re.compile("https://cloud.example.org/.*"), status=404)
    return cloud


@pytest.mark.parametrize("example", list(examples("glance")))
def test_every_example_of_a_help_page_is_accepted(
    program: Callable[..., Result],
    service: responses.RequestsMock,
    example: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    monkeypatch.chdir(folder)
    for file in FILES:
        (folder / file).write_bytes(b'{"namespace": "x"}' if file.endswith("json") else bytes(512))
    stdin = bytes(512) if "<" in example else None
    done = program("glance", *words_of(example), stdin=stdin)
    assert done.code in ((0, 1) if moves_data(example) else (0,)), done.err


def moves_data(example: str) -> bool:
    """Whether image data is moved, for which this service has none: then only the line is tested."""
    return bool(re.search("--file|<|image-download|image-copy|https://cloud.example.org", example))


@pytest.mark.parametrize(
    ("name", "example"),
    [
        *(("nova", example) for example in examples("nova")),
        *(("glancecli", example) for example in examples("glancecli", "sandbox")),
    ],
)
def test_every_example_for_servers_and_the_sandbox_is_a_command_line(
    name: str, example: str
) -> None:
    program = build(name)
    context = program.make_context(name, arrange(program, words_of(example)))
    found: click.Command | None = program
    rest = context.args
    while isinstance(found, Program):
        word, found, rest = found.resolve_command(context, rest)
    assert found is not None
    found.make_context(word, rest, parent=context)
