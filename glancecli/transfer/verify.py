"""Whether a service holds what was sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from glancecli.checksums import image_checksums
from glancecli.transfer.hashing import Ring
from glancecli.transfer.source import Readable

if TYPE_CHECKING:
    from glancecli.image import Image
    from glancecli.transfer.options import Options


def verify(
    image: Image, source: Readable, sent: int, digests: dict[str, str], options: Options
) -> str:
    """What is wrong with an image that should hold sent bytes with these digests; "" when it is
    right.

    When the service hashes by another algorithm than expected, a file is hashed again; of a stream
    that leaves the size, which is said as a warning.
    """
    name = f"image {image['id']}"
    size = image.get("size")
    if size != sent:
        return f"{name} has {size} bytes, and {sent} were sent"
    known = image_checksums(image)
    for algorithm, value in known:
        if algorithm in digests:
            return _difference(name, algorithm, value, digests[algorithm])
    if known and source.rewindable:
        algorithm, value = known[0]
        return _difference(name, algorithm, value, digest_of(source, algorithm))
    if known:
        algorithm = known[0][0]
        hint = f"--hash-algo {algorithm} checks it next time"
        options.warn(
            f"{name} was checked by its size alone: the service hashes by {algorithm}; {hint}"
        )
    else:
        options.warn(f"{name} was checked by its size alone: the service tells no hash")
    return ""


def digest_of(source: Readable, algorithm: str, moved: Callable[[int], None] | None = None) -> str:
    """The digest of a whole rewindable source, which is rewound before and after; moved hears of
    progress.
    """
    ring = Ring((algorithm,))
    try:
        source.rewind()
        while True:
            buffer = ring.buffer()
            with memoryview(buffer) as view:
                count = source.fill(view)
            if not count:
                break
            ring.hash(buffer, count)
            if moved:
                moved(count)
    finally:
        ring.close()
    source.rewind()
    return ring.digests()[algorithm]


def _difference(name: str, algorithm: str, theirs: str, ours: str) -> str:
    if theirs == ours:
        return ""
    return f"{name} has the {algorithm} {theirs}, and what was sent has {ours}"
