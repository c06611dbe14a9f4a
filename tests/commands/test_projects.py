"""Projects named on the command line: they are looked up in Identity, where that is allowed."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import responses

from tests.support.fakekeystone import URL, Keystone
from tests.support.images import A
from tests.support.programs import Glance

IMAGES = "https://image.one.test/v2/images"
MEMBERS = f"{IMAGES}/{A}/members"
WEB, DB = "aa" * 16, "bb" * 16
PROJECTS = [
    {"id": "p1", "name": "demo", "domain_id": "default"},
    {"id": WEB, "name": "web-team", "domain_id": "default"},
    {"id": DB, "name": "db-team", "domain_id": "default"},
    {"id": "cc" * 16, "name": "twin", "domain_id": "default"},
    {"id": "dd" * 16, "name": "twin", "domain_id": "d2"},
]
DOMAINS = [{"id": "default", "name": "Default"}, {"id": "d2", "name": "acme"}]


class Identity:
    """Projects and domains that an administrator may see, or not."""

    def __init__(self, mock: responses.RequestsMock) -> None:
        self.asked: list[str] = []
        self.is_administrator = True
        self.projects: list[dict[str, Any]] = PROJECTS
        for path in ("projects", "auth/projects", "domains"):
            mock.add_callback("GET", f"{URL}/v3/{path}", self.answer)
        for project in [*PROJECTS, {"id": "ee" * 16}]:
            mock.add_callback("GET", f"{URL}/v3/projects/{project['id']}", self.answer)

    def answer(self, request: Any) -> tuple[int, dict[str, str], str]:
        parts = urlsplit(request.url)
        path = parts.path.removeprefix("/v3/")
        self.asked.append(path)
        if path == "auth/projects":
            return 200, {}, json.dumps({"projects": self.projects[:2]})
        if not self.is_administrator:
            return 403, {}, json.dumps({"error": {"message": "forbidden"}})
        if path == "domains":
            return 200, {}, json.dumps({"domains": DOMAINS})
        wanted = {key: values[0] for key, values in parse_qs(parts.query).items()}
        if path != "projects":
            wanted = {"id": path.removeprefix("projects/")}
        found = [p for p in self.projects if wanted.items() <= p.items()]
        if path != "projects" and not found:
            return 404, {}, json.dumps({"error": {"message": "no such project"}})
        return 200, {}, json.dumps({"projects": found})


@pytest.fixture
def identity(
    keystone: Keystone, mock: responses.RequestsMock, monkeypatch: pytest.MonkeyPatch
) -> Identity:
    """A login of the project p1, which is an administrator's."""
    login = {
        "AUTH_URL": f"{URL}/v3",
        "USERNAME": "alice",
        "PASSWORD": "secret",
        "PROJECT_NAME": "demo",
        "USER_DOMAIN_ID": "default",
        "PROJECT_DOMAIN_NAME": "Default",
        "REGION_NAME": "one",
    }
    for name, value in login.items():
        monkeypatch.setenv(f"OS_{name}", value)
    mock.add_callback("POST", MEMBERS, added)
    return Identity(mock)


def added(request: Any) -> tuple[int, dict[str, str], str]:
    member = json.loads(request.body)["member"]
    return 200, {}, json.dumps({"image_id": A, "member_id": member, "status": "pending"})


def shared(glance: Glance, *words: str) -> tuple[int, list[str], str]:
    """Exit code, IDs of the projects that the image is shared with, and stderr."""
    done = glance("member-create", A, *words, "-f", "value", "-c", "member_id")
    return done.code, done.lines, done.err


def test_projects_are_shared_with_by_name_and_by_id(glance: Glance, identity: Identity) -> None:
    assert shared(glance, "web-team", DB, WEB) == (0, [WEB, DB], "")
    assert identity.asked == ["projects", f"projects/{DB}", f"projects/{WEB}"]


def test_a_name_that_no_project_has_names_the_nearest_and_the_others_are_done(
    glance: Glance, identity: Identity
) -> None:
    assert shared(glance, "wbe-team", "db-team") == (
        1,
        [DB],
        "glance: error: no project has the name or ID 'wbe-team'; did you mean web-team or db-team?\n",
    )


def test_a_name_that_differs_in_case_is_another_name(
    glance: Glance, identity: Identity, mock: responses.RequestsMock
) -> None:
    """Databases that ignore case find it all the same."""
    mock.replace("GET", f"{URL}/v3/projects", json={"projects": PROJECTS})
    assert shared(glance, "Web-Team")[2] == (
        "glance: error: no project has the name or ID 'Web-Team'; did you mean web-team or db-team?\n"
    )


def test_two_projects_of_one_name_are_listed_and_shared_with_neither(
    glance: Glance, identity: Identity
) -> None:
    assert shared(glance, "twin") == (
        1,
        [],
        "glance: error: Multiple projects are named 'twin', use an ID to be more specific: "
        "--project-domain chooses the domain.\n"
        f"  {'cc' * 16} domain Default\n"
        f"  {'dd' * 16} domain acme\n",
    )


@pytest.mark.parametrize("domain", ["acme", "d2"])
def test_the_domain_chooses_among_projects_of_one_name(
    glance: Glance, identity: Identity, domain: str
) -> None:
    assert shared(glance, "twin", "--project-domain", domain) == (0, ["dd" * 16], "")


def test_a_domain_that_does_not_exist_names_the_nearest(glance: Glance, identity: Identity) -> None:
    assert shared(glance, "twin", "--project-domain", "acne")[2] == (
        "glance: error: no domain has the name or ID 'acne'; did you mean acme?\n"
    )


def test_an_id_that_is_not_known_is_taken_with_a_note(glance: Glance, identity: Identity) -> None:
    unknown = "ee" * 16
    assert shared(glance, unknown) == (
        0,
        [unknown],
        f"glance: Identity shows you no project {unknown}; it is taken as the ID of one\n",
    )


def test_everybody_finds_their_own_projects_by_name(glance: Glance, identity: Identity) -> None:
    identity.is_administrator = False
    assert shared(glance, "web-team", WEB, "--project-domain", "Default") == (0, [WEB], "")
    assert shared(glance, "db-team") == (
        1,
        [],
        "glance: error: you have no project 'db-team'; did you mean web-team? Only administrators "
        "can look up other projects: give the project's ID, which `glance doctor` shows to the users of that "
        "project.\n",
    )


def test_a_number_may_be_a_name_or_an_id(glance: Glance, identity: Identity) -> None:
    identity.projects = [{"id": WEB, "name": "2024", "domain_id": "default"}]
    assert shared(glance, "2024") == (0, [WEB], "")
    assert shared(glance, "2025")[:2] == (0, ["2025"])


def test_an_identity_service_that_fails_is_named_where_a_name_needs_it(
    glance: Glance, identity: Identity, mock: responses.RequestsMock
) -> None:
    mock.replace("GET", f"{URL}/v3/projects", status=500, json={"error": {"message": "broken"}})
    mock.replace("GET", f"{URL}/v3/projects/{WEB}", status=500)
    code, ids, err = shared(glance, "web-team", WEB)
    assert (code, ids) == (1, [WEB])
    assert err == (
        f"glance: Identity shows you no project {WEB}; it is taken as the ID of one\n"
        "glance: error: looking up projects in Identity: broken (HTTP 500). Give the ID of the "
        "project.\n"
    )


def test_the_owner_of_a_new_or_changed_image_may_be_a_name(
    glance: Glance, identity: Identity, mock: responses.RequestsMock
) -> None:
    made = {"id": A, "status": "queued", "owner": WEB}
    mock.post(IMAGES, status=201, json=made)
    mock.patch(f"{IMAGES}/{A}", json=made)
    assert glance("image-create", "x", "--owner", "web-team").code == 0
    assert glance("image-update", A, "--owner", "web-team").code == 0
    wrong = glance("image-create", "x", "--owner", "web")
    assert (wrong.code, wrong.out) == (1, "")
    bodies = [json.loads(c.request.body or "") for c in mock.calls if IMAGES in str(c.request.url)]
    assert bodies[0]["owner"] == WEB
    assert bodies[1:] == [[{"op": "add", "path": "/owner", "value": WEB}]]


def test_the_owner_of_a_namespace_may_be_a_name(
    glance: Glance, identity: Identity, mock: responses.RequestsMock
) -> None:
    spaces = "https://image.one.test/v2/metadefs/namespaces"
    space = {"namespace": "OS::X", "owner": WEB}
    mock.post(spaces, status=201, json=space)
    mock.get(f"{spaces}/OS%3A%3AX", json=space)
    mock.put(f"{spaces}/OS%3A%3AX", json=space)
    words = ("OS::X", "--owner", "twin", "--project-domain", "acme")
    assert glance("md-namespace-create", *words).code == 0
    assert glance("md-namespace-update", "OS::X", "--owner", "web-team").code == 0
    bodies = [json.loads(c.request.body) for c in mock.calls if c.request.body]
    owners = [body["owner"] for body in bodies if "namespace" in body]
    assert owners == ["dd" * 16, WEB]


def test_images_are_listed_by_the_name_of_their_owner(
    glance: Glance, identity: Identity, mock: responses.RequestsMock
) -> None:
    mock.get(IMAGES, json={"images": [{"id": A}]})
    assert glance("image-list", "--owner", "web-team", "-f", "value", "-c", "id").out == f"{A}\n"
    assert f"owner={WEB}" in str(mock.calls[-1].request.url)
    before = len(identity.asked)
    assert glance("image-list", "--owner", DB, "-f", "value", "-c", "id").out == f"{A}\n"
    assert len(identity.asked) == before  # an ID is not looked up
    assert glance("image-list", "--owner", "web-tea").err == (
        "glance: error: no project has the name or ID 'web-tea'; did you mean web-team?\n"
    )


def test_members_are_shown_and_removed_by_name_also_those_that_no_project_is(
    glance: Glance, identity: Identity, mock: responses.RequestsMock
) -> None:
    """A mistyped name may have been added by another client."""
    mock.get(f"{MEMBERS}/{WEB}", json={"member_id": WEB, "image_id": A, "status": "pending"})
    mock.delete(f"{MEMBERS}/wbe-team", status=204)
    mock.delete(f"{MEMBERS}/db-tea", status=404)
    mock.get("https://image.one.test/", status=300, json={"versions": [{"id": "v2.17"}]})
    assert glance("member-get", A, "web-team", "-f", "value", "-c", "status").out == "pending\n"
    assert glance("member-delete", A, "wbe-team").code == 0
    missing = glance("member-delete", A, "db-tea")
    assert (missing.code, missing.err) == (
        1,
        "glance: error: no project has the name or ID 'db-tea'; did you mean db-team?\n",
    )


@pytest.mark.parametrize(
    "words",
    [
        ("member-create", A, ""),
        ("member-create", A, "x", "--project-domain", ""),
        ("image-list", "--owner", ""),
        ("image-list", "--owner", "x", "--project-domain", ""),
    ],
)
def test_an_empty_project_is_refused(glance: Glance, words: tuple[str, ...]) -> None:
    refused = glance(*words)
    assert (refused.code, refused.out) == (2, "")
    assert "it is empty; is that an unset variable?" in refused.err
