"""image-import --wait is judged by the stores that this call asks for."""

from __future__ import annotations

import json
from typing import Any

import pytest
import responses

from tests.support.cloud import IMAGE_URL
from tests.support.images import A
from tests.support.programs import Glance

IMAGE = f"{IMAGE_URL}/v2/images/{A}"
COPY = ("--import-method", "copy-image")


class Importing:
    """An image of which each import reaches the stores that are not in broken."""

    def __init__(self, cloud: responses.RequestsMock, **fields: Any) -> None:
        self.image = {"id": A, "status": "active", "stores": "fast", **fields}
        self.broken = ("http",)
        self.all = ["fast", "slow", "http"]
        self.asked: list[str] = []
        self.looks = 0  # at the image since the import was asked for
        self.slow_looks = 0  # after so many looks the data is there
        cloud.add_callback("GET", IMAGE, self.show)
        cloud.add_callback("POST", f"{IMAGE}/import", self.start)

    def show(self, request: Any) -> tuple[int, dict[str, str], str]:
        if self.asked:
            self.looks += 1
            if self.looks == self.slow_looks:
                self.put(self.asked)
        return 200, {}, json.dumps(self.image)

    def start(self, request: Any) -> tuple[int, dict[str, str], str]:
        self.asked = json.loads(request.body).get("stores", self.all)
        if not self.slow_looks:
            self.put(self.asked)
        return 202, {}, ""

    def put(self, stores: list[str]) -> None:
        have = [name for name in str(self.image["stores"]).split(",") if name]
        have += [name for name in stores if name not in (*self.broken, *have)]
        failed = [name for name in stores if name in self.broken]
        self.image |= {"stores": ",".join(have), "status": "active"}
        if failed:
            self.image["os_glance_failed_import"] = ",".join(failed)


def tasks(cloud: responses.RequestsMock) -> None:
    cloud.get(f"{IMAGE}/tasks", json={"tasks": []})
    done = {"id": "t", "status": "success", "message": "", "created_at": "2026-01-01"}
    cloud.get(f"{IMAGE}/tasks", json={"tasks": [done]})


def imported(glance: Glance, *words: str) -> tuple[int, str, str]:
    done = glance("image-import", A, *words, "--wait", "-f", "value", "-c", "stores")
    return done.code, done.out, done.err


def refusal(stores: str) -> str:
    return (
        f"glance: error: image {A}: the import did not put the data into these stores: {stores}. "
        f"`glance image-tasks {A}` may show why.\n"
    )


def warning(stores: str) -> str:
    return f"glance: warning: the import of image {A} failed for these stores: {stores}\n"


def test_a_copy_that_reaches_no_store_is_a_failure(
    glance: Glance, cloud: responses.RequestsMock
) -> None:
    Importing(cloud)
    tasks(cloud)
    assert imported(glance, *COPY, "--stores", "http") == (1, "", refusal("http"))


def test_a_copy_to_all_stores_that_reaches_no_further_one_is_a_failure(
    glance: Glance, cloud: responses.RequestsMock
) -> None:
    Importing(cloud).all = ["fast", "http"]
    tasks(cloud)
    assert imported(glance, *COPY, "--all-stores") == (1, "", refusal("http"))


@pytest.mark.parametrize("words", [("--stores", "slow,http"), ("--all-stores",)])
def test_a_copy_that_reaches_some_stores_warns_of_the_others(
    glance: Glance, cloud: responses.RequestsMock, words: tuple[str, ...]
) -> None:
    Importing(cloud)
    tasks(cloud)
    assert imported(glance, *COPY, *words) == (0, "fast,slow\n", warning("http"))


def test_without_allow_failure_every_store_counts(
    glance: Glance, cloud: responses.RequestsMock
) -> None:
    Importing(cloud)
    tasks(cloud)
    words = ("--stores", "slow,http", "--allow-failure", "False")
    assert imported(glance, *COPY, *words) == (1, "", refusal("http"))


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, (*COPY, "--stores", "slow")),
        ({}, (*COPY, "--store", "fast")),
        ({"status": "uploading", "stores": ""}, ("--stores", "slow")),
        ({"status": "uploading", "stores": ""}, ()),
    ],
)
def test_a_store_that_an_earlier_import_missed_is_not_mentioned(
    glance: Glance, cloud: responses.RequestsMock, fields: dict[str, str], words: tuple[str, ...]
) -> None:
    image = Importing(cloud, os_glance_failed_import="http", **fields)
    image.all = ["slow"]
    tasks(cloud)
    code, _, err = imported(glance, *words)
    assert (code, err) == (0, "")


def test_a_new_failure_of_a_store_that_failed_before_counts(
    glance: Glance, cloud: responses.RequestsMock
) -> None:
    Importing(cloud, os_glance_failed_import="http")
    tasks(cloud)
    assert imported(glance, *COPY, "--stores", "http") == (1, "", refusal("http"))


def test_a_service_that_shows_no_stores_is_judged_by_its_failures(
    glance: Glance, cloud: responses.RequestsMock
) -> None:
    image = Importing(cloud)
    image.put = lambda stores: image.image.update(os_glance_failed_import="slow")  # type: ignore[method-assign]
    image.image["stores"] = None
    tasks(cloud)
    code, _, err = imported(glance, *COPY, "--stores", "fast,slow")
    assert (code, err) == (0, warning("slow"))


@pytest.mark.parametrize(("stores", "code"), [("slow", 0), ("http", 1)])
def test_a_copy_is_waited_for_where_the_cloud_shows_no_tasks(
    glance: Glance, cloud: responses.RequestsMock, stores: str, code: int
) -> None:
    Importing(cloud).slow_looks = 3
    cloud.get(f"{IMAGE}/tasks", status=403)
    assert imported(glance, *COPY, "--stores", stores)[0] == code


def test_a_copy_that_does_not_begin_ends_with_the_timeout(
    glance: Glance, cloud: responses.RequestsMock
) -> None:
    Importing(cloud).slow_looks = 99
    cloud.get(f"{IMAGE}/tasks", status=403)
    done = glance("--timeout", "0.1", "image-import", A, *COPY, "--stores", "slow", "--wait")
    assert done.code == 1
    assert f"the import into image {A} is not finished after" in done.err


def test_a_copy_to_all_stores_that_have_the_data_is_done(
    glance: Glance, cloud: responses.RequestsMock
) -> None:
    image = Importing(cloud, os_glance_failed_import="http", stores="fast,slow")
    image.slow_looks = 99
    cloud.get(f"{IMAGE}/tasks", json={"tasks": []})
    assert imported(glance, *COPY, "--all-stores") == (0, "fast,slow\n", "")
