"""The names of images, tags and stores that lists have shown, kept for the completion in shells.

They are in the cache of logins, under the same rules: a private file per identity and endpoints.
Nothing but completion reads them, and nothing depends on them.
"""

from __future__ import annotations

import json
from itertools import islice
from typing import TYPE_CHECKING, Any

from glancecli.auth.identity_key import identity_key, may_be_cached
from glancecli.auth.tokens import NAMES, TokenCache, cache_folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from glancecli.auth.settings import Settings

MOST_IMAGES = 2000
MOST_WORDS = 500  # tags, and stores
LONGEST = 255  # characters of a name or tag, as in the Images API
FORMAT = 1  # of the file; one of another format is ignored


class ImageNames:
    """What the last lists of one user on one cloud have shown.

    images has a name for each ID, the newest list first.
    """

    def __init__(self, settings: Settings) -> None:
        self._cache: TokenCache | None = None
        if settings.cache and may_be_cached(settings):
            endpoints = json.dumps(sorted(settings.services.items()))
            self._cache = TokenCache(identity_key(settings) + endpoints, cache_folder(), NAMES)
        self.images: dict[str, str] = {}
        self.tags: list[str] = []
        self.stores: list[str] = []

    def load(self) -> None:
        """Reads what was kept; nothing where there is none, or it is damaged."""
        self._read(self._saved())

    def keep(self, seen: SeenNames, *, is_whole: bool) -> None:
        """Keeps the names that a list has shown.

        is_whole: it was the list of all images, so that older names go. A list that is the same as
        the last one writes nothing.
        """
        if self._cache is None:
            return
        saved = self._saved()
        older = saved
        if is_whole:
            older = {}
        self._read(older)
        images = {**seen.images, **_without(self.images, seen.images)}
        new = {
            "format": FORMAT,
            "images": dict(islice(images.items(), MOST_IMAGES)),
            "tags": sorted({*seen.tags, *self.tags})[:MOST_WORDS],
            "stores": sorted({*seen.stores, *self.stores})[:MOST_WORDS],
        }
        if new != saved:
            self._cache.save(new)

    def forget(self) -> None:
        """Removes what was kept."""
        if self._cache is not None:
            self._cache.remove()

    def _read(self, saved: dict[str, Any]) -> None:
        images = saved.get("images")
        if not isinstance(images, dict):
            images = {}
        self.images = {key: name for key, name in images.items() if _are_words([key, name])}
        self.tags = _words(saved.get("tags"))
        self.stores = _words(saved.get("stores"))

    def _saved(self) -> dict[str, Any]:
        if self._cache is None:
            return {}
        saved = self._cache.load()
        if saved.get("format") != FORMAT:
            return {}
        return saved


class SeenNames:
    """Notes the names of images while a list is written: of the first ones only."""

    def __init__(self) -> None:
        self.images: dict[str, str] = {}
        self.tags: set[str] = set()
        self.stores: set[str] = set()

    def watch(self, images: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """Yields the images."""
        found = iter(images)
        for image in islice(found, MOST_IMAGES):
            name = image.get("name") or ""
            if len(name) <= LONGEST:
                self.images[image["id"]] = name
            self.tags.update(image.get("tags") or ())
            stores = image.get("stores")
            if stores:
                self.stores.update(str(stores).split(","))
            yield image
        yield from found


def _without(images: dict[str, str], others: dict[str, str]) -> dict[str, str]:
    return {key: name for key, name in images.items() if key not in others}


def _words(value: Any) -> list[str]:
    if isinstance(value, list) and _are_words(value):
        return value
    return []


def _are_words(values: list[Any]) -> bool:
    return all(isinstance(value, str) and len(value) <= LONGEST for value in values)
