"""Which stores an import has reached, judged by the stores that this one was asked for.

An image keeps the names of stores that any earlier import has missed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from glancecli.errors import GlanceError, Hint

if TYPE_CHECKING:
    from glancecli.api.interfaces import ImportRequest
    from glancecli.image import Image


class AskedStores(NamedTuple):
    """The stores that an import is to put data into, and the image before it."""

    names: tuple[str, ...]  # none: the default store, or all
    has_all: bool  # every store of the cloud is asked for
    must_succeed: bool  # in all of them
    copies: bool  # to more stores, of an image that has its data
    earlier: Image

    @classmethod
    def asked_by(cls, body: ImportRequest, earlier: Image) -> AskedStores:
        """Returns the stores that the body of an import request asks for."""
        return cls(
            names=tuple(dict.fromkeys(body.get("stores", ()))),
            has_all=bool(body.get("all_stores")),
            must_succeed=bool(body.get("all_stores_must_succeed")),
            copies=is_copy(body),
            earlier=earlier,
        )

    def missed(self, image: Image) -> list[str]:
        """Returns the stores without the data, of those that were asked for."""
        reached = store_names(image, "stores")
        failed = store_names(image, "os_glance_failed_import")
        if self.has_all:
            return [name for name in failed if name not in reached]
        if image.get("stores") is None:  # the service shows no stores
            return [name for name in self.names if name in failed]
        return [name for name in self.names if name not in reached]

    def are_settled(self, image: Image) -> bool:
        """Whether each store has the data, or has failed since the import began.

        Of all stores, it is not known which those are.
        """
        if self.has_all:
            return True
        failed = store_names(image, "os_glance_failed_import")
        failed_earlier = store_names(self.earlier, "os_glance_failed_import")
        return all(name in failed and name not in failed_earlier for name in self.missed(image))

    def checked(self, image: Image) -> list[str]:
        """Returns the stores that were missed. Raises GlanceError when that makes the import a
        failure.
        """
        missed = self.missed(image)
        if not missed:
            return []
        if self.must_succeed or self._reached_none(image, missed):
            raise GlanceError(
                f"image {image['id']}: the import did not put the data into these stores: "
                f"{', '.join(missed)}",
                hint=Hint("{} may show why.", ("image-tasks", str(image["id"]))),
            )
        return missed

    def _reached_none(self, image: Image, missed: list[str]) -> bool:
        if self.has_all:
            before = store_names(self.earlier, "stores")
            return self.copies and before == store_names(image, "stores")
        return len(missed) == len(self.names)


def is_copy(body: ImportRequest) -> bool:
    """Whether the import copies data that the image has to more stores."""
    return bool(body["method"]["name"] == "copy-image")


def store_names(image: Image, key: str) -> list[str]:
    """Returns the stores that a field of an image lists."""
    names = str(image.get(key) or "").split(",")
    return [name.strip() for name in names if name.strip()]
