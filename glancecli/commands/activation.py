"""image-deactivate, image-reactivate, image-tag-update, image-tag-delete."""

from __future__ import annotations

from collections.abc import Sequence

from glancecli.api import find_id
from glancecli.cli.app import App
from glancecli.cli.options import list_output_options, pass_app
from glancecli.cli.program import argument, command
from glancecli.commands.images import in_parallel, report_all
from glancecli.output.render import Column

images_argument = argument(
    "images", metavar="IMAGE", nargs=-1, required=True, help="Names or IDs of the images."
)
image_argument = argument("image", metavar="IMAGE", help="Name or ID of the image.")
tag_argument = argument("tag", metavar="TAG", help="The tag.")


@command("image-deactivate", examples=["image-deactivate cirros", "image-deactivate ID1 ID2 ID3"])
@images_argument
@pass_app
def image_deactivate(app: App, images: Sequence[str]) -> None:
    """Let nobody but administrators read the data of active images; says nothing on success.

    Goes on after a failure; exit code 1 if any failed. image-reactivate undoes it.
    """
    cloud = app.images  # made here, so that a version that cannot do it ends everything
    report_all(app, in_parallel(lambda ref: cloud.deactivate(find_id(cloud, ref)), images))


@command("image-reactivate", examples=["image-reactivate cirros", "image-reactivate ID1 ID2 ID3"])
@images_argument
@pass_app
def image_reactivate(app: App, images: Sequence[str]) -> None:
    """Let the data of deactivated images be read again; says nothing on success.

    Goes on after a failure; exit code 1 if any failed.
    """
    cloud = app.images  # made here, so that a version that cannot do it ends everything
    report_all(app, in_parallel(lambda ref: cloud.reactivate(find_id(cloud, ref)), images))


@command("image-tag-update", examples=["image-tag-update cirros tested"])
@image_argument
@tag_argument
@list_output_options
@pass_app
def image_tag_update(app: App, image: str, tag: str) -> None:
    """Put a tag on an image, and show all that it has then."""
    image_id = find_id(app.images, image)
    app.images.add_tag(image_id, tag)
    app.list([app.images.get(image_id)], (Column("id", "ID"), Column("tags", "Tags")))


@command("image-tag-delete", examples=["image-tag-delete cirros tested"])
@image_argument
@tag_argument
@pass_app
def image_tag_delete(app: App, image: str, tag: str) -> None:
    """Take a tag off an image; says nothing on success."""
    app.images.remove_tag(find_id(app.images, image), tag)
