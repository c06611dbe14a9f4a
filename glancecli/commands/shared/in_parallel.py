"""Work on many images at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from glancecli.cli.app import App
from glancecli.errors import GlanceError, SomeFailed, UsageError


def in_parallel(
    work: Callable[[str], object], items: Iterable[str], workers: int = 8
) -> list[GlanceError]:
    """Returns the failures, in the order of items; an item given twice is done once.

    The first item goes alone, so that one login serves all.
    """

    def failure(item: str) -> GlanceError | None:
        try:
            work(item)
        except UsageError:
            raise  # the command line is wrong for every item
        except GlanceError as error:
            error.typed_image = item
            return error
        return None

    first, *others = dict.fromkeys(items)
    failures = [failure(first)]
    if others:
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(workers) as pool:
            failures += pool.map(failure, others)
    return [error for error in failures if error]


def report_all(app: App, failures: Sequence[GlanceError]) -> None:
    """Writes each failure to stderr. Raises SomeFailed if there is any."""
    for error in failures:
        app.console.report(error)
    if failures:
        raise SomeFailed
