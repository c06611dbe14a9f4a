"""nova aggregate-cache-images on a real Nova: as admin, member and reader."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.sandbox import Run, Sandbox


@pytest.fixture
def aggregate(compute_sandbox: Sandbox) -> Iterator[str]:
    """The ID of the aggregate edge, which is deleted after the test."""
    body = {"aggregate": {"name": "edge", "availability_zone": None}}
    status, answer = compute_sandbox.ask("POST", "/os-aggregates", body, service="compute")
    assert status == 200, answer
    found = str(answer["aggregate"]["id"])
    yield found
    compute_sandbox.ask("DELETE", f"/os-aggregates/{found}", service="compute")


def test_images_are_cached_by_names_and_by_ids(nova: Run, glance: Run, aggregate: str) -> None:
    made = glance("image-create", "--name", "cached", "-f", "value", "-c", "id")
    image = made.out.strip()
    for words in (("edge", "cached"), (aggregate, image)):
        done = nova("aggregate-cache-images", *words)
        assert (done.code, done.out, done.err) == (0, "", "")
    unknown = nova("aggregate-cache-images", "core", image)
    assert (unknown.code, unknown.err) == (
        1,
        "nova: error: No aggregate with a name or ID of 'core' exists. Aggregates: edge.\n",
    )


@pytest.mark.parametrize("user", ["sandbox-demo", "sandbox-reader"])
def test_others_than_administrators_are_refused(
    nova: Run, glance: Run, aggregate: str, user: str
) -> None:
    words = ("--visibility", "public", "-f", "value", "-c", "id")
    image = glance("image-create", "--name", "shown", *words).out.strip()
    refused = nova("aggregate-cache-images", aggregate, image, cloud=user)
    assert (refused.code, refused.out) == (1, "")
    assert "(HTTP 403, request req-" in refused.err
