"""Uploading the data of an image that exists already, with retries, and verifying it."""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING, NamedTuple

from glancecli.api.waiting import poll
from glancecli.checksums import new_hash
from glancecli.errors import (
    Code,
    Conflict,
    E,
    Fate,
    GlanceError,
    Hint,
    HttpError,
    NotFound,
    Stopped,
    describe_failure,
)
from glancecli.text import counted
from glancecli.transfer.attempt import Attempt, check_limit
from glancecli.transfer.options import Expectation, Options
from glancecli.transfer.retry import Retry, worth_retrying
from glancecli.transfer.source import Readable
from glancecli.transfer.upload_errors import Unfinished, WrongData, deactivate, explain_refusal
from glancecli.transfer.verify import SentData, digest_source, find_difference

if TYPE_CHECKING:
    from glancecli.api.interfaces import Images
    from glancecli.image import Image

LOOK_TIMEOUT = 8.0  # seconds for a request that looks up an image after a failure
POLL_INTERVAL = 0.5  # seconds between two looks at an image that the service works on
WORKING = frozenset({"saving", "importing"})


def upload(images: Images, image: Image, source: Readable, options: Options) -> Image:
    """Uploads the data of a queued image; returns the image, which is active and verified.

    Retries as far as the source can be rewound. Raises WrongData when the service stored other data
    (the image is deactivated where that is allowed), and other errors that name the image's state.
    """
    job = Upload(images, str(image["id"]), source, options)
    try:
        return _run(job, image)
    except WrongData as error:
        raise deactivate(images, job.id, error) from error


def stage(images: Images, image: Image, source: Readable, options: Options) -> Image:
    """Uploads data into the staging area of a queued image, which then waits for its import."""
    job = StagedUpload(images, str(image["id"]), source, options)
    return _run(job, image)


def _run(job: Upload, image: Image) -> Image:
    job.check_source()
    try:
        return job.run(image)
    except KeyboardInterrupt as error:
        raise Stopped.by(error).with_context(
            f"the upload to image {job.id} is incomplete", image_id=job.id, hint=job.show_state
        ) from error


class Outcome(Enum):
    """What a failed attempt has led to."""

    REFUSED = auto()  # the service or the source has refused: no other attempt
    QUEUED = auto()  # the image still waits for data
    STORED = auto()  # the service has all data, only its response was lost
    ACTIVE_TOO_EARLY = auto()  # the image is active, although not all data was sent
    DELETED = auto()  # the image no longer exists
    OTHER = auto()  # the image is in another state
    UNKNOWN = auto()  # the image could not be looked up


class Finding(NamedTuple):
    """The outcome of a failed attempt; detail is the image's status or why that is unknown."""

    outcome: Outcome
    detail: str = ""


class Upload:
    """The upload of one source into one image, with all its attempts.

    is_new means that this command has created the image: after a failure whoever created it cleans
    it up, and says what has become of it.
    """

    def __init__(
        self,
        images: Images,
        image_id: str,
        source: Readable,
        options: Options,
        *,
        is_new: bool = False,
    ) -> None:
        self.images = images
        self.id = image_id
        self.source = source
        self.options = options
        self.size = options.size if source.size is None else source.size
        self.show_state = Hint("{} shows its state.", ("image-show", image_id))
        self._progress = options.progress
        self._is_new = is_new
        self._expected = options.checksum  # by the user
        self._algorithm = options.hash_algo
        self._furthest = 0  # bytes that the furthest attempt has sent
        self._contested = False  # whether the image may have the data of another upload
        self._retry = Retry(options, size=self.size)

    def check_source(self) -> None:
        """Checks the source against the options, before anything is sent."""
        new_hash(self._algorithm or "md5")
        self._check_size()
        if not self.options.verify:
            self.options.warn(f"image {self.id} will not be verified (--no-verify)")
        if self._expected and self.source.is_local:
            self._hash_beforehand(self._expected.algorithm)

    def _check_size(self) -> None:
        size = self.source.size
        promised = self.options.size
        check_limit(self.source.name, size or 0, self.options.max_size)
        if size is None or promised is None or size == promised:
            return
        raise GlanceError(
            f"{self.source.name} has {counted(size, 'byte')}, not {promised} as --size says",
            code=Code.WRONG_DATA,
        )

    def _hash_beforehand(self, algorithm: str) -> None:
        """Reads the whole source to compare its hash with the one that the user gave."""
        digest = digest_source(self.source, algorithm, self._progress)
        self._check_digests({algorithm: digest})

    def _check_digests(self, digests: dict[str, str]) -> None:
        """Compares the hash of the source with the one that it must have."""
        if self._expected is None:
            return
        expectation = Expectation(self._expected, self.options.checksum_origin)
        expectation.check(self.source.name, digests[self._expected.algorithm])

    def run(self, image: Image) -> Image:
        """Uploads the data of the queued image; returns the image once it is verified."""
        if not self._algorithm:
            # Glance before Rocky, and v1, know only MD5 and have no os_hash_algo.
            self._algorithm = "sha512" if "os_hash_algo" in image else "md5"
        self._progress.start("uploading", self.size)
        try:
            sent = self._send()
            self._progress.phase("verifying")
            return self._confirm(sent)
        finally:
            self._progress.stop()

    def _data_moved(self, count: int, total: int) -> None:
        """Takes note that count more bytes got through, total of them in this attempt."""
        new = max(total - self._furthest, 0)
        self._furthest += new
        self._retry.bytes_moved(new)
        self._progress.advance(count)

    def _send(self) -> SentData:
        """Makes attempts until the service has all data; returns what was sent."""
        is_first = True
        while True:
            self._contested = False
            attempt = self._new_attempt()
            try:
                self._put(attempt)
                return attempt.sent
            except GlanceError as error:
                self._contested = isinstance(error, Conflict) and not is_first
                finding = self._find_outcome(error, attempt)
                if finding.outcome is Outcome.STORED:
                    return attempt.sent
                if finding.outcome is not Outcome.QUEUED:
                    raise self._final_error(error, finding) from error
                self._prepare_retry(error)
            finally:
                attempt.close()
            is_first = False

    def _new_attempt(self) -> Attempt:
        checksums = (self._expected, self.source.known)
        algorithms = [checksum.algorithm for checksum in checksums if checksum]
        if self.options.verify:
            algorithms.append(self._algorithm)
        return Attempt(
            self.source,
            self.size,
            algorithms,
            max_size=self.options.max_size,
            check_digests=self._check_digests,
            data_moved=self._data_moved,
            waits_for=self._progress.waits_for,
        )

    def _put(self, attempt: Attempt) -> None:
        """Sends the data in one request."""
        self.images.put_data(
            self.id,
            attempt.chunks(),
            self.size,
            store=self.options.store,
            stall=self._retry.begin_attempt(),
        )

    def _find_outcome(self, error: GlanceError, attempt: Attempt) -> Finding:
        """Finds out what a failed attempt has led to, with a look at the image if that can help."""
        if self._is_refusal(error):
            return Finding(Outcome.REFUSED)
        try:
            image = self._look_up()
        except NotFound:
            return Finding(Outcome.DELETED)
        except GlanceError as failure:
            return Finding(Outcome.UNKNOWN, describe_failure(failure))
        status = str(image.get("status"))
        if status == "queued":
            return Finding(Outcome.QUEUED)
        if attempt.complete and self._is_stored(image, attempt.sent):
            return Finding(Outcome.STORED)
        if status == "active":
            return Finding(Outcome.ACTIVE_TOO_EARLY)
        return Finding(Outcome.OTHER, status)

    def _is_refusal(self, error: GlanceError) -> bool:
        """Whether nothing has been stored and no other attempt would help."""
        if worth_retrying(error) or self._contested:
            return False
        # The source of an image that was there before may fail when all its data is stored.
        return self._is_new or isinstance(error, HttpError)

    def _look_up(self) -> Image:
        """Returns the image once the service no longer works on it; asks with a short timeout."""
        self.images.set_timeout(min(LOOK_TIMEOUT, self.options.stall))
        image = self._wait_until_settled(self.options.stall)
        self.images.set_timeout(self.options.stall)
        return image

    def _is_stored(self, image: Image, _sent: SentData) -> bool:
        """Whether the service has all data that was sent."""
        return image.get("status") == "active"

    def _is_busy(self, image: Image) -> bool:
        """Whether the service works on the data."""
        return image.get("status") in WORKING

    def _wait_until_settled(self, seconds: float) -> Image:
        """Returns the image once the service does not work on it, or as it is after so long."""
        image: Image = {}

        def look() -> Image | None:
            nonlocal image
            image = self.images.get(self.id)
            return None if self._is_busy(image) else image

        poll(look, seconds, first_pause=POLL_INTERVAL, longest_pause=POLL_INTERVAL)
        return image

    def _final_error(self, error: GlanceError, finding: Finding) -> GlanceError:
        """The error of an upload that cannot go on, with what the image shows."""
        outcome = finding.outcome
        if outcome is Outcome.REFUSED:
            if isinstance(error, HttpError):
                explain_refusal(error, self.id, self.options.store)
            return error
        if outcome is Outcome.DELETED:
            return error.with_context(image_id=self.id, fate=Fate.DELETED)
        if outcome is Outcome.UNKNOWN:
            error.with_context(f"the state of image {self.id} is unknown ({finding.detail})")
            return self._with_advice(error, self.show_state)
        if outcome is Outcome.OTHER:
            return error.with_context(f"image {self.id} is '{finding.detail}'")
        if self._contested:
            return GlanceError(
                f"image {self.id} became active with the data of another upload", code=Code.CONFLICT
            )
        return WrongData(f"image {self.id} became active before all of {self.source.name} was sent")

    def _prepare_retry(self, error: GlanceError) -> None:
        """Waits, and rewinds the source for the next attempt; or raises the error."""
        source = self.source
        upload_again = ("image-upload", self.id, "--file", "FILE")
        is_used_up = source.position > 0 and not source.rewindable
        if is_used_up and worth_retrying(error):
            error.with_context(f"{source.name} cannot be read twice")
            hint = Hint("Upload the data again, from a file if possible: {}", upload_again)
            raise self._with_advice(error, hint, fate=Fate.QUEUED)
        try:
            self._retry.wait_or_raise(error)
        except GlanceError:
            hint = Hint("{} uploads the data again.", upload_again)
            raise self._with_advice(error, hint, fate=Fate.QUEUED) from error
        if source.rewindable:
            source.rewind()
        self._progress.start("uploading", self.size)

    def _with_advice(self, error: E, hint: Hint, *, fate: Fate | None = None) -> E:
        """Adds the image's fate and what to do next, which for a new image its creator does."""
        if self._is_new:
            return error
        return error.with_context(image_id=self.id, fate=fate, hint=hint)

    def _confirm(self, sent: SentData) -> Image:
        """Returns the image once it is active and verified."""
        image = self._wait_until_stored()
        status = image.get("status")
        if status in WORKING:
            raise self._unfinished(str(status))
        if status != "active":
            raise GlanceError(
                f"all data was sent, but image {self.id} is '{status}', not active",
                code=Code.SERVICE,
            )
        if self.options.verify:
            self._verify(image, sent)
        return image

    def _wait_until_stored(self) -> Image:
        # A request without a response is sent twice.
        self.images.set_timeout(self.options.stall / 2)
        try:
            return self._wait_until_settled(self.options.wait or self.options.stall)
        except GlanceError as error:
            error.with_context(
                f"all data was sent to image {self.id}, but it could not be verified"
            )
            raise self._with_advice(error, self.show_state) from error

    def _unfinished(self, status: str) -> Unfinished:
        text = "{} shows its state; --wait waits for it."
        if self.options.wait:
            text = "{} shows its state; --timeout waits longer."
        return Unfinished(
            f"all data was sent, but the service still works on image {self.id}: it is '{status}'",
            hint=Hint(text, ("image-show", self.id)),
        )

    def _verify(self, image: Image, sent: SentData) -> None:
        """Raises WrongData when the image has other data than was sent."""
        difference = find_difference(image, self.source, sent, self.options.warn, self._progress)
        if not difference:
            return
        if self._contested:
            raise GlanceError(
                f"image {self.id} became active with the data of another upload: {difference}",
                code=Code.CONFLICT,
            )
        raise WrongData(difference)


class StagedUpload(Upload):
    """An upload into the staging area. Glance shows only the size of what is staged."""

    def _put(self, attempt: Attempt) -> None:
        """Sends the data in one request."""
        self.images.stage_data(
            self.id, attempt.chunks(), self.size, stall=self._retry.begin_attempt()
        )

    def _is_stored(self, image: Image, sent: SentData) -> bool:
        """Whether all data that was sent is staged."""
        return image.get("status") == "uploading" and image.get("size") == sent.size

    def _is_busy(self, image: Image) -> bool:
        """Whether data is still being staged: the image has a size once all of it is there."""
        return super()._is_busy(image) or (
            image.get("status") == "uploading" and not image.get("size")
        )

    def _confirm(self, sent: SentData) -> Image:
        """Returns the image, whose staged data has the right size."""
        image = self.images.get(self.id)
        status = image.get("status")
        size = image.get("size")
        if status == "uploading" and size in (None, 0, sent.size):
            return image
        raise GlanceError(
            f"{sent.size} bytes were staged, and image {self.id} is '{status}' with {size} bytes",
            hint=Hint("Do not import it: run {}, and begin again.", ("image-delete", self.id)),
            code=Code.SERVICE,
        )
