"""aggregate-cache-images: images copied to compute hosts before they are needed."""

from __future__ import annotations

from glancecli.api import find
from glancecli.cli.app import App
from glancecli.cli.command import command, pass_app
from glancecli.cli.options import images_argument
from glancecli.cli.parameters import argument


@command(
    "aggregate-cache-images",
    examples=[
        "aggregate-cache-images edge-hosts cirros debian-12",
        "image-list --status active -f id | xargs -r nova aggregate-cache-images edge-hosts",
    ],
)
@argument("aggregate", metavar="AGGREGATE", help="Name or ID of the aggregate of hosts.")
@images_argument
@pass_app
def aggregate_cache_images(app: App, aggregate: str, images: tuple[str, ...]) -> None:
    """Copy images to the compute hosts of an aggregate, so that servers start sooner there.

    Needs the Compute API 2.81; by default only administrators may. The hosts begin at once and
    finish later. Prints nothing on success.
    """
    # Nova accepts an ID that no image has, and its hosts fail later, unseen.
    image_ids = [str(find(app.images, image)["id"]) for image in images]
    app.compute.aggregates.cache_images(aggregate, image_ids)
