"""Downloading an image's data into a file, which appears when it is verified, or into a stream."""

from __future__ import annotations

import os
import select
import stat
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, cast

from glancecli.checksums import (
    Checksum,
    describe_mismatch,
    describe_missing_hash,
    image_checksums,
    strongest_checksum,
    unknown_algorithm,
)
from glancecli.errors import Code, E, GlanceError, Hint, Stopped, Subject
from glancecli.text import counted, system_reason
from glancecli.transfer.hashing import BUFFER_SIZE, HashingBuffers
from glancecli.transfer.options import Options
from glancecli.transfer.parallel_reader import BLOCK_SIZE, ParallelReader
from glancecli.transfer.part_file import PartFile
from glancecli.transfer.reader import ImageReader, Reader
from glancecli.transfer.source import enlarge_pipe
from glancecli.transfer.target import target_path
from glancecli.transfer.volume_snapshot import refuse_volume_snapshot

if TYPE_CHECKING:
    from glancecli.api.interfaces import Images
    from glancecli.image import Image

READER_WAIT = 1.0  # seconds in which the reader of a pipe may go away after the last byte
READER_PAUSE = 10  # milliseconds


class Downloaded(NamedTuple):
    """A download that has succeeded: its path ("" for a stream), its bytes, and the algorithm of
    the hash that it was verified by ("" for none).
    """

    path: str
    size: int
    algorithm: str


def download(
    images: Images,
    image: Image,
    target: str | BinaryIO,
    options: Options,
    *,
    overwrite: bool = True,
    sparse: bool = True,
) -> Downloaded:
    """Downloads an image's data into target: a path, or an open binary stream.

    A path's file appears when it is complete and verified; a file that was there stays until then.
    In a folder the file gets a name made of the image's; a device or a FIFO is written into. A
    partial download that an earlier run left is continued. options.checksum is what the data must
    hash to. Raises GlanceError that names the image, and what is left where.
    """
    job = Download(images, image, options)
    job.check_image()
    if not isinstance(target, str):
        return job.into_stream(target, "the output")
    path = target_path(target, image)
    if not path.exists():
        return job.into_file(path, overwrite=overwrite, sparse=sparse)
    if not path.is_file():
        return _into_device(job, path)
    if not overwrite:
        raise GlanceError(f"{path} exists already", hint="--force replaces it.", code=Code.FILE)
    if not os.access(path, os.W_OK):
        raise GlanceError(f"cannot write {path}: permission denied", code=Code.FILE)
    return job.into_file(path, overwrite=overwrite, sparse=sparse)


def _into_device(job: Download, path: Path) -> Downloaded:
    is_disk = stat.S_ISBLK(path.stat().st_mode)
    mode = "r+b" if is_disk else "wb"
    with cast("BinaryIO", path.open(mode)) as device:
        if is_disk:
            _check_room(device, path, job)
        return job.into_stream(device, str(path))


def _check_room(disk: BinaryIO, path: Path, job: Download) -> None:
    if job.size is None:
        return
    room = disk.seek(0, os.SEEK_END)
    disk.seek(0)
    if room < job.size:
        raise GlanceError(
            f"{path} has {room} bytes, and image {job.id} has {job.size}", code=Code.FILE
        )


class Download:
    """The download of one image."""

    def __init__(self, images: Images, image: Image, options: Options) -> None:
        self.id = str(image["id"])
        self.size: int | None = image.get("size")
        self._images = images
        self._image = image
        self._options = options
        self._progress = options.progress
        self._expected = options.checksum  # by the user
        self._stored: Checksum | None = None  # at the service
        if options.verify:
            self._stored = strongest_checksum(image)

    def check_image(self) -> None:
        """Checks that the image has data, and that the service has the expected hash."""
        if self._expected:
            self._check_expected(*self._expected)
        refuse_volume_snapshot(self._image)
        if self._image.get("status") == "queued":
            raise GlanceError(
                "it has no data yet: it is 'queued'",
                subject=Subject("image", self.id),
                hint=Hint("{} uploads data.", ("image-upload", self.id, "--file", "FILE")),
                code=Code.CONFLICT,
            )

    def _check_expected(self, algorithm: str, digest: str) -> None:
        stored = dict(image_checksums(self._image))
        if stored.get(algorithm, digest) != digest:
            raise GlanceError(
                f"image {self.id} has the {algorithm} {stored[algorithm]}, "
                f"not {digest} as --expect-hash says",
                code=Code.WRONG_DATA,
            )

    def into_stream(self, stream: BinaryIO, name: str) -> Downloaded:
        """Writes the data as it comes; wrong data is noticed only when it has been written."""
        reader = self._reader(0, ranges=True)
        buffers = self._buffers()
        try:
            reader.open()
            self._progress.start("downloading", self.size)
            raw = _without_buffer(stream)
            for piece in self._pieces(reader, buffers):
                _write_all(raw, piece)
            stream.flush()
            _notice_lost_reader(stream)
            self._progress.phase("verifying")
            self._verify_written(buffers.digests(), name)
        except KeyboardInterrupt as error:
            raise Stopped.by(error).with_context(
                f"image {self.id} was written to {name} only in part", image_id=self.id
            ) from error
        except BrokenPipeError as error:
            raise GlanceError(
                f"image {self.id}: the reader of {name} went away before it had all data",
                code=Code.FILE,
            ) from error
        except OSError as error:
            raise GlanceError(
                f"cannot write {name}: {system_reason(error)}; it has image {self.id} only in part",
                code=Code.FILE,
            ) from error
        finally:
            self._progress.stop()
            reader.close()
            buffers.close()
        return self._result("", reader.position)

    def _verify_written(self, digests: dict[str, str], name: str) -> None:
        difference = self._damage(digests) or self._deviation(digests)
        if difference:
            raise GlanceError(
                f"{difference}; what was written to {name} is damaged",
                hint="Do not use it.",
                code=Code.WRONG_DATA,
            )

    def into_file(self, path: Path, *, overwrite: bool, sparse: bool) -> Downloaded:
        """Writes into a file beside path, and renames it when it is verified."""
        part = PartFile(path, self._image_key(), sparse=sparse)
        try:
            self._fill_and_verify(part, path)
            part.finish(overwrite=overwrite)
        except GlanceError as error:
            raise self._with_rest(error, part) from error
        except KeyboardInterrupt as error:
            raise self._with_rest(Stopped.by(error), part) from error
        finally:
            self._progress.stop()
        return self._result(str(path), part.position)

    def _image_key(self) -> str:
        """A text that is the same for the same data of the same image."""
        lines = [self.id, str(self.size)]
        for algorithm, digest in image_checksums(self._image):
            lines.append(f"{algorithm}:{digest}")
        return "\n".join(lines)

    def _fill_and_verify(self, part: PartFile, path: Path) -> None:
        """Downloads all that is missing; wrong data is downloaded once more, and then refused."""
        digests = self._fill(part, ranges=True)
        damage = self._damage(digests)
        if damage and self._options.retries:
            # A damaged partial download, a flipped bit, or a store that answers Range requests with
            # other data.
            self._options.note(f"{damage}; starting again from the beginning")
            part.restart()
            digests = self._fill(part, ranges=False)
        difference = self._damage(digests) or self._deviation(digests)
        if difference:
            part.restart()
            raise GlanceError(f"{difference}; nothing was written to {path}", code=Code.WRONG_DATA)

    def _fill(self, part: PartFile, *, ranges: bool) -> dict[str, str]:
        """Downloads all that is missing; returns the digests of the whole data."""
        if self.size is not None and part.position > self.size:
            part.restart()
        reader = self._reader(part.position, ranges=ranges)
        buffers = self._buffers()
        # An empty image is requested, too: the service says whether we may read it.
        is_missing = not self.size or part.position != self.size
        try:
            if is_missing and reader.open() < part.position:
                part.restart()
            part.reserve(self.size)
            if part.position:
                done = counted(part.position, "byte")
                self._options.note(f"continuing the partial download of image {self.id}: {done}")
                self._progress.start("checking", part.position)
                part.hash_existing(buffers, self._progress.advance)
            self._progress.start("downloading", self.size, part.position)
            if is_missing:
                for piece in self._pieces(reader, buffers):
                    part.write(piece)
            self._progress.phase("verifying")
            return buffers.digests()
        finally:
            reader.close()
            buffers.close()

    def _reader(self, position: int, *, ranges: bool) -> Reader:
        """A reader with several connections where that is asked for and enough data is missing."""
        images = self._images
        image = self._image
        options = self._options
        missing = (self.size or 0) - position
        if ranges and options.parallel > 1 and missing > BLOCK_SIZE:
            return ParallelReader(images, image, options, position=position)
        return ImageReader(images, image, options, position=position, ranges=ranges)

    def _pieces(self, reader: Reader, buffers: HashingBuffers) -> Iterator[memoryview]:
        """The rest of the data, hashed on the way. A piece may be used until the next one."""
        while True:
            buffer = buffers.free_buffer()
            view = memoryview(buffer)
            # After a break in the middle of a buffer, pieces end at multiples of its size again.
            room = BUFFER_SIZE - reader.position % BUFFER_SIZE
            count = reader.fill(view[:room])
            buffers.hash(buffer, count)
            if not count:
                return
            yield view[:count]
            self._progress.advance(count)

    def _with_rest(self, error: E, part: PartFile) -> E:
        """Closes the file of a failed download; returns the error, which says what is left."""
        if part.keep():
            error.with_context(
                f"the partial download of image {self.id} is kept in {part.path}",
                image_id=self.id,
            )
            error.hint = error.hint or "The same command continues it."
        elif isinstance(error, Stopped):
            error.with_context(f"image {self.id} is not downloaded", image_id=self.id)
        return error

    def _buffers(self) -> HashingBuffers:
        checksums = (self._stored, self._expected)
        algorithms = [checksum.algorithm for checksum in checksums if checksum]
        return HashingBuffers(algorithms)

    def _damage(self, digests: dict[str, str]) -> str:
        """How the data differs from what the service has: reading it again may help."""
        return self._difference(digests, self._stored or self._expected)

    def _deviation(self, digests: dict[str, str]) -> str:
        """How the data differs from what the user expected."""
        return self._difference(digests, self._expected)

    def _difference(self, digests: dict[str, str], checksum: Checksum | None) -> str:
        if checksum is None:
            return ""
        digest = digests[checksum.algorithm]
        if digest == checksum.digest:
            return ""
        return describe_mismatch(f"image {self.id}", checksum, digest)

    def _result(self, path: str, size: int) -> Downloaded:
        """The result of a download that has succeeded; warns if it could not be verified."""
        checksum = self._expected or self._stored
        if not self._options.verify:
            self._options.warn(f"image {self.id} was not verified (--no-verify)")
        elif not checksum:
            reason = describe_missing_hash(self._image)
            self._options.warn(f"image {self.id} was not verified: {reason}")
        elif unknown_algorithm(self._image) and not self._expected:
            reason = describe_missing_hash(self._image)
            self._options.warn(
                f"image {self.id} was verified only by its {checksum.algorithm}: {reason}"
            )
        algorithm = checksum.algorithm if checksum else ""
        return Downloaded(path, size, algorithm)


def _without_buffer(stream: BinaryIO) -> BinaryIO:
    """The stream below its buffer, which would copy the data; a pipe is made larger."""
    try:
        enlarge_pipe(stream.fileno())
    except (OSError, ValueError):
        return stream  # not a file of the system
    stream.flush()
    return getattr(stream, "raw", stream)


def _write_all(raw: BinaryIO, view: memoryview) -> None:
    """Writes all of view, also to a non-blocking pipe."""
    while view:
        count: int | None = raw.write(view)
        if count is None:  # the pipe is full
            select.select([], [raw], [])
        else:
            view = view[count:]


def _notice_lost_reader(stream: BinaryIO) -> None:
    """Raises BrokenPipeError when the reader of a pipe goes away before it has read all data.

    A pipe holds up to 1 MiB. A reader that takes its time, or reads after we have ended, is fine.
    """
    try:
        fd = stream.fileno()
        is_pipe = stat.S_ISFIFO(os.fstat(fd).st_mode)
    except (OSError, ValueError):
        return  # not a file of the system
    if not is_pipe:
        return
    poll = select.poll()
    poll.register(fd, 0)  # errors alone
    deadline = time.monotonic() + READER_WAIT
    while _unread(fd) and time.monotonic() < deadline:
        if poll.poll(READER_PAUSE) and _unread(fd):
            raise BrokenPipeError


def _unread(fd: int) -> int:
    """How many bytes in a pipe have not been read; 0 where the system does not say."""
    import fcntl
    import termios

    try:
        count = fcntl.ioctl(fd, termios.FIONREAD, bytes(4))
    except OSError:
        return 0
    return int.from_bytes(count, sys.byteorder)
