"""Data of an image brought here: checked before it takes its place, or at least before we say it is
good.
"""

from __future__ import annotations

import os
import select
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from glancecli.checksums import Checksum, image_checksums, is_known, mismatch, parse_checksum
from glancecli.errors import E, GlanceError, Stopped, tell
from glancecli.transfer.hashing import BUFFER, Ring
from glancecli.transfer.options import Options
from glancecli.transfer.parallel_reader import BLOCK, Parallel
from glancecli.transfer.part_file import Part
from glancecli.transfer.reader import Fetch
from glancecli.transfer.source import widen

if TYPE_CHECKING:
    from glancecli.api import Images
    from glancecli.image import Image


class Done(NamedTuple):
    """What a download gave: where it lies ("" for a stream), its bytes, and by which hash it was
    checked.
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
) -> Done:
    """Bring an image's data into target: a path, or an open binary stream.

    A path's file appears when it is whole and right, and not before; a good file that was there is
    kept until then. A folder takes a name made of the image's; a device or a FIFO is written into.
    What an earlier run of the same download left is gone on with. options.checksum is what the data
    must hash to. Raises GlanceError that names the image, and what is left where.
    """
    job = _Download(images, image, options)
    job.check()
    if image.get("status") == "queued":
        raise GlanceError(
            f"image {job.id} has no data yet: it is 'queued'",
            hint=f"'image-upload {job.id}' gives it some.",
        )
    if not isinstance(target, str):
        return job.into_stream(target, "the output")
    path = place(target, image)
    if path.exists() and not path.is_file():
        return _into_device(job, path)
    if path.exists() and not overwrite:
        raise GlanceError(f"{path} exists already", hint="--force replaces it.")
    if path.exists() and not os.access(path, os.W_OK):
        raise GlanceError(f"cannot write {path}: permission denied")
    return job.into_file(path, overwrite=overwrite, sparse=sparse)


def place(target: str, image: Image) -> Path:
    """The path of the file: target, or in a folder the image's name and disk format."""
    path = Path(target)
    if not (target.endswith("/") or path.is_dir()):
        return path
    if not path.is_dir():
        raise GlanceError(f"there is no folder {target}")
    name = "".join(_harmless(c) for c in str(image.get("name") or image["id"]))
    name = ("_" + name.lstrip(".") if name.startswith(".") else name).strip() or str(image["id"])
    ending = "." + "".join(_harmless(c) for c in str(image.get("disk_format") or "img"))
    return path / (os.fsdecode(os.fsencode(name.removesuffix(ending))[:200]) + ending)


def _harmless(character: str) -> str:
    return "_" if character == "/" or not character.isprintable() else character


def _into_device(job: _Download, path: Path) -> Done:
    try:
        disk = stat.S_ISBLK(path.stat().st_mode)
        with path.open("r+b" if disk else "wb") as device:
            if disk and job.size is not None:
                room = device.seek(0, os.SEEK_END)
                device.seek(0)
                if room < job.size:
                    raise GlanceError(f"{path} has {room} bytes, and image {job.id} has {job.size}")
            return job.into_stream(device, str(path))
    except BrokenPipeError as error:
        raise GlanceError(f"image {job.id}: the reader of {path} went away") from error


class _Download:
    """One image on its way here."""

    def __init__(self, images: Images, image: Image, options: Options) -> None:
        self._images, self._image, self._options = images, image, options
        self.id = str(image["id"])
        self.size: int | None = image.get("size")
        self._expected = [parse_checksum(options.checksum)] if options.checksum else []
        self._known = [
            known for known in image_checksums(image) if options.verify and is_known(known[0])
        ][:1]

    def check(self) -> None:
        """Hold what is expected of the data against what the service tells of it."""
        told = dict(image_checksums(self._image))
        for name, value in self._expected:
            if told.get(name, value) != value:
                raise GlanceError(
                    f"image {self.id} has the {name} {told[name]}, not {value} as --expect-hash says"
                )

    def into_stream(self, stream: BinaryIO, name: str) -> Done:
        """Write everything as it comes. What is wrong is known only when it has been written."""
        fetch = self._fetch(0, ranges=True)
        ring = self._ring()
        try:
            fetch.open()
            self._options.progress.start("downloading", self.size)
            raw = _unbuffered(stream)
            for view in self._pieces(fetch, ring):
                _put(raw, view)
            stream.flush()
            self._options.progress.phase("verifying")
            digests = ring.digests()
            if wrong := self._damaged(digests) or self._unexpected(digests):
                raise GlanceError(
                    f"{wrong}; what was written to {name} is damaged", hint="Do not use it."
                )
        except KeyboardInterrupt as error:
            raise tell(
                Stopped.by(error), f"image {self.id} was written to {name} only in part"
            ) from error
        except BrokenPipeError:
            raise
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            more = f"it has image {self.id} only in part"
            raise GlanceError(f"cannot write {name}: {reason}; {more}") from error
        finally:
            self._options.progress.stop()
            fetch.close()
            ring.close()
        return self._done("", fetch.position)

    def into_file(self, path: Path, *, overwrite: bool, sparse: bool) -> Done:
        """Write into a part beside path, and rename it when it is right."""
        what = "\n".join(
            [self.id, str(self.size), *(f"{n}:{v}" for n, v in image_checksums(self._image))]
        )
        part = Part(path, what, sparse=sparse)
        try:
            digests = self._attempt(part, ranges=True)
            if (wrong := self._damaged(digests)) and self._options.retries:
                # A damaged part, a byte turned over, or a store that answers a Range with something
                # else.
                self._options.note(f"{wrong}; starting again from the beginning")
                part.restart()
                digests = self._attempt(part, ranges=False)
            if wrong := self._damaged(digests) or self._unexpected(digests):
                part.restart()
                raise GlanceError(f"{wrong}; nothing was written to {path}")
            part.finish(overwrite=overwrite)
        except GlanceError as error:
            raise self._left(part, error) from error
        except KeyboardInterrupt as error:
            raise self._left(part, Stopped.by(error)) from error
        finally:
            self._options.progress.stop()
        return self._done(str(path), part.position)

    def _attempt(self, part: Part, *, ranges: bool) -> dict[str, str]:
        """Bring everything that is missing; the digests of the whole."""
        if self.size is not None and part.position > self.size:
            part.restart()
        fetch = self._fetch(part.position, ranges=ranges)
        ring = self._ring()
        progress = self._options.progress
        # Of an image without a byte, too, the service says whether we may have it.
        missing = not self.size or part.position != self.size
        try:
            if missing and fetch.open() < part.position:
                part.restart()
            part.reserve(self.size)
            progress.start("downloading", self.size, part.position)
            part.hash_found(ring)
            for view in self._pieces(fetch, ring) if missing else ():
                part.write(view)
            progress.phase("verifying")
            return ring.digests()
        finally:
            fetch.close()
            ring.close()

    def _fetch(self, position: int, *, ranges: bool) -> Fetch:
        """What reads the rest: several connections where that was asked for and there is enough to
        read.
        """
        if ranges and self._options.parallel > 1 and (self.size or 0) - position > BLOCK:
            return Parallel(self._images, self._image, self._options, position=position)
        return Fetch(self._images, self._image, self._options, position=position, ranges=ranges)

    def _pieces(self, fetch: Fetch, ring: Ring) -> Iterator[memoryview]:
        """The rest of the data, hashed as it is given out. A piece is good until the next one."""
        while True:
            buffer = ring.buffer()
            # After a break in the middle of a buffer, pieces end where buffers would again.
            count = fetch.fill(memoryview(buffer)[: BUFFER - fetch.position % BUFFER])
            ring.hash(buffer, count)
            if not count:
                return
            yield memoryview(buffer)[:count]
            self._options.progress.advance(count)

    def _left(self, part: Part, error: E) -> E:
        """The error, telling what is left of a download that failed."""
        if part.keep():
            hint = "" if error.hint else "The same command goes on from there."
            return tell(error, f"what came of image {self.id} is kept in {part.path}", hint)
        return (
            tell(error, f"image {self.id} is not downloaded")
            if isinstance(error, Stopped)
            else error
        )

    def _ring(self) -> Ring:
        return Ring(tuple(name for name, _ in (*self._known, *self._expected)))

    def _damaged(self, digests: dict[str, str]) -> str:
        """Whether what came is something else than what the service has; then it may help to read
        again.
        """
        return self._differs(digests, self._known or self._expected)

    def _unexpected(self, digests: dict[str, str]) -> str:
        """Whether it is something else than what was expected."""
        return self._differs(digests, self._expected)

    def _differs(self, digests: dict[str, str], wanted: list[Checksum]) -> str:
        for checksum in wanted:
            found = digests[checksum.algorithm]
            if found != checksum.digest:
                return mismatch(f"image {self.id}", checksum, found)
        return ""

    def _done(self, path: str, size: int) -> Done:
        """Say so when nothing could be checked."""
        checks = self._expected or self._known
        if not self._options.verify:
            self._options.warn(f"image {self.id} was not verified, as --no-verify asks")
        elif not checks:
            self._options.warn(f"image {self.id} was not verified: the service tells no hash of it")
        return Done(path, size, checks[0][0] if checks else "")


def _unbuffered(stream: BinaryIO) -> BinaryIO:
    """The stream below the buffer, which would copy; a pipe is made larger."""
    try:
        widen(stream.fileno())
    except (OSError, ValueError):
        return stream  # not a file of the system
    stream.flush()
    return getattr(stream, "raw", stream)


def _put(raw: BinaryIO, view: memoryview) -> None:
    """Write all of view, also to a pipe that somebody made non-blocking."""
    while view:
        count: int | None = raw.write(view)
        if count is None:  # what such a pipe says when it is full
            select.select([], [raw], [])
        else:
            view = view[count:]
