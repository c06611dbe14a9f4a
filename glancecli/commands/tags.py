"""image-tag-update, image-tag-delete."""

from __future__ import annotations

from glancecli.api import find_id
from glancecli.cli.app import App
from glancecli.cli.command import command, pass_app
from glancecli.cli.options import ListOptions, image_argument, list_options
from glancecli.cli.parameters import argument
from glancecli.commands.shared.results import list_images
from glancecli.output.columns import ListColumn

COLUMNS = (ListColumn("id", "ID"), ListColumn("tags", "Tags", prose=True))

tag_argument = argument("tag", metavar="TAG", help="Name of the tag.")


@command("image-tag-update", examples=["image-tag-update cirros tested"])
@image_argument
@tag_argument
@list_options
@pass_app
def image_tag_update(app: App, image: str, tag: str, listing: ListOptions) -> None:
    """Add a tag to an image, and show all of its tags."""
    image_id = find_id(app.images, image)
    app.tags.add(image_id, tag)
    list_images(app, [app.images.get(image_id)], COLUMNS, listing)


@command("image-tag-delete", examples=["image-tag-delete cirros tested"])
@image_argument
@tag_argument
@pass_app
def image_tag_delete(app: App, image: str, tag: str) -> None:
    """Remove a tag from an image. Prints nothing on success."""
    app.tags.remove(find_id(app.images, image), tag)
