"""task-list, task-show, task-create, explain: what is sent and what is printed."""

from __future__ import annotations

import json

import pytest
import responses

from tests.support.cloud import IMAGE_URL
from tests.support.programs import Glance

ID = "5f0d1a3e-7d0c-4d6c-8a57-3f1c0a9e7b11"
TASKS = f"{IMAGE_URL}/v2/tasks"
VERSIONS = {"versions": [{"id": "v2.17", "links": []}]}
STUB = {"id": ID, "type": "import", "status": "success", "owner": "p", "self": f"/v2/tasks/{ID}"}
TASK = {
    **STUB,
    "input": {"import_from": "https://user:secret@example.com/x.img"},
    "result": None,
    "message": "",
    "schema": "/v2/schemas/task",
}
TASK_TABLE = """\
+----------+--------------------------------------------------+
| Property | Value                                            |
+----------+--------------------------------------------------+
| id       | 5f0d1a3e-7d0c-4d6c-8a57-3f1c0a9e7b11             |
| input    | {"import_from": "https://***@example.com/x.img"} |
| message  |                                                  |
| owner    | p                                                |
| result   | None                                             |
| status   | success                                          |
| type     | import                                           |
+----------+--------------------------------------------------+
"""


def paths(cloud: responses.RequestsMock) -> list[str]:
    return [(call.request.url or "").removeprefix(IMAGE_URL) for call in cloud.calls]


def test_tasks_are_listed_as_the_old_client_sorts_them(
    glance: Glance, cloud: responses.RequestsMock
) -> None:
    cloud.get(TASKS, json={"tasks": [STUB]})
    assert glance("task-list").out == (
        "+--------------------------------------+--------+---------+-------+\n"
        "| ID                                   | Type   | Status  | Owner |\n"
        "+--------------------------------------+--------+---------+-------+\n"
        "| 5f0d1a3e-7d0c-4d6c-8a57-3f1c0a9e7b11 | import | success | p     |\n"
        "+--------------------------------------+--------+---------+-------+\n"
    )
    assert paths(cloud) == ["/v2/tasks?limit=1000&sort_key=status&sort_dir=desc"]


def test_tasks_are_filtered_sorted_and_limited_by_the_service(
    glance: Glance, cloud: responses.RequestsMock
) -> None:
    link = f"/v2/tasks?limit=1&marker={ID}"
    cloud.get(TASKS, json={"tasks": [STUB], "next": link})
    words = f"--type import --status Failure --sort-key id --sort-dir asc --limit 1 --marker {ID}"
    assert glance("task-list", *words.split(), "-f", "value", "-c", "id").out == f"{ID}\n"
    assert paths(cloud) == [
        f"/v2/tasks?limit=1&type=import&status=failure&sort_key=id&sort_dir=asc&marker={ID}"
    ]


def test_an_unknown_status_of_tasks_draws_a_warning_and_is_sent(
    glance: Glance, cloud: responses.RequestsMock
) -> None:
    cloud.get(TASKS, json={"tasks": []})
    done = glance("task-list", "--status", "failed", "-f", "json")
    assert (done.code, done.out) == (0, "[]\n")
    assert done.err == (
        "glance: warning: --status: 'failed' is not a known value; did you mean failure?\n"
    )
    assert "status=failed" in paths(cloud)[0]


def test_all_pages_of_tasks_are_listed(glance: Glance, cloud: responses.RequestsMock) -> None:
    cloud.get(TASKS, json={"tasks": [STUB], "next": f"/v2/tasks?limit=1&marker={ID}"})
    cloud.get(TASKS, json={"tasks": [{**STUB, "id": "b"}]})
    assert glance("task-list", "--page-size", "1", "-f", "value", "-c", "ID").lines == [ID, "b"]


def test_an_unknown_sort_key_is_refused_with_the_keys(
    glance: Glance, cloud: responses.RequestsMock
) -> None:
    done = glance("task-list", "--sort-key", "size")
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        "glance: error: Invalid value for '--sort-key': 'size' is not one of 'id', 'type', 'status', "
        "'created_at', 'updated_at', 'expires_at' (see glance task-list --help)\n"
    )


def test_a_task_is_shown_without_credentials(glance: Glance, cloud: responses.RequestsMock) -> None:
    cloud.get(f"{TASKS}/{ID}", json=TASK)
    assert glance("task-show", ID).out == TASK_TABLE
    assert "secret" not in glance("task-show", ID, "-f", "json").out


def test_a_task_is_created_with_its_type_and_input(
    glance: Glance, cloud: responses.RequestsMock
) -> None:
    cloud.post(TASKS, status=201, json=TASK)
    done = glance("task-create", "--type", "import", "--input", '{"import_from": "x"}')
    assert (done.code, done.out) == (0, TASK_TABLE)
    assert json.loads(cloud.calls[0].request.body or b"") == {
        "type": "import",
        "input": {"import_from": "x"},
    }


def test_a_cloud_that_refuses_a_task_gets_the_hint_at_imports(
    glance: Glance, cloud: responses.RequestsMock
) -> None:
    cloud.post(TASKS, status=400, json={"message": "URI does not pass filtering: x"})
    done = glance("task-create", "--type", "import", "--input", "{}")
    assert (done.code, done.out) == (1, "")
    assert done.err == (
        "glance: error: task of type import: URI does not pass filtering: x (HTTP 400). Data is "
        "imported without this deprecated request today: see `glance help image-import`, "
        "`glance help image-tasks`.\n"
    )


@pytest.mark.parametrize("words", [("task-list",), ("task-show", ID)], ids=" ".join)
def test_others_than_administrators_get_the_hint_at_image_tasks(
    glance: Glance, cloud: responses.RequestsMock, words: tuple[str, ...]
) -> None:
    message = "You are not authorized to complete tasks_api_access action."
    path = "/".join([TASKS, *words[1:]])
    cloud.get(path, status=403, json={"message": message})
    done = glance(*words)
    subject = f"task {ID}: " if words[1:] else ""
    assert (done.code, done.out) == (1, "")
    assert done.err == (
        f"glance: error: {subject}policy forbids using the tasks API (tasks_api_access) (HTTP 403). "
        "`glance image-tasks IMAGE` lists the tasks of one image.\n"
    )


TAG_SCHEMA = {
    "name": "tag",
    "properties": {
        "name": {"type": "string", "maxLength": 80},
        "created_at": {"type": "string", "readOnly": True, "description": "Date of creation"},
    },
}


@pytest.mark.parametrize("model", ["metadefs/tag", "tag"])
def test_explain_shows_the_attributes_of_a_model(
    glance: Glance, cloud: responses.RequestsMock, model: str
) -> None:
    cloud.get(f"{IMAGE_URL}/v2/schemas/metadefs/tag", json=TAG_SCHEMA)
    assert glance("explain", model).out == (
        "+------------+------------------+\n"
        "| Attribute  | Description      |\n"
        "+------------+------------------+\n"
        "| name       |                  |\n"
        "| created_at | Date of creation |\n"
        "+------------+------------------+\n"
    )
    assert glance("explain", model, "-f", "json").json == [
        {"attribute": "name", "description": "", "type": "string", "maxLength": 80},
        {
            "attribute": "created_at",
            "description": "Date of creation",
            "type": "string",
            "readOnly": True,
        },
    ]


def test_explain_lists_the_models_when_there_is_no_such_one(
    glance: Glance, cloud: responses.RequestsMock
) -> None:
    cloud.get(f"{IMAGE_URL}/v2/schemas/imge", status=404, json={"message": "Not found"})
    cloud.get(f"{IMAGE_URL}/", status=300, json=VERSIONS)
    done = glance("explain", "imge")
    assert (done.code, done.out) == (1, "")
    assert done.err == (
        "glance: error: the service describes no model 'imge'; did you mean image or images? "
        "Models: image, images, member, members, task, tasks, metadefs/namespace, "
        "metadefs/namespaces, metadefs/resource_type, metadefs/resource_types, metadefs/property, "
        "metadefs/properties, metadefs/object, metadefs/objects, metadefs/tag, metadefs/tags.\n"
    )
