"""image-tag-update, image-tag-delete."""

from __future__ import annotations

from glancecli.api import find_id
from glancecli.cli.app import App
from glancecli.cli.options import list_output_options, pass_app
from glancecli.cli.program import argument, command
from glancecli.output.columns import ListColumn

image_argument = argument("image", metavar="IMAGE", help="Name or ID of the image.")


tag_argument = argument("tag", metavar="TAG", help="The tag.")


@command("image-tag-update", examples=["image-tag-update cirros tested"])
@image_argument
@tag_argument
@list_output_options
@pass_app
def image_tag_update(app: App, image: str, tag: str) -> None:
    """Put a tag on an image, and show all that it has then."""
    image_id = find_id(app.images, image)
    app.tags.add(image_id, tag)
    app.list([app.images.get(image_id)], (ListColumn("id", "ID"), ListColumn("tags", "Tags")))


@command("image-tag-delete", examples=["image-tag-delete cirros tested"])
@image_argument
@tag_argument
@pass_app
def image_tag_delete(app: App, image: str, tag: str) -> None:
    """Take a tag off an image; says nothing on success."""
    app.tags.remove(find_id(app.images, image), tag)
