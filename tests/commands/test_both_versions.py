"""One command set, two APIs: what each option makes each server get, and what is refused."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import click
import pytest
import responses

from glancecli.commands import programs
from glancecli.flags import TABLE, Flag, markdown
from glancecli.main import build
from tests.conftest import IMAGE_URL, Result
from tests.v1server import V1Server

Glance = Callable[..., Result]

ID = "7e5142af-1253-4634-bcc6-89482c5f2e8a"
QUEUED = "df430cc2-3406-4061-b635-a51c16e488ac"
MARKER = "00000000-0000-0000-0000-000000000000"
CHOSEN = "0f5fd4b1-6ac5-4bd3-9a12-0a3a2c5f0a11"
MD5 = "fe3a1ff59f3b89b2ad3d33f08984874b"
WEB = "http://example.com/x.img"
FORMATS = "--disk-format raw --container-format bare"

# (command line, what one v1 request holds, what one v2 request holds); None: this version refuses it.
Row = tuple[str, tuple[str, ...] | None, tuple[str, ...] | None]

LIST: list[Row] = [
    (
        "image-list",
        ("GET /v1/images/detail", "sort_key=name sort_dir=asc"),
        ("GET /v2/images", "sort=name:asc"),
    ),
    ("image-list --name Grüße", ("name=Grüße",), ("name=Grüße",)),
    ("image-list --status ACTIVE", ("status=active",), ("status=active",)),
    ("image-list --container-format bare", ("container_format=bare",), ("container_format=bare",)),
    ("image-list --disk-format raw", ("disk_format=raw",), ("disk_format=raw",)),
    ("image-list --size-min 1", ("size_min=1",), ("size_min=1",)),
    ("image-list --size-max 9", ("size_max=9",), ("size_max=9",)),
    ("image-list --visibility public", ("is_public=True",), ("visibility=public",)),
    ("image-list --is-public True", ("is_public=True",), ("visibility=public",)),
    ("image-list --is-public False", ("is_public=False",), ("GET /v2/images",)),
    ("image-list --owner p", ("is_public=None",), ("owner=p",)),
    ("image-list --all-tenants", ("is_public=None",), ("visibility=all",)),
    (f"image-list --checksum {MD5}", ("GET /v1/images/detail",), (f"checksum={MD5}",)),
    (
        "image-list --changes-since 2026-01-01T00:00:00Z",
        ("changes-since=2026-01-01T00:00:00Z",),
        ("updated_at=gte:2026-01-01T00:00:00Z",),
    ),
    ("image-list --property-filter os=linux", ("property-os=linux",), ("os=linux",)),
    ("image-list --sort size:desc", ("sort_key=size sort_dir=desc",), ("sort=size:desc",)),
    ("image-list --sort-key size --sort-dir desc", ("sort_key=size sort_dir=desc",), ("sort=size:desc",)),
    ("image-list --sort name,size", None, ("sort=name:asc,size:asc",)),
    ("image-list --limit 3", ("limit=3",), ("limit=3",)),
    ("image-list --page-size 7", ("limit=7",), ("limit=7",)),
    (f"image-list --marker {MARKER}", (f"marker={MARKER}",), (f"marker={MARKER}",)),
    ("image-list --member-status all", None, ("member_status=all",)),
    ("image-list --tag a --tag b", None, ("tag=a tag=b",)),
    ("image-list --hash abc", None, ("os_hash_value=abc",)),
    ("image-list --hidden", None, ("os_hidden=true",)),
    ("image-list --include-stores", None, ("GET /v2/images",)),
    ("image-list --visibility community", None, ("visibility=community",)),
]


def _both(command: str, v1: str, v2: str) -> list[Row]:
    """Rows for the attributes that create and update share."""

    create = command == "image-create"

    def sets(key: str, value: Any) -> tuple[str, ...]:
        if create:
            return (json.dumps({key: value}, ensure_ascii=False)[1:-1],)
        return (json.dumps({"op": "add", "path": f"/{key}", "value": value}, ensure_ascii=False),)

    rows: list[Row] = []
    for flag, key in (
        ("--name Grüße", "name"),
        ("--disk-format raw", "disk_format"),
        ("--container-format bare", "container_format"),
        ("--owner p", "owner"),
        ("--property os=linux", "property-os"),
        ("--architecture x", "property-architecture"),
        ("--os-distro x", "property-os_distro"),
        ("--os-version x", "property-os_version"),
        ("--instance-uuid x", "property-instance_uuid"),
        ("--kernel-id x", "property-kernel_id"),
        ("--ramdisk-id x", "property-ramdisk_id"),
    ):
        value = flag.split()[1].rpartition("=")[2]
        rows.append(
            (
                f"{command} {flag}",
                (v1, f"x-image-meta-{key}: {value}"),
                (v2, *sets(key.removeprefix("property-"), value)),
            )
        )
    for flag, header, key, value in (
        ("--min-disk 3", "min_disk: 3", "min_disk", 3),
        ("--min-disk 0", "min_disk: 0", "min_disk", 0),
        ("--min-ram 256", "min_ram: 256", "min_ram", 256),
        ("--visibility public", "is_public: True", "visibility", "public"),
        ("--visibility private", "is_public: False", "visibility", "private"),
        ("--is-public True", "is_public: True", "visibility", "public"),
        ("--is-public=false", "is_public: False", "visibility", "shared"),
        ("--protected True", "protected: True", "protected", True),
        ("--is-protected False", "protected: False", "protected", False),
    ):
        rows.append((f"{command} {flag}", (v1, f"x-image-meta-{header}"), (v2, *sets(key, value))))
    rows.append((f"{command} --hidden", None, (v2, *sets("os_hidden", True))))
    rows.append((f"{command} --visibility community", None, (v2, *sets("visibility", "community"))))
    return rows


CHANGE: list[Row] = [
    (
        f"image-create --id {CHOSEN}",
        (f"x-image-meta-id: {CHOSEN}",),
        (f'"id": "{CHOSEN}"',),
    ),
    ("image-create --store file", ("x-image-meta-store: file",), ("POST /v2/images",)),
    ("image-create --tag a b", None, ('"tags": ["a", "b"]',)),
    ("image-create --size 5", ("x-image-meta-size: 5",), None),
    (f"image-create --checksum {MD5.upper()}", (f"x-image-meta-checksum: {MD5}",), None),
    (
        f"image-create --copy-from {WEB} {FORMATS}",
        (f"x-glance-api-copy-from: {WEB}",),
        ("/import", f'"uri": "{WEB}"'),
    ),
    (
        f"image-create --location {WEB} {FORMATS}",
        (f"x-image-meta-location: {WEB}",),
        ("/locations", f'"url": "{WEB}"'),
    ),
    (
        f"image-update {QUEUED} --copy-from {WEB}",
        (f"x-glance-api-copy-from: {WEB}",),
        ("/import", f'"uri": "{WEB}"'),
    ),
    (
        f"image-update {QUEUED} --location {WEB}",
        (f"x-image-meta-location: {WEB}",),
        ("/locations", f'"url": "{WEB}"'),
    ),
    (f"image-update {QUEUED} --size 5", ("x-image-meta-size: 5",), None),
    (f"image-update {QUEUED} --checksum {MD5}", (f"x-image-meta-checksum: {MD5}",), None),
    (
        f"image-update {ID} --property a=1",
        ("x-glance-registry-purge-props: false", "property-a: 1"),
        ("PATCH", '"path": "/a"'),
    ),
    (
        f"image-update {ID} --purge-props --property a=1",
        ("x-glance-registry-purge-props: true", "property-a: 1"),
        ("PATCH", '{"op": "remove", "path": "/kernel_id"}', '{"op": "remove", "path": "/os_type"}', '"/a"'),
    ),
    (
        f"image-update {ID} --remove-property os_type",
        ("x-glance-registry-purge-props: true", "x-image-meta-property-kernel_id: k"),
        ("PATCH", '[{"op": "remove", "path": "/os_type"}]'),
    ),
    (f"image-meta {ID} set a=1", ("purge-props: false", "property-a: 1"), ("PATCH", '"path": "/a"')),
    (f"image-meta {ID} delete os_type", ("purge-props: true",), ('{"op": "remove", "path": "/os_type"}',)),
    (f"image-show {ID}", (f"HEAD /v1/images/{ID}",), (f"GET /v2/images/{ID}",)),
    (f"image-delete {ID}", (f"DELETE /v1/images/{ID}",), (f"DELETE /v2/images/{ID}",)),
    (f"member-list --image-id {ID}", (f"GET /v1/images/{ID}/members",), (f"GET /v2/images/{ID}/members",)),
    ("member-list --tenant-id p", ("GET /v1/shared-images/p",), ("GET /v2/images/", "/members")),
    (f"member-get {ID} p", (f"GET /v1/images/{ID}/members",), (f"GET /v2/images/{ID}/members/p",)),
    (
        f"member-create {ID} q",
        (f"PUT /v1/images/{ID}/members/q", '"can_share": false'),
        ("POST", '{"member": "q"}'),
    ),
    (f"member-create {ID} q --can-share", ('"can_share": true',), None),
    (f"member-update {ID} p accepted", None, (f"PUT /v2/images/{ID}/members/p", '{"status": "accepted"}')),
    (f"member-delete {ID} p", (f"DELETE /v1/images/{ID}/members/p",), (f"DELETE /v2/images/{ID}/members/p",)),
    (
        f"location-add {QUEUED} --url {WEB}",
        (f"x-image-meta-location: {WEB}",),
        ("/locations", f'"url": "{WEB}"'),
    ),
    (
        f"location-add {QUEUED} --url {WEB} --checksum {MD5}",
        (f"x-image-meta-checksum: {MD5}",),
        ("PATCH", f'"checksum": "{MD5}"'),
    ),
    (
        f"location-add {ID} --url {WEB} --metadata {{}} --hash-algo sha256 --hash-value abc",
        None,
        ("/locations", '"validation_data": {"os_hash_algo": "sha256", "os_hash_value": "abc"}'),
    ),
    (
        f'location-add {ID} --url {WEB} --validation-data {{"os_hash_algo":"md5","os_hash_value":"abc"}}',
        None,
        ("/locations", '"validation_data": {"os_hash_algo": "md5", "os_hash_value": "abc"}'),
    ),
    (
        f'location-update {ID} --url {WEB} --metadata {{"a":"b"}}',
        None,
        ("PATCH", '"op": "replace", "path": "/locations"', '"metadata": {"a": "b"}'),
    ),
    (f"location-delete {ID} --url {WEB}", None, ('{"op": "remove", "path": "/locations/0"}',)),
]

ROWS = [
    *LIST,
    *_both("image-create", "POST /v1/images", "POST /v2/images"),
    *_both(f"image-update {ID}", f"PUT /v1/images/{ID}", f"PATCH /v2/images/{ID}"),
    *CHANGE,
]


def image_v2(image_id: str, **more: Any) -> dict[str, Any]:
    """An image as v2 shows it."""
    base = {"id": image_id, "name": "x", "status": "active", "visibility": "shared", "size": 4, **more}
    return {**base, "disk_format": "raw", "container_format": "bare", "tags": [], "owner": "demo-project"}


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
        cloud.post(f"{url}/{image_id}/members", json={**member, "member_id": "q"})
        cloud.add("GET", f"{url}/{image_id}/members/p", json=member)
        cloud.put(f"{url}/{image_id}/members/p", json={**member, "status": "accepted"})
        cloud.delete(f"{url}/{image_id}/members/p", status=204)
    return cloud


@pytest.fixture
def v1(monkeypatch: pytest.MonkeyPatch) -> Iterator[V1Server]:
    """A server with v1 alone, and the same images."""
    with V1Server(v2=False, sources={WEB: b"data"}) as server:
        monkeypatch.setenv("OS_IMAGE_URL", server.url)
        monkeypatch.setenv("OS_AUTH_TOKEN", "admin")
        server.add(
            b"data", id=ID, name="x", properties={"os_type": "linux", "kernel_id": "k"}, members={"p": False}
        )
        server.add(id=QUEUED, disk_format="raw", container_format="bare")
        server.add(b"data", id=MARKER, name="", owner="admin-project")
        yield server


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
        _line(c.request.method or "", (c.request.url or "").removeprefix(IMAGE_URL), c.request.body or b"")
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
def test_what_v1_has_not_is_one_line_exit_2_and_changes_nothing(
    glance: Glance, v1: V1Server, line: str
) -> None:
    done = glance(*words(line))
    assert (done.code, done.out, len(done.err.splitlines())) == (2, "", 1), done.err
    assert done.err.startswith("glance: error: ")
    assert not changes(seen_by_v1(v1), "1")


@pytest.mark.parametrize("line", [row[0] for row in ROWS if not row[2]])
def test_what_v2_has_not_is_one_line_exit_2_and_changes_nothing(
    glance: Glance, v2: responses.RequestsMock, line: str
) -> None:
    done = glance(*words(line))
    assert (done.code, done.out, len(done.err.splitlines())) == (2, "", 1), done.err
    assert not changes(seen_by_v2(v2), "2")


# The table itself -----------------------------------------------------------------------------------

# Commands that send nothing to the Image service, and those whose data the transfer tests move.
LOCAL = {"image-inspect", "image-property-values", "cache-forget", "completion", "bash-completion", "help"}
MOVED_ELSEWHERE = {"image-download", "image-upload", "image-stage", "image-copy"}


def options(command: str) -> dict[str, click.Option]:
    """The command's own options by their first long name, without those of the output."""
    program = build("glance")
    found = program.get_command(click.Context(program, info_name="glance"), command)
    assert found is not None
    own = [p for p in found.params if isinstance(p, click.Option) and p.expose_value]
    return {next(o for o in p.opts if o.startswith("--")): p for p in own}


def known_commands() -> list[str]:
    return [name for name in programs()["glance"] if name not in LOCAL]


def test_the_table_has_every_command_that_speaks_to_the_image_service() -> None:
    assert sorted(TABLE) == sorted(known_commands())


@pytest.mark.parametrize("command", [c for c in known_commands() if c in TABLE])
def test_the_table_has_every_option_of_a_command_and_no_other(command: str) -> None:
    whole = TABLE[command].get("")
    if whole and "refused" in (whole.v1.how, whole.v2.how):
        assert list(TABLE[command]) == [""]
    else:
        assert sorted(name for name in TABLE[command] if name) == sorted(options(command))


def cells(how: tuple[str, ...]) -> Iterator[tuple[str, str, Flag]]:
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
    for command, name, flag in cells(("native", "translated")):
        support = flag.v1 if version == 1 else flag.v2
        if support.how in ("native", "translated") and (command, name, version) not in OF_DATA:
            assert (command, name) in shown, (command, name, version)


# Compared with data, by the transfer.
OF_DATA = {(c, f, 2) for c in ("image-create", "image-update") for f in ("--size", "--checksum")}


@pytest.mark.parametrize(
    ("command", "name", "flag"), [c for c in cells(("refused",)) if c[2].v1.how == "refused"]
)
def test_what_the_table_refuses_on_v1_is_refused_in_its_words(
    glance: Glance, v1: V1Server, command: str, name: str, flag: Flag
) -> None:
    option = options(command)[name]
    value = [] if option.is_flag or getattr(option, "optional_value", None) else ["{}"]
    images = {"image-update": [ID], "location-add": [ID, "--url", WEB]}.get(command, [])
    done = glance(command, *images, name, *value)
    assert (done.code, done.out, done.err) == (2, "", f"glance: error: {name}: {flag.v1.words}\n")
    assert not changes(seen_by_v1(v1), "1")


def test_the_page_in_docs_is_this_table() -> None:
    page = Path(__file__).parent.parent.parent / "docs" / "flags-by-version.md"
    assert page.read_text() == markdown(), "run: python -m glancecli.flags > docs/flags-by-version.md"


def test_the_list_in_v1s_order_looks_as_it_always_did(glance: Glance, v1: V1Server) -> None:
    listed = glance("image-list", "--all-tenants")
    assert re.fullmatch(r"\+-+\+-+\+-+\+-+\+-+\+-+\+", listed.lines[0])
    assert [line.split("|")[1].strip() for line in listed.lines[3:-1]] == [MARKER, QUEUED, ID]


def test_v_tells_what_an_option_became(glance: Glance, v2: responses.RequestsMock) -> None:
    done = glance("-v", "image-create", "--is-public", "True")
    assert done.err == "glance: --is-public: visibility public or shared\n"


def test_deleted_images_that_v2_does_not_show_are_noted(glance: Glance, v2: responses.RequestsMock) -> None:
    done = glance("image-list", "--changes-since", "2026-01-01T00:00:00Z")
    assert done.err == "glance: --changes-since: updated_at; deleted images are in no list of v2\n"
    assert glance("-q", "image-list", "--changes-since", "2026-01-01T00:00:00Z").err == ""
