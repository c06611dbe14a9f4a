"""Whether a service stores what was sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from glancecli.checksums import (
    Checksum,
    describe_missing_hash,
    image_checksums,
    strongest_checksum,
    unknown_algorithm,
)
from glancecli.transfer.hashing import HashingBuffers
from glancecli.transfer.options import Progress
from glancecli.transfer.source import Readable

if TYPE_CHECKING:
    from glancecli.image import Image


class SentData(NamedTuple):
    """What one attempt has sent: bytes, and hex digests by algorithm."""

    size: int
    digests: dict[str, str]


def find_difference(
    image: Image,
    source: Readable,
    sent: SentData,
    warn: Callable[[str], None],
    progress: Progress,
) -> str:
    """Returns how an image differs from the data that was sent; "" when it is the same.

    When the service hashes by another algorithm than expected, a file is hashed again. Of a stream
    only the size can be compared then, which is a warning.
    """
    name = f"image {image['id']}"
    size = image.get("size")
    if size != sent.size:
        return f"{name} has {size} bytes, and {sent.size} were sent"
    strongest = strongest_checksum(image)
    if strongest is None:
        warn(f"only the size of {name} was verified: {describe_missing_hash(image)}")
        return ""
    algorithm = strongest.algorithm
    if unknown_algorithm(image):
        warn(f"{name} is verified only by its {algorithm}: {describe_missing_hash(image)}")
    for checksum in image_checksums(image):
        digest = sent.digests.get(checksum.algorithm)
        if digest:
            return _compare(name, checksum, digest)
    if source.rewindable:
        digest = digest_source(source, algorithm, progress)
        return _compare(name, strongest, digest)
    warn(
        f"only the size of {name} was verified: the service hashes by {algorithm}; "
        f"use --hash-algo {algorithm} the next time"
    )
    return ""


def digest_source(source: Readable, algorithm: str, progress: Progress) -> str:
    """Returns the hex digest of a whole rewindable source, and rewinds it before and after."""
    buffers = HashingBuffers((algorithm,))
    progress.start("checking", source.size)
    try:
        source.rewind()
        while True:
            buffer = buffers.free_buffer()
            with memoryview(buffer) as view:
                count = source.fill(view)
            if not count:
                break
            buffers.hash(buffer, count)
            progress.advance(count)
    finally:
        progress.stop()
        buffers.close()
    source.rewind()
    return buffers.digests()[algorithm]


def _compare(name: str, stored: Checksum, sent_digest: str) -> str:
    if stored.digest == sent_digest:
        return ""
    return (
        f"{name} has the {stored.algorithm} {stored.digest}, and the data that was sent has "
        f"{sent_digest}"
    )
