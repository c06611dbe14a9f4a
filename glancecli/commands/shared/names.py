"""Keeps the names that a list has shown, for completion in shells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from glancecli.cli.app import App
from glancecli.commands.shared.selection import Selection
from glancecli.image import Image


@contextmanager
def keeping_names(app: App, selection: Selection) -> Iterator[Iterable[Image]]:
    """Gives the selected images, to be written in this context; then keeps their names.

    The reader has all of the list before. Nothing is kept when the cache is off.
    """
    images = selection.images(app.images)
    if not app.settings.cache:
        yield images
        return
    from glancecli.auth.image_names import ImageNames, SeenNames

    seen = SeenNames()
    yield seen.watch(images)
    app.console.flush()
    ImageNames(app.settings).keep(seen, is_whole=selection.is_of_all)
