"""Where the service may get image data from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from glancecli.errors import UsageError
from glancecli.masking import mask

if TYPE_CHECKING:
    from glancecli.image import RemoteData


# No image service takes these, for good reason: they would read its own files.
_LOCAL = ("file", "filesystem", "swift+config")


def check_url(url: str, option: str, schemes: tuple[str, ...] = ()) -> None:
    """Raises UsageError for what cannot be a source of image data; schemes, if any, are all that
    may be.
    """
    scheme = url.partition("://")[0].lower()
    shown = mask(url)
    if scheme == url.lower() or not scheme:
        raise UsageError(f"{option}: '{shown}' is no URL")
    if scheme in _LOCAL:
        how = {"--uri": "image-stage", "--url": "image-upload"}.get(option, "--file")
        raise UsageError(
            f"{option}: no image service takes {scheme}:// URLs; {how} sends a local file"
        )
    if schemes and scheme not in schemes:
        raise UsageError(
            f"{option}: the service copies from {' and '.join(schemes)} URLs, and this is {shown}"
        )


def check_source(data: RemoteData) -> None:
    """Raises UsageError for a copy_from or location that no service could read."""
    if data.copy_from is not None:
        check_url(data.copy_from, "--copy-from", ("http", "https"))
    if data.location is not None:
        check_url(data.location, "--location")


def check_formats(fields: Mapping[str, Any]) -> None:
    """Raises UsageError for missing formats of data that we do not see."""
    missing = [k for k in ("disk_format", "container_format") if not fields.get(k)]
    if missing:
        flags = " and ".join(f"--{k.replace('_', '-')}" for k in missing)
        raise UsageError(f"{flags} must be given: the service does not find out what the data is")
