"""md-*: what is sent and what is printed for each kind of metadata definitions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import responses

from glancecli.cli.contents import METADEFS
from tests.support.cloud import IMAGE_URL
from tests.support.programs import Glance

SPACES = f"{IMAGE_URL}/v2/metadefs/namespaces"
ONE = f"{SPACES}/OS%3A%3AX"
PATH = "/v2/metadefs/namespaces/OS%3A%3AX"
VERSIONS = {"versions": [{"id": "v2.17", "links": []}]}
TIMES = {"created_at": "2026-11-26T21:41:42Z", "updated_at": "2026-11-26T21:41:42Z"}
SPEED = {"title": "Speed", "type": "integer", "minimum": 1}
DISK = {
    "name": "Disk",
    "description": "Disks",
    "required": [],
    "properties": {"speed": SPEED},
    "self": "/v2/metadefs/namespaces/OS::X/objects/Disk",
    "schema": "/v2/schemas/metadefs/object",
    **TIMES,
}
SPACE = {
    "namespace": "OS::X",
    "display_name": "X",
    "visibility": "private",
    "protected": False,
    "owner": "p",
    "properties": {"speed": SPEED},
    "objects": [DISK],
    "tags": [{"name": "fast"}],
    "resource_type_associations": [{"name": "OS::Glance::Image", "prefix": "hw_", **TIMES}],
    "self": "/v2/metadefs/namespaces/OS::X",
    "schema": "/v2/schemas/metadefs/namespace",
    **TIMES,
}
TAG = {"name": "fast", **TIMES}


def sent(cloud: responses.RequestsMock) -> list[tuple[str, Any]]:
    """Returns method and path of each request, and its JSON (None without a body)."""
    found = []
    for call in cloud.calls:
        path = (call.request.url or "").removeprefix(IMAGE_URL)
        body = call.request.body
        found.append((f"{call.request.method} {path}", json.loads(body) if body else None))
    return found


def table(*rows: str) -> str:
    """Returns a table: each row is "name | value"."""
    cells = [[cell.strip() for cell in row.split("|")] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    line = "+".join(["", *("-" * (width + 2) for width in widths), ""])
    drawn = []
    for row in cells:
        texts = [f" {cell:<{width}} " for cell, width in zip(row, widths, strict=True)]
        drawn.append("|".join(["", *texts, ""]))
    return "\n".join([line, drawn[0], line, *drawn[1:], line, ""])


SPACE_TABLE = table(
    "Property | Value",
    "created_at | 2026-11-26T21:41:42Z",
    "display_name | X",
    "namespace | OS::X",
    'objects | ["Disk"]',
    "owner | p",
    'properties | ["speed"]',
    "protected | False",
    'resource_type_associations | ["OS::Glance::Image"]',
    "schema | /v2/schemas/metadefs/namespace",
    'tags | ["fast"]',
    "updated_at | 2026-11-26T21:41:42Z",
    "visibility | private",
)
DISK_TABLE = table(
    "Property | Value",
    "created_at | 2026-11-26T21:41:42Z",
    "description | Disks",
    "name | Disk",
    'properties | ["speed"]',
    "required | []",
    "schema | /v2/schemas/metadefs/object",
    "updated_at | 2026-11-26T21:41:42Z",
)
SPEED_TABLE = table(
    "Property | Value", "minimum | 1", "name | speed", "title | Speed", "type | integer"
)
TAG_TABLE = table(
    "Property | Value",
    "created_at | 2026-11-26T21:41:42Z",
    "name | fast",
    "updated_at | 2026-11-26T21:41:42Z",
)
NAMED_SPEED = {"name": "speed", **SPEED}

# Command line -> the response to its only request, (method and path, body), and what is printed.
Case = tuple[str, tuple[int, Any], tuple[str, Any], str]
CASES: list[Case] = [
    (
        "md-namespace-list",
        (200, {"namespaces": [SPACE, {"namespace": "B"}]}),
        ("GET /v2/metadefs/namespaces?limit=1000", None),
        table("namespace", "OS::X", "B"),
    ),
    (
        "md-namespace-list --resource-types A B --visibility public --limit 2 --marker C",
        (200, {"namespaces": []}),
        (
            "GET /v2/metadefs/namespaces?limit=2&resource_types=A%2CB&visibility=public&marker=C",
            None,
        ),
        "+-----------+\n| namespace |\n+-----------+\n+-----------+\n",
    ),
    ("md-namespace-show OS::X", (200, SPACE), (f"GET {PATH}", None), SPACE_TABLE),
    (
        "md-namespace-show OS::X --resource-type OS::Glance::Image -c tags -f value",
        (200, SPACE),
        (f"GET {PATH}?resource_type=OS%3A%3AGlance%3A%3AImage", None),
        '["fast"]\n',
    ),
    (
        "md-namespace-create OS::X --display-name X --description= --visibility private --protected"
        " --owner p --resource-type-associations A B",
        (201, SPACE),
        (
            "POST /v2/metadefs/namespaces",
            {
                "namespace": "OS::X",
                "display_name": "X",
                "description": "",
                "visibility": "private",
                "protected": True,
                "owner": "p",
                "resource_type_associations": [{"name": "A"}, {"name": "B"}],
            },
        ),
        SPACE_TABLE,
    ),
    ("md-namespace-delete OS::X", (204, None), (f"DELETE {PATH}", None), ""),
    ("md-namespace-properties-delete OS::X", (204, None), (f"DELETE {PATH}/properties", None), ""),
    ("md-namespace-objects-delete OS::X", (204, None), (f"DELETE {PATH}/objects", None), ""),
    ("md-namespace-tags-delete OS::X", (204, None), (f"DELETE {PATH}/tags", None), ""),
    (
        "md-resource-type-list",
        (200, {"resource_types": [{"name": "A"}, {"name": "B"}]}),
        ("GET /v2/metadefs/resource_types", None),
        table("name", "A", "B"),
    ),
    (
        "md-namespace-resource-type-list OS::X",
        (200, {"resource_type_associations": SPACE["resource_type_associations"]}),
        (f"GET {PATH}/resource_types", None),
        table("name | prefix | properties_target", "OS::Glance::Image | hw_ | "),
    ),
    (
        "md-resource-type-associate OS::X --name A --prefix a_ --properties-target image",
        (201, {"name": "A", "prefix": "a_", "properties_target": "image"}),
        (
            f"POST {PATH}/resource_types",
            {"name": "A", "prefix": "a_", "properties_target": "image"},
        ),
        table("Property | Value", "name | A", "prefix | a_", "properties_target | image"),
    ),
    (
        "md-resource-type-deassociate OS::X OS::A",
        (204, None),
        (f"DELETE {PATH}/resource_types/OS%3A%3AA", None),
        "",
    ),
    (
        "md-property-list OS::X",
        (200, {"properties": {"speed": SPEED}}),
        (f"GET {PATH}/properties", None),
        table("name | title | type", "speed | Speed | integer"),
    ),
    (
        "md-property-show OS::X speed",
        (200, NAMED_SPEED),
        (f"GET {PATH}/properties/speed", None),
        SPEED_TABLE,
    ),
    (
        'md-property-create OS::X --name speed --title Speed --type integer --schema {"minimum":1}',
        (201, NAMED_SPEED),
        (f"POST {PATH}/properties", NAMED_SPEED),
        SPEED_TABLE,
    ),
    ("md-property-delete OS::X speed", (204, None), (f"DELETE {PATH}/properties/speed", None), ""),
    (
        "md-object-list OS::X",
        (200, {"objects": [DISK]}),
        (f"GET {PATH}/objects", None),
        table("name | description", "Disk | Disks"),
    ),
    ("md-object-show OS::X Disk", (200, DISK), (f"GET {PATH}/objects/Disk", None), DISK_TABLE),
    (
        "md-object-property-show OS::X Disk speed",
        (200, DISK),
        (f"GET {PATH}/objects/Disk", None),
        SPEED_TABLE,
    ),
    (
        'md-object-create OS::X --name Disk --schema {"description":"Disks"}',
        (201, DISK),
        (f"POST {PATH}/objects", {"name": "Disk", "description": "Disks"}),
        DISK_TABLE,
    ),
    ("md-object-delete OS::X Disk", (204, None), (f"DELETE {PATH}/objects/Disk", None), ""),
    (
        "md-tag-list OS::X",
        (200, {"tags": [{"name": "a"}, {"name": "b"}]}),
        (f"GET {PATH}/tags", None),
        table("name", "a", "b"),
    ),
    (
        "md-tag-list OS::X --limit 1 --marker ü",
        (200, {"tags": [{"name": "b"}]}),
        (f"GET {PATH}/tags?limit=1&marker=%C3%BC", None),
        table("name", "b"),
    ),
    ("md-tag-show OS::X fast", (200, TAG), (f"GET {PATH}/tags/fast", None), TAG_TABLE),
    ("md-tag-create OS::X --name fast", (201, TAG), (f"POST {PATH}/tags/fast", None), TAG_TABLE),
    (
        "md-tag-create-multiple OS::X --names a,,b",
        (201, {"tags": [{"name": "a"}, {"name": "b"}]}),
        (f"POST {PATH}/tags", {"tags": [{"name": "a"}, {"name": "b"}]}),
        table("name", "a", "b"),
    ),
    (
        "md-tag-update OS::X slow --name fast",
        (200, TAG),
        (f"PUT {PATH}/tags/slow", {"name": "fast"}),
        TAG_TABLE,
    ),
    ("md-tag-delete OS::X fast", (204, None), (f"DELETE {PATH}/tags/fast", None), ""),
]
# These read first or read a file, and have tests of their own.
OTHERS = {"md-namespace-import", "md-namespace-update", "md-property-update", "md-object-update"}


def test_every_command_is_tested() -> None:
    assert {case[0].split()[0] for case in CASES} | OTHERS == set(METADEFS)


@pytest.mark.parametrize(("line", "response", "request_", "out"), CASES, ids=[c[0] for c in CASES])
def test_each_command_sends_one_request_and_prints_its_result(
    glance: Glance,
    cloud: responses.RequestsMock,
    line: str,
    response: tuple[int, Any],
    request_: tuple[str, Any],
    out: str,
) -> None:
    method, _, path = request_[0].partition(" ")
    status, answer = response
    cloud.add(method, IMAGE_URL + path.partition("?")[0], status=status, json=answer)
    done = glance(*line.split())
    assert (done.code, done.err, sent(cloud)) == (0, "", [request_])
    assert done.out == out


@pytest.mark.parametrize(
    ("line", "old", "new"),
    [
        (
            "md-namespace-update OS::X --namespace OS::Y --protected False",
            SPACE,
            {
                "namespace": "OS::Y",
                "display_name": "X",
                "visibility": "private",
                "protected": False,
                "owner": "p",
            },
        ),
        (
            'md-property-update OS::X speed --title Pace --schema {"maximum":9}',
            NAMED_SPEED,
            {**NAMED_SPEED, "title": "Pace", "maximum": 9},
        ),
        (
            'md-object-update OS::X Disk --name Disks --schema {"required":["speed"]}',
            DISK,
            {
                "name": "Disks",
                "description": "Disks",
                "required": ["speed"],
                "properties": {"speed": SPEED},
            },
        ),
    ],
)
def test_an_update_keeps_what_is_not_given(
    glance: Glance, cloud: responses.RequestsMock, line: str, old: Any, new: Any
) -> None:
    words = line.split()
    collection = {"property": "/properties/speed", "object": "/objects/Disk", "namespace": ""}
    path = collection[words[0].split("-")[1]]
    cloud.get(ONE + path, json=old)
    cloud.put(ONE + path, json={**new, "self": "/v2/x"})
    done = glance(*words, "-f", "json")
    assert (done.code, done.err) == (0, "")
    assert sent(cloud) == [(f"GET {PATH}{path}", None), (f"PUT {PATH}{path}", new)]
    assert done.json == {**new, "self": "/v2/x"}


def test_an_update_without_a_change_shows_the_definition(
    glance: Glance, cloud: responses.RequestsMock
) -> None:
    cloud.get(f"{ONE}/objects/Disk", json=DISK)
    done = glance("md-object-update", "OS::X", "Disk")
    assert (done.code, done.out) == (0, DISK_TABLE)
    assert done.err == "glance: nothing to change: object Disk is as before\n"


@pytest.mark.parametrize("from_stdin", [True, False])
def test_a_namespace_is_imported_as_md_namespace_show_prints_it(
    glance: Glance, cloud: responses.RequestsMock, tmp_path: Path, from_stdin: bool
) -> None:
    cloud.get(ONE, json=SPACE)
    shown = glance("md-namespace-show", "OS::X", "-f", "json")
    assert shown.json == SPACE
    cloud.post(SPACES, status=201, json=SPACE)
    (tmp_path / "x.json").write_bytes(shown.raw)
    if from_stdin:
        done = glance("md-namespace-import", stdin=shown.raw)
    else:
        done = glance("md-namespace-import", "--file", str(tmp_path / "x.json"))
    assert (done.code, done.err, done.out) == (0, "", SPACE_TABLE)
    association = {"name": "OS::Glance::Image", "prefix": "hw_"}
    disk = {key: DISK[key] for key in ("name", "description", "required", "properties")}
    read_only = ("self", "schema", "created_at", "updated_at")
    expected = {key: value for key, value in SPACE.items() if key not in read_only}
    expected |= {"objects": [disk], "resource_type_associations": [association]}
    assert sent(cloud)[1] == ("POST /v2/metadefs/namespaces", expected)


@pytest.mark.parametrize(
    ("append", "header"), [([], "False"), (["--append"], "True")], ids=["replace", "append"]
)
def test_append_keeps_the_other_tags(
    glance: Glance, cloud: responses.RequestsMock, append: list[str], header: str
) -> None:
    cloud.post(f"{ONE}/tags", status=201, json={"tags": [{"name": "a b"}, {"name": "c"}]})
    words = ["md-tag-create-multiple", "OS::X", "--names", "a b;c", "--delim", ";"]
    assert glance(*words, *append, "-f", "value").out == "a b\nc\n"
    assert cloud.calls[0].request.headers["X-Openstack-Append"] == header
    assert sent(cloud)[0][1] == {"tags": [{"name": "a b"}, {"name": "c"}]}


def test_a_tag_with_an_umlaut_arrives_as_typed(
    glance: Glance, cloud: responses.RequestsMock
) -> None:
    cloud.post(f"{ONE}/tags", status=201, json={"tags": [{"name": "grün"}]})
    cloud.get(f"{ONE}/tags", json={"tags": [{"name": "grün"}, {"name": "fast"}]})
    created = glance("md-tag-create", "OS::X", "--name", "grün", "-f", "value")
    shown = glance("md-tag-show", "OS::X", "grün", "-f", "value")
    assert (created.out, shown.out) == ("grün\n", "grün\n")
    assert sent(cloud)[0] == (f"POST {PATH}/tags", {"tags": [{"name": "grün"}]})
    assert cloud.calls[0].request.headers["X-Openstack-Append"] == "True"


def test_a_tag_with_an_umlaut_is_deleted_from_the_list_of_all_tags(
    glance: Glance, cloud: responses.RequestsMock
) -> None:
    cloud.get(f"{ONE}/tags", json={"tags": [{"name": "grün"}, {"name": "fast"}]})
    cloud.post(f"{ONE}/tags", status=201, json={"tags": [{"name": "fast"}]})
    assert glance("md-tag-delete", "OS::X", "grün").code == 0
    assert sent(cloud)[-1] == (f"POST {PATH}/tags", {"tags": [{"name": "fast"}]})
    assert cloud.calls[-1].request.headers["X-Openstack-Append"] == "False"


def test_the_last_tag_is_deleted_even_with_an_umlaut(
    glance: Glance, cloud: responses.RequestsMock
) -> None:
    cloud.get(f"{ONE}/tags", json={"tags": [{"name": "grün"}]})
    cloud.delete(f"{ONE}/tags", status=204)
    assert glance("md-tag-delete", "OS::X", "grün").code == 0
    assert sent(cloud)[-1] == (f"DELETE {PATH}/tags", None)
    missing = glance("md-tag-update", "OS::X", "blå", "--name", "blue")
    assert (missing.code, missing.err) == (1, "glance: error: namespace OS::X has no tag 'blå'\n")


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (["md-namespace-create", "Grün"], "namespace 'Grün'"),
        (["md-namespace-show", "a/b"], "namespace 'a/b'"),
        (["md-namespace-update", "X", "--namespace", "Grün"], "namespace 'Grün'"),
        (["md-object-delete", "X", "Größe"], "object 'Größe'"),
        (
            ["md-property-create", "X", "--name=ü", "--title=t", "--type=string", "--schema={}"],
            "property 'ü'",
        ),
    ],
)
def test_a_name_that_the_service_would_not_find_again_is_refused(
    glance: Glance, cloud: responses.RequestsMock, words: list[str], name: str
) -> None:
    done = glance(*words)
    assert (done.code, done.out, sent(cloud)) == (2, "", [])
    assert done.err == (
        f"glance: error: {name}: the service reads names in URL paths as Latin-1 and takes a slash "
        "for a separator, so it does not find this name. Use ASCII characters without a slash.\n"
    )


def test_all_pages_of_namespaces_are_listed(glance: Glance, cloud: responses.RequestsMock) -> None:
    link = "/v2/metadefs/namespaces?limit=1&marker=A"
    cloud.get(SPACES, json={"namespaces": [{"namespace": "A"}], "next": link})
    cloud.get(SPACES, json={"namespaces": [{"namespace": "B"}]})
    assert glance("md-namespace-list", "--page-size", "1", "-f", "value").lines == ["A", "B"]
    assert [path for path, _ in sent(cloud)] == [
        "GET /v2/metadefs/namespaces?limit=1",
        "GET /v2/metadefs/namespaces?limit=1&marker=A",
    ]


def test_a_limit_stops_before_the_next_page(glance: Glance, cloud: responses.RequestsMock) -> None:
    link = "/v2/metadefs/namespaces?limit=2&marker=B"
    rows = [{"namespace": "A"}, {"namespace": "B"}]
    cloud.get(SPACES, json={"namespaces": rows, "next": link})
    assert glance("md-namespace-list", "--limit", "2", "-f", "csv").lines == ["namespace", "A", "B"]


def test_a_list_in_json_has_all_fields(glance: Glance, cloud: responses.RequestsMock) -> None:
    cloud.get(f"{ONE}/properties", json={"properties": {"speed": SPEED}})
    assert glance("md-property-list", "OS::X", "-f", "json").json == [NAMED_SPEED]


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (
            ["--schema", '{"a": 1,\n "b" 2}'],
            """'{"a": 1,\n "b" 2}' is not JSON: Expecting ':' delimiter (line 2, column 6)""",
        ),
        (["--schema", "[1]"], "'[1]' is JSON, but not an object: {...}"),
        (["--schema", "@missing.json"], "cannot read missing.json: no such file or directory"),
        (
            ["--schema", "@broken.json"],
            "broken.json is not JSON: Expecting value (line 1, column 7)",
        ),
    ],
)
def test_a_schema_that_is_not_json_is_refused_with_its_place(
    glance: Glance,
    cloud: responses.RequestsMock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    text: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("broken.json").write_text('{"a": }')
    done = glance("md-object-create", "OS::X", "--name", "Disk", *words)
    assert (done.code, done.out, sent(cloud)) == (2, "", [])
    message = text.replace("\n", "\\n")
    assert done.err == (
        f"glance: error: Invalid value for '--schema': {message} (see glance md-object-create --help)\n"
    )


def test_a_schema_may_be_in_a_file(
    glance: Glance, cloud: responses.RequestsMock, tmp_path: Path
) -> None:
    (tmp_path / "disk.json").write_text('{"description": "Disks"}')
    cloud.post(f"{ONE}/objects", status=201, json=DISK)
    schema = f"@{tmp_path / 'disk.json'}"
    assert glance("md-object-create", "OS::X", "--name", "Disk", "--schema", schema).code == 0
    assert sent(cloud)[0][1] == {"name": "Disk", "description": "Disks"}


@pytest.mark.parametrize(
    ("stdin", "text"),
    [
        (None, "give --file FILE, or send the JSON to standard input"),
        (
            b'{\n "namespace" 1}',
            "standard input is not JSON: Expecting ':' delimiter (line 2, column 14)",
        ),
        (b"\xff\xfe\xfa", "standard input is not JSON: it is not UTF-8 text"),
    ],
)
def test_an_import_of_something_else_than_json_is_refused(
    glance: Glance, cloud: responses.RequestsMock, stdin: bytes | None, text: str
) -> None:
    done = glance("md-namespace-import", stdin=stdin)
    assert (done.code, done.out, done.err) == (2, "", f"glance: error: {text}\n")


def test_a_missing_namespace_and_a_missing_object_say_where_to_look(
    glance: Glance, cloud: responses.RequestsMock
) -> None:
    gone = {"message": "Metadata definition namespace=OS::X was not found.<br /><br />\n\n\n"}
    cloud.get(ONE, status=404, json=gone)
    cloud.get(f"{ONE}/objects/D", status=404, json={"message": "Could not find metadata object D"})
    cloud.get(f"{IMAGE_URL}/", status=300, json=VERSIONS)
    assert glance("md-namespace-show", "OS::X").err == (
        "glance: error: namespace OS::X: Metadata definition namespace=OS::X was not found (HTTP 404)."
        " `glance md-namespace-list` lists those that you can see.\n"
    )
    # Nothing is said of a change before it is known that the definition exists.
    assert glance("md-object-update", "OS::X", "D").err.startswith("glance: error: object D of")
    assert glance("md-object-show", "OS::X", "D").err == (
        "glance: error: object D of namespace OS::X: Could not find metadata object D (HTTP 404)."
        " `glance md-object-list OS::X` lists those that you can see.\n"
    )


def test_a_missing_property_of_an_object_is_named_with_the_nearest(
    glance: Glance, cloud: responses.RequestsMock
) -> None:
    cloud.get(f"{ONE}/objects/Disk", json=DISK)
    done = glance("md-object-property-show", "OS::X", "Disk", "sped")
    assert (done.code, done.out) == (1, "")
    assert done.err == (
        "glance: error: object Disk of namespace OS::X has no property 'sped'; did you mean speed?\n"
    )


def test_a_protected_namespace_says_how_to_unprotect_it(
    glance: Glance, cloud: responses.RequestsMock
) -> None:
    message = "Metadata definition namespace OS::X is protected and cannot be deleted."
    cloud.delete(ONE, status=403, json={"message": message})
    assert glance("md-namespace-delete", "OS::X").err == (
        "glance: error: namespace OS::X: it is protected from deletion (HTTP 403). Unprotect it first: "
        "`glance md-namespace-update OS::X --protected False`.\n"
    )


def test_a_policy_that_forbids_changes_is_named(
    glance: Glance, cloud: responses.RequestsMock
) -> None:
    message = "You are not authorized to complete add_metadef_tags action."
    cloud.post(f"{ONE}/tags", status=403, json={"message": message})
    assert glance("md-tag-create-multiple", "OS::X", "--names", "a").err == (
        "glance: error: namespace OS::X: policy forbids changing metadata definitions "
        "(add_metadef_tags) (HTTP 403). A cloud administrator can allow it.\n"
    )


def test_a_wrong_column_after_a_change_is_a_warning(
    glance: Glance, cloud: responses.RequestsMock
) -> None:
    cloud.post(f"{ONE}/tags/fast", status=201, json=TAG)
    done = glance("md-tag-create", "OS::X", "--name", "fast", "-f", "value", "-c", "nme")
    assert (done.code, done.out) == (0, "None\n")
    assert done.err == "glance: warning: no definition has the column nme; did you mean name?\n"


def test_an_answer_of_odd_shapes_is_shown_as_far_as_it_goes(
    glance: Glance, cloud: responses.RequestsMock
) -> None:
    odd = {"namespace": 7, "tags": ["a", {"name": 1}, {}], "objects": None, "properties": ["x"]}
    cloud.get(ONE, json=odd)
    done = glance("md-namespace-show", "OS::X")
    assert (done.code, done.err) == (0, "")
    assert done.out == table("Property | Value", "namespace | 7", "objects | []", 'tags | ["1"]')


@pytest.mark.parametrize("answer", [{"tags": "a"}, {"tags": {"a": 1}}, {}, {"tags": None}])
def test_a_list_of_odd_shape_is_empty(
    glance: Glance, cloud: responses.RequestsMock, answer: Any
) -> None:
    cloud.get(f"{ONE}/tags", json=answer)
    done = glance("md-tag-list", "OS::X", "-f", "csv")
    assert (done.code, done.out, done.err) == (0, "name\n", "")


@pytest.mark.parametrize(
    ("format_", "out"),
    [
        ("value", 'Disk Disks ["speed"]\n'),
        ("csv", 'name,description,required\nDisk,Disks,"[""speed""]"\n'),
        ("yaml", "- name: Disk\n  description: Disks\n  required:\n  - speed\n"),
    ],
)
def test_lists_have_all_formats_and_columns(
    glance: Glance, cloud: responses.RequestsMock, format_: str, out: str
) -> None:
    cloud.get(f"{ONE}/objects", json={"objects": [{**DISK, "required": ["speed"]}]})
    words = ("-c", "name", "-c", "description", "-c", "required", "-f", format_)
    done = glance("md-object-list", "OS::X", *words)
    assert (done.code, done.err, done.out) == (0, "", out)


@pytest.mark.parametrize(
    ("format_", "out"),
    [
        ("value", "Speed\n1\n"),
        ("csv", "title,minimum\nSpeed,1\n"),
        ("yaml", "title: Speed\nminimum: 1\n"),
        ("json", '{\n  "title": "Speed",\n  "minimum": 1\n}\n'),
    ],
)
def test_definitions_have_all_formats_and_columns(
    glance: Glance, cloud: responses.RequestsMock, format_: str, out: str
) -> None:
    cloud.get(f"{ONE}/properties/speed", json=NAMED_SPEED)
    words = ("-c", "title", "-c", "minimum", "-f", format_)
    done = glance("md-property-show", "OS::X", "speed", *words)
    assert (done.code, done.err, done.out) == (0, "", out)
