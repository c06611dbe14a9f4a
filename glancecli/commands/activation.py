"""image-deactivate, image-reactivate, image-tag-update, image-tag-delete."""

from __future__ import annotations

from collections.abc import Sequence

from glancecli.api import find_id
from glancecli.cli.app import App
from glancecli.cli.options import pass_app
from glancecli.cli.program import argument, command
from glancecli.commands.shared.in_parallel import in_parallel, report_all

images_argument = argument(
    "images", metavar="IMAGE", nargs=-1, required=True, help="Names or IDs of the images."
)


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
