"""Work on many images at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from glancecli.cli.app import App
from glancecli.errors import GlanceError, SomeFailed, UsageError


def in_parallel(
    work: Callable[[str], object], items: Iterable[str], workers: int = 8
) -> list[GlanceError]:
    """What went wrong, in the order of items; an item given twice is done once.

    The first goes alone, so that one login serves all.
    """

    def one(item: str) -> GlanceError | None:
        try:
            work(item)
        except UsageError:
            raise  # the command line is wrong for every item
        except GlanceError as error:
            return error
        return None

    first, *rest = dict.fromkeys(items)
    errors = [one(first)]
    if rest:
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(workers) as pool:
            errors += pool.map(one, rest)
    return [error for error in errors if error]


def report_all(app: App, errors: Sequence[GlanceError]) -> None:
    """Each failure of several on stderr; SomeFailed if there is any."""
    for error in errors:
        app.report(error)
    if errors:
        raise SomeFailed
