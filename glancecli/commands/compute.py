"""nova's image commands: image-list, image-show, image-delete, image-meta, image-create, backup."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from glancecli.api.uses import SHELVED_SUFFIX
from glancecli.cli.app import App
from glancecli.cli.command import command, pass_app
from glancecli.cli.options import (
    ListOptions,
    ShowOptions,
    id_list_options,
    image_argument,
    images_argument,
    show_options,
)
from glancecli.cli.parameters import argument, into, option, together
from glancecli.cli.types import Count
from glancecli.commands.meta import (
    META_EXAMPLES,
    MetaAction,
    MetaChange,
    meta_changes,
    meta_options,
)
from glancecli.commands.shared.in_parallel import in_parallel, report_all
from glancecli.commands.shared.users import name_users, warn_of_shelved_server
from glancecli.errors import Stopped, UsageError
from glancecli.image import Image
from glancecli.output.columns import ListColumn
from glancecli.output.render import ResultWriter

MINIMAL = (ListColumn("id", "ID"), ListColumn("name", "Name"))
COLUMNS = (*MINIMAL, ListColumn("status", "Status"), ListColumn("server", "Server", rank=1))

TIME_LIMIT = 7200  # seconds; the old client waited without a limit
ROTATION_LIMIT = 15.0  # seconds in which Nova deletes old backups after a new one


class Snapshot(NamedTuple):
    """A snapshot to take of a server."""

    server: str
    name: str


class AfterSnapshot(NamedTuple):
    """What to do once a snapshot has begun."""

    show: bool
    poll: bool
    timeout: int  # seconds


class Rotation(NamedTuple):
    """How many backups of which type to keep."""

    backup_type: str
    rotation: int


server_argument = argument("server", metavar="SERVER", help="Name or ID of the server.")
after_options = together(
    into(
        "after",
        AfterSnapshot,
        option("--show", is_flag=True, help="Show the new image."),
        option(
            "--poll",
            is_flag=True,
            help="Wait until the image is active and the server has no task.",
        ),
        option(
            "--timeout",
            type=Count("SECONDS"),
            default=TIME_LIMIT,
            help=f"With --poll: abort after this time, exit code 1 (default: {TIME_LIMIT}).",
        ),
        title="Waiting",
    ),
    show_options,
)


@command(
    "image-list",
    examples=[
        "image-list",
        "image-list --server web1",
        "image-list --status active -f id",
    ],
)
@option(
    "--limit", type=Count("NUMBER"), help="Show only this many images, the newest (default: all)."
)
@option("--server", metavar="SERVER", help="Snapshots and backups of this server (name or ID).")
@option("--name", metavar="NAME", default="", help="Images with exactly this name.")
@option(
    "--status",
    metavar="STATUS",
    default="",
    help="Images with this status: ACTIVE, SAVING, ERROR, DELETED or UNKNOWN.",
)
@option("--minimal", is_flag=True, help="Show only IDs and names.")
@id_list_options
@pass_app
def image_list(
    app: App,
    limit: int | None,
    server: str | None,
    name: str,
    status: str,
    minimal: bool,
    listing: ListOptions,
) -> None:
    """List images with the servers that they are snapshots of, sorted by name."""
    server_id = ""
    if server:
        server_id = app.compute.servers.find_id(server)
    images = app.compute.image_list(name=name, status=status, server_id=server_id, limit=limit)
    out = app.console.out(listing)
    if minimal:
        out.write_list(({"id": image["id"], "name": image["name"]} for image in images), MINIMAL)
    else:
        out.write_list(_with_server_ids(images), COLUMNS, shows_one="image-show")


def _with_server_ids(images: Iterable[Image]) -> Iterator[Image]:
    for image in images:
        yield {**image, "server": image.get("server", {}).get("id")}


@command("image-show", examples=["image-show cirros", "image-show cirros -f json"], only_reads=True)
@image_argument
@show_options
@pass_app
def image_show(app: App, image: str, show: ShowOptions) -> None:
    """Show one image; each property is a row "metadata KEY"."""
    _show(app, app.compute.image_show(image), show)


def _show(app: App, image: Image, show: ShowOptions) -> None:
    rows: dict[str, Any] = dict(image)
    metadata = rows.pop("metadata", {})
    rows.update((f"metadata {key}", value) for key, value in metadata.items())
    if "server" in image:
        rows["server"] = image["server"]["id"]
    app.console.out(show).write_properties(rows, null="-")


@command(
    "image-delete",
    examples=[
        "image-delete old-snapshot",
        "image-delete ID1 ID2 ID3",
        "image-list --server web1 -f id | xargs -r nova image-delete",
    ],
)
@images_argument
@pass_app
def image_delete(app: App, images: Sequence[str]) -> None:
    """Delete images. Continues after a failure; exit code 1 if any failed.

    The error for an image that is in use names the users that can be seen. Warns where the name of
    an image shows that it is the disk of a shelved server.
    """
    failures = in_parallel(app, "deleting", lambda ref: _delete(app, ref), images)
    report_all(app, name_users(app, failures))


def _delete(app: App, ref: str) -> None:
    """Deletes one image. Only a name that may be a shelved server's is looked up here."""
    if ref.endswith(SHELVED_SUFFIX):
        image = app.compute.image_show(ref)
        warn_of_shelved_server(app, {**image.get("metadata", {}), **image})
        ref = str(image["id"])
    app.compute.image_delete(ref)


@command("image-meta", examples=META_EXAMPLES)
@image_argument
@meta_options
@pass_app
def image_meta(app: App, image: str, change: MetaChange) -> None:
    """Set or delete properties of an image. Prints nothing on success."""
    changes = meta_changes(app, change)
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
    may_print_nothing=True,
)
@into(
    "snapshot",
    Snapshot,
    server_argument,
    argument("name", metavar="NAME", help="Name of the snapshot."),
)
@option(
    "--metadata",
    metavar="KEY=VALUE",
    multiple=True,
    help="Property of the new image; repeatable.",
)
@after_options
@pass_app
def image_create(
    app: App,
    snapshot: Snapshot,
    metadata: tuple[str, ...],
    after: AfterSnapshot,
    show: ShowOptions,
) -> None:
    """Create an image by taking a snapshot of a server.

    Prints nothing without --show and --poll.
    """
    _check_stdout(app, after)
    fields = meta_changes(app, MetaChange(MetaAction.SET, metadata)).fields
    server_id, image_id = app.compute.servers.create_image(snapshot.server, snapshot.name, fields)
    app.console.detail(f"snapshot {snapshot.name} of server {server_id} started: image {image_id}")
    if after.poll:
        _wait(app, image_id, server_id, after.timeout, app.console.out(show))
    if after.show:
        _show(app, app.compute.image_by_id(image_id), show)


@command(
    "backup",
    examples=["backup web1 web1-monday daily 7", "-v backup web1 web1-monday daily 7 --poll"],
    may_print_nothing=True,
)
@into(
    "snapshot",
    Snapshot,
    server_argument,
    argument("name", metavar="NAME", help="Name of the backup image."),
)
@into(
    "rotation",
    Rotation,
    argument(
        "backup_type",
        metavar="TYPE",
        help="Any word, such as daily or weekly; each type is rotated separately.",
    ),
    argument(
        "rotation",
        metavar="ROTATION",
        type=Count("ROTATION"),
        help="Number of backups of this type to keep.",
    ),
)
@after_options
@pass_app
def backup(
    app: App,
    snapshot: Snapshot,
    rotation: Rotation,
    after: AfterSnapshot,
    show: ShowOptions,
) -> None:
    """Back up a server as an image; delete the oldest backups of this type beyond ROTATION.

    Prints nothing without --show and --poll; -v names the backups that are deleted.
    """
    if after.show and not rotation.rotation:
        raise UsageError("with ROTATION 0 no backup is kept, so --show has nothing to show")
    _check_stdout(app, after)
    server, outdated = snapshot.server, []
    if app.console.verbose:
        server = app.compute.servers.find_id(server)
        outdated = _outdated_backups(app, server, rotation)
    server_id, image_id = app.compute.servers.create_backup(server, snapshot.name, *rotation)
    _write_backup_started(app, snapshot.name, server_id, image_id)
    if after.poll:
        _wait(app, image_id, server_id, after.timeout, app.console.out(show))
        _write_deleted(app, outdated)
    else:
        for image in outdated:
            app.console.detail(f"rotation deletes {image['name']} ({image['id']})")
    if after.show:
        _show(app, app.compute.image_by_id(image_id), show)


def _check_stdout(app: App, after: AfterSnapshot) -> None:
    """Raises GlanceError when something is to be printed, and cannot be."""
    if after.poll or after.show:
        app.console.check_stdout()


def _outdated_backups(app: App, server_id: str, rotation: Rotation) -> list[Image]:
    """Returns the backups that Nova will delete once there is a new one."""
    backups = app.compute.backups(server_id, rotation.backup_type)
    return backups[max(rotation.rotation - 1, 0) :]


def _write_backup_started(app: App, name: str, server_id: str, image_id: str) -> None:
    text = f"backup {name} of server {server_id} started"
    if image_id:
        text = f"{text}: image {image_id}"
    app.console.detail(text)


def _write_deleted(app: App, images: Sequence[Image]) -> None:
    """Writes which backups Nova has deleted, which it does last of all."""
    from glancecli.api.compute.snapshots import wait_until_gone

    image_ids = [image["id"] for image in images]
    remaining = wait_until_gone(app.compute, image_ids, timeout=ROTATION_LIMIT)
    for image in images:
        state = "deleted by rotation"
        if image["id"] in remaining:
            state = "not yet deleted by rotation"
        app.console.detail(f"{state}: {image['name']} ({image['id']})")


def _wait(app: App, image_id: str, server_id: str, timeout: int, out: ResultWriter) -> None:
    """Waits for a snapshot, with the words and line ends of the old client."""
    from glancecli.api.compute.snapshots import may_still_finish, wait_for_snapshot

    progress = SnapshotProgress(out.write_for_people)
    out.write_for_people("\n")
    try:
        wait_for_snapshot(app.compute, image_id, server_id, timeout=timeout, progress=progress.show)
        progress.show(100)
    except KeyboardInterrupt as error:
        stopped = Stopped.by(error)
        raise stopped.with_context(hint=may_still_finish(image_id, server_id)) from error
    finally:
        progress.end()
    out.write_for_people("Finished\n")


class SnapshotProgress:
    """The line that shows the progress of a snapshot."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write
        self._shown = -1  # percent; -1: nothing yet

    def show(self, percent: int) -> None:
        """Writes the line where the number has changed."""
        if percent != self._shown:
            self._write(f"\rServer snapshotting... {percent}% complete")
            self._shown = percent

    def end(self) -> None:
        """Ends the line if there is one."""
        if self._shown >= 0:
            self._write("\n")
