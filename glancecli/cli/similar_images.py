"""Names of images that a mistyped one may stand for; imported only for that."""

from __future__ import annotations

import shlex
from collections.abc import Iterable

from glancecli.api.errors import NoSuchImage
from glancecli.api.lookup import find_offered
from glancecli.cli.app import App
from glancecli.errors import GlanceError, Hint, ReportedError
from glancecli.image import Query
from glancecli.text import listed, people_read_stderr, similar_names

MOST_IMAGES = 1000  # those of one request, the newest


def suggest_images(app: App, errors: Iterable[ReportedError]) -> None:
    """Gives errors about names that no image has the most similar names as a hint.

    One request serves them all; on a terminal another one finds out whether a single name waits for
    our project to accept it. A command that changes something gets none in a pipe, where nobody
    reads the hint and every request counts.
    """
    missing = [
        error for error in errors if isinstance(error, NoSuchImage) and error.may_be_mistyped
    ]
    if not missing or not (app.line.only_reads or people_read_stderr()):
        return
    names = _names_of_images(app)
    for error in missing:
        found = similar_names(error.typed_image, names)
        if found:
            error.hint = f"Did you mean {listed([shlex.quote(name) for name in found], 'or')}?"
        elif len(missing) == 1 and people_read_stderr():
            error.hint = _how_to_accept(app, error.typed_image) or error.hint


def _names_of_images(app: App) -> list[str]:
    """Returns the names of the newest images; none where the service does not list them."""
    query = Query(sort=(("created_at", "desc"),), limit=MOST_IMAGES)
    try:
        return [image["name"] for image in app.images.list(query) if image.get("name")]
    except GlanceError:
        return []


def _how_to_accept(app: App, name: str) -> Hint | None:
    """Returns how to accept an image of this name that is shared with our project and waits."""
    project = app.identity.project_id
    if not project:
        return None
    try:
        offered = find_offered(app.images, name, "pending")
    except GlanceError:
        return None
    if offered is None:
        return None
    accept = ("member-update", str(offered["id"]), project, "accepted")
    return Hint("An image of this name waits for your project to accept it: {}", accept)
