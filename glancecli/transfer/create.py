"""A record and its data in one go: both are there in the end, or neither is, or it is said."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from glancecli.errors import (
    AuthError,
    Conflict,
    ConnectionFailed,
    Forbidden,
    GlanceError,
    HttpError,
    NotFound,
    Stopped,
    Told,
    Unreachable,
    tell,
)
from glancecli.transfer.options import Options
from glancecli.transfer.retry import Retry
from glancecli.transfer.source import Readable
from glancecli.transfer.upload import Unfinished, Upload, WrongData, locked

if TYPE_CHECKING:
    from glancecli.api import Image, Images

CLEANING = 5.0  # seconds that the service may take to answer when we clean up


def create(images: Images, fields: Mapping[str, Any], source: Readable, options: Options) -> Image:
    """A new active image of these fields, with the source's data.

    The ID is ours (fields may name one), so that a record whose creation was not answered can be found.
    After any failure, and after Ctrl-C or SIGTERM, the record that we made is deleted, or kept when options
    say so; the error tells which.
    """
    ours = not fields.get("id")
    fields = {**fields, "id": fields.get("id") or str(uuid.uuid4())}
    options = options._replace(store=options.store or fields.get("store") or "")
    job = Upload(images, fields["id"], source, options, ours=True)
    job.check()
    made = _Record(images, fields, ours)
    try:
        return job.run(made.create(options))
    except Unfinished:
        raise
    except BaseException as error:
        failure = _as_failure(error)
        if failure is None:
            made.clean_up(options, "")
            raise
        if more := made.clean_up(options, failure.message):
            tell(failure, *more)
        if isinstance(failure, WrongData) and made.there:
            failure = locked(images, made.id, failure)
        raise failure from error


def record(images: Images, fields: Mapping[str, Any], options: Options) -> Image:
    """A new record without data, found again when its creation was not answered."""
    made = {**fields, "id": fields.get("id") or str(uuid.uuid4())}
    return _Record(images, made, not fields.get("id")).create(options)


class _Record:
    """The record that this command makes."""

    def __init__(self, images: Images, fields: Mapping[str, Any], ours: bool) -> None:
        self._images, self._fields = images, fields
        self.id = str(fields["id"])
        self._ours = ours  # an ID that the user chose may have been there before us
        self._state = "none"  # none, refused, unknown, made

    def create(self, options: Options) -> Image:
        """POST; when no answer tells, look for the record before trying again."""
        retry = Retry(options)
        while True:
            unsure = self._state == "unknown"
            try:
                self._state = "unknown"
                image = self._images.create(self._fields)
            except Conflict as error:
                # The first try has worked, and its answer was lost; nobody else has an ID that we drew.
                if not (unsure or self._ours):
                    self._state = "none"
                    raise
                try:
                    image = self._images.get(self.id)
                except NotFound:
                    self._state = "none"
                    raise error from None  # the conflict is about something else
            except (ConnectionFailed, HttpError) as error:
                found = self._look(error)
                if found is None:
                    retry.after(error)
                    continue
                image = found
            except GlanceError as error:
                self._state = "refused" if self._ours and not isinstance(error, AuthError) else "none"
                raise
            else:
                self._ours = True
            self._state = "made"
            return image

    def _look(self, error: GlanceError) -> Image | None:
        """The record that a failed POST may have left."""
        if isinstance(error, Unreachable):
            self._state = "none"
            return None
        if isinstance(error, HttpError) and error.status < 500:
            self._state = "refused" if self._ours else "none"
            return None
        try:
            return self._images.get(self.id)
        except NotFound:
            self._state = "unknown"
            return None
        except GlanceError as unknown:
            more = f"whether image {self.id} was created is not known ({unknown.message})"
            raise tell(error, more, f"Look with 'image-show {self.id}'.") from error

    def clean_up(self, options: Options, said: str) -> tuple[str, str] | None:
        """Delete what we made. What has become of it and a hint, or None when there is nothing to say.

        said is the message so far: an image that it names is not named again.
        """
        it = "it" if self.id in said else f"image {self.id}"
        remove = f"'image-delete {self.id}' removes it."
        stays = options.keep or not self._ours
        if self._state == "none" or (self._state == "refused" and stays):
            return None
        if stays:
            return f"{it} is kept", f"'image-upload {self.id}' sends its data; {remove}"
        try:
            self._images.limit(min(CLEANING, options.stall))
            self._delete()
        except NotFound:
            return (f"{it} does not exist", "") if self._state == "made" else None
        except GlanceError as error:
            if self._state == "refused":
                return None  # a gateway may refuse what the service has done, but hardly ever does
            return f"{it} could not be deleted ({error.message})", remove
        except KeyboardInterrupt as stop:
            raise tell(Stopped.by(stop), f"image {self.id} may still be there", remove) from stop
        self._state = "none"
        return f"{it} was deleted", ""

    @property
    def there(self) -> bool:
        """Whether the record may still be there."""
        return self._state in ("made", "unknown")

    def _delete(self) -> None:
        """Delete it, on the second try if need be."""
        try:
            self._images.delete(self.id)
        except Forbidden:
            if not self._fields.get("protected"):
                raise
            from glancecli.api import Changes

            self._images.update(self.id, Changes({"protected": False}))
            self._images.delete(self.id)
        except NotFound:
            raise
        except (ConnectionFailed, HttpError):
            try:
                self._images.delete(self.id)
            except NotFound:
                return  # the first try has worked


def _as_failure(error: BaseException) -> Told | None:
    """The error to say more with; Ctrl-C becomes one. None for what is a fault of ours."""
    if isinstance(error, KeyboardInterrupt):
        return Stopped.by(error)
    return error if isinstance(error, Told) else None
