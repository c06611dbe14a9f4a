"""image-download, image-upload, image-stage: an image's data, and nothing else of it."""

from __future__ import annotations

from typing import Any

from glancecli.api import find
from glancecli.cli.app import App
from glancecli.cli.options import data_options, file_options, pass_app, transfer_options
from glancecli.cli.program import argument, command, option
from glancecli.cli.types import Count
from glancecli.commands.shared.image_data import data_source, no_data, send_data
from glancecli.errors import UsageError
from glancecli.image import Changes


@command(
    "image-download",
    examples=[
        "image-download cirros --file cirros.qcow2",
        "image-download cirros --file ~/images/",
        "image-download debian-12 | qemu-img dd -f raw -O qcow2 if=/dev/stdin of=debian-12.qcow2",
        "image-download debian-12 --file d.qcow2 --expect-hash md5:9e107d9d372bb6826bd81d3542a419d6",
    ],
)
@argument("image", metavar="IMAGE", help="Name or ID of the image.")
@option(
    "--file", metavar="FILE", help="File, folder/ or device to write; left out: standard output."
)
@option(
    "--force", is_flag=True, help="Replace a file on a terminal, too; scripts replace it anyhow."
)
@option("--expect-hash", metavar="ALGO:HEX", help="What the data must hash to, as sha256:9f86...")
@option(
    "--sparse/--no-sparse",
    default=True,
    help="Leave holes for zeros in a file (by default), or not.",
)
@option(
    "--parallel",
    type=Count("NUMBER"),
    help="Connections to read with at once (1); helps on slow, long ways.",
)
@option("--prefer", metavar="STORES", help="Stores to read from first, separated by commas.")
@option(
    "--allow-md5-fallback",
    is_flag=True,
    envvar="OS_IMAGE_ALLOW_MD5_FALLBACK",
    help="Nothing more: MD5 is used where there is no better hash.",
)
@transfer_options
@pass_app
def image_download(app: App, image: str, file: str | None, force: bool, **given: Any) -> None:
    """Download an image's data, and hold it against its hash.

    A file takes its place when it is whole and right. What a break leaves is kept beside it as
    FILE.*.part, and the same command goes on from there.
    """
    target = file or app.data_out
    if target is None:
        raise UsageError(
            "image data is not written to a terminal",
            hint="Give --file FILE, or redirect the output.",
        )
    from glancecli.transfer import download

    given["checksum"] = given["expect_hash"]
    done = download(
        app.images,
        find(app.images, image),
        target,
        app.transfer(given),
        overwrite=force or not app.interactive,
        sparse=given["sparse"],
    )
    how = f"its {done.algorithm} is right" if done.algorithm else "not verified"
    app.detail(f"{done.size} bytes of image {image} written to {done.path or 'the output'}, {how}")


@command(
    "image-upload",
    examples=[
        "image-upload debian-12 --file debian-12.qcow2",
        "image-upload debian-12 < debian-12.qcow2",
    ],
)
@argument("image", metavar="IMAGE", help="Name or ID of a queued image.")
@option("--size", type=Count("BYTES"), help="Size of the data; checked against what is sent.")
@option(
    "--checksum",
    metavar="HASH",
    help="Hash of the data (MD5, or SHA-256/512 by its length); checked.",
)
@option(
    "--store", metavar="STORE", envvar="OS_IMAGE_STORE", help="Store for the data (OS_IMAGE_STORE)."
)
@data_options
@pass_app
def image_upload(app: App, image: str, **given: Any) -> None:
    """Upload the data of a queued image, and hold what is stored against what was sent."""
    with data_source(app, given, app.stdin) as source:
        if source is None:
            raise no_data()
        found = send_data(app, find(app.images, image), Changes(), source, given)
    app.detail(f"image {found['id']} is {found['status']}, {found.get('size')} bytes")


@command("image-stage", examples=["image-stage debian-12 --file debian-12.qcow2"])
@argument("image", metavar="IMAGE", help="Name or ID of a queued image.")
@option("--size", type=Count("BYTES"), help="Size of the data; checked against what is sent.")
@option(
    "--checksum",
    metavar="HASH",
    help="Hash of the data (MD5, or SHA-256/512 by its length); checked.",
)
@file_options
@transfer_options
@pass_app
def image_stage(app: App, image: str, **given: Any) -> None:
    """Upload data to the staging area, from which image-import takes it."""
    with data_source(app, given, app.stdin) as source:
        if source is None:
            raise no_data()
        from glancecli.transfer import stage

        found = send_data(app, find(app.images, image), Changes(), source, given, how=stage)
    app.detail(f"image {found['id']} is {found['status']}")
