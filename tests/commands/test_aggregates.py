"""nova aggregate-cache-images: what is sent, in which microversion, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
import responses

from tests.support.novas import GLANCE, NOVA, A, B, glance_image, versions
from tests.support.programs import Result

Program = Callable[..., Result]

AGGREGATES = f"{NOVA}/v2.1/os-aggregates"
NAMED = {"aggregates": [{"id": 3, "name": "edge"}, {"id": 4, "name": "core"}]}


@pytest.fixture
def nova(
    program: Program, cloud: responses.RequestsMock, monkeypatch: pytest.MonkeyPatch
) -> Program:
    """Runs nova on a cloud whose Compute service has microversion 2.104."""
    monkeypatch.setenv("OS_COMPUTE_ENDPOINT_OVERRIDE", f"{NOVA}/v2.1")
    cloud.get(f"{NOVA}/v2.1/", json=versions())
    cloud.assert_all_requests_are_fired = False
    cloud.get(f"{GLANCE}/v2/images/{A}", json=glance_image(A))
    cloud.get(f"{GLANCE}/v2/images/{B}", json=glance_image(B))
    return lambda *words: program("nova", *words)


def test_images_are_copied_to_the_hosts_of_an_aggregate(
    nova: Program, cloud: responses.RequestsMock
) -> None:
    cloud.post(f"{AGGREGATES}/3/images", status=202)
    done = nova("aggregate-cache-images", "3", A, B)
    assert (done.code, done.out, done.err) == (0, "", "")
    request = cloud.calls[-1].request
    assert json.loads(request.body or b"") == {"cache": [{"id": A}, {"id": B}]}
    assert request.headers["X-OpenStack-Nova-API-Version"] == "2.81"


def test_aggregate_and_images_may_be_given_by_name(
    nova: Program, cloud: responses.RequestsMock
) -> None:
    cloud.get(f"{GLANCE}/v2/images", json={"images": [glance_image(A, "cirros")]})
    cloud.get(AGGREGATES, json=NAMED)
    cloud.post(f"{AGGREGATES}/4/images", status=202)
    assert nova("aggregate-cache-images", "core", "cirros").code == 0
    assert json.loads(cloud.calls[-1].request.body or b"") == {"cache": [{"id": A}]}


def test_the_name_of_an_aggregate_may_be_a_number(
    nova: Program, cloud: responses.RequestsMock
) -> None:
    cloud.post(f"{AGGREGATES}/7/images", status=404, json={"itemNotFound": {"message": "none"}})
    cloud.get(AGGREGATES, json={"aggregates": [{"id": 3, "name": "7"}]})
    cloud.post(f"{AGGREGATES}/3/images", status=202)
    assert nova("aggregate-cache-images", "7", A).code == 0


def test_an_unknown_aggregate_lists_the_known_ones(
    nova: Program, cloud: responses.RequestsMock
) -> None:
    cloud.get(AGGREGATES, json=NAMED)
    done = nova("aggregate-cache-images", "edgy", A)
    assert (done.code, done.err) == (
        1,
        "nova: error: No aggregate with a name or ID of 'edgy' exists. Aggregates: edge, core.\n",
    )


def test_a_name_of_two_aggregates_lists_the_candidates(
    nova: Program, cloud: responses.RequestsMock
) -> None:
    twins = [{"id": 3, "name": "edge", "availability_zone": "a"}, {"id": 4, "name": "edge"}]
    cloud.get(AGGREGATES, json={"aggregates": twins})
    done = nova("aggregate-cache-images", "edge", A)
    assert done.code == 1
    assert done.err.splitlines() == [
        "nova: error: Multiple aggregates are named 'edge', use an ID to be more specific:",
        "  3 zone a",
        "  4 zone None",
    ]


def test_an_id_that_no_image_has_is_refused_before_nova_is_asked(
    nova: Program, cloud: responses.RequestsMock
) -> None:
    missing = "0a0e3e36-29b3-4a0b-8a4f-7e9a6a9d0a99"
    cloud.get(f"{GLANCE}/v2/images/{missing}", status=404, json={"message": "No image found"})
    cloud.get(f"{GLANCE}/v2/images", json={"images": []})
    done = nova("aggregate-cache-images", "3", A, missing)
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith(f"nova: error: No image with a name or ID of '{missing}' exists.")
    assert not any(call.request.method == "POST" for call in cloud.calls)


def test_an_older_compute_service_is_named(
    program: Program, cloud: responses.RequestsMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OS_COMPUTE_ENDPOINT_OVERRIDE", f"{NOVA}/v2.1")
    cloud.get(f"{NOVA}/v2.1/", json=versions("2.1", "2.60"))
    cloud.get(f"{GLANCE}/v2/images/{A}", json=glance_image(A))
    done = program("nova", "aggregate-cache-images", "3", A)
    assert (done.code, done.out, done.err) == (
        1,
        "",
        "nova: error: copying images to hosts needs Compute API 2.81; 2.60 is used\n",
    )
