"""image-deactivate, image-reactivate."""

from __future__ import annotations

from collections.abc import Sequence

from glancecli.api import find_id
from glancecli.cli.app import App
from glancecli.cli.command import command, pass_app
from glancecli.commands.shared.arguments import images_argument
from glancecli.commands.shared.in_parallel import in_parallel, report_all


@command("image-deactivate", examples=["image-deactivate cirros", "image-deactivate ID1 ID2 ID3"])
@images_argument
@pass_app
def image_deactivate(app: App, images: Sequence[str]) -> None:
    """Let nobody but administrators read the data of active images; says nothing on success.

    Goes on after a failure; exit code 1 if any failed. image-reactivate undoes it.
    """
    cloud = app.images  # made here, so that a version that cannot do it ends everything
    failures = in_parallel(lambda image: cloud.deactivate(find_id(cloud, image)), images)
    report_all(app, failures)


@command("image-reactivate", examples=["image-reactivate cirros", "image-reactivate ID1 ID2 ID3"])
@images_argument
@pass_app
def image_reactivate(app: App, images: Sequence[str]) -> None:
    """Let the data of deactivated images be read again; says nothing on success.

    Goes on after a failure; exit code 1 if any failed.
    """
    cloud = app.images  # made here, so that a version that cannot do it ends everything
    failures = in_parallel(lambda image: cloud.reactivate(find_id(cloud, image)), images)
    report_all(app, failures)
