"""member-list, member-get, member-create, member-update, member-delete: sharing images."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from glancecli.api import find_id
from glancecli.cli.app import App
from glancecli.cli.command import command, pass_app
from glancecli.cli.options import (
    ListOptions,
    ShowOptions,
    image_argument,
    list_options,
    short_show_options,
)
from glancecli.cli.parameters import argument, option
from glancecli.errors import NotFound, UsageError
from glancecli.image import Query
from glancecli.output.columns import ListColumn

if TYPE_CHECKING:
    from glancecli.api.interfaces import Member

IMAGE, MEMBER = ListColumn("image_id", "Image ID"), ListColumn("member_id", "Member ID")
STATUS, CAN_SHARE = ListColumn("status", "Status"), ListColumn("can_share", "Can Share")

project_argument = argument(
    "project", metavar="PROJECT_ID", help="Project that the image is shared with."
)


@command(
    "member-list",
    examples=[
        "member-list cirros",
        "member-list --tenant-id 66265572db174a7aa66eba661f58eb9e",
    ],
)
@argument("image", metavar="IMAGE", required=False, help="Name or ID of an image.")
@option("--image-id", metavar="IMAGE", help="The same as IMAGE.")
@option(
    "--tenant-id",
    "--project-id",
    "project",
    metavar="PROJECT_ID",
    help="List the images that are shared with this project.",
)
@list_options
@pass_app
def member_list(
    app: App,
    image: str | None,
    image_id: str | None,
    project: str | None,
    listing: ListOptions,
) -> None:
    """List the members of an image, or the images that are shared with a project."""
    given = [word for word in (image, image_id, project) if word]
    if len(given) != 1:
        raise UsageError("give one of IMAGE, --image-id and --tenant-id")
    if project:
        members = app.members.shared_with(project)
    else:
        members = app.members.list(find_id(app.images, given[0]))
    _show(app, members, listing)


@command("member-get", examples=["member-get cirros 66265572db174a7aa66eba661f58eb9e"])
@image_argument
@project_argument
@short_show_options
@pass_app
def member_get(app: App, image: str, project: str, show: ShowOptions) -> None:
    """Show one member of an image."""
    member = app.members.get(find_id(app.images, image), project)
    rows = {key: value for key, value in member.items() if key != "schema"}
    app.console.out(show).write_properties(rows)


@command("member-create", examples=["member-create cirros 66265572db174a7aa66eba661f58eb9e"])
@image_argument
@project_argument
@option(
    "--can-share",
    is_flag=True,
    help="Allow the project to share the image with others (Images v1; v2 warns).",
)
@list_options
@pass_app
def member_create(
    app: App, image: str, project: str, can_share: bool, listing: ListOptions
) -> None:
    """Share an image with a project.

    With Images v2 the project sees the image in its lists after it has accepted (member-update).
    """
    member = app.members.add(find_id(app.images, image), project, can_share=can_share)
    if not app.as_v1:
        _show(app, [member], listing)


@command("member-update", examples=["member-update ID 66265572db174a7aa66eba661f58eb9e accepted"])
@image_argument
@project_argument
@argument(
    "status",
    metavar="STATUS",
    type=click.Choice(["pending", "accepted", "rejected"]),
    help="pending, accepted or rejected.",
)
@list_options
@pass_app
def member_update(app: App, image: str, project: str, status: str, listing: ListOptions) -> None:
    """Accept or reject an image that is shared with your project. Only the member can do it."""
    member = app.members.set_status(_offered_id(app, image), project, status)
    _show(app, [member], listing)


def _offered_id(app: App, image: str) -> str:
    """Returns the ID of an image that is named, also of one that we have not accepted yet.

    Default lists leave that out.
    """
    try:
        return find_id(app.images, image)
    except NotFound:
        filters = (("name", image), ("visibility", "shared"), ("member_status", "all"))
        listed = app.images.list(Query(filters=filters))
        offered = [each for each in listed if each.get("name") == image]
        if len(offered) != 1:
            raise
        return str(offered[0]["id"])


@command("member-delete", examples=["member-delete cirros 66265572db174a7aa66eba661f58eb9e"])
@image_argument
@project_argument
@pass_app
def member_delete(app: App, image: str, project: str) -> None:
    """Stop sharing an image with a project. Prints nothing on success."""
    app.members.remove(find_id(app.images, image), project)


def _show(app: App, members: Sequence[Member], listing: ListOptions) -> None:
    """Writes members with the columns that their version of the API has."""
    out = app.console.out(listing)
    if app.as_v1 or any("can_share" in member for member in members):
        rows = [{"can_share": False, **member} for member in members]
        out.write_list(rows, (IMAGE, MEMBER, CAN_SHARE))
    else:
        out.write_list(members, (IMAGE, MEMBER, STATUS))
