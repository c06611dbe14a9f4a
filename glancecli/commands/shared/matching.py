"""What the service cannot filter by, compared here: names by globs, properties, ages.

Imported only by lists that have such filters.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Iterable, Sequence

from glancecli.cli.types import PropertyFilter
from glancecli.image import Image, Query, is_uuid

Check = Callable[[Image], bool]  # whether an image is selected

ESCAPED = re.compile(r"\\([*?\[\]\\])")


def is_glob(text: str) -> bool:
    """Whether the text has a star, a question mark or a bracket without a backslash before it."""
    return re.search(r"[*?\[]", ESCAPED.sub("", text)) is not None


def unescaped(text: str) -> str:
    r"""Returns the text that a glob without stars stands for: ``\*`` is a star."""
    return ESCAPED.sub(r"\1", text)


def expression(glob: str) -> str:
    """Returns the regular expression for a whole text that matches the glob."""
    return fnmatch.translate(ESCAPED.sub(r"[\1]", glob))


class Names:
    """The images that arguments name: by exact names, IDs and globs.

    A word in the form of a UUID is an ID.
    """

    def __init__(self, words: Sequence[str]) -> None:
        self.exact = dict.fromkeys(unescaped(word) for word in words if not is_glob(word))
        self.globs = tuple(word for word in words if is_glob(word))

    def prefer_exact(self, images: Iterable[Image]) -> None:
        """Takes each glob that is the exact name of one of these images for that name."""
        names = {image.get("name") for image in images}
        self.exact.update(dict.fromkeys(glob for glob in self.globs if glob in names))
        self.globs = tuple(glob for glob in self.globs if glob not in names)

    def narrowed(self, query: Query) -> Query:
        """Returns the query with what the service can do: all names, or all IDs."""
        if self.globs:
            return query
        words = tuple(self.exact)
        number_of_ids = sum(map(is_uuid, words))
        if number_of_ids == len(words):
            return query._replace(ids=tuple(word.lower() for word in words))
        if not number_of_ids:
            return query._replace(names=words)
        return query

    def check(self) -> Check:
        """Returns the test whether an image is named."""
        exact = {*self.exact, *(word.lower() for word in self.exact if is_uuid(word))}
        matches = re.compile("|".join(map(expression, self.globs)) or r"(?!)").match

        def is_named(image: Image) -> bool:
            name = image.get("name") or ""
            return name in exact or image["id"] in exact or matches(name) is not None

        return is_named


def property_check(wanted: PropertyFilter) -> Check:
    """Returns the test whether an image has, or has not, what the filter says."""
    key, operator, glob = wanted
    if not operator:
        return lambda image: image.get(key) is not None
    matches = re.compile(expression(glob)).match

    def is_equal(image: Image) -> bool:
        value = image.get(key)
        if value is None:
            return False
        text = str(value)
        if isinstance(value, bool):
            text = text.lower()
        return text == glob or matches(text) is not None

    if operator == "!=":
        return lambda image: not is_equal(image)
    return is_equal


def creation_check(since: str, before: str) -> Check:
    """Returns the test whether an image was created in a time: since inclusive, before exclusive,
    both in UTC as ISO 8601 has it; "" is no limit.
    """

    def is_in_time(image: Image) -> bool:
        created = str(image.get("created_at") or "")[:19]  # v1 has fractions of seconds behind it
        return bool(created) and since[:19] <= created and (not before or created < before[:19])

    return is_in_time
