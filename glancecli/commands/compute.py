"""nova's image commands: image-list, image-show, image-delete, image-meta, image-create, backup."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from glancecli.cli.app import App
from glancecli.cli.options import family, list_output_options, pass_app, show_output_options
from glancecli.cli.program import argument, command, option
from glancecli.cli.types import Count
from glancecli.commands.meta import META_EXAMPLES, meta_arguments, meta_changes
from glancecli.commands.shared.in_parallel import in_parallel, report_all
from glancecli.errors import Stopped, UsageError, tell
from glancecli.image import Image
from glancecli.output.columns import ListColumn

MINIMAL = (ListColumn("id", "ID"), ListColumn("name", "Name"))
COLUMNS = (*MINIMAL, ListColumn("status", "Status"), ListColumn("server", "Server"))

TIME_LIMIT = 7200  # seconds; the old client waited for ever
ROTATION_LIMIT = 15.0  # seconds that Nova may take to delete what a finished backup rotated out

waiting = family(
    option("--show", is_flag=True, help="Show the new image."),
    option(
        "--poll", is_flag=True, help="Wait until the image is active and the server has no task."
    ),
    option(
        "--timeout",
        type=Count("SECONDS"),
        default=TIME_LIMIT,
        help=f"With --poll: give up after this time, exit code 1 ({TIME_LIMIT}).",
    ),
    show_output_options,
)


@command(
    "image-list",
    examples=[
        "image-list",
        "image-list --server web1",
        "image-list --status active -f value -c ID",
    ],
)
@option("--limit", type=Count("NUMBER"), help="Only the newest so many images.")
@option("--server", metavar="SERVER", help="Snapshots and backups of this server (name or ID).")
@option("--name", metavar="NAME", default="", help="Images with exactly this name.")
@option("--status", metavar="STATUS", default="", help="ACTIVE, SAVING, ERROR, DELETED or UNKNOWN.")
@option("--minimal", is_flag=True, help="Only IDs and names.")
@list_output_options
@pass_app
def image_list(
    app: App, limit: int | None, server: str | None, name: str, status: str, minimal: bool
) -> None:
    """List images with the servers that they are snapshots of, sorted by name."""
    server_id = app.compute.servers.find_id(server) if server else ""
    images = app.compute.image_list(name=name, status=status, server_id=server_id, limit=limit)
    if minimal:
        app.out.write_list(({"id": i["id"], "name": i["name"]} for i in images), MINIMAL)
    else:
        app.out.write_list(
            ({**i, "server": i.get("server", {}).get("id")} for i in images), COLUMNS
        )


@command("image-show", examples=["image-show cirros", "image-show cirros -f json"])
@argument("image", metavar="IMAGE", help="Name or ID of the image.")
@show_output_options
@pass_app
def image_show(app: App, image: str) -> None:
    """Show one image; each of its properties is a row "metadata KEY"."""
    _show(app, app.compute.image_show(image))


def _show(app: App, image: Image) -> None:
    rows: dict[str, Any] = {k: v for k, v in image.items() if k not in ("metadata", "server")}
    rows.update((f"metadata {k}", v) for k, v in image.get("metadata", {}).items())
    if "server" in image:
        rows["server"] = image["server"]["id"]
    app.out.write_properties(rows, null="-")


@command("image-delete", examples=["image-delete old-snapshot", "image-delete ID1 ID2 ID3"])
@argument("images", metavar="IMAGE", nargs=-1, required=True, help="Names or IDs of the images.")
@pass_app
def image_delete(app: App, images: Sequence[str]) -> None:
    """Delete images. Goes on after a failure; exit code 1 if any failed."""
    report_all(app, in_parallel(app.compute.image_delete, images))


@command("image-meta", examples=META_EXAMPLES)
@meta_arguments
@pass_app
def image_meta(
    app: App, image: str, action: str, pairs: Sequence[str], libvirt_type: str | None
) -> None:
    """Set or delete properties of an image; says nothing on success."""
    changes = meta_changes(app, action, pairs, libvirt_type)
    if changes.fields:
        app.compute.set_metadata(image, changes.fields)
    else:
        app.compute.delete_metadata(image, changes.remove)


@command(
    "image-create",
    examples=[
        "image-create web1 web1-before-upgrade --poll",
        "image-create web1 snap --metadata team=web --show",
    ],
)
@argument("server", metavar="SERVER", help="Name or ID of the server.")
@argument("name", metavar="NAME", help="Name of the snapshot.")
@option(
    "--metadata",
    metavar="KEY=VALUE",
    multiple=True,
    help="A property of the new image; repeatable.",
)
@waiting
@pass_app
def image_create(
    app: App,
    server: str,
    name: str,
    metadata: Sequence[str],
    show: bool,
    poll: bool,
    timeout: int,
) -> None:
    """Create an image by taking a snapshot of a server. Prints nothing without --show and --poll."""
    fields = meta_changes(app, "set", metadata).fields
    server_id, image_id = app.compute.servers.create_image(server, name, fields)
    app.detail(f"snapshot {name} of server {server_id} begun: image {image_id}")
    if poll:
        _wait(app, image_id, server_id, timeout)
    if show:
        _show(app, app.compute.image_by_id(image_id))


@command(
    "backup",
    examples=["backup web1 web1-monday daily 7", "-v backup web1 web1-monday daily 7 --poll"],
)
@argument("server", metavar="SERVER", help="Name or ID of the server.")
@argument("name", metavar="NAME", help="Name of the backup image.")
@argument(
    "backup_type",
    metavar="TYPE",
    help="Any word, such as daily or weekly; each type rotates alone.",
)
@argument(
    "rotation",
    metavar="ROTATION",
    type=Count("ROTATION"),
    help="How many backups of the type to keep.",
)
@waiting
@pass_app
def backup(
    app: App,
    server: str,
    name: str,
    backup_type: str,
    rotation: int,
    show: bool,
    poll: bool,
    timeout: int,
) -> None:
    """Back up a server as an image and delete the oldest backups of this type beyond ROTATION.

    Prints nothing without --show and --poll; -v names what is rotated out.
    """
    if show and not rotation:
        raise UsageError("with rotation 0 no backup is kept, so there is nothing to --show")
    leaving: list[Image] = []
    if app.verbose:
        server = app.compute.servers.find_id(server)
        leaving = app.compute.backups(server, backup_type)[max(rotation - 1, 0) :]
    server_id, image_id = app.compute.servers.create_backup(server, name, backup_type, rotation)
    app.detail(
        f"backup {name} of server {server_id} begun" + (f": image {image_id}" if image_id else "")
    )
    if poll:
        _wait(app, image_id, server_id, timeout)
        _report_rotated(app, leaving)
    else:
        for image in leaving:
            app.detail(f"rotation takes out {image['name']} ({image['id']})")
    if show:
        _show(app, app.compute.image_by_id(image_id))


def _report_rotated(app: App, leaving: Sequence[Image]) -> None:
    """Say what has been rotated out, which Nova does after all else."""
    from glancecli.api.compute.snapshots import wait_until_gone

    staying = wait_until_gone(app.compute, [i["id"] for i in leaving], timeout=ROTATION_LIMIT)
    for image in leaving:
        what = "not yet rotated out:" if image["id"] in staying else "rotated out:"
        app.detail(f"{what} {image['name']} ({image['id']})")


def _wait(app: App, image_id: str, server_id: str, timeout: int) -> None:
    """Wait, with the words and line ends of the old client."""
    from glancecli.api.compute.snapshots import goes_on, wait_for_snapshot

    shown = -1

    def progress(percent: int) -> None:
        nonlocal shown
        if percent != shown:
            app.out.write_for_people(f"\rServer snapshotting... {percent}% complete")
            shown = percent

    app.out.write_for_people("\n")
    try:
        wait_for_snapshot(app.compute, image_id, server_id, timeout=timeout, progress=progress)
        progress(100)
    except KeyboardInterrupt as error:
        raise tell(Stopped.by(error), "", goes_on(image_id, server_id)) from error
    finally:
        if shown >= 0:
            app.out.write_for_people("\n")
    app.out.write_for_people("Finished\n")
