"""Arguments that several commands share."""

from __future__ import annotations

from glancecli.cli.parameters import argument

image_argument = argument("image", metavar="IMAGE", help="Name or ID of the image.")
images_argument = argument(
    "images", metavar="IMAGE", nargs=-1, required=True, help="Names or IDs of the images."
)
