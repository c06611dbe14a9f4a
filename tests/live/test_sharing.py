"""Sharing between the projects admin, demo and other of a real Keystone and Glance."""

from __future__ import annotations

import pytest

from tests.support.programs import Result
from tests.support.sandbox import Run, Sandbox

DEMO, OTHER = "sandbox-demo", "sandbox-other"


@pytest.fixture
def project_ids(sandbox: Sandbox) -> dict[str, str]:
    """The projects of the sandbox: their IDs by name."""
    _, found = sandbox.ask("GET", "/projects", service="identity")
    return {project["name"]: project["id"] for project in found["projects"]}


@pytest.fixture
def image(glance: Run) -> str:
    """The ID of a private image of admin."""
    created = glance("image-create", "golden", "--visibility", "private", "-f", "value", "-c", "id")
    return created.out.strip()


def listed(glance: Run, cloud: str) -> list[str]:
    done = glance("image-list", "-f", "value", "-c", "id", cloud=cloud)
    return done.lines


def rows(done: Result) -> list[list[str]]:
    """Member and status of each row."""
    return [line.split()[1:] for line in done.lines]


def test_an_image_is_shared_by_name_with_two_projects_in_one_step(
    glance: Run, image: str, project_ids: dict[str, str]
) -> None:
    demo, other = project_ids["demo"], project_ids["other"]
    refused = glance("member-create", "golden", "demo", "other")
    assert (refused.code, refused.out) == (1, "")
    assert refused.err.endswith(
        "member-create golden demo other --make-shared` sets its visibility to shared first.\n"
    )
    words = ("demo", "othr", "other", "--make-shared", "-f", "value")
    done = glance("member-create", "golden", *words)
    assert (done.code, rows(done)) == (1, [[demo, "pending"], [other, "pending"]])
    assert done.err == (
        "glance: error: no project has the name or ID 'othr'; did you mean other?\n"
    )
    assert listed(glance, DEMO) == []
    pending = glance("member-list", "--pending", "-f", "value", cloud=OTHER)
    assert pending.lines == [f"{image} golden {project_ids['admin']} {other} pending"]
    update = ("member-update", "golden", "other", "accepted", "-f", "value")
    assert rows(glance(*update, cloud=OTHER)) == [[other, "accepted"]]
    assert listed(glance, OTHER) == [image]
    assert glance("member-list", "--pending", "-f", "value", cloud=OTHER).out == ""
    assert glance("member-delete", "golden", "other").code == 0
    assert listed(glance, OTHER) == []


def test_an_administrator_accepts_in_the_place_of_the_members(
    glance: Run, image: str, project_ids: dict[str, str]
) -> None:
    done = glance("member-create", image, "demo", "--make-shared", "--accept", "-f", "value")
    assert (done.code, done.err, rows(done)) == (0, "", [[project_ids["demo"], "accepted"]])
    assert listed(glance, DEMO) == [image]


def test_a_member_shares_by_id_and_cannot_accept_for_others(
    glance: Run, project_ids: dict[str, str]
) -> None:
    created = glance("image-create", "ours", "-f", "value", "-c", "id", cloud=DEMO)
    image_id, other = created.out.strip(), project_ids["other"]
    by_name = glance("member-create", image_id, "other", cloud=DEMO)
    assert (by_name.code, by_name.err) == (
        1,
        "glance: error: you have no project 'other'. Only administrators can look up other "
        "projects: give the project's ID, which `glance doctor` shows to the users of that "
        "project.\n",
    )
    done = glance("member-create", image_id, other, "--accept", "-f", "value", cloud=DEMO)
    assert (done.code, rows(done)) == (1, [[other, "pending"]])
    note, error = done.err.splitlines()
    assert note == f"glance: Identity shows you no project {other}; it is taken as the ID of one"
    assert f"the image is shared with project {other}, which has not accepted it" in error
    members = glance("member-list", image_id, "-f", "value", cloud=DEMO)
    assert rows(members) == [[other, "pending"]]


def test_two_projects_of_one_name_are_told_apart_by_their_domain(
    glance: Run, sandbox: Sandbox, image: str
) -> None:
    _, made = sandbox.ask("POST", "/domains", {"domain": {"name": "acme"}}, service="identity")
    domain = made["domain"]["id"]
    project = {"name": "demo", "domain_id": domain}
    _, made = sandbox.ask("POST", "/projects", {"project": project}, service="identity")
    twin = made["project"]["id"]
    try:
        refused = glance("member-create", image, "demo", "--make-shared")
        assert (refused.code, refused.out) == (1, "")
        assert f"  {twin} domain acme\n" in refused.err
        words = ("--project-domain", "acme", "--make-shared", "-f", "value")
        done = glance("member-create", image, "demo", *words)
        assert (done.code, rows(done)) == (0, [[twin, "pending"]])
    finally:
        sandbox.ask(
            "PATCH", f"/domains/{domain}", {"domain": {"enabled": False}}, service="identity"
        )
        sandbox.ask("DELETE", f"/domains/{domain}", service="identity")


def test_owners_are_named_in_lists_and_of_new_images(
    glance: Run, project_ids: dict[str, str]
) -> None:
    words = ("image-create", "theirs", "--owner", "demo", "-f", "value", "-c", "owner")
    assert glance(*words).out == f"{project_ids['demo']}\n"
    names = ("-f", "value", "-c", "name")
    assert glance("image-list", "--owner", "demo", "--all-projects", *names).lines == ["theirs"]
    assert glance("image-list", "--owner", "demo", *names, cloud=DEMO).lines == ["theirs"]
    wrong = glance("image-create", "x", "--owner", "dmo")
    assert (wrong.code, wrong.out, wrong.err) == (
        1,
        "",
        "glance: error: no project has the name or ID 'dmo'; did you mean demo?\n",
    )
