"""image-list chooses: names, IDs and globs, ages, properties, the newest of each group."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import click
import pytest
from responses import RequestsMock

from glancecli.cli.command import Command
from glancecli.cli.main import build
from glancecli.cli.program import Program
from tests.support.fakekeystone import URL, Keystone
from tests.support.images import LIST, A, B, image, query
from tests.support.programs import Glance
from tests.support.v1server import V1Server

BRACKETS = "CC7 - x86_64 [2018-12-03]"
LOGIN = {
    "OS_AUTH_URL": URL,
    "OS_USERNAME": "alice",
    "OS_PASSWORD": "secret",
    "OS_PROJECT_NAME": "demo",
    "OS_REGION_NAME": "one",
}
ID_COLUMN = ("-f", "id")


def created(days_ago: float) -> str:
    """A time as the service writes it."""
    return f"{datetime.now(timezone.utc) - timedelta(days=days_ago):%Y-%m-%dT%H:%M:%SZ}"


def serve(cloud: RequestsMock, *pages: list[dict[str, Any]]) -> None:
    """Has the cloud answer its requests by these pages, one after the other."""
    for number, page in enumerate(pages, 1):
        body: dict[str, Any] = {"images": page}
        if number < len(pages):
            body["next"] = f"/v2/images?marker={number}"
        cloud.get(LIST, json=body)


def listed(glance: Glance, *words: str) -> list[str]:
    """The names in a list that is printed without a word on stderr."""
    result = glance("image-list", "-f", "value", "-c", "name", *words)
    assert (result.code, result.err) == (0, "")
    return result.out.splitlines()


@pytest.mark.parametrize(
    ("words", "sent"),
    [
        (["debian-12"], ("name", "debian-12")),
        (["a:b"], ("name", "eq:a:b")),
        (["a,b", "c"], ("name", 'in:"a,b","c"')),
        (["c", "c"], ("name", "c")),
        ([r"debian-\*"], ("name", "debian-*")),
        ([A], ("id", A)),
        ([A.upper(), B], ("id", f'in:"{A}","{B}"')),
        (["--older-than", "2026-01-31"], ("created_at", "lt:2026-01-31T00:00:00Z")),
        (["--created-before", "2026-01-31T12:00+02:30"], ("created_at", "lt:2026-01-31T09:30:00Z")),
        (["--newer-than", "20260131"], ("created_at", "gte:2026-01-31T00:00:00Z")),
        (
            ["--older-than", "2026-02-01", "--created-before", "2026-01-31"],
            ("created_at", "lt:2026-01-31T00:00:00Z"),
        ),
        (
            ["--newer-than", "2026-01-01", "--older-than", "2026-02-01"],
            ("created_at", "lt:2026-02-01T00:00:00Z"),
        ),
        (["--property-filter", r"a=\*"], ("a", "*")),
    ],
    ids=lambda value: " ".join(value),
)
def test_the_service_filters_what_it_can(
    glance: Glance, cloud: RequestsMock, words: list[str], sent: tuple[str, str]
) -> None:
    serve(cloud, [])
    assert glance("image-list", *words).code == 0
    assert sorted(query(cloud)) == sorted([("limit", "1000"), ("sort", "name:asc"), sent])


@pytest.mark.parametrize(
    "words",
    [
        [A, "debian-12"],  # the service has no "or"
        ['say "debian"', "x"],  # it has no escapes in a list of values
        [f"{number:040}" for number in range(60)],  # the URL would be too long
        ["--property-filter", "a"],
        ["--property-filter", "limit=1"],
        ["--property-filter", "marker=1"],
        ["--property-filter", "a!=b"],
        ["--property-filter", "a=b*"],
    ],
    ids=lambda words: words[-1],
)
def test_what_the_service_cannot_filter_by_is_filtered_here(
    glance: Glance, cloud: RequestsMock, words: list[str]
) -> None:
    serve(cloud, [image()])
    assert glance("image-list", *words).code == 0
    assert sorted(query(cloud)) == [("limit", "1000"), ("sort", "name:asc")]


def test_names_ids_and_globs_are_one_selection(glance: Glance, cloud: RequestsMock) -> None:
    names = ["cirros", "debian-11", "debian-12", "x*", "X1"]
    images = [image(f"id-{number}", name) for number, name in enumerate(names)]
    serve(cloud, [])
    serve(cloud, [*images, image(A, "other"), image(B, None)])
    words = ("debian-1?", "x[0-9*]", r"[X]\*", "cirros", A)
    assert listed(glance, *words) == ["cirros", "debian-11", "debian-12", "x*", "other"]


def test_an_exact_name_wins_before_a_glob(glance: Glance, cloud: RequestsMock) -> None:
    serve(cloud, [image(A, BRACKETS)])
    serve(cloud, [image(A, BRACKETS)])
    assert listed(glance, BRACKETS) == [BRACKETS]
    assert dict(query(cloud, 0)) == {"limit": "1000", "sort": "name:asc", "name": BRACKETS}
    assert dict(query(cloud, 1)) == dict(query(cloud, 0))


def test_exact_names_are_looked_for_among_the_images_of_the_list(
    glance: Glance, cloud: RequestsMock
) -> None:
    serve(cloud, [])
    serve(cloud, [image(A, "a1")])
    words = ("a[1]", "b*", "--hidden", "--visibility", "all", "--status", "active", "--limit", "1")
    assert listed(glance, *words) == ["a1"]
    names = {"limit": "1000", "sort": "name:asc", "name": 'in:"a[1]","b*"'}
    assert dict(query(cloud, 0)) == {**names, "os_hidden": "true", "visibility": "all"}


def test_no_image_of_a_name_is_an_empty_list(glance: Glance, cloud: RequestsMock) -> None:
    serve(cloud, [image()])
    serve(cloud, [image()])
    result = glance("image-list", "x*", *ID_COLUMN)
    assert (result.code, result.out, result.err) == (0, "", "")


def test_a_glob_as_the_value_of_name_causes_a_note(glance: Glance, cloud: RequestsMock) -> None:
    serve(cloud, [])
    done = glance("image-list", "--name", "debian-*", "-f", "id")
    assert (done.code, done.out) == (0, "")
    assert done.err == "glance: --name takes an exact name; 'debian-*' is a glob without --name\n"


def test_no_page_is_requested_once_there_are_enough_images(
    glance: Glance, cloud: RequestsMock
) -> None:
    pages = [[image(f"{letter}{n}", f"{letter}{n}") for n in range(3)] for letter in "abc"]
    serve(cloud, [])
    body = {"images": pages[0], "next": "/v2/images?marker=1"}
    cloud.get(LIST, json=body)
    cloud.get(LIST, json={"images": pages[1], "next": "/v2/images?marker=2"})
    assert listed(glance, "?1", "--limit", "2") == ["a1", "b1"]
    assert len(cloud.calls) == 3
    assert dict(query(cloud, 1))["limit"] == "1000"


def test_a_limit_of_zero_asks_for_nothing(glance: Glance, cloud: RequestsMock) -> None:
    assert listed(glance, "debian-12", "--limit", "0") == []
    assert len(cloud.calls) == 0


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        (["a"], ["empty", "one", "two"]),
        (["a=*"], ["empty", "one", "two"]),
        (["a=?*"], ["one", "two"]),
        (["a=t*"], ["two"]),
        (["a=[t]*", "a!=two"], []),
        (["a!=one"], ["none", "empty", "two"]),
        (["a!=[ot]*"], ["none", "empty"]),
        (["a", "a!=one"], ["empty", "two"]),
        (["a=one", "a=two"], []),
        (["b=[x]"], ["two"]),
        (["protected!=true"], ["none", "empty", "one"]),
    ],
    ids=" ".join,
)
def test_properties_are_compared_with_globs(
    glance: Glance, cloud: RequestsMock, conditions: list[str], expected: list[str]
) -> None:
    images = [
        image("1", "none"),
        image("2", "empty", a=""),
        image("3", "one", a="one"),
        image("4", "two", a="two", b="[x]", protected=True),
    ]
    if "a=one" in conditions:
        images = [images[2]]  # the service filters by the first value
    serve(cloud, images)
    words = [word for condition in conditions for word in ("--property-filter", condition)]
    assert listed(glance, *words) == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--older-than", "30d"], ["old"]),
        (["--older-than", "4w"], ["old", "month"]),
        (["--newer-than", "48h"], ["new"]),
        (["--newer-than", "30d", "--older-than", "2d"], ["month"]),
    ],
)
def test_ages_count_from_the_creation(
    glance: Glance, cloud: RequestsMock, words: list[str], expected: list[str]
) -> None:
    """This service does not filter by created_at."""
    images = [
        image("1", "old", created_at=created(31)),
        image("2", "month", created_at=created(29)),
        image("3", "new", created_at=created(1), updated_at=created(0)),
        image("4", "unknown", created_at=None),
    ]
    serve(cloud, images)
    assert listed(glance, *words) == expected


def test_v_shows_what_an_age_comes_to(glance: Glance, cloud: RequestsMock) -> None:
    serve(cloud, [])
    words = ("--newer-than", "2026-01-01", "--older-than", "2026-02-01T00:00-01:00")
    assert glance("-v", "image-list", *words).err.splitlines() == [
        "glance: created since 2026-01-01T00:00:00Z (UTC)",
        "glance: created before 2026-02-01T01:00:00Z (UTC)",
    ]


def test_mine_lists_the_images_of_the_project_of_the_login(
    glance: Glance, keystone: Keystone, mock: RequestsMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in LOGIN.items():
        monkeypatch.setenv(name, value)
    mock.get("https://image.one.test/v2/images", json={"images": []})
    assert glance("--no-cache", "image-list", "--mine").code == 0
    assert dict(query(mock, -1))["owner"] == "p1"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--mine", "--owner", "p"], "--mine cannot be used with --owner"),
        (["--per", "name"], "--per needs --latest"),
        (["--latest", "--marker", A], "--marker cannot be used with --latest"),
        (["--latest", "0"], "Invalid value for '--latest': '0' is not a whole number of 1 or more"),
        (
            ["--latest", "-1"],
            "Invalid value for '--latest': '-1' is not a whole number of 1 or more",
        ),
        (["--latest="], "Invalid value for '--latest': it is empty; is that an unset variable?"),
        (
            ["--latest", ""],
            "Invalid value for 'NAME-OR-GLOB': it is empty; is that an unset variable?",
        ),
        (["--latest", "--per", "a,,b"], "Invalid value for '--per': 'a,,b' has an empty name"),
        ([""], "Invalid value for 'NAME-OR-GLOB': it is empty; is that an unset variable?"),
        (
            ["--older-than", ""],
            "Invalid value for '--older-than': it is empty; is that an unset variable?",
        ),
        (
            ["--older-than", "6m"],
            "Invalid value for '--older-than': '6m' is neither an age such as 30d, 2w or 12h nor a "
            "time such as 2026-01-31",
        ),
        (
            ["--newer-than", "2026-02-30"],
            "Invalid value for '--newer-than': '2026-02-30' is neither an age such as 30d, 2w or 12h "
            "nor a time such as 2026-01-31",
        ),
        (
            ["--created-before", "0001-01-01T00:00+01"],
            "Invalid value for '--created-before': '0001-01-01T00:00+01' is neither an age such as "
            "30d, 2w or 12h nor a time such as 2026-01-31",
        ),
        (
            ["--property-filter", "a!="],
            "Invalid value for '--property-filter': 'a!=' has no value; is that an unset variable?",
        ),
        (["--property-filter", "=b"], "Invalid value for '--property-filter': '=b' has no KEY"),
        (["--property-filter", "!=b"], "Invalid value for '--property-filter': '!=b' has no KEY"),
        (["--limit", "9" * 5000], "Invalid value for '--limit' / '--max-items': '9999"),
        (["--size-min", "9" * 400 + "G"], "Invalid value for '--size-min': '9999"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_wrong_selection_is_a_usage_error(
    glance: Glance, cloud: RequestsMock, words: list[str], said: str
) -> None:
    result = glance("image-list", *words)
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith(f"glance: error: {said}")
    assert len(cloud.calls) == 0


def test_mine_needs_to_know_the_project(glance: Glance, cloud: RequestsMock) -> None:
    result = glance("image-list", "--mine")
    assert (result.code, result.out, result.err) == (
        1,
        "",
        "glance: error: --mine: the project of this login is unknown. "
        "Give it with --owner PROJECT_ID.\n",
    )


FAMILIES = [
    image(
        "5", "ubuntu-24.04-20250220-amd64", created_at="2025-02-20T00:00:00Z", os_distro="ubuntu"
    ),
    image("4", "debian-12-20250201", created_at="2025-02-01T00:00:00Z", os_distro="debian"),
    image(
        "3", "ubuntu-24.04-20250115-amd64", created_at="2025-01-15T00:00:00Z", os_distro="ubuntu"
    ),
    image("2", "ubuntu-22.04-20250114-amd64", created_at="2025-01-14T00:00:00Z"),
    image("1", "debian-12-20250101", created_at="2025-01-01T00:00:00Z", os_distro="debian"),
]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--latest"], "5 4 2"),
        (["--latest", "2"], "5 4 3 2 1"),
        (["--latest", "--limit", "2"], "5 4"),
        (["--latest", "--per", "os_distro"], "5 4 2"),
        (["--latest", "--per", "os_distro,disk_format", "--per", "status"], "5 4 2"),
        (["--latest", "--per", "name"], "5 4 3 2 1"),
        (["--latest", "--per", "status"], "5"),
        (["--latest", "--per", "status", "--property-filter", "os_distro!=ubuntu"], "4"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_only_the_newest_of_each_group_are_listed_the_newest_first(
    glance: Glance, cloud: RequestsMock, words: list[str], expected: str
) -> None:
    serve(cloud, FAMILIES)
    result = glance("image-list", *ID_COLUMN, *words)
    assert (result.code, result.out.split(), result.err) == (0, expected.split(), "")
    assert dict(query(cloud)) == {"limit": "1000", "sort": "created_at:desc"}


def test_a_word_after_latest_is_a_name_unless_it_is_a_number(
    glance: Glance, cloud: RequestsMock
) -> None:
    serve(cloud, [FAMILIES[1]])
    assert glance("image-list", "--latest", "debian-12-20250201", *ID_COLUMN).out == "4\n"
    assert dict(query(cloud))["name"] == "debian-12-20250201"


def test_the_newest_are_listed_in_another_order_by_a_second_list(
    glance: Glance, cloud: RequestsMock
) -> None:
    serve(cloud, FAMILIES)
    serve(cloud, [FAMILIES[1], FAMILIES[3], FAMILIES[0]])
    words = ("--latest", "--sort", "name", "--limit", "2", "--status", "active")
    result = glance("image-list", *ID_COLUMN, *words)
    assert (result.code, result.out) == (0, "4\n2\n")
    assert dict(query(cloud, 0)) == {
        "limit": "1000", "sort": "created_at:desc", "status": "active",
    }  # fmt: skip
    assert dict(query(cloud, 1)) == {
        "limit": "1000", "sort": "name:asc", "status": "active", "id": 'in:"2","4","5"',
    }  # fmt: skip


def test_a_service_that_does_not_sort_is_an_error(glance: Glance, cloud: RequestsMock) -> None:
    serve(cloud, FAMILIES[::-1])
    result = glance("image-list", "--latest", *ID_COLUMN)
    assert (result.code, result.out, result.err) == (
        1,
        "1\n",
        "glance: error: the service does not sort by created_at, which --latest needs\n",
    )


def test_a_key_that_no_image_has_is_a_warning(glance: Glance, cloud: RequestsMock) -> None:
    serve(cloud, FAMILIES[:2])
    result = glance("image-list", "--latest", "--per", "os_distr", *ID_COLUMN)
    assert (result.code, result.out) == (0, "5\n4\n")
    assert result.err == (
        "glance: warning: no image has os_distr (--per): each is a group of its own; "
        "did you mean os_distro?\n"
    )


def test_the_format_id_is_ids_alone(glance: Glance, cloud: RequestsMock) -> None:
    serve(cloud, [image(), image(B)])
    assert glance("image-list", "-f", "id").out == f"{A}\n{B}\n"


def test_the_format_id_of_one_image_is_a_usage_error_that_says_what_to_use(
    glance: Glance, cloud: RequestsMock
) -> None:
    done = glance("image-show", "cirros", "-f", "id")
    assert (done.code, done.out, len(cloud.calls)) == (2, "", 0)
    assert "'id' is for lists of images; use -f value -c id" in done.err


def test_the_format_id_has_no_columns(glance: Glance, cloud: RequestsMock) -> None:
    serve(cloud, [image()])
    result = glance("image-list", "-f", "id", "-c", "name")
    assert (result.code, result.out) == (2, "")
    assert result.err == "glance: error: -f id shows IDs alone. Use -f value with -c.\n"


def commands(program: Program) -> list[tuple[str, Command]]:
    context = click.Context(program, info_name=program.name)
    found = ((name, program.get_command(context, name)) for name in program.entries)
    return [(name, command) for name, command in found if isinstance(command, Command)]


def works_on_many_images(command: Command) -> bool:
    arguments = [param for param in command.params if isinstance(param, click.Argument)]
    return any(each.nargs == -1 and each.metavar == "IMAGE" for each in arguments)


@pytest.mark.parametrize(
    ("program", "name", "command"),
    [
        (program, name, command)
        for program in ("glance", "nova")
        for name, command in commands(build(program))
        if works_on_many_images(command)
    ],
    ids=lambda value: str(value) if isinstance(value, str) else "",
)
def test_the_help_of_every_command_on_many_images_shows_how_to_give_it_a_selection(
    program: str, name: str, command: Command
) -> None:
    shown = [each for each in command.examples if f"| xargs -r {program} {name}" in each]
    assert shown, command.examples
    assert all(each.startswith("image-list ") and " -f id | " in each for each in shown)


def test_a_glob_where_a_name_is_wanted_points_to_image_list(
    glance: Glance, cloud: RequestsMock
) -> None:
    for _ in range(3):
        serve(cloud, [])
    result = glance("image-show", "debian-*")
    assert (result.code, result.out) == (1, "")
    assert result.err == (
        "glance: error: No image with a name or ID of 'debian-*' exists. "
        "Names are exact here; glance image-list finds images by globs.\n"
    )


def test_a_v1_cloud_has_the_same_selections(
    glance: Glance, v1_cloud: Callable[..., V1Server]
) -> None:
    server = v1_cloud("demo", version="1", v2=False)
    for number, name in enumerate(["web-20250101", "web-20250201", "db*", "web-*"]):
        server.add(
            b"x", name=name, created_at=f"2025-0{number + 1}-01T00:00:00", properties={"n": name}
        )
    assert sorted(listed(glance, "web-2*")) == ["web-20250101", "web-20250201"]
    assert listed(glance, "web-*") == ["web-*"]
    assert sorted(listed(glance, "web-2*", r"db\*", "no")) == [
        "db*",
        "web-20250101",
        "web-20250201",
    ]
    assert listed(glance, "--latest", "web-2*") == ["web-20250201"]
    assert listed(glance, "--created-before", "2025-01-15") == ["web-20250101"]
    assert listed(glance, "--property-filter", "n=d*") == ["db*"]
