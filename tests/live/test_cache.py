"""The image cache of a real Glance, as an administrator, a member and a reader."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.programs import Result
from tests.support.sandbox import Run, Sandbox
from tests.support.waiting import wait_until


@pytest.fixture
def cached(glance: Run, tmp_path: Path) -> Iterator[str]:
    """The ID of an image of 4 KiB in the cache, which is empty otherwise."""
    assert glance("cache-clear").code == 0
    (tmp_path / "data").write_bytes(bytes(4096))
    new = ("--disk-format", "raw", "--file", "data", "-f", "value", "-c", "id")
    image_id = glance("image-create", "cached", *new).out.strip()
    assert glance("cache-queue", "cached").code == 0
    wait_until(lambda: f"{image_id} cached" in listed(glance))
    yield image_id
    assert glance("cache-clear").code == 0


def listed(glance: Run, *words: str) -> str:
    return glance("cache-list", *words, "-f", "value", "-c", "id,state").out


def silent(done: Result) -> None:
    assert (done.code, done.out, done.err) == (0, "", "")


def test_a_queued_image_is_cached_and_deleted_from_the_cache(glance: Run, cached: str) -> None:
    (row,) = glance("cache-list", "-f", "json").json
    assert (row["id"], row["state"], row["size"]) == (cached, "cached", 4096)
    assert row["last_modified"][:2] == "20"
    silent(glance("cache-delete", "cached"))
    assert listed(glance) == ""
    assert glance("image-show", cached).code == 0


def test_the_nodes_of_an_image_are_known_and_can_all_be_asked(
    glance: Run, cached: str, sandbox: Sandbox
) -> None:
    done = glance("cache-nodes-list", "cached", "-f", "value")
    (node,) = done.lines
    assert listed(glance, "--all-nodes") == f"{cached} cached\n"
    assert listed(glance, "--node", node) == f"{cached} cached\n"
    silent(glance("cache-clear", "--target", "cache", "--all-nodes"))
    assert listed(glance) == ""


def test_a_cache_is_cleaned_and_pruned(glance: Run, cached: str) -> None:
    silent(glance("cache-clean"))
    pruned = glance("cache-prune")
    assert (pruned.code, pruned.out) == (0, "Pruned 0 file(s), 0 byte(s).\n")
    assert listed(glance) == f"{cached} cached\n"


def test_an_image_without_data_is_not_queued(glance: Run) -> None:
    assert glance("image-create", "empty").code == 0
    done = glance("cache-queue", "empty")
    assert done.code == 1
    assert "Only images with status active can be targeted for queueing (HTTP 400" in done.err


@pytest.mark.parametrize("cloud", ["sandbox-demo", "sandbox-reader"])
def test_members_and_readers_are_told_that_a_policy_forbids_it(
    glance: Run, cached: str, cloud: str
) -> None:
    for words in (["cache-list"], ["cache-clear"], ["cache-nodes-list", cached]):
        done = glance(*words, cloud=cloud)
        assert (done.code, done.out) == (1, "")
        assert "(HTTP 403" in done.err
    assert listed(glance) == f"{cached} cached\n"
