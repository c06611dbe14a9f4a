"""Work on many images at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from glancecli.cli.app import App
from glancecli.errors import GlanceError, SomeFailed, UsageError


def in_parallel(
    app: App, doing: str, work: Callable[[str], object], images: Iterable[str], workers: int = 8
) -> list[GlanceError]:
    """Returns the failures, in the order of the images; an image given twice is done once.

    The first image goes alone, so that one login serves all. A terminal shows the progress of
    several; doing says what is done (``deleting``).
    """

    def failure(image: str) -> GlanceError | None:
        try:
            work(image)
        except UsageError:
            raise  # the command line is wrong for every image
        except GlanceError as error:
            error.typed_image = image
            return error
        return None

    first, *others = dict.fromkeys(images)
    failures = [failure(first)]
    if others:
        failures += _counted(app, doing, failure, others, failures.count(None), workers)
    return [error for error in failures if error]


def _counted(
    app: App,
    doing: str,
    failure: Callable[[str], GlanceError | None],
    images: Sequence[str],
    done: int,
    workers: int,
) -> list[GlanceError | None]:
    """Returns the failure of each image, None for success; counts it and those done before."""
    from concurrent.futures import ThreadPoolExecutor

    progress = app.console.progress()

    def count(image: str) -> GlanceError | None:
        found = failure(image)
        if found is None:
            progress.advance(1)
        return found

    progress.start(doing, len(images) + 1, done, "images")
    try:
        with ThreadPoolExecutor(workers) as pool:
            return list(pool.map(count, images))
    finally:
        progress.stop()


def report_all(app: App, failures: Sequence[GlanceError]) -> None:
    """Writes each failure to stderr. Raises SomeFailed if there is any."""
    if failures:
        from glancecli.cli.similar_images import suggest_images

        suggest_images(app, failures)
    for error in failures:
        app.console.report(error)
    if failures:
        raise SomeFailed
