"""The pages of a list: fetched while earlier ones are worked on, and watched, so that it ends."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from glancecli.errors import Code, GlanceError

MOST_EMPTY_PAGES = 3  # in a row, with another page to follow
LOOP_HINT = "Report this to the cloud's administrator; --limit lists the first images."


class Page:
    """One page of a list, and the query of the next page ("" after the last)."""

    def __init__(self, rows: list[dict[str, Any]], next_query: str) -> None:
        self.rows = rows
        self.next_query = next_query


def next_link(document: Mapping[str, Any], key: str) -> str:
    """Returns the link to the next page of a list, "" after the last.

    The Image service has it in ``next``, Compute and Block Storage in ``servers_links`` and such.
    """
    links = document.get(f"{key}_links")
    if isinstance(links, list):
        for link in links:
            if isinstance(link, dict) and link.get("rel") == "next":
                return str(link.get("href"))
    return str(document.get("next") or "")


def pagination_loop() -> GlanceError:
    """Returns the error for a list whose next links repeat."""
    return GlanceError(
        'pagination loop: the "next" links repeat; the list is incomplete',
        hint=LOOP_HINT,
        code=Code.SERVICE,
    )


class ListProgress:
    """Watches that each page of a list that goes on brings something new."""

    def __init__(self) -> None:
        self._seen: set[int] = set()  # hashes, as the IDs of a long list take much memory
        self._empty_pages = 0  # in a row

    def check(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Takes note of a page after which another one follows.

        Raises GlanceError when it has rows, and all of them were in earlier pages, and when too
        many pages are empty.
        """
        known = len(self._seen)
        self._seen.update(hash(str(row.get("id", row))) for row in rows)
        if rows:
            self._empty_pages = 0
            if len(self._seen) == known:
                raise GlanceError(
                    "pagination loop: a page came twice; the list is incomplete",
                    hint=LOOP_HINT,
                    code=Code.SERVICE,
                )
            return
        self._empty_pages += 1
        if self._empty_pages > MOST_EMPTY_PAGES:
            raise GlanceError(
                f"the list does not end: {self._empty_pages} empty pages in a row",
                hint=LOOP_HINT,
                code=Code.SERVICE,
            )


FetchPage = Callable[[], Page]


def fetch_on_demand(fetch: FetchPage) -> FetchPage:
    """Returns a function that fetches the page when it is called."""
    return fetch


def fetch_in_background(fetch: FetchPage) -> FetchPage:
    """Returns a function that waits for the page, which a thread of its own fetches from now on."""
    return _BackgroundFetch(fetch).result


class _BackgroundFetch:
    """One page fetched on a thread of its own."""

    def __init__(self, fetch: FetchPage) -> None:
        self._fetch = fetch
        self._page: Page | None = None
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._page = self._fetch()
        except Exception as error:  # raised in the thread that asks for the result
            self._error = error

    def result(self) -> Page:
        """Returns the page once it is there. Raises what the fetching raised."""
        self._thread.join()
        if self._page is None:
            assert self._error is not None  # noqa: S101 - for the type checker
            raise self._error
        return self._page
