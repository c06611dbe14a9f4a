"""Which images image-prune removes, and why each of the others stays. No requests."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import Enum
from typing import NamedTuple

from glancecli.api.uses import Use
from glancecli.image import Image, has_data

Group = tuple[str, ...]
GroupOf = Callable[[Image], Group | None]  # None: a group of its own
LookUp = Callable[[Image], Use]  # who uses an image


class Action(Enum):
    """What is done with the images that go."""

    DELETE = "delete"
    HIDE = "hide"
    DEACTIVATE = "deactivate"


class Reason(Enum):
    """Why an image goes or stays, in a word that scripts can rely on."""

    SURPLUS = "surplus"  # it goes
    NEWEST = "newest"
    KEPT = "kept"
    PROTECTED = "protected"
    SHELVED_SERVER = "shelved-server"
    DONE = "done"
    AGE = "age"
    USED = "used"
    UNKNOWN_USE = "unknown-use"
    # These belong to no group, and do not count.
    ANOTHER_PROJECT = "another-project"
    NO_DATA = "no-data"
    NO_DATE = "no-date"


DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", re.ASCII)
LEFT_ALONE = (Reason.ANOTHER_PROJECT, Reason.NO_DATA, Reason.NO_DATE)


class Rules(NamedTuple):
    """What is asked for: how many images of each group stay, and what happens to the others.

    project is the one whose images may go, None for every project's. may_go_by_age says which
    images may go; all of a group count.
    """

    keep: int  # at least 1
    action: Action
    project: str | None
    ignore_unknown_use: bool = False
    may_go_by_age: Callable[[Image], bool] = lambda image: True


class Decision(NamedTuple):
    """What happens to one image, and why. group is None where it is left alone; is_alone says that
    the group has no other image.
    """

    image: Image
    reason: Reason
    explanation: str
    group: Group | None = None
    is_alone: bool = False

    @property
    def goes(self) -> bool:
        """Whether the image goes."""
        return self.reason is Reason.SURPLUS

    @property
    def is_left_alone(self) -> bool:
        """Whether the image does not count."""
        return self.reason in LEFT_ALONE


def plan(
    images: Iterable[Image], look_up: LookUp, group_of: GroupOf, rules: Rules
) -> list[Decision]:
    """Returns a decision for each image: group by group, the newest first, and at the end those
    that are left alone.

    look_up is called only for images that would go.
    """
    groups: dict[tuple[str, Group], list[Image]] = {}
    left_alone: list[Decision] = []
    for image in {image["id"]: image for image in images}.values():
        decision = _left_alone(image, rules)
        if decision:
            left_alone.append(decision)
            continue
        group = group_of(image) or (str(image.get("name")), str(image["id"]))
        groups.setdefault((str(image.get("owner")), group), []).append(image)
    decisions: list[Decision] = []
    for (_, group), members in sorted(groups.items()):
        decisions += _decide(group, members, look_up, rules)
    return decisions + left_alone


def _left_alone(image: Image, rules: Rules) -> Decision | None:
    """Returns the decision for an image that belongs to no group, None for any other."""
    if rules.project is not None and image.get("owner") != rules.project:
        return Decision(image, Reason.ANOTHER_PROJECT, "another project's")
    if not has_data(image):
        return Decision(image, Reason.NO_DATA, f"status {image.get('status')}: not all data")
    if not DATE.match(str(image.get("created_at"))):
        return Decision(image, Reason.NO_DATE, "without a date of creation")
    return None


def _decide(
    group: Group, members: Sequence[Image], look_up: LookUp, rules: Rules
) -> Iterator[Decision]:
    """Yields the decisions for one group."""
    newest_first = sorted(members, key=_age_order, reverse=True)
    newest = created_at(newest_first[0])
    for rank, image in enumerate(newest_first):
        if created_at(image) == newest:
            reason, explanation = Reason.NEWEST, _newest(rank, len(members), rules)
        elif rank < rules.keep:
            reason, explanation = Reason.KEPT, f"within --keep {rules.keep}"
        else:
            reason, explanation = _decide_surplus(image, look_up, rules)
        yield Decision(image, reason, explanation, group, is_alone=len(members) == 1)


def _newest(rank: int, members: int, rules: Rules) -> str:
    """Returns how an image that goes in no case comes to be the newest of its group."""
    if members == 1:
        return "alone in its group"
    if rank >= rules.keep:
        return "of the same second as the newest"
    return "newest of its group"


def _decide_surplus(image: Image, look_up: LookUp, rules: Rules) -> tuple[Reason, str]:
    """Returns whether an image beyond those that are kept goes, and why."""
    if image.get("protected"):
        return Reason.PROTECTED, "protected"
    done = _state_after(image, rules.action)
    if done:
        return Reason.DONE, f"{done} already"
    if not rules.may_go_by_age(image):
        return Reason.AGE, "its age does not match"
    use = look_up(image)
    if use.is_shelved:
        return Reason.SHELVED_SERVER, "the disk of a shelved server"
    if rules.action is not Action.HIDE:  # hidden images can be used
        if use.users:
            return Reason.USED, f"used by {use.summary}"
        if use.unseen and not rules.ignore_unknown_use:
            return Reason.UNKNOWN_USE, f"it may be used: {use.unseen}"
    return Reason.SURPLUS, f"beyond --keep {rules.keep}"


def _state_after(image: Image, action: Action) -> str:
    """Returns the state that the action leads to if the image has it already, else ""."""
    if action is Action.HIDE and image.get("os_hidden"):
        return "hidden"
    if action is Action.DEACTIVATE and image.get("status") == "deactivated":
        return "deactivated"
    return ""


def created_at(image: Image) -> str:
    """Returns when an image was created, to the second: ``2026-01-31T12:00:00``."""
    return str(image["created_at"])[:19]


def _age_order(image: Image) -> tuple[str, str]:
    return created_at(image), str(image["id"])
