"""image-download, image-upload, image-stage."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from glancecli.api import find
from glancecli.changes import Changes
from glancecli.cli.app import App
from glancecli.cli.command import command, pass_app
from glancecli.cli.options import image_argument
from glancecli.cli.parameters import argument, into, option
from glancecli.cli.transfer_options import (
    DataOptions,
    TransferOptions,
    data_options,
    file_options,
    transfer_options,
    transfer_settings,
)
from glancecli.cli.types import HASH, Count
from glancecli.commands.shared.image_data import (
    ExpectedData,
    expected_data_options,
    no_data,
    open_data,
    send_data,
    upload_settings,
)
from glancecli.text import counted

if TYPE_CHECKING:
    from glancecli.checksums import Checksum
    from glancecli.transfer import Options


class DownloadOptions(NamedTuple):
    """Where a download goes, what it must hash to, and how it is read."""

    file: str | None
    force: bool
    expect_hash: Checksum | None
    sparse: bool
    parallel: int | None
    prefer: str | None
    allow_md5_fallback: bool  # accepted for old scripts


download_options = into(
    "download",
    DownloadOptions,
    option(
        "--file",
        metavar="FILE",
        help="File, folder/ or device to write (default, and -: standard output).",
    ),
    option(
        "--force",
        is_flag=True,
        help="Replace an existing file also on a terminal; scripts always replace it.",
    ),
    option(
        "--expect-hash",
        type=HASH,
        metavar="ALGO:HEX",
        help="Expected hash of the data, such as sha256:9f86...",
    ),
    option(
        "--sparse/--no-sparse",
        default=True,
        help="Leave holes for zeros in the file (default), or write the zeros.",
    ),
    option(
        "--parallel",
        type=Count("NUMBER"),
        help="Connections to read with at once (default: 1); helps over long distances.",
    ),
    option("--prefer", metavar="STORES", help="Stores to read from first, separated by commas."),
    option(
        "--allow-md5-fallback",
        is_flag=True,
        envvar="OS_IMAGE_ALLOW_MD5_FALLBACK",
        help="No effect: MD5 is always used where there is no better hash.",
    ),
    title="File",
)

queued_image_argument = argument("image", metavar="IMAGE", help="Name or ID of a queued image.")


@command(
    "image-download",
    examples=[
        "image-download cirros --file cirros.qcow2",
        "image-download cirros --file ~/images/",
        "image-download debian-12 | qemu-img dd -f raw -O qcow2 if=/dev/stdin of=debian-12.qcow2",
        "image-download debian-12 --file d.qcow2 "
        "--expect-hash md5:9e107d9d372bb6826bd81d3542a419d6",
    ],
    only_reads=True,
)
@image_argument
@download_options
@transfer_options
@pass_app
def image_download(
    app: App, image: str, download: DownloadOptions, transfer: TransferOptions
) -> None:
    """Download an image's data and verify its hash.

    The file appears only when it is complete and verified. A partial download is kept beside it as
    FILE.*.part, and the same command continues it.
    """
    target = download.file
    if target in (None, "-"):
        target = app.console.data_out
    from glancecli.transfer import download as download_data

    done = download_data(
        app.images,
        find(app.images, image),
        target,
        _download_settings(app, download, transfer),
        overwrite=app.console.may_replace_file(force=download.force),
        sparse=download.sparse,
    )
    how = "not verified"
    if done.algorithm:
        how = f"verified by its {done.algorithm}"
    place = done.path or "the output"
    app.console.detail(f"{counted(done.size, 'byte')} of image {image} written to {place}, {how}")


def _download_settings(app: App, download: DownloadOptions, transfer: TransferOptions) -> Options:
    return transfer_settings(app, transfer)._replace(
        checksum=download.expect_hash,
        parallel=download.parallel or 1,
        prefer=download.prefer or "",
    )


@command(
    "image-upload",
    examples=[
        "image-upload debian-12 --file debian-12.qcow2",
        "image-upload debian-12 < debian-12.qcow2",
    ],
)
@queued_image_argument
@expected_data_options
@option(
    "--store", metavar="STORE", envvar="OS_IMAGE_STORE", help="Store for the data (OS_IMAGE_STORE)."
)
@data_options
@transfer_options
@pass_app
def image_upload(
    app: App,
    image: str,
    expected: ExpectedData,
    store: str | None,
    data: DataOptions,
    transfer: TransferOptions,
) -> None:
    """Upload data for a queued image and verify what the service has stored."""
    settings = upload_settings(app, data, transfer, expected, store=store)
    with open_data(app, data, settings, app.console.stdin) as opened:
        if opened is None:
            raise no_data()
        found = send_data(app, find(app.images, image), Changes(), opened, data)
    app.console.detail(f"image {found['id']} is {found['status']}, {found.get('size')} bytes")


@command("image-stage", examples=["image-stage debian-12 --file debian-12.qcow2"])
@queued_image_argument
@expected_data_options
@file_options
@transfer_options
@pass_app
def image_stage(
    app: App, image: str, expected: ExpectedData, data: DataOptions, transfer: TransferOptions
) -> None:
    """Upload data to the staging area; image-import imports it from there."""
    settings = upload_settings(app, data, transfer, expected)
    with open_data(app, data, settings, app.console.stdin) as opened:
        if opened is None:
            raise no_data()
        from glancecli.transfer import stage

        found = send_data(app, find(app.images, image), Changes(), opened, data, how=stage)
    app.console.detail(f"image {found['id']} is {found['status']}")
