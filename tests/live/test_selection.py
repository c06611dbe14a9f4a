"""What a real Glance decides about the selections of image-list, and two clouds side by side."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.programs import Result
from tests.support.sandbox import Run, Sandbox, environment, run_program

DEMO = "sandbox-demo"
NAMES = [
    "debian-*", "debian-12-20250101", "debian-12-20250201", "a,b", 'say "x"', "x:y",
    "CC7 [2018-12-03]",
]  # fmt: skip


def create(glance: Run, name: str, *words: str, cloud: str = DEMO) -> str:
    """Creates an image without data and returns its ID."""
    made = glance("-q", "image-create", name, *words, "-f", "value", "-c", "id", cloud=cloud)
    assert made.code == 0, made.err
    return made.out.strip()


@pytest.fixture
def listed(glance: Run) -> Callable[..., list[str]]:
    """Returns the names in a list of the user demo, sorted."""

    def call(*words: str) -> list[str]:
        found = glance("image-list", "-f", "json", *words, cloud=DEMO)
        assert (found.code, found.err) == (0, "")
        return sorted(image["name"] for image in json.loads(found.raw))

    return call


def test_names_of_any_kind_are_found_by_names_and_globs(
    glance: Run, listed: Callable[..., list[str]]
) -> None:
    ids = {name: create(glance, name, "--property", "color=red") for name in NAMES}
    for name in NAMES:
        assert listed(name) == [name]
    assert listed(*NAMES) == sorted(NAMES)
    assert listed(*ids.values()) == sorted(NAMES)
    assert listed("a,b", "x:y", 'say "x"') == sorted(["a,b", "x:y", 'say "x"'])
    assert listed(ids["a,b"], "x:y") == ["a,b", "x:y"]
    assert listed("debian-1*") == ["debian-12-20250101", "debian-12-20250201"]
    assert listed(r"debian-\*") == ["debian-*"]
    assert listed("*", "--property-filter", "color=r?d", "--property-filter", "color!=blue") == (
        sorted(NAMES)
    )
    assert len(listed("*", "--limit", "2", "--page-size", "1")) == 2


def test_ages_are_filtered_by_the_service_as_by_us(
    glance: Run, listed: Callable[..., list[str]]
) -> None:
    create(glance, "fresh")
    assert listed("fresh", "--newer-than", "1h") == ["fresh"]
    assert listed("fresh", "--newer-than", "1h", "--created-before", "2999-01-01") == ["fresh"]
    assert listed("fresh", "--older-than", "1h") == []
    assert listed("fresh", "--created-before", "2001-01-01T00:00:00+14:00") == []


def create_a_second_later(glance: Run, name: str, before: str) -> str:
    """Creates an image whose created_at, which has no fractions, is another one; returns it."""
    while True:
        words = ("-q", "image-create", name, "-f", "value", "-c", "created_at,id")
        created, image_id = glance(*words, cloud=DEMO).out.split()
        if created != before:
            return created
        glance("image-delete", image_id, cloud=DEMO)


def test_the_newest_of_a_family_is_the_one_that_was_created_last(
    glance: Run, listed: Callable[..., list[str]]
) -> None:
    created = ""
    for name in ("web-20250301", "web-20250201", "web-20250101"):
        created = create_a_second_later(glance, name, created)
    create(glance, "db-20250101")
    assert listed("web-*", "db-*", "--latest") == ["db-20250101", "web-20250101"]
    assert listed("web-*", "--latest", "2") == ["web-20250101", "web-20250201"]
    assert listed("web-*", "--latest", "--sort", "name") == ["web-20250101"]


def test_mine_are_the_images_of_the_project(glance: Run, listed: Callable[..., list[str]]) -> None:
    create(glance, "of-admin", "--visibility", "public", cloud="sandbox")
    create(glance, "of-demo")
    assert listed("of-*") == ["of-admin", "of-demo"]
    assert listed("of-*", "--mine") == ["of-demo"]


def test_hidden_and_community_images_are_named_where_the_list_has_them(
    glance: Run, listed: Callable[..., list[str]]
) -> None:
    create(glance, "of-admin-shown", "--visibility", "community", cloud="sandbox")
    hidden = create(glance, "of-demo-hidden", "--hidden")
    assert listed("of-*") == []
    assert listed("of-*", "--visibility", "community") == ["of-admin-shown"]
    assert listed("of-*", "--hidden") == ["of-demo-hidden"]
    assert listed(hidden) == []
    assert listed(hidden, "--hidden") == ["of-demo-hidden"]


@pytest.fixture(scope="module")
def second(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """Another sandbox beside the first."""
    cloud = Sandbox(tmp_path_factory.mktemp("second"), tmp_path_factory.mktemp("home2"))
    up = cloud.control("up")
    assert up.code == 0, up.err
    yield cloud
    down = cloud.control("down", "--wipe")
    assert down.code == 0, down.err


@pytest.fixture
def everywhere(sandbox: Sandbox, second: Sandbox, tmp_path: Path) -> Callable[..., Result]:
    """``glance`` with the clouds one and two, which are the sandboxes, and gone, which does not
    answer.
    """
    gone = {**sandbox.clouds[DEMO], "auth": {**sandbox.clouds[DEMO]["auth"]}}
    gone["auth"]["auth_url"] = "http://127.0.0.1:9/v3"
    clouds = {"one": sandbox.clouds[DEMO], "two": second.clouds[DEMO], "gone": gone}
    (tmp_path / "clouds.yaml").write_text(json.dumps({"clouds": clouds}))
    home = tmp_path / "home"
    home.mkdir(exist_ok=True)

    def call(*words: str) -> Result:
        variables = environment(home, tmp_path / "nothing")
        return run_program("glance", *words, env=variables, cwd=tmp_path)

    return call


def test_two_clouds_are_listed_side_by_side(
    everywhere: Callable[..., Result], clean_images: None
) -> None:
    for cloud in ("one", "two"):
        for name in ("base-20250101", f"only-{cloud}"):
            assert everywhere("--os-cloud", cloud, "image-create", name).code == 0
    words = ["image-list", "--all-regions", "-f", "value", "-c", "cloud,region,name"]
    found = everywhere("--os-cloud", "two,one", *words)
    assert (found.code, found.err) == (0, "")
    assert found.out.splitlines() == [
        "two RegionOne base-20250101",
        "two RegionOne only-two",
        "one RegionOne base-20250101",
        "one RegionOne only-one",
    ]
    words = ["image-list", "base-*", "--latest", "-f", "value", "-c", "cloud,name"]
    found = everywhere("--os-cloud", "one,gone,two", *words)
    assert (found.code, found.out) == (1, "one base-20250101\ntwo base-20250101\n")
    assert "the list of cloud gone is missing or incomplete" in found.err
    refused = everywhere("--os-cloud", "one,two", "image-delete", "base-20250101")
    assert (refused.code, refused.out, refused.err) == (
        2,
        "",
        "glance: error: several clouds (one,two) are for image-list only; choose one\n",
    )
