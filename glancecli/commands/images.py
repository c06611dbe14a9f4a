"""image-show, image-delete."""

from __future__ import annotations

from collections.abc import Sequence

from glancecli.api import find
from glancecli.cli.app import App
from glancecli.cli.command import command, pass_app
from glancecli.cli.options import (
    ListOptions,
    ShowOptions,
    image_argument,
    image_show_options,
    images_argument,
    list_options,
)
from glancecli.cli.parameters import option
from glancecli.commands.shared.in_parallel import in_parallel, report_all
from glancecli.commands.shared.results import PROTECTED, SIX, list_images, show_image
from glancecli.commands.shared.users import name_users, warn_of_shelved_server
from glancecli.errors import GlanceError, NotFound
from glancecli.image import Image, is_uuid


@command(
    "image-show",
    examples=[
        "image-show cirros",
        "image-show cirros -f json",
        "image-show cirros -f value -c status",
    ],
    only_reads=True,
)
@image_argument
@option("--show-secrets", is_flag=True, help="Show the credentials in location URLs.")
@image_show_options
@pass_app
def image_show(app: App, image: str, show_secrets: bool, show: ShowOptions) -> None:
    """Show one image with its properties."""
    found = find(app.images, image)
    show_image(app, found, show, secrets=show_secrets)
    app.console.advise_on_result(lambda: _how_to_accept(app, found))


def _how_to_accept(app: App, image: Image) -> str:
    """Returns how to accept an image that is shared with our project and waits for an answer, ""
    for any other image.
    """
    project = app.identity.project_id
    if image.get("visibility") != "shared" or project in (None, image.get("owner")):
        return ""
    try:
        member = app.members.get(image["id"], project)
    except GlanceError:
        return ""  # not a member, and nobody asked
    if member.get("status") != "pending":
        return ""
    command = app.console.pasteable("member-update", image["id"], project, "accepted")
    return f"it is shared with your project, which may accept it: {command}"


@command(
    "image-delete",
    examples=[
        "image-delete cirros",
        "image-delete ID1 ID2 ID3",
        "image-list 'debian-11-*' --older-than 90d -f id | xargs -r glance image-delete",
    ],
    may_print_nothing=True,
)
@images_argument
@option("--dry-run", is_flag=True, help="Show the images that would be deleted; delete none.")
@list_options
@pass_app
def image_delete(app: App, images: Sequence[str], dry_run: bool, listing: ListOptions) -> None:
    """Delete images. Continues after a failure; exit code 1 if any failed.

    The error for an image that is in use names the users that can be seen. Warns where the name of
    an image shows that it is the disk of a shelved server.
    """
    if dry_run:
        app.console.check_stdout()
        found: list[Image] = []
        failures = in_parallel(app, "looking up", lambda ref: found.append(_find(app, ref)), images)
        list_images(app, found, (*SIX, PROTECTED), listing)
    else:
        failures = in_parallel(app, "deleting", lambda ref: _delete(app, ref), images)
    report_all(app, name_users(app, failures))


def _find(app: App, ref: str) -> Image:
    """Returns the image that is to be deleted."""
    image = find(app.images, ref)
    warn_of_shelved_server(app, image)
    return image


def _delete(app: App, image: str) -> None:
    """Deletes one image. An ID is not looked up first; it may turn out to be a name."""
    image_id = image
    if not is_uuid(image):
        image_id = str(_find(app, image)["id"])
    try:
        app.images.delete(image_id)
    except NotFound:
        named: list[Image] = []
        if is_uuid(image):
            named = app.images.named(image)
        if len(named) != 1:
            raise
        app.images.delete(named[0]["id"])
    app.console.detail(f"image {image} deleted")
