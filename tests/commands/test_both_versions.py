"""One command set, two APIs: what each option makes each server get, and what is refused."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import click
import pytest
import responses

from glancecli.cli.contents import programs
from glancecli.cli.main import build
from glancecli.cli.version_support import TABLE, How, Versions
from tests.support.cloud import IMAGE_URL
from tests.support.programs import Glance
from tests.support.rows import ID, MARKER, PROJECT, QUEUED, ROWS, WEB
from tests.support.v1server import V1Server


def image_v2(image_id: str, **more: Any) -> dict[str, Any]:
    """An image as v2 shows it."""
    base = {
        "id": image_id,
        "name": "x",
        "status": "active",
        "visibility": "shared",
        "size": 4,
        **more,
    }
    return {
        **base,
        "disk_format": "raw",
        "container_format": "bare",
        "tags": [],
        "owner": "demo-project",
    }


@pytest.fixture
def v2(cloud: responses.RequestsMock) -> responses.RequestsMock:
    """A server with v2 alone, which takes everything and has one image of each kind."""
    cloud.assert_all_requests_are_fired = False
    active = image_v2(ID, os_type="linux", kernel_id="k")
    active["locations"] = [{"url": WEB, "metadata": {}}, {"url": f"{WEB}.2", "metadata": {}}]
    member = {"member_id": "p", "image_id": ID, "status": "pending"}
    url = f"{IMAGE_URL}/v2/images"
    cloud.get(f"{IMAGE_URL}/", status=300, json={"versions": [{"id": "v2.17", "links": []}]})
    cloud.get(f"{IMAGE_URL}/v2/info/import", json={"import-methods": {"value": ["web-download"]}})
    cloud.get(url, json={"images": [active]})
    cloud.post(url, status=201, json=image_v2(QUEUED, status="queued"))
    cloud.get(f"{url}/{QUEUED}", json=image_v2(QUEUED, status="queued"))
    cloud.get(f"{url}/{QUEUED}/tasks", json={"tasks": []})
    cloud.get(f"{url}/{ID}", json=active)
    for image_id in (ID, QUEUED):
        cloud.patch(f"{url}/{image_id}", json=active)
        cloud.delete(f"{url}/{image_id}", status=204)
        cloud.post(f"{url}/{image_id}/import", status=202)
        # As an older server answers, so that the image is active at once.
        cloud.post(f"{url}/{image_id}/locations", status=404)
        cloud.get(f"{url}/{image_id}/members", json={"members": [member]})
        cloud.post(f"{url}/{image_id}/members", json={**member, "member_id": PROJECT})
        cloud.add("GET", f"{url}/{image_id}/members/p", json=member)
        for project in ("p", PROJECT):
            cloud.put(f"{url}/{image_id}/members/{project}", json={**member, "status": "accepted"})
        cloud.delete(f"{url}/{image_id}/members/p", status=204)
    return cloud


@pytest.fixture
def v1(v1_cloud: Callable[..., V1Server]) -> V1Server:
    """A cloud with Images v1 alone, and the same images."""
    server = v1_cloud("admin", v2=False, sources={WEB: b"data"})
    server.add(
        b"data",
        id=ID,
        name="x",
        properties={"os_type": "linux", "kernel_id": "k"},
        members={"p": False},
    )
    server.add(id=QUEUED, disk_format="raw", container_format="bare")
    server.add(b"data", id=MARKER, name="", owner="admin-project")
    return server


def words(line: str) -> list[str]:
    return line.split(" ")


def seen_by_v1(server: V1Server) -> list[str]:
    """Each request as a line of text: method, path, query, headers, body."""
    return [
        _line(s.method, s.path, s.body) + "".join(f" | {k}: {v}" for k, v in s.headers.items())
        for s in server.seen
    ]


def seen_by_v2(mock: responses.RequestsMock) -> list[str]:
    return [
        _line(
            c.request.method or "",
            (c.request.url or "").removeprefix(IMAGE_URL),
            c.request.body or b"",
        )
        for c in mock.calls
    ]


def _line(method: str, target: str, body: Any) -> str:
    parts = urlsplit(target)
    query = " ".join(f"{k}={v}" for k, v in parse_qsl(parts.query))
    text = body.decode() if isinstance(body, bytes) else str(body)
    if text.startswith(("{", "[")):
        text = json.dumps(json.loads(text), ensure_ascii=False)
    return f"{method} {parts.path} {query} {text}"


def holds(requests: list[str], wanted: tuple[str, ...]) -> bool:
    return any(all(part in request for part in wanted) for request in requests)


def changes(requests: list[str], version: str) -> list[str]:
    """Requests that change something; what the server has no API for changes nothing."""
    return [r for r in requests if not r.startswith(("GET", "HEAD")) and f"/v{version}/" in r]


@pytest.mark.parametrize(("line", "wanted"), [(row[0], row[1]) for row in ROWS if row[1]])
def test_every_option_reaches_a_v1_server(
    glance: Glance, v1: V1Server, line: str, wanted: tuple[str, ...]
) -> None:
    done = glance(*words(line))
    assert done.code == 0, done.err
    assert holds(seen_by_v1(v1), wanted), "\n".join(seen_by_v1(v1))


@pytest.mark.parametrize(("line", "wanted"), [(row[0], row[2]) for row in ROWS if row[2]])
def test_every_option_reaches_a_v2_server(
    glance: Glance, v2: responses.RequestsMock, line: str, wanted: tuple[str, ...]
) -> None:
    done = glance(*words(line))
    assert done.code == 0, done.err
    assert holds(seen_by_v2(v2), wanted), "\n".join(seen_by_v2(v2))


@pytest.mark.parametrize("line", [row[0] for row in ROWS if not row[1]])
def test_what_v1_cannot_do_is_one_line_with_exit_2_and_changes_nothing(
    glance: Glance, v1: V1Server, line: str
) -> None:
    done = glance(*words(line))
    assert (done.code, done.out, len(done.err.splitlines())) == (2, "", 1), done.err
    assert done.err.startswith("glance: error: ")
    assert not changes(seen_by_v1(v1), "1")


@pytest.mark.parametrize("line", [row[0] for row in ROWS if not row[2]])
def test_what_v2_cannot_do_is_one_line_with_exit_2_and_changes_nothing(
    glance: Glance, v2: responses.RequestsMock, line: str
) -> None:
    done = glance(*words(line))
    assert (done.code, done.out, len(done.err.splitlines())) == (2, "", 1), done.err
    assert not changes(seen_by_v2(v2), "2")


# The table itself -----------------------------------------------------------------------------------

# Commands that send nothing to the Image service, and those whose data the transfer tests move.
LOCAL = {
    "image-inspect",
    "image-property-values",
    "cache-forget",
    "clouds",
    "completion",
    "complete",
    "doctor",
    "bash-completion",
    "help",
}
OF_THE_OUTPUT = {
    "format", "columns", "noindent", "sort_column", "max_column_width", "prefix", "wide",
    "human_readable",
}  # fmt: skip
MOVED_ELSEWHERE = {"image-download", "image-upload", "image-stage", "image-copy"}


AN_ENTRY = "make it so in TABLE of glancecli/cli/version_support.py"


def options(command: str) -> dict[str, click.Option]:
    """The command's own options by their first long name, without those of the output."""
    program = build("glance")
    found = program.get_command(click.Context(program, info_name="glance"), command)
    assert found is not None
    own = [p for p in found.params if isinstance(p, click.Option) and p.name not in OF_THE_OUTPUT]
    return {next(o for o in p.opts if o.startswith("--")): p for p in own}


def known_commands() -> list[str]:
    return [name for name in programs()["glance"] if name not in LOCAL]


def test_the_table_has_every_command_that_speaks_to_the_image_service() -> None:
    assert sorted(TABLE) == sorted(known_commands()), AN_ENTRY


@pytest.mark.parametrize("command", [c for c in known_commands() if c in TABLE])
def test_the_table_has_every_option_of_a_command_and_no_other(command: str) -> None:
    whole = TABLE[command].get("")
    if whole and How.REFUSED in (whole.v1.how, whole.v2.how):
        assert list(TABLE[command]) == [""], AN_ENTRY
    else:
        assert sorted(name for name in TABLE[command] if name) == sorted(options(command)), AN_ENTRY


def cells(how: tuple[How, ...]) -> Iterator[tuple[str, str, Versions]]:
    for command, flags in TABLE.items():
        for name, flag in flags.items():
            if (
                name
                and command not in MOVED_ELSEWHERE
                and "" not in flags
                and {flag.v1.how, flag.v2.how} & {*how}
            ):
                yield command, name, flag


def used(version: int) -> set[tuple[str, str]]:
    """(command, option) pairs that the rows above show to reach a server, or to be refused by it."""
    found = set()
    for row in ROWS:
        command, *rest = words(row[0])
        given = {w.partition("=")[0] for w in rest if w.startswith("--")}
        for name, option in options(command).items():
            if given & {*option.opts} and (row[version] is not None):
                found.add((command, name))
    return found


@pytest.mark.parametrize("version", [1, 2])
def test_no_option_is_silently_dropped(version: int) -> None:
    """Whatever the table says that a server gets has a row that shows it."""
    shown = used(version)
    for command, name, flag in cells((How.NATIVE, How.TRANSLATED)):
        support = flag.v1 if version == 1 else flag.v2
        if support.how in (How.NATIVE, How.TRANSLATED) and (command, name, version) not in OF_DATA:
            assert (command, name) in shown, (
                f"tests/support/rows.py needs a row of {command} {name} for Images v{version}"
            )


# Compared with data, by the transfer.
OF_DATA = {(c, f, 2) for c in ("image-create", "image-update") for f in ("--size", "--checksum")}


VALUES = {"boolean": "True", "choice": "all"}


@pytest.mark.parametrize(
    ("command", "name", "flag"), [c for c in cells((How.REFUSED,)) if c[2].v1.how is How.REFUSED]
)
def test_what_the_table_refuses_on_v1_is_refused_in_its_words(
    glance: Glance, v1: V1Server, command: str, name: str, flag: Versions
) -> None:
    option = options(command)[name]
    value = [] if option.is_flag else [VALUES.get(option.type.name, "{}")]
    images = {
        "image-update": [ID],
        "location-add": [ID, "--url", WEB],
    }.get(command, [])
    done = glance(command, *images, name, *value)
    assert (done.code, done.out, done.err) == (2, "", f"glance: error: {name}: {flag.v1.words}\n")
    assert not changes(seen_by_v1(v1), "1")


def test_the_list_in_v1s_order_looks_as_it_always_did(glance: Glance, v1: V1Server) -> None:
    listed = glance("image-list", "--all-tenants")
    assert re.fullmatch(r"\+-+\+-+\+-+\+-+\+-+\+-+\+", listed.lines[0])
    assert [line.split("|")[1].strip() for line in listed.lines[3:-1]] == [MARKER, QUEUED, ID]


def test_v_shows_what_an_option_was_translated_to(
    glance: Glance, v2: responses.RequestsMock
) -> None:
    done = glance("-v", "image-create", "--is-public", "True")
    assert done.err == "glance: --is-public: visibility public or shared\n"


def test_deleted_images_that_v2_does_not_show_are_noted(
    glance: Glance, v2: responses.RequestsMock
) -> None:
    done = glance("image-list", "--changes-since", "2026-01-01T00:00:00Z")
    assert (
        done.err
        == "glance: --changes-since: new and changed images only, as Images v2 lists no deleted ones\n"
    )
    assert glance("-q", "image-list", "--changes-since", "2026-01-01T00:00:00Z").err == ""
