"""The sandbox itself, as its users meet it."""

from __future__ import annotations

from tests.live.conftest import Run, Sandbox


def test_every_user_of_the_sandbox_can_list_images_by_cloud_name_alone(sandbox: Sandbox, glance: Run) -> None:
    for cloud in ("sandbox", "sandbox-demo", "sandbox-reader", "sandbox-other"):
        ran = glance("--os-cloud", cloud, "image-list", "-f", "json", cloud=None)
        assert (ran.code, ran.json, ran.err) == (0, [], "")
