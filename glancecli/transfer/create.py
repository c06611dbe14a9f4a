"""A record and its data in one go: both are there in the end, or neither is, or it is said."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from glancecli.api import WrongVersion
from glancecli.errors import (
    AuthError,
    Conflict,
    ConnectionFailed,
    Forbidden,
    GlanceError,
    HttpError,
    NotFound,
    ReportedError,
    Stopped,
    Unreachable,
    UsageError,
    tell,
)
from glancecli.image import BASE
from glancecli.transfer.options import Options
from glancecli.transfer.retry import Retry
from glancecli.transfer.source import Readable
from glancecli.transfer.upload import LOOK, Unfinished, Upload, WrongData, locked

if TYPE_CHECKING:
    from glancecli.api import Images
    from glancecli.image import Image

SOURCES = ("location", "copy_from", "store")  # fields that say where data comes from or goes
CLEANING = 5.0  # seconds that the service may take to answer when we clean up

Step = Callable[["Image"], "Image"]


def create(
    images: Images,
    fields: Mapping[str, Any],
    source: Readable,
    options: Options,
    *,
    take_in: Step | None = None,
) -> Image:
    """A new active image of these fields, with the source's data.

    With take_in the data is staged, and take_in has the service import it.

    The ID is ours (fields may name one), so that a record whose creation was not answered can be
    found. After any failure, and after Ctrl-C or SIGTERM, the record that we made is deleted, or
    kept when options say so; the error tells which.
    """
    made = _Record(images, fields)
    job = Upload(images, made.id, source, options, staged=take_in is not None, ours=True)
    job.check()
    return made.filled(
        options, lambda image: take_in(job.run(image)) if take_in else job.run(image)
    )


def record(
    images: Images, fields: Mapping[str, Any], options: Options, *, take_in: Step | None = None
) -> Image:
    """A new record, without data unless the service gets them: where fields say, or as take_in has
    it do.

    Found again, and cleaned up after a failure, as create() does.
    """
    return _Record(images, fields).filled(
        options, take_in or (lambda image: images.fetch(image, fields))
    )


class _Record:
    """The record that this command makes."""

    def __init__(self, images: Images, fields: Mapping[str, Any]) -> None:
        self._images = images
        self.id = str(fields.get("id") or uuid.uuid4())
        self._fields = {**fields, "id": self.id}
        self._ours = not fields.get("id")  # an ID that the user chose may have been there before us
        self._state = "none"  # none, refused, unknown, made

    def filled(self, options: Options, step: Step) -> Image:
        """The image after the step that brings its data; when anything fails, the record is cleaned
        up.
        """
        try:
            return step(self._create(options))
        except Unfinished:
            raise
        except BaseException as error:
            failure = _as_failure(error)
            if failure is None:
                self._clean_up(options, "")
                raise
            more = self._clean_up(options, failure.headline)
            if more:
                gone = not self._there and self.id in failure.hint
                failure.hint = "" if gone else failure.hint
                tell(failure, *more)
            if isinstance(failure, WrongData) and self._there:
                failure = locked(self._images, self.id, failure)
            raise failure from error

    def _create(self, options: Options) -> Image:
        """POST; when no answer tells, look for the record before trying again."""
        retry = Retry(options)
        while True:
            unsure = self._state == "unknown"
            try:
                self._state = "unknown"
                image = self._images.create(self._fields)
            except Conflict as error:
                image = self._conflicting(error, unsure)
            except (ConnectionFailed, HttpError) as error:
                found = self._look(error, options)
                if found is None:
                    retry.after(error)
                    continue
                image = found
            except GlanceError as error:
                unsent = isinstance(error, AuthError | UsageError | WrongVersion)
                self._state = "none" if unsent else "refused"
                raise
            except UnicodeError:
                self._state = "none"  # what is no text cannot be sent
                raise
            else:
                self._ours = True
            self._state = "made"
            return image

    def _conflicting(self, error: Conflict, unsure: bool) -> Image:
        """The record that stands in the way: ours, if an earlier try has worked and its answer was
        lost.
        """
        if "already exists" not in error.service_message:
            self._state = "refused"
            raise error
        self._state = "none"
        if not (unsure or self._ours):
            raise error
        try:
            found = self._images.get(self.id)
        except NotFound:
            raise error from None  # a deleted one
        if not self._is_meant(found):
            raise error
        return found

    def _is_meant(self, image: Image) -> bool:
        """Whether a record under our ID is what we asked for; nobody else has an ID that we drew."""
        told = {k: v for k, v in self._fields.items() if k == "name" or k not in (*BASE, *SOURCES)}
        return self._ours or all(image.get(key) == value for key, value in told.items())

    def _look(self, error: GlanceError, options: Options) -> Image | None:
        """The record that a failed POST may have left."""
        if isinstance(error, Unreachable):
            self._state = "none"
            return None
        if isinstance(error, HttpError) and error.status < 500:
            self._state = "refused"
            return None
        try:
            self._images.limit(min(LOOK, options.stall))
            found = self._images.get(self.id)
            self._images.limit(options.stall)
        except NotFound:
            self._state = "unknown"
            return None
        except GlanceError as unknown:
            more = f"whether image {self.id} was created is not known ({unknown.headline})"
            raise tell(error, more, f"Look with 'image-show {self.id}'.") from error
        if not self._is_meant(found):
            self._state = "none"
            raise tell(
                error, f"there is an image {self.id}, which is not what was asked for"
            ) from error
        return found

    def _clean_up(self, options: Options, said: str) -> tuple[str, str] | None:
        """Delete what we made. What has become of it and a hint, or None when there is nothing to
        say.

        said is the message so far: an image that it names is not named again.
        """
        if self._state == "none":
            return None
        it = "it" if self.id in said else f"image {self.id}"
        remove = f"'image-delete {self.id}' removes it."
        try:
            self._images.limit(min(CLEANING, options.stall))
            if self._state == "refused":
                if not self._is_meant(self._images.get(self.id)):
                    return None
                self._state = "made"  # what refuses may leave a record all the same
            if options.keep or not self._ours:
                return f"{it} is kept", f"'image-upload {self.id}' sends its data; {remove}"
            self._delete()
        except NotFound:
            was, self._state = self._state, "none"
            return (f"{it} does not exist", "") if was == "made" else None
        except GlanceError as error:
            if self._state == "refused":
                return None  # a gateway may refuse what the service has done, but hardly ever does
            return f"{it} could not be deleted ({error.headline})", remove
        except KeyboardInterrupt as stop:
            raise tell(Stopped.by(stop), f"image {self.id} may still be there", remove) from stop
        self._state = "none"
        return f"{it} was deleted", ""

    @property
    def _there(self) -> bool:
        """Whether the record may still be there."""
        return self._state in ("made", "unknown")

    def _delete(self) -> None:
        """Delete it, on the second try if need be."""
        try:
            self._images.delete(self.id)
        except Forbidden:
            if not self._fields.get("protected"):
                raise
            from glancecli.image import Changes

            self._images.update(self.id, Changes({"protected": False}))
            self._images.delete(self.id)
        except NotFound:
            raise
        except (ConnectionFailed, HttpError):
            try:
                self._images.delete(self.id)
            except NotFound:
                return  # the first try has worked


def _as_failure(error: BaseException) -> ReportedError | None:
    """The error to say more with; Ctrl-C becomes one. None for what is a fault of ours."""
    if isinstance(error, KeyboardInterrupt):
        return Stopped.by(error)
    return error if isinstance(error, ReportedError) else None
