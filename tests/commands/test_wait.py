"""image-wait: how many requests it sends, when it ends, and what it prints."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
import responses

from tests.support.images import LIST, A, B
from tests.support.programs import Glance
from tests.support.v1server import V1Server

NONE = "00000000-0000-0000-0000-000000000000"
FAST = ("--interval", "0.001")


class Service:
    """Images whose state changes from look to look, in the three lists that Glance has of them.

    states has what each look sees: the last one stays.
    """

    def __init__(self, mock: responses.RequestsMock) -> None:
        self.states: dict[str, list[dict[str, Any]]] = {}
        self.tasks: dict[str, dict[str, Any]] = {}
        self.asked: list[str] = []
        self.looks: list[int] = []  # the number of requests for lists in each look
        self.longest_url = 0
        mock.add_callback("GET", re.compile(rf"{LIST}\?"), self.list)
        mock.add_callback("GET", re.compile(rf"{LIST}/[^/]+$"), self.show)
        mock.add_callback("GET", re.compile(rf"{LIST}/[^/]+/tasks"), self.list_tasks)
        mock.get(
            re.compile("http://glance.test:9292/$"),
            status=300,
            json={"versions": [{"id": "v2.17"}]},
        )
        mock.assert_all_requests_are_fired = False

    def add(self, image_id: str, *statuses: str, **fields: Any) -> None:
        """An image with these statuses, one after the other; gone: it does not exist."""
        states = [{"id": image_id, "name": "x", **fields, "status": status} for status in statuses]
        self.states.setdefault(image_id, []).extend(states)

    def list(self, request: Any) -> tuple[int, dict[str, str], str]:
        self.longest_url = max(self.longest_url, len(request.url))
        query = parse_qs(urlsplit(request.url).query)
        if "name" in query:
            found = [s[0] for s in self.states.values() if s[0]["name"] == query["name"][0]]
            return 200, {}, json.dumps({"images": found})
        if "id" not in query:
            return 200, {}, json.dumps({"images": []})  # for the names nearest to a wrong one
        ids = query["id"][0].removeprefix("in:").split(",")
        hidden, everything = query.get("os_hidden") == ["true"], "visibility" in query
        if not everything:
            self.looks.append(0)
            for image_id in ids:
                self._go_on(image_id)
        self.looks[-1] += 1
        found = [s[0] for i in ids if (s := self.states.get(i)) and s[0]["status"] != "gone"]
        found = [image for image in found if bool(image.get("os_hidden")) is hidden]
        if not everything:
            found = [image for image in found if image.get("visibility") != "community"]
        assert len(found) < int(query["limit"][0])  # else Glance sends a link to a next page
        return 200, {}, json.dumps({"images": found})

    def _go_on(self, image_id: str) -> None:
        states = self.states.get(image_id, [])
        if states and states[0].get("seen") and len(states) > 1:
            states.pop(0)
        if states:
            states[0]["seen"] = "yes"

    def show(self, request: Any) -> tuple[int, dict[str, str], str]:
        image_id = request.url.rpartition("/")[2]
        self.asked.append(image_id)
        states = self.states.get(image_id)
        if states and states[0]["status"] != "gone":
            return 200, {}, json.dumps(states[0])
        return 404, {}, json.dumps({"message": "none"})

    def list_tasks(self, request: Any) -> tuple[int, dict[str, str], str]:
        image_id = request.url.split("/")[-2]
        self.asked.append(f"tasks of {image_id}")
        task = self.tasks.get(image_id)
        return 200, {}, json.dumps({"tasks": [task] if task else []})


@pytest.fixture
def service(cloud: responses.RequestsMock) -> Service:
    return Service(cloud)


def test_nothing_is_printed_once_all_images_are_active(glance: Glance, service: Service) -> None:
    service.add(A, "queued", "saving", "active", name="cirros")
    service.add(B, "active")
    done = glance("image-wait", "cirros", B, *FAST)
    assert (done.code, done.out, done.err) == (0, "", "")
    assert service.looks == [1, 1, 1]


def test_an_image_is_not_active_while_it_is_imported_into_more_stores(
    glance: Glance, service: Service
) -> None:
    service.add(A, "active", os_glance_importing_to_stores="slow")
    service.add(A, "active", os_glance_importing_to_stores="")
    assert glance("image-wait", A, *FAST).code == 0
    assert service.looks == [1, 1]


def test_rows_are_printed_when_a_format_or_columns_are_asked_for(
    glance: Glance, service: Service
) -> None:
    service.add(A, "active", name="cirros")
    service.add(B, "gone")
    done = glance("image-wait", A, "-f", "value", "-c", "name,status")
    assert (done.code, done.out) == (0, "cirros active\n")
    some = glance("image-wait", A, B, "-f", "id")
    assert (some.code, some.out) == (1, f"{A}\n")
    gone = glance("image-wait", A, B, "--for", "any-end", "-c", "id,status", "-f", "csv")
    assert (gone.code, gone.out) == (0, f"ID,Status\n{A},active\n{B},deleted\n")


def test_hidden_and_community_images_are_waited_for_with_three_lists(
    glance: Glance, service: Service
) -> None:
    service.add(A, "queued", "active", os_hidden=True)
    service.add(B, "queued", "active", visibility="community")
    service.add(NONE, "queued", "active")
    assert glance("image-wait", A, B, NONE, *FAST).code == 0
    assert service.looks == [3, 3]
    assert [each for each in service.asked if "tasks" not in each] == []


@pytest.mark.parametrize("count", [30, 200])
def test_each_look_takes_three_requests_for_lists_at_most_however_many_images_there_are(
    glance: Glance, service: Service, count: int
) -> None:
    ids = [str(UUID(int=number)) for number in range(1, count + 1)]
    for number, image_id in enumerate(ids):
        hidden = number % 3 == 0
        visibility = "community" if number % 3 == 1 else "private"
        service.add(image_id, "saving", "active", os_hidden=hidden, visibility=visibility)
    done = glance("image-wait", *ids, *FAST)
    assert (done.code, done.err) == (0, "")
    assert max(service.looks) == 3
    assert service.asked == []
    assert service.longest_url < 4000


def test_every_one_of_many_images_is_looked_at_before_the_time_is_over(
    glance: Glance, service: Service
) -> None:
    ids = [str(UUID(int=number)) for number in range(1, 201)]
    for image_id in ids:
        service.add(image_id, "active")
    assert glance("image-wait", *ids, "--timeout", "0").code == 0
    assert len(service.looks) == 3


def test_an_image_in_no_list_is_asked_for_before_it_counts_as_deleted(
    glance: Glance, service: Service, cloud: responses.RequestsMock
) -> None:
    """It is shared with us, and not accepted yet."""
    service.add(A, "queued", "active", os_hidden=True, visibility="community")
    assert glance("image-wait", A, *FAST).code == 0
    cloud.replace("GET", re.compile(rf"{LIST}\?"), json={"images": []})
    assert glance("image-wait", A, *FAST).code == 0
    assert glance("image-wait", A, "--for", "deleted", "--timeout", "0").code == 1


@pytest.mark.parametrize("status", [400, 414, 431])
def test_a_service_that_cannot_filter_by_ids_is_asked_for_each_image(
    glance: Glance, service: Service, cloud: responses.RequestsMock, status: int
) -> None:
    cloud.replace(
        "GET", re.compile(rf"{LIST}\?"), status=status, json={"message": "no operator in"}
    )
    service.add(A, "active")
    assert glance("image-wait", A).code == 0
    assert service.asked == [A]


@pytest.mark.parametrize(
    ("goal", "statuses", "said"),
    [
        (
            "active",
            ["queued", "killed"],
            "is killed, and will not become active. The service could",
        ),
        ("active", ["queued", "gone"], "is deleted, and will not become active\n"),
        ("active", ["queued", "pending_delete"], "is deleted, and will not become active\n"),
        ("deactivated", ["active", "gone"], "is deleted, and will not become deactivated\n"),
        (
            "queued",
            ["saving", "active"],
            "is active, and will not become queued: it has its data\n",
        ),
    ],
)
def test_the_wait_ends_at_once_when_an_image_cannot_get_there(
    glance: Glance, service: Service, goal: str, statuses: list[str], said: str
) -> None:
    service.add(A, *statuses)
    done = glance("image-wait", A, "--for", goal, *FAST)
    assert (done.code, done.out) == (1, "")
    assert f"glance: error: image {A} {said}" in done.err


@pytest.mark.parametrize(
    ("goal", "statuses"),
    [
        ("deleted", ["active", "gone"]),
        ("deleted", ["active", "deleted"]),
        ("deactivated", ["active", "deactivated"]),
        ("queued", ["importing", "queued"]),
        ("any-end", ["queued", "saving", "active"]),
        ("any-end", ["queued", "killed"]),
        ("any-end", ["active"]),
        ("any-end", ["queued", "gone"]),
    ],
)
def test_the_wait_ends_well_when_an_image_is_there(
    glance: Glance, service: Service, goal: str, statuses: list[str]
) -> None:
    service.add(A, *statuses)
    done = glance("image-wait", A, "--for", goal, *FAST)
    assert (done.code, done.out, done.err) == (0, "", "")
    assert len(service.looks) == len(statuses)


FAILED = {"id": "t", "status": "failure", "message": "cannot read the URL", "created_at": "2026"}
REASON = (
    f"glance: error: image {A}: cannot read the URL. Can the service reach the URL? The image is "
    f"left without data: `glance image-delete {A}` deletes it.\n"
)


def test_a_failed_import_ends_the_wait_with_the_message_of_its_task(
    glance: Glance, service: Service
) -> None:
    service.tasks[A] = FAILED
    service.add(A, "queued")
    service.add(B, "active")
    done = glance("image-wait", A, B, *FAST)
    assert (done.code, done.out, done.err) == (1, "", REASON)
    assert glance("image-wait", A, B, "--for", "any-end", *FAST).code == 0


def test_of_many_images_those_whose_import_failed_are_known_at_the_first_look(
    glance: Glance, service: Service
) -> None:
    ids = [str(UUID(int=number)) for number in range(1, 21)]
    for image_id in ids:
        service.add(image_id, "queued")
    service.tasks[A] = FAILED
    service.add(A, "queued", os_glance_failed_import="fast")
    done = glance("image-wait", *ids, A, "--timeout", "0", "-f", "value", "-c", "status")
    assert REASON in done.err
    assert [each for each in service.asked if A not in each] == [f"tasks of {ids[1]}"]


def test_an_image_that_falls_back_into_the_queue_has_failed_also_without_a_task_to_see(
    glance: Glance, service: Service
) -> None:
    service.add(A, "importing", "queued")
    done = glance("image-wait", A, *FAST)
    assert done.err.startswith(
        f"glance: error: image {A}: the import failed: the image is queued again, without data."
    )
    service.add(B, "queued")
    service.add(B, "queued", os_glance_failed_import="fast", os_glance_importing_to_stores="")
    assert glance("image-wait", B, *FAST).code == 1


def test_what_is_not_there_in_time_is_named_and_so_is_a_name_that_no_image_has(
    glance: Glance, service: Service
) -> None:
    service.add(A, "queued", name="slow")
    service.add(B, "active")
    done = glance("image-wait", "slow", B, "missing", NONE, "--timeout", "0")
    assert (done.code, done.out) == (1, "")
    assert done.err.splitlines() == [
        "glance: error: No image with a name or ID of 'missing' exists. It may be another "
        "project's, or deleted.",
        "glance: error: image slow is still queued after 0 seconds. It has no data so far; "
        "`glance image-show slow` shows its state.",
        f"glance: error: No image with a name or ID of '{NONE}' exists. It may be another "
        "project's, or deleted.",
    ]


@pytest.mark.parametrize(
    ("goal", "status", "hint"),
    [
        ("active", "queued", "It has no data so far; `"),
        ("active", "saving", "The service continues; `"),
        ("active", "importing", "The service continues; `"),
        ("active", "uploading", "`"),
        ("deleted", "active", "`"),
        ("deactivated", "active", "`"),
    ],
)
def test_the_service_continues_only_where_it_has_something_to_do(
    glance: Glance, service: Service, goal: str, status: str, hint: str
) -> None:
    service.add(A, status)
    done = glance("image-wait", A, "--for", goal, "--timeout", "0")
    assert (done.code, done.err) == (
        1,
        f"glance: error: image {A} is still {status} after 0 seconds. "
        f"{hint}glance image-show {A}` shows its state.\n",
    )


def test_an_import_into_more_stores_continues(glance: Glance, service: Service) -> None:
    service.add(A, "active", os_glance_importing_to_stores="slow")
    done = glance("image-wait", A, "--timeout", "0")
    assert "is still importing into slow after 0 seconds. The service continues; " in done.err


def test_an_image_that_is_gone_already_counts_as_deleted(glance: Glance, service: Service) -> None:
    done = glance("image-wait", A, "old", "--for", "deleted")
    assert (done.code, done.out) == (0, "")
    assert done.err == "glance: no image is named old; it counts as deleted\n"


def test_a_service_that_is_not_found_is_no_image_that_is_deleted(
    glance: Glance, service: Service, cloud: responses.RequestsMock
) -> None:
    cloud.replace("GET", re.compile(rf"{LIST}\?"), status=404, json={"message": "no such page"})
    for image in ("old", A):
        done = glance("image-wait", image, "--for", "deleted", "--timeout", "0")
        assert (done.code, done.out) == (1, "")
        assert "no such page" in done.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((A, "--interval", "0"), "--interval must be more than 0 seconds"),
        ((A, "--interval", ""), "it is empty; is that an unset variable?"),
        ((A, "--timeout", ""), "it is empty; is that an unset variable?"),
        ((A, "--timeout", "-1"), "'-1' is not a number of seconds"),
        ((A, "--for", ""), "it is empty; is that an unset variable?"),
        ((A, "--for", "actve"), "'actve' is not one of"),
        (("",), "it is empty; is that an unset variable?"),
        ((), "the following arguments are required: IMAGE"),
    ],
)
def test_a_wrong_wait_is_a_usage_error(glance: Glance, words: tuple[str, ...], said: str) -> None:
    done = glance("image-wait", *words)
    assert (done.code, done.out) == (2, "")
    assert said in done.err


def test_images_of_v1_are_waited_for(glance: Glance, v1_cloud: Callable[..., V1Server]) -> None:
    server = v1_cloud("demo", version="1")
    server.add(b"x", id=A, name="cirros")
    assert glance("image-wait", "cirros").code == 0
    assert glance("image-wait", NONE, "--for", "deleted").code == 0
    assert glance("image-wait", NONE).code == 1


def test_a_terminal_shows_what_is_waited_for_and_is_clean_afterwards(tmp_path: Any) -> None:
    code = (
        "import sys; from glancecli.output.status_line import StatusLine\n"
        "with StatusLine(sys.stderr) as line:\n"
        "    line.show('1 of 2 active; waiting for a\\x1b[2J (queued)')\n"
        "    line.show('1 of 2 active; waiting for a\\x1b[2J (queued)')\n"
        "    line.show('2 of 2 active')\n"
    )
    master, slave = pty.openpty()
    environ = {**os.environ, "COLUMNS": "35"}
    subprocess.run([sys.executable, "-c", code], stderr=slave, env=environ, check=True)
    os.close(slave)
    written = os.read(master, 4096).decode()
    os.close(master)
    assert written == ("\r\x1b[K1 of 2 active; w…x1b[2J (queued)\r\x1b[K2 of 2 active\r\x1b[K")
