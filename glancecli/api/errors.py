"""Errors that only the rooms of the Image service raise."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from glancecli.errors import Code, Forbidden, GlanceError, Hint, NotFound, UsageError
from glancecli.image import is_uuid


class WrongVersion(GlanceError):
    """The server does not speak the version of the Images API that was tried; nothing was done."""


class Unsupported(UsageError):
    """The version of the Images API cannot do what was asked; nothing was sent."""

    code = Code.UNSUPPORTED


class NotOffered(Forbidden):
    """An option of the service forbids it in this version of the Images API; the image is as
    before.
    """

    code = Code.UNSUPPORTED


class NoSuchProject(NotFound):
    """A name that no project has, of those that we may see; nothing was sent to the service."""


class NotShared(Forbidden):
    """The image's visibility allows no members."""

    def __init__(self, image_id: str, visibility: str, refusal: Forbidden) -> None:
        super().__init__(
            f"image {image_id} is {visibility}, and only shared images have members",
            status=refusal.status,
            request_id=refusal.request_id,
            hint=Hint(
                "{} lets it be shared.", ("image-update", image_id, "--visibility", "shared")
            ),
        )
        self.visibility = visibility


class OwnerChanged(GlanceError):
    """The image was changed and is another project's now, so it cannot be shown."""


class NoSuchImage(NotFound):
    """No image has this name or ID."""

    def __init__(self, ref: str, request_id: str = "") -> None:
        hint = "It may be another project's, or deleted."
        if is_glob(ref):
            hint = "Names are exact here; glance image-list finds images by globs."
        super().__init__(
            f"No image with a name or ID of '{ref}' exists.", request_id=request_id, hint=hint
        )
        self.typed_image = ref

    @property
    def may_be_mistyped(self) -> bool:
        """Whether a similar name may have been meant."""
        return not (is_uuid(self.typed_image) or is_glob(self.typed_image))


def is_glob(ref: str) -> bool:
    """Whether somebody who typed this may have meant several images."""
    return "*" in ref or "?" in ref


def no_such_image(ref: str, request_id: str = "") -> NoSuchImage:
    """The error for a name or an ID that no image has."""
    return NoSuchImage(ref, request_id)


def no_such_property(image_id: str, names: str) -> str:
    """The note about properties that are to be removed, and that the image does not have."""
    return f"image {image_id} has no property {names}, so it is not removed"


def no_such_tags(image_id: str, tags: Iterable[str]) -> str:
    """The note about tags that are to be removed, and that the image does not have."""
    return f"image {image_id} has no tag {', '.join(tags)}, so it is not removed"


@contextmanager
def image_must_exist(image_id: str) -> Iterator[None]:
    """Raises the error for an image that does not exist for a 404 in this context."""
    try:
        yield
    except NotFound as error:
        raise no_such_image(image_id, error.request_id) from error


def ambiguous(kind: str, ref: str, candidates: Iterable[str]) -> GlanceError:
    """The error for a name that several things of a kind have."""
    message = f"Multiple {kind} are named '{ref}', use an ID to be more specific:"
    return GlanceError(message, candidates=list(candidates), code=Code.AMBIGUOUS)
