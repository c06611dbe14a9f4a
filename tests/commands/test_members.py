"""member-list, -get, -create, -update, -delete on both versions: what is printed."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable

import pytest
import responses

from glancecli.cli.main import run
from tests.support import usedcloud
from tests.support.cloud import IMAGE_URL
from tests.support.programs import Glance
from tests.support.v1server import V1Server

ID = "7e5142af-1253-4634-bcc6-89482c5f2e8a"
OTHER = "0b6b5b3f-6d7e-4f2a-9c0e-5a4a3a0b9f11"
PROJECT = "66265572db174a7aa66eba661f58eb9e"
NOTE = f"glance: Identity shows you no project {PROJECT}; it is taken as the ID of one\n"
MEMBERS = f"{IMAGE_URL}/v2/images/{ID}/members"
ACCEPTED = {
    "member_id": "p1",
    "image_id": ID,
    "status": "accepted",
    "created_at": "2026-11-23T10:00:00Z",
    "updated_at": "2026-11-23T10:00:00Z",
    "schema": "/v2/schemas/member",
}


@pytest.fixture
def v1(v1_cloud: Callable[..., V1Server]) -> V1Server:
    """A cloud with one image, where version 1 is asked for."""
    server = v1_cloud("demo", version="1")
    server.add(b"x", id=ID, name="cirros")
    return server


def test_members_of_v2_are_listed_with_their_status(
    glance: Glance, cloud: responses.RequestsMock
) -> None:
    cloud.get(MEMBERS, json={"members": [ACCEPTED]})
    assert glance("member-list", "--image-id", ID).out == (
        "+--------------------------------------+-----------+----------+\n"
        "| Image ID                             | Member ID | Status   |\n"
        "+--------------------------------------+-----------+----------+\n"
        f"| {ID} | p1        | accepted |\n"
        "+--------------------------------------+-----------+----------+\n"
    )


def test_members_of_v1_are_listed_with_what_they_may_share(glance: Glance, v1: V1Server) -> None:
    v1.images[ID]["members"] = {"p1": True}
    wanted = (
        "+--------------------------------------+-----------+-----------+\n"
        "| Image ID                             | Member ID | Can Share |\n"
        "+--------------------------------------+-----------+-----------+\n"
        f"| {ID} | p1        | True      |\n"
        "+--------------------------------------+-----------+-----------+\n"
    )
    assert glance("member-list", "--image-id", "cirros").out == wanted
    assert glance("member-list", "--tenant-id", "p1").out == wanted


def test_a_v2_cloud_shows_v1s_columns_when_v1_is_asked_for(
    glance: Glance, cloud: responses.RequestsMock
) -> None:
    cloud.get(f"{IMAGE_URL}/", status=300, json={"versions": [{"id": "v2.17"}]})
    cloud.get(MEMBERS, json={"members": [ACCEPTED]})
    listed = glance("--os-image-api-version", "1", "member-list", "--image-id", ID)
    assert listed.lines[1] == "| Image ID                             | Member ID | Can Share |"


@pytest.mark.parametrize(
    "words", [(), (ID, "--tenant-id", "p"), (ID, "--image-id", ID), (ID, "--pending")]
)
def test_a_list_is_of_an_image_or_of_a_project(glance: Glance, words: tuple[str, ...]) -> None:
    done = glance("member-list", *words)
    assert (done.code, done.err) == (
        2,
        "glance: error: give one of IMAGE, --image-id, --tenant-id and --pending\n",
    )


def test_images_shared_with_a_project_are_found_by_the_members_of_every_shared_image(
    glance: Glance, cloud: responses.RequestsMock
) -> None:
    cloud.get(f"{IMAGE_URL}/v2/images", json={"images": [{"id": ID, "visibility": "shared"}]})
    cloud.get(MEMBERS, json={"members": [ACCEPTED, {**ACCEPTED, "member_id": "p2"}]})
    listed = glance("member-list", "--tenant-id", "p2", "-f", "value")
    assert listed.out == f"{ID} p2 accepted\n"
    assert "visibility=shared&member_status=all" in str(cloud.calls[0].request.url)


def test_one_member_is_shown_with_all_that_is_known(
    glance: Glance, cloud: responses.RequestsMock
) -> None:
    cloud.get(f"{MEMBERS}/p1", json=ACCEPTED)
    assert glance("member-get", ID, "p1", "-f", "json").json == {
        k: v for k, v in ACCEPTED.items() if k != "schema"
    }


def test_sharing_prints_a_row_on_v2_and_nothing_on_v1(
    glance: Glance, cloud: responses.RequestsMock
) -> None:
    cloud.post(MEMBERS, json={**ACCEPTED, "status": "pending"})
    assert glance("member-create", ID, PROJECT, "-f", "value").out == f"{ID} {PROJECT} pending\n"
    with V1Server() as server:
        server.add(b"x", id=ID, name="cirros")
        cloud.add_passthru(server.url)
        where = (
            "--os-image-url",
            server.url,
            "--os-image-api-version",
            "1",
            "--os-auth-token",
            "demo",
        )
        done = glance(*where, "member-create", "cirros", PROJECT, "--can-share")
        assert (done.code, done.out, done.err) == (0, "", NOTE)
        assert server.images[ID]["members"] == {PROJECT: True}
        assert glance(*where, "member-delete", "cirros", PROJECT).out == ""
        assert server.images[ID]["members"] == {}


def test_can_share_shares_by_v2_and_warns_that_members_cannot_share_further(
    glance: Glance, cloud: responses.RequestsMock
) -> None:
    member = {"image_id": ID, "member_id": PROJECT, "status": "pending"}
    cloud.post(
        MEMBERS, json=member, match=[responses.matchers.json_params_matcher({"member": PROJECT})]
    )
    done = glance("member-create", ID, PROJECT, "--can-share", "-f", "value")
    assert (done.code, done.out) == (0, f"{ID} {PROJECT} pending\n")
    assert done.err == (
        "glance: warning: --can-share: shared, but members cannot share it further: "
        f"in Images v2 only the owner can\n{NOTE}"
    )


def refuse_members(cloud: responses.RequestsMock, visibility: str) -> None:
    """The image has this visibility, and the service refuses to share it."""
    message = f"Not allowed to create members for image {ID}."
    cloud.post(MEMBERS, status=403, json={"message": message})
    cloud.get(f"{IMAGE_URL}/v2/images/{ID}", json={"id": ID, "visibility": visibility})


def test_a_private_image_is_not_shared_and_the_error_has_the_command_that_shares_it(
    glance: Glance, cloud: responses.RequestsMock
) -> None:
    refuse_members(cloud, "private")
    done = glance("-q", "member-create", ID, PROJECT, "f0" * 16, "--accept")
    command = f"glance member-create {ID} {PROJECT} {'f0' * 16} --make-shared --accept"
    assert (done.code, done.out, done.err) == (
        1,
        "",
        f"glance: error: image {ID} is private, and only shared images have members (HTTP 403). "
        f"`{command}` sets its visibility to shared first.\n",
    )


def test_a_public_image_is_not_shared_not_even_with_make_shared(
    glance: Glance, cloud: responses.RequestsMock
) -> None:
    refuse_members(cloud, "public")
    done = glance("-q", "member-create", ID, PROJECT, "--make-shared")
    assert (done.code, done.out, done.err) == (
        1,
        "",
        f"glance: error: image {ID} is public, and only shared images have members (HTTP 403). "
        f"`glance image-update {ID} --visibility shared` lets it be shared.\n",
    )


def test_a_private_image_becomes_shared_with_make_shared(
    glance: Glance, cloud: responses.RequestsMock
) -> None:
    url = f"{IMAGE_URL}/v2/images/{ID}"
    cloud.get(url, json={"id": ID, "visibility": "private"})
    cloud.patch(url, json={"id": ID, "visibility": "shared"})
    cloud.post(MEMBERS, json={**ACCEPTED, "status": "pending"})
    done = glance("-q", "member-create", ID, PROJECT, "--make-shared", "-f", "value")
    assert (done.code, done.out, done.err) == (0, f"{ID} {PROJECT} pending\n", "")
    assert json.loads(cloud.calls[1].request.body or "") == [
        {"op": "replace", "path": "/visibility", "value": "shared"}
    ]


def test_accept_accepts_in_the_place_of_the_member(
    glance: Glance, cloud: responses.RequestsMock
) -> None:
    cloud.post(MEMBERS, json={**ACCEPTED, "status": "pending"})
    cloud.put(f"{MEMBERS}/{PROJECT}", json=ACCEPTED)
    done = glance("-q", "member-create", ID, PROJECT, "--accept", "-f", "value")
    assert (done.code, done.out, done.err) == (0, f"{ID} {PROJECT} accepted\n", "")


def test_the_share_stands_where_accepting_it_for_the_member_is_forbidden(
    glance: Glance, cloud: responses.RequestsMock
) -> None:
    cloud.post(MEMBERS, json={**ACCEPTED, "status": "pending"})
    cloud.put(f"{MEMBERS}/{PROJECT}", status=403, json={"message": "not yours"})
    cloud.get(f"{IMAGE_URL}/v2/images/{ID}", json={"id": ID, "visibility": "shared"})
    done = glance("-q", "member-create", ID, PROJECT, "--accept", "-f", "value")
    assert (done.code, done.out) == (1, f"{ID} {PROJECT} pending\n")
    assert done.err == (
        f"glance: error: image {ID}: not yours; the image is shared with project {PROJECT}, which "
        "has not accepted it (HTTP 403). A user of that project accepts it: "
        f"`glance member-update {ID} {PROJECT} accepted`.\n"
    )


def test_an_image_that_is_shared_with_the_project_already_is_a_conflict(
    glance: Glance, cloud: responses.RequestsMock
) -> None:
    reason = f"409 Conflict: Member {PROJECT} is duplicated for image {ID}"
    cloud.post(MEMBERS, status=409, json={"message": reason})
    done = glance("-q", "member-create", ID, PROJECT)
    assert (done.code, done.out) == (1, "")
    assert done.err == (
        f"glance: error: image {ID}: it is shared with project {PROJECT} already (HTTP 409)\n"
    )


def test_a_word_that_is_no_id_is_not_shared_with_where_projects_cannot_be_looked_up(
    glance: Glance,
) -> None:
    where = ("--os-image-url", IMAGE_URL, "--os-auth-token", "t")
    done = glance(*where, "member-create", ID, "web-team")
    assert (done.code, done.out, done.err) == (
        1,
        "",
        "glance: error: project 'web-team' cannot be looked up, as this cloud has no login. Give "
        "the ID of the project.\n",
    )


def test_images_that_wait_for_our_project_are_listed_also_hidden_ones(
    glance: Glance, cloud: responses.RequestsMock
) -> None:
    offered = {
        "visibility": "shared",
        "member_status": "pending",
        "limit": "1000",
        "sort": "name:asc",
    }
    url = f"{IMAGE_URL}/v2/images"
    shown = [{"id": ID, "name": "cirros", "owner": "theirs"}]
    hidden = [{"id": OTHER, "name": "old", "owner": "theirs"}]
    matcher = responses.matchers.query_param_matcher
    cloud.get(url, json={"images": shown}, match=[matcher(offered)])
    cloud.get(url, json={"images": hidden}, match=[matcher({**offered, "os_hidden": "true"})])
    done = glance("member-list", "--pending", "-f", "csv", "-c", "image_id,name,owner,status")
    assert (done.code, done.out, done.err) == (
        0,
        f"Image ID,Name,Owner,Status\n{ID},cirros,theirs,pending\n{OTHER},old,theirs,pending\n",
        "",
    )


def test_json_of_images_that_wait_has_both_statuses_and_no_credentials(
    glance: Glance, cloud: responses.RequestsMock
) -> None:
    url = "http://me:secret@store.test/x"
    offered = {"id": ID, "name": "cirros", "status": "active", "direct_url": url}
    answer = responses.matchers.query_param_matcher({"os_hidden": "true"}, strict_match=False)
    cloud.get(f"{IMAGE_URL}/v2/images", json={"images": []}, match=[answer])
    cloud.get(f"{IMAGE_URL}/v2/images", json={"images": [offered]})
    assert glance("member-list", "--pending", "-f", "json").json == [
        {
            "id": ID,
            "name": "cirros",
            "status": "pending",
            "direct_url": "http://***@store.test/x",
            "tags": [],
            "image_id": ID,
            "image_status": "active",
            "member_id": None,
        }
    ]


def test_an_administrator_sees_only_those_that_wait_for_the_own_project(
    glance: Glance, used: usedcloud.UsedCloud, mock: responses.RequestsMock
) -> None:
    used.is_admin = True  # whose lists have the shared images of all projects
    offered, accepted, foreign = (
        used.image(number, "golden", owner=usedcloud.THEIRS, visibility="shared")
        for number in (1, 2, 3)
    )
    url = f"{usedcloud.GLANCE}/v2/images/{{}}/members/{usedcloud.OURS}"
    mock.get(url.format(offered), json={**ACCEPTED, "status": "pending"})
    mock.get(url.format(accepted), json=ACCEPTED)
    mock.get(url.format(foreign), status=404, json={"message": "no member"})
    done = glance("member-list", "--pending", "-f", "value", "-c", "image_id")
    assert (done.code, done.out, done.err) == (0, f"{offered}\n", "")


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("owner", "visibility", "status", "is_told"),
    [
        (usedcloud.THEIRS, "shared", "pending", True),
        (usedcloud.THEIRS, "shared", "accepted", False),
        (usedcloud.THEIRS, "shared", "", False),
        (usedcloud.THEIRS, "community", None, False),
        (usedcloud.OURS, "shared", None, False),
    ],
)
def test_a_terminal_tells_how_to_accept_an_image_that_waits_for_the_project(
    used: usedcloud.UsedCloud,
    mock: responses.RequestsMock,
    monkeypatch: pytest.MonkeyPatch,
    owner: str,
    visibility: str,
    status: str | None,
    is_told: bool,
) -> None:
    """A status of None: the member is not asked for; "": our project is none."""
    image = used.image(1, "golden", owner=owner, visibility=visibility)
    member = f"{usedcloud.GLANCE}/v2/images/{image}/members/{usedcloud.OURS}"
    if status:
        mock.get(member, json={**ACCEPTED, "status": status})
    elif status == "":
        mock.get(member, status=404, json={"message": "no member"})
    for name in ("stdin", "stdout", "stderr"):
        monkeypatch.setattr(sys, name, Terminal())
    monkeypatch.setenv("NO_COLOR", "1")
    assert run("glance", ("image-show", image, "-c", "name")) == 0
    assert isinstance(sys.stdout, Terminal)
    assert sys.stdout.getvalue() == "name  golden\n"
    assert isinstance(sys.stderr, Terminal)
    accept = f"`glance member-update {image} p1 accepted`"
    said = f"note: it is shared with your project, which may accept it:\n      {accept}\n"
    assert sys.stderr.getvalue() == (said if is_told else "")


@pytest.mark.parametrize("typed", ["golden", "silver"])
def test_a_terminal_tells_that_an_image_of_a_name_waits_for_the_project(
    used: usedcloud.UsedCloud,
    mock: responses.RequestsMock,
    monkeypatch: pytest.MonkeyPatch,
    typed: str,
) -> None:
    image = used.image(1, "golden", owner=usedcloud.THEIRS, visibility="shared")
    waits = {"visibility": "shared", "member_status": "pending"}
    matcher = responses.matchers.query_param_matcher(waits, strict_match=False)
    offered = {"images": [used.images[image]]}
    mock.get(f"{usedcloud.GLANCE}/v2/images", json=offered, match=[matcher])
    for name in ("stdin", "stdout", "stderr"):
        monkeypatch.setattr(sys, name, Terminal())
    monkeypatch.setenv("NO_COLOR", "1")
    assert run("glance", ("image-show", typed)) == 1
    hints = {
        "golden": "hint: An image of this name waits for your project to accept it:\n"
        f"      `glance member-update {image} p1 accepted`\n",
        "silver": "hint: It may be another project's, or deleted.\n",
    }
    assert isinstance(sys.stderr, Terminal)
    assert sys.stderr.getvalue() == (
        f"error: No image with a name or ID of '{typed}' exists.\n{hints[typed]}"
    )


def test_a_member_accepts_or_rejects(glance: Glance, cloud: responses.RequestsMock) -> None:
    cloud.put(f"{MEMBERS}/p1", json=ACCEPTED)
    assert glance("member-update", ID, "p1", "accepted", "-f", "value").out == f"{ID} p1 accepted\n"
    assert glance("member-update", ID, "p1", "perhaps").code == 2


@pytest.mark.parametrize("words", [("member-get", ID, "p1"), ("member-delete", ID, "p1")])
def test_a_member_that_does_not_exist_is_an_error(
    glance: Glance, cloud: responses.RequestsMock, words: tuple[str, ...]
) -> None:
    cloud.get(f"{IMAGE_URL}/", status=300, json={"versions": [{"id": "v2.17"}]})
    cloud.add("GET" if "get" in words[0] else "DELETE", f"{MEMBERS}/p1", status=404)
    done = glance(*words)
    assert (done.code, done.err) == (
        1,
        f"glance: error: image {ID}: it is not shared with project p1, or does not exist\n",
    )


@pytest.mark.parametrize("hidden", [{}, {"os_hidden": "true"}], ids=["shown", "hidden"])
def test_an_image_that_is_not_accepted_yet_is_found_by_its_name(
    glance: Glance, cloud: responses.RequestsMock, hidden: dict[str, str]
) -> None:
    """Lists leave it out until it is accepted, and accepting it is what the command is for."""
    images = f"{IMAGE_URL}/v2/images"
    offered = {
        "name": "cirros",
        "visibility": "shared",
        "member_status": "all",
        "limit": "1000",
        "sort": "name:asc",
        **hidden,
    }
    match = [responses.matchers.query_param_matcher(offered)]
    cloud.get(images, json={"images": [{"id": ID, "name": "cirros"}]}, match=match)
    cloud.get(images, json={"images": []})
    cloud.put(f"{MEMBERS}/p1", json=ACCEPTED)
    result = glance("member-update", "cirros", "p1", "accepted", "-f", "value", "-c", "status")
    assert (result.code, result.out, result.err) == (0, "accepted\n", "")
