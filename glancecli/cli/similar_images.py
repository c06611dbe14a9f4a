"""Names of images that a mistyped one may stand for; imported only for that."""

from __future__ import annotations

import shlex
from collections.abc import Iterable

from glancecli.api.errors import NoSuchImage
from glancecli.cli.app import App
from glancecli.errors import GlanceError, ReportedError
from glancecli.image import Query
from glancecli.text import listed, people_read_stderr, similar_names

MOST_IMAGES = 1000  # those of one request, the newest


def suggest_images(app: App, errors: Iterable[ReportedError]) -> None:
    """Gives errors about names that no image has the most similar names as a hint.

    One request serves them all. A command that changes something gets none in a pipe, where nobody
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


def _names_of_images(app: App) -> list[str]:
    """Returns the names of the newest images; none where the service does not list them."""
    query = Query(sort=(("created_at", "desc"),), limit=MOST_IMAGES)
    try:
        return [image["name"] for image in app.images.list(query) if image.get("name")]
    except GlanceError:
        return []
