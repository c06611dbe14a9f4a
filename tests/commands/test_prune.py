"""image-prune, image-list --used and --unused: what is asked, printed and changed."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.fakeglance import TOKEN, FakeGlance
from tests.support.programs import Glance
from tests.support.terminals import ENDED, Size, Tmux, install, plain
from tests.support.usedcloud import THEIRS, UsedCloud, server, uuid, volume

PLAN = ("-f", "value", "-c", "Name,Action,Reason")
ASKED = "nothing is changed without --yes"


@pytest.fixture
def builds(used: UsedCloud) -> UsedCloud:
    """Five builds of debian-12, of January 2nd to 6th, seen by an administrator."""
    used.is_admin = True
    for number in range(1, 6):
        used.image(number, f"debian-12-2026010{number}", visibility="public")
    return used


def names(cloud: UsedCloud) -> list[str]:
    return [image["name"] for image in cloud.images.values()]


# image-prune --------------------------------------------------------------------------------------


def test_the_plan_says_what_goes_what_stays_and_why_and_changes_nothing(
    glance: Glance, builds: UsedCloud
) -> None:
    done = glance("image-prune", "debian-12-*", "--keep", "2", "-c", "ID,Name,Size,Action,Reason")
    rule = (
        "+--------------------------------------+--------------------+---------+--------+"
        "---------------------+\n"
    )
    assert (done.code, done.err) == (0, f"glance: 3 images to delete, 3MB to free; {ASKED}\n")
    assert done.out == (
        f"{rule}"
        "| ID                                   | Name               | Size    | Action |"
        " Reason              |\n"
        f"{rule}"
        f"| {uuid(5)} | debian-12-20260105 | 1048576 | keep   | newest of its group |\n"
        f"| {uuid(4)} | debian-12-20260104 | 1048576 | keep   | within --keep 2     |\n"
        f"| {uuid(3)} | debian-12-20260103 | 1048576 | delete | beyond --keep 2     |\n"
        f"| {uuid(2)} | debian-12-20260102 | 1048576 | delete | beyond --keep 2     |\n"
        f"| {uuid(1)} | debian-12-20260101 | 1048576 | delete | beyond --keep 2     |\n"
        f"{rule}"
    )
    assert builds.changes == []


def test_json_has_the_plan_with_reasons(glance: Glance, builds: UsedCloud) -> None:
    builds.servers = [server(10, uuid(1), name="web1")]
    plan = glance("image-prune", "--keep", "3", "-f", "json").json
    for row in plan:
        assert row.pop("age").endswith("d")
    assert plan[3:] == [
        {
            "id": uuid(2),
            "name": "debian-12-20260102",
            "project": "p1",
            "group": ["debian-12"],
            "created_at": "2026-01-03T00:00:00Z",
            "size": 1048576,
            "action": "delete",
            "reason": "surplus",
            "explanation": "beyond --keep 3",
        },
        {
            "id": uuid(1),
            "name": "debian-12-20260101",
            "project": "p1",
            "group": ["debian-12"],
            "created_at": "2026-01-02T00:00:00Z",
            "size": 1048576,
            "action": "keep",
            "reason": "used",
            "explanation": "used by server web1",
        },
    ]


def test_ids_alone_are_those_of_the_images_that_go(glance: Glance, builds: UsedCloud) -> None:
    done = glance("image-prune", "debian-12-*", "--keep", "3", "-f", "id")
    assert (done.code, done.lines) == (0, [uuid(2), uuid(1)])


def test_yes_carries_out_the_plan_and_the_next_run_has_nothing_to_do(
    glance: Glance, builds: UsedCloud
) -> None:
    done = glance("image-prune", "--keep", "2", "--yes", "-f", "value", "-c", "Action")
    assert (done.code, done.lines) == (0, ["keep", "keep", "delete", "delete", "delete"])
    assert done.err == "glance: 3 images deleted, 3MB freed\n"
    assert builds.changes[0] == ("delete", uuid(1))
    assert names(builds) == ["debian-12-20260104", "debian-12-20260105"]
    again = glance("image-prune", "--keep", "2", "--yes", "-f", "value", "-c", "Action")
    assert (again.code, again.lines) == (0, ["keep", "keep"])
    assert again.err == "glance: nothing to delete\n"


@pytest.mark.parametrize(
    ("action", "change", "result"),
    [("hide", "update", "3 images hidden"), ("deactivate", "deactivate", "3 images deactivated")],
)
def test_images_can_be_hidden_or_deactivated_instead(
    glance: Glance, builds: UsedCloud, action: str, change: str, result: str
) -> None:
    done = glance("image-prune", "--keep", "2", "--action", action, "--yes")
    assert (done.code, done.err) == (0, f"glance: {result}\n")
    assert sorted(builds.changes) == [(change, uuid(number)) for number in (1, 2, 3)]
    expected = {"hide": [True] * 3, "deactivate": [False] * 3}[action]
    assert [builds.images[uuid(number)]["os_hidden"] for number in (1, 2, 3)] == expected


def test_a_used_image_is_hidden_and_never_deleted(glance: Glance, builds: UsedCloud) -> None:
    builds.servers = [server(number + 10, uuid(number), project=THEIRS) for number in range(1, 6)]
    done = glance("image-prune", "--keep", "1", "--yes", *PLAN)
    assert (done.code, done.err, builds.changes) == (0, "glance: nothing to delete\n", [])
    assert done.lines[1] == "debian-12-20260104 keep used by server server14"
    done = glance("image-prune", "--keep", "1", "--action", "hide", "--yes")
    assert (done.code, len(builds.changes)) == (0, 4)


def test_age_says_who_goes_and_not_who_counts(glance: Glance, builds: UsedCloud) -> None:
    words = ("--created-before", "2026-01-04", "--keep", "1")
    done = glance("image-prune", *words, *PLAN)
    assert done.lines == [
        "debian-12-20260105 keep newest of its group",
        "debian-12-20260104 keep its age does not match",
        "debian-12-20260103 keep its age does not match",
        "debian-12-20260102 delete beyond --keep 1",
        "debian-12-20260101 delete beyond --keep 1",
    ]


def test_an_image_of_a_clock_that_is_ahead_is_new(glance: Glance, builds: UsedCloud) -> None:
    builds.images[uuid(5)]["created_at"] = "2999-01-01T00:00:00Z"
    done = glance("image-prune", "--keep", "4", "-f", "value", "-c", "Age,Action")
    assert done.lines[0] == "0h keep"


def test_groups_are_made_by_the_keys_of_per(glance: Glance, used: UsedCloud) -> None:
    used.is_admin = True
    for number in range(1, 7):
        kind = "daily" if number % 2 else "weekly"
        used.image(number, f"b{number}", instance_uuid=uuid(number % 3), backup_type=kind)
    words = ("--per", "backup_type", "--keep", "1", "-f", "value", "-c", "Name,Action")
    done = glance("image-prune", *words)
    assert done.lines == [
        "b5 keep", "b3 delete", "b1 delete", "b6 keep", "b4 delete", "b2 delete",
    ]  # fmt: skip


def test_images_without_data_are_left_alone_and_listed(glance: Glance, builds: UsedCloud) -> None:
    builds.image(9, "debian-12-20260109", status="queued")
    done = glance("image-prune", "--keep", "4", *PLAN)
    assert done.lines[0] == "debian-12-20260105 keep newest of its group"
    assert done.lines[-1] == "debian-12-20260109 leave status queued: not all data"


def test_images_of_other_projects_are_counted_and_left_alone(
    glance: Glance, builds: UsedCloud
) -> None:
    for number in (11, 12, 13):
        builds.image(number, f"debian-12-202601{number}", owner=THEIRS, visibility="public")
    done = glance("image-prune", "--keep", "4", "--yes", *PLAN)
    assert (done.code, len(done.lines), builds.changes) == (0, 5, [("delete", uuid(1))])
    assert done.err == (
        "glance: 3 images of other projects left alone (--all-projects)\n"
        "glance: 1 image deleted, 1MB freed\n"
    )


def test_all_projects_makes_groups_within_each(glance: Glance, builds: UsedCloud) -> None:
    for number in (11, 12, 13):
        builds.image(number, f"debian-12-202601{number}", owner=THEIRS)
    done = glance("image-prune", "--keep", "2", "--all-projects", "--yes", *PLAN)
    assert (done.code, done.err) == (0, "glance: 4 images deleted, 4MB freed\n")
    assert sorted(image_id for _, image_id in builds.changes) == [uuid(n) for n in (1, 2, 3, 11)]


def test_protected_images_and_disks_of_shelved_servers_stay(
    glance: Glance, builds: UsedCloud
) -> None:
    builds.images[uuid(1)]["protected"] = True
    builds.image(0, "web-shelved", instance_uuid=uuid(10), os_distro="debian")
    for number in range(1, 6):
        builds.images[uuid(number)]["os_distro"] = "debian"
    builds.servers = [server(10, uuid(99), status="SHELVED_OFFLOADED")]
    words = ("--per", "os_distro", "--keep", "4", "--ignore-unknown-use", "--action", "hide")
    done = glance("image-prune", *words, "--yes", *PLAN)
    assert done.lines[-2:] == [
        "debian-12-20260101 keep protected",
        "web-shelved keep the disk of a shelved server",
    ]
    assert (done.err, builds.changes) == ("glance: nothing to hide\n", [])


def test_what_a_member_cannot_know_stays_unless_he_says_so(
    glance: Glance, builds: UsedCloud
) -> None:
    builds.is_admin = False
    builds.images[uuid(1)]["visibility"] = "private"
    done = glance("image-prune", "--keep", "3", *PLAN)
    assert done.lines[3:] == [
        "debian-12-20260102 keep it may be used: other projects may have access, and only this project's "
        "servers, volumes and images can be seen",
        "debian-12-20260101 delete beyond --keep 3",
    ]
    done = glance("image-prune", "--keep", "3", "--ignore-unknown-use", "--yes", "-q")
    assert (done.code, done.err) == (0, "")
    assert sorted(builds.changes) == [("delete", uuid(1)), ("delete", uuid(2))]


def test_without_nova_nothing_is_known_to_be_unused(glance: Glance, builds: UsedCloud) -> None:
    builds.without("compute")
    done = glance("image-prune", "--keep", "1", "--yes", *PLAN)
    assert (done.code, done.err, builds.changes) == (0, "glance: nothing to delete\n", [])
    assert all("keep it may be used: servers cannot be seen" in line for line in done.lines[1:])


@pytest.mark.parametrize("words", [("--max", "2"), ("--max", "0")])
def test_more_than_may_go_in_one_run_changes_nothing(
    glance: Glance, builds: UsedCloud, words: tuple[str, ...]
) -> None:
    refused = (
        f"3 images to delete, 3MB to free: more than the {words[1]} of one run (--max), so nothing "
        "is changed. Choose fewer images, or raise --max.\n"
    )
    done = glance("image-prune", "--keep", "2", *words, "--yes", *PLAN)
    assert (done.code, len(done.lines), done.err) == (1, 5, f"glance: error: {refused}")
    done = glance("image-prune", "--keep", "2", *words, *PLAN)
    assert (done.code, len(done.lines), done.err) == (0, 5, f"glance: warning: {refused}")
    assert builds.changes == []


def test_twenty_images_go_in_one_run_by_default(glance: Glance, used: UsedCloud) -> None:
    used.is_admin = True
    for number in range(22):
        used.image(number, "same", created_at=f"2026-01-01T00:00:{number:02}Z")
    done = glance("image-prune", "--keep", "1", "--yes", "-q")
    assert done.code == 1
    done = glance("image-prune", "--keep", "2", "--yes", "-q")
    assert (done.code, len(used.images)) == (0, 2)


def test_a_change_that_fails_is_named_with_its_users_and_the_others_are_done(
    glance: Glance, builds: UsedCloud
) -> None:
    builds.refused = {uuid(1): 409, uuid(2): 403}
    done = glance("image-prune", "--keep", "2", "--yes", "-f", "value", "-c", "Action")
    assert (done.code, builds.changes) == (1, [("delete", uuid(3))])
    first, *failures = done.err.splitlines()
    assert first == "glance: 1 image deleted, 1MB freed"
    assert [failure.split(": ")[2] for failure in failures] == [
        f"image {uuid(1)}",
        f"image {uuid(2)}",
    ]


TWO_AT_ONCE = "Image status transition from deleted to deleted is not allowed"


@pytest.mark.parametrize(("status", "text"), [(404, "any"), (400, TWO_AT_ONCE), (409, TWO_AT_ONCE)])
def test_an_image_that_was_deleted_meanwhile_is_no_failure_and_frees_nothing(
    glance: Glance, builds: UsedCloud, status: int, text: str
) -> None:
    builds.refused, builds.refusal = {uuid(1): status}, text
    done = glance("image-prune", "--keep", "2", "--yes")
    assert (done.code, len(builds.changes)) == (0, 2)
    assert done.err == "glance: 2 images deleted, 2MB freed; 1 image had been deleted meanwhile\n"


def test_images_that_are_alone_in_their_groups_stay_and_the_reason_is_said(
    glance: Glance, used: UsedCloud
) -> None:
    used.is_admin = True
    for number in (1, 2):
        used.image(number, f"b-{number}")
    done = glance("image-prune", "b-*", "--keep", "1", "--yes", *PLAN)
    assert (done.code, used.changes) == (0, [])
    assert done.lines == ["b-1 keep alone in its group", "b-2 keep alone in its group"]
    assert done.err == (
        "glance: nothing to delete: each image is alone in its group (--per makes the groups)\n"
    )


def test_an_image_of_the_same_second_as_the_newest_stays_and_the_reason_is_said(
    glance: Glance, builds: UsedCloud
) -> None:
    for number in (2, 3, 4):
        builds.images[uuid(number)]["created_at"] = builds.images[uuid(5)]["created_at"]
    done = glance("image-prune", "--keep", "2", *PLAN)
    assert done.lines == [
        "debian-12-20260105 keep newest of its group",
        "debian-12-20260104 keep newest of its group",
        "debian-12-20260103 keep of the same second as the newest",
        "debian-12-20260102 keep of the same second as the newest",
        "debian-12-20260101 delete beyond --keep 2",
    ]


@pytest.mark.parametrize("service", ["servers", "volumes", "images"])
@pytest.mark.parametrize("action", ["delete", "hide"])
def test_a_list_that_breaks_off_changes_nothing(
    glance: Glance, builds: UsedCloud, service: str, action: str
) -> None:
    builds.page, builds.broken = 4, service
    builds.servers = [server(number, uuid(5)) for number in range(10, 20)]
    builds.volumes = [volume(number, uuid(5)) for number in range(20, 30)]
    done = glance("image-prune", "--keep", "1", "--yes", "--action", action)
    assert (done.code, done.out, builds.changes) == (1, "", [])
    assert "HTTP 500" in done.err


@pytest.mark.parametrize("after", [0, 1, 2])
def test_an_interrupted_run_says_how_far_it_came_and_the_next_one_does_the_rest(
    glance: Glance, builds: UsedCloud, after: int
) -> None:
    builds.interrupt_after = after
    done = glance("image-prune", "--keep", "1", "--yes", "-f", "value", "-c", "Name,Action")
    assert done.code == 130
    assert done.err.endswith("Run the command again for the others.\n")
    assert "of 4 images deleted" in done.err
    assert (len(done.lines), done.lines[0]) == (5, "debian-12-20260105 keep")
    again = glance("image-prune", "--keep", "1", "--yes")
    assert (again.code, names(builds)) == (0, ["debian-12-20260105"])


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "the following arguments are required: --keep"),
        (("--keep", "0"), "'0' is not a whole number of 1 or more"),
        (("--keep", ""), "it is empty; is that an unset variable?"),
        (("--keep", "1", "--per", ""), "it is empty; is that an unset variable?"),
        (("", "--keep", "1"), "it is empty; is that an unset variable?"),
        (("--keep", "1", "--action", "remove"), "'remove' is not one of"),
        (("--keep", "1", "--dry-run"), "--dry-run cannot be used with --yes"),
    ],
)
def test_wrong_options_are_refused(
    glance: Glance, builds: UsedCloud, words: tuple[str, ...], message: str
) -> None:
    done = glance("image-prune", "--yes", *words)
    assert (done.code, done.out, builds.requests) == (2, "", [])
    assert message in done.err


def test_a_dry_run_shows_the_plan_and_changes_nothing(glance: Glance, builds: UsedCloud) -> None:
    done = glance("image-prune", "--keep", "1", "--dry-run", "-f", "value", "-c", "Name,Action")
    assert (done.code, builds.changes) == (0, [])
    assert done.lines[0] == "debian-12-20260105 keep"
    assert done.err.endswith("nothing is changed without --yes\n")


# On a terminal ------------------------------------------------------------------------------------


@pytest.fixture
def world() -> Iterator[FakeGlance]:
    """An Image service with three builds."""
    found = FakeGlance()
    for number in (1, 2, 3):
        created = f"2026-01-0{number}T00:00:00Z"
        found.add(uuid(number), b"data", name=f"build-2026010{number}", created_at=created)
    yield found
    found.close()


def pruning_terminal(tmux: Callable[..., Tmux], world: FakeGlance, folder: Path) -> Tmux:
    """A terminal in which a prune has begun."""
    install(folder / "programs")
    variables = {
        "PATH": f"{folder / 'programs'}:{os.environ['PATH']}",
        "HOME": str(folder),
        "OS_IMAGE_URL": world.url,
        "OS_AUTH_TOKEN": TOKEN,
    }
    terminal = tmux(Size(80, 24), variables)
    command = "glance image-prune --all-projects --ignore-unknown-use --keep 1"
    terminal.start(f"trap : INT; {command}; echo {ENDED}")  # Ctrl-C does not end the shell
    return terminal


@pytest.mark.parametrize(
    ("keys", "words", "left"),
    [
        (("y", "Enter"), "2 images deleted, 8B freed", 1),
        (("n", "Enter"), "[y/N] n\nnote: nothing is changed\n", 3),
        (("Enter",), "[y/N]\nnote: nothing is changed\n", 3),
        (("C-d",), "[y/N]\nnote: nothing is changed\n", 3),
        (("C-c",), "[y/N] ^C\ninterrupted\n", 3),
    ],
)
def test_on_a_terminal_it_asks_once_the_plan_is_seen(
    tmux: Callable[..., Tmux],
    world: FakeGlance,
    tmp_path: Path,
    keys: tuple[str, ...],
    words: str,
    left: int,
) -> None:
    terminal = pruning_terminal(tmux, world, tmp_path)
    shown = terminal.wait_for("[y/N]")
    assert re.sub(r"  \d+d  ", "  DAYS  ", plain(shown)).splitlines() == [
        "Name            Age   Size  Action  Reason",
        "build-20260103  DAYS    4B  keep    newest of its group",
        "build-20260102  DAYS    4B  delete  beyond --keep 1",
        "build-20260101  DAYS    4B  delete  beyond --keep 1",
        "Not shown at 80 columns: ID (--wide, -c)",
        "2 images to delete, 8B to free. Go on? [y/N]",
    ]
    terminal.press(*keys)
    terminal.wait_for(words)
    assert len(world.images) == left


def test_an_image_that_is_deleted_before_the_answer_does_not_stop_the_others(
    tmux: Callable[..., Tmux], world: FakeGlance, tmp_path: Path
) -> None:
    terminal = pruning_terminal(tmux, world, tmp_path)
    terminal.wait_for("[y/N]")
    del world.images[uuid(1)]
    terminal.press("y", "Enter")
    terminal.wait_for("1 image deleted, 4B freed; 1 image had been deleted meanwhile")
    assert list(world.images) == [uuid(3)]


def test_a_plan_that_would_not_be_made_again_after_the_answer_changes_nothing(
    tmux: Callable[..., Tmux], world: FakeGlance, tmp_path: Path
) -> None:
    terminal = pruning_terminal(tmux, world, tmp_path)
    terminal.wait_for("[y/N]")
    del world.images[uuid(3)]  # somebody else deletes the newest
    terminal.press("y", "Enter")
    terminal.wait_for("1 image of the plan would stay by now")
    terminal.wait_for(ENDED)
    assert sorted(world.images) == [uuid(1), uuid(2)]


# image-list --used, --unused ----------------------------------------------------------------------


def test_unused_lists_only_what_is_known_to_be_unused(glance: Glance, builds: UsedCloud) -> None:
    builds.servers = [server(10, uuid(1))]
    builds.volumes = [volume(20, uuid(2))]
    done = glance("image-list", "--unused", "-f", "value", "-c", "ID")
    assert (done.code, done.lines, done.err) == (0, [uuid(3), uuid(4), uuid(5)], "")
    done = glance("image-list", "--used", "-f", "value", "-c", "ID")
    assert (done.code, done.lines, done.err) == (0, [uuid(1), uuid(2)], "")


@pytest.mark.parametrize("form", ["table", "json", "yaml", "csv", "value", "id"])
def test_unknown_images_are_counted_on_stderr_in_every_format(
    glance: Glance, builds: UsedCloud, form: str
) -> None:
    builds.is_admin = False
    builds.images[uuid(3)]["visibility"] = "private"
    done = glance("-q", "image-list", "--unused", "-f", form)
    assert (done.code, done.err) == (
        0,
        "glance: warning: 4 images left out, as it is unknown whether used: other projects may "
        "have access, and only this project's servers, volumes and images can be seen\n",
    )
    assert [number for number in range(1, 6) if uuid(number) in done.out] == [3]


def test_use_is_a_filter_beside_the_others(glance: Glance, builds: UsedCloud) -> None:
    builds.servers = [server(10, uuid(5))]
    done = glance("image-list", "debian-*", "--unused", "--latest", "-f", "id")
    assert (done.code, done.out) == (0, f"{uuid(4)}\n")


def test_used_and_unused_exclude_each_other(glance: Glance, builds: UsedCloud) -> None:
    done = glance("image-list", "--used", "--unused")
    assert (done.code, done.err) == (2, "glance: error: --used cannot be used with --unused\n")
