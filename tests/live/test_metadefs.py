"""Metadata definitions, tasks and schemas on a real Glance: as admin, member and reader."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.sandbox import Run, Sandbox

SPACES = "/v2/metadefs/namespaces"
USERS = ["sandbox-demo", "sandbox-reader"]  # the roles member and reader


@pytest.fixture
def space(sandbox: Sandbox) -> Iterator[str]:
    """The name of a namespace that is deleted after the test, and so is its new name."""
    name = "Test::Space"
    status, answer = sandbox.ask("POST", SPACES, {"namespace": name, "visibility": "public"})
    assert status == 201, answer
    yield name
    for each in (name, f"{name}2"):
        sandbox.ask("PUT", f"{SPACES}/{each}", {"namespace": each, "protected": False})
        sandbox.ask("DELETE", f"{SPACES}/{each}")


def printed(glance: Run, *words: str, cloud: str = "sandbox") -> str:
    """Runs a command that must succeed without a word on stderr, and returns what it prints."""
    done = glance(*words, cloud=cloud)
    assert (done.code, done.err) == (0, ""), words
    return done.out


def test_a_namespace_is_created_changed_renamed_and_deleted(glance: Run, sandbox: Sandbox) -> None:
    words = ("--description", "d", "--resource-type-associations", "OS::Glance::Image")
    printed(glance, "md-namespace-create", "Test::New", *words)
    changed = glance("md-namespace-update", "Test::New", "--display-name", "N", "-f", "json").json
    assert (changed["description"], changed["display_name"]) == ("d", "N")
    printed(glance, "md-namespace-update", "Test::New", "--namespace", "Test::Newer")
    shown = glance("md-namespace-show", "Test::Newer", "-f", "json").json
    assert (shown["namespace"], shown["description"], shown["visibility"]) == (
        "Test::Newer",
        "d",
        "private",
    )
    assert [each["name"] for each in shown["resource_type_associations"]] == ["OS::Glance::Image"]
    assert printed(glance, "md-namespace-delete", "Test::Newer") == ""
    assert sandbox.ask("GET", f"{SPACES}/Test::Newer")[0] == 404


def test_every_listed_namespace_is_found_page_by_page(glance: Run, space: str) -> None:
    everything = glance("md-namespace-list", "-f", "value").lines
    assert len(everything) > 20
    assert glance("md-namespace-list", "--page-size", "7", "-f", "value").lines == everything
    some = glance("md-namespace-list", "--limit", "3", "--marker", everything[4], "-f", "value")
    assert some.lines == everything[5:8]
    private = glance("md-namespace-list", "--visibility", "private", "-f", "value").lines
    assert space in everything
    assert space not in private


def test_namespaces_are_found_by_their_resource_types(glance: Run, space: str) -> None:
    printed(glance, "md-resource-type-associate", space, "--name", "Test::A", "--prefix", "a_")
    found = glance("md-namespace-list", "--resource-types", "Test::A", "Test::B", "-f", "value")
    assert found.lines == [space]
    listed = printed(glance, "md-namespace-resource-type-list", space, "-f", "csv")
    assert listed == "name,prefix,properties_target\nTest::A,a_,\n"
    assert "Test::A" in glance("md-resource-type-list", "-f", "value").lines
    printed(glance, "md-resource-type-deassociate", space, "Test::A")
    assert printed(glance, "md-namespace-resource-type-list", space, "-f", "value") == ""


def test_a_property_is_created_changed_shown_and_deleted(glance: Run, space: str) -> None:
    new = ("--name", "speed", "--title", "Speed", "--type", "integer", "--schema", '{"minimum": 1}')
    printed(glance, "md-property-create", space, *new)
    assert printed(glance, "md-property-list", space, "-f", "csv") == (
        "name,title,type\nspeed,Speed,integer\n"
    )
    changes = ("--name", "pace", "--schema", '{"maximum": 9}')
    printed(glance, "md-property-update", space, "speed", *changes)
    assert glance("md-property-show", space, "pace", "-f", "json").json == {
        "name": "pace",
        "title": "Speed",
        "type": "integer",
        "minimum": 1,
        "maximum": 9,
    }
    printed(glance, "md-property-delete", space, "pace")
    printed(glance, "md-property-create", space, *new)
    printed(glance, "md-namespace-properties-delete", space)
    assert printed(glance, "md-property-list", space, "-f", "value") == ""


def test_an_object_is_created_changed_shown_and_deleted(
    glance: Run, space: str, tmp_path: Path
) -> None:
    schema = {"description": "d", "properties": {"a": {"title": "A", "type": "string"}}}
    (tmp_path / "disk.json").write_text(json.dumps(schema))
    printed(glance, "md-object-create", space, "--name", "Disk", "--schema", "@disk.json")
    printed(glance, "md-object-update", space, "Disk", "--name", "Disks")
    assert printed(glance, "md-object-list", space, "-f", "value") == "Disks d\n"
    shown = glance("md-object-show", space, "Disks", "-f", "json").json
    assert (shown["description"], shown["properties"]) == ("d", schema["properties"])
    assert glance("md-object-property-show", space, "Disks", "a", "-f", "json").json == {
        "name": "a",
        "title": "A",
        "type": "string",
    }
    printed(glance, "md-object-delete", space, "Disks")
    printed(glance, "md-object-create", space, "--name", "Disk", "--schema", "@disk.json")
    printed(glance, "md-namespace-objects-delete", space)
    assert printed(glance, "md-object-list", space, "-f", "value") == ""


def test_tags_are_created_appended_renamed_and_deleted(glance: Run, space: str) -> None:
    printed(glance, "md-tag-create", space, "--name", "a")
    printed(glance, "md-tag-create-multiple", space, "--names", "b,c", "--append")
    assert sorted(glance("md-tag-list", space, "-f", "value").lines) == ["a", "b", "c"]
    everything = glance("md-tag-list", space, "-f", "value").lines
    some = glance("md-tag-list", space, "--limit=1", f"--marker={everything[0]}", "-f", "value")
    assert some.lines == everything[1:2]
    printed(glance, "md-tag-update", space, "c", "--name", "d")
    assert glance("md-tag-show", space, "d", "-f", "value", "-c", "name").out == "d\n"
    printed(glance, "md-tag-delete", space, "a")
    assert sorted(glance("md-tag-list", space, "-f", "value").lines) == ["b", "d"]
    printed(glance, "md-tag-create-multiple", space, "--names", "e;f", "--delim", ";")
    assert sorted(glance("md-tag-list", space, "-f", "value").lines) == ["e", "f"]
    printed(glance, "md-namespace-tags-delete", space)
    assert printed(glance, "md-tag-list", space, "-f", "value") == ""


def test_tags_with_umlauts_and_slashes_arrive_as_typed(glance: Run, space: str) -> None:
    for tag in ("grün", "a/b", "日本"):
        printed(glance, "md-tag-create", space, "--name", tag)
    assert sorted(glance("md-tag-list", space, "-f", "value").lines) == ["a/b", "grün", "日本"]
    printed(glance, "md-tag-update", space, "grün", "--name", "blå")
    assert glance("md-tag-show", space, "blå", "-f", "value").out == "blå\n"
    for tag in ("blå", "日本", "a/b"):
        printed(glance, "md-tag-delete", space, tag)
    assert printed(glance, "md-tag-list", space, "-f", "value") == ""


def test_a_shown_namespace_of_the_service_can_be_imported_again(
    glance: Run, space: str, sandbox: Sandbox
) -> None:
    shown = glance("md-namespace-show", "OS::Compute::Libvirt", "-f", "json").json
    copy = {**shown, "namespace": "Test::Space2", "protected": False}
    done = glance("md-namespace-import", "-f", "json", stdin=json.dumps(copy).encode())
    assert (done.code, done.err) == (0, "")
    imported = glance("md-namespace-show", "Test::Space2", "-f", "json").json
    for key in ("description", "display_name", "properties", "visibility"):
        assert imported[key] == shown[key]


def test_errors_of_the_schema_are_one_sentence(glance: Run, space: str) -> None:
    words = ("md-property-create", space, "--name", "a", "--title", "A", "--schema", "{}")
    refused = glance(*words, "--type", "text")
    assert refused.code == 1
    assert refused.err.startswith(
        f"glance: error: property a of namespace {space}: type: 'text' is not one of array, "
        "boolean, integer, number, object, string (HTTP 400, request req-"
    )
    unknown = glance("md-object-create", space, "--name", "a", "--schema", '{"zz": 1}')
    assert unknown.err.startswith(
        f"glance: error: object a of namespace {space}: Additional properties are not allowed "
        "('zz' was unexpected) (HTTP 400, request req-"
    )
    long = glance("md-namespace-create", "x" * 81)
    assert "namespace: 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...' is too long (at most 80" in (
        long.err
    )


def test_a_protected_namespace_is_deleted_after_the_hint(glance: Run, space: str) -> None:
    printed(glance, "md-namespace-update", space, "--protected")
    refused = glance("md-namespace-delete", space)
    assert refused.code == 1
    assert f"md-namespace-update {space} --protected False`" in refused.err
    printed(glance, "md-namespace-update", space, "--protected", "False")
    printed(glance, "md-namespace-delete", space)


@pytest.mark.parametrize("user", USERS)
def test_others_than_administrators_read_definitions_and_change_none(
    glance: Run, space: str, user: str
) -> None:
    printed(glance, "md-tag-create", space, "--name", "a")
    assert printed(glance, "md-tag-list", space, "-f", "value", cloud=user) == "a\n"
    assert space in glance("md-namespace-list", "-f", "value", cloud=user).lines
    assert glance("md-namespace-show", space, cloud=user).code == 0
    for words in (
        ("md-namespace-create", "Test::Mine"),
        ("md-namespace-update", space, "--description", "mine"),
        ("md-namespace-delete", space),
        ("md-tag-create", space, "--name", "b"),
        ("md-tag-delete", space, "a"),
        ("md-namespace-tags-delete", space),
        ("md-resource-type-associate", space, "--name", "Test::A"),
    ):
        refused = glance(*words, cloud=user)
        assert (refused.code, refused.out) == (1, "")
        assert "policy forbids changing metadata definitions" in refused.err


@pytest.mark.parametrize("user", USERS)
def test_a_private_namespace_is_not_found_by_others(glance: Run, space: str, user: str) -> None:
    printed(glance, "md-namespace-update", space, "--visibility", "private")
    assert space not in glance("md-namespace-list", "-f", "value", cloud=user).lines
    missing = glance("md-namespace-show", space, cloud=user)
    assert missing.code == 1
    assert "md-namespace-list` lists those that you can see." in missing.err


def test_the_task_of_an_import_is_listed_and_shown(glance: Run, tmp_path: Path) -> None:
    (tmp_path / "data").write_bytes(b"data" * 128)
    new = ("--disk-format", "raw", "--container-format", "bare")
    made = glance("image-create-via-import", "--name", "x", "--file", "data", *new, "-f", "json")
    assert made.code == 0, made.err
    listed = glance("task-list", "--sort-key", "created_at", "-f", "json").json
    mine = [task for task in listed if task["type"] == "api_image_import"]
    assert mine
    task = glance("task-show", mine[0]["id"], "-f", "json").json
    assert task["id"] == mine[0]["id"]
    assert "import_req" in task["input"]
    some = glance("task-list", "--sort-key=created_at", "--limit=1", "-f", "value", "-c", "ID")
    assert some.lines == [listed[0]["id"]]


def test_a_legacy_task_is_refused_with_the_hint_at_imports(glance: Run) -> None:
    source = '{"import_from": "file:///etc/hostname", "import_from_format": "raw"}'
    refused = glance("task-create", "--type", "import", "--input", source)
    assert (refused.code, refused.out) == (1, "")
    assert "help image-import`" in refused.err


@pytest.mark.parametrize("user", USERS)
def test_tasks_of_all_images_are_for_administrators(glance: Run, user: str) -> None:
    refused = glance("task-list", cloud=user)
    assert (refused.code, refused.out) == (1, "")
    assert "image-tasks IMAGE` lists the tasks of one image." in refused.err


@pytest.mark.parametrize("user", ["sandbox", *USERS])
def test_every_model_that_explain_knows_is_described(glance: Run, user: str) -> None:
    unknown = glance("explain", "nothing", cloud=user)
    models = unknown.err.rpartition("Models: ")[2].rstrip(".\n").split(", ")
    assert len(models) == 16
    for model in models if user == "sandbox" else models[:2]:
        described = glance("explain", model, "-f", "json", cloud=user)
        assert described.code == 0, described.err
        assert {"attribute", "description"} <= set(described.json[0])
    attributes = glance("explain", "image", "-f", "value", "-c", "attribute", cloud=user).lines
    assert {"id", "name", "os_hash_value", "visibility"} <= set(attributes)
