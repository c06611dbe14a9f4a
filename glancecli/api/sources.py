"""Checks of the URLs from which a service may get image data, before anything is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from glancecli.errors import UsageError
from glancecli.masking import mask

if TYPE_CHECKING:
    from glancecli.changes import RemoteData
    from glancecli.image import Fields

COPY_SCHEMES = ("http", "https")

# Amazon images have a disk format and a container format of the same name.
AMAZON = ("ami", "ari", "aki")

# Disk formats that are the ending of a file as well. Files called .img hold qcow2 or raw data.
ENDINGS = ("qcow2", "raw", "iso", "vmdk", "vdi", "vhd", "vhdx", "ploop")

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


def with_formats(fields: Fields, url: str = "") -> dict[str, Any]:
    """Returns the fields with the formats of data that this program does not see.

    The container format is bare, or that of an Amazon image, unless it is given. A missing disk
    format is taken from the ending of the URL; UsageError where that does not tell.
    """
    disk_format = fields.get("disk_format") or _ending(url)
    if not disk_format:
        raise UsageError(
            "missing --disk-format: the service does not detect the format of the data, and the "
            "URL does not end with one (.qcow2, .raw, .iso ...)"
        )
    container_format = "bare"
    if disk_format in AMAZON:
        container_format = disk_format
    return {
        **fields,
        "disk_format": disk_format,
        "container_format": fields.get("container_format") or container_format,
    }


def _ending(url: str) -> str:
    """The disk format that is the ending of the file that a URL names, "" for any other ending."""
    ending = urlsplit(url).path.rpartition(".")[2].lower()
    if ending in ENDINGS:
        return ending
    return ""


def _scheme(url: str) -> str:
    """The scheme of a URL in lower case, "" for anything that is not a URL."""
    scheme, separator, _ = url.partition("://")
    if not separator:
        return ""
    return scheme.lower()
