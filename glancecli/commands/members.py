"""member-list, member-get, member-create, member-update, member-delete: whom images are shared
with.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from glancecli.api import find_id
from glancecli.cli.app import App
from glancecli.cli.options import list_output_options, output_options, pass_app
from glancecli.cli.program import argument, command, option
from glancecli.errors import NotFound, UsageError
from glancecli.image import Query
from glancecli.output.columns import ListColumn

if TYPE_CHECKING:
    from glancecli.api.interfaces import Member

IMAGE, MEMBER = ListColumn("image_id", "Image ID"), ListColumn("member_id", "Member ID")
STATUS, CAN_SHARE = ListColumn("status", "Status"), ListColumn("can_share", "Can Share")

image_argument = argument("image", metavar="IMAGE", help="Name or ID of the image.")
project_argument = argument(
    "project", metavar="PROJECT_ID", help="The project that it is shared with."
)


@command(
    "member-list",
    examples=[
        "member-list --image-id cirros",
        "member-list --tenant-id 66265572db174a7aa66eba661f58eb9e",
    ],
)
@option("--image-id", metavar="IMAGE", help="Whom this image is shared with.")
@option(
    "--tenant-id",
    "--project-id",
    "project",
    metavar="PROJECT_ID",
    help="What is shared with this project.",
)
@list_output_options
@pass_app
def member_list(app: App, image_id: str | None, project: str | None) -> None:
    """List the projects that an image is shared with, or the images that are shared with a project."""
    if bool(image_id) == bool(project):
        raise UsageError("give one of --image-id and --tenant-id")
    if image_id:
        rows = app.members.list(find_id(app.images, image_id))
    else:
        rows = app.members.shared_with(str(project))
    _show(app, rows)


@command("member-get", examples=["member-get cirros 66265572db174a7aa66eba661f58eb9e"])
@image_argument
@project_argument
@output_options
@pass_app
def member_get(app: App, image: str, project: str) -> None:
    """Show one project's share in an image."""
    member = app.members.get(find_id(app.images, image), project)
    app.out.write_properties({k: v for k, v in member.items() if k != "schema"})


@command("member-create", examples=["member-create cirros 66265572db174a7aa66eba661f58eb9e"])
@image_argument
@project_argument
@option("--can-share", is_flag=True, help="The project may share it further (Images v1 only).")
@list_output_options
@pass_app
def member_create(app: App, image: str, project: str, can_share: bool) -> None:
    """Share an image with a project.

    With Images v2 the project sees it in its lists once it has accepted (member-update).
    """
    member = app.members.add(find_id(app.images, image), project, can_share=can_share)
    if not app.old_clothes:
        _show(app, [member])


@command("member-update", examples=["member-update ID 66265572db174a7aa66eba661f58eb9e accepted"])
@image_argument
@project_argument
@argument(
    "status",
    metavar="STATUS",
    type=click.Choice(["pending", "accepted", "rejected"]),
    help="The answer.",
)
@list_output_options
@pass_app
def member_update(app: App, image: str, project: str, status: str) -> None:
    """Accept or reject an image that is shared with your project; only that project can."""
    _show(app, [app.members.set_status(_offered_id(app, image), project, status)])


def _offered_id(app: App, ref: str) -> str:
    """The ID that ref names; lists leave out what is shared with us until we have accepted it."""
    try:
        return find_id(app.images, ref)
    except NotFound:
        filters = (("name", ref), ("visibility", "shared"), ("member_status", "all"))
        offered = [i for i in app.images.list(Query(filters=filters)) if i.get("name") == ref]
        if len(offered) != 1:
            raise
        return str(offered[0]["id"])


@command("member-delete", examples=["member-delete cirros 66265572db174a7aa66eba661f58eb9e"])
@image_argument
@project_argument
@pass_app
def member_delete(app: App, image: str, project: str) -> None:
    """Share an image with a project no longer; says nothing on success."""
    app.members.remove(find_id(app.images, image), project)


def _show(app: App, rows: Sequence[Member]) -> None:
    """Members with what their version of the API tells of them."""
    if app.old_clothes or any("can_share" in row for row in rows):
        app.out.write_list(
            [{"can_share": False, **row} for row in rows], (IMAGE, MEMBER, CAN_SHARE)
        )
    else:
        app.out.write_list(rows, (IMAGE, MEMBER, STATUS))
