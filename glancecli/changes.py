"""What is to become of an image: the fields to set, and data that the service is to fetch."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from glancecli.errors import GlanceError
from glancecli.image import Fields, Image

if TYPE_CHECKING:
    from glancecli.checksums import Checksum


class RemoteData(NamedTuple):
    """What a command says about image data that this program does not send; None: nothing.

    copy_from is a URL that the service copies, location one at which the data stays; without both
    the data comes later, or is there. store is where a copy goes. size (bytes) and checksum are
    what the data must have; of the published checksums the one counts that the service has.
    """

    copy_from: str | None = None
    location: str | None = None
    store: str | None = None
    size: int | None = None
    checksum: Checksum | None = None
    published: tuple[Checksum, ...] | None = None  # by several algorithms; one of them counts

    def __bool__(self) -> bool:
        """Whether any field is given."""
        return bool(self.given())

    @property
    def has_source(self) -> bool:
        """Whether a source is named."""
        return self.copy_from is not None or self.location is not None

    @property
    def url(self) -> str:
        """The source, "" for none."""
        return self.copy_from or self.location or ""

    @property
    def has_expectations(self) -> bool:
        """Whether a size or a checksum is given."""
        return self.size is not None or bool(self.checksums)

    @property
    def checksums(self) -> tuple[Checksum, ...]:
        """The checksums of which one must be that of the data, each by another algorithm."""
        if self.checksum is not None:
            return (self.checksum,)
        return self.published or ()

    def given(self) -> dict[str, Any]:
        """The fields that are given, by name."""
        return {key: value for key, value in self._asdict().items() if value is not None}


NO_FIELDS: Fields = {}


class Changes(NamedTuple):
    """What an update does to an image: sets fields (properties included), removes properties, adds
    and removes tags.
    """

    fields: Fields = NO_FIELDS
    remove: tuple[str, ...] = ()
    purge: bool = False  # remove every custom property that is not in fields
    data: RemoteData = RemoteData()
    add_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether there is anything to do."""
        return bool(self.fields or self.data or self.remove or self.depend_on_image)

    @property
    def depend_on_image(self) -> bool:
        """Whether what is to be sent depends on the properties or tags that the image has."""
        return bool(self.purge or self.add_tags or self.remove_tags)

    def missing_tags(self, image: Image) -> list[str]:
        """Returns the tags that are to be removed, and that the image does not have."""
        return [tag for tag in self.remove_tags if tag not in (image.get("tags") or [])]

    def new_tags(self, image: Image) -> list[str]:
        """Returns the tags of the image after the changes."""
        tags = [tag for tag in image.get("tags") or [] if tag not in self.remove_tags]
        return list(dict.fromkeys([*tags, *self.add_tags]))

    @contextmanager
    def made_before(self) -> Iterator[None]:
        """Says of whatever fails in this context that these changes have been made."""
        try:
            yield
        except GlanceError as error:
            if self:
                error.with_context("the other changes have been made")
            raise
