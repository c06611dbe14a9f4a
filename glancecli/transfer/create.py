"""Creating an image together with its data: in the end both are there, or neither is, or the error
says what is left.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from enum import Enum, auto
from typing import TYPE_CHECKING, Any, NamedTuple

from glancecli.api.errors import WrongVersion
from glancecli.changes import Changes, RemoteData
from glancecli.errors import (
    AuthError,
    Conflict,
    ConnectionFailed,
    Fate,
    Forbidden,
    GlanceError,
    Hint,
    HttpError,
    NotFound,
    ReportedError,
    Stopped,
    Unreachable,
    UsageError,
    describe_failure,
)
from glancecli.image import ATTRIBUTES
from glancecli.transfer.options import Options
from glancecli.transfer.retry import Retry
from glancecli.transfer.source import Readable
from glancecli.transfer.upload import LOOK_TIMEOUT, StagedUpload, Upload
from glancecli.transfer.upload_errors import Unfinished, WrongData, deactivate

if TYPE_CHECKING:
    from glancecli.api.interfaces import Images
    from glancecli.image import Image

NO_DATA = RemoteData()
CLEAN_UP_TIMEOUT = 5.0  # seconds for each request of a clean-up
ID_IS_TAKEN = "already exists"  # Glance's own words in a 409, v1 and v2

Step = Callable[["Image"], "Image"]


def create(
    images: Images,
    fields: Mapping[str, Any],
    source: Readable,
    options: Options,
    *,
    start_import: Step | None = None,
) -> Image:
    """Creates an image with these fields and the source's data; returns it active.

    With start_import the data is staged, and start_import has the service import it.

    The ID is generated here (or is one of the fields), so that an image is found again if the
    response to its creation gets lost. After any failure, and after Ctrl-C or SIGTERM, the image is
    deleted again, or kept if options say so; the error says which.
    """
    new_image = NewImage(images, fields, options)
    if start_import is None:
        upload = Upload(images, new_image.id, source, options, is_new=True)
        upload.check_source()
        return new_image.create(upload.run)
    staged = StagedUpload(images, new_image.id, source, options, is_new=True)
    staged.check_source()

    def stage_and_import(image: Image) -> Image:
        return start_import(staged.run(image))

    return new_image.create(stage_and_import)


def create_without_upload(
    images: Images,
    fields: Mapping[str, Any],
    options: Options,
    *,
    data: RemoteData = NO_DATA,
    start_import: Step | None = None,
) -> Image:
    """Creates an image without data, or whose data the service fetches: from where data says, or
    by start_import.

    After a failure the image is looked for and deleted, as create() does.
    """

    def start_copy(image: Image) -> Image:
        return images.start_copy(image, data)

    return NewImage(images, fields, options, data).create(start_import or start_copy)


class State(Enum):
    """What is known of the image that is being created."""

    ABSENT = auto()  # it does not exist, or is not ours
    REFUSED = auto()  # the service refused to create it, and may have done so all the same
    UNKNOWN = auto()  # no response has said
    CREATED = auto()


class CleanUp(NamedTuple):
    """The result of a clean-up: the image's fate, None when there was no image."""

    fate: Fate | None = None
    detail: str = ""
    hint: Hint | None = None


class NewImage:
    """The image that this command creates."""

    def __init__(
        self,
        images: Images,
        fields: Mapping[str, Any],
        options: Options,
        data: RemoteData = NO_DATA,
    ) -> None:
        self._images = images
        self._data = data
        self._options = options
        given_id = fields.get("id")
        self._id_is_ours = not given_id  # an image with a given ID may have been there before
        self.id = str(given_id or uuid.uuid4())
        self._fields = {**fields, "id": self.id}
        self._state = State.ABSENT

    def create(self, step: Step) -> Image:
        """Creates the image, and runs the step that brings its data; cleans up after a failure."""
        failure: ReportedError
        try:
            return step(self._create())
        except Unfinished:
            raise
        except ReportedError as error:
            failure = error
        except KeyboardInterrupt as interrupt:
            failure = Stopped.by(interrupt)
        except BaseException:
            self._clean_up()
            raise
        raise self._after_clean_up(failure)

    def _after_clean_up(self, failure: ReportedError) -> ReportedError:
        """Cleans up; returns the error, which says what has become of the image."""
        result = self._clean_up()
        if result.fate:
            self._drop_useless_hint(failure)
            failure.with_context(
                result.detail, image_id=self.id, fate=result.fate, hint=result.hint
            )
        may_exist = self._state in (State.CREATED, State.UNKNOWN)
        if isinstance(failure, WrongData) and may_exist:
            return deactivate(self._images, self.id, failure)
        return failure

    def _drop_useless_hint(self, failure: ReportedError) -> None:
        """Drops a hint with a command for the image if the image does not exist any more."""
        hint = failure.hint
        if self._state is State.ABSENT and isinstance(hint, Hint) and hint.names(self.id):
            failure.hint = ""

    def _create(self) -> Image:
        """Sends the POST; without a clear response looks for the image before a retry."""
        retry = Retry(self._options)
        while True:
            is_unsure = self._state is State.UNKNOWN
            self._state = State.UNKNOWN
            try:
                image = self._images.create(self._fields, self._data)
                self._id_is_ours = True
            except Conflict as error:
                image = self._find_earlier(error, is_unsure=is_unsure)
            except (ConnectionFailed, HttpError) as error:
                found = self._find_after(error)
                if found is None:
                    retry.wait_or_raise(error)
                    continue
                image = found
            except (AuthError, UsageError, WrongVersion, UnicodeError):
                self._state = State.ABSENT  # nothing was sent
                raise
            except GlanceError:
                self._state = State.REFUSED
                raise
            self._state = State.CREATED
            return image

    def _find_earlier(self, error: Conflict, *, is_unsure: bool) -> Image:
        """Returns the image that an earlier attempt has created although its response was lost;
        raises the conflict when the ID is another image's.
        """
        if ID_IS_TAKEN not in error.service_message:
            self._state = State.REFUSED
            raise error
        self._state = State.ABSENT
        if not is_unsure and not self._id_is_ours:
            raise error
        try:
            found = self._images.get(self.id)
        except NotFound:
            raise error from None  # a deleted image has the ID
        if not self._is_as_asked(found):
            raise error
        return found

    def _is_as_asked(self, image: Image) -> bool:
        """Whether an image with our ID is ours: its ID was generated here, or its fields match."""
        if self._id_is_ours:
            return True
        for key, value in self._fields.items():
            is_property = key not in ATTRIBUTES
            if (key == "name" or is_property) and image.get(key) != value:
                return False
        return True

    def _find_after(self, error: GlanceError) -> Image | None:
        """Returns the image that a failed POST has created all the same, None if there is none."""
        if isinstance(error, Unreachable):
            self._state = State.ABSENT
            return None
        if isinstance(error, HttpError) and error.status < 500:
            self._state = State.REFUSED
            return None
        try:
            self._images.set_timeout(min(LOOK_TIMEOUT, self._options.stall))
            found = self._images.get(self.id)
            self._images.set_timeout(self._options.stall)
        except NotFound:
            return None
        except GlanceError as failure:
            raise error.with_context(
                f"whether image {self.id} was created is unknown ({describe_failure(failure)})",
                image_id=self.id,
                hint=Hint("{} shows it if it exists.", ("image-show", self.id)),
            ) from error
        if not self._is_as_asked(found):
            self._state = State.ABSENT
            raise error.with_context(f"another image has the ID {self.id}") from error
        return found

    def _clean_up(self) -> CleanUp:
        """Deletes the image, unless it is to be kept."""
        if self._state is State.ABSENT:
            return CleanUp()
        remove = Hint("{} deletes it.", ("image-delete", self.id))
        try:
            self._images.set_timeout(min(CLEAN_UP_TIMEOUT, self._options.stall))
            if self._state is State.REFUSED:
                if not self._is_as_asked(self._images.get(self.id)):
                    return CleanUp()
                self._state = State.CREATED  # although the service refused
            if self._options.keep or not self._id_is_ours:
                return self._kept()
            self._delete()
        except NotFound:
            return self._not_found()
        except GlanceError as failure:
            if self._state is State.REFUSED:
                return CleanUp()  # a proxy may refuse what the service has done, but hardly does
            detail = f"deleting the image failed ({describe_failure(failure)})"
            return CleanUp(Fate.UNKNOWN, detail, remove)
        except KeyboardInterrupt as interrupt:
            raise Stopped.by(interrupt).with_context(
                image_id=self.id, fate=Fate.UNKNOWN, hint=remove
            ) from interrupt
        self._state = State.ABSENT
        return CleanUp(Fate.DELETED)

    def _kept(self) -> CleanUp:
        hint = Hint(
            "{} uploads its data; {} deletes it.",
            ("image-upload", self.id, "--file", "FILE"),
            ("image-delete", self.id),
        )
        fate = Fate.KEPT if self._state is State.CREATED else Fate.UNKNOWN
        return CleanUp(fate, hint=hint)

    def _not_found(self) -> CleanUp:
        was_created = self._state is State.CREATED
        self._state = State.ABSENT
        return CleanUp(Fate.ABSENT if was_created else None)

    def _delete(self) -> None:
        """Deletes the image, with a second try after a failure."""
        try:
            self._images.delete(self.id)
        except NotFound:
            raise
        except Forbidden:
            if not self._fields.get("protected"):
                raise
            self._images.update(self.id, Changes({"protected": False}))
            self._images.delete(self.id)
        except (ConnectionFailed, HttpError):
            self._delete_again()

    def _delete_again(self) -> None:
        try:
            self._images.delete(self.id)
        except NotFound:
            return  # the first try has worked
