"""The plan of image-prune: on generated catalogues, and for each reason once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from glancecli.api.uses import Kind, State, Use, User
from glancecli.commands.shared.prune_plan import Action, Decision, Reason, Rules, plan

# A loaded machine may take a second for the first catalogue.
on_any_machine = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

OURS = "ours"
SERVER = User(Kind.SERVER, "s1", "web1", "ACTIVE", OURS)
USES = {
    "unused": Use(),
    "used": Use((SERVER,)),
    "used and more": Use((SERVER,), "servers cannot be seen"),
    "unknown": Use((), "servers cannot be seen"),
    "shelved": Use((User(Kind.SHELVED_SERVER, "s2", "db", "SHELVED", OURS),), "", is_shelved=True),
    "may be shelved": Use((), "servers cannot be seen", is_shelved=True),
}

Image = dict[str, Any]


class Catalogue(NamedTuple):
    """Images by ID, and the use of each."""

    images: dict[str, Image]
    uses: dict[str, Use]


def group_of(image: Image) -> tuple[str, ...] | None:
    """Groups by distribution; an image may have none."""
    if not image["os_distro"]:
        return None
    return (image["os_distro"],)


image_fields = st.fixed_dictionaries(
    {
        "owner": st.sampled_from([OURS, OURS, OURS, "theirs"]),
        "os_distro": st.sampled_from(["debian", "ubuntu", ""]),
        "status": st.sampled_from(
            ["active", "active", "active", "deactivated", "queued", "killed"]
        ),
        "protected": st.sampled_from([False, False, True]),
        "os_hidden": st.booleans(),
        "created_at": st.sampled_from(
            [None, *(f"2026-01-{day:02}T00:00:00Z" for day in range(1, 13))]
        ),
        "use": st.sampled_from([*USES, "unused", "unused", "unused"]),
    }
)


@st.composite
def catalogues(draw: st.DrawFn) -> Catalogue:
    """Up to 12 images, many of them old and unused."""
    images, uses = {}, {}
    for number, fields in enumerate(draw(st.lists(image_fields, max_size=12))):
        image_id = f"i{number}"
        uses[image_id] = USES[fields.pop("use")]
        images[image_id] = {"id": image_id, "name": image_id, "size": number, **fields}
    return Catalogue(images, uses)


rules_of_any_kind = st.builds(
    Rules,
    keep=st.integers(1, 4),
    action=st.sampled_from(Action),
    project=st.sampled_from([OURS, None]),
    ignore_unknown_use=st.booleans(),
    may_go_by_age=st.sampled_from(
        [lambda image: True, lambda image: image["created_at"] < "2026-01-07"]
    ),
)


def decide(catalogue: Catalogue, rules: Rules, but: Iterable[str] = ()) -> list[Decision]:
    left = [image for image_id, image in catalogue.images.items() if image_id not in set(but)]
    return plan(left, lambda image: catalogue.uses[image["id"]], group_of, rules)


def going(decisions: Iterable[Decision]) -> list[str]:
    return [str(decision.image["id"]) for decision in decisions if decision.goes]


def members(catalogue: Catalogue, image: Image) -> list[Image]:
    """The images with data that form a group with this one."""
    if not image["os_distro"]:
        return [image]
    return [
        other
        for other in catalogue.images.values()
        if other["os_distro"] == image["os_distro"]
        and other["owner"] == image["owner"]
        and other["status"] in ("active", "deactivated")
        and other["created_at"]
    ]


@on_any_machine
@given(catalogues(), rules_of_any_kind)
def test_each_image_has_one_decision_with_a_reason(catalogue: Catalogue, rules: Rules) -> None:
    decisions = decide(catalogue, rules)
    assert sorted(decision.image["id"] for decision in decisions) == sorted(catalogue.images)
    assert all(decision.explanation for decision in decisions)


@on_any_machine
@given(catalogues(), rules_of_any_kind)
def test_nothing_protected_foreign_or_without_data_goes(catalogue: Catalogue, rules: Rules) -> None:
    for image_id in going(decide(catalogue, rules)):
        image = catalogue.images[image_id]
        assert not image["protected"]
        assert image["status"] in ("active", "deactivated")
        assert rules.project in (None, image["owner"])


@on_any_machine
@given(catalogues(), rules_of_any_kind)
def test_nothing_used_or_unknown_goes_and_no_disk_of_a_shelved_server(
    catalogue: Catalogue, rules: Rules
) -> None:
    for image_id in going(decide(catalogue, rules)):
        use = catalogue.uses[image_id]
        assert not use.is_shelved
        if rules.action is not Action.HIDE:
            assert use.state is not State.USED
            assert rules.ignore_unknown_use or use.state is State.UNUSED


@on_any_machine
@given(catalogues(), rules_of_any_kind)
def test_the_newest_stay_as_many_as_are_to_be_kept(catalogue: Catalogue, rules: Rules) -> None:
    gone = set(going(decide(catalogue, rules)))
    for image_id in gone:
        image = catalogue.images[image_id]
        group = members(catalogue, image)
        assert image["created_at"] < max(other["created_at"] for other in group)
        newer = [other for other in group if other["created_at"] >= image["created_at"]]
        assert len([other for other in newer if other["id"] not in gone]) >= rules.keep


@on_any_machine
@given(catalogues(), rules_of_any_kind)
def test_all_that_may_go_goes(catalogue: Catalogue, rules: Rules) -> None:
    gone = going(decide(catalogue, rules))
    for image_id, image in catalogue.images.items():
        newer = [
            other
            for other in members(catalogue, image)
            if (other["created_at"] or "") > (image["created_at"] or "")
        ]
        may_go = (
            image["created_at"]
            and image["status"] == "active"
            and not image["protected"]
            and not image["os_hidden"]
            and rules.project in (None, image["owner"])
            and rules.may_go_by_age(image)
            and catalogue.uses[image_id].state is State.UNUSED
            and len(newer) >= rules.keep
        )
        if may_go:
            assert image_id in gone


@on_any_machine
@given(catalogues(), rules_of_any_kind, st.data())
def test_a_run_that_was_interrupted_anywhere_is_finished_by_the_next_one(
    catalogue: Catalogue, rules: Rules, data: st.DataObject
) -> None:
    first = going(decide(catalogue, rules._replace(action=Action.DELETE)))
    done = data.draw(st.lists(st.sampled_from(first), unique=True) if first else st.just([]))
    again = decide(catalogue, rules._replace(action=Action.DELETE), but=done)
    assert sorted(going(again)) == sorted(set(first) - set(done))


@on_any_machine
@given(catalogues(), rules_of_any_kind)
def test_an_image_that_is_listed_twice_counts_once(catalogue: Catalogue, rules: Rules) -> None:
    images = list(catalogue.images.values())
    twice = plan(images + images, lambda i: catalogue.uses[i["id"]], group_of, rules)
    assert twice == decide(catalogue, rules)


# One image more than is kept, and why it stays ----------------------------------------------------


def old_image(**more: Any) -> Image:
    return {
        "id": "old",
        "name": "old",
        "owner": OURS,
        "os_distro": "debian",
        "status": "active",
        "created_at": "2026-01-01T00:00:00Z",
        **more,
    }


@pytest.mark.parametrize(
    ("fields", "use", "reason", "explanation"),
    [
        ({}, "unused", Reason.SURPLUS, "beyond --keep 1"),
        ({"protected": True}, "unused", Reason.PROTECTED, "protected"),
        ({"owner": "theirs"}, "unused", Reason.ANOTHER_PROJECT, "another project's"),
        ({"status": "queued"}, "unused", Reason.NO_DATA, "status queued: not all data"),
        ({"created_at": None}, "unused", Reason.NO_DATE, "without a date of creation"),
        ({"created_at": "yesterday"}, "unused", Reason.NO_DATE, "without a date of creation"),
        ({}, "used", Reason.USED, "used by server web1"),
        ({}, "unknown", Reason.UNKNOWN_USE, "it may be used: servers cannot be seen"),
        ({}, "shelved", Reason.SHELVED_SERVER, "the disk of a shelved server"),
        (
            {"created_at": "2026-02-01T00:00:00Z"},
            "unused",
            Reason.NEWEST,
            "newest of its group",
        ),
        ({"os_distro": ""}, "unused", Reason.NEWEST, "alone in its group"),
    ],
)
def test_reasons(fields: Image, use: str, reason: Reason, explanation: str) -> None:
    newer = old_image(id="new", created_at="2026-02-01T00:00:00Z")
    rules = Rules(1, Action.DELETE, OURS)
    decisions = plan([old_image(**fields), newer], lambda image: USES[use], group_of, rules)
    (decision,) = (each for each in decisions if each.image["id"] == "old")
    assert (decision.reason, decision.explanation) == (reason, explanation)


@pytest.mark.parametrize(
    ("action", "use", "fields", "reason"),
    [
        (Action.HIDE, "used", {}, Reason.SURPLUS),
        (Action.HIDE, "unknown", {}, Reason.SURPLUS),
        (Action.HIDE, "may be shelved", {}, Reason.SHELVED_SERVER),
        (Action.HIDE, "unused", {"os_hidden": True}, Reason.DONE),
        (Action.DEACTIVATE, "used", {}, Reason.USED),
        (Action.DEACTIVATE, "unused", {"status": "deactivated"}, Reason.DONE),
        (Action.DELETE, "unused", {"status": "deactivated", "os_hidden": True}, Reason.SURPLUS),
    ],
)
def test_what_may_be_hidden_deactivated_and_deleted(
    action: Action, use: str, fields: Image, reason: Reason
) -> None:
    newer = old_image(id="new", created_at="2026-02-01T00:00:00Z")
    rules = Rules(1, action, OURS)
    decisions = plan([newer, old_image(**fields)], lambda image: USES[use], group_of, rules)
    assert [decision.reason for decision in decisions] == [Reason.NEWEST, reason]


def test_who_uses_an_image_is_asked_only_where_it_would_go() -> None:
    def refuse(image: Image) -> Use:
        raise AssertionError(image)

    images = [
        old_image(id=str(number), created_at=f"2026-01-0{number}T00:00:00Z")
        for number in range(1, 4)
    ]
    decisions = plan(images, refuse, group_of, Rules(3, Action.DELETE, OURS))
    assert [each.reason for each in decisions] == [Reason.NEWEST, Reason.KEPT, Reason.KEPT]
