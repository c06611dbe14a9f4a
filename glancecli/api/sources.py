"""Checks of the URLs from which a service may get image data, before anything is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glancecli.errors import UsageError
from glancecli.masking import mask

if TYPE_CHECKING:
    from glancecli.image import Fields, RemoteData

COPY_SCHEMES = ("http", "https")

# Schemes that no Image service accepts: they would make it read its own files.
LOCAL_SCHEMES = ("file", "filesystem", "swift+config")

# How to send a local file instead, for options of commands that have no --file.
SEND_A_FILE = {"--uri": "image-stage", "--url": "image-upload"}


def check_url(url: str, option: str) -> None:
    """Raises UsageError for what cannot be the source of image data."""
    scheme = _scheme(url)
    if not scheme:
        raise UsageError(f"{option}: '{mask(url)}' is not a URL")
    if scheme in LOCAL_SCHEMES:
        how = SEND_A_FILE.get(option, "--file")
        raise UsageError(
            f"{option}: no Image service accepts {scheme}:// URLs; use {how} to send a local file"
        )


def check_copy_url(url: str, option: str) -> None:
    """Raises UsageError for what the service cannot copy image data from."""
    check_url(url, option)
    if _scheme(url) not in COPY_SCHEMES:
        raise UsageError(
            f"{option}: the service copies from http and https URLs only, not from {mask(url)}"
        )


def check_source(data: RemoteData) -> None:
    """Raises UsageError for a copy_from or location that no service can read."""
    if data.copy_from is not None:
        check_copy_url(data.copy_from, "--copy-from")
    if data.location is not None:
        check_url(data.location, "--location")


def check_formats(fields: Fields) -> None:
    """Raises UsageError for missing formats of data that this program does not see."""
    missing = []
    if not fields.get("disk_format"):
        missing.append("--disk-format")
    if not fields.get("container_format"):
        missing.append("--container-format")
    if missing:
        options = " and ".join(missing)
        raise UsageError(f"missing {options}: the service does not detect the format of the data")


def _scheme(url: str) -> str:
    """The scheme of a URL in lower case, "" for anything that is not a URL."""
    scheme, separator, _ = url.partition("://")
    if not separator:
        return ""
    return scheme.lower()
