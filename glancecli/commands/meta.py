"""image-meta."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from glancecli.api import find_id
from glancecli.changes import Changes
from glancecli.cli.app import App
from glancecli.cli.command import command, pass_app
from glancecli.cli.options import image_argument, libvirt_type
from glancecli.cli.parameters import argument, into
from glancecli.cli.types import KEY_VALUE, OneOf
from glancecli.image import Image, check_properties

META_EXAMPLES = (
    "image-meta cirros set os_distro=debian os_version=12",
    "image-meta cirros delete os_version",
)


class MetaAction(Enum):
    """What happens to the properties."""

    SET = "set"
    DELETE = "delete"


class MetaChange(NamedTuple):
    """What image-meta is asked to do."""

    action: MetaAction
    pairs: tuple[str, ...]
    libvirt_type: str | None = None


meta_options = into(
    "change",
    MetaChange,
    argument(
        "action",
        metavar="set|delete",
        type=OneOf(MetaAction),
        help="Whether to set or delete properties.",
    ),
    argument(
        "pairs",
        metavar="KEY=VALUE",
        nargs=-1,
        required=True,
        help="Properties; for delete only their keys.",
    ),
    libvirt_type,
)


def meta_changes(app: App, change: MetaChange) -> Changes:
    """Returns the changes to an image; buses and models are checked as hardware.check does."""
    keys = tuple(pair.partition("=")[0] for pair in change.pairs)
    check_properties(keys)
    if change.action is MetaAction.DELETE:
        return Changes(remove=keys)
    from glancecli import hardware

    fields = dict(KEY_VALUE.convert(pair, None, None) for pair in change.pairs)
    hardware.check(fields, change.libvirt_type, app.console.warn)
    return Changes(fields=fields)


@command("image-meta", examples=META_EXAMPLES)
@image_argument
@meta_options
@pass_app
def image_meta(app: App, image: str, change: MetaChange) -> None:
    """Set or delete properties of an image. Prints nothing on success."""
    changes = meta_changes(app, change)
    changed = app.images.update(find_id(app.images, image), changes)
    warn_of_hypervisor(app, changed, changes)


def warn_of_hypervisor(app: App, image: Image, changes: Changes) -> None:
    """Warns of buses and models that the changed image's own hypervisor does not support."""
    from glancecli import hardware

    hardware.warn_of_hypervisor({**image, **changes.fields}, changes.fields, app.console.warn)
