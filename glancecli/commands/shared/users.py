"""What uses an image, told to whoever deletes it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from glancecli.cli.app import App
from glancecli.errors import Conflict, GlanceError, Hint, NotFound
from glancecli.image import Image
from glancecli.text import counted

if TYPE_CHECKING:
    from glancecli.api.uses import State, Use


def warn_of_shelved_server(app: App, image: Image) -> None:
    """Warns where an image that is to be deleted is the disk of a shelved server."""
    from glancecli.api.compute.servers import is_shelved
    from glancecli.api.uses import may_be_shelved

    if not may_be_shelved(image):
        return
    disk = f"image {image['name']} ({image['id']}) "
    server_id = str(image["instance_uuid"])
    without = "without the image the server cannot be unshelved"
    try:
        server = app.compute.servers.get(server_id)
    except NotFound:
        return
    except GlanceError as error:
        reason = app.console.describe(error)
        app.console.warn(
            f"{disk}may be the disk of shelved server {server_id} ({reason}); {without}"
        )
        return
    if is_shelved(server):
        name = f"{server['name']} ({server_id})"
        app.console.warn(f"{disk}is the disk of shelved server {name}: {without}")


def name_users(app: App, failures: Sequence[GlanceError]) -> Sequence[GlanceError]:
    """Returns the failures; those of images that are in use (409) name the users that can be
    seen.
    """
    conflicts = [error for error in failures if isinstance(error, Conflict) and error.subject]
    if not conflicts:
        return failures
    app.usage.look_for(error.subject.name for error in conflicts if error.subject)
    try:
        for error in conflicts:
            assert error.subject  # noqa: S101 - for the type checker
            image = app.usage.find(error.subject.name)
            _add_users(error, app.usage.uses.look_up(image))
    except GlanceError as error:
        app.console.detail(f"what uses the images is unknown: {app.console.describe(error)}")
    return failures


def _add_users(error: Conflict, use: Use) -> None:
    if not use.users:
        return
    assert error.subject  # noqa: S101 - for the type checker
    hint = Hint("{} lists what uses it.", ("image-used-by", error.subject.name))
    error.with_context(f"it is used by {use.summary_with_ids}", hint=hint)


class UseCheck:
    """The test whether an image is used, or is known to be unused; it counts what is unknown."""

    def __init__(self, app: App, wanted: State) -> None:
        self._console = app.console
        self._uses = app.usage.uses
        self._wanted = wanted
        self._unknown: dict[str, int] = {}  # by the reason

    def __call__(self, image: Image) -> bool:
        """Whether the image is in the wanted state."""
        use = self._uses.look_up(image)
        if use.unseen and not use.users:
            self._unknown[use.unseen] = self._unknown.get(use.unseen, 0) + 1
        return use.state is self._wanted

    def report_unknown(self) -> None:
        """Warns of images that were left out because it is unknown whether they are used."""
        for reason, number in self._unknown.items():
            images = counted(number, "image")
            self._console.warn(f"{images} left out, as it is unknown whether used: {reason}")
