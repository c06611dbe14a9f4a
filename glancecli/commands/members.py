"""member-list, member-get, member-create, member-update, member-delete: sharing images."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from glancecli.api import find_id
from glancecli.api.errors import NoSuchProject, NotShared
from glancecli.api.lookup import find_offered
from glancecli.cli.app import App
from glancecli.cli.command import command, pass_app
from glancecli.cli.options import (
    ListOptions,
    ShowOptions,
    image_argument,
    list_options,
    project_domain,
    short_show_options,
)
from glancecli.cli.parameters import argument, into, option
from glancecli.cli.types import Choice
from glancecli.commands.shared.in_parallel import report_all
from glancecli.errors import GlanceError, Hint, NotFound, UsageError, Words
from glancecli.image import Query
from glancecli.output.columns import ListColumn
from glancecli.output.styles import IMAGE, MEMBER, STATUS

if TYPE_CHECKING:
    from glancecli.api.interfaces import Member

NAME, OWNER = ListColumn("name", "Name"), ListColumn("owner", "Owner", rank=1)

PENDING = (("visibility", "shared"), ("member_status", "pending"))

project_argument = argument(
    "project", metavar="PROJECT", help="Project that the image is shared with (name or ID)."
)


class Listed(NamedTuple):
    """What members are listed: of an image, of a project, or what waits for our own project."""

    image: str | None
    image_id: str | None
    project: str | None
    pending: bool


class Sharing(NamedTuple):
    """How an image is shared."""

    can_share: bool
    make_shared: bool
    accept: bool
    project_domain: str


@command(
    "member-list",
    examples=[
        "member-list cirros",
        "member-list --project-id web-team",
        "member-list --pending",
    ],
    only_reads=True,
)
@into(
    "listed",
    Listed,
    argument("image", metavar="IMAGE", required=False, help="Name or ID of an image."),
    option("--image-id", metavar="IMAGE", help="The same as IMAGE."),
    option(
        "--tenant-id",
        "--project-id",
        "project",
        metavar="PROJECT",
        help="List the images that are shared with this project (name or ID).",
    ),
    option(
        "--pending",
        is_flag=True,
        help="List the images that your project has neither accepted nor rejected.",
    ),
)
@project_domain
@list_options
@pass_app
def member_list(app: App, listed: Listed, project_domain: str, listing: ListOptions) -> None:
    """List the members of an image, or the images that are shared with a project."""
    given = [word for word in listed if word]
    if len(given) != 1:
        raise UsageError("give one of IMAGE, --image-id, --tenant-id and --pending")
    if listed.pending:
        _show_pending(app, listing)
        return
    if listed.project:
        members = app.members.shared_with(app.projects.find_id(listed.project, project_domain))
    else:
        members = app.members.list(find_id(app.images, str(given[0])))
    _show(app, members, listing)


def _show_pending(app: App, listing: ListOptions) -> None:
    """Writes the images that are shared with our project and wait, also hidden ones.

    status is the member's, as in other lists of members; image_status the image's.
    """
    from glancecli.output.image_rows import masked

    queries = (Query(PENDING, hidden=hidden, of_others=True) for hidden in (None, True))
    images = chain.from_iterable(map(app.images.list, queries))
    offered = (image for image in images if _waits(app, str(image["id"])))
    rows = (
        {
            **masked(image),
            "image_id": image["id"],
            "image_status": image.get("status"),
            "member_id": app.identity.project_id,
            "status": "pending",
        }
        for image in offered
    )
    ours = MEMBER._replace(rank=2)  # the same in each row
    columns = (IMAGE, NAME, OWNER, ours, STATUS)
    app.console.out(listing).write_list(rows, columns, shows_one="image-show")


def _waits(app: App, image_id: str) -> bool:
    """Whether a listed image waits for our project. Administrators get the shared images of all
    projects in such a list, so each is asked.
    """
    from glancecli.api.usage import ADMIN

    project = app.identity.project_id
    if project is None or ADMIN not in (app.identity.roles or ()):
        return True
    try:
        return app.members.get(image_id, project).get("status") == "pending"
    except NotFound:
        return False


@command("member-get", examples=["member-get cirros web-team"], only_reads=True)
@image_argument
@project_argument
@project_domain
@short_show_options
@pass_app
def member_get(app: App, image: str, project: str, project_domain: str, show: ShowOptions) -> None:
    """Show one member of an image."""
    image_id = find_id(app.images, image)
    with _member_id(app, project, project_domain) as project_id:
        member = app.members.get(image_id, project_id)
    rows = {key: value for key, value in member.items() if key != "schema"}
    app.console.out(show).write_properties(rows)


@command(
    "member-create",
    examples=[
        "member-create cirros 66265572db174a7aa66eba661f58eb9e",
        "member-create cirros web-team db-team --make-shared",
        "member-create cirros web-team --project-domain acme --accept",
    ],
)
@image_argument
@argument(
    "projects",
    metavar="PROJECT",
    nargs=-1,
    required=True,
    help="Projects to share the image with (names or IDs).",
)
@into(
    "sharing",
    Sharing,
    option(
        "--make-shared",
        is_flag=True,
        help="Set the visibility of a private image to shared, so that it can have members.",
    ),
    option(
        "--accept",
        is_flag=True,
        help="Accept the image in the place of the projects (administrators).",
    ),
    option(
        "--can-share",
        is_flag=True,
        help="Allow the projects to share the image with others (Images v1; v2 warns).",
    ),
    project_domain,
    title="Sharing",
)
@list_options
@pass_app
def member_create(
    app: App,
    image: str,
    projects: Sequence[str],
    sharing: Sharing,
    listing: ListOptions,
) -> None:
    """Share an image with projects. Continues after a failure; exit code 1 if any failed.

    With Images v2 a project sees the image in its lists after it has accepted (member-update).
    Only administrators can look up the names of other projects; others give IDs.
    """
    image_id = find_id(app.images, image)
    project_ids, failures = _project_ids(app, projects, sharing.project_domain)
    if project_ids and sharing.make_shared:
        app.members.allow(image_id)
    members, refusals = _share(app, image_id, project_ids, sharing)
    for error in refusals:
        if isinstance(error, NotShared) and error.visibility == "private":
            command = _make_shared(image, projects, sharing)
            error.hint = Hint("{} sets its visibility to shared first.", command)
    if members and app.style.shows_new_members:
        _show(app, members, listing)
    report_all(app, failures + refusals)


def _share(
    app: App, image_id: str, project_ids: Mapping[str, str], sharing: Sharing
) -> tuple[list[Member], list[GlanceError]]:
    """Returns the new members and the failures; project_ids has the projects as they were typed."""
    members: list[Member] = []
    failures: list[GlanceError] = []
    for project_id, project in project_ids.items():
        try:
            members.append(app.members.add(image_id, project_id, can_share=sharing.can_share))
            if sharing.accept:
                members[-1] = _accepted(app, image_id, project_id, project)
        except UsageError:
            raise
        except GlanceError as error:
            failures.append(error)
            if isinstance(error, NotShared):
                break  # as for every other project
    return members, failures


def _make_shared(image: str, projects: Sequence[str], sharing: Sharing) -> Words:
    """Returns the command that shares a private image with these projects."""
    words = ["member-create", image, *projects, "--make-shared"]
    if sharing.accept:
        words.append("--accept")
    if sharing.project_domain:
        words += ["--project-domain", sharing.project_domain]
    return tuple(words)


def _project_ids(
    app: App, projects: Sequence[str], domain: str
) -> tuple[dict[str, str], list[GlanceError]]:
    """Returns the projects that are found, by their IDs, and the errors of the others."""
    found: dict[str, str] = {}
    failures: list[GlanceError] = []
    for project in dict.fromkeys(projects):
        try:
            found[app.projects.checked_id(project, domain)] = project
        except UsageError:
            raise
        except GlanceError as error:
            failures.append(error)
    return found, failures


def _accepted(app: App, image_id: str, project_id: str, project: str) -> Member:
    """Returns the member after the image has been accepted in its place."""
    try:
        return app.members.accept(image_id, project_id)
    except GlanceError as error:
        accept = ("member-update", image_id, project_id, "accepted")
        raise error.with_context(
            f"the image is shared with project {project}, which has not accepted it",
            hint=Hint("A user of that project accepts it: {}.", accept),
        ) from None


@command(
    "member-update",
    examples=[
        "member-update ID 66265572db174a7aa66eba661f58eb9e accepted",
        "member-update ID web-team rejected",
    ],
)
@image_argument
@project_argument
@argument(
    "status",
    metavar="STATUS",
    type=Choice(["pending", "accepted", "rejected"]),
    help="pending, accepted or rejected.",
)
@project_domain
@list_options
@pass_app
def member_update(
    app: App, image: str, project: str, status: str, project_domain: str, listing: ListOptions
) -> None:
    """Accept or reject an image that is shared with your project. Only the member can do it."""
    image_id = _offered_id(app, image)
    with _member_id(app, project, project_domain) as project_id:
        member = app.members.set_status(image_id, project_id, status)
    _show(app, [member], listing)


def _offered_id(app: App, image: str) -> str:
    """Returns the ID of an image that is named, also of one that we have not accepted yet."""
    try:
        return find_id(app.images, image)
    except NotFound:
        offered = find_offered(app.images, image, "all")
        if offered is None:
            raise
        return str(offered["id"])


@command("member-delete", examples=["member-delete cirros web-team"])
@image_argument
@project_argument
@project_domain
@pass_app
def member_delete(app: App, image: str, project: str, project_domain: str) -> None:
    """Stop sharing an image with a project. Prints nothing on success."""
    image_id = find_id(app.images, image)
    with _member_id(app, project, project_domain) as project_id:
        app.members.remove(image_id, project_id)


@contextmanager
def _member_id(app: App, project: str, domain: str) -> Iterator[str]:
    """Gives the ID of a project that may be a member.

    A word that no project has as its name may be a member all the same: services take any word.
    """
    unknown = None
    project_id = project
    try:
        project_id = app.projects.find_id(project, domain)
    except NoSuchProject as error:
        unknown = error
    try:
        yield project_id
    except NotFound as error:
        raise (unknown or error) from None


def _show(app: App, members: Sequence[Member], listing: ListOptions) -> None:
    """Writes members as a list."""
    rows, columns = app.style.members(members)
    app.console.out(listing).write_list(rows, columns)
