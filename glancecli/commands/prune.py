"""image-prune: keep the newest images of each group, remove the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from glancecli.api.image_wait import MOST_AT_ONCE
from glancecli.changes import Changes
from glancecli.cli.app import App
from glancecli.cli.command import command, pass_app
from glancecli.cli.options import ListOptions, image_list_options
from glancecli.cli.parameters import into, option
from glancecli.cli.types import Count, OneOf
from glancecli.commands.shared.families import FAMILY, Grouping
from glancecli.commands.shared.in_parallel import in_parallel, report_all
from glancecli.commands.shared.prune_plan import (
    Action,
    Decision,
    Reason,
    Rules,
    created_at,
    plan,
)
from glancecli.commands.shared.selection import (
    Filters,
    filter_options,
    group_keys,
    names_argument,
    own_project,
    select,
)
from glancecli.commands.shared.users import name_users
from glancecli.errors import GlanceError, NotFound, Stopped, UsageError
from glancecli.image import Image
from glancecli.output.columns import ListColumn
from glancecli.text import counted, human_size

if TYPE_CHECKING:
    from datetime import datetime

MOST = 20  # images in one run

COLUMNS = (
    ListColumn("id", "ID", rank=2),
    ListColumn("name", "Name"),
    ListColumn("age", "Age"),
    ListColumn("size", "Size", zero="", rank=1),
    ListColumn("action", "Action"),
    ListColumn("explanation", "Reason", prose=True),
)
DONE = {Action.DELETE: "deleted", Action.HIDE: "hidden", Action.DEACTIVATE: "deactivated"}
DOING = {Action.DELETE: "deleting", Action.HIDE: "hiding", Action.DEACTIVATE: "deactivating"}


class Pruning(NamedTuple):
    """How many images of which groups stay, and what happens to the others."""

    keep: int
    per: tuple[str, ...]
    action: Action
    ignore_unknown_use: bool
    most: int
    dry_run: bool
    yes: bool


pruning_options = into(
    "pruning",
    Pruning,
    option(
        "--keep",
        type=Count("N", least=1),
        required=True,
        help="Keep the newest N images of each group, by created_at.",
    ),
    group_keys,
    option(
        "--action",
        type=OneOf(Action, case_sensitive=False),
        default="delete",
        metavar="ACTION",
        help="Delete, hide or deactivate the others (default: delete).",
    ),
    option(
        "--ignore-unknown-use",
        is_flag=True,
        help="Remove images too of which it is unknown whether something uses them.",
    ),
    option(
        "--max",
        "most",
        type=Count("N"),
        default=MOST,
        help=f"Change nothing if more images than this would go (default: {MOST}).",
    ),
    option("--dry-run", is_flag=True, help="Only show the plan, without a question."),
    option("-y", "--yes", is_flag=True, help="Carry out the plan; without it, only show it."),
    title="Pruning",
)


@command(
    "image-prune",
    examples=[
        "image-prune 'debian-12-*' --keep 3",
        "image-prune --keep 2 --per os_distro,os_version --older-than 30d --yes",
        "image-prune 'debian-12-*' --keep 1 --action hide --yes",
        "image-prune --property-filter backup_type=daily --keep 3 --per instance_uuid --yes",
        "image-prune --keep 3 -f json",
    ],
)
@names_argument
@pruning_options
@filter_options
@image_list_options
@pass_app
def image_prune(
    app: App, names: Sequence[str], pruning: Pruning, filters: Filters, listing: ListOptions
) -> None:
    """Keep the newest images of each group; delete, hide or deactivate the others.

    Shows the plan: what goes, what stays, and why. Changes nothing without --yes; on a terminal it
    asks. Names and filters say which images count; --older-than and the other ages say which of
    them may go. Groups are made within one project.

    Never removed are: the newest image of a group, protected images, images of other projects
    (unless --all-projects), the disks of shelved servers, and images that are in use or may be, as
    image-used-by says. Images in use may be hidden.
    """
    if pruning.dry_run and pruning.yes:
        raise UsageError("--dry-run cannot be used with --yes")
    decisions = make_plan(app, names, filters, pruning)
    going = [decision.image for decision in decisions if decision.goes]
    show_plan(app, decisions, pruning, listing)
    if not going:
        app.console.note(f"nothing to {pruning.action.value}{why_nothing(decisions)}")
    elif may_begin(app, going, pruning):
        if not pruning.yes:
            check_again(app, going, lambda: make_plan(app, names, filters, pruning))
        carry_out(app, going, pruning)


def make_plan(app: App, names: Sequence[str], filters: Filters, pruning: Pruning) -> list[Decision]:
    """Returns a decision for each image. Every list has been read to its end by then."""
    grouping = Grouping(pruning.per or (FAMILY,))
    counting = filters._replace(older_than=None, newer_than=None, created_before=None)
    images = list(select(app, names, counting).images(app.images))
    decisions = plan(
        images,
        lambda image: app.usage.uses.look_up(image),
        grouping.group,
        make_rules(app, filters, pruning),
    )
    grouping.report_unknown(app.console.warn)
    return decisions


def make_rules(app: App, filters: Filters, pruning: Pruning) -> Rules:
    """Returns the rules that the options stand for. Raises GlanceError where the user's project is
    unknown.
    """
    from glancecli.commands.shared.matching import creation_check

    project = None
    if not filters.all_tenants:
        project = own_project(app, "without --all-projects", "Choose a project: --os-project-name.")
    return Rules(
        pruning.keep,
        pruning.action,
        project,
        pruning.ignore_unknown_use,
        creation_check(filters.newer_than or "", filters.created_until),
    )


def show_plan(
    app: App, decisions: Sequence[Decision], pruning: Pruning, listing: ListOptions
) -> None:
    """Writes the plan; images of other projects are only counted."""
    ours = [each for each in decisions if each.reason is not Reason.ANOTHER_PROJECT]
    rows = plan_rows(ours, pruning, listing)
    with app.console.writes_plan(must_be_written=pruning.yes):
        app.console.out(listing).write_list(
            rows, COLUMNS, gives=lambda row: row["action"] == pruning.action.value
        )
    others = len(decisions) - len(ours)
    if others:
        app.console.note(
            f"{counted(others, 'image')} of other projects left alone (--all-projects)"
        )


def plan_rows(
    decisions: Sequence[Decision], pruning: Pruning, listing: ListOptions
) -> Iterator[dict[str, Any]]:
    """Yields a row of the plan for each decision."""
    from datetime import datetime, timezone

    now = datetime.now(timezone.utc)
    for decision in decisions:
        image = decision.image
        size: Any = image.get("size")
        if listing.human_readable:
            size = human_size(size)
        yield {
            "id": image["id"],
            "name": image["name"],
            "project": image.get("owner"),
            "group": decision.group and list(decision.group),
            "created_at": image.get("created_at"),
            "age": age(image, now),
            "size": size,
            "action": action_word(decision, pruning),
            "reason": decision.reason.value,
            "explanation": decision.explanation,
        }


def action_word(decision: Decision, pruning: Pruning) -> str:
    """Returns what happens to an image; "leave" is for those that belong to no group."""
    if decision.goes:
        return pruning.action.value
    if decision.is_left_alone:
        return "leave"
    return "keep"


def age(image: Image, now: datetime) -> str | None:
    """Returns how long ago an image was created, in whole days or hours: ``30d``, ``5h``."""
    from datetime import datetime, timedelta, timezone

    try:
        created = datetime.fromisoformat(str(image.get("created_at"))[:19])
    except ValueError:
        return None
    passed = max(now - created.replace(tzinfo=timezone.utc), timedelta())  # clocks differ
    if passed.days:
        return f"{passed.days}d"
    return f"{passed.seconds // 3600}h"


def why_nothing(decisions: Sequence[Decision]) -> str:
    """Returns what to look at where no group has a second image: how the groups are made."""
    members = [decision for decision in decisions if not decision.is_left_alone]
    if len(members) > 1 and all(decision.is_alone for decision in members):
        return ": each image is alone in its group (--per makes the groups)"
    return ""


def may_begin(app: App, going: Sequence[Image], pruning: Pruning) -> bool:
    """Whether the plan is to be carried out: --yes says so, or the user on the terminal.

    Raises GlanceError with --yes when more images would go than may in one run.
    """
    summary = f"{counted(len(going), 'image')} to {pruning.action.value}"
    if pruning.action is Action.DELETE:
        summary += f", {total_size(going)} to free"
    if len(going) > pruning.most:
        error = GlanceError(
            f"{summary}: more than the {pruning.most} of one run (--max), so nothing is changed",
            hint="Choose fewer images, or raise --max.",
        )
        if pruning.yes:
            raise error
        app.console.warn(app.console.describe(error))
        return False
    if pruning.yes:
        return True
    unconfirmed = f"{summary}; nothing is changed without --yes"
    if pruning.dry_run:
        app.console.note(unconfirmed)
        return False
    return app.console.confirm(f"{summary}. Go on?", unasked=unconfirmed)


def check_again(app: App, going: Sequence[Image], make: Callable[[], Sequence[Decision]]) -> None:
    """Raises GlanceError if an image would stay by now: a question may wait long for its answer.

    One that was deleted meanwhile does not stay.
    """
    app.usage.forget()
    still = {decision.image["id"] for decision in make() if decision.goes}
    others = [str(image["id"]) for image in going if image["id"] not in still]
    existing: set[str] = set()
    for start in range(0, len(others), MOST_AT_ONCE):
        existing.update(app.images.by_ids(others[start : start + MOST_AT_ONCE]))
    stay = len(existing.intersection(others))
    if stay:
        raise GlanceError(
            f"{counted(stay, 'image')} of the plan would stay by now, so nothing is changed",
            hint="Run the command again for a new plan.",
        )


def carry_out(app: App, going: Sequence[Image], pruning: Pruning) -> None:
    """Changes the images, the oldest first: what an interruption leaves is a plan again."""
    work = changer(app, pruning.action)
    by_id = {str(image["id"]): image for image in sorted(going, key=created_at)}
    done: list[Image] = []
    gone: list[str] = []

    def change(image_id: str) -> None:
        try:
            work(image_id)
        except NotFound:
            if pruning.action is not Action.DELETE:
                raise
            gone.append(image_id)
        else:
            done.append(by_id[image_id])

    result = DONE[pruning.action]
    try:
        failures = in_parallel(app, DOING[pruning.action], change, by_id)
    except KeyboardInterrupt as error:
        stopped = Stopped.by(error).with_context(
            f"{len(done)} of {counted(len(going), 'image')} {result}",
            hint="Run the command again for the others.",
        )
        raise stopped from error
    freed = ""
    if pruning.action is Action.DELETE:
        freed = f", {total_size(done)} freed"
    if gone:
        freed += f"; {counted(len(gone), 'image')} had been deleted meanwhile"
    app.console.note(f"{counted(len(done), 'image')} {result}{freed}")
    report_all(app, name_users(app, failures))


def total_size(images: Sequence[Image]) -> str:
    """Returns the bytes of all these images, with a unit."""
    return human_size(sum(image.get("size") or 0 for image in images))


def changer(app: App, action: Action) -> Callable[[str], object]:
    """Returns the function that does this to the image with an ID."""
    if action is Action.HIDE:
        return lambda image_id: app.images.update(image_id, Changes(fields={"os_hidden": True}))
    if action is Action.DEACTIVATE:
        return app.images.deactivate
    return app.images.delete
