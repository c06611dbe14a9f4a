"""image-used-by: the servers, volumes and images that use an image."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from glancecli.api.uses import State, Use
from glancecli.cli.app import App
from glancecli.cli.command import command, pass_app
from glancecli.cli.options import ListOptions, images_argument, list_options
from glancecli.commands.shared.in_parallel import in_parallel, report_all
from glancecli.output.columns import ListColumn

COLUMNS = (
    ListColumn("image", "Image", rank=1),
    ListColumn("kind", "Kind"),
    ListColumn("id", "ID"),
    ListColumn("name", "Name"),
    ListColumn("status", "Status", rank=2),
    ListColumn("project", "Project", rank=3),
)


@command(
    "image-used-by",
    examples=[
        "image-used-by debian-12",
        "image-used-by debian-11 debian-12 -c Image,Kind,Name",
        "image-list 'debian-11-*' -f id | xargs -r glance image-used-by",
    ],
    only_reads=True,
)
@images_argument
@list_options
@pass_app
def image_used_by(app: App, images: Sequence[str], listing: ListOptions) -> None:
    """List the servers, volumes and images that use an image.

    Kinds: server, shelved-server (whose disk the image is), volume, snapshot (an image made of a
    server that was started from it), kernel-of and ramdisk-of (an image that boots with it), and
    unknown: there may be users that you cannot see, for the reason on stderr. An empty list means
    that nothing uses the image.

    Servers and volumes of all projects are seen where policy allows it, else those of your project.
    """
    found: dict[str, Use] = {}
    app.usage.look_for(images)
    uses = app.usage.uses

    def look_up(image: str) -> None:
        found[image] = uses.look_up(app.usage.find(image))

    failures = in_parallel(app, "looking for users", look_up, images, workers=1)
    rows = [row for image, use in found.items() for row in _rows(image, use)]
    if found:
        app.console.out(listing).write_list(rows, COLUMNS)
    _explain(app, found)
    report_all(app, failures)


def _rows(image: str, use: Use) -> Iterator[dict[str, Any]]:
    """Yields a row for each user, and one for what was not seen."""
    for user in use.users:
        yield {"image": image, **user._asdict(), "kind": user.kind.value, "reason": None}
    if use.unseen:
        row = {column.key: None for column in COLUMNS}
        yield {**row, "image": image, "kind": State.UNKNOWN.value, "reason": use.unseen}


def _explain(app: App, uses: dict[str, Use]) -> None:
    """Writes which images nothing uses, and why others may have users that are not listed."""
    reasons: dict[str, list[str]] = {}
    for image, use in uses.items():
        if use.unseen:
            reasons.setdefault(use.unseen, []).append(image)
        elif use.state is State.UNUSED:
            app.console.note(f"nothing uses image {image}")
    for reason, images in reasons.items():
        app.console.warn(f"{', '.join(images)}: there may be users that you cannot see: {reason}")
