"""image-meta."""

from __future__ import annotations

from collections.abc import Sequence

import click

from glancecli.api import find_id
from glancecli.cli.app import App
from glancecli.cli.options import (
    family,
    libvirt_type,
    pass_app,
)
from glancecli.cli.program import argument, command
from glancecli.cli.types import KEY_VALUE
from glancecli.image import Changes, check_properties

META_EXAMPLES = (
    "image-meta cirros set os_distro=debian os_version=12",
    "image-meta cirros delete os_version",
)


meta_arguments = family(
    argument("image", metavar="IMAGE", help="Name or ID of the image."),
    argument(
        "action", metavar="set|delete", type=click.Choice(["set", "delete"]), help="What to do."
    ),
    argument(
        "pairs",
        metavar="KEY=VALUE",
        nargs=-1,
        required=True,
        help="Properties; for delete the keys alone will do.",
    ),
    libvirt_type,
)


def meta_changes(
    app: App, action: str, pairs: Sequence[str], libvirt_type: str | None = None
) -> Changes:
    """What image-meta is asked to do, its buses and models checked as hardware.check does."""
    keys = tuple(pair.partition("=")[0] for pair in pairs)
    check_properties(keys)
    if action == "delete":
        return Changes(remove=keys)
    from glancecli import hardware

    changes = Changes(fields=dict(KEY_VALUE.convert(pair, None, None) for pair in pairs))
    hardware.check(changes.fields, libvirt_type, app.warn)
    return changes


@command("image-meta", examples=META_EXAMPLES)
@meta_arguments
@pass_app
def image_meta(
    app: App, image: str, action: str, pairs: Sequence[str], libvirt_type: str | None
) -> None:
    """Set or delete properties of an image; says nothing on success."""
    changes = meta_changes(app, action, pairs, libvirt_type)
    app.images.update(find_id(app.images, image), changes)
