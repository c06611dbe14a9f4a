"""image-wait."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from glancecli.api import find_id
from glancecli.api.errors import NoSuchImage
from glancecli.api.image_wait import Goal, ImageWait, WatchedImage
from glancecli.cli.app import App
from glancecli.cli.command import command, pass_app
from glancecli.cli.options import ListOptions, image_list_options, images_argument
from glancecli.cli.parameters import into, option
from glancecli.cli.types import OneOf, Seconds
from glancecli.commands.shared.in_parallel import report_all
from glancecli.commands.shared.results import SIX, list_images
from glancecli.errors import GlanceError, UsageError


class Waiting(NamedTuple):
    """What is waited for, and how."""

    goal: Goal
    timeout: float | None  # seconds
    interval: float | None


@command(
    "image-wait",
    examples=[
        "image-wait debian-12",
        "image-wait ID1 ID2 ID3 --timeout 1800",
        "image-wait old-snapshot --for deleted",
        "image-wait ID1 ID2 --for any-end -f value -c id -c status",
        "image-list 'build-*' --newer-than 1h -f id | xargs -r glance image-wait",
    ],
    may_print_nothing=True,
    only_reads=True,
)
@images_argument
@into(
    "waiting",
    Waiting,
    option(
        "--for",
        "goal",
        type=OneOf(Goal),
        default="active",
        metavar="STATUS",
        help="Wait for this status: active, deleted, deactivated or queued; any-end: active, "
        "deactivated, killed, deleted, or a failed import (default: active).",
    ),
    option(
        "--timeout",
        type=Seconds(),
        metavar="SECONDS",
        help="Abort after this time, exit code 1 (default: 600).",
    ),
    option(
        "--interval",
        type=Seconds(),
        metavar="SECONDS",
        help="Time between two checks (default: increases up to 5).",
    ),
    title="Waiting",
)
@image_list_options
@pass_app
def image_wait(app: App, images: Sequence[str], waiting: Waiting, listing: ListOptions) -> None:
    """Wait until images are active, deleted, deactivated or queued.

    Ends at once when an image can no longer get there: it was deleted, or its import has failed.
    Exit code 0 if all are there, 1 if one failed or the time is over. Prints nothing; with -f or
    -c, the images that are there.
    """
    if waiting.interval == 0:
        raise UsageError("--interval must be more than 0 seconds")
    seconds = app.wait_seconds
    if waiting.timeout is not None:
        seconds = waiting.timeout
    watched, failures = _watched(app, images, waiting.goal)
    with app.console.status_line() as line:
        wait = ImageWait(
            app.images,
            watched,
            waiting.goal,
            lambda: line.show(_progress(watched, waiting.goal)),
        )
        wait.run(seconds, waiting.interval)
    if {"--format", "--column"}.intersection(app.line.options):
        there = [each.image for each in watched if each.image and each.is_done]
        list_images(app, there, SIX, listing)
    failures += [each.failure for each in watched if each.failure]
    report_all(app, failures)


def _watched(
    app: App, images: Sequence[str], goal: Goal
) -> tuple[list[WatchedImage], list[GlanceError]]:
    """Returns the images, each once, and the errors of names that cannot be resolved."""
    found: dict[str, WatchedImage] = {}
    failures: list[GlanceError] = []
    for image in images:
        try:
            image_id = find_id(app.images, image)
            found.setdefault(image_id, WatchedImage(image, image_id))
        except UsageError:
            raise
        except GlanceError as error:
            if goal is Goal.DELETED and isinstance(error, NoSuchImage):
                app.console.note(f"no image is named {image}; it counts as deleted")
            else:
                failures.append(error)
    return list(found.values()), failures


def _progress(watched: Sequence[WatchedImage], goal: Goal) -> str:
    """Returns how many images are there, and which are not."""
    done = sum(each.is_done for each in watched)
    waiting = [f"{each.ref} ({each.status})" for each in watched if not each.has_ended]
    text = f"{done} of {len(watched)} {goal.value}"
    if waiting:
        text += f"; waiting for {', '.join(waiting)}"
    return text
