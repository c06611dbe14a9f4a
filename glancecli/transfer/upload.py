"""Data of an image that exists already: sent, looked after when an answer is lost, and verified."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from glancecli.checksums import mismatch, new_hash, parse_checksum
from glancecli.errors import (
    Conflict,
    ConnectionFailed,
    GlanceError,
    HttpError,
    NotFound,
    Stopped,
    tell,
)
from glancecli.transfer.hashing import Ring
from glancecli.transfer.options import Options
from glancecli.transfer.retry import Retry, worth_retrying
from glancecli.transfer.source import Readable
from glancecli.transfer.verify import digest_of, verify

if TYPE_CHECKING:
    from glancecli.api import Images
    from glancecli.image import Image

LOOK = 8.0  # seconds for the question what has become of an image
PAUSE = 0.5  # seconds between two looks at an image that is being worked on
WORKING = frozenset({"saving", "importing"})


def upload(images: Images, image: Image, source: Readable, options: Options) -> Image:
    """Send a queued image's data, and the image as it then is: active, with the bytes that were
    sent.

    Tried again as far as the source can be rewound. Raises WrongData when the service stored
    something else (the image is deactivated where that is allowed), and other errors that name the
    image's state.
    """
    try:
        return _checked(Upload(images, str(image["id"]), source, options), image)
    except WrongData as error:
        raise locked(images, str(image["id"]), error) from error


def stage(images: Images, image: Image, source: Readable, options: Options) -> Image:
    """Send data into the staging area of a queued image, which then waits for its import."""
    return _checked(Upload(images, str(image["id"]), source, options, staged=True), image)


def _checked(job: Upload, image: Image) -> Image:
    job.check()
    return job.run(image)


class WrongData(GlanceError):
    """The service holds something else than what was sent."""


class Unfinished(GlanceError):
    """The service has all data, and works on: the image may become active yet."""


class Sending:
    """One attempt: the source's bytes on their way, hashed as they go."""

    def __init__(self, upload: Upload, algorithms: tuple[str, ...]) -> None:
        self._upload, self._source = upload, upload.source
        self._ring = Ring(algorithms)
        self.sent = 0
        self.complete = False
        self.digests: dict[str, str] = {}

    def chunks(self) -> Iterator[memoryview]:
        """The bytes in order. What is wrong with the source is found before the last ones are out."""
        size = self._upload.size
        while True:
            buffer = self._ring.buffer()
            room = len(buffer) if size is None else min(len(buffer), size - self.sent)
            view = memoryview(buffer)[:room]
            count = self._source.fill(view) if room else 0
            self._ring.hash(buffer, count)
            self.sent += count
            if not count or self.sent == size:
                self._check_end()
            if count:
                yield view[:count]
                self._upload.moved(count, self.sent)
            if self.complete:
                return

    def _check_end(self) -> None:
        """At the source's end: is it the end that was promised, and the data that was meant."""
        size = self._upload.size
        surplus = b""
        if size is not None and self._source.size is None:
            probe = bytearray(1)
            surplus = bytes(probe[: self._source.fill(memoryview(probe))])
        if changed := self._source.changed():
            raise GlanceError(changed)
        if size is not None and (self.sent < size or surplus):
            raise GlanceError(
                f"{self._source.name} has {'more' if surplus else 'less'} than the {size} bytes promised"
            )
        self.digests = self._ring.digests()
        self._upload.check_sum(self.digests)
        if (known := self._source.known) and self.digests[known[0]] != known[1]:
            # Reading it again may help.
            raise ConnectionFailed(mismatch(self._source.name, known, self.digests[known[0]]))
        self.complete = True

    def close(self) -> None:
        """End the hashing."""
        self._ring.close()


class Upload:
    """The sending of one source into one image, attempts and all."""

    def __init__(
        self,
        images: Images,
        image_id: str,
        source: Readable,
        options: Options,
        *,
        staged: bool = False,
        ours: bool = False,
    ) -> None:
        self.images, self.source, self.options, self.staged = images, source, options, staged
        self._ours = ours  # who made the record tells what becomes of it
        self.id = image_id
        self.size = source.size if source.size is not None else options.size
        self._wanted = parse_checksum(options.checksum) if options.checksum else None
        self._algorithm = options.hash_algo
        self._retry = Retry(options)
        self._furthest = 0  # bytes that the furthest attempt got through
        self._contested = False  # whether somebody else may have sent data

    def run(self, image: Image) -> Image:
        """Send the data of the queued image, and verify it."""
        # Glance before Rocky, and v1, know MD5 alone and have no os_hash_algo.
        self._algorithm = self._algorithm or ("sha512" if "os_hash_algo" in image else "md5")
        progress = self.options.progress
        progress.start("uploading", self.size)
        try:
            sent = self._send()
            progress.phase("verifying")
            return self._staged(sent) if self.staged else self._verified(sent)
        except KeyboardInterrupt as error:
            more = "" if self._ours else f"the upload to image {self.id} was broken off"
            hint = "" if self._ours else f"'image-show {self.id}' shows what it has."
            raise tell(Stopped.by(error), more, hint) from error
        finally:
            progress.stop()

    def moved(self, count: int, total: int) -> None:
        """Bytes that got through, and how many it are in this attempt."""
        self._retry.moved(max(total - self._furthest, 0))
        self._furthest = max(total, self._furthest)
        self.options.progress.advance(count)

    def check_sum(self, digests: dict[str, str]) -> None:
        """Hold what was read against the checksum that the user gave."""
        if self._wanted and digests[self._wanted[0]] != self._wanted[1]:
            name, value = self._wanted
            raise GlanceError(
                f"{self.source.name} has the {name} {digests[name]}, not {value} as you said",
                hint="Get the file again, or correct --checksum.",
            )

    def check(self) -> None:
        """Hold the source against what the options say of it. Comes before anything is sent."""
        new_hash(self._algorithm or "md5")
        size, said = self.source.size, self.options.size
        if size is not None and said is not None and size != said:
            raise GlanceError(f"{self.source.name} has {size} bytes, not {said} as --size says")
        if not self.options.verify:
            self.options.warn(f"image {self.id} will not be verified, as --no-verify asks")
        if self._wanted and self.source.read_at:
            progress, name = self.options.progress, self._wanted[0]
            progress.start("checking", self.size)
            try:
                self.check_sum({name: digest_of(self.source, name, progress.advance)})
            finally:
                progress.stop()

    def _algorithms(self) -> tuple[str, ...]:
        told = tuple(each[0] for each in (self._wanted, self.source.known) if each)
        return (*told, self._algorithm) if self.options.verify else told

    def _send(self) -> Sending:
        """Attempts, until one has worked: the one that did."""
        tried = False
        while True:
            attempt = Sending(self, self._algorithms())
            try:
                self._put(attempt)
                return attempt
            except GlanceError as error:
                self._contested = tried and isinstance(error, Conflict)
                lost = worth_retrying(error) or self._contested
                if isinstance(error, HttpError) and not lost:
                    raise explained(error, self.id) from error
                if self._ours and not lost:
                    raise  # the source is at fault, and the record will be cleaned up
                if self._stored(error, attempt):
                    return attempt
                self._again(error)
            finally:
                attempt.close()
            tried = True

    def _put(self, attempt: Sending) -> None:
        if self.staged:
            self.images.stage_data(self.id, attempt.chunks(), self.size, stall=self._retry.begin())
        else:
            store = self.options.store
            self.images.put_data(
                self.id, attempt.chunks(), self.size, store=store, stall=self._retry.begin()
            )

    def _stored(self, error: GlanceError, attempt: Sending) -> bool:
        """Whether the data is there although no answer said so. False: the image waits for data."""
        try:
            self.images.limit(min(LOOK, self.options.stall))
            image = self._settled()
            self.images.limit(self.options.stall)
        except NotFound:
            raise tell(error, f"image {self.id} has been deleted in the meantime") from error
        except GlanceError as unknown:
            more = f"what has become of image {self.id} is not known ({unknown.headline})"
            raise tell(
                error, more, "" if self._ours else f"'image-show {self.id}' shows it."
            ) from error
        status = image.get("status")
        if status == "queued":
            return False
        there = (
            status == "uploading" and image.get("size") == attempt.sent
            if self.staged
            else status == "active"
        )
        if there and attempt.complete:
            return True
        if status == "active":
            raise WrongData(
                f"image {self.id} became active before all of {self.source.name} was sent"
            )
        raise tell(error, "" if self._ours else f"image {self.id} is '{status}'") from error

    def _again(self, error: GlanceError) -> None:
        """Rewind and wait, or say why not."""
        left = "" if self._ours else f"image {self.id} is still queued, without data"
        if not self.source.rewindable and self.source.position and worth_retrying(error):
            hint = f"Send it again: 'image-upload {self.id}', from a file if you can."
            twice = f"{self.source.name} cannot be read twice"
            raise tell(tell(error, twice), left, "" if self._ours else hint) from error
        try:
            self._retry.after(error)
        except GlanceError:
            hint = "" if self._ours else f"'image-upload {self.id}' sends the data again."
            raise tell(error, left, hint) from error
        if self.source.rewindable:
            self.source.rewind()
        self.options.progress.start("uploading", self.size)

    def _settled(self, patience: float | None = None) -> Image:
        """The image once the service is no longer at work on it, or as it is when patience ends."""
        until = time.monotonic() + (patience or self.options.stall)
        while True:
            image = self.images.get(self.id)
            if not self._worked_on(image) or time.monotonic() > until:
                return image
            time.sleep(PAUSE)

    def _worked_on(self, image: Image) -> bool:
        """Whether the service still stores. What is staged has a size once all of it is there."""
        status = image.get("status")
        return status in WORKING or (
            self.staged and status == "uploading" and not image.get("size")
        )

    def _verified(self, sent: Sending) -> Image:
        """The image, read back and compared."""
        self.images.limit(self.options.stall / 2)  # for it is asked twice when it does not answer
        try:
            image = self._settled(self.options.wait)
        except GlanceError as error:
            unknown = f"all data was sent to image {self.id}, and whether it is right is not known"
            raise tell(
                error, unknown, "" if self._ours else f"'image-show {self.id}' shows it."
            ) from error
        status = image.get("status")
        if status in WORKING:
            longer = "--timeout gives it longer" if self.options.wait else "--wait waits for it"
            raise Unfinished(
                f"all data was sent, and the service is still at work on image {self.id}: it is '{status}'",
                hint=f"'image-show {self.id}' tells how it goes on; {longer}.",
            )
        if status != "active":
            raise GlanceError(f"all data was sent, and image {self.id} is '{status}', not active")
        if self.options.verify and (
            wrong := verify(image, self.source, sent.sent, sent.digests, self.options)
        ):
            if self._contested:
                raise GlanceError(
                    f"image {self.id} has been given other data by somebody else: {wrong}"
                )
            raise WrongData(wrong)
        return image

    def _staged(self, sent: Sending) -> Image:
        """The image, read back. Glance tells no hash of what is staged."""
        image = self.images.get(self.id)
        if image.get("status") != "uploading" or image.get("size") not in (None, 0, sent.sent):
            raise GlanceError(
                f"{sent.sent} bytes were staged, and image {self.id} is '{image.get('status')}' "
                f"with {image.get('size')} bytes",
                hint=f"Do not import it: 'image-delete {self.id}', and begin again.",
            )
        return image


def explained(error: HttpError, image_id: str) -> HttpError:
    """A refused upload with what to do about it."""
    hints = {
        404: "It has been deleted, or is not yours to write to.",
        409: f"Only a queued image takes data: see 'image-show {image_id}'.",
        410: "It was deleted while its data was being sent.",
        413: "Ask for a larger quota or limit, or upload something smaller.",
        415: "The service looked at the content: it is not what the disk format says, or it is not safe.",
    }
    error.hint = error.hint or hints.get(error.status, "")
    return error


def locked(images: Images, image_id: str, error: WrongData) -> WrongData:
    """Nobody shall boot what is wrong: deactivate it, or say that it could not be."""
    remove = f"Remove it with 'image-delete {image_id}' and upload again."
    try:
        images.deactivate(image_id)
    except GlanceError as refused:
        more = f"it could not be deactivated ({refused.headline})"
    except KeyboardInterrupt as stop:
        raise tell(
            Stopped.by(stop), f"{error.message}; it has not been deactivated", remove
        ) from stop
    else:
        more = "it has been deactivated"
    return tell(error, more, remove)
