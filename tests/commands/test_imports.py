"""image-import, image-tasks, import-info, stores-info, stores-delete, usage: requests and output."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import responses

from tests.support.cloud import IMAGE_URL
from tests.support.programs import Glance
from tests.support.v1server import V1Server

ID = "7e5142af-1253-4634-bcc6-89482c5f2e8a"
OTHER = "0b6b5b3f-6d7e-4f2a-9c0e-5a4a3a0b9f11"
IMAGE = f"{IMAGE_URL}/v2/images/{ID}"
WEB = "http://example.com/x.img"
VERSIONS = {"versions": [{"id": "v2.17", "links": []}]}
DIRECT = {"name": "glance-direct"}
DOWNLOAD = (
    "--import-method",
    "glance-download",
    "--remote-region",
    "two",
    "--remote-image-id",
    OTHER,
)


def task(status: str, **more: Any) -> dict[str, Any]:
    return {"id": "t2", "status": status, "message": "", "created_at": "2026-01-02", **more}


def body(cloud: responses.RequestsMock) -> Any:
    """What was asked for."""
    return json.loads(
        next(c.request.body for c in cloud.calls if c.request.method == "POST") or b""
    )


@pytest.fixture
def importing(cloud: responses.RequestsMock) -> responses.RequestsMock:
    """A cloud that takes any import."""
    cloud.post(f"{IMAGE}/import", status=202)
    cloud.get(IMAGE, json={"id": ID, "status": "importing"})
    return cloud


@pytest.mark.parametrize(
    ("words", "method"),
    [
        ((), DIRECT),
        (("--import-method", "web-download", "--uri", WEB), {"name": "web-download", "uri": WEB}),
        (
            DOWNLOAD,
            {
                "name": "glance-download",
                "glance_region": "two",
                "glance_image_id": OTHER,
                "glance_service_interface": "public",
            },
        ),
        (
            (*DOWNLOAD, "--remote-service-interface", "internal"),
            {
                "name": "glance-download",
                "glance_region": "two",
                "glance_image_id": OTHER,
                "glance_service_interface": "internal",
            },
        ),
        (("--import-method", "of-this-cloud"), {"name": "of-this-cloud"}),
    ],
)
def test_an_import_method_is_sent_with_its_options(
    glance: Glance,
    importing: responses.RequestsMock,
    words: tuple[str, ...],
    method: dict[str, str],
) -> None:
    done = glance("image-import", ID, *words, "-f", "value", "-c", "status")
    assert (done.code, done.out, done.err) == (
        0,
        "importing\n",
        f"glance: the service is still copying the data of image {ID}: `glance image-wait {ID}` "
        "waits until it is active\n",
    )
    assert body(importing) == {"method": method}


@pytest.mark.parametrize(
    ("words", "stores"),
    [
        (("--store", "fast"), {"stores": ["fast"], "all_stores_must_succeed": False}),
        (
            ("--stores", "fast, slow"),
            {"stores": ["fast", "slow"], "all_stores_must_succeed": False},
        ),
        (("--all-stores",), {"all_stores": True, "all_stores_must_succeed": False}),
        (("--all-stores", "True"), {"all_stores": True, "all_stores_must_succeed": False}),
        (("--all-stores", "False"), {}),
        (
            ("--stores", "fast", "--allow-failure", "False"),
            {"stores": ["fast"], "all_stores_must_succeed": True},
        ),
        (
            ("--all-stores", "--allow-failure"),
            {"all_stores": True, "all_stores_must_succeed": False},
        ),
    ],
)
def test_stores_are_sent_in_the_words_of_the_api(
    glance: Glance,
    importing: responses.RequestsMock,
    words: tuple[str, ...],
    stores: dict[str, Any],
) -> None:
    assert glance("image-import", ID, *words).code == 0
    assert body(importing) == {"method": DIRECT, **stores}


def test_variables_are_taken_and_options_go_before_them(
    glance: Glance, importing: responses.RequestsMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OS_IMAGE_IMPORT_METHOD", "copy-image")
    monkeypatch.setenv("OS_IMAGE_STORES", "fast,slow")
    assert glance("image-import", ID).code == 0
    copied = {"method": {"name": "copy-image"}, "all_stores_must_succeed": False}
    assert body(importing) == {**copied, "stores": ["fast", "slow"]}
    importing.calls.reset()
    assert glance("image-import", ID, "--store", "third").code == 0
    assert body(importing) == {**copied, "stores": ["third"]}
    monkeypatch.setenv("OS_IMAGE_STORE", "fast")
    assert (
        glance("image-import", ID).err
        == "glance: error: --store and --stores cannot be used together\n"
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ("--uri", WEB),
            "--uri needs --import-method web-download, not glance-direct",
        ),
        (("--import-method", "web-download"), "--import-method web-download needs --uri"),
        (
            ("--import-method", "web-download", "--uri", "file:///etc/passwd"),
            "--uri: no Image service accepts file:// URLs; use image-stage to send a local file",
        ),
        (("--import-method", "web-download", "--uri", "nothing"), "--uri: 'nothing' is not a URL"),
        (
            ("--import-method", "glance-download"),
            "--import-method glance-download needs --remote-region and --remote-image-id",
        ),
        (
            ("--remote-region", "two"),
            "--remote-region needs --import-method glance-download, not glance-direct",
        ),
        (
            (
                "--import-method",
                "copy-image",
                "--store",
                "a",
                "--remote-service-interface",
                "public",
            ),
            "--remote-service-interface needs --import-method glance-download, not copy-image",
        ),
        (
            ("--import-method", "copy-image"),
            "--import-method copy-image needs one of --store, --stores, --all-stores",
        ),
        (("--store", "a", "--stores", "b"), "--store and --stores cannot be used together"),
        (("--stores", "a", "--all-stores"), "--stores and --all-stores cannot be used together"),
        (("--stores", "a,,b"), "--stores: 'a,,b' has an empty name"),
    ],
)
def test_wrong_options_are_reported_before_anything_is_sent(
    glance: Glance, cloud: responses.RequestsMock, words: tuple[str, ...], said: str
) -> None:
    done = glance("image-import", ID, *words)
    assert (done.code, done.out, done.err) == (2, "", f"glance: error: {said}\n")
    assert not cloud.calls


@pytest.mark.parametrize(
    ("status", "message", "hint"),
    [
        (
            409,
            "Image needs to be staged before 'glance-direct' method can be used",
            f"`glance image-stage {ID} --file FILE` stages data.",
        ),
        (
            409,
            "'disk_format' needs to be set before import",
            f"`glance image-update {ID}` sets --disk-format and --container-format.",
        ),
        (
            400,
            "Unknown import method name 'x'",
            "`glance import-info` lists the methods of this cloud.",
        ),
        (
            409,
            "Store for identifier x not found",
            "`glance stores-info` lists the stores of this cloud.",
        ),
    ],
)
def test_a_refusal_says_what_to_do(
    glance: Glance, cloud: responses.RequestsMock, status: int, message: str, hint: str
) -> None:
    cloud.post(f"{IMAGE}/import", status=status, json={"message": message})
    done = glance("image-import", ID)
    assert (done.code, done.err) == (
        1,
        f"glance: error: image {ID}: {message} (HTTP {status}). {hint}\n",
    )


# --wait -------------------------------------------------------------------------------------------


def test_wait_polls_the_new_task_until_it_is_done(
    glance: Glance, cloud: responses.RequestsMock
) -> None:
    old = {"id": "t1", "status": "failure", "created_at": "2026-01-01"}
    cloud.post(f"{IMAGE}/import", status=202)
    for tasks in ([old], [old, task("processing")], [old, task("success")]):
        cloud.get(f"{IMAGE}/tasks", json={"tasks": tasks})
    cloud.get(IMAGE, json={"id": ID, "status": "active"})
    done = glance("image-import", ID, "--wait", "-f", "value", "-c", "status")
    assert (done.code, done.out, done.err) == (0, "active\n", "")


def test_wait_reports_why_an_import_failed(glance: Glance, cloud: responses.RequestsMock) -> None:
    cloud.post(f"{IMAGE}/import", status=202)
    cloud.get(f"{IMAGE}/tasks", json={"tasks": []})
    cloud.get(
        f"{IMAGE}/tasks", json={"tasks": [task("failure", message="http://u:key@h/x is gone")]}
    )
    done = glance("image-import", ID, "--wait")
    assert (done.code, done.out) == (1, "")
    assert done.err == (
        f"glance: error: image {ID}: http://***@h/x is gone. `glance image-show {ID}` shows its state.\n"
    )


def test_wait_warns_of_stores_that_failed(glance: Glance, cloud: responses.RequestsMock) -> None:
    cloud.post(f"{IMAGE}/import", status=202)
    cloud.get(f"{IMAGE}/tasks", json={"tasks": []})
    cloud.get(f"{IMAGE}/tasks", json={"tasks": [task("success")]})
    cloud.get(IMAGE, json={"id": ID, "status": "active", "os_glance_failed_import": "slow"})
    done = glance("image-import", ID, "--all-stores", "--wait", "-f", "value", "-c", "status")
    assert (done.code, done.out) == (0, "active\n")
    assert done.err == (
        f"glance: warning: the import of image {ID} failed for these stores: slow\n"
    )


def test_wait_ends_with_timeout(glance: Glance, cloud: responses.RequestsMock) -> None:
    cloud.post(f"{IMAGE}/import", status=202)
    cloud.get(f"{IMAGE}/tasks", json={"tasks": []})
    cloud.get(f"{IMAGE}/tasks", json={"tasks": [task("processing")]})
    done = glance("--timeout", "0.1", "image-import", ID, "--wait")
    assert (done.code, done.err) == (
        1,
        f"glance: error: the import into image {ID} is not finished after 0.1 seconds. "
        f"The service continues; `glance image-tasks {ID}` shows its tasks.\n",
    )


def test_wait_goes_by_the_status_where_there_are_no_tasks(
    glance: Glance, cloud: responses.RequestsMock
) -> None:
    cloud.post(f"{IMAGE}/import", status=202)
    cloud.get(f"{IMAGE}/tasks", status=404, json={"message": "no such path"})
    cloud.get(IMAGE, json={"id": ID, "status": "importing"})
    cloud.get(IMAGE, json={"id": ID, "status": "active"})
    done = glance("image-import", ID, "--wait", "-f", "value", "-c", "status")
    assert (done.code, done.out) == (0, "active\n")


# What the service tells ---------------------------------------------------------------------------


def test_tasks_are_listed_with_the_newest_first(
    glance: Glance, cloud: responses.RequestsMock
) -> None:
    older = {
        "message": "it failed",
        "status": "failure",
        "updated_at": "10:00",
        "created_at": "10:00",
    }
    newer = {
        "message": "Copied 3 MiB",
        "status": "success",
        "updated_at": "11:00",
        "created_at": "11:00",
    }
    cloud.get(f"{IMAGE}/tasks", json={"tasks": [older, newer]})
    assert glance("image-tasks", ID).lines == [
        "+--------------+---------+------------+",
        "| Message      | Status  | Updated at |",
        "+--------------+---------+------------+",
        "| Copied 3 MiB | success | 11:00      |",
        "| it failed    | failure | 10:00      |",
        "+--------------+---------+------------+",
    ]


def test_tasks_of_an_image_that_does_not_exist_are_an_error(
    glance: Glance, cloud: responses.RequestsMock
) -> None:
    cloud.get(f"{IMAGE}/tasks", status=404)
    cloud.get(IMAGE, status=404)
    cloud.get(f"{IMAGE_URL}/", status=300, json=VERSIONS)
    done = glance("image-tasks", ID)
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith(f"glance: error: No image with a name or ID of '{ID}' exists.")


def test_v_shows_all_of_a_task_without_credentials(
    glance: Glance, cloud: responses.RequestsMock
) -> None:
    found = task("success", image_id=ID, input={"uri": "http://u:key@h/x"}, owner="p", user_id="u")
    cloud.get(f"{IMAGE}/tasks", json={"tasks": [found]})
    done = glance("image-tasks", ID, "-v", "-f", "csv")
    assert done.lines == [
        "Image Id,Task Id,Message,Status,Updated at,User Id,Request Id,Result,Owner,Input,Expires at",
        f'{ID},t2,,success,,u,,,p,"{{""uri"":""http://***@h/x""}}",',
    ]


def test_import_info_lists_the_methods(glance: Glance, cloud: responses.RequestsMock) -> None:
    found = {
        "import-methods": {
            "description": "d",
            "type": "array",
            "value": ["glance-direct", "copy-image"],
        }
    }
    cloud.get(f"{IMAGE_URL}/v2/info/import", json=found)
    assert glance("import-info").lines == [
        "+----------------+---------------------------+",
        "| Property       | Value                     |",
        "+----------------+---------------------------+",
        "| import-methods | glance-direct, copy-image |",
        "+----------------+---------------------------+",
    ]
    assert glance("import-info", "-f", "json").json == found


def test_stores_are_listed_and_their_details_on_demand(
    glance: Glance, cloud: responses.RequestsMock
) -> None:
    fast = {"id": "fast", "description": "SSD", "default": "true"}
    http = {"id": "http", "read-only": "true"}
    more = {"type": "file", "weight": 5, "properties": {"url": "http://u:key@h/"}}
    cloud.get(f"{IMAGE_URL}/v2/info/stores", json={"stores": [fast, http]})
    cloud.get(f"{IMAGE_URL}/v2/info/stores/detail", json={"stores": [{**fast, **more}]})
    assert glance("stores-info").lines == [
        "+------+-------------+---------+-----------+",
        "| ID   | Description | Default | Read Only |",
        "+------+-------------+---------+-----------+",
        "| fast | SSD         | true    |           |",
        "| http |             |         | true      |",
        "+------+-------------+---------+-----------+",
    ]
    assert glance("stores-info", "--detail", "-f", "csv").lines == [
        "ID,Description,Default,Read Only,Type,Weight,Properties",
        'fast,SSD,true,,file,5,"{""url"":""http://***@h/""}"',
    ]


def test_data_is_removed_from_a_store_silently(
    glance: Glance, cloud: responses.RequestsMock
) -> None:
    cloud.delete(f"{IMAGE_URL}/v2/stores/slow/{ID}", status=204)
    done = glance("stores-delete", ID, "--store", "slow")
    assert (done.code, done.out, done.err) == (0, "", "")


def test_the_last_store_keeps_its_data(glance: Glance, cloud: responses.RequestsMock) -> None:
    said = "Cannot delete image data from the only store containing it. Consider deleting the image instead."
    cloud.delete(f"{IMAGE_URL}/v2/stores/slow/{ID}", status=403, json={"message": said})
    done = glance("stores-delete", ID, "--store", "slow")
    assert (done.code, done.err) == (1, f"glance: error: image {ID}: {said[:-1]} (HTTP 403)\n")


def test_quotas_are_listed_by_name(glance: Glance, cloud: responses.RequestsMock) -> None:
    found = {
        "image_size_total": {"limit": 1000, "usage": 12},
        "image_count_total": {"limit": -1, "usage": 0},
    }
    cloud.get(f"{IMAGE_URL}/v2/info/usage", json={"usage": found})
    assert glance("usage", "-f", "csv").lines == [
        "Quota,Limit,Usage",
        "image_count_total,-1,0",
        "image_size_total,1000,12",
    ]


def test_a_cloud_without_quotas_is_noted(glance: Glance, cloud: responses.RequestsMock) -> None:
    cloud.get(f"{IMAGE_URL}/v2/info/usage", json={"usage": {}})
    done = glance("usage", "-f", "json")
    assert (done.code, done.json, done.err) == (0, [], "glance: the cloud sets no quotas\n")


@pytest.mark.parametrize(
    ("words", "path", "said"),
    [
        (("import-info",), "import", "this cloud has no imports (Images API older than 2.6)"),
        (
            ("stores-info",),
            "stores",
            "this cloud lists no stores (multi-store is off, or the service is too old)",
        ),
        (("usage",), "usage", "this cloud shows no quotas (Images API older than 2.13)"),
    ],
)
def test_a_cloud_without_imports_or_stores_is_a_clear_error(
    glance: Glance, cloud: responses.RequestsMock, words: tuple[str, ...], path: str, said: str
) -> None:
    cloud.get(f"{IMAGE_URL}/v2/info/{path}", status=404)
    cloud.get(f"{IMAGE_URL}/", status=300, json=VERSIONS)
    done = glance(*words)
    assert (done.code, done.out, done.err) == (1, "", f"glance: error: {said}\n")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ("image-import", ID),
            "Images v1 has no imports; image-create --copy-from has the service copy a URL",
        ),
        (
            ("import-info",),
            "Images v1 has no imports; image-create --copy-from has the service copy a URL",
        ),
        (("image-tasks", ID), "Images v1 has no tasks; image-show shows the image's status"),
        (("stores-info",), "Images v1 does not show where data is stored"),
        (("stores-delete", ID, "--store", "s"), "Images v1 does not show where data is stored"),
        (("usage",), "Images v1 has no quotas"),
    ],
)
def test_v1_refuses_imports_stores_and_tasks(
    glance: Glance, v1_cloud: Callable[..., V1Server], words: tuple[str, ...], said: str
) -> None:
    v1_cloud("admin", v2=False)
    done = glance(*words)
    assert (done.code, done.out, done.err) == (2, "", f"glance: error: {said}\n")
