"""image-deactivate, image-reactivate."""

from __future__ import annotations

from collections.abc import Sequence

from glancecli.api import find_id
from glancecli.cli.app import App
from glancecli.cli.command import command, pass_app
from glancecli.cli.options import images_argument
from glancecli.commands.shared.in_parallel import in_parallel, report_all


@command(
    "image-deactivate",
    examples=[
        "image-deactivate cirros",
        "image-deactivate ID1 ID2 ID3",
        "image-list --older-than 90d -f id | xargs -r glance image-deactivate",
    ],
)
@images_argument
@pass_app
def image_deactivate(app: App, images: Sequence[str]) -> None:
    """Deactivate images: block downloads of their data, except by administrators.

    Prints nothing on success. Continues after a failure; exit code 1 if any failed.
    image-reactivate allows downloads again.
    """
    cloud = app.images  # made here: a version that cannot do it ends the command

    def deactivate(image: str) -> None:
        cloud.deactivate(find_id(cloud, image))

    report_all(app, in_parallel(app, "deactivating", deactivate, images))


@command(
    "image-reactivate",
    examples=[
        "image-reactivate cirros",
        "image-reactivate ID1 ID2 ID3",
        "image-list --status deactivated -f id | xargs -r glance image-reactivate",
    ],
)
@images_argument
@pass_app
def image_reactivate(app: App, images: Sequence[str]) -> None:
    """Reactivate images: allow downloads of their data again.

    Prints nothing on success. Continues after a failure; exit code 1 if any failed.
    """
    cloud = app.images  # made here: a version that cannot do it ends the command

    def reactivate(image: str) -> None:
        cloud.reactivate(find_id(cloud, image))

    report_all(app, in_parallel(app, "reactivating", reactivate, images))
